"""Streamlit's scripts of a first visit in one file: all of them, each as it was but for where it finds others."""

import gzip
import json
import re
from pathlib import Path

import pytest
import streamlit

from lindero.app.serving.routes import document, pack
from lindero.app.ui.maps.offline_folium import STATIC
from tests import loop

SCRIPTS = Path(streamlit.__file__).parent / "static" / "static" / "js"
NO_ICON = {"star_filled"}  # which Streamlit names, and its own font does not have


@pytest.fixture(scope="module")
def modules() -> dict[str, str]:
    return json.loads(gzip.decompress(pack.pack(SCRIPTS).content))


def test_what_a_module_loads_at_once_is_in_the_pack(modules):
    at_once = re.compile(r'(?:from|import)\s*["\'`]([^"\'`]+\.js)["\'`]')
    loaded = {name for text in modules.values() for name in at_once.findall(text)}

    assert loaded
    assert all(name.startswith(pack.HERE) for name in loaded)
    assert {name.removeprefix(pack.HERE) for name in loaded} <= set(modules)
    assert pack.pack(SCRIPTS).begin in modules


def test_a_module_is_as_it_was_but_for_where_it_finds_others(modules):
    for name, text in modules.items():
        back = text.replace(f'(location.origin+"{pack.FOLDER}{name}")', "import.meta.url")
        assert re.sub(r'(["`\'])@/', r"\1./", back) == (SCRIPTS / name).read_text(encoding="utf-8"), name


def test_what_is_loaded_later_is_found_where_it_lies(modules):
    later = {name for text in modules.values() for name in re.findall(r"import\(\s*[\"'`]([^\"'`]+)", text)}

    assert any(name.startswith(f"{pack.HERE}DataFrame.") for name in later)
    assert all((SCRIPTS / name.removeprefix(pack.HERE)).is_file() for name in later if name.startswith(pack.HERE))
    assert not any(name.startswith(".") for name in later)


def test_the_pack_is_given_at_its_address_alone_and_may_be_kept_for_good():
    told = []

    async def send(message):
        told.append(message)

    async def app(_scope, _receive, _send):
        told.append("passed on")

    packed = pack.Packed(app, SCRIPTS)
    address = pack.pack(SCRIPTS).address
    for path, headers in ((address, [(b"accept-encoding", b"gzip")]), (address, []), (f"{address}x", [])):
        loop.run(packed({"type": "http", "method": "GET", "path": path, "headers": headers}, None, send))

    assert dict(told[0]["headers"])[b"content-encoding"] == b"gzip"
    assert b"immutable" in dict(told[0]["headers"])[b"cache-control"]
    assert json.loads(told[3]["body"]) == json.loads(gzip.decompress(told[1]["body"]))
    assert told[4:] == ["passed on"]


def test_the_page_begins_with_the_pack_and_asks_for_no_module_and_no_typeface():
    written = document.localised_page("es", "Near me")

    assert pack.pack(SCRIPTS).address in written
    assert "modulepreload" not in written
    assert "woff2" not in written
    assert 'href="/aqui"' in written


def test_streamlit_s_style_has_no_typeface_and_our_icons():
    css = next(SCRIPTS.parent.glob("css/index.*.css")).read_text(encoding="utf-8")
    style = pack.style(css)

    assert "SourceSans" in css
    assert not re.search(r"Source(Sans|Serif|Code)", style)
    assert re.findall(r"url\([^)]*Symbols[^)]*\)|url\([^)]*icons[^)]*\)", style) == [f"url({pack.ICONS})"]
    assert style.count("KaTeX") == css.count("KaTeX")


def test_every_icon_that_streamlit_names_is_in_our_font():
    named = {name for path in SCRIPTS.glob("*.js") for name in re.findall(r":material/(\w+):", path.read_text("utf-8"))}
    kept = (STATIC / "vendor" / "material-symbols" / "icons.txt").read_text().split()

    assert named - NO_ICON <= set(kept)
