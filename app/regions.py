"""First-level regions (departments) with what is on record in each, to be compared."""

from collections.abc import Iterable

import geopandas as gpd
import pandas as pd
import shapely

from geo import footprint, overlap
from layers import base, store
from layers.schema import LAYERS
from layers.store import Connection

CODE = "region"
COARSE_DEGREES = 0.03


def compared(con: Connection) -> pd.DataFrame:
    """
    Compare the regions that the map's features lie in.

    Returns
    -------
    DataFrame
        `region` (ISO 3166-2), `name`, `country`, `conceded_ha` (ground under concession, counted once) and
        `conceded_share` of the region, `concessions`, `communities`, `communities_touched` (by a concession),
        `attacks`; the region with most ground under concession first.
    """
    frames = {name: store.read_layer(con, LAYERS[name]) for name in ("concessions", "communities", "incidents")}
    regions = met(base.regions().rename(columns={"code": "id"}), frames.values())
    pairs = overlap(frames["concessions"], regions)
    conceded = footprint(pairs, frames["concessions"], regions).set_index("id")
    touched = set(store.read_overlaps(con, "concessions", "communities")["right_id"])
    found = regions[["id", "name", "country"]].rename(columns={"id": CODE})
    at = {name: _region_of(frame, regions) for name, frame in frames.items()}
    is_touched = frames["communities"]["id"].isin(touched).to_numpy()
    found = found.assign(
        conceded_ha=found[CODE].map(conceded["footprint_ha"]).fillna(0.0),
        conceded_share=found[CODE].map(conceded["share"]).fillna(0.0),
        concessions=_counted(found, at["concessions"]),
        communities=_counted(found, at["communities"]),
        communities_touched=_counted(found, at["communities"][is_touched]),
        attacks=_counted(found, at["incidents"]),
    )
    return found.sort_values(["conceded_ha", "name"], ascending=[False, True], ignore_index=True)


def shapes(codes: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Draw regions by their codes, coarsely enough to be sent to a phone: `region`, polygons in OGC:CRS84."""
    known = base.regions().rename(columns={"code": CODE})
    drawn = known[known[CODE].isin(codes)][[CODE, "geometry"]]
    return drawn.assign(geometry=drawn.simplify_coverage(COARSE_DEGREES)).reset_index(drop=True)


def met(regions: gpd.GeoDataFrame, frames: Iterable[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Keep the regions that some feature of the frames meets."""
    tree = shapely.STRtree(regions.geometry.to_numpy())
    shapes = pd.concat([frame.geometry for frame in frames]).dropna().to_numpy()
    _, met = tree.query(shapes, predicate="intersects")
    return regions.iloc[sorted(set(met))].reset_index(drop=True)


def _region_of(frame: gpd.GeoDataFrame, regions: gpd.GeoDataFrame) -> "pd.Series[str]":
    """Give the region in which a point on each feature lies; features without a place, or at sea, have none."""
    shapes = frame.geometry.to_numpy()
    points = shapely.point_on_surface(shapes)
    at_feature, at_region = shapely.STRtree(regions.geometry.to_numpy()).query(points, predicate="within")
    codes = pd.Series(pd.NA, index=range(len(frame)), dtype="string")
    codes.iloc[at_feature] = regions["id"].to_numpy()[at_region]
    return codes


def _counted(found: pd.DataFrame, codes: "pd.Series[str]") -> "pd.Series[int]":
    return found[CODE].map(codes.value_counts()).fillna(0).astype(int)
