"""
One small world, half covered: no page, command or feed says 0 or none where the map has no data, or nobody knows.

The cadastre has data of the west of Cajamarca alone. Of three communities one lies there, one in the east of Cajamarca,
one in Lima. Two attacks are on record, one in the west and one in the east. There is no layer of protected areas, of
protection measures, of steps in court or of people attacked.
"""

import datetime as dt
import json
import shutil
from xml.etree import ElementTree as ET

import duckdb
import geopandas as gpd
import pytest
from shapely import box
from typer.testing import CliRunner

from lindero.app.answers.changes import feed, watchlist
from lindero.app.answers.changes.register_changes import compare_all_snapshots
from lindero.app.answers.coverage.coverage import Verdict, read_coverage
from lindero.app.answers.coverage.reach import measure_reach
from lindero.app.answers.defaults import NEAR_KM
from lindero.app.answers.hotspots.choices import CountedQuantity, PlaceKind
from lindero.app.answers.hotspots.question import Question
from lindero.app.answers.hotspots.report import hotspot_report
from lindero.app.answers.place.spot import Spot
from lindero.app.commands.index import program
from lindero.app.media.pages.current import open_map, place
from lindero.app.media.phone.about import Subject
from lindero.app.media.site.pack import create_pack
from lindero.app.media.site.release import publish_release
from lindero.app.media.site.verify import check_publication
from lindero.app.text import i18n
from lindero.geo.stats.hotspots import COLD
from lindero.layers.database import coverage, map_database
from lindero.layers.model.schema import CRS, LAYERS
from tests import hot_map
from tests.answered import at_page
from tests.built import build
from tests.client import ask
from tests.files import Files, geojson, incidents
from tests.shown_tables import figures, tables

A = f"{{{feed.ATOM}}}"
WEST, EAST, LIMA = (-78.80, -6.50), (-78.05, -7.40), (-77.00, -12.00)
HEADER = "code,title,occurred_on,date_precision,region,country,location_precision,visibility,longitude,latitude"
DAY = dt.date(2026, 2, 1)
NO_CONCESSIONS = "This map has no data on concessions here."


def squares(names, vertices, side=0.02, **columns):
    shapes = [box(west, south, west + side, south + side) for west, south in vertices]
    return gpd.GeoDataFrame({"code": names, "name": names, **columns}, geometry=shapes, crs=CRS)


def attack(code, at, day):
    return f"{code},Hecho {code},{day},day,Cajamarca,PE,exact,public_record,{at[0] + 0.01},{at[1] + 0.01}"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """The workspace, and a connection to its map."""
    files = Files(tmp_path_factory.mktemp("half") / "space")
    half = gpd.GeoDataFrame({"name": ["west"]}, geometry=[box(-80, -8, -78.4, -4)], crs=CRS)
    titles = squares(
        ["T1", "T2"], [WEST, (-78.7, -6.6)], holder="Minera Sola", status="granted", granted_on="2020-03-01"
    )
    for day, some in (("2025-01-01", titles.iloc[:1]), ("2026-01-01", titles)):
        files.add("concessions", some, id="cadastre", snapshot_on=day, coverage="files/half.geojson")
    geojson(files.folder / "files" / "half.geojson", half)
    lands = squares(["West", "East", "Lima"], [WEST, EAST, LIMA])
    files.add("communities", lands, id="land", coverage="PE-CAJ")
    told = incidents(attack("w", WEST, "2020-05-01"), attack("e", EAST, "2022-05-01"), header=HEADER)
    files.add("incidents", told, id="inc", coverage="PE-CAJ")
    files.add("acts", "incident_id,type\ninc/w,threat\ninc/e,threat\n", id="acts", coverage="PE-CAJ")
    with map_database.connect(build(files.space).path) as con:
        yield files, con


def test_a_pocket_map_says_where_it_has_no_data_and_never_none(world, tmp_path):
    files, _con = world
    page = tmp_path / "pocket.html"
    page.write_text(create_pack(files.space, Subject.COMMUNITY, "land/East", today=DAY).html, encoding="utf-8")
    lon, lat = EAST

    east, beyond = ask("said", [[lat + 0.01, lon + 0.01, 5, "en"], [LIMA[1], LIMA[0], 5, "en"]], page=page)
    (told,) = ask("pack", [[]], page=page)

    for said in (east, beyond):
        assert "This map has no data on concessions" in said["verdict"]
        assert "No concession" not in said["verdict"]
        assert "concessions: no data here" in said["message"]
    assert "not on the land of a recorded community" not in beyond["verdict"] + beyond["besides"]
    assert NO_CONCESSIONS in " ".join(one["about"] for one in told["told"]["en"]["communities"].values())
    assert "no data at all on protected areas" in told["told"]["en"]["lacks"]


def texts(page):
    parts = (*page.markdown, *page.text, *page.info, *page.warning)
    return "\n".join(str(part.value).replace("\\", "") for part in parts)


def open_at(world, name, **query):
    return at_page(world[0].space.build_folder, name, **query)


def typed(world, *words):
    result = CliRunner().invoke(program, [*words, "--workspace", str(world[0].folder), "--format", "json"])
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout), result.stderr


def test_reach_counts_what_is_covered_whole_in_part_or_not_and_what_has_no_place(world):
    found = read_coverage(world[1])
    shapes = gpd.GeoSeries(
        [box(-78.8, -6.5, -78.7, -6.4), box(-78.5, -6.5, -78.3, -6.4), box(-77, -12, -76, -11), None]
    )
    one = measure_reach(found, "concessions", shapes.set_crs(CRS), feature_layer="communities")

    assert (one.whole, one.part, one.no_data, one.no_place, one.features) == (1, 1, 1, 1, 3)
    assert one.is_covered
    assert not one.is_whole


def test_overlaps(world):
    said = "This map's data on concessions for 3 community lands: complete for 1; missing for 2."
    answer, stderr = typed(world, "overlaps", "concessions", "communities")

    assert said in texts(open_at(world, "overlaps", left="concessions", right="communities"))
    assert said in stderr
    assert [(one["layer"], one["of"], one["covered_whole"], one["no_data"]) for one in answer["coverage"]] == [
        ("concessions", "communities", 1, 2),
        ("communities", "concessions", 2, 0),
    ]


def test_no_overlap_is_no_finding_where_there_is_no_data(world):
    answer, stderr = typed(world, "overlaps", "concessions", "communities", "--right-where", "code=Lima")

    assert answer["coverage"][0]["no_data"] == 1
    assert "No overlap is on record" not in stderr.replace(
        "No overlap is on record where this map has data on both", ""
    )
    assert NO_CONCESSIONS in stderr
    assert "The two layers do not overlap" not in stderr


def test_what_is_new_on_a_list_without_data_is_no_zero(world):
    page = open_at(world, "new", watch="community/land/Lima")

    assert NO_CONCESSIONS in texts(page)
    assert "0 new" not in texts(page)
    assert "0 concessions were" not in texts(page)
    assert "1 new (1 of them" not in texts(page)


def test_changes_say_what_they_cannot_know_of_land(world):
    answer, stderr = typed(world, "changes", "--since", "2025-01-01")

    assert answer["summaries"][0]["new_on_community_land"] == 0  # all of its ground is covered by the layer of lands
    assert [one["layer"] for one in answer["coverage"]] == ["communities", "protected_areas"]
    assert "no data on protected areas" in stderr


@pytest.mark.parametrize(("code", "gap"), [("Lima", True), ("East", True), ("West", False)])
def test_a_feed_says_that_it_has_no_data(world, code, gap):
    i18n.set_language("en")
    watched = watchlist.find_watched_places(world[1], [f"community/land/{code}"])
    written = feed.write_place_feed(world[1], watched, [], compare_all_snapshots(world[1]))
    root = ET.fromstring(written)
    terms = [entry.find(f"{A}category").get("term") for entry in root.iter(f"{A}entry")]

    assert ("coverage" in terms) == gap
    assert ("files compared has no data on concessions here" in (root.findtext(f"{A}subtitle") or "")) == gap


@pytest.mark.parametrize(("at", "covered"), [(WEST, True), (LIMA, False)])
def test_what_changed_near_a_place(world, at, covered):
    page = open_at(world, "near_me")
    page.text_input[0].set_value(f"{at[1] + 0.2}, {at[0] + 0.2}").run()
    open_map.use_folder(world[0].space.build_folder)
    news = place.news(Spot("x", at[1] + 0.2, at[0] + 0.2), within_km=NEAR_KM)
    told = "\n".join(line for section in news for line in section.sentences)

    for text in (texts(page), told):
        assert ("no changes within" in text) == covered
        assert covered or NO_CONCESSIONS in text


def test_attacks_and_their_protection(world):
    page = open_at(world, "attacks")
    listed = [set(table.columns) for table in tables(page)]

    assert "no data at all on protection measures" in texts(page)
    assert "no data at all on steps in court" in texts(page)
    assert not any({"granted", "conviction"} & columns for columns in listed)
    assert "Sources: Editora, as of January 1, 2026." in texts(page)


def test_case(world):
    assert "no data at all on protection measures" in texts(open_at(world, "case"))


@pytest.fixture(scope="module")
def hot(tmp_path_factory):
    """A map with a hotspot, of whose titles the source has data in the west alone, and of whose attacks nobody knows."""
    path = hot_map.publish(tmp_path_factory.mktemp("hot"), is_covered=False)
    con = duckdb.connect(str(path))
    keys = {"layer": "concessions", "source_id": "concessions", "snapshot_on": hot_map.DAY}
    told = {"basis": "declared", "extent": "covered", "place": "w", "name": "west", "geometry": box(-80, -8, -78.5, -4)}
    coverage.write_coverage(con, gpd.GeoDataFrame([keys | told], geometry="geometry", crs=CRS))
    con.close()
    return map_database.connect(path)


def test_hotspots_compare_no_community_without_data_as_if_nothing_were_there(hot):
    report = hotspot_report(hot, Question(CountedQuantity.TITLES, PlaceKind.COMMUNITIES, draws=2))
    seen = map_database.read_layer(hot, LAYERS["communities"]).geometry.representative_point().x <= -78.5

    assert len(report.rows) == seen.sum() < hot_map.COMMUNITIES
    assert report.head()["coverage"][0]["no_data"] == 0


def test_hotspots_of_what_nobody_declared_give_no_zero_and_no_cold_place(hot):
    report = hotspot_report(
        hot, Question(CountedQuantity.INCIDENTS, PlaceKind.H3, within="PE-CAJ", resolution=4, draws=2)
    )
    empty = report.rows["count"].isna()

    assert not (report.rows["count"] == 0).any()
    assert empty.any()
    assert not (report.rows.loc[empty, "result"] == COLD).any()
    assert "is not known" in " ".join(report.doubts())


def test_time(world):
    page = open_at(world, "over_time")
    years = tables(page)[0].set_index("year")
    rows = tables(page)[2]

    assert years.index.min() == "2020"
    assert years["attacks"].tolist() == [1, 0, 1]
    assert rows["title"].tolist() == ["Hecho w"]
    assert "missing for 1" in texts(page)


def test_commitments_count_no_attacks_where_the_map_has_no_data_of_them(world):
    page = open_at(world, "commitments", id="BO")
    since, countries = (tables(page)[at] for at in (0, 1))

    assert since["attacks_since"].isna().all()
    assert "no data on attacks here" in texts(page)
    assert countries.set_index("name>")["attacks"].fillna(-1).loc[["BO", "PE"]].tolist() == [-1, 2]


def test_holder(world):
    page = open_at(world, "holder")
    page.selectbox[0].select_index(1).run()

    assert figures(page)["Overlapping protected areas"] == "no data here"
    assert figures(page)["Overlapping communities"] == "1"
    assert "no data on protected areas in the area of these 2 concessions" in texts(page)
    assert "not in a recorded protected area" not in texts(page)


@pytest.mark.parametrize(
    ("kind", "file"), [("gpkg", "c.gpkg"), ("csv", "c.coverage.geojson"), ("parquet", "c.coverage.geojson")]
)
def test_an_export_says_where_it_has_data_and_of_what_day(world, tmp_path, kind, file):
    words = ["export", "concessions", "-o", str(tmp_path / f"c.{kind}"), "--workspace", str(world[0].folder)]
    result = CliRunner().invoke(program, words)
    layer = {"layer": "coverage"} if kind == "gpkg" else {}
    rows = gpd.read_file(tmp_path / file, **layer)

    assert result.exit_code == 0, result.stderr
    assert rows[["layer", "source_id", "basis", "extent"]].values.tolist() == [
        ["concessions", "cadastre", "declared", "covered"]
    ]
    assert str(rows["as_of"].iloc[0])[:10] == "2026-01-01"
    assert rows.total_bounds[2] == pytest.approx(-78.4)


def test_an_exported_table_of_what_is_near_names_the_place(world):
    words = ["near", "-6.5", "-78.8", "--format", "csv", "--workspace", str(world[0].folder)]
    lines = CliRunner().invoke(program, words).stdout.splitlines()

    assert lines[0].endswith(",place")
    assert len({line.rpartition(",")[2] for line in lines[1:]}) == 1


@pytest.fixture(scope="module")
def published(world, tmp_path_factory):
    """The folder in which the world is published."""
    folder = tmp_path_factory.mktemp("published") / "map"
    publish_release(world[0].space, None, folder, today=DAY, prove=lambda _new: None)
    return folder


def test_a_publication_says_layer_by_layer_where_it_has_data(published):
    described = json.loads(published.joinpath("datapackage.json").read_text(encoding="utf-8"))
    told = {(one["layer"], tuple(one["places"]), one["as_of"]) for one in described["coverage"]}

    assert ("concessions", ("declared area",), "2026-01-01") in told  # the name of a file is nobody's business
    assert ("communities", ("Cajamarca",), "2026-01-01") in told
    assert ("incidents", ("Cajamarca",), None) in told
    assert {"protected_areas", "case_steps", "consultations"} <= set(described["lacks"])
    assert "this publication has no data" in described["description"]
    assert check_publication(published, None).broken == []


def test_a_published_database_gives_the_three_answers(published):
    with map_database.connect(published / "map.duckdb") as con:
        found = read_coverage(con)
        verdicts = [found.point_coverage("concessions", at[1], at[0]).verdict for at in (WEST, EAST)]
        incidents_at = [found.point_coverage("incidents", at[1], at[0]).verdict for at in (WEST, LIMA)]

    assert verdicts == incidents_at == [Verdict.COVERED, Verdict.NO_DATA]
    assert len(gpd.read_file(published / "map.gpkg", layer="coverage")) == len(found.rows)


def test_the_published_page_holds_no_zero_where_it_has_no_data(published):
    page = published / "index.html"
    (found,) = ask("every_row", [["communities"]], page=page)
    rows = {row["name"]: row for row in found}
    places = [[row["at"][1], row["at"][0], 1, "en"] for row in rows.values()]
    told = dict(zip(rows, ask("said", places, page=page), strict=True))

    for name, one in told.items():
        assert ("no data on concessions" in one["lands"][0]["said"]) == (name != "West")
    assert all("no data on protected areas" in one["besides"] for one in told.values())
    assert rows.keys() == {"West", "East", "Lima"}


def test_what_tells_where_records_of_people_come_from_is_found(published, tmp_path):
    folder = shutil.copytree(published, tmp_path / "copy")
    con = duckdb.connect(str(folder / "map.duckdb"))
    con.execute("UPDATE coverage SET name = 'one house' WHERE layer = 'incidents'")
    con.close()

    assert any("where records of people come from" in broken for broken in check_publication(folder, None).broken)
