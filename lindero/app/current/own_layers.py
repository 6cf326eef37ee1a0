"""The operator's own backgrounds and rivers in the workspace that is served, read anew when its manifest changes."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from lindero.app.current import open_map
from lindero.layers.errors import LayerError
from lindero.layers.tiles.background_archive import Background
from lindero.layers.workspace.backgrounds import TABLE, Entry
from lindero.layers.workspace.manifest_file import MANIFEST
from lindero.layers.workspace.rivers import Network, networks

Content = TypeVar("Content")


@dataclass(frozen=True)
class OwnBackground:
    """A background that can be chosen."""

    entry: Entry
    tiles: Background


class _OfManifest(Generic[Content]):
    """What a reader makes of the workspace that is served: the same object as long as its manifest does not change."""

    def __init__(self, read: Callable[[Path], Content], nothing: Content) -> None:
        self._read, self._nothing = read, nothing
        self._lock = threading.Lock()
        self._known: dict[Path, tuple[int, Content]] = {}  # by the manifest, with the time of its last change

    def current(self) -> Content:
        """Give it; `nothing` where no workspace is served."""
        folder = open_map.workspace()
        manifest = folder / MANIFEST if folder is not None else None
        if manifest is None or not manifest.is_file():
            return self._nothing
        changed = manifest.stat().st_mtime_ns
        with self._lock:
            if manifest not in self._known or self._known[manifest][0] != changed:
                self._known[manifest] = changed, self._read(manifest.parent)
            return self._known[manifest][1]


def _readable_backgrounds(folder: Path) -> dict[str, OwnBackground]:
    found = {}
    try:
        for entry in TABLE.entries(folder):
            found[entry.id] = _background(folder, entry)
    except LayerError:
        return {}
    return {id_: one for id_, one in found.items() if one is not None}


def _background(folder: Path, entry: Entry) -> OwnBackground | None:
    try:
        return OwnBackground(entry, Background(folder / entry.file))
    except (LayerError, OSError):
        return None


BACKGROUNDS = _OfManifest[dict[str, OwnBackground]](_readable_backgrounds, {})
"""The backgrounds by their ids; what cannot be read is left out here, and told by `lindero doctor`."""
RIVERS = _OfManifest[tuple[Network, ...]](networks, ())
"""
The networks, each the same object as before while nothing changes, so that answers by them are kept.

A `LayerError` is raised where some are gone, or not as they were added: an answer without them would be another one,
unsaid.
"""
