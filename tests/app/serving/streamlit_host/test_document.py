"""The page that a browser opens: its language, its title, and that an address where nothing is says so."""

import gzip
import json
import re

import pytest

from lindero.app.media.pages.current import open_map
from lindero.app.media.pages.frame import page
from lindero.app.serving.streamlit_host import document
from lindero.app.text import i18n
from tests import loop


class Answer:
    """What the server says at an address, or that it passes the question on."""

    def __init__(self, path, query="", method="GET", **headers):
        raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": raw}
        self.status, self.text, self.headers = "passed on", b"", []

        async def app(_scope, _receive, _send):
            pass

        async def send(message):
            self.status = message.get("status", self.status)
            self.text += message.get("body", b"")
            self.headers += message.get("headers", [])

        loop.run(document.Document(app, ("health", "tiles", "assets"))(scope, None, send))
        self.text = (gzip.decompress(self.text) if "accept_encoding" in headers else self.text).decode()


@pytest.fixture(autouse=True)
def _nobody_operates():
    open_map.set_operated_workspace(None)


@pytest.mark.parametrize("path", page.VIEWS)
@pytest.mark.parametrize(("accepted", "language"), [("es-PE,es;q=0.9", "es"), ("en-GB", "en"), ("qu", "es")])
def test_every_page_has_a_language_and_a_title_in_it(path, accepted, language):
    answer = Answer(f"/{path}", accept_language=accepted, accept_encoding="gzip")
    i18n.set_language(language)

    assert answer.status == 200
    assert f'<html lang="{language}">' in answer.text
    assert f"<title>{i18n._(page.VIEWS[path][1])} – Lindero</title>" in answer.text


def test_the_page_brings_the_token_that_its_connection_needs_to_be_known():
    brought = [value.decode() for name, value in Answer("/", accept_encoding="gzip").headers if name == b"set-cookie"]

    assert [one.partition("=")[0] for one in brought] == ["_streamlit_xsrf"]


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("POST", 405), ("TRACE", 405), ("FOO", 405)])
def test_a_page_is_read_and_nothing_else_is_done_with_it(method, status):
    assert Answer("/", method=method).status == status


def test_the_language_of_a_link_goes_before_the_browser_s():
    assert '<html lang="en">' in Answer("/community", "lang=en&id=x", accept_language="es").text


def test_the_page_does_not_speak_of_streamlit():
    written = re.sub(r'(?s)<!--.*?-->|<link rel="modulepreload"[^>]*>', "", document.localised_page("es", "Near me"))
    assert "Streamlit" not in written
    assert "agent" not in written


def test_what_the_page_says_of_itself_is_there_in_every_language():
    told = re.search(r'id="lindero-words">(.*?)</script>', document.localised_page("es", "Near me"))[1]
    words = json.loads(told)["words"]

    assert set(words) == set(i18n.languages())
    for text in document.STREAMLIT_TEXTS:
        assert words["en"]["own"][text] == text
        assert words["es"]["own"][text] != text


@pytest.mark.parametrize("path", ["/nopage", "/add", "/near", "/community/x", "/%3Cscript%3E", "/index.html"])
def test_an_address_where_nothing_is_says_so_and_leads_on(path):
    answer = Answer(path, accept_language="es")

    assert answer.status == 404
    assert "<h1>Página no encontrada</h1>" in answer.text
    assert '<a href="/community">Comunidad</a>' in answer.text
    assert "script" not in answer.text


def test_an_operator_s_page_is_there_for_an_operator(tmp_path):
    open_map.set_operated_workspace(tmp_path)
    try:
        assert Answer("/add").status == 200
    finally:
        open_map.set_operated_workspace(None)


@pytest.mark.parametrize(
    "path", ["/health", "/tiles/map/0/0/0", "/_stcore/health", "/static/js/x.js", "/media/x", "/oauth2callback"]
)
def test_what_others_answer_is_passed_on(path):
    assert Answer(path).status == "passed on"
