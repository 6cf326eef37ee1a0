"""What the background map shows: its layers, drawn from the base data, each feature with the zoom it appears at."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

RIVER_ZOOMS = {1: 2, 2: 4, 3: 6, 4: 7, 5: 8}
COUNTRY_SIZES = (0.5, 3, 40)  # square degrees: up to each, a country is labelled from …
COUNTRY_ZOOMS = (6, 5, 3, 2)
REGION_LINES_ZOOM = 4
REGION_LABELS_ZOOM = 5
LABEL_PRECISION_DEGREES = 0.05


def borders(areas: gpd.GeoDataFrame) -> np.ndarray:
    """
    Give the lines between the polygons of a coverage, joined from junction to junction.

    Neighbours have the same corners along the edge that they share, so that each step of it stands there twice.
    """
    rings = shapely.get_rings(shapely.get_parts(areas.geometry.array))
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    steps = np.stack([corners[:-1], corners[1:]], axis=1)[ring[:-1] == ring[1:]]
    (x, y), (next_x, next_y) = steps[:, 0].T, steps[:, 1].T
    backwards = (x > next_x) | ((x == next_x) & (y > next_y))
    steps[backwards] = steps[backwards, ::-1]
    unique, times = np.unique(steps.reshape(-1, 4), axis=0, return_counts=True)
    shared = shapely.linestrings(unique[times > 1].reshape(-1, 2, 2))
    return shapely.get_parts(shapely.line_merge(shapely.multilinestrings(shared)))


def middle(polygon: shapely.Geometry) -> shapely.Point:
    """Give the point of the largest part of `polygon` that is farthest from its edge: where a label has most room."""
    largest = max(shapely.get_parts(polygon), key=shapely.area)
    return shapely.get_point(shapely.maximum_inscribed_circle(largest, tolerance=LABEL_PRECISION_DEGREES), 0)


def layers(
    countries: gpd.GeoDataFrame,
    regions: gpd.GeoDataFrame,
    rivers: gpd.GeoDataFrame,
    lakes: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
) -> dict[str, gpd.GeoDataFrame]:
    """Give the layers of the map by name, bottom first; `min_zoom` is the zoom from which a feature is in the tiles."""
    crs = countries.crs
    land = shapely.get_parts(shapely.coverage_union_all(countries.geometry.array))
    region_lines = np.concatenate([borders(parts) for _, parts in regions.groupby("country")])
    smaller = np.searchsorted(COUNTRY_SIZES, shapely.area(countries.geometry.array))
    country_zooms = np.array(COUNTRY_ZOOMS)[smaller]
    return {
        "land": gpd.GeoDataFrame(geometry=land, crs=crs).assign(min_zoom=0),
        "water": lakes.assign(min_zoom=0),
        "rivers": rivers.assign(min_zoom=rivers["rank"].map(RIVER_ZOOMS)),
        "regions": gpd.GeoDataFrame(geometry=region_lines, crs=crs).assign(min_zoom=REGION_LINES_ZOOM),
        "countries": gpd.GeoDataFrame(geometry=borders(countries), crs=crs).assign(min_zoom=0),
        "region_labels": _labels(regions[["name"]].assign(min_zoom=REGION_LABELS_ZOOM), regions.geometry),
        "country_labels": _labels(countries[["name", "name_es"]].assign(min_zoom=country_zooms), countries.geometry),
        "places": places[["name", "population", "min_zoom", "geometry"]],
    }


def _labels(names: pd.DataFrame, areas: gpd.GeoSeries) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(names, geometry=areas.map(middle), crs=areas.crs)
