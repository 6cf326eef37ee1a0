"""What the pages of the record show, kept as `app.current.cache` says."""

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd

from lindero.app.answers.commitments import CommitmentFacts
from lindero.app.answers.coverage.coverage import ZERO, without_false_zeros
from lindero.app.answers.defaults import DEPARTMENT
from lindero.app.current import map_layers
from lindero.app.current.cache import LOOKED, cached
from lindero.app.record import consultation_text, consultations
from lindero.app.record.commitments import across_countries, facts
from lindero.app.record.measures import WITHOUT
from lindero.app.record.periods import Period, periods_of
from lindero.layers.check.same_incidents import propose
from lindero.layers.database.definitions import is_placed
from lindero.layers.database.map_database import Connection
from lindero.layers.model.schema import CRS, INCIDENTS
from lindero.layers.reference import base_data

_acts_by_pair = cached()(consultations.consultations_of_map)


@cached()
def commitments(con: Connection, country: str, region: str) -> CommitmentFacts:
    """Return the commitments of a country and what happened since, in it or in one of its regions, if not empty."""
    return CommitmentFacts.of(con, country, region, record=map_layers.record(), covered=map_layers.coverage())


@cached()
def periods(con: Connection) -> tuple[Period, ...]:
    """Return from when to when any source tells of attacks."""
    return periods_of(con)


def known_of(rows: pd.DataFrame, layer: str, counts: Sequence[str], *, code: str = "region_code") -> pd.DataFrame:
    """
    Leave missing what was counted of a layer in regions of which the map has no data of it, or of a part only.

    `rows` have the region's code (missing where it is not known), and `counts`. A count that is not 0 is on record.
    """
    codes = tuple(rows[code].dropna().unique())
    shares = _shares(layer, codes).reindex(rows[code]).fillna(0).to_numpy()
    unseen = (shares < ZERO) & (rows[[name for name in counts if name != WITHOUT]] == 0).all(axis=1).to_numpy()
    return rows.assign(**{name: rows[name].astype("Int64").mask(unseen) for name in counts})


@cached()
def may_be_same(_con: Connection) -> pd.DataFrame:
    """Pairs of incidents that may be one, as `layers.check.same_incidents.propose` gives them."""
    return propose(map_layers.record().incidents)


@cached()
def places(_con: Connection) -> gpd.GeoDataFrame:
    """Incidents whose own place may be drawn: `id`, and a point of a known place or an area; in OGC:CRS84."""
    rows = map_layers.incidents()
    drawn = rows[is_placed(rows)]
    return gpd.GeoDataFrame(drawn[["id", "geometry"]], geometry="geometry", crs=CRS)


def regions(codes: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Draw regions by their codes (ISO 3166-2): `region`, polygons in OGC:CRS84."""
    return map_layers.shapes_of_regions(DEPARTMENT, codes)


@cached(nowhere=LOOKED)
def consultations_of(con: Connection, community: str) -> pd.DataFrame:
    """Acts about which a community was consulted or is to be, as `app.record.consultations.acts` gives them."""
    left = map_layers.registers().counted["concessions"].ids
    return consultations.acts(con, map_layers.country_at, community=community, left_out=left)


def with_consultations(pairs: pd.DataFrame, left: str, right: str) -> pd.DataFrame:
    """Give overlaps of concessions with communities what is on record of each; other overlaps stay as they are."""
    if (left, right) != ("concessions", "communities"):
        return pairs
    is_covered = any(source.layer == "consultations" for source in map_layers.sources())
    return consultation_text.beside(pairs, _acts_by_pair(), is_covered=is_covered)


@cached()
def promises(con: Connection) -> pd.DataFrame:
    """How treaties and the protection of defenders stand in every country, as `across_countries` says."""
    found = across_countries(facts(con), map_layers.record())
    grounds = gpd.GeoSeries(base_data.countries().set_index("code").geometry.reindex(found["country"]))
    shares = map_layers.coverage().over_each(INCIDENTS.name, grounds)["share"]
    return found.assign(attacks=without_false_zeros(found["attacks"].astype("Int64"), shares))


@cached()
def _shares(_con: Connection, layer: str, codes: tuple[str, ...]) -> "pd.Series[float]":
    drawn = map_layers.shapes_of_regions(DEPARTMENT, codes).set_index("region")
    return map_layers.coverage().over_each(layer, drawn.geometry)["share"]
