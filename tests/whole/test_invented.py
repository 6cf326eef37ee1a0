"""Whoever receives only one file, message or answer of the demonstration reads in it that its data are invented."""

import csv
import io
import json

import geopandas as gpd
import pandas as pd
import pytest
from typer.testing import CliRunner

from lindero.app.answers.changes import feed, watchlist
from lindero.app.answers.changes.register_changes import compare_all_snapshots
from lindero.app.answers.invented import mark_invented_rows, warning_text
from lindero.app.answers.place.spot import Spot
from lindero.app.commands.index import program
from lindero.app.media.pages.current import map_layers, open_map, place
from lindero.app.media.pages.maps import map_view
from lindero.app.media.pages.tables import lists
from lindero.app.serving.ogc import contents
from lindero.layers.database import map_database
from tests.built import build
from tests.files import concessions

LAND = "demo-communities/INV-COM-APU-022"
PLACE = "-12.409, -70.39"
SHORT = "Invented data"


def run(demonstration, *words):
    result = CliRunner().invoke(program, [*words, "--workspace", str(demonstration[0])])
    assert result.exit_code == 0, result.output
    return result


@pytest.mark.parametrize(
    "words",
    [
        ["near", PLACE],
        ["overlaps", "concessions", "communities"],
        ["exposure"],
        ["holders"],
        ["regions"],
        ["protection"],
        ["changes", "--since", "2025-01-01"],
        ["consultations"],
    ],
    ids=lambda words: words[0],
)
def test_a_command_says_it_once(demonstration, words):
    assert run(demonstration, *words).stderr.count(warning_text()) == 1


@pytest.mark.parametrize(
    "words", [["near", PLACE], ["overlaps", "concessions", "communities"], ["regions"], ["holders"]]
)
def test_a_table_says_it_in_every_row(demonstration, words):
    rows = list(csv.DictReader(io.StringIO(run(demonstration, *words, "--format", "csv").stdout)))

    assert {row["invented"] for row in rows} == {"True"}


def test_json_says_it_of_each_source(demonstration):
    answer = json.loads(run(demonstration, "regions", "--format", "json").stdout)

    assert {source["invented"] for source in answer["sources"]} == {True}


@pytest.mark.parametrize("ending", ["gpx", "kml", "geojson"])
def test_an_export_says_it_at_its_head(demonstration, tmp_path, ending):
    file = tmp_path / f"communities.{ending}"
    run(demonstration, "export", "communities", "--output", str(file))

    assert f"{SHORT}: Comunidades" in file.read_text(encoding="utf-8")[:3000]


@pytest.mark.parametrize("ending", ["txt", "json"])
def test_a_brief_says_it_first(demonstration, tmp_path, ending):
    file = tmp_path / f"brief.{ending}"
    run(demonstration, "brief", "community", LAND, "--output", str(file))

    assert warning_text() in file.read_text(encoding="utf-8")[:150]


def test_a_feed_says_it(demonstration):
    con = demonstration[1]
    watched = watchlist.find_watched_places(con, [f"community/{LAND}"])
    written = feed.write_place_feed(con, watched, [], compare_all_snapshots(con)).decode()

    assert warning_text() in written.partition("</subtitle>")[0]


def test_what_is_served_says_it(demonstration):
    open_map.use_folder(demonstration[0] / "build")

    assert place.full_answer(
        place.place_facts(Spot("Here", -12.409, -70.39), within_km=25), most=4, most_new=4
    ).message.startswith(f"{SHORT}; Here; ")
    assert warning_text() in contents.map_notes()
    assert SHORT in map_view._interface_texts(is_invented=map_layers.has_invented_data())["legend"]
    assert lists._to_bytes(lambda: pd.DataFrame({"id": [LAND]}), "csv").decode("utf-8-sig").split() == [
        "id,invented",
        f"{LAND},True",
    ]


def test_rows_are_told_apart_by_the_source_of_their_ids():
    rows = pd.DataFrame({"left_id": ["real/1", "real/1", None], "right_id": ["real/2", "demo/1", None]})

    assert [*mark_invented_rows(rows, {"real": False, "demo": True})["invented"]] == [False, True, True]
    assert "invented" not in mark_invented_rows(rows, {"real": False})


def test_rows_without_an_id_are_marked_as_invented_data_may_be_in_them():
    assert [*mark_invented_rows(pd.DataFrame({"region": ["Loreto"]}), {"real": False, "demo": True})["invented"]] == [
        True
    ]


def test_where_a_layer_is_mixed_the_names_of_the_fewer_sources_say_it(files):
    files.add("concessions", concessions(2, name="Wirtu"), id="demo", invented=True)
    path = build(files.space).path
    assert _names(path) == {"Wirtu"}

    files.add("concessions", gpd.GeoDataFrame(concessions(3, name="Tumbes").iloc[2:]), id="real")
    assert _names(build(files.space).path) == {"Wirtu (inventado)", "Tumbes"}

    files.add("communities", concessions(1, name="Sapiri"), id="demo-communities", invented=True)
    assert _names(build(files.space).path) == {"Wirtu", "Tumbes (real)"}


def _names(path):
    con = map_database.connect(path)
    return {name for (name,) in con.execute("SELECT name FROM concessions").fetchall()}
