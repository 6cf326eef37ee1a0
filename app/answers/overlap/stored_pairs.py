"""All pairs of two layers as a build has stored them, with what they come to: no library of frames is loaded."""

import numpy as np

from lindero.app.answers.coverage.reach import reach_between
from lindero.app.answers.overlap import refused_sides
from lindero.app.answers.overlap.report import Features, KnownPoints, OverlapReport
from lindero.app.answers.overlap.row_selection import Side
from lindero.app.answers.registers import one_register
from lindero.app.overlays import trees_file
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_queries, row_values
from lindero.layers.model.schema import OVERLAP_PAIRS

_ABOUT = ("id", "name", "source_id", "boundary_accuracy_m")


def stored_report(con: Connection, left: Side, right: Side, *, asked: bool) -> OverlapReport | None:
    """
    Do as `overlaps.overlap_report` does of two whole layers, where a build has laid them over each other and added up.

    None where it has not: of a map of an earlier version, of more pairs than a build adds up, of damaged totals.
    """
    names = left.layer.name, right.layer.name
    if names not in OVERLAP_PAIRS:
        return None
    pairs = map_queries.pair_rows(con, *names)
    sums = trees_file.totals_of(con, *names, np.array([row["area_ha"] for row in pairs], dtype=float))
    if sums is None:
        return None
    if asked:
        _hold_one_register(con, left, right)
    told = [row_values.read_with_shapes(con, side.layer, _ABOUT) for side in (left, right)]
    rows, shapes = zip(*told, strict=True)
    return OverlapReport(
        pairs,
        sums,
        sum(row["boundary_accuracy_m"] is None for some in rows for row in some if "boundary_accuracy_m" in row),
        reach_between(con, (left, right), shapes),
        points=KnownPoints.of(*(_features(*side) for side in told)),
        refused=refused_sides.of_sides(con, (left, right), [{row["source_id"] for row in some} for some in rows]),
    )


def _hold_one_register(con: Connection, *sides: Side) -> None:
    sources = [source for source in map_database.read_sources(con) if source.is_current]
    for layer in (side.layer for side in sides):
        if len([source for source in sources if source.layer == layer.name]) > 1:
            one_register(layer, map_queries.in_registers(con, layer))


def _features(rows: list[row_values.Values], shapes: row_values.Shapes) -> Features:
    return Features([row["id"] for row in rows], [row.get("name", row["id"]) for row in rows], shapes)
