"""The area of a demonstration: discs, each well inside a real region, and the content of each disc."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import shapely
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

from lindero.data.demo_parts.shapes import XY
from lindero.layers.errors import N_, WorkspaceError
from lindero.layers.model.schema import CRS as DEGREES
from lindero.layers.reference import base_data, packs

MOST, WIDEST_M = 4, 36_000  # territories by default, and their radius
NARROW_M = 15_000  # radius of a territory in an unknown region
DEGREE_M = 110_600  # metres in a degree, at the least


@dataclass(frozen=True, kw_only=True)
class Territory:
    """A disc of invented land in one UTM zone, with the number of features of each kind on it."""

    region: str  # its name
    code: str  # of the region, without the country
    longitude: float
    latitude: float
    radius_m: int
    spacing_m: int  # between the centres of neighbouring communities
    land: str  # the kind of its communities
    weight: int  # share of the incidents
    concessions: Mapping[str, int]  # number by kind
    coverage: str = ""  # the code of the region, if the base data have it

    @cached_property
    def zone(self) -> int:
        """The UTM zone."""
        return int((self.longitude + 180) // 6) + 1

    @cached_property
    def centre(self) -> XY:
        """The centre in metres of its UTM zone, on a node of the 1 km grid."""
        to_metres = Transformer.from_crs(DEGREES, _utm_crs(self.zone, south=self.latitude < 0), always_xy=True)
        x, y = to_metres.transform(self.longitude, self.latitude)
        return round(x, -3), round(y, -3)

    def to_degrees(self, geometry: BaseGeometry) -> BaseGeometry:
        """Convert UTM metres to longitude and latitude, rounded to six decimals (some 10 cm)."""
        transformer = _degrees_transformer(self.zone, south=self.latitude < 0)

        def transform_and_round(xy: np.ndarray) -> np.ndarray:
            return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])).round(6)

        return shapely.transform(geometry, transform_and_round)


def _utm_crs(zone: int, *, south: bool) -> CRS:
    return CRS.from_dict({"proj": "utm", "zone": zone, "datum": "WGS84"} | ({"south": True} if south else {}))


@cache
def _degrees_transformer(zone: int, *, south: bool) -> Transformer:
    """Return the transformer from metres of a zone to degrees.

    It is cached, because creating it takes longer than transforming a polygon.
    """
    return Transformer.from_crs(_utm_crs(zone, south=south), DEGREES, always_xy=True)


@dataclass(frozen=True)
class Setting:
    """The country of a demonstration: its code, its territories, and its words as `demo.toml` of its pack has them."""

    country: str
    territories: tuple[Territory, ...]
    words: Mapping[str, Any]


def load_setting(country: str) -> Setting:
    """Load the setting of a country. Without territories in its pack, they are in its largest regions."""
    words = packs.load_demo(country)
    regions = base_data.load_regions(country)
    regions = regions.assign(ha=shapely.area(regions.geometry)).sort_values("ha", ascending=False)
    outlines = dict(zip(regions["code"], zip(regions["name"], regions.geometry, strict=True), strict=True))
    tables = words.get("territories") or [{"region": code} for code in list(outlines)[:MOST]] or [_example(country)]
    territories = tuple(_build_territory(table, outlines.get(table["region"]), words) for table in tables)
    return Setting(country, territories, words)


def _example(country: str) -> dict[str, Any]:
    """Return the territory around the example of a country of which no regions are known."""
    examples = packs.load_country(country).examples
    if "position" not in examples:
        raise WorkspaceError(
            N_("nothing says where {country} is; add `territories` to demo.toml of its pack (docs/countries.md)"),
            country=country,
        )
    latitude, longitude = map(float, examples["position"].split())
    name, region = examples.get("place", country), examples.get("region", f"{country}-1")
    return {"region": region, "name": name, "longitude": longitude, "latitude": latitude, "radius_m": NARROW_M}


def _build_territory(
    table: Mapping[str, Any], outline: tuple[str, BaseGeometry] | None, words: Mapping[str, Any]
) -> Territory:
    """Build a territory. If its table has no position, it is the largest disc in the outline of its region."""
    name, found = (outline[0], _largest_disc(outline[1])) if outline else (table["region"], {})
    values = {"radius_m": WIDEST_M, "land": next(iter(words["lands"])), "weight": 1, **found}
    values |= {"concessions": words["concessions"], "coverage": table["region"] if outline else "", **table}
    values |= {"region": values.pop("name", name), "code": table["region"].partition("-")[2]}
    return Territory(**{"spacing_m": values["radius_m"] // 4, **values})


def _largest_disc(outline: BaseGeometry) -> dict[str, Any]:
    """Return the middle of the largest disc in an outline, and the radius of a territory that fits into it."""
    narrowing = math.cos(math.radians(outline.centroid.y))  # of a degree of longitude
    scaled: Any = shapely.transform(outline, lambda xy: xy * (narrowing, 1))
    radius = shapely.maximum_inscribed_circle(scaled, 0.01)
    x, y = radius.coords[0]
    radius_m = min(WIDEST_M, int(radius.length * DEGREE_M / 1.7))  # with the corners of its square, and blobs
    return {"longitude": x / narrowing, "latitude": y, "radius_m": radius_m}
