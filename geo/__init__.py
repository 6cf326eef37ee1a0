"""Geometry and statistics of territory: frames in, frames out."""

from lindero.geo.errors import FrameError, GeoError, InvalidGeometryError
from lindero.geo.geometry.areas import area_ha
from lindero.geo.geometry.guess_crs import Candidate, likely_crs, looks_like_degrees, oddly_placed
from lindero.geo.geometry.repair import Repaired, repair
from lindero.geo.near.nearest import near
from lindero.geo.overlay.cross_check import distrust
from lindero.geo.overlay.footprint import Totals, footprint, totals
from lindero.geo.overlay.overlap import in_order, overlap
from lindero.geo.overlay.prepared_layer import Ground

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
