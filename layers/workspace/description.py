"""What is said of a source after it was added: the days and places that it covers, its dates, publisher and licence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

from lindero.layers.errors import N_, SourceError, WorkspaceError
from lindero.layers.workspace.manifest_file import (
    SourceEntry,
    Workspace,
    changed_manifest,
    keep_files,
    kept_as,
    load,
    parts,
)
from lindero.layers.workspace.manifest_tables import matching_entries
from lindero.layers.workspace.manifest_text import values_of
from lindero.layers.workspace.source_options import DATES

SNAPSHOT_ON = "snapshot_on"


def describe_source(
    workspace: Workspace,
    source_id: str,
    stated: Mapping[str, str],
    *,
    snapshot_on: str = "",
    coverage: Sequence[Path] = (),
) -> list[SourceEntry]:
    """
    Change what the manifest says of a source, or of its snapshot of a date; return the entries as they are then.

    Parameters
    ----------
    stated
        Values by their name in the manifest; an empty text takes a value out.
    coverage
        Files with the areas that `stated` names, which are kept in the workspace.

    Raises
    ------
    SourceError
        If a date is not one, or the last day covered is before the first.
    WorkspaceError
        If there is no such source, two snapshots would have the same date, or the folder cannot be written.
    """
    entries = matching_entries(workspace, source_id, snapshot_on=snapshot_on)
    _check_dates(stated, entries)
    day = stated.get(SNAPSHOT_ON)
    others = {one.snapshot_on for one in workspace.sources if one.id == source_id and one not in entries}
    if day and (len(entries) > 1 or day in others):
        raise WorkspaceError(
            N_("source {id} has several snapshots, each of its own date: name one of them with --snapshot"),
            id=source_id,
        )
    keys = {(one.id, one.snapshot_on) for one in entries}
    with changed_manifest(workspace.folder) as document:
        for file in coverage:
            keep_files(parts(file), workspace.folder / kept_as(file))
        for raw in document.get("source", []):
            if (raw.get("id"), values_of(raw)[SNAPSHOT_ON]) in keys:
                for name, value in stated.items():
                    if value:
                        raw[name] = value
                    else:
                        raw.pop(name, None)
    files = {one.file for one in entries}
    return [one for one in load(workspace.folder).sources if one.id == source_id and one.file in files]


def _check_dates(stated: Mapping[str, str], entries: Sequence[SourceEntry]) -> None:
    for name in (*DATES, SNAPSHOT_ON):
        if text := stated.get(name):
            try:
                dt.date.fromisoformat(text)
            except ValueError as error:
                raise SourceError(N_("{text} is not a date of the form YYYY-MM-DD"), text=text) from error
    for entry in entries:
        first, last = (stated.get(name, getattr(entry, name)) for name in ("covers_from", "covers_to"))
        if first and last and first > last:
            raise SourceError(
                N_("{first} is after {last}: the first day covered must come first"), first=first, last=last
            )
