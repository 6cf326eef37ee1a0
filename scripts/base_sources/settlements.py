"""Populated places and second-level areas, from GeoNames' points, for the gazetteer and the labels of the map."""

import geopandas as gpd
import numpy as np
import pandas as pd

from lindero.geo.geometry.crs import ELLIPSOID
from lindero.layers.model.schema import CRS
from scripts.base_sources.areas import Area

LARGE = 100_000  # inhabitants; smaller places are left out in countries of which only the outline is taken
LABEL_TILES = 0.4  # of a tile's width: free space around a label
FEWEST = {3: 1_000_000, 4: 300_000, 5: 100_000, 6: 30_000, 7: 5_000, 8: 1_000, 9: 0, 10: 0, 11: 0}
LAST_ZOOM = 12  # from here on every place has its label


def label_zooms(population: np.ndarray, longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Compute the lowest zoom at which each place is labelled.

    At each zoom, the largest place in a grid cell that has no label yet gets one. The arguments are arrays of one
    length (inhabitants, degrees, degrees). The result is integers from 3 to 12.
    """
    places = pd.DataFrame({"population": population, "zoom": LAST_ZOOM})
    places = places.sort_values("population", ascending=False, kind="stable")
    for zoom, min_population in FEWEST.items():
        cell = 360 / 2**zoom * LABEL_TILES
        column, row = longitude[places.index] // cell, latitude[places.index] // cell
        places["cell"] = list(zip(column, row, strict=True))
        labelled_cells = set(places.loc[places["zoom"] < zoom, "cell"])
        is_candidate = (
            (places["zoom"] == LAST_ZOOM)
            & (places["population"] >= min_population)
            & ~places["cell"].isin(labelled_cells)
        )
        places.loc[places[is_candidate].drop_duplicates("cell").index, "zoom"] = zoom
    return places.sort_index()["zoom"].to_numpy(dtype="int32")


def select_places(cities: gpd.GeoDataFrame, area: Area) -> gpd.GeoDataFrame:
    """Return the cities of an area that are large enough, and the largest of each province that has none, by size."""
    is_large = cities["population"] >= np.where(cities["country"].isin(area.outlined), LARGE, area.smallest_place)
    by_size = cities.sort_values("population", ascending=False, kind="stable")
    is_largest = ~by_size["level_2"].duplicated() & (by_size["level_2"] != "") & (by_size["population"] > 0)
    is_listed = is_large | (is_largest & ~by_size["country"].isin(area.outlined))
    return by_size[is_listed.reindex(by_size.index)].reset_index(drop=True)


def build_places(cities: gpd.GeoDataFrame, subdivisions: pd.DataFrame, area: Area) -> gpd.GeoDataFrame:
    """Build the populated places as points, largest first.

    Columns: `name`, `country` (alpha-2), `region`, `region_code` (as in the regions), `province`, `population` (0: not
    recorded), `min_zoom` (lowest zoom of the map at which it is labelled).
    """
    selected = select_places(cities, area)
    zooms = label_zooms(
        selected["population"].to_numpy(), selected.geometry.x.to_numpy(), selected.geometry.y.to_numpy()
    )
    described = selected.assign(
        region=selected["level_1"].map(subdivisions["name"]).fillna(""),
        region_code=selected["level_1"].map(subdivisions["code"]).fillna(""),
        province=selected["level_2"].map(subdivisions["name"]).fillna(""),
        min_zoom=zooms,
    )
    return described[["name", "country", "region", "region_code", "province", "population", "min_zoom", "geometry"]]


def build_provinces(cities: gpd.GeoDataFrame, subdivisions: pd.DataFrame, area: Area) -> gpd.GeoDataFrame:
    """Build the second-level areas that have a place, each as the median point of its places.

    There is no open data on their boundaries. Columns: `code` (GeoNames), `name`, `aliases`, `country`, `region`,
    `region_code`, `radius_m` (from the point to the farthest of its places).
    """
    selected = cities[(cities["level_2"] != "") & ~cities["country"].isin(area.outlined)]
    points = pd.DataFrame({"code": selected["level_2"], "x": selected.geometry.x, "y": selected.geometry.y})
    centres = points.groupby("code").median().round(4)
    _, _, distances = ELLIPSOID.inv(
        points["x"], points["y"], points["code"].map(centres["x"]), points["code"].map(centres["y"])
    )
    centres["radius_m"] = pd.Series(distances, index=points["code"]).groupby(level=0).max().round().astype("int32")

    provinces = centres.join(subdivisions[["name", "aliases", "country"]], how="inner")
    region = provinces.index.str.split(".").str[:2].str.join(".")
    provinces["region"] = region.map(subdivisions["name"]).fillna("")
    provinces["region_code"] = region.map(subdivisions["code"]).fillna("")
    frame = gpd.GeoDataFrame(provinces, geometry=gpd.points_from_xy(provinces["x"], provinces["y"]), crs=CRS)
    columns = ["code", "name", "aliases", "country", "region", "region_code", "radius_m", "geometry"]
    return frame.rename_axis("code").reset_index()[columns]
