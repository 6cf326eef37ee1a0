"""Access to Streamlit's internals: addresses, files, cookies, messages, loggers and uploaded files."""

import logging
import threading
from collections.abc import Callable, Mapping
from importlib.metadata import distribution
from pathlib import Path

import streamlit as st
from google.protobuf.message import DecodeError
from starlette.requests import Request
from starlette.responses import Response
from streamlit import logger as streamlit_loggers
from streamlit import net_util
from streamlit.auth_util import encode_provider_token
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime import get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.web.server.starlette.starlette_routes import _ensure_xsrf_cookie
from streamlit.web.server.starlette.starlette_server_config import AUTH_COOKIE_MAX_AGE_SECONDS, USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks

STATIC = Path(st.__file__).parent / "static"  # the page; its folder `static` has the scripts and styles
INDEX, SCRIPTS = STATIC / "index.html", STATIC / "static" / "js"
# Located without an import: Streamlit registers a component only if a page imports it.
COMPONENT = Path(str(distribution("streamlit-folium").locate_file("streamlit_folium/frontend/build")))
FRAME = "/component/streamlit_folium.st_folium/"  # page of the frame in which Streamlit shows a map

UPLOADS = "/_stcore/upload_file/"
MONITORING = (  # for monitors: number of readers, and content of the pages
    "/_stcore/metrics",
    "/_stcore/agent",
    "/_stcore/script-health-check",
)
PREFIXES = ("_stcore", "static", "media", "component", "auth", "oauth2callback", "favicon.png", "manifest.json")
LOGIN, CALLBACK, LOGOUT = "/auth/login", "/oauth2callback", "/auth/logout"
LOGIN_COOKIE = USER_COOKIE_NAME
RERUN = "rerun_script"
OPERATION = "backend_operation_request"
# What our pages send. Others would empty the cache of everybody (clear_cache) or write files (install_skills).
KINDS = (RERUN, "stop_script", "app_heartbeat", "file_urls_request", "deferred_file", "dataframe_chunk")
MOST_FILES = 100  # chosen at once: an address is made for each
_RUN_THREAD = "ScriptRunner.scriptThread"
SESSION_S = AUTH_COOKIE_MAX_AGE_SECONDS


def login_address() -> str:
    """Return the address that redirects to the login provider."""
    return f"{LOGIN}?provider={encode_provider_token('default')}"


def read_login_cookie(cookies: Mapping[str, str]) -> bytes | None:
    """Return the claims of a login as JSON; None if Streamlit did not sign these cookies."""
    return _get_signed_cookie_with_chunks(dict(cookies), LOGIN_COOKIE)


def set_xsrf_cookie(request: Request, answer: Response) -> None:
    """Set the cookie by which Streamlit recognises the connection of a page. Without it the reader is not logged in."""
    _ensure_xsrf_cookie(request, answer)


def message_kind(content: bytes | None) -> str | None:
    """Return the kind of a message or operation of Streamlit's page; None if its page sends no such message."""
    if content is None:
        return None
    try:
        message = BackMsg.FromString(content)
    except DecodeError:
        return None
    if len(message.file_urls_request.file_names) > MOST_FILES:
        return None
    kind: str | None = message.WhichOneof("type")
    if kind == OPERATION:
        kind = message.backend_operation_request.WhichOneof("payload")
    return kind


def count_runs() -> int:
    """Return how many runs of pages are under way, also those that were told to stop and have not yet."""
    return sum(thread.name == _RUN_THREAD for thread in threading.enumerate())


def list_uploads() -> list[tuple[str, int]]:
    """Return the session and the size in bytes of each uploaded file in memory."""
    manager = get_instance().uploaded_file_mgr
    if not isinstance(manager, MemoryUploadedFileManager):
        raise TypeError(manager)
    storage = {session: [*files.values()] for session, files in [*manager.file_storage.items()]}
    return [(session, len(file.data)) for session, files in storage.items() for file in files]


def disable_address_lookup() -> None:
    """Prevent Streamlit from querying external services for this machine's addresses."""
    net_util.get_external_ip = _return_none
    net_util.get_internal_ip = _return_none


def _return_none() -> None:
    return None


def set_up_loggers(set_up: Callable[[logging.Logger], None]) -> None:
    """Apply a function to Streamlit's loggers, both existing and future ones."""
    streamlit_loggers.setup_formatter = set_up  # type: ignore[assignment]  # replaces a function
    for logger in streamlit_loggers._loggers.values():  # noqa: SLF001  there is no public list
        set_up(logger)
