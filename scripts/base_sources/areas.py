"""The parts of the world that the base data covers. Add a country here, then run `scripts.make_base`."""

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import shapely


@dataclass(frozen=True)
class Area:
    """A part of the world, by its bounding box and the countries (ISO 3166-1 alpha-2) that are taken from it."""

    bounds: tuple[float, float, float, float]  # west, south, east, north in degrees
    countries: tuple[str, ...] = ()  # with regions, provinces and places; without any: all but `outlined`
    outlined: tuple[str, ...] = ()  # only an outline and large places: neighbours, and countries that the box cuts
    smallest_place: int = 0  # inhabitants; smaller places are listed only where a province has no larger one
    agreement: float = 0  # share of places that must agree with the outline of a region, or it is left out

    @cached_property
    def box(self) -> shapely.Polygon:
        """The bounding box as a polygon."""
        return shapely.box(*self.bounds)

    def select(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the rows of the area by their column `country`."""
        return frame[frame["country"].isin(self.countries + self.outlined)] if self.countries else frame


AREAS = (
    Area(bounds=(-120, -58, -28, 34), outlined=("US",)),  # Latin America and the Caribbean
    Area(
        bounds=(11, -29, 52, 15),
        countries=("CD", "KE", "ZM"),
        outlined=("AO", "BI", "BW", "CF", "CG", "ET", "MW", "MZ", "NA", "RW", "SO", "SS", "TZ", "UG", "ZW"),
        smallest_place=5_000,
        agreement=0.8,
    ),
    Area(
        bounds=(95, -12, 156, 22),
        countries=("ID", "PH"),
        outlined=("BN", "MY", "PG", "SG", "TL"),
        smallest_place=5_000,
        agreement=0.8,
    ),
)
