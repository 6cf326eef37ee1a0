"""The states of a component's content: rows with invented names, from none to more than a page shows."""

import datetime as dt
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely import box

DAY = dt.date(2026, 6, 30)
WEST, NORTH, SIDE, ACROSS = -70.6, -12.2, 0.05, 20  # squares on the invented ground of the demonstration, in degrees
MANY = 240  # more than a page of a table holds
LONG = (
    "Comunidad invented for a name that is longer than any line of any page, with its annexes, sectors and hamlets",
    "Nombreinventadosinningúnespacioqueningunalíneadeningúnteléfonopuedepartirporsísolo",
)
RIGHT_TO_LEFT = ("أرض مخترعة للعرض", "קהילה מומצאת (7)", "مجتمع Lindero ١٢٣")


def _row(at: int, name: str | None, share: float | None) -> dict[str, Any]:
    known = share is not None
    return {
        "id": f"invented/{at}",
        "name": name,
        "share": share,
        "low": share * 0.8 if share is not None else None,
        "high": min(share * 1.2, 1.0) if share is not None else None,
        "hectares": 1_234.5 * (at + 1) if known else None,
        "attacks": at % 7 if known else None,
        "day": DAY if known else None,
        "link": f"community?id=invented/{at}",
    }


def _rows_with_names(*names: str) -> list[dict[str, Any]]:
    return [_row(at, name, 0.9 / (at + 1)) for at, name in enumerate(names)]


STATES: dict[str, list[dict[str, Any]]] = {
    "empty": [],
    "one": _rows_with_names("Invented Land"),
    "many": [_row(at, f"Invented Land {at + 1}", 1 - at / MANY) for at in range(MANY)],
    "unknown": [_row(0, None, None), _row(1, "Invented Land", 0.4), _row(2, "Land without a figure", None)],
    "long names": _rows_with_names(*LONG),
    "right to left": _rows_with_names(*RIGHT_TO_LEFT),
}


def rows(state: str) -> pd.DataFrame:
    """
    Return the rows of a state.

    Columns: `id`, `name`, `share`, `low`, `high` (0 to 1), `hectares`, `attacks`, `day`, `link`.
    """
    return pd.DataFrame(STATES[state], columns=list(_row(0, "", 0.0)))


def add_squares(found: pd.DataFrame) -> gpd.GeoDataFrame:
    """Add a separate square to each row, in OGC:CRS84."""
    origins = ((WEST + number % ACROSS * SIDE, NORTH - number // ACROSS * SIDE) for number in range(len(found)))
    shapes = [box(west, north - SIDE, west + SIDE, north) for west, north in origins]
    return gpd.GeoDataFrame(found, geometry=shapes, crs="OGC:CRS84")
