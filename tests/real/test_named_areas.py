"""Communities of Peru's own files, asked for by name: every medium tells the figures of exposure, and one list of attacks."""

import datetime as dt
import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from lindero.app.answers.coverage.coverage import coverage_of
from lindero.app.answers.defaults import NEAR_KM
from lindero.app.answers.place.place_search import find_place
from lindero.app.answers.place.position_search import Found
from lindero.app.answers.ranking.exposure import measure_exposure
from lindero.app.commands.index import program
from lindero.app.current import map_layers, open_map
from lindero.app.products.brief import community as community_brief
from lindero.app.serving.light.answer import answer_at
from lindero.app.text import i18n
from lindero.layers.database import map_database
from lindero.layers.workspace import manifest_file
from tests.amount import amount
from tests.built import build
from tests.files import Files, shared
from tests.real.plans import plan_of

FILES = {
    "cadastre": "peru-cadastre-2026/17s_100326.geojson",
    "peasant": "peru-cajamarca/c_campesina.geojson",
    "native": "peru-cajamarca/c_nativa.geojson",
    "conflicts": "peru-conflicts/conflictos.xlsx",
}
ASKED = amount(8, 64)  # communities
TYPED = amount(1, 64)  # of these, by the command, too
TODAY = dt.date(2026, 11, 1)
KNOWN = {"El Tingo": (183, 3990.7, 0.9998), "Michiquillay": (30, 5284.6, 0.978), "Chilacat": (24, 3731.4, 0.651)}


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    files = Files(tmp_path_factory.mktemp("areas") / "space")
    for source_id, name in FILES.items():
        entry = replace(plan_of(tmp_path_factory, name).entry, id=source_id)
        files.space = manifest_file.add(files.space, entry, shared(name))
    build(files.space)
    return files.space


@pytest.mark.slow
def test_each_community_is_told_alike_by_every_medium(space):
    i18n.use("en")
    open_map.use(space.build_folder)
    con = map_database.connect(build(space).path)
    table = measure_exposure(con, covered=coverage_of(con)).table
    names = map_layers.communities().set_index("id")["name"]
    asked = [*KNOWN, *names[~names.duplicated(keep=False) & ~names.isin(KNOWN)]][:ASKED]
    for at, name in enumerate(asked):
        place = find_place(f"{name}, comunidad", con, "PE")
        assert isinstance(place, Found), name
        spot = map_layers.spot_of(place, name)
        assert spot.area is not None, name
        (id_,) = spot.area.ids
        row, report, answer = table.loc[id_], map_layers.area_report(spot.area), answer_at(spot, today=TODAY)
        count, ha = int(row["titles"]), row["title_ha"]

        assert (report.land.titles, report.land.footprint_ha) == (count, pytest.approx(ha, abs=0.05)), name
        assert map_layers.land(id_) == report.land
        assert f"{i18n.number(count)} concession" in answer.verdict or not count, name
        assert f"{i18n.number(count)} concession" in answer.message or not count, name
        if name in KNOWN:
            assert (count, round(ha, 1), report.land.share) == (
                *KNOWN[name][:2],
                pytest.approx(KNOWN[name][2], abs=6e-4),
            )
        near = [one["id"] for one in map_layers.attacks_near(id_, within_km=NEAR_KM)]
        beside = [one["id"] for one in map_layers.near(spot, within_km=NEAR_KM) if one["layer"] == "incidents"]
        assert sorted(near) == sorted(beside), name
        if at < TYPED:
            held_to_command_and_brief(space, con, name, id_, (count, ha), near)
    con.close()


def held_to_command_and_brief(space, con, name, id_, figures, near):
    typed = ["near", f"{name}, comunidad", "--format", "json", "--workspace", str(space.folder)]
    told = json.loads(CliRunner().invoke(program, typed).stdout)
    brief = str(community_brief.brief(con, id_).parts)

    assert (told["area"]["titles"], told["area"]["footprint_ha"]) == (figures[0], pytest.approx(figures[1], abs=0.05))
    assert {row["id"] for row in told["near"] if row["layer"] == "incidents"} == set(near)
    assert brief.count("in an area of some") == len(near)
