"""Which two snapshots of each register are held against each other where a place is asked about."""

import datetime as dt
from types import SimpleNamespace

import pytest
import shapely

from lindero.app.answers.changes.near_place import compare_latest, filter_nearby_changes
from lindero.app.answers.changes.register_changes import Register, compare_all_snapshots
from lindero.app.answers.place.spot import Spot
from lindero.app.media.pages.current import cache, cached_answers, open_map
from lindero.app.media.site.changes import list_changes
from lindero.app.media.site.pack import open_published_map
from lindero.layers.database import coverage, map_database
from tests import small_map
from tests.built import build
from tests.files import SIDE, Files, concessions


def register(source_id, *days):
    return Register(tuple(SimpleNamespace(source_id=source_id, snapshot_on=day) for day in days))


def test_the_last_two_snapshots_of_each_register_that_has_two_are_held_against_each_other():
    registers = [register("three", "2024-01-01", "2025-01-01", "2026-01-01"), register("one", "2026-01-01")]

    assert compare_latest(registers, lambda *two: two) == [("three@2025-01-01", "three@2026-01-01")]


def test_the_coverage_of_a_snapshot_is_read_once_for_all_places(tmp_path, monkeypatch):
    open_map.use_folder(tmp_path)
    small_map.publish(tmp_path)
    cache._cached_answer.cache_clear()  # maps of other tests have the same name
    snapshot = SimpleNamespace(source_id="concessions", snapshot_on=small_map.DAY, layer="concessions")
    report = SimpleNamespace(before=snapshot, after=snapshot)
    read = []
    own = coverage.read_coverage_rows
    monkeypatch.setattr(coverage, "read_coverage_rows", lambda *about: read.append(about) or own(*about))

    latitude, longitude = small_map.IN_BOTH
    for step in range(3):
        spot = Spot("", latitude + step / 100, longitude)
        assert cached_answers.near_coverage(report, spot, within_km=5).is_covered

    assert len(read) == 1


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_concession_that_left_is_news_for_the_place_that_it_left(tmp_path, side):
    before, after, files = concessions(1), concessions(1), Files(tmp_path / "space")
    after.loc[0, "geometry"] = shapely.affinity.translate(before.geometry[0], 8 * SIDE)
    for day, frame in {"2026-01-01": before, "2026-02-01": after}.items():
        files.add("concessions", frame, snapshot_on=day, id="cadastre", coverage="PE")
    bounds = {"before": before, "after": after}[side].to_crs("OGC:CRS84").total_bounds
    west, south, east, north = map(float, bounds)
    spot = Spot("", (south + north) / 2, (west + east) / 2)
    with map_database.connect(build(files.space).path) as con:
        (report,) = compare_all_snapshots(con)
        assert filter_nearby_changes(con, report, spot, within_km=0.1)["change"].tolist() == ["boundary"]
        with open_published_map(files.space, today=dt.date(2026, 3, 1)) as (pub, _published):
            (told,) = list_changes(con, pub, (west, south, east, north), step=1e-5, with_shapes=True)

    assert len(told["rows"]) == 1
    assert told["shapes"][0].covers(shapely.Point(spot.longitude, spot.latitude))
