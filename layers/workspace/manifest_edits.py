"""Changes of the manifest by people: incidents that are one, as `[[same]]`, and sources taken out with their files."""

import tomlkit

from lindero.layers.errors import N_, AnswerError, WorkspaceError
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace, changed_manifest, load, parts, values_of


def accept(space: Workspace, incidents: tuple[str, ...], *, existing: frozenset[str]) -> Workspace:
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
    if unknown := [name for name in incidents if name not in existing]:
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


# Sources taken out of a workspace again, with their files.


def remove(workspace: Workspace, source_id: str, *, snapshot_on: str = "") -> list[SourceEntry]:
    """
    Take a source out of the manifest, or one snapshot of it, and its file out of the workspace if no other names it.

    Raises
    ------
    WorkspaceError
        If there is none of that name and date, or the folder cannot be written.
    """
    gone = [one for one in workspace.sources if one.id == source_id and snapshot_on in {"", one.snapshot_on}]
    if not gone:
        raise WorkspaceError(
            N_("there is no source {id}; there are {known}"),
            id=f"{source_id}@{snapshot_on}" if snapshot_on else source_id,
            known=", ".join(f"{one.id}@{one.snapshot_on}" for one in workspace.sources) or "–",
        )
    keys = {(one.id, one.snapshot_on) for one in gone}
    with changed_manifest(workspace.folder) as document:
        listed = document.get("source", tomlkit.aot())
        for at in reversed(range(len(listed))):
            values = values_of(listed[at])
            if (values.get("id"), values["snapshot_on"]) in keys:
                del listed[at]
    used = {one.file for one in load(workspace.folder).sources}
    for file in {one.file for one in gone} - used:
        for part in parts(workspace.folder / file):
            part.unlink(missing_ok=True)
    return gone
