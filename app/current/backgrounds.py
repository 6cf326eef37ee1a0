"""The operator's own backgrounds of the workspace that is served, looked up anew when its manifest changes."""

import threading
from dataclasses import dataclass
from pathlib import Path

from lindero.app.current import open_map
from lindero.layers.errors import LayerError
from lindero.layers.tiles.background_archive import Background
from lindero.layers.workspace import backgrounds
from lindero.layers.workspace.backgrounds import Entry
from lindero.layers.workspace.manifest_file import MANIFEST


@dataclass(frozen=True)
class Own:
    """A background that can be chosen."""

    entry: Entry
    tiles: Background


_lock = threading.Lock()
_opened: dict[Path, tuple[int, dict[str, Own]]] = {}  # by the manifest, with the time of its last change


def own() -> dict[str, Own]:
    """Give the backgrounds by their ids; what cannot be read is left out here, and told by `lindero doctor`."""
    folder = open_map.workspace()
    manifest = folder / MANIFEST if folder is not None else None
    if manifest is None or not manifest.is_file():
        return {}
    changed = manifest.stat().st_mtime_ns
    with _lock:
        if manifest not in _opened or _opened[manifest][0] != changed:
            _opened[manifest] = changed, _read(manifest.parent)
        return _opened[manifest][1]


def _read(folder: Path) -> dict[str, Own]:
    found = {}
    try:
        for entry in backgrounds.listed(folder):
            found[entry.id] = _one(folder, entry)
    except LayerError:
        return {}
    return {id_: one for id_, one in found.items() if one is not None}


def _one(folder: Path, entry: Entry) -> Own | None:
    try:
        return Own(entry, Background(folder / entry.file))
    except (LayerError, OSError):
        return None
