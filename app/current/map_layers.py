"""The layers of the current map, as the pages show them; kept as `app.current.cache` says."""

import threading
from collections.abc import Iterable
from contextlib import suppress

import geopandas as gpd
import pandas as pd

from lindero.app.answers import regions as regions_of
from lindero.app.answers.community import Land, holders_of, land_coverage, land_of
from lindero.app.answers.community import attacks_near as near_land
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import Answer, Coverage, coverage_of
from lindero.app.answers.coverage.reach import Reach, reach_of, reach_of_layers
from lindero.app.answers.holder import Holder, across_spellings, by_spelling
from lindero.app.answers.nearby import nearby
from lindero.app.answers.overlap import overlay
from lindero.app.answers.search.place_search import Meant
from lindero.app.answers.search.place_search import find_place as place_meant
from lindero.app.answers.usual import DEPARTMENT
from lindero.app.current import open_map
from lindero.app.current.cache import asked, version
from lindero.app.current.selection import Feature, Filterable
from lindero.app.pipeline import source_report
from lindero.geo import Totals
from lindero.layers.database import map_database, map_names, map_queries, unknown_counts
from lindero.layers.database.map_database import Bounds, Connection, Source
from lindero.layers.errors import NotBuiltError
from lindero.layers.model.schema import LAYERS
from lindero.layers.tiles.feature_lookup import drawn as drawn_layer
from lindero.layers.tiles.feature_lookup import statuses as drawn_statuses
from lindero.layers.tiles.feature_lookup import years as drawn_years

_ABOUT = (
    "name",
    "holder",
    "kind",
    "substance",
    "status",
    "applied_on",
    "granted_on",
    "area_ha",
    "people",
    "type",
    "designation",
    "zone",
    "title",
    "occurred_on",
    "date_precision",
    "location_precision",
    "source_id",
)
NOBODY_S = "xqzwvk"  # a name that is looked for in every way there is, for no place has it
_LOADING = threading.Lock()


def version_or_none() -> str | None:
    """Name of the current map, or None while there is none."""
    try:
        return version()
    except NotBuiltError:
        return None


def counts() -> dict[str, int]:
    """Number of features of every layer that the map draws."""
    return asked(map_queries.counts)


def classes() -> list[str]:
    """Codes of what there is to be seen on the map: layers, and for concessions their kinds, most frequent first."""
    kinds = asked(map_queries.kinds)
    return [*kinds, *(name for name, count in counts().items() if count and name != "concessions")]


def filterable() -> Filterable:
    """Tell what the map's own filter can offer: states of concessions, and years."""
    return asked(_filterable)


def drawn(features: Iterable[Feature]) -> pd.DataFrame:
    """Say what the map knows of features (`layers.tiles.feature_lookup.drawn`), with their `layer`; kept nowhere."""
    ids: dict[str, list[str]] = {}
    for layer, feature_id in features:
        ids.setdefault(layer, []).append(feature_id)
    con = open_map.current().cursor()
    found = [drawn_layer(con, layer, some).assign(layer=layer) for layer, some in ids.items()]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=["layer", "id"])


def extent() -> Bounds | None:
    """West, south, east and north of everything on the map, in degrees."""
    return asked(map_queries.extent)


def invented() -> bool:
    """Tell whether anything on the map is invented."""
    return asked(map_queries.invented)


def private() -> bool:
    """Tell whether what the vault holds is shown, too."""
    return open_map.current().is_private


def sources() -> list[Source]:
    """Every snapshot of every source, with publisher, licence and what became of its rows."""
    return asked(map_database.read_sources)


def coverage() -> Coverage:
    """Where the sources of the map have data, as `app.answers.coverage.coverage` reads it."""
    return asked(coverage_of)


def refused() -> gpd.GeoDataFrame:
    """What was refused, the largest first, as `app.pipeline.source_report.refused_rows` reads it."""
    return asked(source_report.refused_rows)


def refused_on_land(community_id: str) -> list[str]:
    """Name what was refused and may lie on one community's land; kept nowhere."""
    con = open_map.current().cursor()
    land = map_database.read_layer(con, LAYERS["communities"], where={"id": [community_id]})
    return [] if land.geometry.isna().all() else source_report.refused_on(con, land.geometry.iloc[0])


def refused_near(lat: float, lon: float, *, within_km: float) -> list[str]:
    """Name what was refused and may lie within a distance of a place; kept nowhere."""
    return source_report.refused_near(open_map.current().cursor(), lat, lon, within_km=within_km)


def lacking(layers: Iterable[str]) -> str:
    """Say of which layers the map has no data at all, as `app.answers.coverage.coverage_text.lacking` does."""
    return coverage_text.lacking(coverage(), layers)


def coverage_of_land(community_id: str, layer: str = "concessions", *, within_km: float = 0.0) -> Answer:
    """What can be said of a layer on one community's land or near it; kept nowhere, for it tells where one looked."""
    return land_coverage(open_map.current().cursor(), community_id, coverage(), layer, within_km=within_km)


def account() -> pd.DataFrame:
    """What happened to rows of every source and why, as `app.pipeline.source_report.account` counts it."""
    return asked(source_report.account)


def unknown() -> dict[str, int]:
    """Count what the map does not know, as `layers.database.unknown_counts.unknown` does."""
    return asked(unknown_counts.unknown)


def publishers() -> str:
    """Who published what is on the map, in one line."""
    return ", ".join(dict.fromkeys(source.publisher for source in sources() if source.is_current and source.publisher))


def pairs(left: str, right: str) -> pd.DataFrame:
    """Overlaps of any two layers of areas, largest first, as `app.answers.overlap.overlay.laid` gives them."""
    return asked(overlay.laid, left, right)


def reach(left: str, right: str) -> tuple[Reach, Reach]:
    """How far each of two layers is covered on the ground of the other's, as `app.answers.coverage.reach` tells."""
    return asked(reach_of_layers, left, right)


def reach_of_titles(spellings: tuple[str, ...], layer: str) -> Reach:
    """How far a layer is covered on the ground of the concessions held under any of these spellings."""
    return asked(_reach_of_titles, spellings, layer)


def layable() -> list[str]:
    """Layers of areas that hold anything."""
    return asked(overlay.layable)


def totals(left: str, right: str, chosen: tuple[tuple[str, str], ...]) -> Totals:
    """Add up some pairs of two layers, by their ids: gross, and the ground that they cover counted once."""
    return asked(_totals, left, right, chosen)


def shared_ground(left: str, right: str, chosen: pd.DataFrame) -> gpd.GeoDataFrame:
    """Draw the ground that pairs of two layers share; kept nowhere."""
    return overlay.drawn(open_map.current().cursor(), left, right, chosen)


def largest_shared_ground(left: str, right: str, chosen: tuple[tuple[str, str], ...]) -> gpd.GeoDataFrame:
    """Draw the ground that some pairs of two layers share, by their ids; kept, for the page of overlaps asks again."""
    return asked(_shared, left, right, chosen)


def land(community_id: str) -> Land:
    """Measure the titles on one community's land; kept nowhere, for it tells where somebody looked."""
    return land_of(open_map.current().cursor(), community_id, pairs("concessions", "communities"))


def holders_on(community_id: str) -> pd.DataFrame:
    """Rank the holders of titles on one community's land, across their spellings; kept nowhere."""
    names = by_spelling(holders())
    return holders_of(open_map.current().cursor(), community_id, pairs("concessions", "communities"), names)


def attacks_near(community_id: str, *, within_km: float) -> pd.DataFrame:
    """Attacks on record near one community's land, nearest first; kept nowhere."""
    return near_land(open_map.current().cursor(), community_id, within_km=within_km)


def communities() -> pd.DataFrame:
    """Communities by name, as `layers.database.map_queries.communities` gives them."""
    return asked(map_queries.communities)


def consultations(community_id: str) -> pd.DataFrame:
    """Consultations of a community, as `layers.database.map_queries.consultations` gives them."""
    return asked(map_queries.consultations, community_id)


def holders() -> list[Holder]:
    """Holders of concessions across their spellings, the one with most concessions first."""
    return asked(_holders)


def titles(spellings: tuple[str, ...]) -> pd.DataFrame:
    """Concessions held under any of these spellings, largest first."""
    return asked(map_queries.titles, spellings)


def levels() -> list[str]:
    """Levels at which the map can be browsed: `department`, and `province` where the workspace has them."""
    return asked(regions_of.levels)


def regions(level: str = DEPARTMENT) -> pd.DataFrame:
    """Regions compared, as `app.answers.regions.compared` gives them."""
    return asked(_compared, level, open_map.country())


def shapes_of_regions(level: str, regions: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Draw regions, as `app.answers.regions.shapes` does."""
    return asked(regions_of.shapes, level, regions)


def communities_in(level: str, region: str) -> pd.DataFrame:
    """Communities of a region, as `app.answers.regions.communities_in` gives them."""
    return asked(regions_of.communities_in, level, region)


def country_at(lat: float, lon: float) -> str:
    """Country in which a place lies, as `app.answers.regions.country_at` gives it; kept nowhere."""
    return regions_of.country_at(lat, lon)


def find_place(text: str, *, abroad: bool = False) -> Meant:
    """Find the place that a text means, as `app.answers.search.place_search.find_place` does; kept nowhere."""
    with _LOADING:  # who asks while the names are read waits for them, and does not read them, too
        known = asked(map_names.gazetteer)
    return place_meant(text, open_map.current().cursor(), open_map.country(), known=known, abroad=abroad)


def load_names() -> None:
    """Read the names of the current map and of its country, so that nobody's first question waits for them."""
    with suppress(NotBuiltError), _LOADING:
        known = asked(map_names.gazetteer)
        place_meant(NOBODY_S, open_map.current().cursor(), open_map.country(), known=known)


def near(lat: float, lon: float, *, within_km: float) -> pd.DataFrame:
    """
    List what lies within a distance of a point, nearest first; asked anew every time, and kept nowhere.

    Columns: `layer`, `id`, `distance_m` (0 inside), `direction`, and of each what `_ABOUT` names.
    """
    layers = [LAYERS[name] for name in map_queries.SHOWN]
    at = {"lat": lat, "lon": lon, "within_km": within_km}
    return nearby(open_map.current().cursor(), **at, layers=layers, about=_ABOUT)


def within_bounds(layer: str, bounds: Bounds) -> gpd.GeoDataFrame:
    """Read what of a layer meets a box (west, south, east, north in degrees); kept nowhere."""
    return map_database.read_layer(open_map.current().cursor(), LAYERS[layer], bounds=bounds)


def _compared(con: Connection, level: str, country: str) -> pd.DataFrame:
    return regions_of.compared(con, level, country=country)


def _filterable(con: Connection) -> Filterable:
    return Filterable(tuple(drawn_statuses(con)), drawn_years(con))


def _holders(con: Connection) -> list[Holder]:
    return across_spellings(map_queries.holders(con))


def _reach_of_titles(con: Connection, spellings: tuple[str, ...], layer: str) -> Reach:
    titles = map_database.read_layer(con, LAYERS["concessions"], where={"holder": list(spellings)})
    return reach_of(coverage(), layer, titles.geometry, of="concessions")


def _shared(con: Connection, left: str, right: str, chosen: tuple[tuple[str, str], ...]) -> gpd.GeoDataFrame:
    return overlay.drawn(con, left, right, _some(pairs(left, right), chosen))


def _totals(con: Connection, left: str, right: str, chosen: tuple[tuple[str, str], ...]) -> Totals:
    return overlay.sums(con, left, right, _some(pairs(left, right), chosen))


def _some(every: pd.DataFrame, chosen: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    return every[pd.MultiIndex.from_frame(every[["left_id", "right_id"]]).isin(chosen)]
