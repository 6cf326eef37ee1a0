"""What the pages of the record show, kept as `app.current.cache` says."""

import geopandas as gpd
import pandas as pd

from lindero.app.answers.regions import DEPARTMENT
from lindero.app.current import map_layers, open_map
from lindero.app.current.cache import asked
from lindero.app.record import commitments as promised
from lindero.app.record import consultation_text, consultations
from lindero.app.record.commitments import across_countries, facts
from lindero.app.record.incidents import Record, placed, record_of
from lindero.app.record.measures import by_region as measures_by_region
from lindero.layers.check.same_incidents import proposed
from lindero.layers.database.definitions import is_placed
from lindero.layers.database.map_database import Connection
from lindero.layers.model.schema import CRS


def record() -> Record:
    """Give the incidents of all sources with their acts, people attacked, steps and measures."""
    return asked(record_of)


def commitments(country: str, region: str = "") -> pd.DataFrame:
    """
    Commitments of a country and what happened since, in it or in one region.

    As `app.record.commitments.with_what_happened` gives them.

    `country` is ISO 3166-1 alpha-2, `region` ISO 3166-2.
    """
    return asked(_commitments, country, region)


def measures() -> pd.DataFrame:
    """Protection measures by region, as `app.record.measures.by_region` gives them."""
    return measures_by_region(record())


def may_be_same() -> pd.DataFrame:
    """Pairs of incidents that may be one, as `layers.check.same_incidents.proposed` gives them."""
    return asked(_may_be_same)


def places() -> gpd.GeoDataFrame:
    """Incidents whose own place may be drawn: `id`, and a point of a known place or an area; in OGC:CRS84."""
    return asked(_places)


def regions(codes: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Draw regions by their codes (ISO 3166-2): `region`, polygons in OGC:CRS84."""
    return map_layers.shapes_of_regions(DEPARTMENT, codes)


def consultations_of(community: str) -> pd.DataFrame:
    """Acts about which a community was consulted or is to be, as `app.record.consultations.acts` gives them."""
    return consultations.acts(open_map.current().cursor(), map_layers.country_at, community=community)


def with_consultations(pairs: pd.DataFrame, left: str, right: str) -> pd.DataFrame:
    """Give overlaps of concessions with communities what is on record of each; other overlaps stay as they are."""
    if (left, right) != ("concessions", "communities"):
        return pairs
    is_covered = any(source.layer == "consultations" for source in map_layers.sources())
    return consultation_text.beside(pairs, asked(consultations.asked), is_covered=is_covered)


def promises() -> pd.DataFrame:
    """How treaties and the protection of defenders stand in every country, as `across_countries` says."""
    return asked(_promises)


def _may_be_same(_con: Connection) -> pd.DataFrame:
    return proposed(record().incidents)


def _places(con: Connection) -> gpd.GeoDataFrame:
    rows = placed(con)
    drawn = rows[is_placed(rows)]
    return gpd.GeoDataFrame(drawn[["id", "geometry"]], geometry="geometry", crs=CRS)


def _promises(con: Connection) -> pd.DataFrame:
    return across_countries(facts(con), record())


def _commitments(con: Connection, country: str, region: str) -> pd.DataFrame:
    standing = promised.standing(promised.facts(con), country)
    return promised.with_what_happened(standing, record(), country=country, region=region)
