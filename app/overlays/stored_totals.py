"""Totals of all pairs of two layers, as the build stored them in the map."""

from lindero.geo.geometry.projection import Floats
from lindero.geo.overlay.totals import Totals
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_queries


def stored_totals(con: Connection, left: str, right: str) -> Totals | None:
    """Return the totals of all pairs of two layers; None where the build stored none."""
    row = map_queries.read_totals(con, left, right)
    return None if row is None else Totals(*row)


def totals_of(con: Connection, left: str, right: str, areas_ha: Floats) -> Totals | None:
    """Return the stored totals of two layers if pairs of these areas are all of them: as many, and as many hectares."""
    stored = stored_totals(con, left, right)
    is_all = stored is not None and (stored.pairs, stored.gross_ha) == (len(areas_ha), float(areas_ha.sum()))
    return stored if is_all else None
