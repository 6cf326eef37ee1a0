"""The layers of the background map, built from the base data.

Each feature has the lowest zoom at which it is shown.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

RIVER_ZOOMS = {1: 2, 2: 4, 3: 6, 4: 7, 5: 8}
COUNTRY_SIZES = (0.5, 3, 40)  # square degrees: limits of the classes by which countries are labelled
COUNTRY_ZOOMS = (6, 5, 3, 2)
REGION_LINES_ZOOM = 4
REGION_LABELS_ZOOM = 5
LABEL_PRECISION_DEGREES = 0.05


def shared_borders(areas: gpd.GeoDataFrame) -> np.ndarray:
    """Return the lines between the polygons of a coverage, merged from junction to junction.

    Neighbours have the same vertices along a shared edge, so each segment of it occurs twice.
    """
    rings = shapely.get_rings(shapely.get_parts(areas.geometry.array))
    vertices, ring = shapely.get_coordinates(rings, return_index=True)
    segments = np.stack([vertices[:-1], vertices[1:]], axis=1)[ring[:-1] == ring[1:]]
    (x, y), (next_x, next_y) = segments[:, 0].T, segments[:, 1].T
    is_reversed = (x > next_x) | ((x == next_x) & (y > next_y))
    segments[is_reversed] = segments[is_reversed, ::-1]
    unique, occurrences = np.unique(segments.reshape(-1, 4), axis=0, return_counts=True)
    shared = shapely.linestrings(unique[occurrences > 1].reshape(-1, 2, 2))
    return shapely.get_parts(shapely.line_merge(shapely.multilinestrings(shared)))


def label_point(polygon: shapely.Geometry) -> shapely.Point:
    """Return the point of the largest part of `polygon` that is farthest from its boundary, for a label."""
    largest = max(shapely.get_parts(polygon), key=shapely.area)
    return shapely.get_point(shapely.maximum_inscribed_circle(largest, tolerance=LABEL_PRECISION_DEGREES), 0)


def build_layers(
    *,
    countries: gpd.GeoDataFrame,
    regions: gpd.GeoDataFrame,
    divisions: gpd.GeoDataFrame,
    rivers: gpd.GeoDataFrame,
    lakes: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of the map by name, bottom first.

    `min_zoom` is the lowest zoom with the feature in its tiles. `divisions` are the regions and what they leave of
    their countries; the lines between regions are drawn from them.
    """
    crs = countries.crs
    land = shapely.get_parts(shapely.coverage_union_all(countries.geometry.array))
    region_lines = np.concatenate([shared_borders(parts) for _, parts in divisions.groupby("country")])
    size_class = np.searchsorted(COUNTRY_SIZES, shapely.area(countries.geometry.array))
    country_zooms = np.array(COUNTRY_ZOOMS)[size_class]
    return {
        "land": gpd.GeoDataFrame(geometry=land, crs=crs).assign(min_zoom=0),
        "water": lakes.assign(min_zoom=0),
        "rivers": rivers.assign(min_zoom=rivers["rank"].map(RIVER_ZOOMS)),
        "regions": gpd.GeoDataFrame(geometry=region_lines, crs=crs).assign(min_zoom=REGION_LINES_ZOOM),
        "countries": gpd.GeoDataFrame(geometry=shared_borders(countries), crs=crs).assign(min_zoom=0),
        "region_labels": _build_labels(regions[["name"]].assign(min_zoom=REGION_LABELS_ZOOM), regions.geometry),
        "country_labels": _build_labels(
            countries[["name", "name_es"]].assign(min_zoom=country_zooms), countries.geometry
        ),
        "places": places[["name", "population", "min_zoom", "geometry"]],
    }


def _build_labels(names: pd.DataFrame, areas: gpd.GeoSeries) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(names, geometry=areas.map(label_point), crs=areas.crs)
