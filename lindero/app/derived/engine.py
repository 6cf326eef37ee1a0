"""The step of a build that lays layers over each other, here or on a cluster, and adds up what their pairs come to."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any, Literal

import geopandas as gpd
import pandas as pd

from lindero.app.derived.prepared_layers import PreparedLayer
from lindero.geo import Ground, distrust, footprint, overlap, totals
from lindero.geo.geometry.units import MIN_HA
from lindero.geo.kernels import numba_jit
from lindero.layers.database import map_writer
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_queries, snapshot_rows
from lindero.layers.errors import N_, BuildError
from lindero.layers.model.identity import of_versions
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import LAYERS, OVERLAP_PAIRS, OVERLAP_TABLES

Progress = Callable[[str, int, int], None]
"""Is told a step's name, how many of its parts are done, and how many there are."""

By = Literal["left_id", "right_id"]


class Engine:
    """Where overlaps are computed: in this process, with its threads. A cluster gives the same rows, to the bit."""

    is_here = True

    def prepare(self, frame: gpd.GeoDataFrame) -> Any:
        """Make a layer (OGC:CRS84; `id`, `boundary_accuracy_m`) ready to be laid over several others."""
        return Ground.of(frame)

    def prepare_layer(self, con: Connection, layer: Layer, fresh: set[tuple[str, str]]) -> Any:
        """Prepare a layer of the map that `con` writes: `all` of it, and what is `fresh` and what was `kept`."""
        return PreparedLayer.of(con, layer, fresh)

    def overlap(self, left: Any, right: Any, *, min_ha: float = MIN_HA, with_range: bool = False) -> pd.DataFrame:
        """
        Compute the pairs as `geo.overlay.overlap` does.

        Raises
        ------
        BuildError
            If the compiled areas do not agree with GEOS on a seeded sample.
        """
        if numba_jit.AVAILABLE and len(left.ids) and len(right.ids):  # without numba the areas are GEOS's own
            agree(distrust(left, right))
        return overlap(left, right, min_ha=min_ha, with_range=with_range)

    def footprint(
        self, pairs: pd.DataFrame, left: Any, right: Any, *, by: By, with_range: bool = False
    ) -> pd.DataFrame:
        """Count ground once, in any selection of the pairs of `overlap(left, right)` (`geo.overlay.footprint`)."""
        return footprint(pairs, left, right, by=by, with_range=with_range)


HERE = Engine()


def agree(wrong: pd.DataFrame) -> None:
    """
    Stop a build whose areas `geo.distrust` found wrong.

    Raises
    ------
    BuildError
        If `wrong` has rows; with the geometries of the first.
    """
    if not wrong.empty:
        raise BuildError(N_("areas of overlap do not agree with GEOS: {pairs}"), pairs=wrong.head(3).to_dict("records"))


def load_kernels() -> None:
    """Load now what measures overlaps, while something else is waited for: the first to be measured needs it."""
    if numba_jit.AVAILABLE:
        from lindero.geo.kernels import shared_area, union_area  # noqa: F401


def lay_over(
    con: Connection,
    fresh: set[tuple[str, str]],
    engine: Engine,
    progress: Progress,
    *,
    same: frozenset[str] = frozenset(),
) -> Mapping[str, PreparedLayer]:
    """
    Compute the overlaps that a fresh source has part in, the others were taken over; and how much ground they cover.

    Parameters
    ----------
    fresh
        (source_id, snapshot_on) of what was read anew.
    same
        Layers that show what they showed in the last map: footprints between two of them were taken over, too.

    Returns
    -------
    Mapping
        The layers as they are prepared in this process, each when it is first asked for.
    """
    layers = _Layers(con, fresh, engine)
    _add_overlaps(con, layers, engine, progress)
    _add_footprints(con, layers, engine, progress, same)
    return layers if engine.is_here else {}


def _add_overlaps(con: Connection, layers: "_Layers", engine: Engine, progress: Progress) -> None:
    for done, (left, right) in enumerate(OVERLAP_PAIRS):
        progress(f"{left} × {right}", done, len(OVERLAP_PAIRS))
        for ours, theirs in (("fresh", "all"), ("kept", "fresh")):
            if layers.has(left, ours) and layers.has(right, theirs):
                sides = getattr(layers[left], ours), getattr(layers[right], theirs)
                pairs = engine.overlap(*sides, with_range=True)
                pairs = of_versions(pairs, "left_", "right_").assign(left_layer=left, right_layer=right)
                map_writer.write_table(con, OVERLAP_TABLES[0], pairs)


def _add_footprints(
    con: Connection,
    layers: "_Layers",
    engine: Engine,
    progress: Progress,
    same: frozenset[str],
) -> None:
    """Count the ground of every feature that the map shows, as far as another layer covers it, once."""
    every: list[pd.DataFrame] = []
    for done, (left, right) in enumerate(OVERLAP_PAIRS):
        progress(f"{left} × {right}", done, len(OVERLAP_PAIRS))
        if {left, right} <= same or not (layers.has(left, "all") and layers.has(right, "all")):
            continue
        pairs = snapshot_rows.read_pairs(con, left, right)
        if pairs.empty:
            continue
        sides: tuple[tuple[By, str, str], ...] = (("left_id", left, right), ("right_id", right, left))
        for by, own, other in sides:
            found = engine.footprint(pairs, layers[left].all, layers[right].all, by=by, with_range=True)
            found = of_versions(found).drop(columns="snapshot_on")
            every.append(found.assign(layer=own, covered_by=other))
    map_writer.write_table(con, "footprints", *every)


def add_totals(con: Connection, laid: Mapping[str, PreparedLayer], *, same: frozenset[str]) -> None:
    """
    Add up all pairs of current rows, with their range, so that no question about whole layers has to.

    Parameters
    ----------
    laid
        Layers as they were prepared in this process; a cluster prepares them elsewhere, and adds nothing up.
    same
        Layers that show what they showed in the last map: totals of two of them were taken over.
    """
    rows = []
    for left, right in OVERLAP_PAIRS:
        if not {left, right} <= laid.keys() or ({left, right} <= same and map_queries.read_totals(con, left, right)):
            continue
        pairs = snapshot_rows.read_pairs(con, left, right)
        if len(pairs):
            sums = totals(pairs, laid[left].all, laid[right].all, with_range=True)
            rows.append({"left_layer": left, "right_layer": right, **asdict(sums)})
    map_writer.write_table(con, "overlap_totals", pd.DataFrame(rows))


class _Layers(Mapping[str, Any]):
    """The layers that have any rows, each read and prepared when it is first needed, once."""

    def __init__(self, con: Connection, fresh: set[tuple[str, str]], engine: Engine) -> None:
        self._con, self._fresh, self._engine = con, fresh, engine
        names = dict.fromkeys(name for pair in OVERLAP_PAIRS for name in pair)
        snapshots = {name: snapshot_rows.snapshots(con, LAYERS[name]) for name in names}
        self._snapshots = {name: of_layer for name, of_layer in snapshots.items() if of_layer}
        self._read: dict[str, Any] = {}

    def has(self, name: str, part: str) -> bool:
        """Return whether a part of a layer has any rows."""
        every = self._snapshots.get(name, frozenset())
        return bool({"all": every, "fresh": every & self._fresh, "kept": every - self._fresh}[part])

    def __getitem__(self, name: str) -> Any:
        if name not in self._read:
            if name not in self._snapshots:
                raise KeyError(name)
            self._read[name] = self._engine.prepare_layer(self._con, LAYERS[name], self._fresh)
        return self._read[name]

    def __contains__(self, name: object) -> bool:
        return name in self._snapshots

    def __iter__(self) -> Iterator[str]:
        return iter(self._snapshots)

    def __len__(self) -> int:
        return len(self._snapshots)
