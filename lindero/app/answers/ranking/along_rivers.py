"""Titles along the rivers that each community lies on: by the operator's own lines where these have coverage."""

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd
import shapely

from lindero.app.text.i18n import _, ngettext, number
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.near.along_rivers import JOIN_M, on_same_river
from lindero.geo.near.within_distance import within
from lindero.layers.model.schema import CRS
from lindero.layers.reference import base_data
from lindero.layers.workspace.rivers import Network

BASE = "gshhg-rivers"  # the rivers that Lindero brings along, as data/base/sources.toml calls them
RIVER_KM = 5  # beds may lie kilometres off (data/base/sources.toml)
OWN_RIVER_KM = 1  # and as far again as own lines are said to be off
ALONG_KM = 25
_STEP_M = 200.0
_MARGIN = 1.0  # degrees, more than `ALONG_KM`


def titles_along(land: gpd.GeoDataFrame, titles: gpd.GeoDataFrame, networks: Sequence[Network]) -> pd.DataFrame:
    """
    Count the titles on the same rivers as each community, along them.

    A community is measured by the first of the operator's own networks that has coverage of its land and `ALONG_KM`
    around, so that no river ends where coverage does; by the rivers of Lindero if none has.

    Parameters
    ----------
    land, titles
        `id` and geometry, in any CRS.

    Returns
    -------
    DataFrame
        By the community's id: `titles`, missing where the rivers that it is measured by hold none there, which is not
        to say that there is none, and `by`, the id of those rivers.
    """
    by = pd.Series(BASE, index=pd.Index(land["id"], name="id"), dtype=object)
    for network in reversed(networks):
        by[_covered(land, network)] = network.entry.id
    counts = pd.Series(pd.NA, index=by.index, dtype="Int64")
    measures: dict[str, Network | None] = {BASE: None, **{network.entry.id: network for network in networks}}
    for name, measure in measures.items():
        some = land[(by == name).to_numpy()]
        if len(some):
            found = _counted(some, titles, measure)
            counts[found.index] = found.to_numpy()
    return pd.DataFrame({"titles": counts, "by": by})


def network_records(networks: Sequence[Network], by: pd.Series) -> list[dict[str, object]]:
    """Give what JSON holds of the rivers that were followed: whose, of when, how accurate, for how many communities."""
    own: list[dict[str, object]] = [
        {
            "id": entry.id,
            "title": entry.title,
            "publisher": entry.publisher,
            "licence": entry.licence,
            "dated_on": entry.dated_on or None,
            "accuracy_m": entry.accuracy_m,
            "coverage": entry.coverage or "convex hull",
            "near_km": near_km(entry.accuracy_m),
            "communities": int((by == entry.id).sum()),
        }
        for entry in (network.entry for network in networks)
    ]
    base = next(source for source in base_data.sources() if source.id == BASE)
    brought: dict[str, object] = {"id": BASE, "title": base.title, "publisher": base.publisher, "licence": base.licence}
    brought |= {"version": base.version, "limits": base.limits, "near_km": RIVER_KM}
    return [*own, {**brought, "communities": int((by == BASE).sum())}]


def sentence(rivers: Sequence[dict[str, object]]) -> str:
    """Say by which rivers communities were measured; empty if there are none but those of Lindero."""
    parts = [_own(one) for one in rivers if "accuracy_m" in one]
    if not parts:
        return ""
    others = int(str(rivers[-1]["communities"]))
    if others:
        text = ngettext(
            "{n} other community by the rivers of Lindero, whose beds may lie kilometres off.",
            "{n} other communities by the rivers of Lindero, whose beds may lie kilometres off.",
            others,
        )
        parts.append(text.format(n=number(others)))
    return " ".join(parts)


def near_km(accuracy_m: float) -> float:
    """Give how near a bed of own rivers a place lies on it, in kilometres."""
    return min(float(RIVER_KM), OWN_RIVER_KM + accuracy_m / M_PER_KM)


def _own(one: dict[str, object]) -> str:
    count = int(str(one["communities"]))
    text = ngettext(
        "Titles along rivers are told for {n} community by {title} ({publisher}, {date}, off by up to {metres} m).",
        "Titles along rivers are told for {n} communities by {title} ({publisher}, {date}, off by up to {metres} m).",
        count,
    )
    date = one["dated_on"] or _("date not stated")
    metres = number(float(str(one["accuracy_m"])))
    return text.format(n=number(count), title=one["title"], publisher=one["publisher"], date=date, metres=metres)


def _counted(land: gpd.GeoDataFrame, titles: gpd.GeoDataFrame, network: Network | None) -> pd.Series:
    if network is None:
        found = on_same_river(land, titles, base_data.rivers(), near_km=RIVER_KM, within_km=ALONG_KM)
    else:
        accuracy_m = network.entry.accuracy_m
        join_m = min(JOIN_M, _STEP_M / 2 + 2 * accuracy_m)  # the end of a line lies half a step from a node at most
        options = {"near_km": near_km(accuracy_m), "step_m": _STEP_M, "join_m": join_m}
        found = on_same_river(land, titles, network.lines, within_km=ALONG_KM, **options)
    return found.pairs.groupby("place_id").size().reindex(found.at_river, fill_value=0)


def _covered(land: gpd.GeoDataFrame, network: Network) -> list[str]:
    """Give the ids of the communities of whose land, and the ground around as far as is followed, a network tells."""
    edges = [land.to_crs(CRS).total_bounds, shapely.bounds(network.ground)]
    west, south, east, north = shapely.total_bounds([shapely.box(*each) for each in edges])
    box = shapely.box(west - _MARGIN, south - _MARGIN, east + _MARGIN, north + _MARGIN)
    outside = gpd.GeoDataFrame({"id": ["outside"]}, geometry=[shapely.difference(box, network.ground)], crs=CRS)
    beyond = set(within(land, outside, within_km=ALONG_KM)["place_id"])
    return [id_ for id_ in land["id"] if id_ not in beyond]
