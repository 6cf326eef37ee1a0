"""The coverage of a publication, so that nobody takes an area without data for a finding.

Coverage of land is that of the map. Coverage of data on people is recomputed from the published data, by whole
departments and countries. A declared area or the extent of a source could reveal who sent it.
"""

from functools import cache

import geopandas as gpd
import pandas as pd

from lindero.layers.database import coverage
from lindero.layers.database.coverage import Basis, Extent
from lindero.layers.database.definitions import PERSON_LAYERS
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import record_queries
from lindero.layers.model.schema import CRS, INCIDENTS
from lindero.layers.publish.rules import COVERAGE_PUBLISHED
from lindero.layers.reference import base_data

DECLARED_AREA = "declared area"
_INCIDENT_LAYERS = ("incidents", "acts", "victims", "case_steps")


def published_coverage(con: Connection, new_names: dict[str, str], layers: dict[str, pd.DataFrame]) -> gpd.GeoDataFrame:
    """Return the coverage of a publication.

    Returns: columns of `layers.publish.rules.COVERAGE_PUBLISHED`, and polygons in OGC:CRS84.
    """
    rows = coverage.read_coverage(con)
    land = rows[rows["is_current"].astype(bool) & rows["layer"].isin(layers.keys() - PERSON_LAYERS)]
    area_names = land["name"].where((land["basis"] != Basis.DECLARED) | _is_coarse_area(land["name"]), DECLARED_AREA)
    land = land.assign(source_id=land["source_id"].map(new_names), name=area_names)
    spans = record_queries.read_source_spans(con)
    kinds = ((span.source_id for span in spans if span.attacks), (span.source_id for span in spans if span.conflicts))
    ids_by_kind = [ids for ids in map(frozenset, kinds) if ids]
    combined = pd.concat([land, _people_coverage(rows, layers, ids_by_kind)], ignore_index=True)
    published = combined.reindex(columns=[*COVERAGE_PUBLISHED, "geometry"]).sort_values(
        ["layer", "source_id", "extent", "name"], ignore_index=True
    )
    return gpd.GeoDataFrame(published.astype({"snapshot_on": "datetime64[us]"}), geometry="geometry", crs=CRS)


def describe_coverage(rows: gpd.GeoDataFrame) -> list[dict[str, object]]:
    """Describe the coverage of each layer and source for the data package: places and reference date."""
    parts = rows.groupby(["layer", "source_id", "snapshot_on", "basis", "extent"], dropna=False)["name"]
    return [
        {
            "layer": layer,
            "source": source,
            "as_of": None if layer in PERSON_LAYERS else f"{snapshot_date:%Y-%m-%d}",
            "basis": basis,
            "extent": extent,
            "places": sorted(set(names.dropna())),
        }
        for (layer, source, snapshot_date, basis, extent), names in parts
    ]


@cache
def load_coarse_areas() -> gpd.GeoDataFrame:
    """Load the departments and countries by `code` and `name`.

    Coverage of data on people is published only in their outlines.
    """
    return gpd.GeoDataFrame(
        pd.concat([base_data.load_regions(), base_data.load_countries()], ignore_index=True)[
            ["code", "name", "geometry"]
        ],
        crs=CRS,
    )


def _declared_places(rows: gpd.GeoDataFrame) -> set[str]:
    """Return the names of the places that rows of coverage declare."""
    return {part.strip() for text in rows["place"].dropna() for part in str(text).split(",")}


def _is_coarse_area(names: "pd.Series[str]") -> "pd.Series[bool]":
    """Return a mask of the names, or lists of names, that consist of departments and countries only."""
    known_names = set(load_coarse_areas()["name"])
    return names.map(lambda name: all(part in known_names for part in str(name).split(", "))).astype(bool)


def _people_coverage(
    rows: gpd.GeoDataFrame, layers: dict[str, pd.DataFrame], ids_by_kind: list[frozenset[str]]
) -> gpd.GeoDataFrame:
    """Return the coverage of each layer on people: the declared countries and departments, and those of its incidents.

    All incidents are published as one source. If there are attacks and conflicts, only places declared for both are
    covered.
    """
    grounds = load_coarse_areas()
    incidents = layers.get(INCIDENTS.name, pd.DataFrame(columns=["country", "region", "source_id", "snapshot_on"]))
    regions = base_data.load_regions()
    incident_regions = pd.MultiIndex.from_frame(incidents[["country", "region"]].dropna().drop_duplicates())
    region_codes = regions[pd.MultiIndex.from_frame(regions[["country", "name"]]).isin(incident_regions)]["code"]
    parts = []
    declared = rows[rows["is_current"].astype(bool) & (rows["basis"] == Basis.DECLARED)]
    for layer in (name for name in _INCIDENT_LAYERS if name in layers and len(layers[name])):
        layer_rows = declared[declared["layer"] == layer]
        stated = _declared_places(layer_rows)
        if layer == INCIDENTS.name and len(ids_by_kind) > 1:
            stated = set.intersection(
                *(_declared_places(layer_rows[layer_rows["source_id"].isin(ids)]) for ids in ids_by_kind)
            )
        keys = {name: layers[layer][name].iloc[0] for name in ("source_id", "snapshot_on")}
        for basis, extent, codes in (
            (Basis.DECLARED, Extent.COVERED, stated),
            (Basis.PROPOSED, Extent.POSSIBLE, set(region_codes) - stated),
        ):
            areas = grounds[grounds["code"].isin(codes)]
            parts.append(areas.assign(layer=layer, **keys, basis=basis.value, extent=extent.value))
    columns = [*COVERAGE_PUBLISHED, "geometry"]
    combined = pd.concat(parts, ignore_index=True) if parts else gpd.GeoDataFrame(columns=columns)
    return gpd.GeoDataFrame(combined.reindex(columns=columns), geometry="geometry", crs=CRS)
