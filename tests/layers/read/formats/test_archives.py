import pytest

from lindero.layers.errors import SourceError
from lindero.layers.read.formats.archives import unpack
from lindero.layers.read.reader import read
from tests.files import concessions, zipped


def test_the_layer_and_its_parts_are_taken_out_for_a_while(tmp_path):
    path = zipped(
        tmp_path / "a.zip", **{"x/Capa.SHP": "s", "x/capa.dbf": "d", "x/leeme.txt": "notes", "y/capa.prj": "p"}
    )

    with unpack(path) as inner:
        assert inner.read_text() == "s"
        assert sorted(file.name for file in inner.parent.iterdir()) == ["Capa.SHP", "capa.dbf"]
    assert not inner.exists()


@pytest.mark.parametrize("name", ["../../fuera.csv", "/etc/fuera.csv", "a\\..\\..\\fuera.csv"])
def test_a_member_that_points_outside_is_refused(tmp_path, name):
    path = zipped(tmp_path / "a.zip", **{name: "a,b\n"})

    with pytest.raises(SourceError, match="leads outside the archive"), unpack(path):
        pass
    assert not list(tmp_path.parent.rglob("fuera.csv"))


def test_an_archive_of_too_many_files_is_refused(tmp_path):
    path = zipped(tmp_path / "a.zip", **{f"{number}.txt": "x" for number in range(1001)})

    with pytest.raises(SourceError, match="would unpack to 1001 files"), unpack(path):
        pass


def test_truncated_and_damaged_archives_are_refused(tmp_path):
    concessions(200).to_file(tmp_path / "capa.geojson", driver="GeoJSON")
    whole = zipped(tmp_path / "a.zip", capa__geojson=tmp_path / "capa.geojson").read_bytes()
    damaged = bytearray(whole)
    damaged[200:260] = b"\xff" * 60

    for content in (whole[: len(whole) // 2], bytes(damaged)):
        path = tmp_path / "b.zip"
        path.write_bytes(content)
        with pytest.raises(SourceError, match="broken or truncated ZIP"):
            read(path)
