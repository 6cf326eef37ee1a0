"""Geometry and statistics of territory: frames in, frames out."""

from geo.areas import area_ha
from geo.errors import FrameError, GeoError, InvalidGeometryError
from geo.footprint import Totals, footprint, totals
from geo.ground import Ground
from geo.overlap import in_order, overlap
from geo.plausible import Candidate, likely_crs, looks_like_degrees, oddly_placed
from geo.proximity import near
from geo.repair import Repaired, repair
from geo.trust import distrust

__all__ = [
    "Candidate",
    "FrameError",
    "GeoError",
    "Ground",
    "InvalidGeometryError",
    "Repaired",
    "Totals",
    "area_ha",
    "distrust",
    "footprint",
    "in_order",
    "likely_crs",
    "looks_like_degrees",
    "near",
    "oddly_placed",
    "overlap",
    "repair",
    "totals",
]
