"""
A disk that loses bits: what an answer would rest on is noticed before it, said in words, and made anew by a build.

Six bits are flipped in each run, over every file of a workspace, and a thousand in `make test-all` (a quarter of an hour).
"""

import json
import random
import shutil

import pytest

from lindero.app.answers.place.nearby import find_nearby_features
from lindero.app.answers.place.spot import Spot
from lindero.app.builder.build import build_map
from lindero.app.commands.workspace.workspace import build as build_command
from lindero.app.media.pages.current import open_map
from lindero.app.serving.routes import tiles
from lindero.app.text import damage
from lindero.layers.database import integrity, map_database, map_writer
from lindero.layers.disk import builds, checksums
from lindero.layers.disk.checksums import BLOCK, CheckedFile
from lindero.layers.errors import DamagedMapError, LayerError
from lindero.layers.model.schema import LAYERS
from lindero.layers.tiles import tile_archive
from lindero.layers.tiles.tile_archive import Archive
from lindero.layers.workspace import manifest_file
from lindero.layers.workspace.manifest_file import MANIFEST
from tests.amount import amount
from tests.files import Files, concessions

FLIPS = amount(6, 1_000)
SPOT = Spot("", -6.995, -78.495)
TILE = (12, 1154, 2127)


@pytest.fixture(autouse=True)
def _nothing_noticed():
    damage._reported_files.clear()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A map with tiles; nobody changes it."""
    files = Files(tmp_path_factory.mktemp("damage") / "space")
    files.add("concessions", concessions(6))
    files.add("communities", concessions(4).drop(columns=["holder", "status"]), id="comunidades")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(tile_archive.write_archive.__kwdefaults__, "fewest", 1)
        build_map(files.space)
    return files.folder


@pytest.fixture
def folder(built, tmp_path):
    shutil.copytree(built, tmp_path / "space")
    return tmp_path / "space"


def answers(folder):
    """All that is told of a workspace's map: its tables, what lies near, its sources, its tiles."""
    path = builds.current_map(folder / "build")
    con = map_database.connect(path)
    near = find_nearby_features(con, SPOT, within_km=50, layers=[LAYERS["concessions"], LAYERS["communities"]])
    drawn = [path.with_suffix(builds.TILES).is_file() and Archive(path.with_suffix(builds.TILES)).tile(*TILE)]
    told = [
        map_writer.compute_digest(con),
        repr([(row["layer"], row["id"], row["direction"]) for row in near]),
        repr(map_database.read_sources(con)),
    ]
    con.close()
    return [*told, repr(drawn)]


def flip(path, at, bit=0):
    content = bytearray(path.read_bytes())
    content[at] ^= 1 << bit
    path.write_bytes(content)


def beside(folder, suffix):
    return builds.current_map(folder / "build").with_suffix(suffix)


def outcome(copy, good, caplog):
    """What came of a flipped bit: "noticed", "without effect", or "wrong"."""
    caplog.clear()
    damage._reported_files.clear()
    is_noticed = not manifest_file.is_manifest_unchanged(copy)
    try:
        told = answers(copy)
        built_anew = build_map(manifest_file.load_workspace(copy))
        is_noticed |= bool(built_anew.mended)
        told_after = answers(copy)
    except (LayerError, *integrity.DAMAGE):
        return "noticed"
    if is_noticed or caplog.records:
        return "noticed"
    return "without effect" if told == told_after == good else "wrong"


def test_of_flipped_bits_each_is_noticed_or_without_effect(built, tmp_path, caplog):
    good, rng = answers(built), random.Random(17)
    files = sorted(path.relative_to(built) for path in built.rglob("*") if path.is_file() and path.stat().st_size)
    assert {path.suffix for path in files} >= {".duckdb", ".pmtiles", ".toml", ".geojson", ".json"}
    came = {}
    for number in range(FLIPS):
        file, copy = files[number % len(files)], tmp_path / str(number)
        shutil.copytree(built, copy)
        at, bit = rng.randrange(built.joinpath(file).stat().st_size), rng.randrange(8)
        flip(copy / file, at, bit)
        came[str(file), at, bit] = outcome(copy, good, caplog)
        shutil.rmtree(copy)

    assert [flipped for flipped, told in came.items() if told == "wrong"] == []


@pytest.mark.parametrize("suffix", [".pmtiles", ".duckdb"])
def test_a_damaged_file_is_made_anew_by_a_build(folder, suffix):
    good, path = answers(folder), beside(folder, suffix)
    flip(path, path.stat().st_size // 2)

    assert builds.find_damaged_files(folder / "build") == [path.name]
    built = build_map(manifest_file.load_workspace(folder))
    assert built.mended == (path.name,)
    assert built.changed
    assert builds.find_damaged_files(folder / "build") == []
    assert answers(folder)[:-1] == good[:-1]  # so small a map has no tiles unless it is asked for
    assert not build_map(manifest_file.load_workspace(folder)).changed


def test_a_damaged_tile_is_noticed_and_cut_from_the_map(folder):
    path = beside(folder, ".pmtiles")
    open_map.use_folder(folder / "build")
    tiles._build_tile.cache_clear()
    assert open_map.current_map().open_archive() is not None
    good = tiles._read_tile(*TILE)
    assert good is not None
    flip(path, path.read_bytes().index(good) + 5)
    open_map.use_folder(folder / "build")

    with pytest.raises(DamagedMapError):
        Archive(path).tile(*TILE)
    assert tiles._read_tile(*TILE) == good


@pytest.mark.parametrize(
    "arguments", [["report"], ["near", "-6.995", "-78.495"], ["export", "concessions", "-o", "a.csv"]]
)
def test_a_command_on_a_damaged_map_says_a_sentence(folder, arguments, typed, monkeypatch):
    path = builds.current_map(folder / "build")
    content = path.read_bytes()
    path.write_bytes(content[: 3 * 4096] + bytes(byte ^ 1 for byte in content[3 * 4096 :]))
    monkeypatch.setenv("LINDERO_WORKSPACE", str(folder))

    code, _out, said = typed(*arguments)

    assert code == 1
    assert "lindero build" in said
    assert "Traceback" not in said


def test_a_build_says_what_it_made_anew_and_that_the_manifest_was_changed(folder, capsys):
    path, manifest = beside(folder, ".pmtiles"), folder / MANIFEST
    flip(path, path.stat().st_size // 2)
    manifest.write_text(manifest.read_text().replace("Editora", "Editorb"))
    build_command(folder)
    said = capsys.readouterr().err

    assert f"Files damaged on the disk, now rebuilt: {path.name}" in said
    assert "lindero.toml has changed since" in said
    build_command(folder)
    said = capsys.readouterr().err
    assert "damaged on the disk" not in said
    assert "lindero.toml has changed since" not in said


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 7])
def test_every_byte_of_a_file_is_held_and_read_as_it_is(tmp_path, size):
    content, path = random.Random(size).randbytes(size), tmp_path / "x"
    path.write_bytes(content)
    checksums.append_checksums(path)

    assert path.stat().st_size == size + checksums.checksums_size(size)
    assert not checksums.is_damaged(path)
    checked = CheckedFile(path)
    for begin, wanted in ((0, size), (1, size), (max(size - 1, 0), 1), (BLOCK - 1, 2), (size, 5)):
        assert checked.read(begin, wanted) == content[begin : begin + wanted]
    for at in [*({0, size // 2, size - 1} if size else ()), *range(-checksums.checksums_size(size), 0)]:
        flip(path, at)
        assert checksums.is_damaged(path)
        flip(path, at)
    path.write_bytes(path.read_bytes()[:-1])
    assert checksums.is_damaged(path)


def test_only_the_blocks_that_are_looked_at_are_held(tmp_path):
    path, size = tmp_path / "x", 12 * BLOCK
    path.write_bytes(bytes(size))
    checksums.append_checksums(path)
    checked = CheckedFile(path)
    flip(path, size - 20)

    checked.verify_ranges([0, 100], [10, size - BLOCK])
    with pytest.raises(DamagedMapError):
        checked.verify_ranges([0, size - BLOCK], [1, size])


@pytest.mark.parametrize("part", ["digest", "inputs", "built_on", "map"])
def test_a_damaged_pointer_is_no_map_and_the_next_build_makes_one(folder, part):
    path = folder / "build" / builds.POINTER
    pointer = json.loads(path.read_text())
    flip(path, path.read_bytes().index(str(pointer[part]).encode()) + 1)

    assert builds.read_inputs_fingerprint(folder / "build") == ""
    assert build_map(manifest_file.load_workspace(folder)).changed
    assert builds.current_map(folder / "build").is_file()
