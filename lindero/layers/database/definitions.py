"""Definitions of the figures of a map, once each, for Python and for SQL.

A constant that ends in `_SQL` is a condition or an expression on the table `incidents`. The function or constant above
it applies the same definition to rows. Readers find the definitions in `docs/data-model.md`, *How the record is
counted*.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lindero.layers.database.map_database import CURRENT

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

# docs/safety.md: "Every incident carries `visibility`. Missing, empty or misspelt means `confidential`."
PUBLIC_RECORD = "public_record"

# A map contains only public record. Opened with its key, it also has the rows of its vault, marked by their source.
SHOWN_SQL = (
    f"({CURRENT} AND (visibility = '{PUBLIC_RECORD}' OR (source_id, snapshot_on) IN"
    " (SELECT (source_id, snapshot_on) FROM sources WHERE fingerprint = 'vault')))"
)

# Incidents that were accepted as the same are shown once, under the first of their ids.
TWINS_SQL = (
    "(SELECT incident_id AS twin_id, same_as AS event_id FROM same_incidents"
    f" WHERE same_as IN (SELECT id FROM incidents WHERE {SHOWN_SQL}))"
)
EVENT_SQL = f"({SHOWN_SQL} AND id NOT IN (SELECT twin_id FROM {TWINS_SQL}))"

# Only `exact` and `locality` are drawn as points, and are precise enough for distances (docs/data-model.md).
KNOWN_PLACE = ("exact", "locality")
KNOWN_PROVINCE = (*KNOWN_PLACE, "district", "province")
KNOWN_REGION = (*KNOWN_PROVINCE, "region")
PLACED_SQL = (
    f"(xmin IS NOT NULL AND (location_precision IN ({', '.join(map(repr, KNOWN_PLACE))})"
    " OR xmin < xmax OR ymin < ymax))"
)

CELL_DEGREES = {"exact": 0.1, "locality": 0.1, "district": 0.25, "province": 1.0}
"""The cell of a fixed grid that a place of this precision is published as: 0.1° is some 11 km."""

# An event has no place if nothing finer than its region is known.
UNPLACED_SQL = (
    f"(xmin IS NULL OR coalesce(location_precision, 'country') NOT IN ({', '.join(map(repr, KNOWN_PROVINCE))}))"
)

# People are counted as killed only if a source states it; other people of the same event are not.
KILLED = "killed"

# Layers with persons. The received content of their rows is never repeated in a report (docs/safety.md).
PERSON_LAYERS = frozenset({"incidents", "acts", "victims", "case_steps", "protection_measures", "consultations"})


def is_public(incidents: pd.DataFrame) -> pd.Series[bool]:
    """Return whether each incident is public record.

    An incident is public only if its visibility is exactly `public_record`.

    `incidents`: incidents with `visibility`. Without this column, none is public. Returns: the mask, with the index of
    `incidents`.
    """
    import pandas as pd

    if "visibility" not in incidents:
        return pd.Series(data=False, index=incidents.index)
    return (incidents["visibility"] == PUBLIC_RECORD).fillna(value=False).astype(bool)


def is_placed(incidents: gpd.GeoDataFrame) -> pd.Series[bool]:
    """Return whether each incident can be drawn: as an area, or as a point whose place is known.

    `incidents`: incidents with `geometry` and `location_precision`. Returns: True for polygons, and for points whose
    precision is `exact` or `locality`. It has the index of `incidents`.
    """
    is_area = incidents.geometry.geom_type.isin(["Polygon", "MultiPolygon"])
    return incidents.geometry.notna() & (is_area | incidents["location_precision"].isin(KNOWN_PLACE))


def is_known_place(incidents: gpd.GeoDataFrame) -> pd.Series[bool]:
    """Return whether the place of each incident is known well enough to measure distances.

    `incidents`: incidents with `geometry` and `location_precision`. Returns: True where there is a geometry and the
    precision is `exact` or `locality`. It has the index of `incidents`.
    """
    return incidents.geometry.notna() & incidents["location_precision"].isin(KNOWN_PLACE)
