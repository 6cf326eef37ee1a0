"""Storing a planned file in the workspace, for a person who agreed and for the watch."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lindero.app.builder.consent import store_decisions
from lindero.app.builder.rows.ingest import save_reading
from lindero.app.builder.rows.row_report import IngestedSource
from lindero.layers.vault import journal
from lindero.layers.workspace import manifest_file as workspaces
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace


def mark_comparable(entry: SourceEntry, space: Workspace) -> SourceEntry:
    """Return an accepted entry as comparable with the other snapshots of its source, if there are any."""
    return replace(entry, comparable=any(source.id == entry.id for source in space.sources))


def store_plan(
    space: Workspace,
    plan: IngestedSource,
    entry: SourceEntry,
    path: Path,
    *,
    beside: Sequence[Path] = (),
    coverage: Sequence[Path] = (),
) -> Workspace:
    """Store a planned file and the decisions about its rows, and return the workspace with it.

    Ask `collect.absence.find_plan_fault` before: the file then counts as comparable with the source's other snapshots.
    """
    entry = mark_comparable(entry, space)
    store_decisions(space, None, plan.answers)
    with journal.record_action(space.folder, journal.ADDED, source=entry.id, date=entry.snapshot_on):
        changed = workspaces.add_source(space, entry, path, beside=beside, coverage=coverage)
    save_reading(entry, plan.received, space)
    return changed
