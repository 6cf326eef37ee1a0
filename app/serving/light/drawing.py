"""
The surroundings of a place as one small drawing that needs nothing else: for a phone, for paper, for a file.

Concessions are hatched one way and protected areas the other, communities are dotted within a thick line, so that a
black-and-white copier and a colour-blind reader tell them apart (`templates/drawing.html`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from lindero.app.answers.place.spot import Spot
from lindero.app.current import map_layers
from lindero.layers.reference import base_data

Shapes = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]

KM = 6.0  # from the place to each edge, at least
BESIDE = 1.1  # how much wider than an area its drawing is
SIDE = 720  # units of the drawing
SCALES_KM = (2, 5, 10, 20, 50, 100, 200)
LONGEST = 0.4  # of the drawing's side, for the scale
MOST = 80  # areas of each layer, the largest in view
FINEST = 0.8  # units: what is smaller than a line is thick
MARGIN = 5  # units beyond the edges, so that what is cut there has no line along them
KM_PER_DEGREE = 111.32
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
    """What is drawn: outlines as paths of SVG, by layer; rivers; names of areas and towns."""

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


@dataclass(frozen=True)
class _Plane:
    """A flat drawing: a degree of longitude is as long as it is in the middle."""

    latitude: float
    longitude: float
    km: float = KM

    @property
    def per_degree(self) -> tuple[float, float]:
        """Units of the drawing for a degree of longitude and of latitude."""
        north = KM_PER_DEGREE * SIDE / (2 * self.km)
        return north * float(np.cos(np.radians(self.latitude))), north

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the drawing, in degrees."""
        east, north = (SIDE / 2 / units for units in self.per_degree)
        return self.longitude - east, self.latitude - north, self.longitude + east, self.latitude + north

    def drawn(self, shapes: Shapes) -> Shapes:
        """Draw shapes in degrees, cut at the edges of the drawing."""
        flat = shapely.simplify(shapely.transform(shapes, self._placed), FINEST)
        return np.asarray(shapely.clip_by_rect(flat, -MARGIN, -MARGIN, SIDE + MARGIN, SIDE + MARGIN))

    def _placed(self, degrees: Floats) -> Floats:
        per_east, per_north = self.per_degree
        x = SIDE / 2 + (degrees[:, 0] - self.longitude) * per_east
        y = SIDE / 2 - (degrees[:, 1] - self.latitude) * per_north
        return np.column_stack((x, y))


def drawing(spot: Spot) -> Drawing:
    """
    Draw what is within `KM` kilometres of a position, or a whole area and somewhat more.

    Raises
    ------
    NotBuiltError
        If there is no map.
    """
    plane = _plane(spot)
    layers = {layer: _in_view(plane, layer) for layer in LAYERS}
    return Drawing(
        areas=tuple((layer, _path(shape)) for layer, rows in layers.items() for shape in rows.geometry),
        rivers=tuple(map(_path, plane.drawn(base_data.rivers().clip(plane.bounds).geometry.to_numpy()))),
        names=tuple(label for layer in NAMED for label in _names(layers[layer])),
        towns=tuple(_towns(plane)),
        km=plane.km,
        is_area=spot.area is not None,
    )


def _plane(spot: Spot) -> _Plane:
    if spot.shape is None:
        return _Plane(spot.latitude, spot.longitude)
    west, south, east, north = spot.shape.bounds
    latitude, longitude = (south + north) / 2, (west + east) / 2
    wide = (east - west) * float(np.cos(np.radians(latitude)))
    km = max(wide, north - south) / 2 * KM_PER_DEGREE * BESIDE
    return _Plane(latitude, longitude, max(km, KM))


def _in_view(plane: _Plane, layer: str) -> gpd.GeoDataFrame:
    rows = map_layers.within_bounds(layer, plane.bounds)
    flat = rows.set_geometry(gpd.GeoSeries(plane.drawn(rows.geometry.to_numpy()), index=rows.index, crs=None))
    areas = shapely.area(flat.geometry.to_numpy())
    order = np.argsort(-areas, kind="stable")
    return flat.iloc[order[areas[order] > 1][:MOST]]


def _path(shape: Any) -> str:
    """Write polygons and lines as a path, in whole units."""
    lines = [line for part in shapely.get_parts(shape) for line in _lines(part)]
    return "".join(f"M{_steps(line)}{'Z' if line.geom_type == 'LinearRing' else ''}" for line in lines)


def _lines(part: Any) -> list[Any]:
    if part.geom_type == "Polygon":
        return list(shapely.get_rings(part))
    return [part] if part.geom_type == "LineString" else []


def _steps(line: Any) -> str:
    return "L".join(f"{x:.0f} {y:.0f}" for x, y in shapely.get_coordinates(line))


def _names(rows: gpd.GeoDataFrame) -> Iterator[Label]:
    for name, shape in zip(rows["name"], rows.geometry, strict=True):
        if isinstance(name, str) and name:
            point = shapely.point_on_surface(shape)
            yield Label(point.x, point.y, name)


def _towns(plane: _Plane) -> Iterator[Label]:
    west, south, east, north = plane.bounds
    towns = base_data.places().cx[west:east, south:north].head(TOWNS)
    for name, point in zip(towns["name"], plane.drawn(towns.geometry.to_numpy()), strict=True):
        yield Label(point.x, point.y, name)
