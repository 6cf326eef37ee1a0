"""The layers of the current map, as the pages show them; kept as `app.current.kept` says."""

from collections.abc import Iterable

import geopandas as gpd
import pandas as pd

from app.analysis import coverage_text, laid
from app.analysis import regions as regions_of
from app.analysis.answers import nearby
from app.analysis.coverage import Answer, Coverage, coverage_of
from app.analysis.holders import Holder, across_spellings, by_spelling
from app.analysis.land import Land, holders_of, land_coverage, land_of
from app.analysis.land import attacks_near as near_land
from app.analysis.place_search import Meant
from app.analysis.place_search import find_place as place_meant
from app.analysis.regions import DEPARTMENT
from app.current import served
from app.current.kept import asked, version
from app.current.selection import Feature, Filterable
from app.intake import report
from geo import Totals
from layers import limits, map_names, questions, store
from layers import refused as refused_rows
from layers.drawn import drawn as drawn_layer
from layers.drawn import statuses as drawn_statuses
from layers.drawn import years as drawn_years
from layers.errors import NotBuiltError
from layers.schema import LAYERS
from layers.store import Bounds, Connection, Source

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


def version_or_none() -> str | None:
    """Name of the current map, or None while there is none."""
    try:
        return version()
    except NotBuiltError:
        return None


def counts() -> dict[str, int]:
    """Number of features of every layer that the map draws."""
    return asked(questions.counts)


def classes() -> list[str]:
    """Codes of what there is to be seen on the map: layers, and for concessions their kinds, most frequent first."""
    kinds = asked(questions.kinds)
    return [*kinds, *(name for name, count in counts().items() if count and name != "concessions")]


def filterable() -> Filterable:
    """Tell what the map's own filter can offer: states of concessions, and years."""
    return asked(_filterable)


def drawn(features: Iterable[Feature]) -> pd.DataFrame:
    """Say of features what the map knows of them, as `layers.drawn.drawn` does, with their `layer`; kept nowhere."""
    ids: dict[str, list[str]] = {}
    for layer, feature_id in features:
        ids.setdefault(layer, []).append(feature_id)
    con = served.current().cursor()
    found = [drawn_layer(con, layer, some).assign(layer=layer) for layer, some in ids.items()]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=["layer", "id"])


def extent() -> Bounds | None:
    """West, south, east and north of everything on the map, in degrees."""
    return asked(questions.extent)


def invented() -> bool:
    """Tell whether anything on the map is invented."""
    return asked(questions.invented)


def private() -> bool:
    """Tell whether what the vault holds is shown, too."""
    return served.current().is_private


def sources() -> list[Source]:
    """Every snapshot of every source, with publisher, licence and what became of its rows."""
    return asked(store.read_sources)


def coverage() -> Coverage:
    """Where the sources of the map have data, as `app.analysis.coverage` reads it."""
    return asked(coverage_of)


def refused() -> list[str]:
    """Name what was refused, the largest first, as `app.intake.report.refused_line` does."""
    return [report.refused_line(row) for row in asked(refused_rows.read).to_dict("records")]


def refused_near(lat: float, lon: float, *, within_km: float) -> list[str]:
    """Name what was refused and may lie within a distance of a place; kept nowhere."""
    return report.refused_near(served.current().cursor(), lat, lon, within_km=within_km)


def lacking(layers: Iterable[str]) -> str:
    """Say of which layers the map has no data at all, as `app.analysis.coverage_text.lacking` does."""
    return coverage_text.lacking(coverage(), layers)


def coverage_of_land(community_id: str, layer: str = "concessions", *, within_km: float = 0.0) -> Answer:
    """What can be said of a layer on one community's land or near it; kept nowhere, for it tells where one looked."""
    return land_coverage(served.current().cursor(), community_id, coverage(), layer, within_km=within_km)


def account() -> pd.DataFrame:
    """What happened to rows of every source and why, as `app.intake.report.account` counts it."""
    return asked(report.account)


def unknown() -> dict[str, int]:
    """Count what the map does not know, as `layers.limits.unknown` does."""
    return asked(limits.unknown)


def publishers() -> str:
    """Who published what is on the map, in one line."""
    return ", ".join(dict.fromkeys(source.publisher for source in sources() if source.is_current and source.publisher))


def pairs(left: str, right: str) -> pd.DataFrame:
    """Overlaps of any two layers of areas, largest first, as `app.analysis.laid.laid` gives them."""
    return asked(laid.laid, left, right)


def layable() -> list[str]:
    """Layers of areas that hold anything."""
    return asked(laid.layable)


def totals(left: str, right: str, chosen: tuple[tuple[str, str], ...]) -> Totals:
    """Add up some pairs of two layers, by their ids: gross, and the ground that they cover counted once."""
    return asked(_totals, left, right, chosen)


def shared_ground(left: str, right: str, chosen: pd.DataFrame) -> gpd.GeoDataFrame:
    """Draw the ground that pairs of two layers share; kept nowhere."""
    return laid.drawn(served.current().cursor(), left, right, chosen)


def land(community_id: str) -> Land:
    """Measure the titles on one community's land; kept nowhere, for it tells where somebody looked."""
    return land_of(served.current().cursor(), community_id, pairs("concessions", "communities"))


def holders_on(community_id: str) -> pd.DataFrame:
    """Rank the holders of titles on one community's land, across their spellings; kept nowhere."""
    names = by_spelling(holders())
    return holders_of(served.current().cursor(), community_id, pairs("concessions", "communities"), names)


def attacks_near(community_id: str, *, within_km: float) -> pd.DataFrame:
    """Attacks on record near one community's land, nearest first; kept nowhere."""
    return near_land(served.current().cursor(), community_id, within_km=within_km)


def communities() -> pd.DataFrame:
    """Communities by name, as `layers.questions.communities` gives them."""
    return asked(questions.communities)


def consultations(community_id: str) -> pd.DataFrame:
    """Consultations of a community, as `layers.questions.consultations` gives them."""
    return asked(questions.consultations, community_id)


def holders() -> list[Holder]:
    """Holders of concessions across their spellings, the one with most concessions first."""
    return asked(_holders)


def titles(spellings: tuple[str, ...]) -> pd.DataFrame:
    """Concessions held under any of these spellings, largest first."""
    return asked(questions.titles, spellings)


def levels() -> list[str]:
    """Levels at which the map can be browsed: `department`, and `province` where the workspace has them."""
    return asked(regions_of.levels)


def regions(level: str = DEPARTMENT) -> pd.DataFrame:
    """Regions compared, as `app.analysis.regions.compared` gives them."""
    return asked(regions_of.compared, level)


def shapes_of_regions(level: str, regions: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Draw regions, as `app.analysis.regions.shapes` does."""
    return asked(regions_of.shapes, level, regions)


def communities_in(level: str, region: str) -> pd.DataFrame:
    """Communities of a region, as `app.analysis.regions.communities_in` gives them."""
    return asked(regions_of.communities_in, level, region)


def country_at(lat: float, lon: float) -> str:
    """Country in which a place lies, as `app.analysis.regions.country_at` gives it; kept nowhere."""
    return regions_of.country_at(lat, lon)


def find_place(text: str, *, abroad: bool = False) -> Meant:
    """Find the place that a text means, as `app.analysis.place_search.find_place` does; kept nowhere."""
    con = served.current().cursor()
    return place_meant(text, con, served.country(), known=asked(map_names.gazetteer), abroad=abroad)


def near(lat: float, lon: float, *, within_km: float) -> pd.DataFrame:
    """
    List what lies within a distance of a point, nearest first; asked anew every time, and kept nowhere.

    Columns: `layer`, `id`, `distance_m` (0 inside), `direction`, and of each what `_ABOUT` names.
    """
    layers = [LAYERS[name] for name in questions.SHOWN]
    at = {"lat": lat, "lon": lon, "within_km": within_km}
    return nearby(served.current().cursor(), **at, layers=layers, about=_ABOUT, often=True)


def within_bounds(layer: str, bounds: Bounds) -> gpd.GeoDataFrame:
    """Read what of a layer meets a box (west, south, east, north in degrees); kept nowhere."""
    return store.read_layer(served.current().cursor(), LAYERS[layer], bounds=bounds)


def _filterable(con: Connection) -> Filterable:
    return Filterable(tuple(drawn_statuses(con)), drawn_years(con))


def _holders(con: Connection) -> list[Holder]:
    return across_spellings(questions.holders(con))


def _totals(con: Connection, left: str, right: str, chosen: tuple[tuple[str, str], ...]) -> Totals:
    every = pairs(left, right)
    some = every[pd.MultiIndex.from_frame(every[["left_id", "right_id"]]).isin(chosen)]
    return laid.sums(con, left, right, some)
