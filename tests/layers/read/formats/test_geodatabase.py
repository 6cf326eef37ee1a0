"""File Geodatabases as GDAL writes them, zipped and as folders, behind the walls."""

import subprocess
import sys
from pathlib import Path

import pytest

from lindero.app.commands.workspace import add_flow
from lindero.layers.errors import SourceError
from lindero.layers.read.formats.archives import pack
from lindero.layers.read.reader import read
from lindero.layers.workspace import manifest_file
from lindero.layers.workspace.file_copy import copy_to_memory
from tests.files import concessions

_WRITE = "import sys, pyogrio, geopandas; pyogrio.write_dataframe(geopandas.read_file(sys.argv[1]).to_crs(32717), sys.argv[2], driver='OpenFileGDB', layer='titulos')"


@pytest.fixture(scope="module")
def geodatabase(tmp_path_factory):
    """Written by a process of its own: here GDAL is to have no other drivers than those that layers need."""
    folder = tmp_path_factory.mktemp("received")
    rows = folder / "rows.geojson"
    rows.write_text(concessions().to_json())
    written = folder / "Catastro Minero.gdb"
    subprocess.run([sys.executable, "-c", _WRITE, str(rows), str(written)], check=True)
    return written


def test_a_zipped_geodatabase_is_read_row_for_row_behind_the_walls(geodatabase, tmp_path):
    received = read(pack(geodatabase, tmp_path / "catastro.zip"))

    assert received.format == "File Geodatabase"
    assert received.rows["name"].tolist() == ["Peñón Ñandú 1", "Peñón Ñandú 2", "Peñón Ñandú 3"]
    assert received.crs.to_epsg() == 32717
    assert {"python"} <= set(received.walls)


def test_a_folder_becomes_one_file_the_same_each_time(geodatabase):
    with copy_to_memory(geodatabase) as one, copy_to_memory(geodatabase) as other:
        assert one.name == "Catastro Minero.gdb.zip"
        assert one.read_bytes() == other.read_bytes()
        assert len(read(one).rows) == 3
    assert not one.exists()


def test_a_link_in_the_folder_is_not_followed(tmp_path):
    copy = tmp_path / "a.gdb"
    copy.mkdir()
    copy.joinpath("a00000001.gdbtable").symlink_to(Path("/etc/hostname"))

    with pytest.raises(SourceError, match="not a regular file of a geodatabase"), copy_to_memory(copy):
        pass


def test_a_folder_is_added_like_a_file(geodatabase, files):
    wishes = add_flow.SourceOptions(layer="concessions", publisher="P", id="gdb", snapshot_on="2026-01-01")

    assert add_flow.add_file(files.space, str(geodatabase), wishes, add_flow.Consent(yes=True))

    (entry,) = manifest_file.load_workspace(files.folder).sources
    assert entry.file.endswith("/Catastro Minero.gdb.zip")
    assert files.folder.joinpath(entry.file).is_file()
