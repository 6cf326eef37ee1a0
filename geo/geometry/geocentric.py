"""Places in space: metres from the centre of the Earth, where a chord needs no projection."""

import numpy as np
import numpy.typing as npt

from lindero.geo.geometry.crs import ELLIPSOID
from lindero.geo.geometry.projection import Floats

PER_M = 256  # vertices are kept in whole parts of a metre, 4 mm long: the Earth fits into 32 bits
Units = npt.NDArray[np.int32]  # of 1 / `PER_M` metres, from the centre of the Earth


def geocentric(degrees: Floats) -> Floats:
    """Place longitudes and latitudes (n, 2) in space: (n, 3) metres from the centre of the Earth."""
    longitude, latitude = np.radians(degrees).T
    normal = ELLIPSOID.a / np.sqrt(1 - ELLIPSOID.es * np.sin(latitude) ** 2)
    flat = normal * np.cos(latitude)
    height = normal * (1 - ELLIPSOID.es) * np.sin(latitude)
    return np.column_stack((flat * np.cos(longitude), flat * np.sin(longitude), height))
