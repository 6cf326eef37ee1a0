"""The area of the demonstration: six discs, each well inside a real department, and the content of each disc."""

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import shapely
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

from lindero.data.demo_parts.shapes import XY
from lindero.layers.model.schema import CRS as DEGREES


@dataclass(frozen=True)
class Territory:
    """A disc of invented land in one UTM zone, with the number of features of each kind on it."""

    region: str
    code: str
    zone: int
    longitude: float
    latitude: float
    radius_m: int
    spacing_m: int  # between the centres of neighbouring communities
    amazon: bool  # True: native communities; False: peasant communities
    weight: int  # share of the incidents
    concessions: dict[str, int]  # number by kind

    @cached_property
    def centre(self) -> XY:
        """The centre in metres of its UTM zone, on a node of the 1 km grid."""
        to_metres = Transformer.from_crs(DEGREES, _utm_crs(self.zone), always_xy=True)
        x, y = to_metres.transform(self.longitude, self.latitude)
        return round(x, -3), round(y, -3)

    def to_degrees(self, geometry: BaseGeometry) -> BaseGeometry:
        """Convert UTM metres to longitude and latitude, rounded to six decimals (some 10 cm)."""
        transformer = _degrees_transformer(self.zone)

        def transform_and_round(xy: np.ndarray) -> np.ndarray:
            return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])).round(6)

        return shapely.transform(geometry, transform_and_round)


def _utm_crs(zone: int) -> CRS:
    return CRS.from_dict({"proj": "utm", "zone": zone, "south": True, "datum": "WGS84"})


@cache
def _degrees_transformer(zone: int) -> Transformer:
    """
    Return the transformer from metres of a zone to degrees.

    It is cached, because creating it takes longer than transforming a polygon.
    """
    return Transformer.from_crs(_utm_crs(zone), DEGREES, always_xy=True)


TERRITORIES = (
    Territory(
        "Cajamarca", "CAJ", 17, -78.65, -6.75, 38_000, 8_000, amazon=False, weight=28,
        concessions={"mining": 150, "agro_industry": 4, "hydropower": 2, "infrastructure": 2},
    ),
    Territory(
        "Junín", "JUN", 18, -75.2, -11.5, 36_000, 9_000, amazon=False, weight=15,
        concessions={"mining": 105, "forestry": 4, "agro_industry": 6, "hydropower": 3, "infrastructure": 2},
    ),
    Territory(
        "Apurímac", "APU", 18, -72.95, -14.05, 34_000, 8_000, amazon=False, weight=24,
        concessions={"mining": 135, "hydropower": 2, "infrastructure": 2, "other": 1},
    ),
    Territory(
        "Cusco", "CUS", 18, -72.75, -12.75, 34_000, 9_500, amazon=True, weight=20,
        concessions={"mining": 45, "hydrocarbons": 2, "forestry": 6, "hydropower": 3, "infrastructure": 1, "other": 1},
    ),
    Territory(
        "Loreto", "LOR", 18, -74.9, -4.4, 90_000, 19_000, amazon=True, weight=30,
        concessions={
            "hydrocarbons": 9, "forestry": 45, "agro_industry": 9, "infrastructure": 2, "mining": 8, "other": 3,
        },
    ),
    Territory(
        "Madre de Dios", "MDD", 19, -70.4, -12.2, 58_000, 14_000, amazon=True, weight=33,
        concessions={
            "mining": 105, "hydrocarbons": 2, "forestry": 40, "agro_industry": 3, "infrastructure": 1, "other": 4,
        },
    ),
)  # fmt: skip
