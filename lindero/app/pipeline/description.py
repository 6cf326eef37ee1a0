"""Change what is said of a source after it was added; a command and a page do it alike."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lindero.app.pipeline.add.plan import check_kept
from lindero.app.pipeline.rows.coverage import Filed, manifest_coverage
from lindero.app.pipeline.rows.ingest import ingest, read_for
from lindero.app.pipeline.rows.row_location import Land
from lindero.layers.reference import base_data
from lindero.layers.vault import journal
from lindero.layers.workspace import manifest_tables
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace
from lindero.layers.workspace.source_options import READ_BY

COVERAGE = "coverage"


def describe_source(
    space: Workspace,
    source_id: str,
    stated: Mapping[str, str],
    *,
    snapshot_on: str = "",
    who: str = "",
    takes_files: bool = True,
) -> list[SourceEntry]:
    """
    Change what the manifest says of a source, or of its snapshot of a date, and note it in the journal.

    `stated` holds values by their name in the manifest; an empty text takes a value out. `takes_files` is as for
    `manifest_coverage`.

    Raises
    ------
    SourceError
        If a date or a place is not one, or the file cannot be read with the reference system or encoding stated.
    WorkspaceError
        If there is no such source, or the manifest cannot be changed so.
    """
    filed = Filed("")
    if places := stated.get(COVERAGE):
        filed = manifest_coverage(places, space, Land(base_data.countries(), space.country), takes_files=takes_files)
        stated = {**stated, COVERAGE: filed.text}
    if stated.keys() & READ_BY:
        land = Land(base_data.countries(), space.country)
        for entry in manifest_tables.matching_entries(space, source_id, snapshot_on=snapshot_on):
            said: dict[str, Any] = {name: stated[name] for name in stated.keys() & READ_BY}
            changed = replace(entry, **said)
            check_kept(ingest(changed, read_for(changed, space.folder / entry.file), land))
    with journal.act(space.folder, journal.DESCRIBED, who=who, source=source_id, date=snapshot_on):
        return manifest_tables.describe(space, source_id, stated, snapshot_on=snapshot_on, coverage=filed.files)
