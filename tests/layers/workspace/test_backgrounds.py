"""Backgrounds of the operator's own: added, listed, taken out by commands; refused whole where they would do harm."""

import pytest

from lindero.layers.workspace import backgrounds, manifest_file
from tests.background_files import mbtiles, pmtiles


@pytest.fixture
def space(typed, tmp_path):
    assert typed("init", "space")[0] == 0
    return tmp_path / "space"


def kept(space):
    return sorted(path.name for path in (space / "basemap").glob("*")) if (space / "basemap").exists() else []


def test_a_file_is_added_listed_and_taken_out(typed, space, tmp_path):
    file = pmtiles(tmp_path / "Satélite 2026.pmtiles")

    code, _out, told = typed("basemap", "add", file, "--workspace", space)

    assert code == 0
    assert "images (PNG), zoom levels 6 to 10, longitude -75.50 to -74.00, latitude -10.50 to -9.50" in told
    assert "Added as satelite-2026, with the attribution: © Example Imagery" in told
    assert kept(space) == ["satelite-2026.pmtiles"]
    assert "satelite-2026\tSatélite 2026\timages (PNG)" in typed("basemap", "list", "--workspace", space)[1]
    assert "a basemap named satelite-2026 already exists" in typed("basemap", "add", file, "--workspace", space)[2]
    assert "The basemap satelite-2026 is present and unchanged." in typed("doctor", space)[1]

    assert "Removed: satelite-2026." in typed("basemap", "remove", "satelite-2026", "--workspace", space)[2]
    assert kept(space) == []
    assert "Only the basemap that comes with Lindero" in typed("basemap", "list", "--workspace", space)[2]
    assert "there is no basemap 'nowhere'" in typed("basemap", "remove", "nowhere", "--workspace", space)[2]


def test_mbtiles_are_kept_as_pmtiles_and_nothing_else_is_left(typed, space, tmp_path):
    file = mbtiles(tmp_path / "own.mbtiles")

    assert typed("basemap", "add", file, "--id", "fotos", "--workspace", space)[0] == 0
    assert kept(space) == ["fotos.pmtiles"]
    assert [entry.title for entry in backgrounds.TABLE.read_entries(space)] == ["Fotos"]
    assert sorted(path.name for path in space.iterdir()) == [".lindero.toml.lock", "basemap", "files", "lindero.toml"]


def test_whose_it_is_has_to_be_said_and_is_kept_as_plain_text(typed, space, tmp_path):
    nobodys = pmtiles(tmp_path / "own.pmtiles", attribution="<script>alert(1)</script>")

    code, _out, told = typed("basemap", "add", nobodys, "--workspace", space)
    assert (code, kept(space)) == (1, [])
    assert "--attribution" in told

    said = '<img src=x onerror="alert(1)">© Example'
    assert typed("basemap", "add", nobodys, "--attribution", said, "--workspace", space)[0] == 0
    assert backgrounds.TABLE.read_entries(space)[0].attribution == "© Example"


def test_a_refused_file_leaves_the_workspace_as_it_was(typed, space, tmp_path):
    before = (space / "lindero.toml").read_bytes()
    cut = tmp_path / "cut.pmtiles"
    cut.write_bytes(pmtiles(tmp_path / "own.pmtiles").read_bytes()[:-1])
    table = tmp_path / "table.mbtiles"
    table.write_text("a,b\n1,2\n")

    for file, why in [
        (cut, "is truncated"),
        (table, "is not a PMTiles file"),
        (tmp_path / "none.pmtiles", "cannot be read"),
    ]:
        code, _out, told = typed("basemap", "add", file, "--workspace", space)
        assert (code, why in told, "Traceback" in told) == (1, True, False), told

    assert (space / "lindero.toml").read_bytes() == before
    assert kept(space) == []


def test_a_background_that_is_gone_or_changed_is_told_by_the_doctor(typed, space, tmp_path):
    typed("basemap", "add", pmtiles(tmp_path / "own.pmtiles"), "--workspace", space)
    (space / "basemap" / "own.pmtiles").write_bytes(b"else")

    code, told, _err = typed("doctor", space)

    assert code == 1
    assert "the file of the basemap own is missing or has changed since it was added" in told
    assert "the file of the basemap own is missing" in typed("basemap", "list", "--workspace", space)[1]


@pytest.mark.parametrize(
    "line",
    [
        'id = "../../etc"\ntitle = "a"\nattribution = "b"\nsha256 = "c"',
        'id = "a"\ntitle = "a"\nsha256 = "c"',
        'id = 3\ntitle = "a"\nattribution = "b"\nsha256 = "c"',
    ],
)
def test_a_manifest_that_names_no_background_of_its_own_is_not_followed(typed, space, line):
    with (space / "lindero.toml").open("a") as manifest:
        manifest.write(f"\n[[basemap]]\n{line}\n")

    code, _out, told = typed("basemap", "list", "--workspace", space)

    assert code == 1
    assert "each [[basemap]] needs" in told
    assert manifest_file.load_workspace(space).sources == ()
