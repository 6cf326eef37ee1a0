"""Concessions on community land: the location of each pair, and the footprint of concessions in a place."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from lindero.app.answers.engine import Engine
from lindero.geo.geometry.projection import Geometries
from lindero.geo.overlay.footprint import dissolve, split_by_places
from lindero.layers.model.schema import CRS

Inside = Callable[[pd.Series], gpd.GeoSeries]
"""Gives a point inside each of some features, in degrees, by their ids."""


def locate_pairs(pairs: pd.DataFrame, concession_points: Inside, land_points: Inside) -> gpd.GeoSeries:
    """Return a point for each pair (`left_id`, `right_id`, their shares), inside the smaller feature of the two.

    The intersection is in both features, so the smaller feature gives the more precise location. `concession_points`
    and `land_points` return points inside the left and the right features.
    """
    left_is_smaller = pairs["share_of_left"] >= pairs["share_of_right"]
    points = [
        points_in(ids.drop_duplicates()).loc[ids]
        for points_in, ids in (
            (concession_points, pairs.loc[left_is_smaller, "left_id"]),
            (land_points, pairs.loc[~left_is_smaller, "right_id"]),
        )
    ]
    point_array = np.empty(len(pairs), dtype=object)
    point_array[left_is_smaller], point_array[~left_is_smaller] = points
    return gpd.GeoSeries(point_array, crs=CRS)


def point_finder(frame: gpd.GeoDataFrame) -> Inside:
    """Return a function that finds a point inside each feature of a frame (`id`, polygons), by ids."""
    return lambda ids: frame.set_index("id").loc[ids].geometry.representative_point()


@dataclass(frozen=True)
class ConcessionFootprint:
    """The footprint of concessions on community land.

    Concessions (`id`, polygons in OGC:CRS84) are dissolved, then split by places. The land has many vertices, so it is
    not split but overlaid on the pieces as it is.
    """

    titles: gpd.GeoDataFrame
    land: Any  # as prepared by the engine
    engine: Engine

    @cached_property
    def ground(self) -> Geometries:
        """The footprint of the concessions as disjoint polygons on the equal-area plane."""
        return dissolve(self.titles)

    def covered_area_ha(self, *kinds: gpd.GeoDataFrame) -> list["pd.Series[float]"]:
        """Measure the covered area of each place that has any: hectares by `id`.

        `kinds`: places (`id`, polygons) of one kind or of several (cells of several sizes). All kinds must cover the
        same area.
        """
        pieces = split_by_places(self.ground, *kinds)
        covered = self._measure_footprints(pieces)
        covered_pieces = covered.merge(pd.DataFrame(pieces.drop(columns="geometry")), on="id")
        return [covered_pieces.groupby(f"in_{kind}")["footprint_ha"].sum() for kind in range(len(kinds))]

    def _measure_footprints(self, pieces: gpd.GeoDataFrame) -> pd.DataFrame:
        prepared_pieces = self.engine.prepare(pieces)
        pairs = self.engine.overlap(
            prepared_pieces, self.land, min_ha=0
        )  # a small piece may be part of a larger overlap
        return self.engine.footprint(pairs, prepared_pieces, self.land, by="left_id")
