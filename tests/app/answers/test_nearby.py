"""What is near a place: distances only to places that are known, and days only where somebody stated them."""

import json

from lindero.app.pipeline.build import build
from lindero.layers.workspace import manifest_file
from tests.files import concessions, geojson, incidents

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
    build(manifest_file.load(files.folder))

    _, out, _ = typed("near", "-7.0", "-78.5", "--km", "25", "--format", "json", "--workspace", files.folder)
    near = {row["source_id"]: row["snapshot_on"] for row in json.loads(out)["near"]}
    typed("export", "concessions", "--output", tmp_path / "all.csv", "--workspace", files.folder)
    lines = tmp_path.joinpath("all.csv").read_text(encoding="utf-8-sig").splitlines()

    assert near == {"c": None, "d": "2026-02-01"}
    assert {tuple(line.split(",")[1:3]) for line in lines[1:]} == {("c", ""), ("d", "2026-02-01")}
