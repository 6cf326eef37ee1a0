"""Checks that the rows of a file are in plausible places.

If that cannot be decided, the user is asked to state the CRS; the error message contains the evidence.
"""

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from lindero.app.text.countries import country_name
from lindero.geo.geometry.guess_crs import NULL_ISLAND_DEGREES, find_misplaced_rows
from lindero.geo.geometry.projection import Geometries
from lindero.layers.errors import N_, CRSError

SWAPPED_SUFFIX = "swapped"  # after a CRS: longitude and latitude are in the opposite order
_SAMPLE = 200
_HALF = 0.5
_FAR, _BESIDE = 5.0, 0.5  # degrees
_SIGNS = {"1 -1": N_("latitude"), "-1 1": N_("longitude"), "-1 -1": N_("latitude and longitude")}


@dataclass(frozen=True)
class Land:
    """Country polygons (`code`, `name`) for checking coordinates, and the code of the workspace's country."""

    countries: gpd.GeoDataFrame
    country: str

    @cached_property
    def own_country(self) -> gpd.GeoDataFrame:
        """The row of the workspace's country; empty if the workspace names no known country."""
        return self.countries[self.countries["code"] == self.country]

    @cached_property
    def own_surroundings(self) -> BaseGeometry:
        """The area of the workspace's country with a buffer of half a degree."""
        return self.own_country.geometry.union_all().simplify(_BESIDE / 10).buffer(_BESIDE)


def check_location(geometry: gpd.GeoSeries, land: Land, name: str) -> None:
    """Check, on a sample, that most rows lie on land that the base data know."""
    shapes = geometry.to_numpy()
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    shapes = shapes[np.isfinite(shapely.bounds(shapes)).all(axis=1)]
    if not len(shapes) or land.own_country.empty:
        return
    sample = gpd.GeoSeries(shapes[np.unique(np.linspace(0, len(shapes) - 1, _SAMPLE).astype(int))])
    expected = str(land.own_country["name"].iloc[0])
    finding_counts = find_misplaced_rows(sample, land.countries, expected=expected)["finding"].value_counts()
    counts = {"count": len(shapes), "name": name, "country": country_name(land.country)}
    share = {kind: finding_counts.get(kind, 0) / len(sample) for kind in ("swapped_axes", "in_the_ocean")}
    if share["swapped_axes"] > _HALF:
        raise CRSError(
            N_(
                "most of the {count} rows of {name} are outside {country} as read, but inside it with "
                'latitude and longitude exchanged. If they are exchanged, add --crs "OGC:CRS84 swapped". '
                "If they are right as read, add --crs OGC:CRS84"
            ),
            **counts,
        )
    if share["in_the_ocean"] > _HALF:
        raise _ocean_error(sample, land, expected, counts)


def find_distant_rows(geometry: gpd.GeoSeries, land: Land) -> tuple[str, str] | None:
    """Return a finding and the bounding box if no row is in or near the workspace's country, else None.

    The finding is `far_from_the_country` if no row is within five degrees of the country, else `outside_the_country`. A
    sample is checked first.
    """
    shapes = geometry.to_numpy()
    bounds = shapely.bounds(shapes)
    has_bounds = np.isfinite(bounds).all(axis=1)
    shapes, bounds = shapes[has_bounds], bounds[has_bounds]
    if not len(bounds) or land.own_country.empty:
        return None
    west, south, east, north = land.own_country.total_bounds
    near = (bounds[:, 0] <= east + _FAR) & (bounds[:, 2] >= west - _FAR)
    near &= (bounds[:, 1] <= north + _FAR) & (bounds[:, 3] >= south - _FAR)
    extent = " ".join(f"{edge:.6g}" for edge in (*bounds[:, :2].min(axis=0), *bounds[:, 2:].max(axis=0)))
    if not near.any():
        return "far_from_the_country", extent
    sample = shapes[np.unique(np.linspace(0, len(shapes) - 1, _SAMPLE).astype(int))]
    if any(
        shapely.dwithin(group, polygon, _BESIDE).any()
        for group in (sample, shapes)
        for polygon in land.own_country.geometry
    ):
        return None
    return "outside_the_country", extent


def find_rows_outside(geometry: gpd.GeoSeries, land: Land) -> pd.DataFrame:
    """Find rows outside the workspace's country if other rows are inside. Columns: `row`, `finding`, `detail` (centre).

    Returns: the finding is `coordinate_of_zero` if either longitude or latitude is 0, else `row_outside_the_country`.
    """
    shapes = geometry.to_numpy()
    present = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    if land.own_country.empty or not len(present):
        return pd.DataFrame(columns=["row", "finding", "detail"])
    near = shapely.STRtree(shapes[present]).query(land.own_surroundings, predicate="intersects")
    outliers = np.delete(present, near) if len(near) else present[:0]  # `find_distant_rows` reports if all are outside
    centres = shapely.bounds(shapes[outliers]).reshape(-1, 2, 2).mean(axis=1)
    is_zero = (np.abs(centres) <= NULL_ISLAND_DEGREES).sum(axis=1) == 1
    finding = np.where(is_zero, "coordinate_of_zero", "row_outside_the_country")
    detail = [f"{longitude:.6g} {latitude:.6g}" for longitude, latitude in centres]
    return pd.DataFrame({"row": geometry.index[outliers], "finding": finding, "detail": detail})


def _ocean_error(sample: gpd.GeoSeries, land: Land, expected: str, counts: dict[str, object]) -> CRSError:
    for signs, axis_text in _SIGNS.items():
        factors = np.array(signs.split(), dtype=float)
        turned = gpd.GeoSeries(_scale_coordinates(sample.to_numpy(), factors))
        if len(find_misplaced_rows(turned, land.countries, expected=expected)) <= _HALF * len(sample):
            return CRSError(
                N_(
                    "most of the {count} rows of {name} are not in any country as read, but with the "
                    "opposite sign of {what} they are in {country}. Put a minus sign before those "
                    "numbers (-78.5), write S and W after the angles (78°30'00\"W), or ask for a file "
                    "with signs. If the rows are right as read, add --crs OGC:CRS84"
                ),
                what=axis_text,
                **counts,
            )
    west, south, east, north = sample.total_bounds
    return CRSError(
        N_(
            "most of the {count} rows of {name} are in the ocean or far from {country} ({bounds}). The "
            "file may state the wrong CRS; state the right one with --crs. If the rows are right as "
            "read, add --crs OGC:CRS84"
        ),
        bounds=f"{west:.6g} {south:.6g} {east:.6g} {north:.6g}",
        **counts,
    )


def _scale_coordinates(shapes: Geometries, factors: npt.NDArray[np.float64]) -> Geometries:
    return np.asarray(shapely.transform(shapes, lambda xy: xy * factors))
