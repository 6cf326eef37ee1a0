"""Build of a map from a workspace.

Unchanged sources are copied from the previous map, the others are read. Then everything is computed from the rows.
"""

import shutil
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from platformdirs import user_data_path

from lindero.app.answers.coverage.health import SNAPSHOT_PUT_ASIDE, format_reason
from lindero.app.answers.engine import LOCAL_ENGINE, Engine, Progress, load_kernels
from lindero.app.builder import freshness
from lindero.app.builder.add.absence import Reason, find_entry_fault
from lindero.app.builder.derived.exposure_inputs import add_exposure
from lindero.app.builder.derived.hotspot_inputs import add_cells
from lindero.app.builder.derived.layer_overlaps import add_totals, compute_overlaps
from lindero.app.builder.freshness import source_description, source_fingerprint
from lindero.app.builder.rows.coverage import add_coverage
from lindero.app.builder.rows.ingest import ingest, start_reading_source
from lindero.app.builder.rows.invented_names import mark_names
from lindero.app.builder.rows.other_registers import note_displacements
from lindero.app.builder.rows.row_location import Land
from lindero.app.builder.rows.row_report import IngestedSource
from lindero.layers.check import same_incidents
from lindero.layers.check.visibility import Gate
from lindero.layers.consent import tombstones
from lindero.layers.database import map_database, map_writer
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import record_queries, redirects
from lindero.layers.disk import builds
from lindero.layers.disk.scratch import delete_abandoned_folders
from lindero.layers.errors import N_, BuildError, SourceError
from lindero.layers.model.schema import INCIDENTS, LAYERS, OVERLAP_PAIRS
from lindero.layers.read.reader import ReceivedLayer
from lindero.layers.reference import base_data
from lindero.layers.tiles import tile_archive
from lindero.layers.workspace import manifest_file
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace, load_workspace
from lindero.machine.clock import local_today
from lindero.machine.resources import machine

DATA = Path(__file__).parents[2] / "data"
_PARTS = ("demo", "public_record")


@dataclass(frozen=True)
class BuildResult:
    """The result of a build.

    `changed` is False if the current map was already up to date. `mended` lists the files beside the map that were
    rebuilt because they were damaged.
    """

    path: Path
    changed: bool
    mended: tuple[str, ...] = ()


def build_map(space: Workspace, *, progress: Progress = lambda *_: None, engine: Engine = LOCAL_ENGINE) -> BuildResult:
    """Build the map of a workspace, unless the current map is undamaged and nothing has changed since it was built.

    `engine`: where overlaps are computed: in this process, or on a cluster (`app.builder.derived.dask_engine`). The map
    is the same.
    """
    inputs, damaged = freshness.inputs_fingerprint(space), builds.find_damaged_files(space.build_folder)
    if inputs == builds.read_inputs_fingerprint(space.build_folder) and not damaged:  # checked without a lock,
        return BuildResult(builds.current_map(space.build_folder), changed=False)  # because read-only media have none
    memory = f"{machine().database_mb}MB"
    with builds.lock_folder(space.build_folder):
        delete_abandoned_folders(space.folder / "files")
        new = space.build_folder / ".map-new.duckdb"
        previous = _find_previous_map(space.build_folder, damaged)
        with closing(map_writer.create_map(new, memory=memory, threads=machine().cores)) as con:
            _fill_map(con, space, previous, progress)
            prepared_layers = compute_overlaps(con, engine, progress)
            progress("cells", 0, 1)
            add_cells(con, engine, prepared_layers)
            add_totals(con, prepared_layers, progress)
            add_exposure(con, prepared_layers, progress)
            del prepared_layers  # the rest needs them no more
            digest = _check_map(con)
            features = tile_archive.count_features(con)
            map_writer.detach_map(con)
            tiles = new.with_suffix(builds.TILES)
            has_tiles = tile_archive.write_archive(
                new,
                tiles,
                progress=progress,
                features=features,
                threads=machine().cores,
                memory=memory,
            )
        path = builds.publish_map(space.build_folder, new, digest=digest, inputs=inputs, beside=[tiles] * has_tiles)
        for reading in builds.list_readings(space.build_folder):
            reading.unlink()
        return BuildResult(path, changed=True, mended=tuple(damaged))


def _find_previous_map(build_folder: Path, damaged: Sequence[str]) -> Path | None:
    """Return the map that unchanged data are copied from, or None if there is none or it is damaged."""
    path = builds.current_map(build_folder) if builds.read_inputs_fingerprint(build_folder) else None
    return None if path is None or path.name in damaged else path


def _fill_map(con: Connection, space: Workspace, previous: Path | None, progress: Progress) -> None:
    """Copy the unchanged sources from the previous map and read the others."""
    for entry in space.sources:
        manifest_file.check_file(space, entry)
    known_as = _copy_unchanged_sources(con, space, previous)
    space, refused = _select_comparable(space, known_as)
    fresh = [entry for entry in space.sources if source_fingerprint(entry, space) not in known_as]
    land = Land(base_data.load_countries(), space.country)
    gate = Gate(tombstones.read_registers(space.folder))
    fresh.sort(key=lambda entry: bool(LAYERS[entry.layer].referenced_layers))  # rows may refer to an earlier incident
    source_rows: list[pd.DataFrame] = []
    for done, (entry, received) in enumerate(_iter_sources(fresh, space, gate)):
        progress(entry.id, done, len(fresh))
        incidents = map_database.read_ids(con, INCIDENTS) if LAYERS[entry.layer].has_incident_id else None
        # `received()` has no name here, so that two large sources are never in memory together
        references = partial(redirects.resolve_references, con)
        source = _write_source(
            con,
            mark_names(
                ingest(entry, received(), land, incidents=incidents, references=references, gate=gate), among=space
            ),
        )
        source_rows.append(source.assign(fingerprint=source_fingerprint(entry, space)))
    map_writer.write_table(con, "sources", *source_rows)
    map_writer.mark_current(con)
    _write_refused_snapshots(con, space, refused)
    note_displacements(con)
    add_coverage(con, space, land)
    current_ids = redirects.resolve_ids(con, INCIDENTS, [name for group in space.same for name in group])
    groups = [[current_ids.get(name, name) for name in group] for group in space.same]
    map_writer.write_table(
        con, "same_incidents", same_incidents.map_merged_ids(record_queries.read_current_ids(con), groups)
    )


def _select_comparable(space: Workspace, known: frozenset[str]) -> tuple[Workspace, list[tuple[SourceEntry, Reason]]]:
    """Return the workspace without the snapshots that do not continue their source, and each of these with the reason.

    `known` are the fingerprints of the sources that an earlier build asked about.
    """
    refused: list[tuple[SourceEntry, Reason]] = []
    for entry in sorted(space.sources, key=lambda source: source.snapshot_on):
        if source_fingerprint(entry, space) in known:
            continue
        if fault := find_entry_fault(space, entry, today=local_today()):
            refused.append((entry, fault[1]))
            space = replace(space, sources=tuple(source for source in space.sources if source is not entry))
    return space, refused


def _write_refused_snapshots(con: Connection, space: Workspace, refused: list[tuple[SourceEntry, Reason]]) -> None:
    """Write a finding about each refused snapshot, at the current snapshot of its source."""
    rows = [
        {
            "source_id": entry.id,
            "snapshot_on": max(source.snapshot_on for source in space.sources if source.id == entry.id),
            "row_number": 0,
            "finding": SNAPSHOT_PUT_ASIDE,
            "detail": f"{entry.snapshot_on}: {format_reason(*reason)}",
        }
        for entry, reason in refused
    ]
    map_writer.replace_findings(con, [SNAPSHOT_PUT_ASIDE], pd.DataFrame(rows), layers=[*LAYERS])


def _copy_unchanged_sources(con: Connection, space: Workspace, previous: Path | None) -> frozenset[str]:
    if previous is None:
        return frozenset()
    prints = {source_fingerprint(entry, space): entry for entry in space.sources}
    copied = map_writer.copy_sources(con, previous, list(prints))
    for entry in (prints[source_print] for source_print in copied):
        map_writer.update_source(con, entry.id, entry.snapshot_on, source_description(entry))
    return copied


def _iter_sources(
    entries: Sequence[SourceEntry], space: Workspace, gate: Gate
) -> Iterator[tuple[SourceEntry, Callable[[], ReceivedLayer]]]:
    """Yield each source with a function that returns its content.

    While one source is processed, the next one is read in a thread, and never more than one.
    """
    started: deque[tuple[SourceEntry, Callable[[], ReceivedLayer]]] = deque()
    with ThreadPoolExecutor(max_workers=1) as executor:
        for entry in entries:
            started.append((entry, start_reading_source(executor, entry, space, gate=gate)))
            if entry is entries[0] and _need_overlaps(entries, space):  # meanwhile the first source is being read
                load_kernels()
            if len(started) > 1:
                yield started.popleft()
        yield from started


def _need_overlaps(entries: Sequence[SourceEntry], space: Workspace) -> bool:
    """Return whether one of the sources belongs to an overlap pair with both of its layers in the workspace."""
    fresh, present = ({entry.layer for entry in sources} for sources in (entries, space.sources))
    return any(fresh.intersection(pair) and present.issuperset(pair) for pair in OVERLAP_PAIRS)


def _write_source(con: Connection, taken: IngestedSource) -> pd.DataFrame:
    """Write the rows and the row account of a source into the map. Return its own row of `sources`.

    The rows of `sources` are written later, all at once.
    """
    for name, rows in taken.tables.items():
        map_writer.write_layer(con, LAYERS[name], rows)
    map_writer.write_table(con, "refused", taken.refused)
    for name, rows in (("rejects", taken.rejects), ("repairs", taken.repairs), ("findings", taken.findings)):
        map_writer.write_table(con, name, rows)
    return taken.source


def _check_map(con: Connection) -> str:
    """Check that every row is accounted for and that ids are unique. Return the map's digest."""
    wrong = map_writer.find_count_mismatches(con)
    if not wrong.empty:
        raise BuildError(N_("the row counts of a source do not add up: {rows}"), rows=wrong.to_dict("records"))
    repeated = map_writer.find_repeated_ids(con)
    if not repeated.empty:
        raise SourceError(
            N_("{count} ids of {layer} occur in two sources; the first is {id}. Change the ids in one of the sources"),
            count=len(repeated),
            layer=repeated["layer"].iloc[0],
            id=repeated["id"].iloc[0],
        )
    return map_writer.compute_digest(con)


# The demonstration map: the invented territory of `data/demo` and the cases of `data/public_record`, built on first
# use.
#
# `lindero serve` shows it if no workspace is given. It is built like any other workspace.


def load_demonstration(folder: Path | None = None) -> Workspace:
    """Load the workspaces that are part of the program as one workspace, or those in `folder`."""
    folder = folder or _demonstration_folder()
    parts = [load_workspace(folder / name) for name in _PARTS]
    sources = [replace(source, file=f"{part.folder.name}/{source.file}") for part in parts for source in part.sources]
    return Workspace(folder, parts[0].title, parts[0].country, tuple(sources))


def _demonstration_folder() -> Path:
    """Return the folder of the demonstration data, where its map is built, too.

    In a clone it is the `data` folder beside the code. Otherwise the data are copied to the user's data folder.
    """
    if DATA.parents[1].joinpath("pyproject.toml").is_file():
        return DATA
    home = user_data_path("lindero", appauthor=False) / f"demonstration-{version('lindero')}"
    for name in _PARTS:
        shutil.copytree(DATA / name, home / name, dirs_exist_ok=True)
    return home
