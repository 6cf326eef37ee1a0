"""A map as a drawing: countries and regions beneath, areas with colours and hatchings over them, scale and north."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from lindero.app.drawing.marks import Drawing, fill_of, text
from lindero.app.drawing.plane import Plane, path
from lindero.app.drawing.ruled_map import HEIGHT, WIDTH, cut_to_paper, fit_to_paper, north, scale
from lindero.app.drawing.sheet import Sign
from lindero.app.output.design import PRINT
from lindero.layers.database.map_database import Bounds
from lindero.layers.reference import base_data

WATER, LAND, BORDER, REGION = (PRINT[name] for name in ("water", "land", "border", "region"))
MOST_NAMES = 24


@dataclass(frozen=True)
class Areas:
    """Areas drawn alike, in degrees, and what stands in them (empty: nothing)."""

    sign: Sign
    shapes: Sequence[shapely.Geometry]
    names: Sequence[str] = ()


def map_of(bounds: Bounds, layers: Sequence[Areas]) -> Drawing:
    """
    Draw areas within bounds (west, south, east, north in degrees), the first at the bottom.

    Names are written in as many of the largest areas as there is room for.
    """
    plane = fit_to_paper(bounds)
    seen = shapely.box(*plane.bounds)
    parts = [_ground(plane)]
    for each in layers:
        shapes = [shape for shape in each.shapes if shape is not None and shapely.intersects(seen, shape)]
        parts.append("".join(_area(each.sign, _outline(shape, plane)) for shape in shapes))
    parts += [_names(layers, seen, plane), scale(plane.unit_m), north()]
    size = f'width="{WIDTH:g}" height="{HEIGHT:g}" viewBox="0 0 {WIDTH:g} {HEIGHT:g}"'
    frame_line = f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="none" stroke="{BORDER}"/>'
    return Drawing(f"<svg {size}>{''.join(parts)}{frame_line}</svg>", WIDTH, HEIGHT)


def _ground(plane: Plane) -> str:
    sheet = f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="{WATER}"/>'
    seen = shapely.box(*plane.bounds)

    def drawn(rows: gpd.GeoDataFrame, fill: str, stroke: str, width: float) -> str:
        met = rows.geometry[rows.intersects(seen)]
        paths = "".join(_outline(shape, plane) for shape in met)
        return f'<path d="{paths}" fill="{fill}" fill-rule="evenodd" stroke="{stroke}" stroke-width="{width:g}"/>'

    countries, regions = base_data.countries(), base_data.regions()
    return sheet + drawn(countries, LAND, BORDER, 1.4) + drawn(regions, "none", REGION, 0.7)


def _outline(shape: shapely.Geometry, plane: Plane) -> str:
    """Return the path round a shape in degrees, cut to the paper; empty if nothing of it is seen."""
    return path(cut_to_paper(shapely.make_valid(plane.place(shape)), plane))


def _area(sign: Sign, outline: str) -> str:
    if not outline:
        return ""
    fills = ((sign.color, sign.depth), (fill_of(sign.hatching, sign.color), 1.0))
    inside = "".join(
        f'<path d="{outline}" fill="{fill}" fill-opacity="{depth:g}" fill-rule="evenodd"/>'
        for fill, depth in fills
        if fill != "none"
    )
    return f'{inside}<path d="{outline}" fill="none" stroke="{sign.color}" stroke-width="1.2"/>'


def _names(layers: Sequence[Areas], seen: shapely.Geometry, plane: Plane) -> str:
    """Write names in the largest areas, where none stands on another."""
    names = [
        (plane.place(shapely.intersection(shapely.make_valid(shape), seen)), name)
        for each in layers
        for shape, name in zip(each.shapes, each.names, strict=False)
        if name and shape is not None and shapely.intersects(seen, shape)
    ]
    names.sort(key=lambda one: -float(shapely.area(one[0])))
    taken: list[shapely.Geometry] = []
    parts: list[str] = []
    for shape, name in names:
        if len(parts) == MOST_NAMES:
            break
        at = shapely.point_on_surface(shape)
        x, y = float(shapely.get_x(at)), float(shapely.get_y(at))
        if np.isnan(x):
            continue
        half = len(name) * 3.2
        place = shapely.box(x - half, y - 9, x + half, y + 5)
        if any(shapely.intersects(place, other) for other in taken) or not shapely.box(
            4, 4, WIDTH - 4, HEIGHT - 40
        ).contains(place):
            continue
        taken.append(place)
        parts.append(text(name, x, y + 4, size=12, anchor="middle", halo=True))
    return "".join(parts)
