"""From a workspace to a map: sources read or taken over, overlaps computed for what is new, all accounted for."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import pandas as pd

from app.account import Ingested
from app.ingest import READER, ingest
from app.whereabouts import Land
from geo import Ground, compiled, distrust, overlap
from layers import artefact, base, store, workspace
from layers.errors import N_, BuildError, SourceError
from layers.schema import INCIDENTS, LAYERS, OVERLAP_PAIRS
from layers.store import Connection
from layers.workspace import SourceEntry, Workspace

Progress = Callable[[str, int, int], None]
"""Is told a step's name, how many of its parts are done, and how many there are."""


@dataclass(frozen=True)
class Built:
    """The map that a build gave, and whether anything had changed."""

    path: Path
    changed: bool


def build(space: Workspace, *, progress: Progress = lambda *_: None) -> Built:
    """
    Make the map of a workspace; if nothing changed since the last one, leave that.

    Raises
    ------
    LayerError
        If a source cannot be read, or the result fails the build's own checks. The last good map stays.
    """
    with artefact.exclusive(space.build_folder):
        inputs = _inputs(space)
        if inputs == artefact.built_from(space.build_folder):
            return Built(artefact.current_map(space.build_folder), changed=False)
        new = space.build_folder / ".map-new.duckdb"
        previous = _previous(space.build_folder)
        con = store.create(new)
        try:
            fresh = _fill(con, space, previous, progress)
            _lay_over(con, fresh, progress)
            digest = _checked(con)
        except BaseException:
            con.close()
            raise
        store.finish(con)
        return Built(artefact.publish(space.build_folder, new, digest=digest, inputs=inputs), changed=True)


def fingerprint(entry: SourceEntry, space: Workspace) -> str:
    """Hash of a source's file, of how it is read, of the code that reads it, and of the incidents that it refers to."""
    told = [entry.fingerprint(READER), space.country]
    if LAYERS[entry.layer].of_incidents:
        told += [other.fingerprint(READER) for other in space.sources if other.layer == INCIDENTS.name]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _inputs(space: Workspace) -> str:
    told = "\n".join(fingerprint(entry, space) for entry in space.sources)
    return hashlib.sha256(told.encode()).hexdigest()


def _previous(build_folder: Path) -> Path | None:
    return artefact.current_map(build_folder) if artefact.built_from(build_folder) else None


def _fill(con: Connection, space: Workspace, previous: Path | None, progress: Progress) -> set[tuple[str, str]]:
    """Take over the sources that did not change and read the others; returns the (id, snapshot) of those read."""
    fresh: list[SourceEntry] = []
    for entry in space.sources:
        _check_file(space, entry)
        if previous is None or not store.copy_source(con, previous, fingerprint(entry, space)):
            fresh.append(entry)
    if previous is not None:
        store.copy_overlaps(con, previous)
    land = Land(base.countries(), space.country)
    # incidents before the acts and victims that belong to them
    for done, entry in enumerate(sorted(fresh, key=lambda entry: LAYERS[entry.layer].of_incidents)):
        progress(entry.id, done, len(fresh))
        known = store.ids(con, INCIDENTS) if LAYERS[entry.layer].of_incidents else None
        _write(con, ingest(entry, space.folder / entry.file, land, incidents=known), fingerprint(entry, space))
    store.mark_current(con)
    return {(entry.id, entry.snapshot_on) for entry in fresh}


def _write(con: Connection, taken: Ingested, print_of_source: str) -> None:
    for name, rows in taken.tables.items():
        store.write_layer(con, LAYERS[name], rows)
    store.write_table(con, "sources", taken.source.assign(fingerprint=print_of_source))
    for name, rows in (("rejects", taken.rejects), ("repairs", taken.repairs), ("findings", taken.findings)):
        store.write_table(con, name, rows)


def _check_file(space: Workspace, entry: SourceEntry) -> None:
    path = space.folder / entry.file
    if not path.is_file():
        raise SourceError(N_("the file of source {id} is gone: {file}"), id=entry.id, file=entry.file)
    if entry.sha256 and workspace.sha256(path) != entry.sha256:
        raise SourceError(
            N_("the file of source {id} is not as it was received: {file}; add it anew"), id=entry.id, file=entry.file
        )


@dataclass(frozen=True)
class _Layer:
    """A layer prepared for overlaps once, however many others it is laid over."""

    frame: gpd.GeoDataFrame
    is_fresh: pd.Series

    @cached_property
    def all(self) -> Ground:
        """Every feature."""
        return self.fresh if self.is_fresh.all() else Ground.of(self.frame)

    @cached_property
    def fresh(self) -> Ground:
        """Features of sources that were read anew."""
        return Ground.of(self.frame[self.is_fresh])

    @cached_property
    def kept(self) -> Ground:
        """Features of sources that were taken over."""
        return Ground.of(self.frame[~self.is_fresh])


def _lay_over(con: Connection, fresh: set[tuple[str, str]], progress: Progress) -> None:
    """Compute the overlaps that a fresh source has part in; the others were taken over."""
    layers = {name: _layer(con, name, fresh) for name in {name for pair in OVERLAP_PAIRS for name in pair}}
    for done, (left, right) in enumerate(OVERLAP_PAIRS):
        progress(f"{left} × {right}", done, len(OVERLAP_PAIRS))
        one, other = layers[left], layers[right]
        for sides in ((one.fresh, other.all), (one.kept, other.fresh)):
            if all(len(side.ids) for side in sides):
                _trust(*sides)
                store.write_table(con, "overlaps", overlap(*sides).assign(left_layer=left, right_layer=right))


def _trust(left: Ground, right: Ground) -> None:
    """Hold the compiled areas to GEOS on a seeded sample; without numba they are GEOS's own."""
    if not compiled.AVAILABLE:
        return
    wrong = distrust(left, right)
    if not wrong.empty:
        raise BuildError(N_("areas of overlap do not agree with GEOS: {pairs}"), pairs=wrong.head(3).to_dict("records"))


def _layer(con: Connection, name: str, fresh: set[tuple[str, str]]) -> _Layer:
    frame = store.read_layer(con, LAYERS[name], every_snapshot=True)
    keys = pd.Series(zip(frame["source_id"], frame["snapshot_on"].astype(str), strict=True), index=frame.index)
    return _Layer(frame, keys.isin(list(fresh)).astype(bool))


def _checked(con: Connection) -> str:
    """Hold that every row is accounted for and every id names one row; returns the map's digest."""
    wrong = store.unaccounted(con)
    if not wrong.empty:
        raise BuildError(N_("rows are not accounted for: {rows}"), rows=wrong.to_dict("records"))
    repeated = store.repeated_ids(con)
    if not repeated.empty:
        raise SourceError(
            N_("{count} ids of {layer} stand in two sources, the first is {id}: give one of them other ids"),
            count=len(repeated),
            layer=repeated["layer"].iloc[0],
            id=repeated["id"].iloc[0],
        )
    return store.digest(con)
