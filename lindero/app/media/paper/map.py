"""A map as a drawing: background, coloured and hatched areas over it, scale bar and north arrow.

The background shows countries and regions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from lindero.app.media.design import PRINT
from lindero.app.media.paper.marks import Drawing, draw_text, hatching_fill
from lindero.app.media.paper.plane import Plane, to_svg_path
from lindero.app.media.paper.ruled_map import (
    HEIGHT,
    WIDTH,
    clip_to_paper,
    draw_north_arrow,
    draw_scale_bar,
    fit_to_paper,
)
from lindero.app.media.paper.sheet import Sign
from lindero.layers.database.map_database import Bounds
from lindero.layers.reference import base_data

WATER, LAND, BORDER, REGION = (PRINT[name] for name in ("water", "land", "border", "region"))
MOST_NAMES = 24


@dataclass(frozen=True)
class StyledAreas:
    """Areas in degrees that are drawn with one symbol, and their labels; an empty label is not written."""

    sign: Sign
    shapes: Sequence[shapely.Geometry]
    names: Sequence[str] = ()


def draw_map(bounds: Bounds, layers: Sequence[StyledAreas]) -> Drawing:
    """Draw areas within a bounding box (west, south, east, north in degrees), the first group at the bottom.

    The largest areas are labelled, as far as there is room.
    """
    plane = fit_to_paper(bounds)
    view = shapely.box(*plane.bounds)
    parts = [_draw_background(plane)]
    for layer in layers:
        shapes = [shape for shape in layer.shapes if shape is not None and shapely.intersects(view, shape)]
        parts.append("".join(_draw_area(layer.sign, _outline_path(shape, plane)) for shape in shapes))
    parts += [_draw_names(layers, view, plane), draw_scale_bar(plane.unit_m), draw_north_arrow()]
    size = f'width="{WIDTH:g}" height="{HEIGHT:g}" viewBox="0 0 {WIDTH:g} {HEIGHT:g}"'
    frame_line = f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="none" stroke="{BORDER}"/>'
    return Drawing(f"<svg {size}>{''.join(parts)}{frame_line}</svg>", WIDTH, HEIGHT)


def _draw_background(plane: Plane) -> str:
    sheet = f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="{WATER}"/>'
    view = shapely.box(*plane.bounds)

    def draw_layer(rows: gpd.GeoDataFrame, fill: str, stroke: str, width: float) -> str:
        visible = rows.geometry[rows.intersects(view)]
        paths = "".join(_outline_path(shape, plane) for shape in visible)
        return f'<path d="{paths}" fill="{fill}" fill-rule="evenodd" stroke="{stroke}" stroke-width="{width:g}"/>'

    countries, regions = base_data.load_countries(), base_data.load_regions()
    return sheet + draw_layer(countries, LAND, BORDER, 1.4) + draw_layer(regions, "none", REGION, 0.7)


def _outline_path(shape: shapely.Geometry, plane: Plane) -> str:
    """Return a shape in degrees as an SVG path, clipped to the paper; empty if nothing of it is visible."""
    return to_svg_path(clip_to_paper(shapely.make_valid(plane.project(shape)), plane))


def _draw_area(sign: Sign, outline: str) -> str:
    if not outline:
        return ""
    fills = ((sign.color, sign.depth), (hatching_fill(sign.hatching, sign.color), 1.0))
    inside = "".join(
        f'<path d="{outline}" fill="{fill}" fill-opacity="{depth:g}" fill-rule="evenodd"/>'
        for fill, depth in fills
        if fill != "none"
    )
    return f'{inside}<path d="{outline}" fill="none" stroke="{sign.color}" stroke-width="1.2"/>'


def _draw_names(layers: Sequence[StyledAreas], view: shapely.Geometry, plane: Plane) -> str:
    """Draw the labels of the largest areas. A label that would overlap another one is left out."""
    names = [
        (plane.project(shapely.intersection(shapely.make_valid(shape), view)), name)
        for layer in layers
        for shape, name in zip(layer.shapes, layer.names, strict=False)
        if name and shape is not None and shapely.intersects(view, shape)
    ]
    names.sort(key=lambda item: -float(shapely.area(item[0])))
    used_boxes: list[shapely.Geometry] = []
    parts: list[str] = []
    for shape, name in names:
        if len(parts) == MOST_NAMES:
            break
        point = shapely.point_on_surface(shape)
        x, y = float(shapely.get_x(point)), float(shapely.get_y(point))
        if np.isnan(x):
            continue
        half = len(name) * 3.2
        label_box = shapely.box(x - half, y - 9, x + half, y + 5)
        if any(shapely.intersects(label_box, used_box) for used_box in used_boxes) or not shapely.box(
            4, 4, WIDTH - 4, HEIGHT - 40
        ).contains(label_box):
            continue
        used_boxes.append(label_box)
        parts.append(draw_text(name, x, y + 4, size=12, anchor="middle", halo=True))
    return "".join(parts)
