"""The layers of the current map as pages show them, cached by `app.media.pages.current.cache`."""

import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import geopandas as gpd
import pandas as pd

from lindero.app.answers import regions as regions_of
from lindero.app.answers.coverage import coverage_text, refused_text, source_report
from lindero.app.answers.coverage.coverage import Coverage, LayerCoverage, read_coverage
from lindero.app.answers.coverage.reach import Reach, measure_reach
from lindero.app.answers.defaults import DEPARTMENT
from lindero.app.answers.holder_spellings import Holder, group_spellings, map_spellings
from lindero.app.answers.overlap import overlaps
from lindero.app.answers.overlap.attacked_lands import AttackedLands
from lindero.app.answers.overlap.attacked_lands import attacked_lands as find_attacked_lands
from lindero.app.answers.overlap.land import (
    Land,
    count_repeats_on_land,
    land_coverage,
    measure_land,
    rank_community_holders,
)
from lindero.app.answers.overlap.land import list_required_consultations as rules_of_land
from lindero.app.answers.overlap.land import read_concessions_on_land as on_lands
from lindero.app.answers.overlap.named_area import AreaPart, AreaReport, measure_area, read_shared_lands
from lindero.app.answers.place.nearby import find_nearby_features, find_nearby_incidents
from lindero.app.answers.place.place_report import AREA_LAYERS
from lindero.app.answers.place.place_search import SearchResult
from lindero.app.answers.place.place_search import find_place as place_meant
from lindero.app.answers.place.position_search import FoundPlace
from lindero.app.answers.place.spot import NamedArea, Spot, find_community_spot, locate_spot
from lindero.app.answers.place.spot import find_area_by_key as area_with_key
from lindero.app.answers.record.incidents import Record, read_placed_incidents, read_record
from lindero.app.answers.registers import Registers
from lindero.app.answers.repeated_ground import Repeats
from lindero.app.media.pages.current import open_map
from lindero.app.media.pages.current.cache import POSITION_PRIVACY, cache_answer, map_version
from lindero.app.media.pages.current.selection import Feature, Filterable
from lindero.geo import Totals
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Bounds, Connection, Source
from lindero.layers.database.queries import map_names, map_queries
from lindero.layers.database.queries.row_values import NamedShapes, read_names_and_shapes, read_shapes_by_id
from lindero.layers.errors import NotBuiltError
from lindero.layers.model.schema import LAYERS
from lindero.layers.reference.base_data import cache_places
from lindero.layers.reference.gazetteer import Gazetteer
from lindero.layers.tiles.tile_query import concession_statuses as drawn_statuses
from lindero.layers.tiles.tile_query import read_map_features as drawn_layer
from lindero.layers.tiles.tile_query import year_range as drawn_years

_DRAWN_LAYERS = tuple(LAYERS[name] for name in map_queries.DRAWN_LAYERS)
NOBODY_S = "xqzwvk"  # no place has this name, so every kind of search is run and loaded
_LOADING = threading.Lock()


counts = cache_answer()(map_queries.count_features)
extent = cache_answer()(map_queries.extent)  # of everything on the map
_has_invented_data = cache_answer()(map_queries.has_invented_data)
sources = cache_answer()(map_database.read_sources)
registers = cache_answer()(Registers.from_map)
refused = cache_answer()(refused_text.read_refused_rows)
account = cache_answer()(source_report.count_row_outcomes)
unknown = cache_answer()(map_queries.count_unknown)
find_overlaps = cache_answer()(overlaps.find_overlaps)
titles_on_lands = cache_answer()(on_lands)
area_layers = cache_answer()(overlaps.list_area_layers)
communities = cache_answer()(map_queries.read_communities)
consultations = cache_answer()(map_queries.read_consultations)
levels = cache_answer()(regions_of.list_levels)
shapes_of_regions = cache_answer()(regions_of.simplify_regions)
list_communities = cache_answer()(regions_of.list_communities)
shared_ground = cache_answer(uncached_because="a reader's choice of pairs, drawn once for a file")(overlaps.draw_pairs)
record = cache_answer()(read_record)


@cache_answer()
def country_record(_con: Connection, country: str) -> Record:
    """Return the records of attacks and conflicts of one country."""
    return record().filter_country(country)


every_coverage = cache_answer()(read_coverage)  # with registers that are left out as repeated
read_rules_of_land = cache_answer(uncached_because=POSITION_PRIVACY)(rules_of_land)
find_country_at_point = regions_of.find_country_at_point
undated_snapshots = cache_answer()(map_database.find_undated_snapshots)
_kinds = cache_answer()(map_queries.list_concession_kinds)


@cache_answer()
def coverage(_con: Connection) -> Coverage:
    """Return the areas in which the counted registers of the map have data."""
    return registers().exclude_left_out(every_coverage())


@cache_answer()
def incidents(con: Connection) -> gpd.GeoDataFrame:
    """Return all incidents with the known part of their location."""
    return read_placed_incidents(con, record())


@cache_answer()
def holder_concessions(con: Connection, spellings: tuple[str, ...]) -> pd.DataFrame:
    """Return the concessions held under any of these spellings, each once, largest first."""
    return map_queries.read_concessions(con, spellings, registers().counted_rows["concessions"].left_out)


def version_or_none() -> str | None:
    """Return the name of the current map, or None if there is no map."""
    try:
        return map_version()
    except NotBuiltError:
        return None


def has_invented_data() -> bool:
    """Return whether the current map has invented data; without a map there are none."""
    return version_or_none() is not None and _has_invented_data()


def classes() -> list[str]:
    """List the codes of the classes on the map: concession kinds, most frequent first, then the other layers."""
    return [*_kinds(), *(name for name, count in counts().items() if count and name != "concessions")]


@cache_answer()
def filter_options(con: Connection) -> Filterable:
    """Return the options of the map's filter: statuses of concessions, and years."""
    return Filterable(tuple(drawn_statuses(con)), drawn_years(con))


@cache_answer(uncached_because=POSITION_PRIVACY)
def describe_features(con: Connection, features: Iterable[Feature]) -> pd.DataFrame:
    """Return the attributes of map features, with the `layer` of each."""
    ids: dict[str, list[str]] = {}
    for layer, feature_id in features:
        ids.setdefault(layer, []).append(feature_id)
    tables = [drawn_layer(con, layer, layer_ids).assign(layer=layer) for layer, layer_ids in ids.items()]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=["layer", "id"])


def is_private() -> bool:
    """Return whether the content of the vault is shown, too."""
    return open_map.current_map().is_private


@cache_answer(uncached_because=POSITION_PRIVACY)
def nearby_attacks(con: Connection, community_id: str, *, within_km: float) -> list[dict[str, Any]]:
    """List the attacks and conflicts near the land of one community."""
    spot = find_community_spot(con, community_id)
    return [] if spot is None else find_nearby_incidents(con, spot, within_km=within_km)


@cache_answer(uncached_because=POSITION_PRIVACY)
def list_refused_nearby(_con: Connection, spot: Spot, *, within_km: float) -> list[str]:
    """List the names of rejected rows that may lie within a distance of a place."""
    return refused_text.refused_lines_in_area(refused(), spot.ground(within_km))


@cache_answer(uncached_because=POSITION_PRIVACY)
def list_refused_on_land(con: Connection, community_id: str) -> list[str]:
    """List the names of rejected rows that may lie on the land of one community."""
    shape = read_shapes_by_id(con, LAYERS["communities"], [community_id]).get(community_id)
    return [] if shape is None else refused_text.list_refused_in_area(con, shape)


def missing_layers_text(layers: Iterable[str]) -> str:
    """Return a sentence that names the layers without any data on the map."""
    return coverage_text.missing_data_text(coverage(), layers)


@cache_answer(uncached_because=POSITION_PRIVACY)
def coverage_of_land(
    con: Connection, community_id: str, layer: str = "concessions", *, within_km: float = 0.0
) -> LayerCoverage:
    """Return the coverage of a layer on the land of one community, or near it."""
    return land_coverage(con, community_id, coverage(), layer, within_km=within_km)


def cite_sources(layers: Iterable[str]) -> tuple[Source, ...]:
    """Return the counted sources of some layers or kinds of incidents (`coverage.KINDS`)."""
    return coverage().cite_sources(layers)


def date_publishers(sources: Sequence[Source]) -> dict[str, str]:
    """Return the dates of each publisher's data and events as text."""
    return coverage_text.date_publishers(sources, coverage().spans)


def publishers_text() -> str:
    """Return the publishers of the current data of the map, in one line."""
    return ", ".join(dict.fromkeys(source.publisher for source in sources() if source.is_current and source.publisher))


@cache_answer()
def holder_reach(con: Connection, spellings: tuple[str, ...], layer: str) -> Reach:
    """Return how far a layer covers the land of the concessions held under any of these spellings."""
    rows = map_database.read_layer(con, LAYERS["concessions"], where={"holder": list(spellings)})
    counted = rows[rows["id"].isin(holder_concessions(spellings)["id"])]
    return measure_reach(coverage(), layer, counted.geometry, feature_layer="concessions")


@cache_answer()
def totals(con: Connection, left: str, right: str, chosen: tuple[tuple[str, str], ...]) -> Totals:
    """Add up some pairs of two layers, by their ids: gross area and footprint."""
    return overlaps.compute_pair_totals(con, left, right, _select_pairs(find_overlaps(left, right).pairs, chosen))


@cache_answer()
def draw_pairs(con: Connection, left: str, right: str, chosen: tuple[tuple[str, str], ...]) -> gpd.GeoDataFrame:
    """Compute the intersections of some pairs of two layers, by their ids.

    The result is cached, because the page of overlaps asks for it again.
    """
    return overlaps.draw_pairs(con, left, right, _select_pairs(find_overlaps(left, right).pairs, chosen))


@cache_answer(uncached_because=POSITION_PRIVACY)
def measure_community_land(con: Connection, community_id: str) -> Land:
    """Measure the concessions on the land of one community."""
    return measure_land(con, community_id, titles_on_lands()[0])


@cache_answer(uncached_because=POSITION_PRIVACY)
def repeats_on_land(con: Connection, community_id: str) -> Repeats:
    """Count the concessions on the land of one community that repeat the polygon of another concession."""
    pairs = titles_on_lands()[0]
    return count_repeats_on_land(con, pairs[pairs["right_id"] == community_id])


@cache_answer(uncached_because=POSITION_PRIVACY)
def rank_holders_on_land(con: Connection, community_id: str) -> pd.DataFrame:
    """Rank the holders of concessions on the land of one community, across their spellings."""
    return rank_community_holders(con, community_id, titles_on_lands()[0], map_spellings(holders()))


@cache_answer()
def holders(con: Connection) -> list[Holder]:
    """List the holders of concessions across their spellings, the holder of most concessions first."""
    return group_spellings(map_queries.read_holders(con, registers().counted_rows["concessions"].left_out))


@cache_answer()
def attacked_lands(con: Connection) -> AttackedLands:
    """Return the holders of concessions on the land of communities near attacks or conflicts."""
    return find_attacked_lands(con, record())


@cache_answer()
def holder_codes(_con: Connection) -> dict[str, str]:
    """Map each spelling of a holder's name on the map to the code of the holder."""
    return {written: holder.code for holder in holders() for written in holder.spellings}


def compare_regions(level: str = DEPARTMENT) -> pd.DataFrame:
    """Compare the regions by concessions, communities and attacks."""
    return _compare_regions(level, open_map.country())


@cache_answer(uncached_because=POSITION_PRIVACY)
def find_place(con: Connection, text: str, *, abroad: bool = False) -> SearchResult:
    """Find the place that a text names."""
    with _LOADING:  # a request during loading waits, and does not load the names itself
        gazetteer = _gazetteer()
    return place_meant(text, con, open_map.country(), gazetteer=gazetteer, abroad=abroad)


def load_names() -> None:
    """Load the names of the current map and of its country, so that the first question of a reader is fast."""
    cache_places()
    with suppress(NotBuiltError), _LOADING:
        gazetteer = _gazetteer()
        place_meant(NOBODY_S, open_map.current_map().open_cursor(), open_map.country(), gazetteer=gazetteer)


@cache_answer(uncached_because=POSITION_PRIVACY)
def find_nearby(con: Connection, spot: Spot, *, within_km: float) -> list[dict[str, Any]]:
    """List the features within a distance of a place, nearest first.

    A feature that two registers contain is listed once.

    Each feature has `layer`, `id`, `distance_m` (0 inside), `direction`, and the attributes in
    `app.answers.place.nearby.FEATURE_COLUMNS`. Unknown values are None.
    """
    rows = find_nearby_features(con, spot, within_km=within_km, layers=_DRAWN_LAYERS, undated=undated_snapshots())
    return registers().filter_rows(rows)


def place_coverage(spot: Spot, nearby_rows: list[dict[str, Any]]) -> dict[str, LayerCoverage]:
    """Return the coverage of the land layers at a place, from the rows that `find_nearby` found there."""
    if spot.area is not None:
        return spot.coverages(coverage(), AREA_LAYERS)
    rows_here = [row for row in nearby_rows if row["distance_m"] == 0]
    return coverage().place_coverage(rows_here, AREA_LAYERS, spot.latitude, spot.longitude)


@cache_answer(uncached_because=POSITION_PRIVACY)
def build_spot(con: Connection, place: FoundPlace, name: str) -> Spot:
    """Build the spot of a found place. The spot is a whole area if the name is that of an area."""
    return locate_spot(con, name, place.latitude, place.longitude, place.place)


@cache_answer(uncached_because=POSITION_PRIVACY)
def area_by_key(con: Connection, key: str) -> NamedArea | None:
    """Return the area that a form identifies by its key."""
    return area_with_key(con, key)


@cache_answer(uncached_because=POSITION_PRIVACY)
def area_report(con: Connection, area: NamedArea) -> AreaReport:
    """Measure the concessions on a named area."""
    return measure_area(con, area, map_spellings(holders()), on_lands=titles_on_lands()[0])


@cache_answer()
def shared_lands(con: Connection, community: str) -> tuple[AreaPart, ...]:
    """Return the lands of other communities that overlap the land of a community."""
    return read_shared_lands(con, community)


@cache_answer(uncached_because=POSITION_PRIVACY)
def read_in_bounds(con: Connection, layer: str, bounds: Bounds) -> gpd.GeoDataFrame:
    """Read the rows of a layer that intersect a bounding box (west, south, east, north in degrees)."""
    return map_database.read_layer(con, LAYERS[layer], bounds=bounds)


@cache_answer(uncached_because=POSITION_PRIVACY)
def read_outlines(con: Connection, layers: Iterable[str], bounds: Bounds) -> dict[str, NamedShapes]:
    """Read the names and shapes of layers that intersect a bounding box (west, south, east, north in degrees)."""
    return read_names_and_shapes(con, [LAYERS[layer] for layer in layers], bounds=bounds)


@cache_answer()
def _gazetteer(con: Connection) -> Gazetteer:
    return map_names.build_gazetteer(con)


@cache_answer()
def _compare_regions(con: Connection, level: str, country: str) -> pd.DataFrame:
    return regions_of.compare_regions(con, level, country=country, record=record(), covered=every_coverage())


def _select_pairs(pairs: pd.DataFrame, chosen: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    return pairs[pd.MultiIndex.from_frame(pairs[["left_id", "right_id"]]).isin(chosen)]
