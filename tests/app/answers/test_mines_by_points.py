"""Mines and titles known by a point: near, on whose land, in which region, ranked, changed; never hectares."""

import datetime as dt
import json

import geopandas as gpd
import pytest
import shapely
from typer.testing import CliRunner

from lindero.app.answers.overlap.land import measure_land, read_concessions_on_land
from lindero.app.answers.place import place_report
from lindero.app.answers.profile.holder import find_holder
from lindero.app.answers.regions import compare_regions
from lindero.app.commands.index import program
from lindero.app.media.paper import typst_pdf
from lindero.app.media.paper.brief import community as community_brief
from lindero.app.media.paper.brief import holder as holder_brief
from lindero.app.text import i18n
from lindero.layers.database import map_database
from tests.built import build
from tests.files import Files, square

DAYS = dt.date(2024, 1, 1), dt.date(2025, 1, 1)
CRS = "OGC:CRS84"


def mines(*columns):
    told = {"code": [f"M{at}" for at in columns], "name": [f"Mina {at}" for at in columns], "holder": "Minera X"}
    told |= {"kind": "mining", "status": "granted"}
    return gpd.GeoDataFrame(told, geometry=[square(at).centroid for at in columns], crs=CRS)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A community whose land is drawn and one known by a point; a drawn title round the point, mines known by points."""
    i18n.set_language("en")
    files = Files(tmp_path_factory.mktemp("mines") / "space")
    land = {"code": ["K0", "K1"], "name": ["Drawn", "Point"]}
    shapes = [square(0), square(1).centroid]
    files.add("communities", gpd.GeoDataFrame(land, geometry=shapes, crs=CRS), id="land", coverage="PE-CAJ")
    drawn = {"code": ["T1"], "name": ["Title"], "holder": "Minera X", "kind": "mining", "status": "granted"}
    files.add("concessions", gpd.GeoDataFrame(drawn, geometry=[square(1)], crs=CRS), id="titles", coverage="PE-CAJ")
    for day, some in zip(DAYS, (mines(3), mines(0, 3)), strict=True):
        files.add("concessions", some, id="mines", name=f"mines-{day}.geojson", snapshot_on=day, coverage="PE-CAJ")
    with map_database.connect(build(files.space).path) as con:
        yield files, con


def answer(world, *words):
    result = CliRunner().invoke(program, [*words, "--format", "json", "--workspace", str(world[0].folder)])
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout), " ".join(result.stderr.split())


def test_a_mine_known_by_a_point_is_near_with_its_holder_kind_status_and_source(world):
    at = square(0).centroid
    told, _ = answer(world, "near", f"{at.y:.6f}", f"{at.x:.6f}", "--km", "5", "--layer", "concessions")
    row = told["near"][0]

    assert [row[name] for name in ("id", "holder", "kind", "status", "source_id")] == [
        *("mines/M0", "Minera X", "mining", "granted", "mines")
    ]
    assert row["distance_m"] < 1
    assert [each["id"] for each in told["near"]] == ["mines/M0", "titles/T1", "mines/M3"]


def test_whose_land_it_lies_on_is_told_and_no_hectares_are(world):
    told, said = answer(world, "overlaps", "concessions", "communities")

    assert (told["pairs"], told["footprint_ha"]) == (0, 0)
    assert {(one["left_id"], one["right_id"]) for one in told["points"]["pairs"]} == {
        ("mines/M0", "land/K0"),
        ("titles/T1", "land/K1"),
    }
    assert "it has no hectares" in said


@pytest.mark.parametrize("community", ["land/K0", "land/K1"])
def test_a_community_says_so_on_its_page_and_in_its_brief(world, community):
    con = world[1]
    land = measure_land(con, community, read_concessions_on_land(con)[0])
    known = "1 concession on its land is recorded only as a point: how much land it covers is not known."

    assert (land.titles, land.points, land.footprint_ha) == (0, 1, 0)
    assert place_report.share_text(land) == known
    assert known in community_brief.build_brief(con, community).answer.sections[0].finding


def test_a_rank_counts_it_within_5_10_and_25_km_and_calls_no_share_0(world):
    told, _ = answer(world, "exposure")
    rows = {row["id"]: row for row in told["communities"]}

    assert rows["land/K0"]["titles"] == rows["land/K1"]["titles"] == 1
    assert [rows["land/K0"][f"titles_within_{km}_km"] for km in (5, 10, 25)] == [3, 3, 3]
    assert rows["land/K0"].get("share") is None
    assert rows["land/K1"].get("share") is None


def test_a_region_counts_it_and_its_ground_is_that_of_the_drawn_title_alone(world):
    row = compare_regions(world[1], country="PE").set_index("region").loc["PE-CAJ"]

    assert (row["concessions"], row["communities_touched"]) == (3, 2)
    assert row["conceded_ha"] == pytest.approx(121.6, rel=0.02)


def test_a_region_of_points_alone_has_no_share_of_0(files):
    files.add("concessions", mines(0), coverage="PE-CAJ")
    with map_database.connect(build(files.space).path) as con:
        row = compare_regions(con, country="PE").set_index("region").loc["PE-CAJ"]

    assert row["concessions"] == 1
    assert row[["conceded_ha", "conceded_share"]].isna().all()


def test_a_new_one_is_a_change_on_the_land_that_its_point_lies_on(world):
    told, said = answer(world, "changes", "--since", "2024-01-01")
    (row,) = told["changes"]

    assert (row["after_id"], row["change"], row["communities"]) == ("mines/M0", "new", "Drawn")
    assert "1 new (1 of them on community land" in said


def test_it_leaves_as_a_point_and_its_holder_adds_up_what_is_drawn(world, tmp_path):
    con = world[1]
    out = tmp_path / "out.geojson"
    CliRunner().invoke(program, ["export", "concessions", "-o", str(out), "--workspace", str(world[0].folder)])
    holder = find_holder(con, "Minera X")

    assert sorted(gpd.read_file(out).geometry.geom_type) == ["Point", "Point", "Polygon"]
    assert "and 2 recorded only as points" in str(typst_pdf.build_sheet_data(holder_brief.build_brief(con, holder)))


def test_a_title_with_neither_outline_nor_point_is_refused(files):
    rows = mines(0, 1).assign(geometry=[square(0).centroid, shapely.Point()])
    files.add("concessions", rows)
    with map_database.connect(build(files.space).path) as con:
        assert map_database.count_rows(con)["concessions"] == 1
