"""The files of a folder, such as a USB stick, that belong to sources of a workspace."""

from collections import Counter
from pathlib import Path, PurePosixPath

from lindero.layers.watch.due import list_latest
from lindero.layers.workspace.manifest_file import Workspace, list_parts, to_slug


def match_files(space: Workspace, folder: Path) -> tuple[dict[str, Path], list[Path]]:
    """Match the files of a folder with sources of the workspace.

    A file belongs to the source whose id is its stem, or whose earlier received file has its name.

    Returns: the file of each source by the source's id, and the files that belong to no source, to be named to the
    operator: also those that may belong to several sources, and a second file of a source.
    """
    latest = list_latest(space)
    owners = {(PurePosixPath(entry.file).name, entry.id) for entry in space.sources}
    by_name = Counter(name for name, _id in owners)
    known_names = {name: source_id for name, source_id in owners if by_name[name] == 1}
    visible = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    sidecars = {part for path in visible for part in list_parts(path) if part != path}
    files: dict[str, Path] = {}
    unknown = []
    for path in (path for path in visible if path not in sidecars):
        stems = (path.stem, to_slug(path.stem), known_names.get(path.name, ""))
        source_id = next((name for name in stems if name in latest), "")
        if not source_id or source_id in files:
            unknown.append(path)
        else:
            files[source_id] = path
    return files, unknown
