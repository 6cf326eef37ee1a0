"""
Geometry and statistics of territory. The functions take frames and return new frames.

The names are imported lazily, at first use: code that only needs an error class loads no library.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lindero.geo.errors import FrameError, GeoError, InvalidGeometryError
    from lindero.geo.geometry.areas import area_ha
    from lindero.geo.geometry.guess_crs import Candidate, likely_crs, looks_like_degrees, oddly_placed
    from lindero.geo.geometry.repair import Repaired, repair
    from lindero.geo.near.nearest import near
    from lindero.geo.overlay.cross_check import distrust
    from lindero.geo.overlay.footprint import footprint, totals
    from lindero.geo.overlay.overlap import in_order, overlap
    from lindero.geo.overlay.prepared_layer import Ground
    from lindero.geo.overlay.totals import Totals

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

_MODULES = {
    "errors": ("FrameError", "GeoError", "InvalidGeometryError"),
    "geometry.areas": ("area_ha",),
    "geometry.guess_crs": ("Candidate", "likely_crs", "looks_like_degrees", "oddly_placed"),
    "geometry.repair": ("Repaired", "repair"),
    "near.nearest": ("near",),
    "overlay.cross_check": ("distrust",),
    "overlay.footprint": ("footprint", "totals"),
    "overlay.overlap": ("in_order", "overlap"),
    "overlay.prepared_layer": ("Ground",),
    "overlay.totals": ("Totals",),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(name)
    value = getattr(import_module(f"lindero.geo.{_HOME[name]}"), name)
    globals()[name] = value
    return value


class _Package(ModuleType):
    """A module type that protects public functions, such as `near`, from subpackages of the same name."""

    def __setattr__(self, name: str, value: object) -> None:
        if name not in _HOME:
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
