"""Streamlit's scripts of a first visit in one file: all of them, each as it was but for where it finds others."""

import gzip
import json
import re

import pytest

from lindero.app.serving.streamlit_host import document, scripts
from lindero.app.serving.streamlit_host.inside import SCRIPTS
from tests import loop


@pytest.fixture(scope="module")
def modules() -> dict[str, str]:
    return json.loads(gzip.decompress(scripts.build_pack().content))


def test_what_a_module_loads_at_once_is_in_the_pack(modules):
    at_once = re.compile(r'(?:from|import)\s*["\'`]([^"\'`]+\.js)["\'`]')
    loaded = {name for text in modules.values() for name in at_once.findall(text)}

    assert loaded
    assert all(name.startswith(scripts.FOLDER_MARK) for name in loaded)
    assert {name.removeprefix(scripts.FOLDER_MARK) for name in loaded} <= set(modules)
    assert scripts.build_pack().begin in modules


def test_a_module_is_as_it_was_but_for_where_it_finds_others(modules):
    for name, text in modules.items():
        back = text.replace(f'(location.origin+"{scripts.FOLDER}{name}")', "import.meta.url")
        assert re.sub(r'(["`\'])@/', r"\1./", back) == (SCRIPTS / name).read_text(encoding="utf-8"), name


def test_what_is_loaded_later_is_found_where_it_lies(modules):
    later = {name for text in modules.values() for name in re.findall(r"import\(\s*[\"'`]([^\"'`]+)", text)}

    assert any(name.startswith(f"{scripts.FOLDER_MARK}DataFrame.") for name in later)
    assert all(
        (SCRIPTS / name.removeprefix(scripts.FOLDER_MARK)).is_file()
        for name in later
        if name.startswith(scripts.FOLDER_MARK)
    )
    assert not any(name.startswith(".") for name in later)


def test_the_pack_is_given_at_its_address_alone_and_may_be_kept_for_good():
    told = []

    async def send(message):
        told.append(message)

    async def app(_scope, _receive, _send):
        told.append("passed on")

    packed = scripts.PackMiddleware(app)
    address = scripts.build_pack().address
    for path, headers in ((address, [(b"accept-encoding", b"gzip")]), (address, []), (f"{address}x", [])):
        loop.run(packed({"type": "http", "method": "GET", "path": path, "headers": headers}, None, send))

    assert dict(told[0]["headers"])[b"content-encoding"] == b"gzip"
    assert b"immutable" in dict(told[0]["headers"])[b"cache-control"]
    assert json.loads(told[3]["body"]) == json.loads(gzip.decompress(told[1]["body"]))
    assert told[4:] == ["passed on"]


def test_the_page_begins_with_the_pack_and_asks_for_no_module_and_no_typeface():
    written = document.localised_page("es", "Near me")

    assert scripts.build_pack().address in written
    assert "modulepreload" not in written
    assert "woff2" not in written
    assert 'href="/aqui"' in written


def test_a_module_that_streamlit_no_longer_has_is_left_out(monkeypatch):
    monkeypatch.setattr(scripts, "PRELOADED_PARTS", (*scripts.PRELOADED_PARTS, "NoSuchModule"))

    assert scripts.build_pack.__wrapped__() == scripts.build_pack()
