"""
Where the sources of a publication have data, so that nobody takes an empty place of it for a finding.

Of land it is what the map says. Of what is told of people it is told anew from what is published, by whole departments
and countries: the file in which somebody declared an area, and how far a source reaches, may tell who sent it.
"""

from functools import cache

import geopandas as gpd
import pandas as pd

from lindero.layers.database import coverage
from lindero.layers.database.coverage import Basis, Extent
from lindero.layers.database.definitions import OF_PERSONS
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import record_queries
from lindero.layers.model.schema import CRS, INCIDENTS
from lindero.layers.publish.rules import COVERAGE_PUBLISHED
from lindero.layers.reference import base_data

DECLARED_AREA = "declared area"
_OF_INCIDENTS = ("incidents", "acts", "victims", "case_steps")


def published_coverage(con: Connection, new: dict[str, str], layers: dict[str, pd.DataFrame]) -> gpd.GeoDataFrame:
    """
    Give the coverage of what is published.

    Parameters
    ----------
    new
        What each source of the map is called in the publication.
    layers
        What is published, by layer.

    Returns
    -------
    GeoDataFrame
        Columns of `layers.publish.rules.COVERAGE_PUBLISHED`, and polygons in OGC:CRS84.
    """
    rows = coverage.read(con)
    land = rows[rows["is_current"].astype(bool) & rows["layer"].isin(layers.keys() - OF_PERSONS)]
    named = land["name"].where((land["basis"] != Basis.DECLARED) | _is_known(land["name"]), DECLARED_AREA)
    land = land.assign(source_id=land["source_id"].map(new), name=named)
    spans = record_queries.spans(con)
    kinds = ((one.source_id for one in spans if one.attacks), (one.source_id for one in spans if one.conflicts))
    ids_by_kind = [ids for ids in map(frozenset, kinds) if ids]
    every = pd.concat([land, _of_people(rows, layers, ids_by_kind)], ignore_index=True)
    kept = every.reindex(columns=[*COVERAGE_PUBLISHED, "geometry"]).sort_values(
        ["layer", "source_id", "extent", "name"], ignore_index=True
    )
    return gpd.GeoDataFrame(kept.astype({"snapshot_on": "datetime64[us]"}), geometry="geometry", crs=CRS)


def coverage_rows(rows: gpd.GeoDataFrame) -> list[dict[str, object]]:
    """Give for the description, layer by layer and source by source, where it is covered and of what day."""
    parts = rows.groupby(["layer", "source_id", "snapshot_on", "basis", "extent"], dropna=False)["name"]
    return [
        {
            "layer": layer,
            "source": source,
            "as_of": None if layer in OF_PERSONS else f"{day:%Y-%m-%d}",
            "basis": basis,
            "extent": extent,
            "places": sorted(set(names.dropna())),
        }
        for (layer, source, day, basis, extent), names in parts
    ]


@cache
def coarse_grounds() -> gpd.GeoDataFrame:
    """Give the departments and countries by whose outlines alone the coverage of people is told: `code`, `name`."""
    return gpd.GeoDataFrame(
        pd.concat([base_data.regions(), base_data.countries()], ignore_index=True)[["code", "name", "geometry"]],
        crs=CRS,
    )


def _places(rows: gpd.GeoDataFrame) -> set[str]:
    """Return the names of the places that rows of coverage declare."""
    return {part.strip() for text in rows["place"].dropna() for part in str(text).split(",")}


def _is_known(names: "pd.Series[str]") -> "pd.Series[bool]":
    """Tell which names, or lists of them, are those of departments and countries."""
    grounds = set(coarse_grounds()["name"])
    return names.map(lambda name: all(part in grounds for part in str(name).split(", "))).astype(bool)


def _of_people(
    rows: gpd.GeoDataFrame, layers: dict[str, pd.DataFrame], ids_by_kind: list[frozenset[str]]
) -> gpd.GeoDataFrame:
    """
    Return the coverage of each layer by the countries and departments that were declared, and those of its incidents.

    All incidents are published as of one source: where attacks and conflicts are, what is declared for both is covered.
    """
    grounds = coarse_grounds()
    incidents = layers.get(INCIDENTS.name, pd.DataFrame(columns=["country", "region", "source_id", "snapshot_on"]))
    regions = base_data.regions()
    seen = pd.MultiIndex.from_frame(incidents[["country", "region"]].dropna().drop_duplicates())
    with_people = regions[pd.MultiIndex.from_frame(regions[["country", "name"]]).isin(seen)]["code"]
    found = []
    declared = rows[rows["is_current"].astype(bool) & (rows["basis"] == Basis.DECLARED)]
    for layer in (name for name in _OF_INCIDENTS if name in layers and len(layers[name])):
        own = declared[declared["layer"] == layer]
        stated = _places(own)
        if layer == INCIDENTS.name and len(ids_by_kind) > 1:
            stated = set.intersection(*(_places(own[own["source_id"].isin(ids)]) for ids in ids_by_kind))
        keys = {name: layers[layer][name].iloc[0] for name in ("source_id", "snapshot_on")}
        for basis, extent, codes in (
            (Basis.DECLARED, Extent.COVERED, stated),
            (Basis.PROPOSED, Extent.POSSIBLE, set(with_people) - stated),
        ):
            some = grounds[grounds["code"].isin(codes)]
            found.append(some.assign(layer=layer, **keys, basis=basis.value, extent=extent.value))
    columns = [*COVERAGE_PUBLISHED, "geometry"]
    every = pd.concat(found, ignore_index=True) if found else gpd.GeoDataFrame(columns=columns)
    return gpd.GeoDataFrame(every.reindex(columns=columns), geometry="geometry", crs=CRS)
