"""
The surroundings of a place as one small drawing that needs nothing else: for a phone, for paper, for a file.

Concessions are hatched one way and protected areas the other, communities are dotted within a thick line, so that a
black-and-white copier and a colour-blind reader tell them apart (`templates/drawing.html`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from lindero.app.drawing.plane import M_PER_DEGREE, Plane, path
from lindero.geo.geometry.units import M_PER_KM
from lindero.layers.database.map_database import Bounds
from lindero.layers.reference import base_data

Shapes = npt.NDArray[np.object_]
RowsWithin = Callable[[str, Bounds], gpd.GeoDataFrame]

KM = 6.0  # from the place to each edge, at least
BESIDE = 1.1  # how much wider than an area its drawing is
SIDE = 720  # units of the drawing
SCALES_KM = (2, 5, 10, 20, 50, 100, 200)
LONGEST = 0.4  # of the drawing's side, for the scale
MOST = 80  # areas of each layer, the largest in view
FINEST = 0.8  # units: what is smaller than a line is thick
MARGIN = 5  # units beyond the edges, so that what is cut there has no line along them
LAYERS = ("protected_areas", "communities", "concessions")  # those below first
NAMED = ("protected_areas", "communities")
TOWNS = 8


@dataclass(frozen=True)
class Label:
    """A name at a place of the drawing, in units from its upper left corner."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Drawing:
    """The parts of a drawing: outlines as paths of SVG, by layer; rivers; names of areas and towns."""

    areas: tuple[tuple[str, str], ...]  # layer, path
    rivers: tuple[str, ...]
    names: tuple[Label, ...]
    towns: tuple[Label, ...]
    km: float  # from the middle to each edge
    is_area: bool  # the middle is nobody's position

    @property
    def scale_km(self) -> int:
        """How many kilometres the scale shows."""
        return next(km for km in reversed(SCALES_KM) if km == SCALES_KM[0] or km <= LONGEST * 2 * self.km)

    @property
    def scale(self) -> int:
        """How long the scale is, in units."""
        return round(self.scale_km * SIDE / (2 * self.km))

    @property
    def layers(self) -> tuple[str, ...]:
        """Layers of which anything is drawn."""
        return tuple(layer for layer in LAYERS if any(layer == drawn for drawn, _path in self.areas))


def draw(position: tuple[float, float], shape: BaseGeometry | None, rows_within: RowsWithin) -> Drawing:
    """
    Draw what is within `KM` kilometres of a position (longitude, latitude), or a whole area and somewhat more.

    `rows_within` returns the rows of a layer that meet bounds.
    """
    bounds = shapely.Point(position).bounds if shape is None else shape.bounds
    least = 2 * KM * M_PER_KM / M_PER_DEGREE / BESIDE
    plane = Plane.fit(bounds, SIDE, SIDE, margin=(BESIDE - 1) / 2, least=least)
    layers = {layer: _in_view(plane, rows_within(layer, plane.bounds)) for layer in LAYERS}
    rivers = base_data.rivers().clip(plane.bounds).geometry.to_numpy()
    return Drawing(
        areas=tuple((layer, _path(shape)) for layer, rows in layers.items() for shape in rows.geometry),
        rivers=tuple(map(_path, _cut(plane, rivers))),
        names=tuple(label for layer in NAMED for label in _names(layers[layer])),
        towns=tuple(_towns(plane)),
        km=SIDE / 2 * plane.unit_m / M_PER_KM,
        is_area=shape is not None,
    )


def _cut(plane: Plane, shapes: Shapes) -> Shapes:
    """Return shapes in degrees on the drawing, cut at its edges."""
    flat = shapely.simplify(plane.place(shapes), FINEST)
    return np.asarray(shapely.clip_by_rect(flat, -MARGIN, -MARGIN, SIDE + MARGIN, SIDE + MARGIN))


def _in_view(plane: Plane, rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    flat = rows.set_geometry(gpd.GeoSeries(_cut(plane, rows.geometry.to_numpy()), index=rows.index, crs=None))
    areas = shapely.area(flat.geometry.to_numpy())
    order = np.argsort(-areas, kind="stable")
    return flat.iloc[order[areas[order] > 1][:MOST]]


def _path(shape: shapely.Geometry) -> str:
    return path(shape, "Polygon", "LineString", digits=0)


def _names(rows: gpd.GeoDataFrame) -> Iterator[Label]:
    for name, shape in zip(rows["name"], rows.geometry, strict=True):
        if isinstance(name, str) and name:
            point = shapely.point_on_surface(shape)
            yield Label(point.x, point.y, name)


def _towns(plane: Plane) -> Iterator[Label]:
    west, south, east, north = plane.bounds
    towns = base_data.places().cx[west:east, south:north].head(TOWNS)
    for name, point in zip(towns["name"], _cut(plane, towns.geometry.to_numpy()), strict=True):
        yield Label(point.x, point.y, name)
