"""How well a reference system's coordinates are brought onto WGS 84: by which operation, to how many metres."""

from typing import NamedTuple

import numpy as np
import pyproj

from lindero.geo.geometry.crs import DEGREES
from lindero.geo.geometry.projection import Floats

_NONE_CHOSEN = "unavailable until"  # PROJ has several operations, and used none
_BALLPARK = "ballpark"  # PROJ's word for what leaves the datum as it is, as nobody knows how it lies


class DatumShift(NamedTuple):
    """The operation as PROJ's register names it, and its accuracy in metres; missing where it states none."""

    operation: str
    accuracy_m: float | None

    @property
    def is_known(self) -> bool:
        """Whether anything brings the datum onto WGS 84; else places may be hundreds of metres off."""
        return _BALLPARK not in self.operation.casefold()


def datum_shift(crs: pyproj.CRS, corners: Floats) -> DatumShift | None:
    """
    Give the operation that brings corners (n, 2) in a system, east before north, onto WGS 84; None if none does.

    PROJ chooses by place. Of several the one for the median corner is told: a file of one country has one, mostly.
    """
    transformer = pyproj.Transformer.from_crs(crs, DEGREES, always_xy=True)
    finite = corners[np.isfinite(corners).all(axis=1)]
    if not len(finite):
        return None
    transformer.transform(*np.median(finite, axis=0))
    try:
        transformer = transformer.get_last_used_operation()
    except pyproj.exceptions.ProjError:  # there is one operation only, or none for this place
        if transformer.description.startswith(_NONE_CHOSEN):
            return None
    parts = [part for part in transformer.description.split(" + ") if not part.startswith("axis order change")]
    return DatumShift(" + ".join(parts), transformer.accuracy if transformer.accuracy >= 0 else None)
