"""Queries of what a build derived: pairs of overlaps, their totals, exposure and cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lindero.layers.database import map_database
from lindero.layers.database.literals import quote_text
from lindero.layers.database.map_database import CURRENT, Connection
from lindero.layers.errors import N_, NotStoredError
from lindero.layers.model.schema import OVERLAP_PAIRS, OVERLAP_TABLE, OVERLAP_TOTALS

if TYPE_CHECKING:
    import pandas as pd

_NAME_COLUMNS = {
    "concessions": "name, holder",
    "protected_areas": "name, NULL::VARCHAR AS holder",
    "communities": "name, NULL::VARCHAR AS holder",
    "mining_scars": "id AS name, NULL::VARCHAR AS holder",
}
_BATCH_PAIRS = 20_480  # pairs in memory at a time: ten vectors of the database


def read_overlap_pairs(con: Connection, left: str, right: str, *, every_snapshot: bool = False) -> pd.DataFrame:
    """Read the overlaps of two layers, largest first.

    `left`, `right`: names of two layers, as a pair of `OVERLAP_PAIRS` in either order. Returns: one row per pair:
    `left_id`, `left_name`, `left_holder`, `right_id`, `right_name`, `right_holder`, `area_ha`, `certain_ha`,
    `possible_ha` (hectares), `share_of_left`, `share_of_right` (0 to 1), `certainty`. With `every_snapshot`
    also `left_snapshot_on` and `right_snapshot_on`.
    """
    return map_database.run_query(con, _pairs_query(left, right, every_snapshot=every_snapshot))


def iter_overlap_pairs(
    con: Connection,
    left: str,
    right: str,
    *,
    left_ids: Sequence[str] | None = None,
    right_ids: Sequence[str] | None = None,
    every_snapshot: bool = False,
    with_names: bool = True,
) -> Iterator[pd.DataFrame]:
    """Yield the overlaps of two layers in batches, so that they are never all in memory.

    The errors are those of `read_overlap_pairs`.

    `con`, `left`, `right`, `every_snapshot`: as in `read_overlap_pairs`. Yields: rows as returned by
    `read_overlap_pairs`. There is at least one batch, which may be empty.
    """
    ids_by_side = {side: ids for side, ids in (("left", left_ids), ("right", right_ids)) if ids is not None}
    query = _pairs_query(
        left, right, every_snapshot=every_snapshot, filtered_sides=[*ids_by_side], with_names=with_names
    )
    cursor = map_database.open_cursor(con)  # another query on `con` would end this one
    batches = cursor.execute(query, ids_by_side or None).to_arrow_reader(_BATCH_PAIRS)
    is_empty = True
    for batch in batches:
        is_empty = False
        yield batch.to_pandas()
    if is_empty:
        yield batches.schema.empty_table().to_pandas()


def _pairs_query(
    left: str,
    right: str,
    *,
    every_snapshot: bool,
    filtered_sides: Sequence[str] = (),
    with_names: bool = True,
) -> str:
    """Return the query of `read_overlap_pairs`. The parameters named in `filtered_sides` contain the ids of a side."""
    stored, sides = (left, right), (("left", "l"), ("right", "r"))
    if stored not in OVERLAP_PAIRS:
        stored, sides = (right, left), (("right", "r"), ("left", "l"))
    if stored not in OVERLAP_PAIRS:
        raise NotStoredError(
            N_("a build does not store the overlaps between {left} and {right}"), left=left, right=right
        )
    condition = "true" if every_snapshot else CURRENT
    (ours, first), (theirs, second) = sides
    snapshots = f", o.{ours}_snapshot_on AS left_snapshot_on, o.{theirs}_snapshot_on AS right_snapshot_on"
    tests = [f"o.left_layer = {quote_text(stored[0])}", f"o.right_layer = {quote_text(stored[1])}"]
    stored_sides = {"left": ours, "right": theirs}
    tests += [f"o.{stored_sides[side]}_id IN (SELECT unnest(${side}::VARCHAR[]))" for side in filtered_sides]
    left_names, right_names = (
        f"{alias}.name AS {side}_name, {alias}.holder AS {side}_holder," if with_names else ""
        for side, alias in (("left", first), ("right", second))
    )
    return f"""
        SELECT o.{ours}_id AS left_id, {left_names} o.{theirs}_id AS right_id, {right_names}
               o.area_ha, o.certain_ha, o.possible_ha,
               o.share_of_{ours} AS share_of_left, o.share_of_{theirs} AS share_of_right,
               o.certainty{snapshots if every_snapshot else ""}
        FROM {OVERLAP_TABLE} o
        JOIN (SELECT id, snapshot_on, {_NAME_COLUMNS[stored[0]]} FROM {stored[0]} WHERE {condition}) l
            ON (l.id, l.snapshot_on) = (o.left_id, o.left_snapshot_on)
        JOIN (SELECT id, snapshot_on, {_NAME_COLUMNS[stored[1]]} FROM {stored[1]} WHERE {condition}) r
            ON (r.id, r.snapshot_on) = (o.right_id, o.right_snapshot_on)
        WHERE {" AND ".join(tests)}
        ORDER BY o.area_ha DESC, o.{ours}_id, o.{theirs}_id
    """


def read_exposure(con: Connection) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Read the area of each community under concessions in force, as the build stored it.

    Returns: the two tables of `lindero.geo.stats.exposure.exposure`. None if the map has none: it was built on a
    cluster, or has no communities.
    """
    table = con.execute("FROM exposure ORDER BY share DESC, id").df()
    return (
        (table, con.execute('SELECT * RENAME (split_by AS "by") FROM exposure_parts ORDER BY split_by, code, id').df())
        if len(table)
        else None
    )


def read_totals(con: Connection, left: str, right: str) -> tuple[Any, ...] | None:
    """Return the stored totals of the overlaps of two layers.

    Returns: the columns of `overlap_totals` after the names: number of pairs, of left and of right features, then
    gross, footprint, certain and possible hectares. None if the map has no totals of these layers in this order.
    """
    columns = ", ".join(column.name for column in OVERLAP_TOTALS[2:])
    condition = (
        f"left_layer = {quote_text(left)} AND right_layer = {quote_text(right)}"  # a parameter would load pandas
    )
    return con.execute(f"SELECT {columns} FROM overlap_totals WHERE {condition}").fetchone()


def read_cells(con: Connection, layer: str, *, covered_by: str, resolution: int) -> pd.Series[float]:
    """Read how many hectares of a layer another layer covers in each H3 cell.

    `resolution`: H3 resolution of the cells. Returns: hectares by `cell` (H3 index as text); cells without any are left
    out. It is empty if the build did not compute cells of this resolution.
    """
    query = 'SELECT cell, footprint_ha FROM "cells" WHERE layer = ? AND covered_by = ? AND resolution = ? ORDER BY cell'
    return con.execute(query, [layer, covered_by, resolution]).df().set_index("cell")["footprint_ha"]
