"""Titles on community land: where each pair lies, and how much of a place they cover, ground counted once."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from lindero.app.derived.engine import Engine
from lindero.geo.geometry.chunks import parts_of
from lindero.geo.geometry.projection import Geometries
from lindero.geo.overlay.footprint import cut, united
from lindero.layers.model.schema import CRS

Inside = Callable[[pd.Series], gpd.GeoSeries]
"""Gives a point inside each of some features, in degrees, by their ids."""


def points_of(pairs: pd.DataFrame, in_title: Inside, in_land: Inside) -> gpd.GeoSeries:
    """
    Give a point for each pair (`left_id`, `right_id`, their shares), inside the smaller of the two.

    What they share lies in both, so that the smaller tells better where.
    """
    left_is_smaller = pairs["share_of_left"] >= pairs["share_of_right"]
    points = [
        points_in(ids.drop_duplicates()).loc[ids]
        for points_in, ids in (
            (in_title, pairs.loc[left_is_smaller, "left_id"]),
            (in_land, pairs.loc[~left_is_smaller, "right_id"]),
        )
    ]
    found = np.empty(len(pairs), dtype=object)
    found[left_is_smaller], found[~left_is_smaller] = points
    return gpd.GeoSeries(found, crs=CRS)


def inside(frame: gpd.GeoDataFrame) -> Inside:
    """Look for points in the features of a frame (`id`, polygons)."""
    return lambda ids: frame.set_index("id").loc[ids].geometry.representative_point()


@dataclass(frozen=True)
class Covered:
    """
    The ground that titles cover of community land.

    Titles (`id`, polygons in OGC:CRS84) are united, then cut by places; the land, of many corners, is not cut at all,
    but laid over the pieces as it is.
    """

    titles: gpd.GeoDataFrame
    land: Any  # as the engine prepares it
    engine: Engine

    @cached_property
    def ground(self) -> Geometries:
        """What the titles cover, in parts that share none, on the equal-area plane."""
        return united(self.titles)

    def hectares(self, *kinds: gpd.GeoDataFrame) -> list["pd.Series[float]"]:
        """
        Measure how much of each place is covered, for the places that have any: hectares by `id`.

        Parameters
        ----------
        kinds
            Places (`id`, polygons) of one kind, or of several (cells of several sizes) that all hold the same ground.
        """
        pieces = cut(self.ground, *kinds)
        covered = pd.concat(self._on_land(pieces.iloc[part]) for part in parts_of(pieces.geometry.to_numpy()))
        found = covered.merge(pd.DataFrame(pieces.drop(columns="geometry")), on="id")
        return [found.groupby(f"in_{kind}")["footprint_ha"].sum() for kind in range(len(kinds))]

    def _on_land(self, pieces: gpd.GeoDataFrame) -> pd.DataFrame:
        own = self.engine.prepare(pieces)
        pairs = self.engine.overlap(own, self.land, min_ha=0)  # what is cut may be small, and still a part of more
        return self.engine.footprint(pairs, own, self.land, by="left_id")
