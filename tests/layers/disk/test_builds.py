import json

import pytest

from lindero.layers.disk import builds
from lindero.layers.disk.builds import (
    POINTER,
    current_map,
    lock_folder,
    publish_map,
    read_inputs_fingerprint,
    write_atomically,
)
from lindero.layers.errors import BuildError, NotBuiltError
from lindero.layers.watch.watch_folder import write_private


def new_map(folder, content="map"):
    path = folder / ".map-new.duckdb"
    path.write_text(content)
    return path


def made(folder):
    folder.mkdir()
    return folder


def test_what_is_published_is_current(tmp_path):
    path = publish_map(tmp_path, new_map(tmp_path), digest="d" * 64, inputs="abc")

    assert current_map(tmp_path) == path
    assert read_inputs_fingerprint(tmp_path) == "abc"
    assert path.read_text() == "map"


def test_the_pointer_moves_last(tmp_path, monkeypatch):
    first = publish_map(tmp_path, new_map(tmp_path), digest="1", inputs="1")
    monkeypatch.setattr(builds, "write_atomically", lambda *_: (_ for _ in ()).throw(OSError("no space left")))

    with pytest.raises(OSError, match="no space"):
        publish_map(tmp_path, new_map(tmp_path, "second"), digest="2", inputs="2")
    assert current_map(tmp_path) == first
    assert first.exists()


@pytest.mark.parametrize("write", [write_atomically, write_private])
def test_a_full_disk_leaves_no_unfinished_file(tmp_path, monkeypatch, write):
    path = tmp_path / "checks.json"
    path.write_text("old")
    monkeypatch.setattr(builds, "sync", lambda _: (_ for _ in ()).throw(OSError("no space left")))

    with pytest.raises(OSError, match="no space"):
        write(path, "new")
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {"checks.json": "old"}


def test_old_maps_are_forgotten_but_the_current_and_the_one_before_it(tmp_path):
    maps = [publish_map(tmp_path, new_map(tmp_path), digest=str(n), inputs=str(n)) for n in range(12)]

    assert sorted(tmp_path.glob("map-*.duckdb")) == sorted(maps[-2:])
    assert current_map(tmp_path) == maps[-1]


def test_one_build_at_a_time(tmp_path):
    with lock_folder(tmp_path), pytest.raises(BuildError, match="another build is running"), lock_folder(tmp_path):
        pass
    with lock_folder(tmp_path):
        pass


def test_what_a_killed_build_left_is_cleared_and_nothing_else(tmp_path):
    published = publish_map(tmp_path, new_map(tmp_path), digest="1", inputs="1")
    left = [new_map(tmp_path), tmp_path / ".map-new.duckdb.wal"]
    left[1].write_text("x")

    with lock_folder(tmp_path):
        assert not any(path.exists() for path in left)
    assert published.exists()


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", "3", '"x"'])
def test_a_broken_pointer_is_no_map(tmp_path, content):
    tmp_path.joinpath(POINTER).write_text(content)

    assert not read_inputs_fingerprint(tmp_path)
    with pytest.raises(NotBuiltError, match="is damaged or was changed by somebody"):
        current_map(tmp_path)


def test_a_pointer_that_somebody_led_elsewhere_is_said_to_be_changed(tmp_path):
    publish_map(tmp_path, new_map(tmp_path), digest="1", inputs="1")
    pointer = tmp_path / POINTER
    pointer.write_text(json.dumps(json.loads(pointer.read_text()) | {"map": "../elsewhere/map-1-0.duckdb"}))

    with pytest.raises(NotBuiltError, match="is damaged or was changed by somebody"):
        current_map(tmp_path)


def test_a_pointer_to_a_map_that_is_gone_lets_build_anew(tmp_path):
    publish_map(tmp_path, new_map(tmp_path), digest="1", inputs="1").unlink()

    assert not read_inputs_fingerprint(tmp_path)


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    write_atomically(path, "old")
    monkeypatch.setattr(builds, "sync", lambda _: (_ for _ in ()).throw(OSError("power cut")))

    with pytest.raises(OSError, match="power cut"):
        write_atomically(path, "new")
    assert path.read_text() == "old"


def test_the_pointer_tells_what_it_was_built_from_and_when(tmp_path):
    publish_map(tmp_path, new_map(tmp_path), digest="d", inputs="i")

    assert json.loads((tmp_path / POINTER).read_text()).keys() == {
        "format",
        "map",
        "digest",
        "inputs",
        "built_on",
        "crc32",
        "check",
    }


@pytest.mark.parametrize("name", ["../other/map-1-1.duckdb", "/etc/passwd", "map-1-1.duckdb/../x", "linked"])
def test_a_pointer_that_leads_elsewhere_leads_nowhere(tmp_path, name):
    other = publish_map(tmp_path / "other", new_map(made(tmp_path / "other")), digest="1", inputs="1")
    folder = made(tmp_path / "own")
    if name == "linked":
        name = other.name
        folder.joinpath(name).symlink_to(other)
    folder.joinpath(POINTER).write_text(json.dumps({"map": name, "inputs": "1"}))

    with pytest.raises(NotBuiltError, match="is not a map of this folder"):
        current_map(folder)
    assert not read_inputs_fingerprint(folder)  # and the next build makes a map
