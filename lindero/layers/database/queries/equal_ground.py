"""Rows that have the ground of another row, so that a build copies their overlaps.

The ground of a row is its geometry and its boundary accuracy: overlaps depend on nothing else. A register that is
received again has mostly the ground that it had before.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import duckdb
import geopandas as gpd

from lindero.layers.database.map_database import CURRENT, VERSION, Connection
from lindero.layers.database.map_writer import attach_previous, previous_has
from lindero.layers.database.queries.snapshot_rows import Snapshot, snapshot_condition
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import FOOTPRINTS, OVERLAP_PAIRS, OVERLAP_TABLES, OVERLAPS

_GROUND = "hash(geometry, xmin, ymin, xmax, ymax, boundary_accuracy_m)"
_REPEATS = "repeated_ground"
_VALUES = ", ".join(column.name for column in OVERLAPS[6:])
_AREAS = ", ".join(column.name for column in FOOTPRINTS[3:])


def find_repeats(con: Connection, layer: Layer, fresh: Collection[Snapshot]) -> frozenset[str]:
    """Find the fresh rows of a layer that have the ground of a row of another snapshot.

    They are noted in a temporary table, for `copy_pairs_of_repeats`. A row that is not fresh is the original of the
    rows that repeat it; if there is none, a row of the first snapshot is.

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
            SELECT id, snapshot_on, source_id, {snapshot_condition(fresh)} AS is_fresh, {_GROUND} AS ground
            FROM {layer.name} WHERE geometry IS NOT NULL
        ), groups AS (
            SELECT *, first_value(id) OVER same AS original_id, first_value(snapshot_on) OVER same AS first_on,
                first_value(source_id) OVER same AS first_source
            FROM rows WINDOW same AS (PARTITION BY ground ORDER BY is_fresh, snapshot_on, source_id, id)
        )
        SELECT '{layer.name}', id, snapshot_on, original_id, first_on FROM groups
        WHERE is_fresh AND (source_id, snapshot_on) <> (first_source, first_on)
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
        INSERT INTO {OVERLAP_TABLES[0]}
        SELECT left_layer, l.id, l.snapshot_on, right_layer, r.id, r.snapshot_on, {_VALUES}
        FROM {OVERLAP_TABLES[0]} p
        JOIN ({sides[left]}) l ON (left_id, left_snapshot_on) = (l.original_id, l.original_snapshot_on)
        JOIN ({sides[right]}) r ON (right_id, right_snapshot_on) = (r.original_id, r.original_snapshot_on)
        WHERE left_layer = '{left}' AND right_layer = '{right}' AND (l.is_repeat OR r.is_repeat)
    """)


def find_unchanged_pairs(con: Connection, previous: Path) -> frozenset[tuple[str, str]]:
    """Find the pairs of layers whose current overlaps are on the same ground as in the `previous` map.

    Returns: pairs of `layers.model.schema.OVERLAP_PAIRS`. Empty if the previous map does not store the range of
    footprints.
    """
    with attach_previous(con, previous):
        if not _has_ranges(con):
            return frozenset()
        return frozenset(
            (left, right)
            for left, right in OVERLAP_PAIRS
            if _hash_pairs(con, "map", left, right) == _hash_pairs(con, "previous", left, right)
        )


def copy_totals(con: Connection, previous: Path, unchanged: Collection[tuple[str, str]]) -> None:
    """Copy the totals of overlaps of unchanged pairs of layers from the `previous` map.

    `unchanged`: pairs of layers, from `find_unchanged_pairs`.
    """
    names = [f"{left} {right}" for left, right in unchanged]
    with attach_previous(con, previous):
        if names and previous_has(con, "overlap_totals"):
            rows = "FROM previous.overlap_totals WHERE list_contains($names, left_layer || ' ' || right_layer)"
            con.execute(f"INSERT INTO overlap_totals BY NAME {rows}", {"names": names})


def copy_footprints(con: Connection, previous: Path) -> None:
    """Copy the footprints on features with the same ground, under the same ground, from the `previous` map."""
    with attach_previous(con, previous):
        if not _has_ranges(con):
            return
        for left, right in OVERLAP_PAIRS:
            for layer, covered_by in ((left, right), (right, left)):
                now, before = (_covered_ground_sql(schema, left, right, by=layer) for schema in ("map", "previous"))
                con.execute(f"""
                    INSERT INTO footprints
                    SELECT '{layer}', now.id, '{covered_by}', {_AREAS}
                    FROM ({now}) now JOIN ({before}) before USING (id, ground, pairs, cover)
                    JOIN previous.footprints f USING (id)
                    WHERE f.layer = '{layer}' AND f.covered_by = '{covered_by}'
                """)


def read_exposure_changes(
    con: Connection, previous: Path, statuses: Collection[str]
) -> tuple[frozenset[str], gpd.GeoDataFrame] | None:
    """Read what the exposure of communities is measured from and differs from the `previous` map.

    `statuses`: statuses of the concessions that count; `unknown` includes those without one. Returns: versions
    (`ID@YYYY-MM-DD`) of the current communities with the ground that they had. Then the concessions that differ in
    ground, kind or status, as they were and as they are: `id`, `boundary_accuracy_m` and geometry in OGC:CRS84. As they
    are, their `id` is a version. None if the previous map has no exposure, or another schema.
    """
    columns = f"id, hash(id, kind, status, {_GROUND}) AS hash, boundary_accuracy_m, geometry"
    condition = "list_contains($statuses, coalesce(status, 'unknown')) AND geometry IS NOT NULL"
    now, before = (
        f"SELECT {version} AS version, {columns} FROM {schema}.concessions WHERE {_current_sql(schema)} AND {condition}"
        for schema, version in (("map", VERSION), ("previous", f"'previous ' || {VERSION}"))
    )
    lands = (_ground_sql(schema, "communities") for schema in ("map", "previous"))
    with attach_previous(con, previous):
        # A map that was built on a cluster has no rows of it.
        if not previous_has(con, "exposure") or con.execute("FROM previous.exposure LIMIT 1").fetchone() is None:
            return None
        try:
            same = con.execute(
                "SELECT now.id || '@' || now.snapshot_on FROM ({}) now JOIN ({}) USING (id, ground)".format(*lands)
            ).fetchall()
            changed = con.execute(
                f"""
                WITH now AS ({now}), before AS ({before})
                SELECT version AS id, boundary_accuracy_m, geometry FROM now ANTI JOIN before USING (hash)
                UNION ALL
                SELECT version, boundary_accuracy_m, geometry FROM before ANTI JOIN now USING (hash)
                """,
                {"statuses": list(statuses)},
            ).to_arrow_table()
        except duckdb.BinderException:  # a map of an earlier version
            return None
    return frozenset(id_ for (id_,) in same), gpd.GeoDataFrame.from_arrow(changed)


def copy_exposure(con: Connection, previous: Path, versions: Collection[str]) -> None:
    """Copy the exposure of some communities from the `previous` map.

    `versions`: current versions of communities (`ID@YYYY-MM-DD`) of the new map.
    """
    with attach_previous(con, previous):
        for table in ("exposure", "exposure_parts"):
            rows = f"FROM previous.{table} WHERE id IN (SELECT regexp_replace(unnest($versions), '@[^@]*$', ''))"
            con.execute(f"INSERT INTO {table} BY NAME {rows}", {"versions": list(versions)})


def read_covered_ids(con: Connection, layer: str, *, covered_by: str) -> frozenset[str]:
    """Read the ids of the features of a layer with a footprint of another layer."""
    query = "SELECT id FROM footprints WHERE layer = ? AND covered_by = ?"
    return frozenset(id_ for (id_,) in con.execute(query, [layer, covered_by]).fetchall())


def _has_ranges(con: Connection) -> bool:
    """Return whether the attached previous map has the present tables of overlaps and footprints."""
    return previous_has(con, OVERLAP_TABLES[0]) and previous_has(con, "footprints", column="certain_ha")


def _ground_sql(schema: str, layer: str) -> str:
    """Return SQL of the ground of the current rows of a layer: `id`, `snapshot_on`, `ground`."""
    return f"SELECT id, snapshot_on, {_GROUND} AS ground FROM {schema}.{layer} WHERE {_current_sql(schema)}"


def _current_sql(schema: str) -> str:
    return CURRENT.replace("FROM sources", f"FROM {schema}.sources")


def _current_pairs_sql(schema: str, left: str, right: str) -> str:
    """Return SQL of the current pairs of two layers: `left_id`, `right_id`, `left_ground`, `right_ground`."""
    return f"""
        SELECT left_id, right_id, l.ground AS left_ground, r.ground AS right_ground
        FROM {schema}.{OVERLAP_TABLES[0]}
        JOIN ({_ground_sql(schema, left)}) l ON (left_id, left_snapshot_on) = (l.id, l.snapshot_on)
        JOIN ({_ground_sql(schema, right)}) r ON (right_id, right_snapshot_on) = (r.id, r.snapshot_on)
        WHERE left_layer = '{left}' AND right_layer = '{right}'
    """


def _covered_ground_sql(schema: str, left: str, right: str, *, by: str) -> str:
    """Return SQL of the features of one side: `id`, `ground`, and the number and the ground of what covers them."""
    own, other = ("left", "right") if by == left else ("right", "left")
    return f"""
        SELECT {own}_id AS id, {own}_ground AS ground, count(*) AS pairs, sum({other}_ground::HUGEINT) AS cover
        FROM ({_current_pairs_sql(schema, left, right)}) GROUP BY ALL
    """


def _hash_pairs(con: Connection, schema: str, left: str, right: str) -> tuple[object, ...] | None:
    """Return the number of current pairs and a hash of their ground, in any order."""
    pairs = _current_pairs_sql(schema, left, right)
    counts = "count(*), count(DISTINCT left_id), count(DISTINCT right_id)"
    return con.execute(f"SELECT {counts}, sum(hash(left_ground, right_ground)::HUGEINT) FROM ({pairs})").fetchone()
