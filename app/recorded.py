"""What the pages of the record show, kept as `app.cached` keeps it."""

import geopandas as gpd
import pandas as pd

from app import cached
from app.cached import _asked
from app.commitments import across_countries, facts
from app.regions import DEPARTMENT
from layers import store
from layers.duplicates import proposed
from layers.schema import CRS, INCIDENTS
from layers.store import Connection

KNOWN_PLACE = ("exact", "locality")


def may_be_same() -> pd.DataFrame:
    """Pairs of incidents that may be one, as `layers.duplicates.proposed` gives them."""
    return _asked(_may_be_same)


def places() -> gpd.GeoDataFrame:
    """Incidents whose own place may be drawn: `id`, and a point of a known place or an area; in OGC:CRS84."""
    return _asked(_places)


def regions(codes: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Draw regions by their codes (ISO 3166-2): `region`, polygons in OGC:CRS84."""
    return cached.shapes_of_regions(DEPARTMENT, codes)


def promises() -> pd.DataFrame:
    """How treaties and the protection of defenders stand in every country, as `across_countries` says."""
    return _asked(_promises)


def _may_be_same(_con: Connection) -> pd.DataFrame:
    return proposed(cached.record().incidents)


def _places(con: Connection) -> gpd.GeoDataFrame:
    rows = store.read_layer(con, INCIDENTS)
    is_area = rows.geometry.geom_type.isin(["Polygon", "MultiPolygon"])
    drawn = rows[rows.geometry.notna() & (is_area | rows["location_precision"].isin(KNOWN_PLACE))]
    return gpd.GeoDataFrame(drawn[["id", "geometry"]], geometry="geometry", crs=CRS)


def _promises(con: Connection) -> pd.DataFrame:
    return across_countries(facts(con), cached.record())
