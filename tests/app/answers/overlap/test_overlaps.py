"""What is known by a point takes part where a point can answer: it lies in polygons, and has no hectares."""

import io
import json

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from typer.testing import CliRunner

from lindero.app.answers.overlap.overlaps import overlap_report
from lindero.app.answers.overlap.overlaps_answer import overlaps_answer
from lindero.app.answers.overlap.row_selection import Side
from lindero.app.answers.ranking.exposure import measure_exposure
from lindero.app.answers.ranking.exposure_answer import exposure_answer
from lindero.app.commands.index import program
from lindero.app.media.court.contents import collect_contents
from lindero.app.media.paper.brief import community
from lindero.app.media.phone.about import Subject, find_scope
from lindero.app.media.text.plain_text import format_sentences
from lindero.layers.database import map_database
from lindero.layers.database.queries.map_queries import count_unknown
from lindero.layers.errors import AnswerError
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, INCIDENTS
from tests.answered import at_page
from tests.built import build
from tests.files import Files, concessions, incidents

HEADER = "code,occurred_on,place_text,visibility,longitude,latitude,location_precision"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    titles = concessions(2)
    inside, far = titles.geometry.iloc[0].centroid, shapely.Point(-70, -10)
    names = {"code": ["IN", "FAR", "NO"], "name": ["El Tingo", "Lejos", "Sin lugar"]}
    land = gpd.GeoDataFrame(names, geometry=[inside, far, None], crs=4326)
    files = Files(tmp_path_factory.mktemp("points") / "space")
    files.add("concessions", titles)
    files.add("communities", land)
    at = f"{inside.x},{inside.y}"
    rows = [f"A,2026-01-01,Aquí,public_record,{at},exact", f"B,2026-01-01,Por aquí,public_record,{at},district"]
    files.add("incidents", incidents(*rows, header=HEADER))
    with map_database.connect(build(files.space).path) as con:
        yield files, con


def test_a_community_known_by_a_point_lies_in_a_title_and_has_no_hectares(world):
    report = overlap_report(world[1], Side(CONCESSIONS), Side(COMMUNITIES))

    assert report.pairs.empty
    assert [(row["left_name"], row["right_name"], row["point"]) for row in report.points.pairs] == [
        ("Peñón Ñandú 1", "El Tingo", "right")
    ]
    assert "2 features are recorded only as points. Points inside polygons of the other layer: 1." in format_sentences(
        overlaps_answer(report).sections
    )
    assert "not how far its land reaches" in format_sentences(overlaps_answer(report).sections)
    assert "do not overlap" not in format_sentences(overlaps_answer(report).sections)


def test_a_community_without_any_place_is_listed_and_nothing_is_measured_of_it(world):
    files, con = world
    report = measure_exposure(con).rank_communities()
    over = overlap_report(con, Side(CONCESSIONS), Side.from_options(COMMUNITIES, "", ["name=Sin lugar"]))
    brief = community.build_brief(con, "communities/NO")
    figures = collect_contents(con, "communities/NO").figures
    words = ["near", "-7 -78.5", "--format", "json", "--workspace", str(files.folder)]

    assert report.placeless.to_dict("records") == [{"id": "communities/NO", "code": "NO", "name": "Sin lugar"}]
    assert "communities/NO" not in {*report.rows["id"], *report.unranked["id"]}
    assert "1 community is recorded without a location" in format_sentences(exposure_answer(report).sections)
    assert (
        format_sentences(overlaps_answer(over).sections)
        == "Communities: 1 has no recorded location. It is listed, but nothing is measured for it."
    )
    assert count_unknown(con)["communities_without_place"] == 1
    assert count_unknown(con)["communities_without_land"] == 2
    assert brief.answer.sections[0].finding.startswith("Its location is not recorded, so it is not known whether")
    assert {one["value"] for one in figures if one["of"] != "consultations"} == {None}
    assert json.loads(CliRunner().invoke(program, words).stdout)["without_place"]["communities"] == 1
    with pytest.raises(AnswerError, match="the location of Sin lugar is not recorded"):
        find_scope(con, Subject.COMMUNITY, "communities/NO")


def test_a_file_for_phones_says_what_it_leaves_out(world, tmp_path):
    told = ["export", "communities", "-o", str(tmp_path / "c.gpx"), "--workspace", str(world[0].folder)]
    said = " ".join(CliRunner().invoke(program, told).output.split())

    assert "1 row has no recorded location and is not in the file: this format requires one" in said
    assert f"c.gpx: {world[1].execute('SELECT count(*) - 1 FROM communities').fetchone()[0]}" in said


def test_its_page_says_that_it_has_no_place_and_counts_nothing(world):
    page = at_page(world[0].folder / "build", "community", id="communities/NO")
    text = " ".join(part.value for part in page.markdown)

    assert not page.exception
    assert "Its location is not recorded, so it is not known whether there are concessions on or near its land" in text
    assert "No concession is recorded" not in text


def test_an_attack_lies_in_a_title_where_its_place_is_known(world):
    report = overlap_report(world[1], Side(INCIDENTS), Side(CONCESSIONS))

    assert len(report.points.pairs) == report.points.inside_count == 1
    assert report.points.left_out == 1
    assert "1 incident is left out" in format_sentences(overlaps_answer(report).sections)


def test_points_over_points_are_refused(world):
    with pytest.raises(AnswerError, match="incidents has no polygons"):
        overlap_report(world[1], Side(INCIDENTS), Side(INCIDENTS))


def test_the_command_gives_points_as_json(world):
    words = ["overlaps", "concessions", "communities", "--format", "json", "--workspace", str(world[0].folder)]
    told = json.loads(CliRunner().invoke(program, words).stdout)

    assert told["points"]["inside"] == len(told["points"]["pairs"]) == 1
    assert [row["right_name"] for row in told["overlaps"]] == ["El Tingo"]


@pytest.mark.parametrize("layers", [("incidents", "concessions"), ("concessions", "communities")])
def test_every_format_lists_the_points_that_lie_in_polygons(world, tmp_path, layers):
    words = ["overlaps", *layers, "--workspace", str(world[0].folder)]
    rows = json.loads(CliRunner().invoke(program, [*words, "--format", "json"]).stdout)["overlaps"]
    keys = ["left_id", "right_id", "point"]
    expected = [[row[key] for key in keys] for row in rows]
    book, table = tmp_path / "a.xlsx", CliRunner().invoke(program, words).stdout

    assert len(expected) == 1
    CliRunner().invoke(program, [*words, "--format", "xlsx", "--output", str(book)])
    assert pd.read_excel(book, engine="openpyxl")[keys].to_numpy().tolist() == expected
    written = CliRunner().invoke(program, [*words, "--format", "csv"]).stdout
    assert pd.read_csv(io.StringIO(written))[keys].to_numpy().tolist() == expected
    assert all(row["left_id"] in table and row["right_id"] in table for row in rows)
