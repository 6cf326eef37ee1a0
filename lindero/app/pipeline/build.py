"""From a workspace to a map: sources read or taken over, overlaps computed for what is new, all accounted for."""

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

from lindero.app.derived import edge_cache
from lindero.app.derived.engine import HERE, Engine, Progress, add_totals, lay_over, load_kernels
from lindero.app.derived.hotspot_inputs import add_cells
from lindero.app.pipeline import freshness
from lindero.app.pipeline.freshness import description, fingerprint
from lindero.app.pipeline.rows.coverage import add_coverage
from lindero.app.pipeline.rows.ingest import begin_for, ingest
from lindero.app.pipeline.rows.other_registers import note_displacements
from lindero.app.pipeline.rows.row_location import Land
from lindero.app.pipeline.rows.row_report import Ingested
from lindero.layers.check import same_incidents
from lindero.layers.check.visibility import Gate
from lindero.layers.consent import tombstones
from lindero.layers.database import map_database, map_writer
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import record_queries, redirects
from lindero.layers.disk import builds
from lindero.layers.disk.scratch import clear_abandoned
from lindero.layers.errors import N_, BuildError, SourceError
from lindero.layers.model.schema import INCIDENTS, LAYERS, OVERLAP_PAIRS
from lindero.layers.read.reader import Received
from lindero.layers.reference import base_data
from lindero.layers.tiles import tile_archive
from lindero.layers.workspace import manifest_file
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace, load
from lindero.machine.resources import machine

DATA = Path(__file__).parents[2] / "data"
_PARTS = ("demo", "public_record")


@dataclass(frozen=True)
class Built:
    """A map, whether anything had changed, and which files beside it were made anew: damaged, or of an earlier form."""

    path: Path
    changed: bool
    mended: tuple[str, ...] = ()
    of_earlier_form: tuple[str, ...] = ()


def build(space: Workspace, *, progress: Progress = lambda *_: None, engine: Engine = HERE) -> Built:
    """
    Make the map of a workspace; if nothing changed since the last one and that is as it was written, leave it.

    Parameters
    ----------
    engine
        Where overlaps are computed: in this process, or on a cluster (`app.derived.dask_engine`); the map is the same.

    Raises
    ------
    LayerError
        If a source cannot be read, or the result fails the build's own checks. The last good map stays.
    """
    inputs, damaged = freshness.inputs(space), builds.damaged(space.build_folder)
    if inputs == builds.built_from(space.build_folder) and not damaged:  # asked without a lock: a medium that can
        return Built(builds.current_map(space.build_folder), changed=False)  # only be read has room for none
    earlier = builds.of_earlier_form(space.build_folder, damaged)
    with builds.exclusive(space.build_folder):
        clear_abandoned(space.folder / "files")
        new = space.build_folder / ".map-new.duckdb"
        previous = _previous(space.build_folder, damaged)
        with closing(map_writer.create(new, memory=f"{machine().database_mb}MB", threads=machine().cores)) as con:
            fresh, same = _fill(con, space, previous, progress)
            laid = lay_over(con, fresh, engine, progress, same=same)
            progress("cells", 0, 1)
            add_cells(con, previous, engine, laid, same=same)
            add_totals(con, laid, same=same)
            digest = _checked(con)
            features = tile_archive.count(con)
            beside = [edge_cache.write(con, new, previous=previous, fresh=fresh)]
            map_writer.write_down(con)
            tiles = new.with_suffix(builds.TILES)
            beside += [tiles] if _cut(new, tiles, features, progress) else []
        path = builds.publish(space.build_folder, new, digest=digest, inputs=inputs, beside=beside)
        for reading in builds.readings(space.build_folder):
            reading.unlink()
        mended = tuple(name for name in damaged if name not in earlier)
        return Built(path, changed=True, mended=mended, of_earlier_form=tuple(earlier))


def _cut(map_file: Path, tiles: Path, features: int, progress: Progress) -> bool:
    write = partial(tile_archive.write, threads=machine().cores, memory=f"{machine().database_mb}MB")
    return write(map_file, tiles, progress=progress, features=features)


def _previous(build_folder: Path, damaged: Sequence[str]) -> Path | None:
    """Give the map that what did not change is taken over from; none that is damaged."""
    path = builds.current_map(build_folder) if builds.built_from(build_folder) else None
    return None if path is None or path.name in damaged else path


def _fill(
    con: Connection, space: Workspace, previous: Path | None, progress: Progress
) -> tuple[set[tuple[str, str]], frozenset[str]]:
    """
    Take over the sources that did not change and read the others.

    Returns
    -------
    tuple
        The (id, snapshot) of those that were read, and the layers that show what they showed in the last map.
    """
    for entry in space.sources:
        manifest_file.check_file(space, entry)
    known_as = _taken_over(con, space, previous)
    fresh = [entry for entry in space.sources if fingerprint(entry, space) not in known_as]
    if previous is not None:
        map_writer.copy_overlaps(con, previous)
    land = Land(base_data.countries(), space.country)
    gate = Gate(tombstones.read(space.folder))
    fresh.sort(key=lambda entry: bool(LAYERS[entry.layer].refers_to))  # incidents before what belongs to them
    told: list[pd.DataFrame] = []
    for done, (entry, received) in enumerate(_each_read(fresh, space, gate)):
        progress(entry.id, done, len(fresh))
        incidents = map_database.ids(con, INCIDENTS) if LAYERS[entry.layer].of_incidents else None
        # not named here: of a large source there is room for one, not for the last one, too
        references = partial(redirects.led_by, con)
        source = _write(con, ingest(entry, received(), land, incidents=incidents, references=references, gate=gate))
        told.append(source.assign(fingerprint=fingerprint(entry, space)))
    map_writer.write_table(con, "sources", *told)
    map_writer.mark_current(con)
    same = map_writer.same_layers(con, previous) if previous is not None else frozenset()
    note_displacements(con, same=same)
    if previous is not None:
        map_writer.copy_sums(con, previous, same=same)
    covered = map_writer.copy_coverage(con, previous) if previous is not None else frozenset()
    add_coverage(con, space, land, besides=covered)
    led = redirects.led(con, INCIDENTS, [name for group in space.same for name in group])
    groups = [[led.get(name, name) for name in group] for group in space.same]
    map_writer.write_table(con, "same_incidents", same_incidents.merged(record_queries.current_ids(con), groups))
    return {(entry.id, entry.snapshot_on) for entry in fresh}, same


def _taken_over(con: Connection, space: Workspace, previous: Path | None) -> frozenset[str]:
    if previous is None:
        return frozenset()
    prints = {fingerprint(entry, space): entry for entry in space.sources}
    taken = map_writer.copy_sources(con, previous, list(prints))
    for entry in (prints[one] for one in taken):
        map_writer.describe(con, entry.id, entry.snapshot_on, description(entry))
    return taken


def _each_read(
    entries: Sequence[SourceEntry], space: Workspace, gate: Gate
) -> Iterator[tuple[SourceEntry, Callable[[], Received]]]:
    """Give each source and what its file holds; while one is worked on, the next is read, and never more than that."""
    begun: deque[tuple[SourceEntry, Callable[[], Received]]] = deque()
    with ThreadPoolExecutor(max_workers=1) as executor:
        for entry in entries:
            begun.append((entry, begin_for(executor, entry, space, gate=gate)))
            if entry is entries[0] and _are_laid_over(entries, space):  # for the first there is nothing to do but wait
                load_kernels()
            if len(begun) > 1:
                yield begun.popleft()
        yield from begun


def _are_laid_over(entries: Sequence[SourceEntry], space: Workspace) -> bool:
    """Tell whether some sources have part in a pair of layers of which the workspace has both."""
    fresh, every = ({entry.layer for entry in some} for some in (entries, space.sources))
    return any(fresh.intersection(pair) and every.issuperset(pair) for pair in OVERLAP_PAIRS)


def _write(con: Connection, taken: Ingested) -> pd.DataFrame:
    """Write what a source gives the map, but for its own row, which is given back: all are written at once."""
    for name, rows in taken.tables.items():
        map_writer.write_layer(con, LAYERS[name], rows)
    map_writer.write_table(con, "refused", taken.refused)
    for name, rows in (("rejects", taken.rejects), ("repairs", taken.repairs), ("findings", taken.findings)):
        map_writer.write_table(con, name, rows)
    return taken.source


def _checked(con: Connection) -> str:
    """Hold that every row is accounted for and every id names one row; returns the map's digest."""
    wrong = map_writer.unaccounted(con)
    if not wrong.empty:
        raise BuildError(N_("rows are not accounted for: {rows}"), rows=wrong.to_dict("records"))
    repeated = map_writer.repeated_ids(con)
    if not repeated.empty:
        raise SourceError(
            N_("{count} ids of {layer} stand in two sources, the first is {id}: give one of them other ids"),
            count=len(repeated),
            layer=repeated["layer"].iloc[0],
            id=repeated["id"].iloc[0],
        )
    return map_writer.digest(con)


# The demonstration map: the invented territory of `data/demo` and the cases of `data/public_record`, built on first
# use.
#
# It is what `lindero serve` shows with no workspace, and is built as any workspace is.


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
    if DATA.parents[1].joinpath("pyproject.toml").is_file():
        return DATA
    home = user_data_path("lindero", appauthor=False) / f"demonstration-{version('lindero')}"
    for name in _PARTS:
        shutil.copytree(DATA / name, home / name, dirs_exist_ok=True)
    return home
