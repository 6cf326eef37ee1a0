"""The map that this process serves: a folder of builds, whose newest is opened when its pointer moves."""

import math
import threading
import time
from pathlib import Path

from lindero.app.current import rights
from lindero.app.derived import damage
from lindero.app.pipeline.freshness import is_of_today
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
    """
    The current map of a build folder, to be read by many threads while builds go on.

    Whoever has asked for a cursor reads one map to the end, whatever is built meanwhile.
    """

    def __init__(self, build_folder: Path, vault: Vault | None = None) -> None:
        self._folder = build_folder
        self.workspace = build_folder.parent
        self._vault = vault
        self._lock = threading.Lock()
        self._state: tuple[Path, str] | None = None
        self._opened: dict[bool, Connection] = {}  # by whether it can cut tiles
        self._tiles: tuple[Path, Archive | None] | None = None
        self._measured_at = -math.inf
        self._manifest: tuple[tuple[int, int, int], Workspace] | None = None  # and by which file

    @property
    def version(self) -> str:
        """
        Name of the current map: another map has another name.

        Raises
        ------
        NotBuiltError
            If there is no map yet.
        """
        name = builds.current_map(self._folder).stem
        return name if self._vault is None else f"{name}-{self._vault.generation}"

    @property
    def path(self) -> Path:
        """
        File of the current map.

        Raises
        ------
        NotBuiltError
            If there is no map yet.
        """
        return builds.current_map(self._folder)

    @property
    def country(self) -> str:
        """Country of the workspace that the builds belong to (ISO 3166-1 alpha-2); empty where there is none."""
        space = self._of_now()
        return "" if space is None else space.country

    @property
    def title(self) -> str:
        """What the workspace that the builds belong to is called; empty where there is none."""
        space = self._of_now()
        return "" if space is None else space.title

    @property
    def is_behind(self) -> bool:
        """Whether the workspace has changed since its map was built; not known, and so no, where there is none."""
        space = self._of_now()
        return space is not None and not is_of_today(space)

    def _of_now(self) -> Workspace | None:
        """Give the workspace as its manifest is now, which is read anew when it is another file; None without one."""
        manifest = self.workspace / workspaces.MANIFEST
        if not manifest.is_file():
            return None
        status = manifest.stat()
        seen = (status.st_ino, status.st_size, status.st_mtime_ns)
        loaded = self._manifest
        if loaded is None or loaded[0] != seen:
            loaded = self._manifest = seen, workspaces.load(self.workspace)
        return loaded[1]

    @property
    def is_private(self) -> bool:
        """Whether what the vault holds is shown, too."""
        return self._vault is not None

    def cursor(self, *, for_tiles: bool = False) -> Connection:
        """
        Give a connection of the caller's own to the current map: for one thread, and for one answer.

        With `for_tiles` it can cut tiles, which not every map needs and whose functions take a moment to load.

        Raises
        ------
        NotBuiltError
            If there is no map yet, or it cannot be read.
        """
        path = builds.current_map(self._folder)
        try:
            return map_database.cursor(self._open(path, self.version, for_tiles=for_tiles))
        except NotBuiltError:
            if builds.current_map(self._folder) == path:
                raise
            return self.cursor(for_tiles=for_tiles)  # builds have passed by, and this map is gone already

    def archive(self) -> Archive | None:
        """
        Give the tiles that were cut when the current map was built.

        None for a map of few features, and where the vault is open: what it holds is in no tile cut beforehand.

        Raises
        ------
        NotBuiltError
            If there is no map yet.
        """
        if self._vault is not None:
            return None
        path = builds.current_map(self._folder)
        with self._lock:
            if self._tiles is None or self._tiles[0] != path:
                file = path.with_suffix(builds.TILES)
                self._tiles = path, _archive(file) if file.is_file() else None
            return self._tiles[1]

    def last_zoom(self) -> int:
        """
        Give the closest zoom that a browser should ask tiles of: closer in it enlarges them.

        Raises
        ------
        NotBuiltError
            If there is no map yet.
        """
        archive = self.archive()
        return archive.last_zoom if archive is not None and archive.last_zoom > 0 else tile_query.LAST_ZOOM

    def _open(self, path: Path, version: str, *, for_tiles: bool) -> Connection:
        with self._lock:
            if self._state != (path, version):
                self._opened.clear()
                self._state = path, version
            if self._vault is not None:
                for_tiles = True  # one map for all: what the vault holds is joined to it only once
            con = self._opened.get(for_tiles)
            # A map of many features has its tiles in a file; to open one for tiles anew takes longer than a tile.
            if con is None or (not for_tiles and self._holds_much(con)):
                con = self._opened[for_tiles] = self._connected(path, spatial=for_tiles)
            return con

    def _holds_much(self, con: Connection) -> bool:
        """Tell whether a map in memory has grown too large: looked at now and then, for that is a query of its own."""
        now = time.monotonic()
        if now - self._measured_at < SECONDS_BETWEEN_MEASURES:
            return False
        self._measured_at = now
        return map_database.bytes_kept(con) > MOST_KEPT_BYTES

    def _connected(self, path: Path, *, spatial: bool) -> Connection:
        return (
            map_database.connect(path, spatial=spatial)
            if self._vault is None
            else joined_map.connect(path, self._vault)
        )


def _archive(file: Path) -> Archive | None:
    try:
        return Archive(file)
    except DamagedMapError as error:
        damage.notice(error)  # tiles are cut when they are asked for then
        return None


_served: list[ServedMap] = []  # with the vault, if it is open, and without
_operated: list[Path] = []


def use(build_folder: Path, vault: Vault | None = None) -> None:
    """Serve the maps of `build_folder` from here on; with a vault and its key, what that holds, too."""
    _served[:] = [ServedMap(build_folder, vault), ServedMap(build_folder)]


def current() -> ServedMap:
    """Give the map being served to whoever asks; `use` comes first. Who may not see the vault has the map without."""
    return _served[0 if rights.may(rights.VAULT) else 1]


def without_vault() -> ServedMap:
    """Give the map being served without what the vault holds, whoever asks."""
    return _served[1]


def country() -> str:
    """Give the country of the workspace that the map was built in (ISO 3166-1 alpha-2); empty where there is none."""
    return current().country


def title() -> str:
    """Give what the workspace that the map was built in is called; empty where there is none."""
    return current().title


def behind() -> bool:
    """Tell whether the workspace has changed since the map that is served was built."""
    return current().is_behind


def workspace() -> Path | None:
    """Give the folder of the workspace that the map was built in; None while nothing is served."""
    return _served[0].workspace if _served else None


def operate(workspace_folder: Path | None) -> None:
    """Let readers add to this workspace from here on; None: to none."""
    _operated[:] = [workspace_folder] if workspace_folder is not None else []


def operated(right: str = rights.ADD) -> Path | None:
    """Give the workspace that whoever asks may add to, or has another right on; None unless the server was told so."""
    return _operated[0] if _operated and rights.may(right) else None
