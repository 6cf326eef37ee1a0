"""Geometry and statistics of territory. The functions take frames and return new frames.

The names are imported lazily, at first use: code that only needs an error class loads no library.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lindero.geo.errors import FrameError, GeoError, InvalidGeometryError
    from lindero.geo.geometry.areas import area_ha
    from lindero.geo.geometry.guess_crs import Candidate, find_misplaced_rows, likely_crs, looks_like_degrees
    from lindero.geo.geometry.repair import RepairResult, repair
    from lindero.geo.near.nearest import find_nearby
    from lindero.geo.overlay.cross_check import find_disagreements
    from lindero.geo.overlay.footprint import footprint, totals
    from lindero.geo.overlay.overlap import overlap, sort_pairs
    from lindero.geo.overlay.prepared_layer import PolygonLayer
    from lindero.geo.overlay.totals import Totals

__all__ = [
    "Candidate",
    "FrameError",
    "GeoError",
    "InvalidGeometryError",
    "PolygonLayer",
    "RepairResult",
    "Totals",
    "area_ha",
    "find_disagreements",
    "find_misplaced_rows",
    "find_nearby",
    "footprint",
    "likely_crs",
    "looks_like_degrees",
    "overlap",
    "repair",
    "sort_pairs",
    "totals",
]

_MODULES = {
    "errors": ("FrameError", "GeoError", "InvalidGeometryError"),
    "geometry.areas": ("area_ha",),
    "geometry.guess_crs": ("Candidate", "likely_crs", "looks_like_degrees", "find_misplaced_rows"),
    "geometry.repair": ("RepairResult", "repair"),
    "near.nearest": ("find_nearby",),
    "overlay.cross_check": ("find_disagreements",),
    "overlay.footprint": ("footprint", "totals"),
    "overlay.overlap": ("sort_pairs", "overlap"),
    "overlay.prepared_layer": ("PolygonLayer",),
    "overlay.totals": ("Totals",),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(name)
    value = getattr(import_module(f"lindero.geo.{_HOME[name]}"), name)
    globals()[name] = value
    return value
