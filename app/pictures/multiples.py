"""A small map for each year: the land with its coast and borders, and a mark where something happened."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from shapely.affinity import affine_transform

from lindero.app.pictures.maps import BORDER, LAND, WATER
from lindero.app.pictures.marks import GREY, Drawing, text
from lindero.layers.reference import base_data

SIDE, GAP, HEAD = 104.0, 10.0, 18.0
MARGIN = 0.06  # of the longer side
LEAST_DEGREES = 0.5


@dataclass(frozen=True)
class Mark:
    """How one kind of thing is marked: by its colour, as a square or a triangle."""

    color: str
    is_triangle: bool = False


def by_year(spots: pd.DataFrame, years: Sequence[int], marks: Mapping[str, Mark], *, width: float) -> Drawing:
    """
    Draw one map a year, all of the same ground; a year in which nothing is on record has its map, too.

    Parameters
    ----------
    spots
        `what` (a key of `marks`), `year`, `lon`, `lat` in degrees.
    """
    columns = max(int((width + GAP) // (SIDE + GAP)), 1)
    to_paper = _projection(spots)
    ground = _ground(to_paper)
    cell = f'<clipPath id="lindero-cell"><rect width="{SIDE:g}" height="{SIDE:g}"/></clipPath>'
    parts = [f'<defs><g id="lindero-ground">{ground}</g>{cell}</defs>']
    for at, year in enumerate(years):
        x, y = (at % columns) * (SIDE + GAP), (at // columns) * (SIDE + HEAD + GAP)
        own = spots[spots["year"] == year]
        inside = "".join(_marks(own[own["what"] == what], mark, to_paper) for what, mark in marks.items())
        frame = f'<rect width="{SIDE:g}" height="{SIDE:g}" fill="none" stroke="{BORDER}"/>'
        parts.append(
            f'<g transform="translate({x:.1f} {y:.1f})">{text(str(year), 0, 13, size=13, color=GREY)}'
            f'<g transform="translate(0 {HEAD:g})" clip-path="url(#lindero-cell)">'
            f'<use href="#lindero-ground"/>{inside}{frame}</g></g>'
        )
    rows = math.ceil(len(years) / columns)
    return Drawing("".join(parts), width, rows * (SIDE + HEAD + GAP))


def _projection(spots: pd.DataFrame) -> list[float]:
    """Give what lays degrees on a cell, true to scale in its middle."""
    west, east = (float(edge) for edge in (spots["lon"].min(), spots["lon"].max()))
    south, north = (float(edge) for edge in (spots["lat"].min(), spots["lat"].max()))
    shrink = math.cos(math.radians((south + north) / 2))
    longest = max((east - west) * shrink, north - south, LEAST_DEGREES) * (1 + 2 * MARGIN)
    scale = SIDE / longest
    across = scale * shrink
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    return [across, 0, 0, -scale, SIDE / 2 - middle_x * across, SIDE / 2 + middle_y * scale]


def _ground(to_paper: list[float]) -> str:
    sheet = shapely.box(-4, -4, SIDE + 4, SIDE + 4)
    shapes = [affine_transform(shape, to_paper) for shape in base_data.countries().geometry]
    seen = [
        shapely.simplify(shapely.intersection(shape, sheet), 0.4)
        for shape in shapes
        if shapely.intersects(shape, sheet)
    ]
    paths = "".join(_path(ring) for shape in seen for ring in _rings(shape))
    water = f'<rect width="{SIDE:g}" height="{SIDE:g}" fill="{WATER}"/>'
    return f'{water}<path d="{paths}" fill="{LAND}" fill-rule="evenodd" stroke="{BORDER}" stroke-width="0.8"/>'


def _rings(shape: shapely.Geometry) -> list[shapely.Geometry]:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and not part.is_empty]
    return [ring for part in parts for ring in (part.exterior, *part.interiors)]


def _path(ring: shapely.Geometry) -> str:
    points = "L".join(f"{x:.1f} {y:.1f}" for x, y in shapely.get_coordinates(ring))
    return f"M{points}Z"


def _marks(some: pd.DataFrame, mark: Mark, to_paper: list[float]) -> str:
    across, _a, _b, down, left, top = to_paper
    x, y = some["lon"].to_numpy() * across + left, some["lat"].to_numpy() * down + top
    places = np.unique(np.column_stack((x, y)).round(0), axis=0)  # what lies on one point is seen once
    form = "m0 -3l3 5h-6z" if mark.is_triangle else "m-1.6 -1.6h3.2v3.2h-3.2z"
    drawn = "".join(f"M{at:.0f} {up:.0f}{form}" for at, up in places)
    return f'<path d="{drawn}" fill="{mark.color}" fill-opacity="0.8"/>' if drawn else ""
