"""Rivers of the operator's own: added, listed, taken out by commands, and followed by exposure where they have coverage."""

import json
import shutil

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point, Polygon, box

import lindero
from lindero.app.answers.ranking.along_rivers import BASE, count_along_rivers, networks_to_dicts, rivers_text
from lindero.layers.database import map_database
from lindero.layers.errors import WorkspaceError
from lindero.layers.model.schema import COMMUNITIES
from lindero.layers.workspace import rivers
from lindero.layers.workspace.rivers import RiverEntry, RiverNetwork

WEST, SOUTH = -76.0, -4.5  # Loreto: a cross of rivers, and a brook that no small scale holds
KM = 1 / 111
MAIN = LineString([(WEST - 1.2, SOUTH), (WEST + 1.2, SOUTH)])
BROOK = LineString([(WEST, SOUTH + 0.6), (WEST, SOUTH)])
EDGE = [LineString([(WEST - 1.2, SOUTH + y), (WEST - 1.1, SOUTH + y)]) for y in (-1.2, 1.2)]
FAR = [LineString([(WEST + 1.1, SOUTH + y), (WEST + 1.2, SOUTH + y)]) for y in (-1.2, 1.2)]
LINES = [MAIN, BROOK, *EDGE, *FAR]


def frame(**places):
    return gpd.GeoDataFrame({"id": list(places)}, geometry=list(places.values()), crs="OGC:CRS84")


def network(*lines, id_="own", accuracy_m=50.0):
    shapes = gpd.GeoDataFrame(geometry=list(lines), crs="OGC:CRS84")
    entry = RiverEntry(id_, "Red hídrica", "ANA", "not stated", "2024-05-01", accuracy_m, "", "")
    return RiverNetwork(entry, shapes, shapes.geometry.union_all().convex_hull)


def square(x_km, y_km, half_km=0.2):
    x, y, half = WEST + x_km * KM, SOUTH + y_km * KM, half_km * KM
    return box(x - half, y - half, x + half, y + half)


@pytest.fixture
def space(typed, tmp_path):
    assert typed("init", "space", "--country", "PE")[0] == 0
    return tmp_path / "space"


@pytest.mark.parametrize("entry", [RiverEntry("ana"), RiverEntry("Río", accuracy_m=50.0)])
def test_rivers_that_could_not_be_read_again_are_not_added(space, entry):
    with pytest.raises(WorkspaceError, match="accuracy_m"):
        rivers.add_rivers(space, frame(a=MAIN), entry)

    assert rivers.load_networks(space) == ()


def test_a_brook_is_followed_into_its_river_by_lines_that_show_it():
    land = frame(brook=square(0, 10), off=square(6, 10), main=square(-20, 0))
    titles = frame(down=square(8, 0), far=square(40, 0))

    found = count_along_rivers(land, titles, [network(*LINES)])

    assert found["by"].tolist() == ["own"] * 3
    assert found.loc["brook", "titles"] == 1  # 10 km down to the mouth, 8 km along the main one; the far one is 50 off
    assert found.loc["main", "titles"] == 0  # on a river of which all is known, and nothing within 25 km
    assert pd.isna(found.loc["off", "titles"])  # 6 km from a bed: on none that the lines hold


def test_beds_are_as_wide_as_their_accuracy_and_streams_that_do_not_meet_are_not_joined():
    gap = LineString([(WEST, SOUTH + 0.6), (WEST, SOUTH + 0.5 * KM)])
    land, titles = frame(brook=square(0, 10), beside=square(-24, 2.5)), frame(down=square(8, 0))

    fine = count_along_rivers(land, titles, [network(MAIN, gap, *EDGE, *FAR)])
    coarse = count_along_rivers(land, titles, [network(MAIN, gap, *EDGE, *FAR, accuracy_m=2_000.0)])

    assert fine.loc["brook", "titles"] == 0
    assert pd.isna(fine.loc["beside", "titles"])
    assert coarse.loc["brook", "titles"] == 1
    assert coarse.loc["beside", "titles"] == 0


def test_where_own_lines_end_within_reach_those_of_lindero_count_and_the_first_that_covers_is_taken():
    land = frame(inside=square(0, 10), edge=square(-120, 0), elsewhere=Point(-70.3, -12.6))
    other = network(*LINES, id_="other")

    found = count_along_rivers(land, frame(t=square(8, 0)), [network(*LINES), other])
    before = count_along_rivers(land, frame(t=square(8, 0)), [])

    assert found["by"].tolist() == ["own", BASE, BASE]
    assert before["by"].tolist() == [BASE] * 3
    assert found["titles"].drop("inside").equals(before["titles"].drop("inside"))


def test_it_is_said_by_which_rivers_whose_of_when_and_how_accurate():
    by = pd.Series(["own", "own", BASE])
    told = networks_to_dicts([network(*LINES)], by)

    assert [(one["id"], one["communities"]) for one in told] == [("own", 2), (BASE, 1)]
    assert (told[0]["publisher"], told[0]["dated_on"], told[0]["accuracy_m"]) == ("ANA", "2024-05-01", 50)
    assert (
        "For 2 communities, concessions along rivers are counted with Red hídrica (ANA, 2024-05-01, error up to 50 m)"
        in rivers_text(told)
    )
    assert "1 other community is measured with the rivers of Lindero" in rivers_text(told)
    assert rivers_text(networks_to_dicts([], by)) == ""


def written(path, *shapes, crs="EPSG:32718"):
    gpd.GeoDataFrame({"name": [str(i) for i in range(len(shapes))]}, geometry=list(shapes), crs="OGC:CRS84").to_crs(
        crs
    ).to_file(path)
    return path


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "geojson"])
def test_a_file_is_added_listed_and_taken_out(typed, space, tmp_path, suffix):
    shapes = [*LINES, LineString([(-40, 10), (-41, 10)])]
    if suffix != "shp":
        shapes += [Point(WEST, SOUTH), Polygon(square(0, 0)), None]
    file = written(tmp_path / f"red.{suffix}", *shapes, crs="OGC:CRS84" if suffix == "geojson" else "EPSG:32718")
    about = ["--publisher", "ANA", "--accuracy-m", "50", "--dated-on", "2024-05-01", "--workspace", space]

    code, _out, told = typed("rivers", "add", file, "--coverage", "pe-lor", *about)

    assert code == 0, told
    rejected = len(shapes) - len(LINES)
    assert f"{len(shapes)} received = {len(LINES)} kept + {rejected} rejected" in told
    assert "a line far from the workspace's country: 1" in told
    assert len(rivers.read_lines(space, rivers.TABLE.read_entries(space)[0])) == len(LINES)
    assert (
        "red\tred\tANA\tnot stated\t2024-05-01\tposition error up to 50 m\tPE-LOR"
        in typed("rivers", "list", "--workspace", space)[1]
    )
    assert "a river network named red already exists" in typed("rivers", "add", file, *about)[2]
    assert "The river network red is present and unchanged" in typed("doctor", space)[1]

    assert "Removed: red." in typed("rivers", "remove", "red", "--workspace", space)[2]
    assert not list((space / "rivers").glob("*"))
    assert "Only the rivers that come with Lindero" in typed("rivers", "list", "--workspace", space)[2]
    assert "there is no river network 'red'" in typed("rivers", "remove", "red", "--workspace", space)[2]


def test_what_is_refused_leaves_the_workspace_as_it_was(typed, space, tmp_path):
    before = (space / "lindero.toml").read_bytes()
    points = written(tmp_path / "points.gpkg", Point(WEST, SOUTH))
    table = tmp_path / "table.csv"
    table.write_text("a,b\n1,2\n")
    good = written(tmp_path / "good.gpkg", *LINES)
    about = ["--publisher", "ANA", "--accuracy-m", "50", "--workspace", space]

    for words, why in [
        ([points], "every row of points.gpkg was rejected"),
        ([table], "table.csv has no lines"),
        ([tmp_path / "none.gpkg"], f"the file {tmp_path / 'none.gpkg'} does not exist"),
        ([good, "--coverage", "XX-1"], "'XX-1' is not the ISO 3166 code of a country or region"),
        ([good, "--dated-on", "May"], "'May' is not a date"),
    ]:
        code, _out, told = typed("rivers", "add", *words, *about)
        assert (code, why in told, "Traceback" in told) == (1, True, False), told

    assert (space / "lindero.toml").read_bytes() == before
    assert not (space / "rivers").exists()


@pytest.mark.slow
def test_exposure_follows_them_and_says_so_and_does_not_go_on_without_them(typed, demonstration, tmp_path):
    folder = shutil.copytree(demonstration[0], tmp_path / "demo")
    ask = ["exposure", "--draws", "20", "--format", "json", "--workspace", folder]
    before = json.loads(typed(*ask)[1])
    west, south, east, north = (
        box(*map_database.read_layer(demonstration[1], COMMUNITIES).total_bounds).buffer(1).bounds
    )
    grid = [LineString([(west, y), (east, y)]) for y in np.arange(south, north, 0.1)]
    file = written(tmp_path / "grid.gpkg", *grid, crs="OGC:CRS84")
    about = ["--publisher", "ANA", "--accuracy-m", "50", "--dated-on", "2024-05-01", "--crs", "OGC:CRS84"]
    code, _out, told = typed("rivers", "add", file, *about, "--workspace", folder)
    assert code == 0, told

    code, out, told = typed(*ask)
    answer = json.loads(out)
    own, base = answer["rivers"]
    rows = pd.DataFrame(answer["communities"])

    assert [one["id"] for one in before["rivers"]] == [BASE]
    assert (own["id"], own["publisher"], own["dated_on"], own["accuracy_m"], base["id"]) == (
        "grid",
        "ANA",
        "2024-05-01",
        50,
        BASE,
    )
    assert own["communities"] + base["communities"] >= len(rows)
    assert (rows["rivers_by"] == "grid").sum() > 100
    assert rows["titles_along_river_within_25_km"].count() > len(rows) / 5
    assert "communities, concessions along rivers are counted with grid (ANA, 2024-05-01, error up to 50 m)" in told
    with lindero.open(folder) as opened:
        assert (opened.exposure()["rivers_by"] == "grid").sum() == (rows["rivers_by"] == "grid").sum()

    (folder / "rivers" / "grid.parquet").unlink()
    code, _out, told = typed(*ask)
    assert (code, "the file of the river network grid is missing" in told) == (1, True)


def test_rivers_that_are_gone_or_changed_are_told_and_never_left_out_unsaid(typed, space, tmp_path):
    file = written(tmp_path / "red.gpkg", *LINES)
    typed("rivers", "add", file, "--publisher", "ANA", "--accuracy-m", "50", "--workspace", space)
    (space / "rivers" / "red.parquet").write_bytes(b"else")

    assert "the file of the river network red is missing or has changed since it was added" in typed("doctor", space)[1]
    assert "is missing or has changed since it was added" in typed("rivers", "list", "--workspace", space)[1]


def test_a_manifest_that_names_no_rivers_of_its_own_is_not_followed(space):
    with (space / "lindero.toml").open("a") as manifest:
        manifest.write('\n[[rivers]]\nid = "../../etc"\ntitle = "a"\n')

    with pytest.raises(WorkspaceError):
        rivers.TABLE.read_entries(space)
