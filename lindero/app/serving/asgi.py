"""The server: pages, tiles and bundled files in one process on one port. No request leaves the machine.

Streamlit runs as an ASGI application under our own uvicorn. Streamlit's own server leaves TCP_NODELAY off, which costs
40 ms for every small response. It also logs addresses and tiles, which disclose the places that a reader looked at.
"""

import asyncio
import gc
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

import streamlit as st
import uvicorn
from starlette.formparsers import MultiPartParser
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from lindero.app.media.pages.current import cached_answers, map_layers, open_map, rights, spoken
from lindero.app.media.pages.maps import offline_folium
from lindero.app.media.pages.upload import LARGEST_MB
from lindero.app.media.text import assets
from lindero.app.serving import server_process
from lindero.app.serving.access import log, login, login_gate, request_filter
from lindero.app.serving.access.attendance import record_start
from lindero.app.serving.access.headers import HEADERS, PRIVATE_HEADERS, CompressedFiles, ScriptPreload, SecurityHeaders
from lindero.app.serving.access.message_limits import LARGEST_BYTES, LimitedSocket, MessageFilter
from lindero.app.serving.access.pools import ClientLeftError, PoolBusyError, answer_busy
from lindero.app.serving.access.roles import RolesFile
from lindero.app.serving.access.slow_connections import KEEP_ALIVE_S, LimitedConnection, TabHeader, UploadLimits
from lindero.app.serving.ogc import answers as ogc
from lindero.app.serving.routes import feed, health, light, tiles
from lindero.app.serving.streamlit_host import inside, scripts
from lindero.app.serving.streamlit_host.document import Document
from lindero.app.serving.streamlit_host.settings import pin_settings
from lindero.app.text.error_advice import error_text
from lindero.app.text.i18n import _
from lindero.geo import GeoError
from lindero.layers.database import integrity
from lindero.layers.disk.scratch import delete_abandoned_folders
from lindero.layers.errors import N_, LayerError, NotBuiltError, VaultError
from lindero.layers.vault.vault_file import Vault
from lindero.machine.resources import raise_file_limit

SCRIPT = Path(__file__).parents[1] / "main.py"
VERSION = version("lindero")
LARGEST = LARGEST_MB * 1024**2  # bytes of an uploaded file
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SECONDS_BETWEEN_LOOKS = 10


class OperatorError(LayerError):
    """Other machines would be able to add files."""


class PortInUseError(LayerError):
    """The port is used by another program."""


def serve(
    artefact_folder: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8501,
    open_browser: bool = False,
    vault: Vault | None = None,
    login_settings: Path | None = None,
    roles_file: Path | None = None,
    operated: Path | None = None,
) -> None:
    """Serve the maps of `artefact_folder` (which contains current.json) until interrupted."""
    roles = _configure_login(login_settings, roles_file)
    roles_in_force = roles.read() if roles is not None else None
    rights.use_roles(roles_in_force)
    is_of_people = vault is not None or operated is not None
    if is_of_people and host not in LOOPBACK:
        _refuse_other_machines(host, is_operated=operated is not None)
    delete_abandoned_folders()
    check_port(host, port)
    raise_file_limit()  # each connection is a file, and readers keep several
    hosts = _accepted_hosts(is_of_people=is_of_people) if host in LOOPBACK else (request_filter.ANY,)
    app = create_application(artefact_folder, hosts=hosts, vault=vault, operated=operated, roles=roles)
    log.start_logging()
    record_start(has_vault=vault is not None, is_operated=operated is not None, roles=roles_in_force)
    log.log_event(N_("Lindero {version} is starting at {host}, port {port}."), version=VERSION, host=host, port=port)
    server_process.Server(_server_config(app, host, port), f"http://localhost:{port}" if open_browser else "").run()
    log.log_event(N_("Lindero has stopped."))


def _server_config(app: st.App, host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=LimitedConnection,
        ws=LimitedSocket,
        ws_max_size=LARGEST_BYTES,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        log_config=None,  # app.serving.access.log sets up the log
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=server_process.STOP_S,
    )


def _configure_login(login_settings: Path | None, roles_file: Path | None) -> RolesFile | None:
    """Apply the login settings, and return the file with the roles of people who log in."""
    if login_settings is not None:
        login.use_settings(login_settings)
    elif roles_file is not None:
        raise login.LoginError(N_("--roles needs login settings; add --login FILE"))
    return RolesFile(roles_file) if roles_file is not None else None


def _refuse_other_machines(host: str, *, is_operated: bool) -> NoReturn:
    """Refuse to serve data about people, or a map to which files can be added, to other machines."""
    if is_operated:
        raise OperatorError(N_("with --operator the map is only for this computer; remove --host {host}"), host=host)
    raise VaultError(N_("with --vault the map is only for this computer; remove --host {host}"), host=host)


def _accepted_hosts(*, is_of_people: bool) -> tuple[str, ...]:
    """Return the host names accepted in requests, if the server listens to this machine only.

    These are the names of this machine and, behind a web server on the same machine, the host of the login. With data
    about people, the host of the login is accepted only if roles are set.
    """
    settings = login.current_settings()
    return (*LOOPBACK, settings.host) if settings and (rights.has_roles() or not is_of_people) else LOOPBACK


def create_application(
    artefact_folder: Path,
    *,
    hosts: tuple[str, ...] = LOOPBACK,
    vault: Vault | None = None,
    operated: Path | None = None,
    roles: RolesFile | None = None,
    script: Path = SCRIPT,
) -> st.App:
    """Create the ASGI application that serves the maps of `artefact_folder`.

    `hosts` are the host names accepted in requests (`app.serving.access.request_filter`). `script` is the script that
    Streamlit runs: the pages, or a gallery of their parts (`docs.gallery`).
    """
    inside.disable_address_lookup()
    settings = login.current_settings()
    open_map.use_folder(artefact_folder, vault)
    open_map.set_operated_workspace(operated)
    pin_settings(upload_mb=LARGEST_MB if operated is not None else 1, secrets=[settings.file] if settings else [])
    MultiPartParser.spool_max_size = LARGEST  # uploads stay in memory, not in a temporary file
    routes: list[Route | Mount] = [
        *health.routes(),
        *tiles.routes(),
        *feed.routes(),
        *light.routes(),
        *ogc.routes(),
        *(login_gate.routes() if settings else []),
        Mount(assets.PREFIX, StaticFiles(directory=assets.STATIC)),
    ]
    map_scripts = offline_folium.LEAFLET_JS + offline_folium.TILES_JS
    return st.App(
        script,
        lifespan=_run_lifespan,
        on_script_error=show_error,
        exception_handlers={  # tiles and feeds
            **dict.fromkeys(integrity.DAMAGE, lambda *_: Response(status_code=503)),
            PoolBusyError: answer_busy,
            ClientLeftError: answer_busy,
        },
        routes=routes,
        middleware=[
            Middleware(SecurityHeaders, headers=HEADERS if vault is None else PRIVATE_HEADERS),
            Middleware(request_filter.OriginFilter, hosts=hosts),
            Middleware(
                request_filter.PathFilter,
                closed=inside.MONITORING if operated is not None else (*inside.MONITORING, inside.UPLOADS),
            ),
            Middleware(MessageFilter),
            Middleware(TabHeader),
            *([Middleware(login_gate.LoginGate, has_tls=settings.has_tls, roles=roles)] if settings else []),
            Middleware(light.PhoneRedirect),
            *([Middleware(UploadLimits, of_one=2 * LARGEST, of_all=4 * LARGEST)] if operated is not None else []),
            Middleware(Document, routes=tuple(route.path.split("/")[1] for route in routes)),
            Middleware(ScriptPreload, page=inside.FRAME, scripts=[file for _, file in map_scripts]),
            Middleware(scripts.PackMiddleware),
            Middleware(
                CompressedFiles, folder=inside.STATIC / "static", prefix="/static/", style=scripts.rewrite_style
            ),
            Middleware(CompressedFiles, folder=inside.COMPONENT / "static", prefix=f"{inside.FRAME}static/"),
            Middleware(CompressedFiles, folder=assets.STATIC, prefix=assets.PREFIX),
        ],
    )


@asynccontextmanager
async def _run_lifespan(_: st.App) -> AsyncGenerator[None]:
    """Load the code of the first page before the first request, and run the background tasks.

    The map component must be loaded later, because Streamlit registers it only while a page loads it. Loaded objects
    are frozen: Streamlit runs a full garbage collection after every page run, which would delay each response by some
    50 ms.
    """
    import_module("lindero.app.media.pages.sections.near_me")
    gc.collect()
    gc.freeze()
    with rights.use_person(rights.NOBODY):  # for background tasks
        tasks = [
            asyncio.create_task(work) for work in (health.watch_map(), preload_names(), server_process.report_alive())
        ]
    yield
    for task in tasks:
        task.cancel()


def check_port(host: str, port: int) -> None:
    """Check that the server can listen on a port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortInUseError(
                N_("{host}:{port} cannot be used ({why}); choose another port with --port"),
                host=host,
                port=port,
                why=error.strerror,
            ) from error


# The message for a reader when a page fails unexpectedly: in their language, without internal details.


def show_error(error: Exception) -> bool:
    """Show on a page that it failed, in the reader's language and without internal details.

    Returns True, so that Streamlit shows nothing more.
    """
    spoken.set_reader_language()
    st.error(_error_sentence(error))
    return True


def _error_sentence(error: Exception) -> str:
    if isinstance(error, integrity.DAMAGE):
        try:
            return error_text(integrity.damaged_error(open_map.current_map().path))
        except NotBuiltError as gone:
            return error_text(gone)
    return _(
        "This part of the page failed. Whoever runs this map can find the cause in the server's log. The "
        "map has not changed."
    )


# The names of places, loaded before the first search: an old machine takes seconds to load them.


async def preload_names() -> None:
    """Load the names of each map that becomes current, then compute the first answers of its pages.

    The answers are computed one by one after the names, so a reader's request is handled first. Stopping the server
    waits for one of them at most.
    """
    loaded = answered = ""
    while True:
        loaded = await asyncio.to_thread(_load_names, loaded)
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        if loaded != answered:
            answered = loaded
            await _precompute_answers()


async def _precompute_answers() -> None:
    with suppress(LayerError, *integrity.DAMAGE):  # the map is gone or damaged
        map_version = map_layers.version_or_none()
        for question in await asyncio.to_thread(lambda: [*cached_answers.iter_opening_questions()]):
            if map_layers.version_or_none() != map_version:
                break  # for a newer map, the names are loaded first
            await asyncio.to_thread(_run_question, question)
    gc.collect()
    gc.freeze()


def _run_question(question: Callable[[], object]) -> None:
    with suppress(LayerError, GeoError, *integrity.DAMAGE):  # the page asks again, and shows the error
        question()


def _load_names(loaded: str) -> str:
    """Load the names of the current map unless they are `loaded`. Return its version."""
    current_version = map_layers.version_or_none()
    if current_version is None or current_version == loaded:
        return loaded
    with suppress(*integrity.DAMAGE):  # app.serving.routes.health reports it
        map_layers.load_names()
    gc.collect()
    gc.freeze()
    return current_version
