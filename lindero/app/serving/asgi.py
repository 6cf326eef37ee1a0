"""
The server: pages, tiles and vendored files in one process on one port, and no request that leaves the machine.

Streamlit runs as an ASGI application under our own uvicorn, because its own leaves TCP_NODELAY off (40 ms on every
small answer) and logs addresses and tiles, which say where somebody looked.
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

from lindero.app.current import cached_answers, map_layers, open_map, rights, spoken
from lindero.app.renderers import assets
from lindero.app.serving import server_process
from lindero.app.serving.access import log, login, login_gate, request_filter
from lindero.app.serving.access.attendance import note_beginning
from lindero.app.serving.access.headers import HEADERS, PRIVATE_HEADERS, CompressedFiles, Foretold, SecurityHeaders
from lindero.app.serving.access.roles import RolesFile
from lindero.app.serving.access.slow_connections import LARGEST_BYTES, Connection, Frames, Tab, Uploads
from lindero.app.serving.ogc import answers as ogc
from lindero.app.serving.routes import feed, health, light, tiles
from lindero.app.serving.streamlit_host import inside, scripts
from lindero.app.serving.streamlit_host.document import Document
from lindero.app.serving.streamlit_host.settings import pin_settings
from lindero.app.text.error_advice import error_text
from lindero.app.text.i18n import _
from lindero.app.ui.maps import offline_folium
from lindero.app.ui.upload import LARGEST_MB
from lindero.geo import GeoError
from lindero.layers.database import integrity
from lindero.layers.disk.scratch import clear_abandoned
from lindero.layers.errors import N_, LayerError, NotBuiltError, VaultError
from lindero.layers.vault.vault_file import Vault

SCRIPT = Path(__file__).parents[1] / "main.py"
VERSION = version("lindero")
LARGEST = LARGEST_MB * 1024**2  # bytes of a file that is handed over
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SECONDS_BETWEEN_LOOKS = 10


class OperatorError(LayerError):
    """Files would be taken from other machines."""


class PortInUseError(LayerError):
    """Another program listens where the map was to be served."""


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
    """
    Serve the maps of `artefact_folder` (which holds current.json) until interrupted.

    Parameters
    ----------
    host
        Address to listen at. Any but this machine's own shows the map to everybody on the network.
    open_browser
        Open the map in this machine's browser as soon as it is there.
    vault
        A vault and its key: what it holds is shown, too.
    login_settings
        File with the settings of the login that readers are asked for; without it, nobody is asked.
    roles_file
        File that says who may do what, of those who log in, read anew when it changes; without it, all of them may do
        all that is offered.
    operated
        A workspace that whoever opens the map may add files to.

    Raises
    ------
    PortInUseError
        If the port is taken.
    VaultError
        If the vault's content were to be served to other machines.
    LoginError
        If the settings of the login or the roles do not do.
    OperatorError
        If other machines could add files.
    """
    roles = _roles(login_settings, roles_file)
    roles_in_force = roles.read() if roles is not None else None
    rights.use(roles_in_force)
    is_of_people = vault is not None or operated is not None
    if is_of_people and host not in LOOPBACK:
        _refuse(host, is_operated=operated is not None)
    clear_abandoned()
    check_free(host, port)
    hosts = _names(is_of_people=is_of_people) if host in LOOPBACK else (request_filter.ANY,)
    app = application(artefact_folder, hosts=hosts, vault=vault, operated=operated, roles=roles)
    log.begin()
    note_beginning(has_vault=vault is not None, is_operated=operated is not None, roles=roles_in_force)
    log.event(N_("Lindero {version} begins, at {host}, port {port}."), version=VERSION, host=host, port=port)
    server_process.Server(_listening(app, host, port), f"http://localhost:{port}" if open_browser else "").run()
    log.event(N_("Lindero has stopped."))


def _listening(app: st.App, host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=Connection,
        ws_max_size=LARGEST_BYTES,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        log_config=None,  # app.serving.access.log is
        timeout_graceful_shutdown=server_process.STOP_S,
    )


def _roles(login_settings: Path | None, roles_file: Path | None) -> RolesFile | None:
    """Take the settings of the login into use, and give the roles of those who log in."""
    if login_settings is not None:
        login.use(login_settings)
    elif roles_file is not None:
        raise login.LoginError(N_("with --roles name the settings of a login, too: --login"))
    return RolesFile(roles_file) if roles_file is not None else None


def _refuse(host: str, *, is_operated: bool) -> NoReturn:
    """Serve nothing of people, and nothing that can be added to, to other machines."""
    if is_operated:
        raise OperatorError(N_("with --operator the map is for this machine alone; leave out --host {host}"), host=host)
    raise VaultError(N_("with --vault the map is for this machine alone; leave out --host {host}"), host=host)


def _names(*, is_of_people: bool) -> tuple[str, ...]:
    """
    Give the names by which the map is asked for where it listens to this machine alone.

    These are the machine's own and, behind a web server of the same machine, the one that a login leads back to. What
    not everybody may see or do goes by that one only where roles say who may.
    """
    settings = login.current()
    return (*LOOPBACK, settings.host) if settings and (rights.has_roles() or not is_of_people) else LOOPBACK


def application(
    artefact_folder: Path,
    *,
    hosts: tuple[str, ...] = LOOPBACK,
    vault: Vault | None = None,
    operated: Path | None = None,
    roles: RolesFile | None = None,
    script: Path = SCRIPT,
) -> st.App:
    """
    Make the ASGI application that serves the maps of `artefact_folder`.

    `hosts` are the names that requests may be addressed to (`app.serving.access.request_filter`). `script` is
    what Streamlit runs for readers: the pages, unless a builder looks at the parts of them (`docs.gallery`).
    """
    inside.look_up_nothing()
    settings = login.current()
    open_map.use(artefact_folder, vault)
    open_map.operate(operated)
    pin_settings(upload_mb=LARGEST_MB if operated is not None else 1, secrets=[settings.file] if settings else [])
    MultiPartParser.spool_max_size = LARGEST  # what is handed over is in memory, not in a temporary file
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
        lifespan=_ready,
        on_script_error=show_error,
        exception_handlers=dict.fromkeys(integrity.DAMAGE, lambda *_: Response(status_code=503)),  # of a tile or feed
        routes=routes,
        middleware=[
            Middleware(SecurityHeaders, headers=HEADERS if vault is None else PRIVATE_HEADERS),
            Middleware(request_filter.OwnPages, hosts=hosts),
            Middleware(
                request_filter.OpenPaths,
                closed=inside.MONITORING if operated is not None else (*inside.MONITORING, inside.UPLOADS),
            ),
            Middleware(Frames),
            Middleware(Tab),
            *([Middleware(login_gate.Gate, has_tls=settings.has_tls, roles=roles)] if settings else []),
            Middleware(light.PhoneFirst),
            *([Middleware(Uploads, of_one=2 * LARGEST, of_all=4 * LARGEST)] if operated is not None else []),
            Middleware(Document, routes=tuple(route.path.split("/")[1] for route in routes)),
            Middleware(Foretold, page=inside.FRAME, scripts=[file for _, file in map_scripts]),
            Middleware(scripts.Packed),
            Middleware(CompressedFiles, folder=inside.STATIC / "static", prefix="/static/", style=scripts.style),
            Middleware(CompressedFiles, folder=inside.COMPONENT / "static", prefix=f"{inside.FRAME}static/"),
            Middleware(CompressedFiles, folder=assets.STATIC, prefix=assets.PREFIX),
        ],
    )


@asynccontextmanager
async def _ready(_: st.App) -> AsyncGenerator[None]:
    """
    Load what the page that opens needs before anybody asks for it.

    The map's component must come later: Streamlit knows it only if a page loads it. What is loaded stays: Streamlit has
    Python look through all objects after every run of a page, which would otherwise hold up each answer by some 50 ms.
    """
    import_module("lindero.app.ui.sections.near_me")
    gc.collect()
    gc.freeze()
    with rights.asked_by(rights.NOBODY):  # of what runs beside the pages
        tasks = [asyncio.create_task(work) for work in (health.watch(), keep_loaded(), server_process.report_alive())]
    yield
    for task in tasks:
        task.cancel()


def check_free(host: str, port: int) -> None:
    """
    Hold that a port can be listened at.

    Raises
    ------
    PortInUseError
        If another program does, or this user may not.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortInUseError(
                N_("{host}:{port} cannot be used ({why}); name another with --port"),
                host=host,
                port=port,
                why=error.strerror,
            ) from error


# What a reader is told when a page fails that should not: in their language, and nothing of the program's insides.


def show_error(error: Exception) -> bool:
    """Say on a page that it failed; tells Streamlit that nothing more is to be said."""
    spoken.speak()
    st.error(_sentence(error))
    return True


def _sentence(error: Exception) -> str:
    if isinstance(error, integrity.DAMAGE):
        try:
            return error_text(integrity.damaged_error(open_map.current().path))
        except NotBuiltError as gone:
            return error_text(gone)
    return _(
        "This part of the page failed. Whoever runs this map finds where in the server's log. The map is as it was."
    )


# The names of places, read before anybody asks for one: an old machine takes seconds for it.


async def keep_loaded() -> None:
    """
    Read the names of the map that is served, and of each newer one, and ask what its pages open with.

    The pages' questions come later than the names, and one by one: who has just come is answered first, and whoever
    stops the server waits for one of them at most.
    """
    loaded = asked = ""
    while True:
        loaded = await asyncio.to_thread(_load, loaded)
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        if loaded != asked:
            asked = loaded
            await _ask_beforehand()


async def _ask_beforehand() -> None:
    with suppress(LayerError, *integrity.DAMAGE):  # the map has gone, or is damaged
        version = map_layers.version_or_none()
        for question in await asyncio.to_thread(lambda: [*cached_answers.opening()]):
            if map_layers.version_or_none() != version:
                break  # of a newer map the names come first
            await asyncio.to_thread(_answered, question)
    gc.collect()
    gc.freeze()


def _answered(question: Callable[[], object]) -> None:
    with suppress(LayerError, GeoError, *integrity.DAMAGE):  # which the page explains that asks it again
        question()


def _load(loaded: str) -> str:
    """Read the names unless those of the current map are `loaded`; what is read stays (`app.serving.asgi`)."""
    now = map_layers.version_or_none()
    if now is None or now == loaded:
        return loaded
    with suppress(*integrity.DAMAGE):  # which app.serving.routes.health tells
        map_layers.load_names()
    gc.collect()
    gc.freeze()
    return now
