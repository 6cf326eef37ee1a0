"""The map that this process serves: the newest map of a folder of builds, reopened when the pointer changes."""

import math
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from lindero.app.builder.freshness import is_up_to_date
from lindero.app.media.pages.current import rights
from lindero.app.text import damage
from lindero.app.text.home_country import set_home_country
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.disk import builds
from lindero.layers.errors import DamagedMapError, NotBuiltError
from lindero.layers.tiles import tile_query
from lindero.layers.tiles.tile_archive import Archive
from lindero.layers.vault import joined_map
from lindero.layers.vault.vault_file import Vault
from lindero.layers.workspace import manifest_file as workspaces
from lindero.layers.workspace.manifest_file import Workspace

MOST_KEPT_BYTES = 64 * 1024**2
"""Of a map in memory. DuckDB keeps what it has read for as long as there is room, in the end the whole map."""
SECONDS_BETWEEN_MEASURES = 1.0


class ServedMap:
    """The current map of a build folder, readable by many threads while builds run.

    A cursor reads the same map until it is closed, even if a new map is built meanwhile.
    """

    def __init__(self, build_folder: Path, vault: Vault | None = None) -> None:
        self._folder = build_folder
        self.workspace = build_folder.parent
        self._vault = vault
        self._lock = threading.Lock()
        self._state: tuple[Path, str] | None = None
        self._opened: dict[bool, Connection] = {}  # key: whether it can build tiles
        self._tiles: tuple[Path, Archive | None] | None = None
        self._measured_at = -math.inf
        self._manifest: tuple[tuple[int, int, int], Workspace] | None = None  # version of the file, and its content

    @property
    def version(self) -> str:
        """The name of the current map. It differs for every map."""
        name = builds.current_map(self._folder).stem
        return name if self._vault is None else f"{name}-{self._vault.generation}"

    @property
    def path(self) -> Path:
        """The file of the current map."""
        return builds.current_map(self._folder)

    @property
    def country(self) -> str:
        """The country of the workspace of the builds (ISO 3166-1 alpha-2), empty without a workspace."""
        space = self._load_workspace()
        return "" if space is None else space.country

    @property
    def title(self) -> str:
        """The title of the workspace of the builds, empty without a workspace."""
        space = self._load_workspace()
        return "" if space is None else space.title

    @property
    def is_behind(self) -> bool:
        """Whether the workspace has changed since its map was built. False without a workspace."""
        space = self._load_workspace()
        return space is not None and not is_up_to_date(space)

    def _load_workspace(self) -> Workspace | None:
        """Load the workspace from its manifest, again if the manifest changed.

        The result is None without a manifest.
        """
        manifest = self.workspace / workspaces.MANIFEST
        if not manifest.is_file():
            return None
        status = manifest.stat()
        file_version = (status.st_ino, status.st_size, status.st_mtime_ns)
        loaded = self._manifest
        if loaded is None or loaded[0] != file_version:
            loaded = self._manifest = file_version, workspaces.load_workspace(self.workspace)
        set_home_country(loaded[1].country)
        return loaded[1]

    @property
    def is_private(self) -> bool:
        """Whether the content of the vault is shown, too."""
        return self._vault is not None

    def open_cursor(self, *, for_tiles: bool = False) -> Connection:
        """Open a connection to the current map, for one thread and one answer.

        With `for_tiles` it can build vector tiles. Not every map needs that, and loading these functions takes a
        moment.
        """
        path = builds.current_map(self._folder)
        self._load_workspace()
        try:
            return map_database.open_cursor(self._open(path, self.version, for_tiles=for_tiles))
        except NotBuiltError:
            if builds.current_map(self._folder) == path:
                raise
            return self.open_cursor(for_tiles=for_tiles)  # newer builds have already deleted this map

    def open_archive(self) -> Archive | None:
        """Return the archive of the tiles that were built with the current map.

        The result is None for a map of few features. It is also None if the vault is open, because no prebuilt tile
        contains its content.
        """
        if self._vault is not None:
            return None
        path = builds.current_map(self._folder)
        with self._lock:
            if self._tiles is None or self._tiles[0] != path:
                file = path.with_suffix(builds.TILES)
                self._tiles = path, _open_archive(file) if file.is_file() else None
            return self._tiles[1]

    def last_zoom(self) -> int:
        """Return the highest zoom of tiles that a browser requests. At higher zooms the browser enlarges them."""
        archive = self.open_archive()
        return archive.last_zoom if archive is not None and archive.last_zoom > 0 else tile_query.LAST_ZOOM

    def _open(self, path: Path, version: str, *, for_tiles: bool) -> Connection:
        with self._lock:
            if self._state != (path, version):
                self._opened.clear()
                self._state = path, version
            if self._vault is not None:
                for_tiles = True  # one connection for both, because the vault is joined only once
            con = self._opened.get(for_tiles)
            # Not reopened for tiles: that takes longer than a tile, and large maps have their tiles in a file.
            if con is None or (not for_tiles and self._is_too_large(con)):
                con = self._opened[for_tiles] = self._connect(path, spatial=for_tiles)
            return con

    def _is_too_large(self, con: Connection) -> bool:
        """Return whether a map in memory has grown too large.

        The size is queried once per `SECONDS_BETWEEN_MEASURES`; in between the result is False.
        """
        now = time.monotonic()
        if now - self._measured_at < SECONDS_BETWEEN_MEASURES:
            return False
        self._measured_at = now
        return map_database.memory_bytes(con) > MOST_KEPT_BYTES

    def _connect(self, path: Path, *, spatial: bool) -> Connection:
        return (
            map_database.connect(path, spatial=spatial)
            if self._vault is None
            else joined_map.connect_joined_map(path, self._vault)
        )


def _open_archive(file: Path) -> Archive | None:
    try:
        return Archive(file)
    except DamagedMapError as error:
        damage.log_damage(error)  # tiles are then built on request
        return None


_cursors: ContextVar[dict[str, Connection] | None] = ContextVar("cursors", default=None)  # of this answer, by version
_served_maps: list[ServedMap] = []  # with the vault, if it is open, and without it
_operated_workspaces: list[Path] = []
_public_urls: list[str] = []


def use_folder(build_folder: Path, vault: Vault | None = None) -> None:
    """Serve the maps of `build_folder` from now on.

    With a vault and its key, serve the content of the vault, too.
    """
    _served_maps[:] = [ServedMap(build_folder, vault), ServedMap(build_folder)]


def current_map() -> ServedMap:
    """Return the served map. A reader without the right to see the vault gets the map without it.

    `use_folder` must be called first.
    """
    return _served_maps[0 if rights.has_right(rights.VAULT) else 1]


@contextmanager
def share_cursor() -> Generator[None]:
    """Open one cursor for all questions of an answer, because opening one takes as long as a query."""
    token = _cursors.set({})
    try:
        yield
    finally:
        _cursors.reset(token)


def answer_cursor() -> Connection:
    """Return a connection to the current map for one question. Within `share_cursor`, all questions share it."""
    served, cursors = current_map(), _cursors.get()
    if cursors is None:
        return served.open_cursor()
    version = served.version
    if version not in cursors:
        cursors[version] = served.open_cursor()
    return cursors[version]


def public_map() -> ServedMap:
    """Return the served map without the content of the vault, for every reader."""
    return _served_maps[1]


def country() -> str:
    """Return the country of the map's workspace (ISO 3166-1 alpha-2), empty without a workspace."""
    return current_map().country


def title() -> str:
    """Return the title of the map's workspace, empty without a workspace."""
    return current_map().title


def is_behind() -> bool:
    """Return whether the workspace has changed since the served map was built."""
    return current_map().is_behind


def workspace() -> Path | None:
    """Return the folder of the map's workspace, or None if no map is served."""
    return _served_maps[0].workspace if _served_maps else None


def set_operated_workspace(workspace_folder: Path | None) -> None:
    """Set the workspace to which readers may add files from now on. None means no workspace."""
    _operated_workspaces[:] = [workspace_folder] if workspace_folder is not None else []


def set_public_url(url: str) -> None:
    """Set the address at which other people open the map, as the operator states it; empty if there is none."""
    _public_urls[:] = [url.rstrip("/")] if url else []


def public_url() -> str:
    """Return the address at which other people open the map; empty unless the operator stated one."""
    return _public_urls[0] if _public_urls else ""


def operated_workspace(right: str = rights.ADD) -> Path | None:
    """Return the workspace that the current reader may add to, or has another right on.

    The result is None unless the server was started for this.
    """
    return _operated_workspaces[0] if _operated_workspaces and rights.has_right(right) else None
