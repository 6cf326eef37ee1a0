"""What a written position may mean: a place on Earth, and what had to be supposed to read it so."""

from dataclasses import dataclass

from lindero.geo.errors import N_, GeoError

FARTHEST_NORTH, FARTHEST_EAST = 90, 180  # degrees


class PositionError(GeoError):
    """A text is not a position, or one that is nowhere on Earth."""


@dataclass(frozen=True)
class Reading:
    """
    A place on WGS 84, in degrees, that a text may mean.

    `doubts` name what was supposed: `axes` (longitude came first), `latitude_sign`, `longitude_sign` (a minus is
    missing), `zone` and `hemisphere` (of UTM, not stated), `band` (the letter is read as a band of latitude, or the
    place lies outside the band), `order` (northing came first), `tile` (the rest of a short plus code).
    `zone` is the UTM zone in which it was read, such as `17S`.
    """

    latitude: float
    longitude: float
    doubts: tuple[str, ...] = ()
    zone: str = ""

    @property
    def is_on_earth(self) -> bool:
        """Whether latitude and longitude are in their ranges."""
        return abs(self.latitude) <= FARTHEST_NORTH and abs(self.longitude) <= FARTHEST_EAST


def on_earth(readings: list[Reading], text: str) -> list[Reading]:
    """
    Keep the readings that are places on Earth.

    Raises
    ------
    PositionError
        If none is.
    """
    kept = [reading for reading in readings if reading.is_on_earth]
    if readings and not kept:
        raise PositionError(N_("{text} is not on Earth"), text=text)
    return kept
