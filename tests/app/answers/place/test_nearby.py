"""What is near a place: distances only to places that are known, and days only where somebody stated them."""

import json

import geopandas as gpd
import pytest

from lindero.app.answers.place import near_incidents, place_report
from lindero.app.answers.place.nearby import feature_frame, find_nearby_features, find_nearby_incidents
from lindero.app.answers.place.spot import Spot, find_community_spot
from lindero.app.text import i18n
from lindero.layers.database import map_database
from lindero.layers.model.schema import LAYERS
from lindero.layers.workspace import manifest_file
from tests.built import build
from tests.files import concessions, geojson, incidents, square

HEADER = "code,occurred_on,place_text,visibility,longitude,latitude,location_precision"
EVENTS = incidents(
    "A,2026-01-01,Celendín,public_record,-78.45,-7.0,district",
    "B,2026-01-01,Celendín,public_record,-78.44,-7.0,exact",
    "C,2026-01-01,Celendín,public_record,-78.43,-7.0,province",
    header=HEADER,
)


def test_of_a_point_that_stands_for_an_area_no_distance_is_given(files, typed):
    files.add("incidents", EVENTS)
    build(files.space)

    _, out, _ = typed(
        "near", "-7.0", "-78.45", "--km", "25", "--layer", "incidents", "--format", "json", "--workspace", files.folder
    )
    rows = json.loads(out)["near"]

    assert [row["location_precision"] for row in rows] == ["exact", "district", "province"]
    assert [row["distance_m"] is None for row in rows] == [False, True, True]
    assert [row["direction"] is None for row in rows] == [False, True, True]


def test_a_day_of_receipt_leaves_as_no_date_of_the_data(files, typed, tmp_path):
    path = geojson(tmp_path / "c.geojson", concessions())
    told = ["--layer", "concessions", "--publisher", "P", "--yes", "--workspace", files.folder]
    typed("add", path, *told)
    typed("add", geojson(tmp_path / "d.geojson", concessions(row=3)), *told, "--id", "d", "--snapshot-on", "2026-02-01")
    build(manifest_file.load_workspace(files.folder))

    _, out, _ = typed("near", "-7.0", "-78.5", "--km", "25", "--format", "json", "--workspace", files.folder)
    near = {row["source_id"]: row["snapshot_on"] for row in json.loads(out)["near"]}
    typed("export", "concessions", "--output", tmp_path / "all.csv", "--workspace", files.folder)
    lines = tmp_path.joinpath("all.csv").read_text(encoding="utf-8-sig").splitlines()

    assert near == {"c": None, "d": "2026-02-01"}
    assert {tuple(line.split(",")[1:3]) for line in lines[1:]} == {("c", ""), ("d", "2026-02-01")}


@pytest.fixture
def beside(files):
    """A title whose boundary is known to 8 m, a community's to 30 m, one of which nobody says it, and two attacks."""
    own = {"crs": "OGC:CRS84"}
    files.add(
        "concessions",
        gpd.GeoDataFrame([{"code": "T1", "holder": "H"}], geometry=[square()], **own),
        boundary_accuracy_m=8,
    )
    near = gpd.GeoDataFrame([{"code": "L1", "name": "Known"}], geometry=[square(0, 1)], **own)
    files.add("communities", near, id="known", boundary_accuracy_m=30)
    files.add("communities", near.assign(code="L2", name="Unknown").set_geometry([square(0, 2)]), id="unknown")
    text = incidents(
        "A,2026-01-01,Celendín,public_record,-78.5,-7.05,exact",
        "B,2026-01-01,Celendín,public_record,-78.5,-7.05,locality",
        header=HEADER,
    )
    files.add("incidents", text)
    with map_database.connect(build(files.space).path) as con:
        yield files, con


def test_a_distance_to_a_boundary_has_the_accuracy_of_that_boundary(beside, typed):
    files, con = beside
    layers = [LAYERS[name] for name in ("concessions", "communities", "incidents")]
    found = feature_frame(find_nearby_features(con, Spot("", -7.05, -78.5), within_km=200, layers=layers))
    _, out, _ = typed("near", "-7.05", "-78.5", "--km", "200", "--format", "json", "--workspace", files.folder)

    known = dict(zip(found["id"], found["distance_accuracy_m"], strict=True))
    assert [known[id_] for id_ in ("concessions/T1", "known/L1")] == [8.0, 30.0]
    assert found["distance_accuracy_m"].notna().sum() == 2
    listed = {row["id"]: row["distance_accuracy_m"] for row in json.loads(out)["near"]}
    assert {id_: value for id_, value in listed.items() if value} == {"concessions/T1": 8.0, "known/L1": 30.0}
    told = [place_report.format_nearby(row) for row in found[found["distance_m"] > 0].to_dict("records")]
    assert ["about" in line for line in told] == [
        (known[id_] or 0) > 10 for id_ in found[found["distance_m"] > 0]["id"]
    ]


def test_a_distance_from_an_area_has_the_error_of_both_boundaries(beside):
    con = beside[1]
    spot = find_community_spot(con, "known/L1")
    near = {row["id"]: row for row in find_nearby_features(con, spot, within_km=200, layers=[LAYERS["concessions"]])}

    assert near["concessions/T1"]["distance_accuracy_m"] == pytest.approx((8.0**2 + 30.0**2) ** 0.5)


def test_an_attack_near_a_community_is_as_far_as_its_boundary_is_exact(beside):
    spot = find_community_spot(beside[1], "known/L1")
    near = {row["location_precision"]: row for row in find_nearby_incidents(beside[1], spot, within_km=200)}

    assert near["exact"]["distance_accuracy_m"] == 30.0
    assert near["locality"]["distance_accuracy_m"] is None


def test_a_place_that_was_coarse_in_an_earlier_snapshot_has_a_distance(files):
    for precision, snapshot_on in (("district", "2026-01-02"), ("exact", "2026-02-01")):
        row = f"A,2026-01-01,Celendín,public_record,-78.45,-7.0,{precision}"
        files.add("incidents", incidents(row, header=HEADER), id="attacks", snapshot_on=snapshot_on)
    with map_database.connect(build(files.space).path) as con:
        (found,) = find_nearby_features(con, Spot("", -7.05, -78.45), within_km=20, layers=[LAYERS["incidents"]])

    assert found["location_precision"] == "exact"
    assert 5_000 < found["distance_m"] < 6_000


def test_an_incident_is_near_by_the_area_that_is_published_of_it(files):
    text = incidents(
        "A,2026-01-01,Celendín,public_record,-78.45,-7.0,exact",
        "B,2026-01-01,Celendín,public_record,-78.25,-7.0,exact",
        "C,2026-01-01,Celendín,public_record,-78.26,-7.0,district",
        "D,2026-01-01,Celendín,public_record,-78.45,-7.0,region",
        header=HEADER,
    )
    files.add("incidents", text)
    con = map_database.connect(build(files.space).path)

    near = find_nearby_incidents(con, Spot("", -7.0, -78.5), within_km=25)

    assert [(row["id"][-1], row["nearness"]) for row in near] == [
        ("A", "certain"),
        ("C", "possible"),
        ("B", "possible"),
    ]
    assert [row["area_m"] < row["area_far_m"] for row in near] == [True, True, True]
    assert near_incidents.summarize_incidents(near, 25).startswith("1 certainly within 25 km; 2 possibly")
    con.close()


def test_what_is_said_of_sources_is_said_as_they_are_called(files, typed):
    i18n.set_language("en")
    land = gpd.GeoDataFrame([{"code": "T1", "holder": "H"}], geometry=[square()], crs="OGC:CRS84")
    files.add("concessions", land, publisher="Region / COFOPRI", coverage="PE")
    build(files.space)

    _, _, said = typed("near", "-6.5", "-76", "--layer", "concessions", "--workspace", files.folder)

    assert "No concessions on record here (Region / COFOPRI, as of January 1, 2026)" in said
