"""A map as a drawing: countries and regions beneath, areas with colours and hatchings over them, scale and north."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from lindero.app.products.brief import drawing
from lindero.app.products.pictures.marks import Drawing, fill_of, text
from lindero.app.products.pictures.sheet import Sign
from lindero.layers.database.map_database import Bounds
from lindero.layers.reference import base_data

WATER, LAND, BORDER, REGION = "#dfe9ec", "#faf8f2", "#8d877a", "#bdb6a6"
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
    frame = drawing.fit_to_paper(bounds)
    to_paper, unit_m = drawing.projection(frame)
    seen = shapely.box(*frame)
    parts = [_ground(frame, to_paper)]
    for each in layers:
        shapes = [shape for shape in each.shapes if shape is not None and shapely.intersects(seen, shape)]
        parts.append("".join(_area(each.sign, to_paper(shape)) for shape in shapes))
    parts += [_names(layers, seen, to_paper), drawing.scale(unit_m), drawing.north()]
    size = f'width="{drawing.WIDTH:g}" height="{drawing.HEIGHT:g}" viewBox="0 0 {drawing.WIDTH:g} {drawing.HEIGHT:g}"'
    frame_line = f'<rect width="{drawing.WIDTH:g}" height="{drawing.HEIGHT:g}" fill="none" stroke="{BORDER}"/>'
    return Drawing(f"<svg {size}>{''.join(parts)}{frame_line}</svg>", drawing.WIDTH, drawing.HEIGHT)


def _ground(frame: Bounds, to_paper: "drawing.ToPaper") -> str:
    sheet = f'<rect width="{drawing.WIDTH:g}" height="{drawing.HEIGHT:g}" fill="{WATER}"/>'
    seen = shapely.box(*frame)

    def drawn(rows: gpd.GeoDataFrame, fill: str, stroke: str, width: float) -> str:
        met = rows.geometry[rows.intersects(seen)]
        paths = "".join(drawing.outline(to_paper(shape)) for shape in met)
        return f'<path d="{paths}" fill="{fill}" fill-rule="evenodd" stroke="{stroke}" stroke-width="{width:g}"/>'

    countries, regions = base_data.countries(), base_data.regions()
    return sheet + drawn(countries, LAND, BORDER, 1.4) + drawn(regions, "none", REGION, 0.7)


def _area(sign: Sign, shape: shapely.Geometry) -> str:
    path = drawing.outline(shape)
    if not path:
        return ""
    fills = ((sign.color, sign.depth), (fill_of(sign.hatching, sign.color), 1.0))
    inside = "".join(
        f'<path d="{path}" fill="{fill}" fill-opacity="{depth:g}" fill-rule="evenodd"/>'
        for fill, depth in fills
        if fill != "none"
    )
    return f'{inside}<path d="{path}" fill="none" stroke="{sign.color}" stroke-width="1.2"/>'


def _names(layers: Sequence[Areas], seen: shapely.Geometry, to_paper: "drawing.ToPaper") -> str:
    """Write names in the largest areas, where none stands on another."""
    names = [
        (to_paper(shapely.intersection(shapely.make_valid(shape), seen)), name)
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
            4, 4, drawing.WIDTH - 4, drawing.HEIGHT - 40
        ).contains(place):
            continue
        taken.append(place)
        parts.append(text(name, x, y + 4, size=12, anchor="middle", halo=True))
    return "".join(parts)
