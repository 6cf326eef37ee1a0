"""What who cannot even log in may make the server do: nothing that fills its memory, its log or its connections."""

import http.client
import socket

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from lindero.app.serving.access.slow_connections import UploadLimits
from lindero.app.serving.asgi import LARGEST, _server_config
from lindero.app.serving.streamlit_host import inside
from tests import http_answer, loop, small_map

SOON = "from lindero.app.serving.access import slow_connections as slow; slow.HEADERS_S = slow.BODY_S = 0.3"
FILE = b'--b\r\ncontent-disposition: form-data; name="f"; filename="f.csv"\r\n\r\na,b\r\n--b--\r\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bounds")
    small_map.publish(folder / "build")
    return folder


@pytest.fixture(scope="module")
def log(folder):
    return folder / "log"


@pytest.fixture(scope="module")
def server(folder, log):
    with small_map.serving(folder / "build", before=SOON, log=log, anew=False) as address:
        yield address.removeprefix("http://")


@pytest.fixture(scope="module")
def operated(folder):
    with small_map.serving(folder / "build", operated=folder) as address:
        yield address.removeprefix("http://")


def ask(*asked, **headers):
    return http_answer.ask(*asked, **headers).status


@pytest.mark.parametrize(
    "path",
    [
        "/static/%00.js",
        "/static/%0a.js",
        f"/tiles/map/{'9' * 5_000}/0/0",
        f"/tiles/map/0/{'9' * 400}/0",
        f"/tiles/base/0/{'9' * 400}/0",
        "/feed/%00.atom",
        "/_stcore/metrics",
        "/_stcore/agent/openapi.json",
        "/_stcore/agent/interact",
        "/_stcore/agent/mcp",
        "/_stcore/script-health-check",
    ],
)
def test_what_no_page_asks_for_is_not_found(server, log, path):
    assert ask(server, path) in {204, 404}
    assert "Traceback" not in log.read_text()


def test_uploads_are_taken_only_where_there_is_an_uploader(server, operated):
    for address, status in ((server, 404), (operated, 403)):  # without the token that its page has
        assert (
            ask(
                address,
                f"{inside.UPLOADS}a/b",
                "PUT",
                FILE,
                **{"Content-Type": "multipart/form-data; boundary=b"},
            )
            == status
        )


def test_a_file_tells_its_size(operated):
    assert ask(operated, f"{inside.UPLOADS}a/b", "PUT", iter([FILE])) == 411
    assert ask(operated, f"{inside.UPLOADS}a/b", "PUT", b"", **{"Content-Length": str(2 * LARGEST + 1)}) == 413


def test_files_are_bounded_for_a_session_and_in_all(monkeypatch):
    kept = []
    monkeypatch.setattr("lindero.app.serving.streamlit_host.inside.list_uploads", lambda: kept)
    uploads = UploadLimits(None, of_one=10, of_all=25)

    assert uploads._refusal_status("a", 10) == 0
    kept.append(("a", 6))
    uploads._coming[object()] = "a", 2
    assert uploads._refusal_status("a", 2) == 0
    assert uploads._refusal_status("a", 3) == 413
    kept.append(("b", 9))
    assert uploads._refusal_status("c", 8) == 0
    assert uploads._refusal_status("c", 9) == 507


def test_what_is_on_its_way_is_counted_until_it_has_come(monkeypatch):
    monkeypatch.setattr("lindero.app.serving.streamlit_host.inside.list_uploads", list)
    counted = []

    async def app(_scope, _receive, _send):
        counted.append([*uploads._coming.values()])

    uploads = UploadLimits(app, of_one=10, of_all=20)
    scope = {
        "type": "http",
        "method": "PUT",
        "path": f"{inside.UPLOADS}a/1",
        "headers": [(b"content-length", b"7")],
    }
    loop.run(uploads(scope, None, None))

    assert counted == [[("a", 7)]]
    assert uploads._coming == {}


@pytest.mark.parametrize("frame", [b"\xff" * 50, b"", "text"])
def test_what_is_no_message_ends_the_connection_and_stands_in_no_log(server, log, frame):
    async def sent():
        async with connect(f"ws://{server}/_stcore/stream", subprotocols=["streamlit"], max_size=None) as connection:
            await connection.send(frame)
            while True:
                await connection.recv()

    before = log.read_text()
    for _ in range(20):
        with pytest.raises(ConnectionClosed):
            loop.run(sent())
    assert log.read_text() == before


def test_a_message_is_answered(server):
    async def answered():
        async with connect(f"ws://{server}/_stcore/stream", subprotocols=["streamlit"], max_size=None) as connection:
            order = BackMsg()
            order.rerun_script.SetInParent()
            await connection.send(order.SerializeToString())
            return ForwardMsg.FromString(await connection.recv())

    assert loop.run(answered()).WhichOneof("type") is not None


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET /health HT",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-",
        b"PUT /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc",
    ],
)
def test_a_request_that_does_not_go_on_is_closed(server, begun):
    with socket.create_connection(server.split(":"), 60) as half:
        half.sendall(begun)
        while half.recv(1_000):  # an answer before the whole of it came may be, and then the end
            pass


def test_a_connection_is_kept_for_the_next_request(server):
    connection = http.client.HTTPConnection(server, timeout=20)
    for _ in range(3):
        connection.request("GET", "/health")
        assert connection.getresponse().read()
    connection.close()


def test_a_server_answers_at_its_own_address_of_ipv6(folder):
    with small_map.serving(folder / "build", host="::1") as address:
        assert address.startswith("http://[::1]:")
        assert ask(address.removeprefix("http://"), "/health") == 200


def test_a_connection_is_kept_longer_than_a_web_server_in_front_keeps_it():
    assert _server_config(None, "127.0.0.1", 0).timeout_keep_alive > 120  # Caddy's two minutes; others keep it less
