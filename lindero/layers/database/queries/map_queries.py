"""Queries of the pages on a map.

Every result is about the current snapshots: the latest one of each source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from lindero.layers.database import map_database
from lindero.layers.database.definitions import EVENT_SQL
from lindero.layers.database.map_database import CURRENT, Bounds, Connection
from lindero.layers.database.queries import row_values
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import INCIDENTS

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

DRAWN_LAYERS = ("concessions", "protected_areas", "communities", "mining_scars", "incidents")

_COUNTS = {
    "titles": f"SELECT count(*) FROM concessions WHERE {CURRENT}",
    "titles_without_holder": f"SELECT count(*) FROM concessions WHERE coalesce(holder, '') = '' AND {CURRENT}",
    "titles_without_date": f"""
        SELECT count(*) FROM concessions WHERE granted_on IS NULL AND applied_on IS NULL AND {CURRENT}""",
    "titles_of_unknown_state": f"SELECT count(*) FROM concessions WHERE status = 'unknown' AND {CURRENT}",
    "communities": f"SELECT count(*) FROM communities WHERE {CURRENT}",
    "communities_without_land": f"""
        SELECT count(*) FROM communities WHERE coalesce(area_ha, 0) = 0 AND xmin IS NOT NULL AND {CURRENT}""",
    "communities_without_place": f"SELECT count(*) FROM communities WHERE geometry IS NULL AND {CURRENT}",
    "communities_without_consultation": f"""
        SELECT count(*) FROM communities WHERE {CURRENT}
        AND id NOT IN (SELECT community_id FROM consultations WHERE {CURRENT})""",
    "boundaries_of_unknown_accuracy": f"""
        SELECT (SELECT count(*) FROM concessions WHERE boundary_accuracy_m IS NULL AND {CURRENT})
             + (SELECT count(*) FROM communities WHERE boundary_accuracy_m IS NULL AND area_ha > 0 AND {CURRENT})""",
    "incidents": f"SELECT count(*) FROM incidents WHERE {EVENT_SQL}",
    "incidents_without_place": f"SELECT count(*) FROM incidents WHERE geometry IS NULL AND {EVENT_SQL}",
}
_ABBREVIATION = 3  # letters; a name this short may be an abbreviation


def count_features(con: Connection) -> dict[str, int]:
    """Count the features of every layer that the map draws.

    Returns: the number of features by layer name, for each layer in `DRAWN_LAYERS`. Incidents count once each, even if
    several sources report them.
    """
    selects = (f"SELECT '{name}', count(*) FROM {name} WHERE {_visible_sql(name)}" for name in DRAWN_LAYERS)
    return dict(con.execute(" UNION ALL ".join(selects)).fetchall())


def list_concession_kinds(con: Connection) -> list[str]:
    """List the kinds of concession in the map, the most frequent first.

    Returns: codes of the vocabulary `concession_kind`; empty if the map has no concessions. Kinds with equal counts are
    sorted by code.
    """
    query = f"SELECT kind FROM concessions WHERE {CURRENT} GROUP BY kind ORDER BY count(*) DESC, kind"
    return [kind for (kind,) in con.execute(query).fetchall()]


def extent(con: Connection) -> Bounds | None:
    """Return the bounding box of everything that the map draws.

    Returns: west, south, east and north in degrees (OGC:CRS84); None if the map draws nothing.
    """
    boxes = " UNION ALL ".join(
        f"SELECT xmin, ymin, xmax, ymax FROM {name} WHERE {_visible_sql(name)}" for name in DRAWN_LAYERS
    )
    row = con.execute(f"SELECT min(xmin), min(ymin), max(xmax), max(ymax) FROM ({boxes})").fetchone()
    return row if row and row[0] is not None else None


def has_invented_data(con: Connection) -> bool:
    """Return whether the map contains invented data."""
    row = con.execute("SELECT count(*) FROM sources WHERE is_current AND invented").fetchone()
    return bool(row and row[0])


_POLYGON_COLUMNS = ("id", "row_number", "area_ha", "boundary_accuracy_m", "geometry", "xmin", "ymin", "xmax", "ymax")


_MULTIPART_LAYERS = ("communities", "protected_areas")  # layers whose registers may draw one entry as several polygons


def list_entry_columns(layer: Layer) -> list[str]:
    """List the columns in which the polygons of one register entry agree.

    The list is empty for layers whose entries are never split into several polygons.
    """
    return sorted({*layer.names} - {*_POLYGON_COLUMNS}) if layer.name in _MULTIPART_LAYERS else []


def find_entry_polygons(con: Connection, layer: Layer, ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the ids of all polygons of some register entries, by the id that was asked for, which comes first.

    Registers of communities and protected areas may split one entry into several polygons. Polygons belong to one entry
    if the source states the same in every column, and at least a name.
    """
    entry_columns = list_entry_columns(layer)
    if not entry_columns:
        return {id_: [id_] for id_ in ids}
    same_values = " AND ".join(f'other."{name}" IS NOT DISTINCT FROM own."{name}"' for name in entry_columns)
    query = f"""
        WITH own AS (FROM {layer.name} WHERE {CURRENT} AND id IN (FROM asked)),
            other AS (FROM {layer.name} WHERE {CURRENT})
        FROM (
            SELECT own.id AS own_id, other.id FROM own JOIN other ON own.name <> '' AND {same_values}
            UNION SELECT id, id FROM own
        )
        ORDER BY id <> own_id, id
    """
    polygons: dict[str, list[str]] = {}
    for own_id, polygon_id in row_values.query_texts(con, query, *ids):
        polygons.setdefault(own_id, []).append(polygon_id)
    return {id_: polygons[id_] for id_ in ids if id_ in polygons}


_KEEP_CAPITALS = ("concessions",)  # registers, companies and everybody else write them in capitals
_SMALL_WORDS = frozenset({"de", "del", "la", "las", "los", "el", "y", "e"})


def to_ordinary_case(layer: str, name: str) -> str:
    """Convert a name that a register writes in capitals to ordinary case: `Madre de Dios`. Others stay as they are."""
    if layer in _KEEP_CAPITALS or not name.isupper() or len(name) <= _ABBREVIATION:
        return name
    words = name.lower().split(" ")
    return " ".join(word if position and word in _SMALL_WORDS else word.title() for position, word in enumerate(words))


def read_names(con: Connection, layer: Layer, ids: Sequence[str]) -> dict[str, str]:
    """Read the names of current rows of a layer by id.

    `con`, `layer`: A connection to the map, and a layer with a column `name`.
    """
    query = f"SELECT id, name FROM {layer.name} WHERE {CURRENT} AND id IN (FROM asked) AND name <> '' ORDER BY id"
    return {id_: to_ordinary_case(layer.name, name) for id_, name in row_values.query_texts(con, query, *ids)}


def read_boundary_accuracy(con: Connection, layer: Layer, ids: Sequence[str]) -> dict[str, float]:
    """Read the boundary accuracy of some rows of a layer by id.

    Returns: metres. Rows whose accuracy is not known are left out: all, if the layer has no column
    `boundary_accuracy_m`.
    """
    if "boundary_accuracy_m" not in layer.names:
        return {}
    query = f"""
        SELECT id, boundary_accuracy_m FROM {layer.name}
        WHERE {CURRENT} AND id IN (FROM asked) AND boundary_accuracy_m IS NOT NULL
    """
    return {id_: float(accuracy_m) for id_, accuracy_m in row_values.query_texts(con, query, *ids)}


class RegisterEntry(NamedTuple):
    """The attributes that identify a row of a layer as a register entry; None for those it does not have."""

    id: str
    source_id: str
    code: str | None
    zone: str | None
    level: str | None
    box: Sequence[float]  # west, south, east and north in degrees; NaN if the row has no place


def read_register_entries(con: Connection, layer: Layer) -> list[RegisterEntry]:
    """Read the identifying attributes of the current rows of a layer.

    Returns: one entry per row, in no order. `code`, `zone` and `level` are None if the layer does not have them.
    """
    attributes = ", ".join(name if name in layer.names else "NULL" for name in ("code", "zone", "level"))
    box = ", ".join(f"coalesce({side}, 'nan'::DOUBLE)" for side in ("xmin", "ymin", "xmax", "ymax"))
    rows = con.execute(f"SELECT id, source_id, {attributes}, [{box}] FROM {layer.name} WHERE {CURRENT}").fetchall()
    return [RegisterEntry._make(row) for row in rows]


def read_communities(con: Connection) -> pd.DataFrame:
    """Read the communities of the map, sorted by name.

    Returns: one row per community: `id`, `name` (otherwise its code or id), `people`, `type`, `recognition`,
    `population`, `area_ha` (hectares), and the bounding box `xmin`, `ymin`, `xmax`, `ymax` in degrees. The box is
    missing without a location.
    """
    return con.execute(f"""
        SELECT id, coalesce(name, code, id) AS name, people, type, recognition, population, area_ha,
               xmin, ymin, xmax, ymax
        FROM communities WHERE {CURRENT} ORDER BY 2, id
    """).df()


def read_holders(con: Connection, left_out: Iterable[str] = ()) -> pd.DataFrame:
    """Read the holders of concessions as the registers write them, those with most concessions first.

    Returns: one row per spelling: `holder`, `concessions` (their number), `area_ha` (the sum of their areas in
    hectares). Concessions without a holder are not counted.
    """
    return con.execute(
        f"""
        SELECT holder, count(*) AS concessions, sum(area_ha) AS area_ha
        FROM concessions WHERE holder <> '' AND NOT list_contains($left_out, source_id) AND {CURRENT}
        GROUP BY holder ORDER BY concessions DESC, holder
        """,
        {"left_out": list(left_out)},
    ).df()


def read_concessions(con: Connection, holders: tuple[str, ...], left_out: Iterable[str] = ()) -> pd.DataFrame:
    """Read the concessions of some holders, largest first, without geometry.

    Returns: one row per concession: `id`, `code`, `name`, `holder`, `kind`, `substance`, `status`, `applied_on`,
    `granted_on`, `area_ha` (hectares), and the bounding box `xmin`, `ymin`, `xmax`, `ymax` in degrees.
    """
    return con.execute(
        f"""
        SELECT id, code, name, holder, kind, substance, status, applied_on, granted_on, area_ha,
               xmin, ymin, xmax, ymax
        FROM concessions WHERE list_contains($holders, holder) AND NOT list_contains($left_out, source_id)
            AND {CURRENT} ORDER BY area_ha DESC, id
        """,
        {"holders": list(holders), "left_out": list(left_out)},
    ).df()


def read_consultations(con: Connection, community_id: str) -> pd.DataFrame:
    """Read the consultations of a community, latest first.

    Returns: one row per consultation: `concession_id`, the concession's `name` and `kind` (missing if it is not on the
    map), `measure`, `stage`, `authority`, `resolution`, `phase`, `consent_status`, `contested`, `dated_on`, `sources`,
    `document_sha256`.
    """
    return con.execute(
        f"""
        SELECT c.concession_id, t.name, t.kind, c.measure, c.stage, c.authority, c.resolution, c.phase,
               c.consent_status, c.contested, c.dated_on, c.sources, c.document_sha256
        FROM consultations c
        LEFT JOIN (SELECT id, name, kind FROM concessions WHERE {CURRENT}) t ON t.id = c.concession_id
        WHERE c.community_id = $id AND {CURRENT} ORDER BY c.dated_on DESC NULLS LAST, c.concession_id
        """,
        {"id": community_id},
    ).df()


def _visible_sql(name: str) -> str:
    return EVENT_SQL if name == "incidents" else CURRENT


# Counts of unknown values, so that the map can state its gaps.


def count_unknown(con: Connection) -> dict[str, int]:
    """Count what is not known: features by the information they lack, beside their total number.

    Returns: counts of concessions: `titles`, `titles_without_holder`, `titles_without_date`, `titles_of_unknown_state`.
    Counts of communities: `communities`, `communities_without_land`, `communities_without_place`,
    `communities_without_consultation`. Also `boundaries_of_unknown_accuracy`, `incidents` and
    `incidents_without_place`.
    """
    row = con.execute(f"SELECT {', '.join(f'({query})' for query in _COUNTS.values())}").fetchone() or ()
    return dict(zip(_COUNTS, row, strict=True))


def count_unplaced_rows(con: Connection, layer: Layer) -> int:
    """Count the rows of a layer without a place: communities and incidents may be known by name only."""
    condition = EVENT_SQL if layer is INCIDENTS else CURRENT
    row = con.execute(f"SELECT count(*) FROM {layer.name} WHERE xmin IS NULL AND {condition}").fetchone()
    return row[0] if row else 0


def read_dates(con: Connection, layer: Layer, columns: Sequence[str]) -> pd.DataFrame:
    """Read date columns of the current rows of a layer, sorted by id.

    Returns: `id`, `source_id` and the columns, missing where no date is stated.
    """
    names = ", ".join(("id", "source_id", *(name for name in columns if name in layer.names)))
    return con.sql(f"SELECT {names} FROM {layer.name} WHERE {CURRENT} ORDER BY id").df()


def read_boxes(con: Connection, layer: Layer) -> pd.DataFrame:
    """Read the bounding boxes of the rows of every snapshot of a layer.

    Returns: one row per row and snapshot, sorted by id and date: `source_id`, `snapshot_on`, `code`, `area_ha`
    (hectares), `xmin`, `ymin`, `xmax`, `ymax` (degrees). `code` and `area_ha` are missing if the layer lacks them.
    """
    optional = [name if name in layer.names else f"NULL AS {name}" for name in ("code", "area_ha")]
    columns = ", ".join(["source_id", "snapshot_on", *optional, "xmin", "ymin", "xmax", "ymax"])
    return con.sql(f"SELECT {columns} FROM {layer.name} ORDER BY id, snapshot_on").df()


def iter_layer_parts(
    con: Connection, layer: Layer, *, at_once: int, ids: Iterable[str] | None = None
) -> Iterator[gpd.GeoDataFrame]:
    """Yield the rows of a layer in parts of rows that are near each other, so that only one part is in memory.

    Yields: rows as from `map_database.read_layer`, sorted by id. Rows without geometry are in the last parts.
    """
    wanted = None if ids is None else set(ids)
    query = f"SELECT id FROM {layer.name} WHERE {CURRENT} ORDER BY round(xmin), round(ymin), id"  # cells of one degree
    by_place = [id_ for (id_,) in con.execute(query).fetchall() if wanted is None or id_ in wanted]
    for begin in range(0, len(by_place), at_once):
        yield map_database.read_layer(con, layer, where={"id": by_place[begin : begin + at_once]})
