"""
The demonstration map: the invented territory of `data/demo` and the cases of `data/public_record`, built on first use.

It is what `lindero serve` shows with no workspace, and is built as any workspace is.
"""

from dataclasses import replace
from pathlib import Path

from lindero.layers.workspace.manifest_file import Workspace, load

DATA = Path(__file__).parents[2] / "data"
_PARTS = ("demo", "public_record")


def demonstration(folder: Path = DATA) -> Workspace:
    """
    Give the embedded workspaces as one.

    Raises
    ------
    WorkspaceError
        If `folder` does not hold them.
    """
    parts = [load(folder / name) for name in _PARTS]
    sources = [replace(source, file=f"{part.folder.name}/{source.file}") for part in parts for source in part.sources]
    return Workspace(folder, parts[0].title, parts[0].country, tuple(sources))
