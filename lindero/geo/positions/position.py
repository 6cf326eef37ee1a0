"""A reading of a written position: a place on Earth, and the assumptions made to parse it."""

from dataclasses import dataclass

from lindero.geo.errors import N_, GeoError

FARTHEST_NORTH, FARTHEST_EAST = 90, 180  # degrees


class PositionError(GeoError):
    """An error in a written position: the text is not a position, or it is not on Earth."""


@dataclass(frozen=True)
class Reading:
    """A place on WGS 84, in degrees, that a text may mean.

    `doubts` lists the assumptions: `axes` (longitude came first), `latitude_sign`, `longitude_sign` (a minus is
    missing), `zone` and `hemisphere` (of UTM, not stated), `band` (the letter is read as a latitude band, or the place
    is outside the band), `order` (northing came first), `tile` (the rest of a short plus code). `zone` is the UTM zone
    of the reading, such as `17S`.
    """

    latitude: float
    longitude: float
    doubts: tuple[str, ...] = ()
    zone: str = ""

    @property
    def is_on_earth(self) -> bool:
        """Whether latitude and longitude are within their ranges."""
        return abs(self.latitude) <= FARTHEST_NORTH and abs(self.longitude) <= FARTHEST_EAST


def filter_on_earth(readings: list[Reading], text: str) -> list[Reading]:
    """Filter readings: keep those that are places on Earth."""
    valid = [reading for reading in readings if reading.is_on_earth]
    if readings and not valid:
        raise PositionError(N_("{text} is not on Earth"), text=text)
    return valid
