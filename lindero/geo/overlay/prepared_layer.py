"""A polygon layer on the equal-area plane. It is validated once, so that all further processing can rely on it."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from lindero.geo.errors import N_, FrameError, InvalidGeometryError
from lindero.geo.geometry import antimeridian
from lindero.geo.geometry.crs import DEGREES
from lindero.geo.geometry.projection import (
    Floats,
    Geometries,
    Ints,
    count_holes,
    is_on_earth,
    is_polygonal,
    project_to_ragged,
)
from lindero.geo.geometry.rings import Rings
from lindero.geo.kernels import numba_jit
from lindero.geo.overlay.buffer_cache import BufferCache
from lindero.geo.overlay.outlines import Outlines, build_outlines
from lindero.machine.threads import map_chunks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lindero.geo.kernels.chain_tree import ChainTrees

ASSUMED_ACCURACY_M = 50.0  # 0.5 mm on a map of 1:100,000 (US National Map Accuracy Standards, 1947)

_CHUNK_SHAPES = 512  # shapes per thread task


@dataclass(frozen=True)
class PolygonLayer:
    """The polygons of a layer on the equal-area plane, by position.

    Points, rows without geometry and polygons that have no area on the plane are left out.
    """

    ids: pd.Series
    outlines: Outlines
    area_m2: Floats
    accuracy_m: Floats

    def __sizeof__(self) -> int:
        """Return the approximate size in bytes. A Dask cluster leaves the larger side of a task on its worker."""
        return 16 * int(shapely.get_num_coordinates(self.shapes).sum())

    @property
    def shapes(self) -> Geometries:
        """Valid polygons on the equal-area plane."""
        return self.outlines.shapes

    @property
    def trees(self) -> "ChainTrees":
        """The outlines as chain trees."""
        return self.outlines.trees

    @property
    def perimeter_m(self) -> Floats:
        """The perimeter of each outline in metres on the ground, holes included."""
        return self.outlines.perimeter_m

    @cached_property
    def hole_counts(self) -> Floats:
        """The number of holes of each polygon."""
        return self.trees.hole_counts if numba_jit.HAS_NUMBA else count_holes(self.shapes)

    @cached_property
    def buffer_cache(self) -> BufferCache:
        """The cache of features buffered by their accuracy."""
        return BufferCache(len(self.ids))

    @cached_property
    def rank(self) -> Ints:
        """The rank of each id among all sorted ids."""
        rank = np.empty(len(self.ids), np.int64)
        rank[pc.sort_indices(pa.array(self.ids))] = np.arange(len(rank))
        return rank

    def select(self, positions: Ints) -> "PolygonLayer":
        """Return the layer with only the features at some positions."""
        ids = self.ids.iloc[positions].reset_index(drop=True)
        return PolygonLayer(ids, self.outlines.select(positions), self.area_m2[positions], self.accuracy_m[positions])

    def select_part(self, positions: Ints) -> "PolygonLayer":
        """Return the layer with only some features. Both share the cache of buffered features."""
        part = self.select(positions)
        vars(part)["buffer_cache"] = self.buffer_cache.select(positions)
        return part

    def positions(self, ids: pd.Series) -> Ints:
        """Return the positions of ids; -1 for ids that are not in the layer."""
        return find_positions(ids, self.ids)

    def has_id(self, ids: pd.Series) -> npt.NDArray[np.bool_]:
        """Return a mask of the features with an id in `ids`."""
        return find_positions(self.ids, ids) >= 0

    def select_by_id(self, ids: pd.Series) -> "PolygonLayer | None":
        """Return the layer with only the features with these ids, in this order; None if an id is missing."""
        positions = self.positions(ids)
        if (positions < 0).any():
            return None
        return self if np.array_equal(positions, np.arange(len(self.ids))) else self.select(positions)

    @classmethod
    def concatenate(cls, layers: "Sequence[PolygonLayer]") -> "PolygonLayer":
        """Concatenate layers that have no ids in common."""
        if len(layers) == 1:
            return layers[0]
        return cls(
            pd.concat([ground.ids for ground in layers], ignore_index=True),
            Outlines(np.concatenate([ground.shapes for ground in layers])),
            np.concatenate([ground.area_m2 for ground in layers]),
            np.concatenate([ground.accuracy_m for ground in layers]),
        )

    @classmethod
    def from_frame(cls, frame: "gpd.GeoDataFrame | PolygonLayer") -> "PolygonLayer":
        """Prepare a frame: project its polygons to the equal-area plane and validate them.

        A layer that is prepared already is returned unchanged.

        Parameters
        ----------
        frame
            Frame in any CRS, with a unique `id` and optionally `boundary_accuracy_m` (metres; 50 is assumed where
            missing).

        Raises
        ------
        FrameError
            If the frame has no CRS or no `id`, if ids repeat, or if an accuracy is negative.
        InvalidGeometryError
            If a polygon is invalid or outside the possible range of coordinates.
        """
        if isinstance(frame, PolygonLayer):
            return frame
        _check_columns(frame)
        received = frame.geometry.to_numpy()
        rows = np.flatnonzero(is_polygonal(received) & ~shapely.is_empty(received))
        ids = frame["id"].iloc[rows].reset_index(drop=True)
        shapes = gpd.GeoSeries(received[rows], crs=frame.crs).to_crs(DEGREES).to_numpy()
        _require_all(
            is_on_earth(shapes),
            ids,
            N_("{count} geometries have coordinates that are not on Earth; the first is {id}. Repair them"),
        )
        is_across = antimeridian.crosses(shapes)
        _check_valid(shapes, ids, np.flatnonzero(is_across))
        shapes[is_across] = [
            antimeridian.split_polygon(antimeridian.unwrap_polygon(shape)) for shape in shapes[is_across]
        ]
        outlines = _project(shapes)
        invalid = np.flatnonzero(~_are_valid(outlines.shapes))
        _check_valid(shapes, ids, invalid)
        if len(invalid):  # valid in degrees: vertices nanometres apart coincide on the plane
            plane_shapes = outlines.shapes
            plane_shapes[invalid] = shapely.make_valid(plane_shapes[invalid], method="structure", keep_collapsed=False)
            remaining = np.flatnonzero(~shapely.is_empty(plane_shapes))
            ids, rows, plane_shapes = (
                ids.iloc[remaining].reset_index(drop=True),
                rows[remaining],
                plane_shapes[remaining],
            )
            outlines = Outlines(plane_shapes)
        return cls(ids, outlines, outlines.area_m2, _boundary_accuracy(frame).iloc[rows].to_numpy())


def _project(shapes: Geometries) -> Outlines:
    """Project non-empty polygons from degrees to the plane."""
    if not len(shapes):
        return Outlines(shapes)
    _kind, vertices, offsets = project_to_ragged(shapes)
    return build_outlines(Rings.from_ragged(vertices, offsets))


def _check_columns(frame: gpd.GeoDataFrame) -> None:
    if frame.crs is None:
        raise FrameError(N_("the geometries have no coordinate reference system"))
    if "id" not in frame.columns:
        raise FrameError(N_("the frame has no column `id`"))
    repeated = frame["id"][frame["id"].duplicated()]
    if not repeated.empty:
        raise FrameError(
            N_("{count} ids occur more than once; the first is {id}"), count=len(repeated), id=repeated.iloc[0]
        )


def _are_valid(shapes: Geometries) -> npt.NDArray[np.bool_]:
    """Return a mask of valid shapes, tested in threads: this takes half the time of preparing a layer."""
    parts = map_chunks(lambda chunk: shapely.is_valid(shapes[chunk]), len(shapes), chunk=_CHUNK_SHAPES)
    return np.concatenate(parts) if parts else np.empty(0, dtype=bool)


def _check_valid(shapes: Geometries, ids: pd.Series, positions: Ints) -> None:
    """Raise an error if some shapes are invalid in degrees. The other shapes are tested on the plane."""
    valid = np.ones(len(shapes), dtype=bool)
    valid[positions] = shapely.is_valid(shapes[positions])
    _require_all(valid, ids, N_("{count} geometries are invalid; the first is {id}. Repair them"))


def _require_all(is_sound: npt.NDArray[np.bool_], ids: pd.Series, template: str) -> None:
    if not is_sound.all():
        raise InvalidGeometryError(template, count=int((~is_sound).sum()), id=ids[~is_sound].iloc[0])


def _boundary_accuracy(frame: gpd.GeoDataFrame) -> pd.Series:
    """Return the accuracy of each boundary in metres, with the assumed value where it is unknown."""
    if "boundary_accuracy_m" not in frame.columns:
        return pd.Series(ASSUMED_ACCURACY_M, index=frame.index)
    accuracy = frame["boundary_accuracy_m"].astype(float).fillna(ASSUMED_ACCURACY_M)
    if (accuracy < 0).any():
        raise FrameError(N_("`boundary_accuracy_m` must not be negative"))
    return accuracy


def find_positions(sought: pd.Series, ids: pd.Series) -> Ints:
    """Return the positions of ids among other ids; -1 for those that are not there.

    Returns: positions in `ids`.
    """
    # About ten times as fast as pandas, which would hash every id as an object.
    names = pa.array(sought)
    if pa.types.is_null(names.type):  # no ids at all, so their type is unknown
        return np.full(len(sought), -1, dtype=np.int64)
    positions = pc.index_in(names, value_set=pa.array(ids).cast(names.type))
    return np.asarray(positions.fill_null(-1), dtype=np.int64)
