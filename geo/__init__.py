"""Geometry and statistics of territory: frames in, frames out."""

from geo.areas import area_ha
from geo.errors import FrameError, GeoError, InvalidGeometryError
from geo.footprint import Totals, footprint, totals
from geo.overlap import overlap
from geo.repair import Repaired, repair

__all__ = [
    "FrameError",
    "GeoError",
    "InvalidGeometryError",
    "Repaired",
    "Totals",
    "area_ha",
    "footprint",
    "overlap",
    "repair",
    "totals",
]
