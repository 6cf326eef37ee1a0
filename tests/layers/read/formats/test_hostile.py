"""Files made to reach out, to read what is not theirs, or to take the machine down: they are read behind walls, or refused."""

import gzip
import io
import json
import socket
import sqlite3
import threading
import time
import zipfile
from contextlib import suppress
from dataclasses import asdict

import pyogrio
import pytest

from lindero.layers.errors import DamagedError, LayerError, SourceError
from lindero.layers.read.formats.vector.gdal import ALLOWED_DRIVERS
from lindero.layers.read.reader import read
from lindero.layers.read.sandbox import client
from lindero.layers.read.sandbox.restrictions import Limits
from tests.files import collection, concessions, feature, geojson, square, text, zipped

SECRET = "canario-7391"


@pytest.fixture(scope="module")
def listener():
    """A server on loopback that notes who knocks."""
    knocks = []
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.2)
    done = threading.Event()

    def serve():
        while not done.is_set():
            with suppress(TimeoutError, OSError):
                peer, _ = server.accept()
                knocks.append(peer.recv(200))
                peer.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                peer.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield server.getsockname()[1], knocks
    done.set()
    thread.join()
    server.close()


@pytest.fixture
def canary(tmp_path):
    return text(tmp_path / "ajeno" / "canario.csv", f"code,longitude,latitude\n{SECRET},-78.5,-7.0\n")


def vrt(source):
    return f'<OGRVRTDataSource><OGRVRTLayer name="canario"><SrcDataSource>{source}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'


def hostile(port, canary):
    url = f"http://127.0.0.1:{port}"
    link = {"type": "link", "properties": {"href": f"{url}/crs", "type": "ogcwkt"}}
    return {
        "vrt.geojson": vrt(canary),
        "vrt.kml": f"<!-- <kml> -->{vrt(canary)}",
        "red.vrt": vrt(f"/vsicurl/{url}/a.csv"),
        "gdalg.json": json.dumps({"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline read {canary}"}),
        "wfs.xml": f"<OGRWFSDataSource><URL>{url}/wfs</URL></OGRWFSDataSource>",
        "wms.xml": f'<GDAL_WMS><Service name="WMS"><ServerUrl>{url}</ServerUrl></Service></GDAL_WMS>',
        "oapif.csv": f"OAPIF:{url}/collections\n",
        "vsicurl.csv": f"/vsicurl/{url}/a.csv\n",
        "enlace.geojson": collection([feature({"code": "C1"}, square())], crs=link),
        "enlace.kml": f'<kml xmlns="http://www.opengis.net/kml/2.2"><NetworkLink><Link><href>{url}/a.kml</href></Link></NetworkLink></kml>',
        "entidad.kml": f'<!DOCTYPE kml [<!ENTITY x SYSTEM "file://{canary}">]><kml><Placemark><name>&x;</name></Placemark></kml>',
        "enlace.gml": f'<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs" xmlns:gml="http://www.opengis.net/gml" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://x {url}/a.xsd"><gml:featureMember><capa gml:id="1"><nombre xlink:href="file://{canary}"/><gml:pointProperty xlink:href="{url}/p.gml"/></capa></gml:featureMember></wfs:FeatureCollection>',
        "entidad.gml": f'<!DOCTYPE x [<!ENTITY x SYSTEM "file://{canary}">]><wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs"><capa>&x;</capa></wfs:FeatureCollection>',
        "vista.tab": f'!table\n!version 100\nOpen Table "{canary}" Hide\nCreate View a As Select * From b\n',
        "enlace.mif": f'Version 300\nCharset "Neutral"\nDelimiter ","\nColumns 1\n  a Char(9)\nData\nOpen Table "{canary}"\n',
        "bloque.dxf": f"  0\nSECTION\n  2\nENTITIES\n  0\nINSERT\n  2\n{canary}\n  0\nENDSEC\n  0\nEOF\n",
        "risas.kml": '<!DOCTYPE kml [<!ENTITY a "aaaaaaaaaa">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1 if i else chr(0)};" * 10}">'.replace("\0", "") for i in range(9)) + "]><kml>&a8;</kml>",
    }  # fmt: skip


def told(path):
    """All that the reader says of a file, be it rows or an error."""
    try:
        return read(path).rows.to_csv()
    except LayerError as error:
        return str(error)


def test_no_hostile_file_reads_another_or_reaches_an_address(tmp_path, listener, canary):
    port, knocks = listener
    for name, content in hostile(port, canary).items():
        path = text(tmp_path / name, content)
        assert SECRET not in told(path), name
    assert knocks == []


def test_the_same_files_do_bite_without_walls(tmp_path, listener, canary):
    port, knocks = listener
    files = hostile(port, canary)

    plain = pyogrio.read_dataframe(text(tmp_path / "vrt.geojson", files["vrt.geojson"]))
    assert plain["code"].tolist() == [SECRET]
    with suppress(Exception):
        pyogrio.read_dataframe(text(tmp_path / "red.vrt", files["red.vrt"]))
    for _ in range(100):
        if knocks:
            break
        time.sleep(0.05)
    assert knocks
    knocks.clear()


@pytest.mark.parametrize("name", ["a\x1b[31m.geojson", "/vsizip!.geojson", "zip:__a.geojson", "a\u202egpj.geojson"])
def test_a_name_means_nothing_and_steers_nothing(tmp_path, name):
    path = tmp_path / name.replace("/", "")
    geojson(path, concessions())
    assert read(path).row_count == 3
    path.write_bytes(b"{")
    with pytest.raises(SourceError) as refused:
        read(path)
    assert not set("\x1b\u202e") & set(str(refused.value))


def test_a_link_in_place_of_a_part_is_not_followed(tmp_path, canary):
    concessions().to_file(tmp_path / "capa.shp")
    (tmp_path / "capa.dbf").unlink()
    (tmp_path / "capa.dbf").symlink_to(canary)

    with pytest.raises(SourceError, match="link to a file elsewhere"):
        read(tmp_path / "capa.shp")


def test_a_geopackage_made_by_code_is_refused(tmp_path):
    concessions().to_file(tmp_path / "a.gpkg", driver="GPKG")
    con = sqlite3.connect(tmp_path / "a.gpkg")
    con.execute("PRAGMA writable_schema = 1")
    con.execute(
        "INSERT INTO sqlite_master VALUES ('table', 'x', 'x', 0, 'CREATE VIRTUAL TABLE x USING VirtualOGR(''/etc/passwd'')')"
    )
    con.commit()
    con.close()

    with pytest.raises(SourceError, match=r"which is computed by code|cannot be read"):
        read(tmp_path / "a.gpkg")


@pytest.mark.parametrize("view", ["rows", "gpkg_contents"])
def test_a_geopackage_with_a_view_is_refused(tmp_path, view):
    concessions().to_file(tmp_path / "a.gpkg", driver="GPKG")
    with sqlite3.connect(tmp_path / "a.gpkg") as con:
        many = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT i, zeroblob(8000) AS b FROM n"
        if view == "gpkg_contents":
            con.execute("ALTER TABLE gpkg_contents RENAME TO others")
        con.execute(f"CREATE VIEW {view} AS {many}")
    con.close()

    with pytest.raises(SourceError, match=f"view {view}"):
        read(tmp_path / "a.gpkg")


def dense(path, rows=40, letters=20_000):
    """A GeoParquet file in which one long text, stored once, stands in each row."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    concessions(rows).to_parquet(path)
    table = pq.read_table(path)
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["ñ" * letters]))
    pq.write_table(table.append_column("nota", texts), path)
    return path


def test_a_text_that_is_stored_once_is_counted_in_each_row(tmp_path, monkeypatch):
    path = dense(tmp_path / "a.parquet")
    assert path.stat().st_size < 100_000
    assert set(read(path).rows["nota"].str.len()) == {20_000}

    monkeypatch.setattr(client, "configured_limits", lambda: Limits(attribute_bytes=1024**2))
    with pytest.raises(SourceError, match="1 MB in its fields"):
        read(path)


def test_a_list_of_many_values_in_few_bytes_is_counted_as_what_it_becomes(tmp_path, monkeypatch):
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "a.parquet"
    concessions(10).to_parquet(path)
    values = pa.array([[0] * 100_000, *[None] * 9], pa.list_(pa.int8()))
    pq.write_table(pq.read_table(path).append_column("nota", values), path)
    assert path.stat().st_size < 20_000

    monkeypatch.setattr(client, "configured_limits", lambda: Limits(attribute_bytes=2 * 1024**2))
    with pytest.raises(SourceError, match="2 MB in its fields"):
        read(path)


def test_a_table_of_too_many_columns_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("name,longitude,latitude" + ",x" * 50_000 + "\nA,-78,-7" + ",1" * 50_000 + "\n")

    with pytest.raises(SourceError, match="more than 4096 columns"):
        read(path)


@pytest.mark.parametrize("limit", [{"rows": 10}, {"attribute_bytes": 2_000}, {"geometry_bytes": 1_000}])
def test_who_asks_counts_too_and_the_next_file_is_read(tmp_path, monkeypatch, limit):
    """The reader that is asked is one that does not count: what it sends is refused where it is received."""
    path = geojson(tmp_path / "a.geojson", concessions(50))
    monkeypatch.setattr(client, "asdict", lambda told: asdict(Limits() if isinstance(told, Limits) else told))
    monkeypatch.setattr(client, "configured_limits", lambda: Limits(**limit))
    with pytest.raises(SourceError, match="in its fields, which is over the limit"):
        read(path)
    monkeypatch.undo()

    assert read(path).row_count == 50


def test_what_a_reader_sends_in_few_bytes_for_many_is_not_taken():
    import pyarrow as pa

    from lindero.layers.read.sandbox.worker_protocol import Head, to_json

    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 100, pa.int32()), pa.array(["ñ" * 1_000]))
    sent = io.BytesIO()
    sent.write(to_json(Head("CSV", ["a"])).encode() + b"\n")
    with pa.ipc.new_stream(sent, pa.schema({"a": texts.type})) as stream:
        stream.write_batch(pa.record_batch([texts], names=["a"]))
    sent.seek(0)

    with pytest.raises(EOFError):
        client._receive_response(sent, Limits(), "a.csv")


@pytest.mark.parametrize("at", [8, 12, 40])
def test_a_flatgeobuf_that_lies_about_its_sizes_is_refused_in_words(tmp_path, at):
    concessions(20).to_file(tmp_path / "a.fgb", driver="FlatGeobuf")
    content = bytearray(tmp_path.joinpath("a.fgb").read_bytes())
    content[at : at + 4] = b"\xff\xff\xff\x7f"
    tmp_path.joinpath("a.fgb").write_bytes(content)

    with pytest.raises(DamagedError) as refused:
        read(tmp_path / "a.fgb")
    assert "Error" not in str(refused.value)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    with pytest.raises(SourceError, match="would unpack to 1 files and 47 MB, which is over the limit"):
        read(zipped(tmp_path / "a.zip", **{"a.csv": b"0" * 50_000_000}))
    tmp_path.joinpath("a.gz").write_bytes(gzip.compress(b"0" * 50_000_000))
    with pytest.raises(SourceError, match=r"would unpack to .*, which is over the limit"):
        read(tmp_path / "a.gz")


def test_a_size_that_an_archive_lies_about_does_not_help(tmp_path):
    path = zipped(tmp_path / "a.zip", **{"a.csv": b"0" * 5_000_000})
    content = bytearray(path.read_bytes())
    for at in (22, content.rindex(b"PK\x01\x02") + 24):
        content[at : at + 4] = (1000).to_bytes(4, "little")
    path.write_bytes(bytes(content))

    with pytest.raises(SourceError):
        read(path)


def test_memory_and_time_are_bounded(tmp_path, monkeypatch):
    path = geojson(tmp_path / "a.geojson", concessions(3_000))
    monkeypatch.setenv("LINDERO_READER_MEMORY_MB", "1")
    with pytest.raises(SourceError):
        read(path)
    monkeypatch.delenv("LINDERO_READER_MEMORY_MB")
    assert read(path).row_count == 3_000  # and the next file is read as if nothing had happened


def test_rows_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(client, "configured_limits", lambda: Limits(rows=10))
    with pytest.raises(SourceError, match="more than 10 rows"):
        read(geojson(tmp_path / "a.geojson", concessions(11)))


def test_the_reader_says_which_walls_stood(tmp_path):
    walls = set(read(geojson(tmp_path / "a.geojson", concessions())).walls)

    assert "python" in walls
    import sys

    if sys.platform == "linux":
        assert {"memory", "time", "file_size", "network"} <= walls


def test_only_the_drivers_that_layers_need_are_there():
    import subprocess
    import sys

    script = "import pyogrio; print(*pyogrio.list_drivers(read=True), sep='|')"
    told = subprocess.run(
        [sys.executable, "-c", script], env=client._environment(), capture_output=True, text=True, check=True
    )

    assert set(told.stdout.strip().split("|")) == ALLOWED_DRIVERS


def test_an_archive_with_a_link_is_refused(tmp_path):
    link = zipfile.ZipInfo("capa.csv")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/hostname")

    with pytest.raises(SourceError, match="leads outside"):
        read(tmp_path / "a.zip")
