"""
What the pages ask the map.

Every answer is of the current snapshots: the latest of each source.
"""

import pandas as pd

from lindero.layers.database.definitions import EVENT_SQL
from lindero.layers.database.map_database import CURRENT, Bounds, Connection, overlap_table, ranges
from lindero.layers.errors import N_, NotBuiltError
from lindero.layers.model.schema import OVERLAP_PAIRS

SHOWN = ("concessions", "protected_areas", "communities", "mining_scars", "incidents")

_NAMED = {
    "concessions": "name, holder",
    "protected_areas": "name, NULL::VARCHAR AS holder",
    "communities": "name, NULL::VARCHAR AS holder",
    "mining_scars": "id AS name, NULL::VARCHAR AS holder",
}


def counts(con: Connection) -> dict[str, int]:
    """Number of features of every layer that the map draws."""
    selects = (f"SELECT '{name}', count(*) FROM {name} WHERE {_shown(name)}" for name in SHOWN)
    return dict(con.execute(" UNION ALL ".join(selects)).fetchall())


def kinds(con: Connection) -> list[str]:
    """Kinds of concession that there are, the most frequent first."""
    query = f"SELECT kind FROM concessions WHERE {CURRENT} GROUP BY kind ORDER BY count(*) DESC, kind"
    return [kind for (kind,) in con.execute(query).fetchall()]


def extent(con: Connection) -> Bounds | None:
    """West, south, east and north of everything that the map draws, in degrees; None if it draws nothing."""
    boxes = " UNION ALL ".join(f"SELECT xmin, ymin, xmax, ymax FROM {name} WHERE {_shown(name)}" for name in SHOWN)
    row = con.execute(f"SELECT min(xmin), min(ymin), max(xmax), max(ymax) FROM ({boxes})").fetchone()
    return row if row and row[0] is not None else None


def invented(con: Connection) -> bool:
    """Tell whether anything in the map is invented."""
    row = con.execute("SELECT count(*) FROM sources WHERE is_current AND invented").fetchone()
    return bool(row and row[0])


def pairs(con: Connection, left: str, right: str) -> pd.DataFrame:
    """
    Overlaps of two layers, largest first.

    Columns: `left_id`, `left_name`, `left_holder`, `right_id`, `right_name`, `right_holder`, `area_ha`,
    `certain_ha`, `possible_ha`, `share_of_left`, `share_of_right` (0 to 1), `certainty`.

    Raises
    ------
    NotBuiltError
        If a build does not lay these layers over each other.
    """
    if (left, right) not in OVERLAP_PAIRS:
        raise NotBuiltError(N_("{left} and {right} are not laid over each other"), left=left, right=right)
    table = overlap_table(con)
    return con.execute(
        f"""
        SELECT o.left_id, l.name AS left_name, l.holder AS left_holder, o.right_id, r.name AS right_name,
               r.holder AS right_holder, o.area_ha, {ranges(con, table, "o.")}, o.share_of_left,
               o.share_of_right, o.certainty
        FROM "{table}" o
        JOIN (SELECT id, snapshot_on, {_NAMED[left]} FROM {left} WHERE {CURRENT}) l
            ON (l.id, l.snapshot_on) = (o.left_id, o.left_snapshot_on)
        JOIN (SELECT id, snapshot_on, {_NAMED[right]} FROM {right} WHERE {CURRENT}) r
            ON (r.id, r.snapshot_on) = (o.right_id, o.right_snapshot_on)
        WHERE o.left_layer = $left AND o.right_layer = $right
        ORDER BY o.area_ha DESC, o.left_id, o.right_id
        """,
        {"left": left, "right": right},
    ).df()


def communities(con: Connection) -> pd.DataFrame:
    """Communities by name: `id`, `name`, `people`, `type`, `recognition`, `population`, `area_ha`, bounds."""
    return con.execute(f"""
        SELECT id, coalesce(name, code, id) AS name, people, type, recognition, population, area_ha,
               xmin, ymin, xmax, ymax
        FROM communities WHERE {CURRENT} ORDER BY 2, id
    """).df()


def holders(con: Connection) -> pd.DataFrame:
    """Holders of concessions as they are written: `holder`, `concessions` (how many), `area_ha` (added up)."""
    return con.execute(f"""
        SELECT holder, count(*) AS concessions, sum(area_ha) AS area_ha
        FROM concessions WHERE holder <> '' AND {CURRENT} GROUP BY holder ORDER BY concessions DESC, holder
    """).df()


def titles(con: Connection, holders: tuple[str, ...]) -> pd.DataFrame:
    """Concessions of holders as they are written, largest first, without geometry."""
    return con.execute(
        f"""
        SELECT id, code, name, holder, kind, substance, status, applied_on, granted_on, area_ha,
               xmin, ymin, xmax, ymax
        FROM concessions WHERE list_contains($holders, holder) AND {CURRENT} ORDER BY area_ha DESC, id
        """,
        {"holders": list(holders)},
    ).df()


def consultations(con: Connection, community_id: str) -> pd.DataFrame:
    """Consultations of a community, latest first, with the concession's `name` and `kind`."""
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


def _shown(name: str) -> str:
    return EVENT_SQL if name == "incidents" else CURRENT
