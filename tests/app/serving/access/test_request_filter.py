"""Pages of elsewhere get no answer, and have the server ask nobody."""

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from lindero.app.serving.access import request_filter
from lindero.app.serving.asgi import LOOPBACK
from tests import http_answer, loop, small_map
from tests.watching import WATCH

EVIL = "http://evil.example"
HERE = "localhost:8501"


def asked(host=HERE, *, kind="http", method="GET", hosts=LOOPBACK, **headers):
    """The status of an answer to a request: 200 if it is passed on."""
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": kind, "method": method, "path": "/", "headers": [(b"host", host.encode()), *raw]}
    sent = []

    async def passed_on(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        sent.append(message)

    loop.run(request_filter.OriginFilter(passed_on, hosts)(scope, None, send))
    return sent[0].get("status", sent[0]["type"])


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_own_pages_and_no_page_are_answered(kind):
    assert asked(kind=kind) == 200
    assert asked(kind=kind, origin=f"http://{HERE}") == 200
    assert asked(kind=kind, host="[::1]:8501", origin="http://[::1]:8501") == 200
    assert asked(kind=kind, host="LOCALHOST:8501", origin=f"http://{HERE}") == 200


@pytest.mark.parametrize(
    "elsewhere",
    [
        EVIL,
        f"{EVIL}:8501",
        "null",
        "",
        "http://localhost",
        "http://localhost:9",
        f"http://{HERE}.evil.example",
        "http://[",
        "file://",
    ],
)
def test_pages_of_elsewhere_are_refused(elsewhere):
    assert asked(origin=elsewhere) == 403
    assert asked(origin=elsewhere, hosts=(request_filter.ANY,)) == 403
    assert asked(kind="websocket", origin=elsewhere) == "websocket.close"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8501", "localhost.evil.example", "[::2]:8501", "", "[", "a@localhost:x"]
)
def test_another_name_is_refused(host):
    assert asked(host) == 400
    assert asked(host, kind="websocket") == "websocket.close"


@pytest.mark.parametrize("hosts", [LOOPBACK, (request_filter.ANY,)])
def test_a_host_whose_port_there_cannot_be_is_refused(hosts):
    assert asked("localhost:65535", hosts=hosts) == 200
    assert asked("localhost:65536", hosts=hosts) == 400
    assert asked("localhost:99999999", hosts=hosts) == 400


def test_two_origins_and_two_hosts_are_refused():
    raw = [(b"host", HERE.encode()), (b"origin", f"http://{HERE}".encode())]
    check = request_filter.OriginFilter(None, LOOPBACK)

    for twice in raw:
        assert check._refusal_status(request_filter.Headers(raw=[*raw, twice]), {"method": "GET"}) in {400, 403}


def test_an_answer_is_loaded_into_no_page_of_elsewhere_but_links_lead_here():
    other = {"sec_fetch_site": "cross-site"}

    assert asked(**other, sec_fetch_mode="no-cors", sec_fetch_dest="image") == 403
    assert asked(**other, sec_fetch_mode="navigate", sec_fetch_dest="iframe") == 403
    assert asked(**other, sec_fetch_mode="navigate", sec_fetch_dest="document", method="POST") == 403
    assert asked(**other, sec_fetch_mode="navigate", sec_fetch_dest="document") == 200
    assert asked(sec_fetch_site="same-origin", sec_fetch_mode="no-cors", sec_fetch_dest="image") == 200


def test_a_form_of_an_own_page_that_names_itself_to_nobody_is_answered():
    assert asked(method="POST", origin="null", sec_fetch_site="same-origin") == 200
    assert asked(method="POST", origin="null", sec_fetch_site="cross-site") == 403


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    folder = tmp_path_factory.mktemp("watched") / "build"
    small_map.publish(folder)
    with small_map.serving(folder, before=WATCH) as address:
        yield address.removeprefix("http://")


def test_a_page_of_elsewhere_opens_no_connection_and_has_the_server_ask_nobody(watched):
    async def opened():
        async with connect(f"ws://{watched}/_stcore/stream", subprotocols=["streamlit"], origin=EVIL):
            pass

    with pytest.raises(InvalidStatus) as refused:
        loop.run(opened())

    assert refused.value.response.status_code == 403
    assert status(watched, "/health") == 200


@pytest.mark.parametrize(
    "path", ["/", "/health", "/tiles/map/0/0/0", "/_stcore/host-config", "/media/x", "/feed/region/x.atom"]
)
def test_no_route_answers_a_page_of_elsewhere(watched, path):
    assert status(watched, path, Origin=EVIL) == 403
    assert status(watched, path, Host="evil.example") == 400


def status(server, path, **headers):
    return http_answer.ask(server, path, **headers).status
