"""Polygons that cross the antimeridian. They are split at it, as RFC 7946 (section 3.1.9) requires."""

import numpy as np
import shapely
from shapely.affinity import translate

from lindero.geo.errors import N_, InvalidGeometryError
from lindero.geo.geometry.projection import Geometries, densify_edges, extract_rings


def crosses(geometries: Geometries) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return a mask of the geometries that cross the antimeridian.

    These have longitudes beyond ±180°, or an edge that spans more than 180° and is taken to go the short way round.
    """
    west, _, east, _ = shapely.bounds(geometries).T
    past = (west < -180) | (east > 180)  # noqa: PLR2004  half a turn
    wide = np.flatnonzero((east - west > 180) & ~past)  # noqa: PLR2004  half a turn
    rings, polygon = extract_rings(geometries[wide])
    vertices, ring = shapely.get_coordinates(rings, return_index=True)
    step = np.abs(np.diff(vertices[:, 0]))
    long = (step > 180) & (step < 360) & (ring[1:] == ring[:-1])  # noqa: PLR2004  half and whole turn
    past[wide[polygon[ring[1:][long]]]] = True
    return np.asarray(past)


def unwrap_polygon(polygon: shapely.Geometry) -> shapely.MultiPolygon:
    """Return a polygon that crosses the antimeridian with continuous longitudes, which may exceed ±180°.

    The holes are shifted to the same turn of the Earth as the shell.
    """
    parts = shapely.get_parts(densify_edges(np.array([polygon], dtype=object)))
    return shapely.MultiPolygon([_align_holes(part) for part in parts])


def split_polygon(polygon: shapely.Geometry) -> shapely.Geometry:
    """Split a valid polygon that extends beyond ±180° into parts between -180° and 180°."""
    pieces = [translate(shapely.intersection(polygon, _world_box(turn)), xoff=-360 * turn) for turn in (-1, 0, 1)]
    parts = shapely.get_parts(np.array(pieces, dtype=object))
    return shapely.union_all(parts[shapely.area(parts) > 0])


def _align_holes(part: shapely.Polygon) -> shapely.Polygon:
    """Shift the holes of a polygon to the same turn of the Earth as its shell."""
    rings = [shapely.get_coordinates(ring) for ring in shapely.get_rings(part)]
    if any(np.abs(np.diff(ring[:, 0])).max() > 180 for ring in rings):  # noqa: PLR2004  its closing edge spans a turn
        raise InvalidGeometryError(N_("a ring goes around a pole"))
    middle = (rings[0][:, 0].min() + rings[0][:, 0].max()) / 2
    turns = [np.round((middle - (ring[:, 0].min() + ring[:, 0].max()) / 2) / 360) for ring in rings]
    shell, *holes = (ring + np.array([360 * turn, 0]) for ring, turn in zip(rings, turns, strict=True))
    return shapely.Polygon(shell, holes)


def _world_box(turn: int) -> shapely.Polygon:
    """Return the bounding box of the world, shifted by `turn` whole turns to the east."""
    return shapely.box(-180 + 360 * turn, -90, 180 + 360 * turn, 90)
