"""Number of concessions along the rivers on each community's land.

The operator's own river lines are used where they have coverage, otherwise those of Lindero.
"""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lindero.app.text.i18n import _, format_number, ngettext
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.near.along_rivers import JOIN_M, find_on_same_river
from lindero.geo.near.within_distance import find_within_distance
from lindero.layers.model.schema import CRS
from lindero.layers.reference import base_data
from lindero.layers.workspace.rivers import RiverNetwork

BASE = "gshhg-rivers"  # id of the built-in rivers, as in data/base/sources.toml
RIVER_KM = 5  # river lines may be kilometres off (data/base/sources.toml)
OWN_RIVER_KM = 1  # plus the stated accuracy of the operator's lines
ALONG_KM = 25
_STEP_M = 200.0
_MARGIN = 1.0  # degrees, more than `ALONG_KM`
_NEAR_DEGREES = 0.07  # more than `RIVER_KM`
_HIGHEST = 89.5  # degrees: farther north, degrees of longitude have no length to speak of


def count_along_rivers(
    land: gpd.GeoDataFrame, titles: gpd.GeoDataFrame, networks: Sequence[RiverNetwork]
) -> pd.DataFrame:
    """Count the concessions that are on the same rivers as each community, along the rivers.

    A community is measured by the first of the operator's networks that covers its land and `ALONG_KM` around it. No
    river then ends at the edge of the coverage. If there is no such network, the rivers of Lindero are used.

    `land`, `titles`: communities and concessions: `id` and geometry, in any CRS. Returns: by the id of the community:
    `titles`, the number of concessions, and `by`, the id of the rivers. `titles` is missing if those rivers have no
    line near the land, which does not mean that there is no river.
    """
    network_ids = pd.Series(BASE, index=pd.Index(land["id"], name="id"), dtype=object)
    for network in reversed(networks if len(land) else ()):
        network_ids[_find_covered_communities(land, network)] = network.entry.id
    counts = pd.Series(pd.NA, index=network_ids.index, dtype="Int64")
    networks_by_id: dict[str, RiverNetwork | None] = {BASE: None, **{network.entry.id: network for network in networks}}
    for network_id, river_network in networks_by_id.items():
        communities = land[(network_ids == network_id).to_numpy()]
        if len(communities):
            matches = _count_on_network(communities, titles, river_network)
            counts[matches.index] = matches.to_numpy()
    return pd.DataFrame({"titles": counts, "by": network_ids})


def mask_near_rivers(rows: gpd.GeoDataFrame, networks: Sequence[RiverNetwork]) -> npt.NDArray[np.bool_]:
    """Return a mask of the communities or concessions, in degrees, that may be on a river.

    The others are on none of Lindero's rivers. All are in the mask if the operator has own networks.
    """
    if networks:
        return np.ones(len(rows), dtype=bool)
    shapes = rows.geometry.to_numpy()
    latitude = np.abs(shapely.bounds(shapes)[:, [1, 3]]).max(axis=1, initial=0.0)
    distance = _NEAR_DEGREES / np.cos(np.radians(np.minimum(latitude, _HIGHEST)))
    at_row, _at_river = base_data.index_rivers().query(shapes, predicate="dwithin", distance=distance)
    return np.isin(np.arange(len(rows)), at_row)


def networks_to_dicts(networks: Sequence[RiverNetwork], network_ids: pd.Series) -> list[dict[str, object]]:
    """Return the rivers used, for JSON: source, date, accuracy, coverage and number of communities.

    The rivers of Lindero come last.
    """
    records: list[dict[str, object]] = [
        {
            "id": entry.id,
            "title": entry.title,
            "publisher": entry.publisher,
            "licence": entry.licence,
            "dated_on": entry.dated_on or None,
            "accuracy_m": entry.accuracy_m,
            "coverage": entry.coverage or "convex hull",
            "near_km": near_km(entry.accuracy_m),
            "communities": int((network_ids == entry.id).sum()),
        }
        for entry in (network.entry for network in networks)
    ]
    base = next(source for source in base_data.load_sources() if source.id == BASE)
    base_record: dict[str, object] = {
        "id": BASE,
        "title": base.title,
        "publisher": base.publisher,
        "licence": base.licence,
    }
    base_record |= {"version": base.version, "limits": base.limits, "near_km": RIVER_KM}
    return [*records, {**base_record, "communities": int((network_ids == BASE).sum())}]


def rivers_text(rivers: Sequence[dict[str, object]]) -> str:
    """Return by which rivers communities were measured; empty if only those of Lindero were used."""
    parts = [_network_text(river) for river in rivers if "accuracy_m" in river]
    if not parts:
        return ""
    base_count = int(str(rivers[-1]["communities"]))
    if base_count:
        text = ngettext(
            "{n} other community is measured with the rivers of Lindero, which may be kilometres away "
            "from their real beds.",
            "{n} other communities are measured with the rivers of Lindero, which may be kilometres away "
            "from their real beds.",
            base_count,
        )
        parts.append(text.format(n=format_number(base_count)))
    return " ".join(parts)


def near_km(accuracy_m: float) -> float:
    """Return the maximum distance, in kilometres, between a place and the river that it is on.

    `accuracy_m` is the accuracy of the operator's river lines.
    """
    return min(float(RIVER_KM), OWN_RIVER_KM + accuracy_m / M_PER_KM)


def _network_text(river: dict[str, object]) -> str:
    count = int(str(river["communities"]))
    text = ngettext(
        "For {n} community, concessions along rivers are counted with {title} ({publisher}, {date}, "
        "error up to {metres} m).",
        "For {n} communities, concessions along rivers are counted with {title} ({publisher}, {date}, "
        "error up to {metres} m).",
        count,
    )
    date = river["dated_on"] or _("date not stated")
    metres = format_number(float(str(river["accuracy_m"])))
    return text.format(
        n=format_number(count), title=river["title"], publisher=river["publisher"], date=date, metres=metres
    )


def _count_on_network(land: gpd.GeoDataFrame, titles: gpd.GeoDataFrame, network: RiverNetwork | None) -> pd.Series:
    if network is None:
        matches = find_on_same_river(land, titles, base_data.load_rivers(), near_km=RIVER_KM, within_km=ALONG_KM)
    else:
        accuracy_m = network.entry.accuracy_m
        join_m = min(JOIN_M, _STEP_M / 2 + 2 * accuracy_m)  # the end of a line is at most half a step from a node
        options = {"near_km": near_km(accuracy_m), "step_m": _STEP_M, "join_m": join_m}
        matches = find_on_same_river(land, titles, network.lines, within_km=ALONG_KM, **options)
    return matches.pairs.groupby("place_id").size().reindex(matches.river_place_ids, fill_value=0)


def _find_covered_communities(land: gpd.GeoDataFrame, network: RiverNetwork) -> list[str]:
    """Return the ids of the communities where a network covers the land and `ALONG_KM` around it."""
    extents = [land.to_crs(CRS).total_bounds, shapely.bounds(network.ground)]
    west, south, east, north = shapely.total_bounds([shapely.box(*bounds) for bounds in extents])
    box = shapely.box(west - _MARGIN, south - _MARGIN, east + _MARGIN, north + _MARGIN)
    outside = gpd.GeoDataFrame({"id": ["outside"]}, geometry=[shapely.difference(box, network.ground)], crs=CRS)
    uncovered_ids = set(find_within_distance(land, outside, within_km=ALONG_KM)["place_id"])
    return [id_ for id_ in land["id"] if id_ not in uncovered_ids]
