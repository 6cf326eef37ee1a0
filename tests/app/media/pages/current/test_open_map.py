import pytest

from lindero.app.answers.place.nearby import feature_frame
from lindero.app.answers.place.spot import Spot
from lindero.app.media.pages.current import map_layers, open_map
from lindero.layers.database import map_database
from lindero.layers.errors import NotBuiltError
from lindero.layers.workspace import manifest_file
from tests import small_map


def test_readers_move_to_the_newest_map(tmp_path):
    maps = open_map.ServedMap(tmp_path)
    small_map.publish(tmp_path, names={"communities": "one"})
    first = maps.version
    names = [maps.open_cursor().execute("SELECT name FROM communities").fetchone()]
    small_map.publish(tmp_path, names={"communities": "two"})
    names.append(maps.open_cursor().execute("SELECT name FROM communities").fetchone())

    assert names == [("one",), ("two",)]
    assert maps.version != first


def test_each_answer_has_a_connection_of_its_own(tmp_path):
    small_map.publish(tmp_path)
    maps = open_map.ServedMap(tmp_path)

    assert maps.open_cursor() is not maps.open_cursor()


def test_what_was_read_of_a_map_does_not_stay_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(open_map, "MOST_KEPT_BYTES", 0)
    small_map.publish(tmp_path)
    maps = open_map.ServedMap(tmp_path)
    reading = maps.open_cursor()
    before = reading.execute("FROM communities").fetchall()
    kept = map_database.memory_bytes(reading)

    opened_anew = maps.open_cursor()

    assert kept > map_database.memory_bytes(opened_anew)
    assert opened_anew.execute("FROM communities").fetchall() == before
    assert reading.execute("FROM communities").fetchall() == before


def test_the_manifest_is_read_when_it_is_another_one_alone(tmp_path, monkeypatch):
    manifest_file.create_workspace(tmp_path / "space", title="First", country="PE")
    maps, read = open_map.ServedMap(tmp_path / "space" / "build"), []
    load = manifest_file.load_workspace
    monkeypatch.setattr(manifest_file, "load_workspace", lambda folder: read.append(folder) or load(folder))
    assert (maps.country, maps.title, maps.country) == ("PE", "First", "PE")
    assert len(read) == 1

    path = tmp_path / "space" / manifest_file.MANIFEST
    path.write_text(path.read_text(encoding="utf-8").replace("First", "Other"), encoding="utf-8")

    assert (maps.country, maps.title) == ("PE", "Other")
    path.unlink()
    assert (maps.country, maps.title, maps.is_behind) == ("", "", False)


def test_no_map_is_said(tmp_path):
    with pytest.raises(NotBuiltError):
        open_map.ServedMap(tmp_path).open_cursor()


def test_a_map_that_cannot_be_read_is_said(tmp_path):
    small_map.publish(tmp_path).write_bytes(b"no database")

    with pytest.raises(NotBuiltError):
        open_map.ServedMap(tmp_path).open_cursor()


def test_what_is_at_a_point_comes_first(tmp_path):
    open_map.use_folder(tmp_path)
    small_map.publish(tmp_path)

    found = map_layers.find_nearby(Spot("", *small_map.IN_BOTH), within_km=50)

    assert [row["layer"] for row in found] == ["communities", "concessions", "incidents", "protected_areas"]
    assert [row["distance_m"] for row in found[:2]] == [0, 0]
    assert found[3]["distance_m"] == pytest.approx(47_150, rel=0.01)  # 0.43° of longitude
    assert [row["direction"] for row in found[2:]] == ["nw", "e"]


def test_nothing_near_is_an_empty_table_with_the_same_columns(tmp_path):
    open_map.use_folder(tmp_path)
    small_map.publish(tmp_path)

    found = feature_frame(map_layers.find_nearby(Spot("", *small_map.EMPTY_SEA), within_km=5))

    assert found.empty
    assert list(found) == list(feature_frame(map_layers.find_nearby(Spot("", *small_map.IN_BOTH), within_km=5)))
