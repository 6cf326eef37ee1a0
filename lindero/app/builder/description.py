"""Changes to the description of a source after it was added, for the command and the page."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lindero.app.builder.add.plan import check_has_rows
from lindero.app.builder.rows.coverage import DeclaredCoverage, manifest_coverage
from lindero.app.builder.rows.ingest import ingest, read_source
from lindero.app.builder.rows.row_location import Land
from lindero.layers.reference import base_data
from lindero.layers.vault import journal
from lindero.layers.workspace import manifest_tables
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace
from lindero.layers.workspace.source_options import READING_OPTIONS

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
    """Change the manifest entry of a source, or of one of its snapshots, and note it in the journal.

    `stated` maps names of the manifest to values; an empty text removes a value. `takes_files` is as for
    `manifest_coverage`.
    """
    declared = DeclaredCoverage("")
    if places := stated.get(COVERAGE):
        declared = manifest_coverage(
            places, space, Land(base_data.load_countries(), space.country), takes_files=takes_files
        )
        stated = {**stated, COVERAGE: declared.text}
    if stated.keys() & READING_OPTIONS:
        land = Land(base_data.load_countries(), space.country)
        for entry in manifest_tables.find_entries(space, source_id, snapshot_on=snapshot_on):
            changes: dict[str, Any] = {name: stated[name] for name in stated.keys() & READING_OPTIONS}
            changed = replace(entry, **changes)
            check_has_rows(ingest(changed, read_source(changed, space.folder / entry.file), land))
    with journal.record_action(space.folder, journal.DESCRIBED, who=who, source=source_id, date=snapshot_on):
        return manifest_tables.update_source(space, source_id, stated, snapshot_on=snapshot_on, coverage=declared.files)
