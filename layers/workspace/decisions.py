"""What people decided of the record: incidents of several sources that are one, as `[[same]]` in the manifest."""

import tomlkit

from lindero.layers.errors import N_, AnswerError
from lindero.layers.workspace.manifest_file import Workspace, changed_manifest, load


def accept(space: Workspace, incidents: tuple[str, ...], *, known: frozenset[str]) -> Workspace:
    """
    Write down that incidents are one; the next build tells them once, under the id of the first.

    Parameters
    ----------
    incidents
        Two ids or more.
    known
        Ids of the incidents on the map.

    Raises
    ------
    AnswerError
        If an id is not on the map, or fewer than two are given.
    WorkspaceError
        If the manifest cannot be written.
    """
    if unknown := [name for name in incidents if name not in known]:
        raise AnswerError(N_("there is no incident {id} on the map"), id=unknown[0])
    if len(set(incidents)) != len(incidents) or len(incidents) == 1:
        raise AnswerError(N_("an incident is the same as itself: name another"))
    if incidents in space.same:
        return space
    with changed_manifest(space.folder) as document:
        table = tomlkit.table()
        table["incidents"] = list(incidents)
        document.setdefault("same", tomlkit.aot()).append(table)
    return load(space.folder)
