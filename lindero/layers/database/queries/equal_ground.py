"""Rows of several snapshots that have the same ground, so that a build measures it once.

The ground of a row is its geometry and its boundary accuracy: overlaps depend on nothing else. A register that is
received again has mostly the ground that it had before.
"""

from __future__ import annotations

from lindero.layers.database.map_database import VERSION, Connection
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import OVERLAP_TABLE, OVERLAPS

_GROUND = "hash(geometry, xmin, ymin, xmax, ymax, boundary_accuracy_m)"
_REPEATS = "repeated_ground"
_VALUES = ", ".join(column.name for column in OVERLAPS[6:])


def find_repeats(con: Connection, layer: Layer) -> frozenset[str]:
    """Find the rows of a layer that have the ground of a row of an earlier snapshot, which is their original.

    They are noted in a temporary table, for `copy_pairs_of_repeats`.

    Returns: versions (`ID@YYYY-MM-DD`) of the rows that repeat the ground of another one.
    """
    con.execute(f"""
        CREATE TEMP TABLE IF NOT EXISTS {_REPEATS} (
            layer VARCHAR, id VARCHAR, snapshot_on DATE, original_id VARCHAR, original_snapshot_on DATE
        )
    """)
    con.execute(f"""
        INSERT INTO {_REPEATS}
        WITH rows AS (
            SELECT id, snapshot_on, source_id, {_GROUND} AS ground FROM {layer.name} WHERE geometry IS NOT NULL
        ), groups AS (
            SELECT *, first_value(id) OVER same AS original_id, first_value(snapshot_on) OVER same AS first_on,
                first_value(source_id) OVER same AS first_source
            FROM rows WINDOW same AS (PARTITION BY ground ORDER BY snapshot_on, source_id, id)
        )
        SELECT '{layer.name}', id, snapshot_on, original_id, first_on FROM groups
        WHERE (source_id, snapshot_on) <> (first_source, first_on)
    """)
    repeats = con.execute(f"SELECT {VERSION} FROM {_REPEATS} WHERE layer = '{layer.name}'").fetchall()
    return frozenset(version for (version,) in repeats)


def copy_pairs_of_repeats(con: Connection, left: str, right: str) -> None:
    """Copy the overlaps of two layers to the rows that repeat the ground of another row.

    `left`, `right`: names of two layers, of which `find_repeats` has noted the rows.
    """
    sides = {
        name: f"""
            SELECT id, snapshot_on, original_id, original_snapshot_on, true AS is_repeat
            FROM {_REPEATS} WHERE layer = '{name}'
            UNION ALL SELECT id, snapshot_on, id, snapshot_on, false FROM {name}
            WHERE (id, snapshot_on) NOT IN (SELECT (id, snapshot_on) FROM {_REPEATS} WHERE layer = '{name}')
        """
        for name in (left, right)
    }
    con.execute(f"""
        INSERT INTO {OVERLAP_TABLE}
        SELECT left_layer, l.id, l.snapshot_on, right_layer, r.id, r.snapshot_on, {_VALUES}
        FROM {OVERLAP_TABLE} p
        JOIN ({sides[left]}) l ON (left_id, left_snapshot_on) = (l.original_id, l.original_snapshot_on)
        JOIN ({sides[right]}) r ON (right_id, right_snapshot_on) = (r.original_id, r.original_snapshot_on)
        WHERE left_layer = '{left}' AND right_layer = '{right}' AND (l.is_repeat OR r.is_repeat)
    """)
