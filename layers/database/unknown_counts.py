"""How much of what the map holds is not known: counted, so that the map can say what it cannot say."""

from lindero.layers.database.definitions import EVENT_SQL
from lindero.layers.database.map_database import CURRENT, Connection
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import INCIDENTS

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


def unknown(con: Connection) -> dict[str, int]:
    """Count what is not known: features by what they lack, beside how many there are."""
    row = con.execute(f"SELECT {', '.join(f'({query})' for query in _COUNTS.values())}").fetchone() or ()
    return dict(zip(_COUNTS, row, strict=True))


def without_place(con: Connection, layer: Layer) -> int:
    """Count the rows of a layer that have no place: communities and incidents may be known by their names alone."""
    shown = EVENT_SQL if layer is INCIDENTS else CURRENT
    row = con.execute(f"SELECT count(*) FROM {layer.name} WHERE xmin IS NULL AND {shown}").fetchone()
    return row[0] if row else 0
