"""Answers for the pages of the record, cached by `app.media.pages.current.cache`."""

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd

from lindero.app.answers.commitments import CommitmentFacts
from lindero.app.answers.coverage.coverage import ZERO, mask_false_zeros
from lindero.app.answers.defaults import DEPARTMENT
from lindero.app.answers.record import consultation_text, consultations
from lindero.app.answers.record.commitments import compare_countries, read_commitment_steps
from lindero.app.answers.record.measures import ATTACKS_WITHOUT_MEASURE
from lindero.app.answers.record.periods import Period, find_periods
from lindero.app.media.pages.current import map_layers
from lindero.app.media.pages.current.cache import POSITION_PRIVACY, cache_answer
from lindero.layers.check.same_incidents import propose_pairs
from lindero.layers.database.definitions import is_placed
from lindero.layers.database.map_database import Connection
from lindero.layers.model.schema import CRS, INCIDENTS
from lindero.layers.reference import base_data

_acts_by_pair = cache_answer()(consultations.read_consultations)


@cache_answer()
def commitments(con: Connection, country: str, region: str) -> CommitmentFacts:
    """Return the commitments of a country and the attacks since then, in it or in `region` if that is not empty."""
    return CommitmentFacts.read(con, country, region, record=map_layers.record(), covered=map_layers.coverage())


@cache_answer()
def periods(con: Connection) -> tuple[Period, ...]:
    """Return the periods for which any source records attacks."""
    return find_periods(con)


def mask_unknown_counts(
    rows: pd.DataFrame, layer: str, counts: Sequence[str], *, code: str = "region_code"
) -> pd.DataFrame:
    """Set counts to missing in regions for which the map has no data of a layer, or only partial data.

    `rows` have the region's code in the column `code` (missing if unknown) and the columns `counts`. A count other than
    0 is kept, because it is on record.
    """
    codes = tuple(rows[code].dropna().unique())
    shares = _coverage_shares(layer, codes).reindex(rows[code]).fillna(0).to_numpy()
    unseen = (shares < ZERO) & (rows[[name for name in counts if name != ATTACKS_WITHOUT_MEASURE]] == 0).all(
        axis=1
    ).to_numpy()
    return rows.assign(**{name: rows[name].astype("Int64").mask(unseen) for name in counts})


@cache_answer()
def possible_duplicates(_con: Connection) -> pd.DataFrame:
    """Return the pairs of incidents that may be the same event (`layers.check.same_incidents.propose`)."""
    return propose_pairs(map_layers.record().incidents)


@cache_answer()
def incident_places(_con: Connection) -> gpd.GeoDataFrame:
    """Return the incidents with a location that may be drawn: `id` and a point or an area, in OGC:CRS84."""
    rows = map_layers.incidents()
    placed_rows = rows[is_placed(rows)]
    return gpd.GeoDataFrame(placed_rows[["id", "geometry"]], geometry="geometry", crs=CRS)


def region_shapes(codes: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Return the polygons of regions by their codes (ISO 3166-2): `region`, geometry in OGC:CRS84."""
    return map_layers.shapes_of_regions(DEPARTMENT, codes)


@cache_answer(uncached_because=POSITION_PRIVACY)
def community_consultations(con: Connection, community: str) -> pd.DataFrame:
    """List the acts about which a community was consulted or is to be consulted."""
    left = map_layers.registers().counted_rows["concessions"].ids
    return consultations.list_acts(con, map_layers.find_country_at_point, community=community, left_out=left)


def add_consultations(pairs: pd.DataFrame, left: str, right: str) -> pd.DataFrame:
    """Add the consultations on record to overlaps of concessions with communities.

    Overlaps of other layers are returned unchanged.
    """
    if (left, right) != ("concessions", "communities"):
        return pairs
    is_covered = any(source.layer == "consultations" for source in map_layers.sources())
    return consultation_text.add_consultations(pairs, _acts_by_pair(), is_covered=is_covered)


@cache_answer()
def compare_commitments(con: Connection) -> pd.DataFrame:
    """Compare the countries by their treaties and their protection of defenders.

    Attacks are missing where the map does not cover a country.
    """
    countries = compare_countries(read_commitment_steps(con), map_layers.record())
    grounds = gpd.GeoSeries(base_data.load_countries().set_index("code").geometry.reindex(countries["country"]))
    shares = map_layers.coverage().measure_shapes(INCIDENTS.name, grounds)["share"]
    return countries.assign(attacks=mask_false_zeros(countries["attacks"].astype("Int64"), shares))


@cache_answer()
def _coverage_shares(_con: Connection, layer: str, codes: tuple[str, ...]) -> "pd.Series[float]":
    region_polygons = map_layers.shapes_of_regions(DEPARTMENT, codes).set_index("region")
    return map_layers.coverage().measure_shapes(layer, region_polygons.geometry)["share"]
