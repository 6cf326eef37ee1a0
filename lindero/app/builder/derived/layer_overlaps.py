"""The build step that computes overlaps of layers, here or on a cluster, and their totals."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from lindero.app.answers.engine import Engine, Progress, SideColumn
from lindero.app.answers.prepared_layers import PreparedLayer
from lindero.geo import totals
from lindero.layers.database import map_writer
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import equal_ground, snapshot_rows
from lindero.layers.model.identity import split_versions
from lindero.layers.model.schema import LAYERS, OVERLAP_PAIRS, OVERLAP_TABLE

LayerPair = tuple[str, str]
"""The names of two layers, in the order of `OVERLAP_PAIRS`."""


def compute_overlaps(con: Connection, engine: Engine, progress: Progress) -> Mapping[str, PreparedLayer]:
    """Compute the overlaps of all pairs of layers, and the area that they cover."""
    layers = _PreparedLayers(con, engine)
    _add_overlaps(con, layers, engine, progress)
    _add_footprints(con, layers, engine, progress)
    return layers if engine.is_here else {}


def _add_overlaps(con: Connection, layers: "_PreparedLayers", engine: Engine, progress: Progress) -> None:
    pairs_with_rows = _select_pairs(layers)
    for done, (left, right) in enumerate(pairs_with_rows):
        progress("overlaps", done, len(pairs_with_rows))
        pairs = engine.overlap(layers[left].distinct, layers[right].distinct, with_range=True)
        pairs = split_versions(pairs, "left_", "right_").assign(left_layer=left, right_layer=right)
        map_writer.write_table(con, OVERLAP_TABLE, pairs)
        if layers.repeats(left) or layers.repeats(right):
            equal_ground.copy_pairs_of_repeats(con, left, right)


def _add_footprints(con: Connection, layers: "_PreparedLayers", engine: Engine, progress: Progress) -> None:
    """Compute, for every feature that the map shows, the area that another layer covers, counted once."""
    tables: list[pd.DataFrame] = []
    pairs_with_rows = _select_pairs(layers)
    for done, (left, right) in enumerate(pairs_with_rows):
        progress("footprints", done, len(pairs_with_rows))
        pairs = snapshot_rows.read_pairs(con, left, right)
        sides: tuple[tuple[SideColumn, str, str], ...] = (("left_id", left, right), ("right_id", right, left))
        for by, layer, covering_layer in sides:
            if pairs.empty:
                continue
            footprints = engine.footprint(pairs, layers[left].all, layers[right].all, by=by, with_range=True)
            footprints = split_versions(footprints).drop(columns="snapshot_on")
            tables.append(footprints.assign(layer=layer, covered_by=covering_layer))
    map_writer.write_table(con, "footprints", *tables)


def add_totals(con: Connection, prepared: Mapping[str, PreparedLayer], progress: Progress) -> None:
    """Store the totals of all pairs of current rows, with their range.

    Queries on whole layers then need not add them up.
    """
    rows = []
    pairs_with_rows = _select_pairs(prepared)
    for done, (left, right) in enumerate(pairs_with_rows):
        progress("totals", done, len(pairs_with_rows))
        pairs = snapshot_rows.read_pairs(con, left, right)
        if len(pairs):
            sums = totals(pairs, prepared[left].all, prepared[right].all, with_range=True)
            rows.append({"left_layer": left, "right_layer": right, **asdict(sums)})
    map_writer.write_table(con, "overlap_totals", pd.DataFrame(rows))


def _select_pairs(layers: Mapping[str, PreparedLayer]) -> list[LayerPair]:
    """Return those of `OVERLAP_PAIRS` of which both layers have rows."""
    return [pair for pair in OVERLAP_PAIRS if layers.keys() >= set(pair)]


class _PreparedLayers(Mapping[str, Any]):
    """The layers that have any rows. Each layer is read and prepared once, when it is first needed."""

    def __init__(self, con: Connection, engine: Engine) -> None:
        self._con, self._engine = con, engine
        names = dict.fromkeys(name for pair in OVERLAP_PAIRS for name in pair)
        snapshots = {name: snapshot_rows.list_snapshots(con, LAYERS[name]) for name in names}
        self._snapshots = {name: layer_snapshots for name, layer_snapshots in snapshots.items() if layer_snapshots}
        self._read: dict[str, Any] = {}
        self._repeats: dict[str, frozenset[str]] = {}

    def repeats(self, name: str) -> frozenset[str]:
        """Return the versions of the rows of a layer that have the ground of an earlier row."""
        if name not in self._repeats:
            may_repeat = len(self._snapshots[name]) > 1
            self._repeats[name] = equal_ground.find_repeats(self._con, LAYERS[name]) if may_repeat else frozenset()
        return self._repeats[name]

    def __getitem__(self, name: str) -> Any:
        if name not in self._read:
            if name not in self._snapshots:
                raise KeyError(name)
            self._read[name] = self._engine.prepare_layer(self._con, LAYERS[name], self.repeats(name))
        return self._read[name]

    def __contains__(self, name: object) -> bool:
        return name in self._snapshots

    def __iter__(self) -> Iterator[str]:
        return iter(self._snapshots)

    def __len__(self) -> int:
        return len(self._snapshots)
