"""
What `app.serving.streamlit_host` assumes of Streamlit's insides, each assumption once.

Before an upgrade: install the new version, run this file, `tests/app/media/pages/views` and `tests/browser/test_pages.py`, mend the
folder, and add the version here.
"""

import inspect
import logging
import re
import threading
from pathlib import Path
from unittest.mock import MagicMock

import pytest
import streamlit
from streamlit import config, net_util
from streamlit import logger as streamlit_loggers
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import script_runner
from streamlit.web.server.server_util import get_cookie_secret, is_url_from_allowed_origins
from streamlit.web.server.starlette import starlette_app
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_auth_routes import create_auth_routes
from streamlit.web.server.starlette.starlette_routes import create_script_health_routes

from lindero.app.media.text.assets import STATIC
from lindero.app.serving.streamlit_host import document, inside, scripts, settings

SUPPORTED = ("1.67",)
PAGE = Path(document.__file__).parent / "page"
COMPOSED = {"stAlertContentWarning": "stAlertContent", "stAlertContentError": "stAlertContent"}  # of a part and a word
NO_ICON = {"star_filled"}  # which Streamlit names, and its own font does not have


@pytest.fixture(scope="module")
def modules() -> dict[str, str]:
    """Streamlit's scripts by their names."""
    return {path.name: path.read_text(encoding="utf-8") for path in inside.SCRIPTS.glob("*.js")}


def test_this_version_was_tried():
    assert ".".join(streamlit.__version__.split(".")[:2]) in SUPPORTED


def test_the_page_is_as_it_was_where_it_is_changed():
    text = inside.INDEX.read_text(encoding="utf-8")

    assert [len(re.findall(pattern, text)) for pattern, _ in document._CHANGES] == [1] * len(document._CHANGES)


def test_what_styles_and_scripts_name_is_on_streamlit_s_page(modules):
    written = "".join(modules.values())
    ours = "".join(path.read_text(encoding="utf-8") for path in PAGE.iterdir())
    named = {*re.findall(r"\.(st[A-Z]\w+)", ours), *re.findall(r'data-testid="(\w+)"', ours)}
    named |= set(re.findall(r"data-(?!testid)[a-z-]+", ours))

    assert len(named) > 30
    assert {name for name in named if COMPOSED.get(name, name) not in written} == set()


@pytest.mark.parametrize(
    "setting", ["BACKEND_BASE_URL", "MAIN_PAGE_BASE_URL", "HOST_CONFIG", "enableCustomParentMessages"]
)
def test_the_page_takes_its_settings_from_the_window(modules, setting):
    assert setting in document._SETTINGS
    assert any(setting in text for text in modules.values())


def test_the_words_that_are_translated_are_streamlit_s(modules):
    assert [text for text in document.STREAMLIT_TEXTS if not any(text in module for module in modules.values())] == []


def test_every_script_of_a_first_visit_is_there_once(modules):
    assert scripts.build_pack().begin in modules
    assert {word: len(scripts.find_modules(modules, word)) for word in scripts.PRELOADED_PARTS} == dict.fromkeys(
        scripts.PRELOADED_PARTS, 1
    )


def test_the_style_has_the_typefaces_and_icons_that_are_replaced():
    (css,) = inside.SCRIPTS.parent.glob("css/index.*.css")
    style = scripts.rewrite_style(css.read_text(encoding="utf-8"))

    assert "SourceSans" in css.read_text(encoding="utf-8")
    assert not re.search(r"Source(Sans|Serif|Code)", style)
    assert re.findall(r"url\([^)]*Symbols[^)]*\)|url\([^)]*icons[^)]*\)", style) == [f"url({scripts.ICONS})"]
    assert style.count("KaTeX") == css.read_text(encoding="utf-8").count("KaTeX")


def test_every_icon_that_streamlit_names_is_in_our_font(modules):
    named = {name for text in modules.values() for name in re.findall(r":material/(\w+):", text)}
    kept = (STATIC / "vendor" / "material-symbols" / "icons.txt").read_text().split()

    assert named - NO_ICON <= set(kept)


def test_the_component_of_maps_is_where_it_is_looked_for():
    assert (inside.COMPONENT / "index.html").is_file()
    assert [*inside.COMPONENT.glob("static/js/*.js")]


def test_every_setting_has_its_name():
    assert set(settings.PINNED) <= set(config._config_options_template)
    assert {"server.maxUploadSize", "secrets.files"} <= set(config._config_options_template)


def test_the_addresses_are_streamlit_s():
    runtime = MagicMock()
    routes = [
        *starlette_app.create_streamlit_routes(runtime),
        *create_auth_routes(""),
        *create_script_health_routes(runtime, ""),
    ]
    paths = {getattr(route, "path", "") for route in routes}

    for prefix in (inside.UPLOADS, *inside.MONITORING, inside.LOGIN, inside.CALLBACK, inside.LOGOUT):
        assert any(path.startswith(prefix) for path in paths), prefix
    assert {path.split("/")[1] for path in paths if path.count("/")} <= {*inside.PREFIXES, "", "{path:path}"}


def test_a_cookie_of_a_login_is_read():
    signed = create_signed_value(get_cookie_secret(), inside.LOGIN_COOKIE, '{"sub": "1"}').decode()

    assert inside.read_login_cookie({inside.LOGIN_COOKIE: signed}) == b'{"sub": "1"}'
    assert inside.read_login_cookie({inside.LOGIN_COOKIE: signed[:-1]}) is None
    assert list(inspect.signature(inside._ensure_xsrf_cookie).parameters) == ["request", "response"]
    assert inside.login_address().startswith("/auth/login?provider=")
    assert inside.SESSION_S > 0


def test_a_message_of_a_page_is_told_from_anything_else():
    rerun, installs = BackMsg(), BackMsg()
    rerun.rerun_script.SetInParent()
    installs.backend_operation_request.install_skills.SetInParent()

    assert inside.message_kind(rerun.SerializeToString()) == inside.RERUN
    assert inside.message_kind(installs.SerializeToString()) == "install_skills"
    assert not any(map(inside.message_kind, (None, b"", b"\xff\xff")))
    for files, kind in ((inside.MOST_FILES, "file_urls_request"), (inside.MOST_FILES + 1, None)):
        asked = BackMsg(file_urls_request={"file_names": [""] * files})
        assert inside.message_kind(asked.SerializeToString()) == kind
    operations = BackMsg.DESCRIPTOR.fields_by_name[inside.OPERATION].message_type.fields_by_name
    assert {*inside.KINDS} <= {*BackMsg.DESCRIPTOR.fields_by_name, *operations}


def test_a_run_of_a_page_is_counted(monkeypatch):
    runner = script_runner.ScriptRunner.__new__(script_runner.ScriptRunner)
    runner._script_thread, done = None, threading.Event()
    monkeypatch.setattr(runner, "_run_script_thread", done.wait)
    runner.start()
    assert inside.count_runs() == 1
    done.set()


def test_kept_files_are_counted(monkeypatch):
    manager = MemoryUploadedFileManager("/upload")
    record = inside.MemoryUploadedFileManager.__init__.__globals__["UploadedFileRec"](
        "1", "a.csv", "text/csv", b"12345"
    )
    manager.add_file("session", record)
    monkeypatch.setattr(inside, "get_instance", lambda: type("Runtime", (), {"uploaded_file_mgr": manager}))

    assert inside.list_uploads() == [("session", 5)]


def test_no_address_is_looked_up(monkeypatch):
    for name in ("get_external_ip", "get_internal_ip"):
        monkeypatch.setattr(net_util, name, getattr(net_util, name))
    monkeypatch.setattr(net_util, "_make_blocking_http_get", pytest.fail)
    inside.disable_address_lookup()

    assert not is_url_from_allowed_origins("http://evil.example")


def test_every_logger_is_set_up(monkeypatch):
    monkeypatch.setattr(streamlit_loggers, "setup_formatter", streamlit_loggers.setup_formatter)
    seen = list[logging.Logger]()
    inside.set_up_loggers(seen.append)
    before = len(seen)
    late = streamlit_loggers.get_logger("streamlit.conformance")

    assert before == len(streamlit_loggers._loggers) - 1
    assert late in seen
