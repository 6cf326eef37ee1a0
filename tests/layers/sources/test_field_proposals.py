"""Fields of unknown files are proposed by name and by content, and never taken without being asked for."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lindero.app.builder.add.plan import ReceivedFile
from lindero.app.builder.add.proposals import add_earlier_options, propose_options
from lindero.app.builder.rows.ingest import choose_mapping
from lindero.app.commands.workspace import add_flow
from lindero.geo import area_ha
from lindero.layers.errors import SourceError
from lindero.layers.model.schema import LAYERS
from lindero.layers.read.formats.detect import Format
from lindero.layers.read.reader import ReceivedLayer, read
from lindero.layers.sources.field_names import load_synonyms
from lindero.layers.sources.field_proposals import is_clear, likely_layers, propose_fields
from lindero.layers.sources.mapping import fillable_columns
from lindero.layers.workspace.manifest_file import SourceEntry, load_workspace
from lindero.layers.workspace.source_options import SourceOptions
from tests.files import Files, concessions, geojson, text, zipped
from tests.layers.sources.foreign_areas import AREAS, HELD_OUT
from tests.layers.sources.foreign_concessions import CONCESSIONS


def received(**fields):
    rows = pd.DataFrame(fields, dtype=object)
    return ReceivedLayer(Format.GEOJSON, rows.set_axis(pd.RangeIndex(1, len(rows) + 1)), pd.Series(dtype=object), None)


def proposed(layer, file, **options):
    return {one.column: one for one in propose_fields(LAYERS[layer], file, options.pop("filled", {}), **options)}


def ministry(count=12):
    """A cadastre as no known publisher writes it: areas off by little, dates as text, codes that are not numbers."""
    frame = concessions(count).drop(columns=["code", "name", "holder", "status"])
    areas = area_ha(frame.geometry)
    return frame.assign(
        FID=range(count),
        CodExpediente=[f"EXP-{number:03}" for number in range(count)],
        NombreConcesion=[f"Peña {number}" for number in range(count)],
        Empresa="Minera S.A.",
        Sup_Total=areas * 1.01,
        FechaSolicitud="13/04/2019",
        Situacion="otorgada",
        Color="rojo",
    )


def test_names_are_understood_in_three_languages():
    found = proposed(
        "concessions",
        received(NombreConcesion=["a"], EMPRESA=["b"], FEC_DENU=["2019-01-13"], situação=["c"], Processo=["d"]),
    )

    assert {column: one.field for column, one in found.items()} == {
        "name": "NombreConcesion",
        "holder": "EMPRESA",
        "applied_on": "FEC_DENU",
        "status": "situação",
        "code": "Processo",
    }
    assert all(one.is_sure for one in found.values())


def test_a_word_before_most_names_that_means_nothing_is_looked_past():
    found = proposed("concessions", received(dm_PROCESSO=["a"], dm_NOME=["b"], dm_SUBS=["c"], geom_len=[1.5]))

    assert {column: one.field for column, one in found.items()} == {
        "code": "dm_PROCESSO",
        "name": "dm_NOME",
        "substance": "dm_SUBS",
    }
    assert set(proposed("concessions", received(fecha_nombre=["a"], fecha_rol=["b"], fecha_etapa=["c"]))) == set()


def test_an_id_and_hectares_that_are_0_in_every_row_are_not_known(tmp_path):
    frame = concessions(3).drop(columns=["code"], errors="ignore").assign(id=0, AREA_HA=0.0, NAME=["a", "b", "c"])
    _, found = propose_options(
        ReceivedFile(geojson(tmp_path / "a.geojson", frame)), SourceOptions(layer="concessions"), Files(tmp_path).space
    )
    own = concessions(3).assign(id=0, area_official_ha="0,00")
    path = geojson(tmp_path / "b.geojson", own)
    entry = SourceEntry(id="b", layer="concessions", file=path.name, sha256="", publisher="P")
    mapping = choose_mapping(entry, read(path))

    assert "area_official_ha" not in {one.column for one in found}
    assert {"id", "area_official_ha"}.isdisjoint(mapping.fields)


def test_hectares_are_known_by_the_ground_that_they_measure(tmp_path):
    frame = ministry()
    path = geojson(tmp_path / "a.geojson", frame)
    wishes, proposals = propose_options(
        ReceivedFile(path), SourceOptions(layer="concessions"), Files(tmp_path / "space").space
    )
    found = {one.column: one for one in proposals}

    assert found["area_official_ha"].field == "Sup_Total"
    assert found["area_official_ha"].is_sure
    assert found["code"].field == "CodExpediente"
    assert found["applied_on"].field == "FechaSolicitud"
    assert len(found["holder"].samples) == 1
    assert "Color" not in {one.field for one in proposals}
    assert wishes.fields == {}


@pytest.mark.parametrize("factor", [10_000, 0.01, 2.471])
def test_square_metres_square_kilometres_and_acres_are_no_hectares(factor):
    areas = pd.Series([10.0, 25.0, 120.0, 7.5], index=range(1, 5))
    found = proposed("concessions", received(TAMANO=list(areas * factor)), area_ha=areas)

    assert "area_official_ha" not in found
    assert proposed("concessions", received(TAMANO=list(areas)), area_ha=areas)["area_official_ha"].is_sure


def test_what_only_the_content_suggests_is_never_sure():
    found = proposed(
        "concessions", received(A=["X-1", "X-2", "X-3"], B=["13/04/2019", "14/04/2019", "15/04/2019"], C=[1, 2, 3])
    )

    assert (found["code"].field, found["code"].is_sure) == ("A", False)
    assert (found["applied_on"].field, found["applied_on"].is_sure) == ("B", False)


@pytest.mark.parametrize("name", ["FECHA_TITULO", "B"])
def test_dates_of_which_the_order_is_not_told_are_dates(name):
    found = proposed("concessions", received(**{name: ["05/06/2016", "01/02/2016", "11/12/2016"]}))

    assert set(found) == ({"granted_on"} if name == "FECHA_TITULO" else {"applied_on"})


@pytest.mark.parametrize(
    "values",
    [
        [1, 2, 3, 4],
        [0, 1, 2, 3],
        ["a", "b", "c", "d"],
        [1.5, 2.5, 3.25, 4.75],
        ["x1", "x1", "x2", "x3"],
        ["x1", None, "x2", "x3"],
    ],
)
def test_numbers_of_rows_words_and_measures_are_no_codes(values):
    assert "code" not in proposed("concessions", received(Q=values))


@pytest.mark.parametrize(("name", "column"), [("FECHA_TITULO", "granted_on"), ("POBLACION", "population")])
def test_a_name_that_fits_does_not_help_values_that_do_not(name, column):
    layer = "concessions" if column == "granted_on" else "communities"

    assert column not in proposed(layer, received(**{name: ["sin dato", "pendiente", "x"]}))


def test_a_field_that_repeats_or_measures_is_no_sure_code():
    repeated = proposed("concessions", received(CODIGO_EXP=["A-1", "A-2", "A-1", "A-3"]))
    once_each = proposed("concessions", received(CODIGO_EXP=["A-1", "A-2", "A-4", "A-3"]))
    mostly_repeated = proposed("concessions", received(CODIGO_EXP=["A-1"] * 3 + ["A-2"]))
    measured = proposed(
        "concessions", received(AREA_CD=["12.5", "3.7", "120.25", "7.0"], UNIQ_ID=["U1", "U2", "U3", "U4"])
    )

    assert [repeated["code"].is_sure, once_each["code"].is_sure] == [False, True]
    assert "code" not in mostly_repeated
    assert measured["code"].field == "UNIQ_ID"


@pytest.mark.parametrize(
    ("name", "fields", "layer"),
    [
        ("capa", {"NOMBRE": ["Parque Nacional Mara", "Parque Nacional Sol", "Reserva Luna"]}, "protected_areas"),
        (
            "capa",
            {"nombre": ["Territorio Indígena A", "Territorio Indígena B", "Comunidad C"], "fecha": ["2001-01-02"] * 3},
            "communities",
        ),
    ],
)
def test_areas_are_no_attacks_and_no_mining_scars_by_their_dates_alone(name, fields, layer):
    file = received(**fields)
    areas = gpd.GeoSeries([shapely.box(n, 0, n + 1, 1) for n in range(3)], index=file.rows.index)
    candidates = likely_layers(replace(file, geometry=areas), [name])

    assert candidates[0].layer == layer
    assert {"incidents", "mining_scars"}.isdisjoint(candidate.layer for candidate in candidates)


def test_every_made_file_is_of_its_layer_and_in_doubt_nothing_is_proposed(tmp_path):
    for foreign in [*CONCESSIONS, *AREAS, *HELD_OUT]:
        candidates = likely_layers(read(geojson(tmp_path / "capa.geojson", foreign.frame())), ["capa"])
        assert (candidates[0].layer, is_clear(candidates)) == (foreign.layer, True), foreign.title
    doubtful = received(nombre=["a", "b", "c"], comunidad=["x", "y", "z"], parque=["p", "q", "r"])
    areas = gpd.GeoSeries([shapely.box(n, 0, n + 1, 1) for n in range(3)], index=doubtful.rows.index)
    candidates = likely_layers(replace(doubtful, geometry=areas), ["capa"])
    assert {candidate.layer for candidate in candidates} == {"communities", "protected_areas"}
    assert not is_clear(candidates)


def test_what_is_filled_is_not_proposed_again():
    found = proposed("concessions", received(CODIGO=["1"], EMPRESA=["b"]), filled={"code": "CODIGO"})

    assert set(found) == {"holder"}


def test_synonyms_are_of_columns_that_there_are():
    columns = {column.name for layer in LAYERS.values() for column in fillable_columns(layer)} | {
        "longitude",
        "latitude",
        "position",
    }

    assert set(load_synonyms()) <= columns


cells = st.one_of(
    st.none(), st.text(max_size=12), st.integers(-(10**12), 10**12), st.floats(), st.booleans(), st.dates()
)


@given(
    st.dictionaries(st.text(min_size=1, max_size=15), st.lists(cells, min_size=4, max_size=4), max_size=5),
    st.sampled_from(sorted(LAYERS)),
)
def test_any_table_gives_proposals_of_fields_and_columns_that_are_there_once_each(fields, layer):
    file = received(**fields) if fields else received()
    areas = pd.Series(np.linspace(1, 100, 4), index=range(1, 5))
    found = propose_fields(LAYERS[layer], file, {}, area_ha=areas if fields else None)

    assert len({one.column for one in found}) == len({one.field for one in found}) == len(found)
    assert {one.field for one in found} <= set(fields)


@pytest.fixture
def space(tmp_path):
    return Files(tmp_path / "space").space


@pytest.fixture
def run(typed, monkeypatch, space):
    monkeypatch.setenv("LINDERO_WORKSPACE", str(space.folder))
    return lambda *words: typed(*words, key=None)[::2]


def test_without_leave_proposals_are_shown_and_not_taken(run, space, tmp_path):
    geojson(tmp_path / "a.geojson", ministry().assign(code=[f"C{n}" for n in range(12)]))
    code, err = run("add", "a.geojson", "--layer", "concessions", "--publisher", "P")

    assert code == 0
    assert "--field holder=Empresa" in err
    assert load_workspace(space.folder).sources[0].fields == {}


def test_with_leave_the_sure_ones_are_written_to_the_manifest_and_learnt(run, space, tmp_path):
    geojson(tmp_path / "a.geojson", ministry())
    geojson(tmp_path / "b.geojson", ministry(11))
    first = run(
        "add",
        "a.geojson",
        "--layer",
        "concessions",
        "--publisher",
        "P",
        "--id",
        "minas",
        "--accept",
        "--retrieved-on",
        "2025-01-01",
        "--snapshot-on",
        "2025-01-01",
        "--value",
        "kind=mining",
        "--code",
        "status:otorgada=granted",
    )
    second = run("add", "b.geojson", "--id", "minas", "--snapshot-on", "2025-06-01")
    before, after = load_workspace(space.folder).sources

    assert (first[0], second[0]) == (0, 0), (first, second)
    assert before.fields == {
        "code": "CodExpediente",
        "name": "NombreConcesion",
        "holder": "Empresa",
        "area_official_ha": "Sup_Total",
        "applied_on": "FechaSolicitud",
        "status": "Situacion",
    }
    assert (after.layer, after.publisher, dict(after.fields), dict(after.constants)) == (
        before.layer,
        "P",
        dict(before.fields),
        {"kind": "mining"},
    )
    assert {name: dict(meant) for name, meant in after.codes.items()} == {"status": {"otorgada": "granted"}}
    assert run("build")[0] == 0


def test_on_a_terminal_each_is_asked(run, space, tmp_path, monkeypatch):
    geojson(tmp_path / "a.geojson", ministry())
    asked = []

    def confirm(question, **_):
        asked.append(question)
        return "Empresa" not in question

    monkeypatch.setattr(type(add_flow.messages), "is_terminal", property(lambda _: True))
    monkeypatch.setattr(add_flow.typer, "confirm", confirm)
    monkeypatch.setattr(
        add_flow.Prompt, "ask", lambda question, **_: "concessions" if "the file contain" in question else "Ministerio"
    )
    code, err = run("add", "a.geojson")
    (entry,) = load_workspace(space.folder).sources

    assert code == 0, err
    assert "Use the field CodExpediente for the column code?" in asked
    assert entry.publisher == "Ministerio"
    assert "holder" not in entry.fields
    assert entry.fields["code"] == "CodExpediente"
    assert asked[-1] == "Add it?"


def known(tmp_path):
    rows = concessions(2)[["name", "geometry"]].rename(columns={"name": "Nombre"})
    return geojson(tmp_path / "cc.geojson", rows.assign(Area_leg_h=121.0, Condicion="Titulada"))


def test_a_known_file_alone_is_shown_and_not_added_where_nobody_can_be_asked(run, space, tmp_path):
    known(tmp_path)
    code, err = run("add", "cc.geojson")

    assert code == 1
    assert "← Condicion" in err
    assert "lindero add cc.geojson --snapshot-on YYYY-MM-DD --coverage PLACE --yes" in err
    assert load_workspace(space.folder).sources == ()
    assert run("add", "cc.geojson", "--yes")[0] == 0
    assert len(load_workspace(space.folder).sources) == 1


def test_of_a_known_file_nobody_is_asked_what_it_holds(run, monkeypatch, space, tmp_path):
    known(tmp_path)
    monkeypatch.setattr(type(add_flow.messages), "is_terminal", property(lambda _: True))
    monkeypatch.setattr(add_flow.typer, "confirm", lambda *_, **__: True)
    monkeypatch.setattr(add_flow.Prompt, "ask", lambda question, **_: pytest.fail(question))

    assert run("add", "cc.geojson")[0] == 0
    assert load_workspace(space.folder).sources[0].publisher == "Gobierno Regional / COFOPRI"


def test_the_same_fields_are_mapped_as_before_also_of_another_source(tmp_path, space):
    files = Files(tmp_path / "other")
    files.add(
        "concessions", "CLAVE,longitude,latitude\nC1,-78,-7\n", id="norte", fields={"code": "CLAVE"}, licence="CC0"
    )
    file = read(text(tmp_path / "sur.csv", "CLAVE,OTRO\nC9,x\n"))
    wishes = add_earlier_options(SourceOptions(), file, files.space)

    assert (wishes.layer, wishes.fields) == ("concessions", {"code": "CLAVE"})
    assert wishes.licence == wishes.publisher == ""  # these are the other publisher's
    assert add_earlier_options(SourceOptions(), file, space) == SourceOptions()


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.dates(),
    st.datetimes().map(pd.Timestamp),
    st.text(max_size=8),
    st.just(pd.NaT),
)


@given(
    column=st.lists(CELLS, max_size=5),
    kind=st.sampled_from([object, None, "datetime64[ns]", "datetime64[ms, UTC]", "string", "boolean"]),
    name=st.sampled_from(["area", "fecha", "codigo", "timestamp"]),
)
def test_no_column_of_any_type_stops_the_proposals(column, kind, name):
    try:
        values = pd.Series(column, dtype=kind)
    except (ValueError, TypeError, OverflowError):
        return
    rows = pd.DataFrame({name: values}).set_axis(pd.RangeIndex(1, len(values) + 1))
    file = ReceivedLayer(Format.KML, rows, pd.Series(dtype=object), None)

    for layer in ("concessions", "incidents"):
        propose_fields(LAYERS[layer], file, {}, area_ha=pd.Series(1.0, index=rows.index))


def test_a_kml_of_no_places_but_a_link_is_refused_in_a_sentence(tmp_path):
    link = "<NetworkLink><Link><href>http://example.org/a.kml</href></Link></NetworkLink>"
    kml = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{link}</Document></kml>'
    path = zipped(tmp_path / "a.kmz", doc__kml=kml)

    with pytest.raises(SourceError, match="only a link to a file elsewhere"):
        propose_options(ReceivedFile(path), SourceOptions(layer="concessions"), Files(tmp_path / "w").space)
