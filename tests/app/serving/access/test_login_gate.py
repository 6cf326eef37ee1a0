"""Sessions begin at a login and end at *Log out*, and nothing answers without one."""

import json

import pytest
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from lindero.app.serving.access import login_gate
from lindero.app.serving.streamlit_host import inside
from tests import loop

NAME = inside.LOGIN_COOKIE


def signed(secret=None, **told):
    value = json.dumps(told | {"is_logged_in": True})
    return create_signed_value(secret or get_cookie_secret(), NAME, value).decode()


class Reader:
    """Who asks the gate, with the cookies that it keeps."""

    def __init__(self, asked_of, cookies=""):
        self.gate, self.cookies = asked_of, cookies

    def ask(self, path, *, kind="http", sets=(), accept="", heard=()):
        """What comes back: the first message, or what the page heard."""
        headers = [(b"cookie", self.cookies.encode()), (b"accept", accept.encode()), (b"host", b"x")]
        scope = {"type": kind, "method": "GET", "path": path, "query_string": b"", "headers": headers}
        sent, said = [], [*heard]

        async def app(_scope, receive, send):
            if kind == "websocket":
                sent.append(await receive())
                return
            made = [(b"set-cookie", one.encode()) for one in sets]
            await send({"type": "http.response.start", "status": 200, "headers": made})

        async def receive():
            self.during()
            return said.pop(0)

        async def send(message):
            sent.append(message)

        self.gate.app = app
        loop.run(self.gate(scope, receive, send))
        return sent[0]

    def during(self):
        """What happens before a page is heard."""


@pytest.fixture
def closed():
    return login_gate.LoginGate(None, has_tls=False)


def logged_in(of, value):
    Reader(of).ask(inside.CALLBACK, sets=[f"{NAME}={value}; Path=/; HttpOnly"])
    return Reader(of, f"{NAME}={value}")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/tiles/map/0/0/0",
        "/feed/x.atom",
        "/ogc/collections",
        "/media/x",
        "/_stcore/upload_file/a/b",
        "/static/js/x.js",
    ],
)
def test_nothing_answers_before_a_login(closed, path):
    assert Reader(closed).ask(path)["status"] == 401
    assert Reader(closed).ask("/_stcore/stream", kind="websocket")["type"] == "websocket.close"
    assert logged_in(closed, signed()).ask(path)["status"] == 200


def test_a_page_says_where_to_log_in(closed):
    assert Reader(closed).ask("/", accept="text/html")["status"] == 401
    assert Reader(closed).ask(login_gate.LOGIN_PATH)["status"] == 200
    assert Reader(closed).ask("/health")["status"] == 200


def test_a_cookie_that_streamlit_signed_is_no_session_until_a_login_has_made_it(closed):
    assert Reader(closed, f"{NAME}={signed()}").ask("/")["status"] == 401


@pytest.mark.parametrize(
    "value", ["", "nonsense", signed("another secret")], ids=["none", "nonsense", "of another secret"]
)
def test_what_streamlit_has_not_signed_begins_no_session(closed, value):
    assert logged_in(closed, value).ask("/")["status"] == 401


def test_the_old_cookie_answers_nothing_after_log_out(closed):
    reader, other = logged_in(closed, signed(sub="a")), logged_in(closed, signed(sub="b"))

    reader.ask(inside.LOGOUT)

    assert reader.ask("/")["status"] == 401
    assert reader.ask("/_stcore/stream", kind="websocket")["type"] == "websocket.close"
    assert other.ask("/")["status"] == 200


def test_an_open_page_is_heard_no_more_after_log_out(closed):
    reader = logged_in(closed, signed(sub="a"))
    message = {"type": "websocket.receive", "bytes": b"x"}
    assert reader.ask("/_stcore/stream", kind="websocket", heard=[message]) == message

    reader.during = lambda: closed.sessions.end({NAME: reader.cookies.partition("=")[2]})

    assert reader.ask("/_stcore/stream", kind="websocket", heard=[message])["type"] == "websocket.disconnect"


def test_a_session_ends_by_itself():
    now = [0.0]
    of = login_gate.LoginGate(None, has_tls=False, sessions=login_gate.Sessions(lambda: now[0]))
    reader = logged_in(of, signed())

    now[0] = inside.SESSION_S + 1

    assert reader.ask("/")["status"] == 401


def test_a_long_cookie_comes_in_parts_and_its_tokens_do_not_count():
    cookies = {NAME: "chunks-2", f"{NAME}_1": "a", f"{NAME}_2": "b"}

    assert login_gate._hash_cookies(cookies) == login_gate._hash_cookies(
        cookies | {f"{NAME}_tokens": "t", "_candidate_text": "o"}
    )
    assert login_gate._hash_cookies(cookies) != login_gate._hash_cookies(cookies | {f"{NAME}_2": "c"})


@pytest.mark.parametrize("has_tls", [True, False])
def test_cookies_go_by_tls_alone_where_readers_come_by_it(has_tls):
    of = login_gate.LoginGate(None, has_tls=has_tls)
    sent = Reader(of).ask(inside.CALLBACK, sets=["a=1; Path=/", "b=2; Secure"])

    assert [value for name, value in sent["headers"] if name == b"set-cookie"] == [
        b"a=1; Path=/; Secure" if has_tls else b"a=1; Path=/",
        b"b=2; Secure",
    ]
