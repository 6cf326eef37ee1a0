"""The surroundings of a place as one small, self-contained drawing for a phone, for paper or for a file.

Concessions and protected areas are hatched in different directions; communities are dotted within a thick outline. This
keeps them apart in black-and-white copies and for colour-blind readers (`templates/drawing.html`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from lindero.app.media.paper.plane import M_PER_DEGREE, Plane, to_svg_path
from lindero.geo.geometry.units import M_PER_KM
from lindero.layers.database.map_database import Bounds
from lindero.layers.reference import base_data

Shapes = npt.NDArray[np.object_]
Outlines = tuple[list[str | None], Shapes]  # names and shapes of areas
ReadOutlines = Callable[[Sequence[str], Bounds], Mapping[str, Outlines]]

KM = 6.0  # from the place to each edge, at least
MARGIN_FACTOR = 1.1  # width of the drawing, relative to the area
SIDE = 720  # units of the drawing
SCALES_KM = (2, 5, 10, 20, 50, 100, 200)
LONGEST = 0.4  # of the drawing's side: the longest scale bar
MAX_AREAS = 80  # areas of each layer, the largest in view
FINEST = 0.8  # units: tolerance of simplification, less than the width of a line
MARGIN = 5  # units beyond the edges, so that clipped outlines have no line along the edge
LAYERS = ("protected_areas", "communities", "concessions")  # from bottom to top
LABELLED_LAYERS = ("protected_areas", "communities")
TOWNS = 8


@dataclass(frozen=True)
class Label:
    """A name at a position of the drawing, in units from its upper left."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Drawing:
    """The parts of a drawing: outlines by layer and rivers as SVG paths, and the names of areas and towns."""

    areas: tuple[tuple[str, str], ...]  # layer, path
    rivers: tuple[str, ...]
    names: tuple[Label, ...]
    towns: tuple[Label, ...]
    km: float  # from the middle to each edge
    is_area: bool  # if True, the middle is not a person's position

    @property
    def scale_km(self) -> int:
        """The length of the scale bar in kilometres."""
        return next(km for km in reversed(SCALES_KM) if km == SCALES_KM[0] or km <= LONGEST * 2 * self.km)

    @property
    def scale(self) -> int:
        """The length of the scale bar in drawing units."""
        return round(self.scale_km * SIDE / (2 * self.km))

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers with at least one area in the drawing."""
        return tuple(layer for layer in LAYERS if any(layer == drawn_layer for drawn_layer, _path in self.areas))


def draw_surroundings(
    position: tuple[float, float], shape: BaseGeometry | None, read_outlines: ReadOutlines
) -> Drawing:
    """Draw the surroundings of a position (longitude, latitude), or an area with a margin.

    The drawing extends at least `KM` kilometres in each direction. `read_outlines` returns the names and shapes
    of layers that intersect a bounding box.
    """
    bounds = shapely.Point(position).bounds if shape is None else shape.bounds
    least = 2 * KM * M_PER_KM / M_PER_DEGREE / MARGIN_FACTOR
    plane = Plane.from_bounds(bounds, SIDE, SIDE, margin=(MARGIN_FACTOR - 1) / 2, least=least)
    outlines = read_outlines(LAYERS, plane.bounds)
    layers = {layer: _select_visible(plane, *outlines[layer]) for layer in LAYERS}
    rivers = base_data.clip_rivers(plane.bounds)
    return Drawing(
        areas=tuple((layer, _to_path(shape)) for layer, (_names, shapes) in layers.items() for shape in shapes),
        rivers=tuple(map(_to_path, _clip_to_drawing(plane, rivers))),
        names=tuple(label for layer in LABELLED_LAYERS for label in _iter_area_labels(*layers[layer])),
        towns=tuple(_iter_town_labels(plane)),
        km=SIDE / 2 * plane.unit_m / M_PER_KM,
        is_area=shape is not None,
    )


def _clip_to_drawing(plane: Plane, shapes: Shapes) -> Shapes:
    """Project shapes in degrees onto the drawing, simplify them and clip them at its edges."""
    projected = shapely.simplify(plane.project(shapes), FINEST)
    return np.asarray(shapely.clip_by_rect(projected, -MARGIN, -MARGIN, SIDE + MARGIN, SIDE + MARGIN))


def _select_visible(plane: Plane, names: list[str | None], shapes: Shapes) -> Outlines:
    clipped = _clip_to_drawing(plane, shapes)
    areas = shapely.area(clipped)
    order = np.argsort(-areas, kind="stable")
    largest = order[areas[order] > 1][:MAX_AREAS]
    return [names[row] for row in largest], clipped[largest]


def _to_path(shape: shapely.Geometry) -> str:
    return to_svg_path(shape, "Polygon", "LineString", digits=0)


def _iter_area_labels(names: list[str | None], shapes: Shapes) -> Iterator[Label]:
    for name, shape in zip(names, shapes, strict=True):
        if name:
            point = shapely.point_on_surface(shape)
            yield Label(point.x, point.y, name)


def _iter_town_labels(plane: Plane) -> Iterator[Label]:
    towns = base_data.read_columns("places", "name", "geometry", bounds=plane.bounds)
    points = np.array(towns["geometry"][:TOWNS], dtype=object)
    for name, point in zip(towns["name"][:TOWNS], _clip_to_drawing(plane, points), strict=True):
        yield Label(point.x, point.y, name)
