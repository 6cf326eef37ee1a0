"""Whether a file's rows lie where they can be; where that cannot be decided, the user is asked, with the evidence."""

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from lindero.app.text.countries import country_name
from lindero.geo.geometry.guess_crs import NULL_ISLAND_DEGREES, oddly_placed
from lindero.geo.geometry.projection import Geometries
from lindero.layers.errors import N_, CRSError

SWAPPED = "swapped"  # said after a CRS: longitude and latitude stand in the other order
_SAMPLE = 200
_HALF = 0.5
_FAR, _BESIDE = 5.0, 0.5  # degrees
_SIGNS = {"1 -1": N_("latitude"), "-1 1": N_("longitude"), "-1 -1": N_("latitude and longitude")}


@dataclass(frozen=True)
class Land:
    """Country polygons (`code`, `name`) to tell coordinates that cannot be right, and the workspace's own country."""

    countries: gpd.GeoDataFrame
    country: str

    @cached_property
    def own(self) -> gpd.GeoDataFrame:
        """The workspace's country; empty if it names none that is known."""
        return self.countries[self.countries["code"] == self.country]

    @cached_property
    def around_own(self) -> BaseGeometry:
        """The ground of the workspace's country and what lies beside it."""
        return self.own.geometry.union_all().simplify(_BESIDE / 10).buffer(_BESIDE)


def ask_where(geometry: gpd.GeoSeries, land: Land, name: str) -> None:
    """
    Hold that most rows lie on land that the base data know; a sample tells.

    Raises
    ------
    CRSError
        If they do not: with what would bring them to land, and how to say that they are right as they are.
    """
    shapes = geometry.to_numpy()
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    shapes = shapes[np.isfinite(shapely.bounds(shapes)).all(axis=1)]
    if not len(shapes) or land.own.empty:
        return
    sample = gpd.GeoSeries(shapes[np.unique(np.linspace(0, len(shapes) - 1, _SAMPLE).astype(int))])
    expected = str(land.own["name"].iloc[0])
    found = oddly_placed(sample, land.countries, expected=expected)["finding"].value_counts()
    counts = {"count": len(shapes), "name": name, "country": country_name(land.country)}
    share = {kind: found.get(kind, 0) / len(sample) for kind in ("swapped_axes", "in_the_ocean")}
    if share["swapped_axes"] > _HALF:
        raise CRSError(
            N_(
                "most of the {count} rows of {name} do not lie in {country} as read; with latitude and longitude "
                'exchanged they do. If so, add --crs "OGC:CRS84 swapped"; if they are right as read, --crs OGC:CRS84'
            ),
            **counts,
        )
    if share["in_the_ocean"] > _HALF:
        raise _in_the_ocean(sample, land, expected, counts)


def elsewhere(geometry: gpd.GeoSeries, land: Land) -> tuple[str, str] | None:
    """
    Say of rows of which none lies in the workspace's country, or near it, how far that is, and where they lie.

    `far_from_the_country` if none lies within some degrees of it, else `outside_the_country`; a sample tells.
    """
    shapes = geometry.to_numpy()
    bounds = shapely.bounds(shapes)
    has_bounds = np.isfinite(bounds).all(axis=1)
    shapes, bounds = shapes[has_bounds], bounds[has_bounds]
    if not len(bounds) or land.own.empty:
        return None
    west, south, east, north = land.own.total_bounds
    near = (bounds[:, 0] <= east + _FAR) & (bounds[:, 2] >= west - _FAR)
    near &= (bounds[:, 1] <= north + _FAR) & (bounds[:, 3] >= south - _FAR)
    told = " ".join(f"{edge:.6g}" for edge in (*bounds[:, :2].min(axis=0), *bounds[:, 2:].max(axis=0)))
    if not near.any():
        return "far_from_the_country", told
    sample = shapes[np.unique(np.linspace(0, len(shapes) - 1, _SAMPLE).astype(int))]
    if any(shapely.dwithin(some, own, _BESIDE).any() for some in (sample, shapes) for own in land.own.geometry):
        return None
    return "outside_the_country", told


def outside(geometry: gpd.GeoSeries, land: Land) -> pd.DataFrame:
    """
    Find rows outside the workspace's country where others lie in it: `row`, `finding`, `detail` (their middle).

    Returns
    -------
    DataFrame
        `coordinate_of_zero` where either longitude or latitude is 0, else `row_outside_the_country`.
    """
    shapes = geometry.to_numpy()
    present = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    if land.own.empty or not len(present):
        return pd.DataFrame(columns=["row", "finding", "detail"])
    near = shapely.STRtree(shapes[present]).query(land.around_own, predicate="intersects")
    away = np.delete(present, near) if len(near) else present[:0]  # of a file without any, `elsewhere` tells
    middles = shapely.bounds(shapes[away]).reshape(-1, 2, 2).mean(axis=1)
    is_zero = (np.abs(middles) <= NULL_ISLAND_DEGREES).sum(axis=1) == 1
    finding = np.where(is_zero, "coordinate_of_zero", "row_outside_the_country")
    detail = [f"{longitude:.6g} {latitude:.6g}" for longitude, latitude in middles]
    return pd.DataFrame({"row": geometry.index[away], "finding": finding, "detail": detail})


def _in_the_ocean(sample: gpd.GeoSeries, land: Land, expected: str, counts: dict[str, object]) -> CRSError:
    for signs, what in _SIGNS.items():
        by = np.array(signs.split(), dtype=float)
        turned = gpd.GeoSeries(_times(sample.to_numpy(), by))
        if len(oddly_placed(turned, land.countries, expected=expected)) <= _HALF * len(sample):
            return CRSError(
                N_(
                    "most of the {count} rows of {name} lie in no country as read; with the other sign of {what} they "
                    "lie in {country}. Put a minus before those numbers (-78.5), or S and W after the angles "
                    "(78°30'00\"W), or ask for a file with signs; if they are right as read, add --crs OGC:CRS84"
                ),
                what=what,
                **counts,
            )
    west, south, east, north = sample.total_bounds
    return CRSError(
        N_(
            "most of the {count} rows of {name} lie in the ocean or far from {country} ({bounds}): the file may state "
            "the wrong reference system. State the right one with --crs; if they are right as read, add --crs OGC:CRS84"
        ),
        bounds=f"{west:.6g} {south:.6g} {east:.6g} {north:.6g}",
        **counts,
    )


def _times(shapes: Geometries, by: npt.NDArray[np.float64]) -> Geometries:
    return np.asarray(shapely.transform(shapes, lambda xy: xy * by))
