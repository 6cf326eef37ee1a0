"""The operator's own backgrounds and rivers in the served workspace, read again when its manifest changes."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from lindero.app.media.pages.current import open_map
from lindero.layers.errors import LayerError
from lindero.layers.tiles.background_archive import Background
from lindero.layers.workspace.backgrounds import TABLE, BackgroundEntry
from lindero.layers.workspace.manifest_file import MANIFEST
from lindero.layers.workspace.rivers import RiverNetwork, load_networks

Content = TypeVar("Content")


@dataclass(frozen=True)
class OwnBackground:
    """A background of the operator that readers can choose."""

    entry: BackgroundEntry
    tiles: Background


class _ManifestReader(Generic[Content]):
    """Content read from the served workspace. The same object is returned until the manifest changes."""

    def __init__(self, read: Callable[[Path], Content], nothing: Content) -> None:
        self._read, self._nothing = read, nothing
        self._lock = threading.Lock()
        self._known: dict[Path, tuple[int, Content]] = {}  # by manifest: the time of its last change, and the content

    def load_current(self) -> Content:
        """Return the current content, or `nothing` if no workspace is served."""
        folder = open_map.workspace()
        manifest = folder / MANIFEST if folder is not None else None
        if manifest is None or not manifest.is_file():
            return self._nothing
        changed = manifest.stat().st_mtime_ns
        with self._lock:
            if manifest not in self._known or self._known[manifest][0] != changed:
                self._known[manifest] = changed, self._read(manifest.parent)
            return self._known[manifest][1]


def _read_backgrounds(folder: Path) -> dict[str, OwnBackground]:
    backgrounds = {}
    try:
        for entry in TABLE.read_entries(folder):
            backgrounds[entry.id] = _open_background(folder, entry)
    except LayerError:
        return {}
    return {id_: background for id_, background in backgrounds.items() if background is not None}


def _open_background(folder: Path, entry: BackgroundEntry) -> OwnBackground | None:
    try:
        return OwnBackground(entry, Background(folder / entry.file))
    except (LayerError, OSError):
        return None


BACKGROUNDS = _ManifestReader[dict[str, OwnBackground]](_read_backgrounds, {})
"""The backgrounds by their ids; what cannot be read is left out here, and told by `lindero doctor`."""
RIVERS = _ManifestReader[tuple[RiverNetwork, ...]](load_networks, ())
"""
The networks, each the same object as before while nothing changes, so that answers by them are kept.

A `LayerError` is raised where some are gone, or not as they were added: an answer without them would be another one,
unsaid.
"""
