"""A demonstration can be made for every country that has a pack, in its words and in the form of its registers."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from shapely.geometry import shape

from lindero.app.builder.build import build_map
from lindero.data import make_demo
from lindero.data.demo_parts.registers import LAYERS_OF_REGISTERS, list_registers
from lindero.data.demo_parts.territories import load_setting
from lindero.layers import sources
from lindero.layers.database import map_database
from lindero.layers.disk import builds
from lindero.layers.model.schema import LAYERS
from lindero.layers.reference import base_data, packs
from lindero.layers.workspace import manifest_file
from tests.demo_files import SETTING

NOW = "2026-06-30"


def fields(space, source):
    content = json.loads(space.folder.joinpath(source.file).read_text(encoding="utf-8"))
    return [feature["properties"] for feature in content["features"]]


@pytest.mark.parametrize("code", packs.list_codes())
def test_a_demonstration_of_any_country_is_written_and_built(tmp_path, code):
    setting = load_setting(code)
    space = make_demo.write_workspace(tmp_path, replace(setting, territories=setting.territories[:1]))
    with map_database.connect(build_map(space).path) as con:
        rows = {layer: map_database.read_table(con, layer) for layer in LAYERS_OF_REGISTERS}
        consultations = map_database.read_table(con, "consultations")
        reasons = set(map_database.read_table(con, "rejects")["reason"])

    assert (space.country, space.title) == (code, setting.words["title"])
    assert all(source.invented for source in space.sources)
    assert all(frame["invented"].all() for frame in rows.values())
    assert reasons <= {"needs_the_vault", "incident_not_on_the_map"}
    assert len(consultations) > 10
    for frame in rows.values():  # areas are stated in the register's unit, and read back as hectares
        assert (frame["area_official_ha"] / frame["area_ha"]).median() == pytest.approx(1, abs=0.05)
    for name in ("concession", "community"):
        assert set(consultations[f"{name}_id"]) <= set(
            rows["concessions" if name == "concession" else "communities"]["id"]
        )
    for source in space.sources:
        if source.mapping:  # whoever adds the file need not say what is in it
            assert sources.find_mapping(fields(space, source)[0]).layer == source.layer


@pytest.mark.parametrize("layer", ["concessions", "communities", "protected_areas"])
def test_the_rows_of_a_register_have_its_fields_and_its_words(tmp_path, layer):
    space = make_demo.write_workspace(tmp_path, SETTING)
    written = [source for source in space.sources if source.mapping and source.layer == layer]

    assert {source.id.removeprefix("demo-") for source in written} <= list_registers("PE", layer).keys()
    assert len({source.id for source in written}) > 1
    for source in written:
        mapping = sources.MAPPINGS_BY_NAME[source.mapping]
        assert mapping.title in source.title or source.title.endswith("(ejemplo inventado)")
        for column in mapping.codes.keys() & {column.name for column in LAYERS[layer].own_columns}:
            if mapping.fields[column] == mapping.fields.get("code"):
                continue  # the kind by the first letters of the code
            known = set(map(str, mapping.codes[column])) | {None, SETTING.words["example"]}
            assert {row[mapping.fields[column][0]] for row in fields(space, source)} <= known


def test_rows_that_no_register_has_stay_in_plain_columns(tmp_path):
    space = make_demo.write_workspace(tmp_path, SETTING)
    plain = next(source for source in space.sources if source.id == "demo-concessions")

    assert {"forestry", "hydropower"} <= {row["kind"] for row in fields(space, plain)}
    assert "mining" not in {row["kind"] for row in fields(space, plain)}
    assert {"processing_plant", "tailings"} <= {row["kind"] for row in fields(space, plain)}  # by their codes, titles


@pytest.mark.parametrize("code", ["BO", "CO", "HN"])
def test_a_territory_without_a_position_is_inside_its_region(code):
    setting = load_setting(code)
    outlines = base_data.load_regions(code).set_index("code").geometry
    made = make_demo.invent_records("a seed", setting)
    for territory in setting.territories:
        own = [
            row
            for layer in ("concessions", "communities")
            for row in made[layer, next(day for name, day in made if name == "communities")]
            if f"-{territory.code}-" in row["code"]
        ]
        assert len(own) > 20
        assert all(outlines[territory.coverage].contains(shape(row["geometry"])) for row in own)


def test_a_country_of_which_no_place_is_known_is_refused(monkeypatch):
    monkeypatch.setattr(packs, "load_country", packs.Country)

    with pytest.raises(Exception, match="nothing says where XX is"):
        load_setting("XX")


def test_one_command_writes_and_builds_a_demonstration_of_a_country(typed, tmp_path):
    code, _out, told = typed("demo", str(tmp_path / "demo"), "--country", "co")
    space = manifest_file.load_workspace(tmp_path / "demo")

    assert code == 0, told
    assert f"lindero serve {tmp_path / 'demo'}" in told
    assert (space.country, space.title) == ("CO", "Mapa de demostración: todo es inventado")
    assert builds.current_map(Path(space.build_folder)).exists()

    assert typed("demo", str(tmp_path / "demo"), "--country", "CO")[0] == 1  # it is there already
    code, _out, told = typed("demo", str(tmp_path / "other"), "--country", "QQ")
    assert code == 2
    assert "PE" in told
