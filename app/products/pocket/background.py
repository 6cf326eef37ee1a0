"""What lies behind a pocket map: land, borders, waters and places of the data that Lindero brings along."""

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely

from lindero.app.products.pocket.outlines import COARSE, Frame, clip, encode_outline
from lindero.app.products.pocket.parts import pack
from lindero.layers.reference import base_data

if TYPE_CHECKING:
    import pandas as pd

FEWER = {"land": 0.0005, "borders": 0.0005, "rivers": 0.0003, "lakes": 0.0003}  # degrees; data good to kilometres
COARSER = (1, 4, 10, 20, 40, 80)  # times
MOST_PLACES = 4_000  # of a region; the largest


def drawn_within(frame: Frame, most: int) -> dict[str, Any]:
    """Give the finest background that takes no more than so many bytes in a page; the coarsest, if none is so small."""
    for times in COARSER:
        found = background_areas(frame, times=times)
        if len(pack(found)[1]) <= most:
            break
    return found


def background_areas(frame: Frame, *, times: int = 1) -> dict[str, Any]:
    """Give land and lakes as areas, borders of departments and rivers as lines, on the grid of a metre."""
    shapes = {
        "land": base_data.countries().geometry,
        "borders": base_data.regions().geometry.boundary,
        "rivers": base_data.rivers().geometry,
        "lakes": base_data.lakes().geometry,
    }
    return {name: _written(some, frame, FEWER[name] * times) for name, some in shapes.items()}


def places(frame: Frame, *, most: int | None = MOST_PLACES) -> list[dict[str, Any]]:
    """Give the places in a frame, the largest first: `name`, `kind`, `around` (what it lies in), `at`, `size`."""
    countries = base_data.countries().set_index("code")[["name", "name_es"]].agg(", ".join, axis=1)
    towns, provinces = (_inside(rows, frame) for rows in (base_data.places(), base_data.provinces()))
    return [
        *_named(towns.head(most or len(towns)), "locality", ["province", "region"], countries),
        *_named(provinces, "province", ["region"], countries),
    ]


def _written(shapes: gpd.GeoSeries, frame: Frame, fewer: float) -> dict[str, Any] | None:
    inside = gpd.GeoSeries(shapes[shapes.intersects(shapely.box(*frame))])
    near = shapely.simplify(inside.to_numpy(), fewer)
    return encode_outline(shapely.GeometryCollection([cut for one in near if (cut := clip(one, frame))]), frame, COARSE)


def _inside(rows: gpd.GeoDataFrame, frame: Frame) -> gpd.GeoDataFrame:
    return rows.cx[frame[0] : frame[2], frame[1] : frame[3]].reset_index(drop=True)


def _named(rows: gpd.GeoDataFrame, kind: str, within: list[str], countries: "pd.Series[str]") -> list[dict[str, Any]]:
    around = [rows[column].fillna("").astype(str) for column in within]
    around.append(rows["country"].map(countries).fillna("").astype(str))
    sizes = rows["population"] if "population" in rows else [0] * len(rows)
    points = shapely.get_coordinates(rows.geometry.to_numpy()).round(4).tolist()
    return [
        {"name": str(name), "kind": kind, "around": ", ".join(filter(None, parts)), "at": at, "size": int(size)}
        for name, at, size, *parts in zip(rows["name"], points, sizes, *around, strict=True)
    ]
