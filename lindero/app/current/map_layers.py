"""The layers of the current map, as the pages show them; kept as `app.current.cache` says."""

import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import geopandas as gpd
import pandas as pd

from lindero.app.answers import regions as regions_of
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import Coverage, LayerCoverage, coverage_of
from lindero.app.answers.coverage.reach import Reach, reach_of
from lindero.app.answers.defaults import DEPARTMENT
from lindero.app.answers.holder_spellings import Holder, across_spellings, by_spelling
from lindero.app.answers.overlap import overlaps
from lindero.app.answers.overlap.attacked_lands import AttackedLands
from lindero.app.answers.overlap.attacked_lands import attacked_lands as find_attacked_lands
from lindero.app.answers.overlap.land import Land, holders_of, land_coverage, land_of, repeats_on
from lindero.app.answers.overlap.land import asked_of as rules_of_land
from lindero.app.answers.overlap.land import titles_on_lands as on_lands
from lindero.app.answers.overlap.named_area import AreaReport, measure_area
from lindero.app.answers.place.nearby import incidents_near, nearby
from lindero.app.answers.place.place_report import GROUND
from lindero.app.answers.place.place_search import Meant
from lindero.app.answers.place.place_search import find_place as place_meant
from lindero.app.answers.place.position_search import Found
from lindero.app.answers.place.spot import NamedArea, Spot, area_of, spot_of_community
from lindero.app.answers.place.spot import area_by_key as area_with_key
from lindero.app.answers.registers import Registers
from lindero.app.answers.repeated_ground import Repeats
from lindero.app.current import open_map
from lindero.app.current.cache import LOOKED, cached, version
from lindero.app.current.selection import Feature, Filterable
from lindero.app.pipeline import source_report
from lindero.app.pipeline.rows import refused_text
from lindero.app.record.incidents import Record, placed_incidents, record_of
from lindero.geo import Totals
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Bounds, Connection
from lindero.layers.database.queries import map_names, map_queries
from lindero.layers.database.queries.row_values import shapes_of
from lindero.layers.errors import NotBuiltError
from lindero.layers.model.schema import LAYERS
from lindero.layers.reference.gazetteer import Gazetteer
from lindero.layers.tiles.tile_query import features_drawn as drawn_layer
from lindero.layers.tiles.tile_query import statuses as drawn_statuses
from lindero.layers.tiles.tile_query import years as drawn_years

_PLACED = tuple(LAYERS[name] for name in map_queries.SHOWN)
NOBODY_S = "xqzwvk"  # a name that is looked for in every way there is, for no place has it
_LOADING = threading.Lock()


counts = cached()(map_queries.counts)
extent = cached()(map_queries.extent)  # of everything on the map
invented = cached()(map_queries.invented)
sources = cached()(map_database.read_sources)
registers = cached()(Registers.of_map)
refused = cached()(refused_text.refused_rows)
account = cached()(source_report.account)
unknown = cached()(map_queries.unknown)
overlaps_of = cached()(overlaps.find_overlaps)
titles_on_lands = cached()(on_lands)
layable = cached()(overlaps.layers_with_areas)
communities = cached()(map_queries.communities)
consultations = cached()(map_queries.consultations)
levels = cached()(regions_of.levels)
shapes_of_regions = cached()(regions_of.shapes)
communities_in = cached()(regions_of.communities_in)
shared_ground = cached(nowhere="a reader's choice of pairs, drawn once for a file")(overlaps.draw_pairs)
record = cached()(record_of)


@cached()
def record_in(_con: Connection, country: str) -> Record:
    """Return the record of one country, as `app.record.incidents.Record.in_country` keeps it."""
    return record().in_country(country)


every_coverage = cached()(coverage_of)  # also of registers that are left out, for another tells the same
asked_of = cached(nowhere=LOOKED)(rules_of_land)
country_at = regions_of.country_at
_kinds = cached()(map_queries.kinds)


@cached()
def coverage(_con: Connection) -> Coverage:
    """Where what is counted of the map's registers has data."""
    return registers().without_doubles(every_coverage())


@cached()
def incidents(con: Connection) -> gpd.GeoDataFrame:
    """All incidents with what is known of their place, as `app.record.incidents.placed_incidents` gives them."""
    return placed_incidents(con, record())


@cached()
def titles(con: Connection, spellings: tuple[str, ...]) -> pd.DataFrame:
    """Concessions held under any of these spellings, each once, largest first."""
    return map_queries.titles(con, spellings, registers().counted["concessions"].left_out)


def version_or_none() -> str | None:
    """Name of the current map, or None while there is none."""
    try:
        return version()
    except NotBuiltError:
        return None


def classes() -> list[str]:
    """Codes of what there is to be seen on the map: layers, and for concessions their kinds, most frequent first."""
    return [*_kinds(), *(name for name, count in counts().items() if count and name != "concessions")]


@cached()
def filterable(con: Connection) -> Filterable:
    """Tell what the map's own filter can offer: states of concessions, and years."""
    return Filterable(tuple(drawn_statuses(con)), drawn_years(con))


@cached(nowhere=LOOKED)
def drawn(con: Connection, features: Iterable[Feature]) -> pd.DataFrame:
    """Say what the map knows of features (`layers.tiles.tile_query.features_drawn`), with their `layer`."""
    ids: dict[str, list[str]] = {}
    for layer, feature_id in features:
        ids.setdefault(layer, []).append(feature_id)
    found = [drawn_layer(con, layer, some).assign(layer=layer) for layer, some in ids.items()]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=["layer", "id"])


def private() -> bool:
    """Tell whether what the vault holds is shown, too."""
    return open_map.current().is_private


@cached(nowhere=LOOKED)
def attacks_near(con: Connection, community_id: str, *, within_km: float) -> list[dict[str, Any]]:
    """List the attacks and conflicts near one community's land (`app.answers.place.near_incidents`)."""
    spot = spot_of_community(con, community_id)
    return [] if spot is None else incidents_near(con, spot, within_km=within_km)


@cached(nowhere=LOOKED)
def refused_near(con: Connection, spot: Spot, *, within_km: float) -> list[str]:
    """Return the names of what was refused and may be within a distance of a place."""
    return refused_text.refused_on(con, spot.ground(within_km))


@cached(nowhere=LOOKED)
def refused_on_land(con: Connection, community_id: str) -> list[str]:
    """Name what was refused and may lie on one community's land."""
    shape = shapes_of(con, LAYERS["communities"], [community_id]).get(community_id)
    return [] if shape is None else refused_text.refused_on(con, shape)


def lacking(layers: Iterable[str]) -> str:
    """Say of which layers the map has no data at all, as `app.answers.coverage.coverage_text.lacking` does."""
    return coverage_text.lacking(coverage(), layers)


@cached(nowhere=LOOKED)
def coverage_of_land(
    con: Connection, community_id: str, layer: str = "concessions", *, within_km: float = 0.0
) -> LayerCoverage:
    """What can be said of a layer on one community's land or near it."""
    return land_coverage(con, community_id, coverage(), layer, within_km=within_km)


def publishers() -> str:
    """Who published what is on the map, in one line."""
    return ", ".join(dict.fromkeys(source.publisher for source in sources() if source.is_current and source.publisher))


@cached()
def reach_of_titles(con: Connection, spellings: tuple[str, ...], layer: str) -> Reach:
    """How far a layer is covered on the ground of the concessions held under any of these spellings."""
    rows = map_database.read_layer(con, LAYERS["concessions"], where={"holder": list(spellings)})
    counted = rows[rows["id"].isin(titles(spellings)["id"])]
    return reach_of(coverage(), layer, counted.geometry, of="concessions")


@cached()
def totals(con: Connection, left: str, right: str, chosen: tuple[tuple[str, str], ...]) -> Totals:
    """Add up some pairs of two layers, by their ids: gross, and the ground that they cover counted once."""
    return overlaps.add_up_pairs(con, left, right, _some(overlaps_of(left, right).pairs, chosen))


@cached()
def largest_shared_ground(
    con: Connection, left: str, right: str, chosen: tuple[tuple[str, str], ...]
) -> gpd.GeoDataFrame:
    """Draw the ground that some pairs of two layers share, by their ids; kept, for the page of overlaps asks again."""
    return overlaps.draw_pairs(con, left, right, _some(overlaps_of(left, right).pairs, chosen))


@cached(nowhere=LOOKED)
def land(con: Connection, community_id: str) -> Land:
    """Measure the titles on one community's land."""
    return land_of(con, community_id, titles_on_lands()[0])


@cached(nowhere=LOOKED)
def repeats_on_land(con: Connection, community_id: str) -> Repeats:
    """Count the concessions on one community's land that repeat the ground of another one."""
    pairs = titles_on_lands()[0]
    return repeats_on(con, pairs[pairs["right_id"] == community_id])


@cached(nowhere=LOOKED)
def holders_on(con: Connection, community_id: str) -> pd.DataFrame:
    """Rank the holders of titles on one community's land, across their spellings."""
    return holders_of(con, community_id, titles_on_lands()[0], by_spelling(holders()))


@cached()
def holders(con: Connection) -> list[Holder]:
    """Holders of concessions across their spellings, the one with most concessions first."""
    return across_spellings(map_queries.holders(con, registers().counted["concessions"].left_out))


@cached()
def attacked_lands(con: Connection) -> AttackedLands:
    """Return who holds concessions on the land of communities near attacks or conflicts."""
    return find_attacked_lands(con, record())


@cached()
def codes_of_holders(_con: Connection) -> dict[str, str]:
    """Give the code of its holder for each spelling of a name on the map."""
    return {written: holder.code for holder in holders() for written in holder.spellings}


def regions(level: str = DEPARTMENT) -> pd.DataFrame:
    """Regions compared, as `app.answers.regions.compare` gives them."""
    return _compared(level, open_map.country())


@cached(nowhere=LOOKED)
def find_place(con: Connection, text: str, *, abroad: bool = False) -> Meant:
    """Find the place that a text means, as `app.answers.place.place_search.find_place` does."""
    with _LOADING:  # who asks while the names are read waits for them, and does not read them, too
        gazetteer = _gazetteer()
    return place_meant(text, con, open_map.country(), gazetteer=gazetteer, abroad=abroad)


def load_names() -> None:
    """Read the names of the current map and of its country, so that nobody's first question waits for them."""
    with suppress(NotBuiltError), _LOADING:
        gazetteer = _gazetteer()
        place_meant(NOBODY_S, open_map.current().cursor(), open_map.country(), gazetteer=gazetteer)


@cached(nowhere=LOOKED)
def near(con: Connection, spot: Spot, *, within_km: float) -> list[dict[str, Any]]:
    """
    List what is within a distance of a place, nearest first; of what two registers tell, what one does.

    Each with `layer`, `id`, `distance_m` (0 inside), `direction`, and what `app.answers.place.nearby.ABOUT` names;
    None where it is not known.
    """
    return registers().once(nearby(con, spot, within_km=within_km, layers=_PLACED))


def coverage_at(spot: Spot, found: list[dict[str, Any]]) -> dict[str, LayerCoverage]:
    """Return what the map can say of the layers of ground at a place, where `near` found some rows."""
    if spot.area is not None:
        return {layer: spot.coverage(coverage(), layer) for layer in GROUND}
    here = [row for row in found if row["distance_m"] == 0]
    return coverage().of_place(here, GROUND, spot.latitude, spot.longitude)


@cached(nowhere=LOOKED)
def spot_of(con: Connection, place: Found, name: str) -> Spot:
    """Return the place that was found, as a whole area if its name means one."""
    return Spot(name, place.latitude, place.longitude, area_of(con, place.place))


@cached(nowhere=LOOKED)
def area_by_key(con: Connection, key: str) -> NamedArea | None:
    """Return the area that a form names by its key."""
    return area_with_key(con, key)


@cached(nowhere=LOOKED)
def area_report(con: Connection, area: NamedArea) -> AreaReport:
    """Measure the concessions on a named area, as `app.answers.overlap.named_area.measure_area` does."""
    return measure_area(con, area, by_spelling(holders()), on_lands=titles_on_lands()[0])


@cached(nowhere=LOOKED)
def within_bounds(con: Connection, layer: str, bounds: Bounds) -> gpd.GeoDataFrame:
    """Read what of a layer meets a box (west, south, east, north in degrees)."""
    return map_database.read_layer(con, LAYERS[layer], bounds=bounds)


@cached()
def _gazetteer(con: Connection) -> Gazetteer:
    return map_names.gazetteer(con)


@cached()
def _compared(con: Connection, level: str, country: str) -> pd.DataFrame:
    return regions_of.compare(con, level, country=country, record=record(), covered=every_coverage())


def _some(every: pd.DataFrame, chosen: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    return every[pd.MultiIndex.from_frame(every[["left_id", "right_id"]]).isin(chosen)]
