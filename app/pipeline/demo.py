"""
The demonstration map: the invented territory of `data/demo` and the cases of `data/public_record`, built on first use.

It is what `lindero serve` shows with no workspace, and is built as any workspace is.
"""

import shutil
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from platformdirs import user_data_path

from lindero.layers.workspace.manifest_file import Workspace, load

DATA = Path(__file__).parents[2] / "data"
_PARTS = ("demo", "public_record")


def demonstration(folder: Path | None = None) -> Workspace:
    """
    Give the embedded workspaces as one; those in `folder`, if one is named.

    Raises
    ------
    WorkspaceError
        If `folder` does not hold them.
    """
    folder = folder or _home()
    parts = [load(folder / name) for name in _PARTS]
    sources = [replace(source, file=f"{part.folder.name}/{source.file}") for part in parts for source in part.sources]
    return Workspace(folder, parts[0].title, parts[0].country, tuple(sources))


def _home() -> Path:
    """Name where the demonstration lies and is built: in a clone beside the code, else among the user's own data."""
    if DATA.parent.joinpath("pyproject.toml").is_file():
        return DATA
    home = user_data_path("lindero", appauthor=False) / f"demonstration-{version('lindero')}"
    for name in _PARTS:
        shutil.copytree(DATA / name, home / name, dirs_exist_ok=True)
    return home
