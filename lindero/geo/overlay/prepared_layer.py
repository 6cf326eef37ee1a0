"""A polygon layer laid on the equal-area plane, checked once so that everything after can rely on it."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

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
from lindero.geo.geometry.projection import Floats, Geometries, Ints, holes_of, is_polygonal, laid_down, on_earth
from lindero.geo.geometry.rings import Rings, laid_on_plane
from lindero.geo.kernels import numba_jit
from lindero.geo.overlay.outlines import DrawnOutlines, LaidOutlines, Outlines, drawn_again
from lindero.machine.resources import machine
from lindero.machine.threads import shared_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lindero.geo.kernels.chain_tree import ChainTrees

ASSUMED_ACCURACY_M = 50.0  # 0.5 mm on a map of 1:100,000 (US National Map Accuracy Standards, 1947)

_HELD_CORNERS = 8_000_000  # of moved outlines, and more where there is memory for them
_BYTES_A_CORNER = 16

_MANY = 512  # shapes that a thread looks at in one go


class MovedShapes:
    """Features that were moved by their accuracy, by way and position; as many as there is room for."""

    def __init__(self, features: int) -> None:
        self._features, self._corners = features, 0
        self._shapes: defaultdict[int, Geometries] = defaultdict(lambda: np.full(features, None, dtype=object))

    def at(self, at: Ints, way: int) -> Geometries:
        """Give what was moved that way, by position; None for what was not."""
        return self._shapes[way][at]

    def hold(self, at: Ints, way: int, shapes: Geometries) -> None:
        """Hold on to shapes for the next question, in their order."""
        corners = self._corners + np.cumsum(shapely.get_num_coordinates(shapes))
        most = max(machine().at_ease_bytes // _BYTES_A_CORNER, _HELD_CORNERS)
        held = int(np.searchsorted(corners, most, side="right"))
        if held:
            self._shapes[way][at[:held]] = shapes[:held]
            self._corners = int(corners[held - 1])

    def __reduce__(self) -> tuple[type[Self], tuple[int]]:
        """Travel empty."""
        return type(self), (self._features,)


@dataclass(frozen=True)
class Ground:
    """The polygons of a layer, by position: points and rows without geometry are left out, for they cover nothing."""

    ids: pd.Series
    outlines: Outlines
    area_m2: Floats
    accuracy_m: Floats

    def __sizeof__(self) -> int:
        """Tell about how many bytes there are to move: a cluster leaves the larger side where it lies."""
        return 16 * int(shapely.get_num_coordinates(self.shapes).sum())

    @property
    def shapes(self) -> Geometries:
        """Valid polygons on the equal-area plane."""
        return self.outlines.shapes

    def drawn(self, at: Ints) -> Geometries:
        """Draw the shapes at some positions."""
        return self.outlines.drawn(at)

    @property
    def trees(self) -> "ChainTrees":
        """The outlines as trees of chains."""
        return self.outlines.trees

    @property
    def perimeter_m(self) -> Floats:
        """The length of each outline, holes too, in metres on the ground."""
        return self.outlines.perimeter_m

    @cached_property
    def holes(self) -> Floats:
        """How many holes each has."""
        return self.trees.holes if numba_jit.AVAILABLE else holes_of(self.shapes)

    @cached_property
    def moved(self) -> MovedShapes:
        """Features that were moved."""
        return MovedShapes(len(self.ids))

    @cached_property
    def rank(self) -> Ints:
        """Where each id stands among all of them in order."""
        rank = np.empty(len(self.ids), np.int64)
        rank[pc.sort_indices(pa.array(self.ids))] = np.arange(len(rank))
        return rank

    def some(self, at: Ints) -> "Ground":
        """Choose by position."""
        ids = self.ids.iloc[at].reset_index(drop=True)
        return Ground(ids, self.outlines.some(at), self.area_m2[at], self.accuracy_m[at])

    def positions(self, ids: pd.Series) -> Ints:
        """Find ids; -1 for those that are not here."""
        return find(ids, self.ids)

    def among(self, ids: pd.Series) -> npt.NDArray[np.bool_]:
        """Tell of every area whether its id is one of these."""
        return find(self.ids, ids) >= 0

    def named(self, ids: pd.Series) -> "Ground | None":
        """Choose by id, in this order; nothing if any is not here."""
        at = self.positions(ids)
        if (at < 0).any():
            return None
        return self if np.array_equal(at, np.arange(len(self.ids))) else self.some(at)

    @classmethod
    def together(cls, grounds: "Sequence[Ground]") -> "Ground":
        """Put grounds together that have no id in common."""
        if len(grounds) == 1:
            return grounds[0]
        return cls(
            pd.concat([ground.ids for ground in grounds], ignore_index=True),
            DrawnOutlines(np.concatenate([ground.shapes for ground in grounds])),
            np.concatenate([ground.area_m2 for ground in grounds]),
            np.concatenate([ground.accuracy_m for ground in grounds]),
        )

    @classmethod
    def of(cls, frame: "gpd.GeoDataFrame | Ground") -> "Ground":
        """
        Lay a frame with `id`, geometry and perhaps `boundary_accuracy_m` on the plane; a `Ground` is one already.

        Raises
        ------
        FrameError
            If the frame has no CRS or no `id`, or ids repeat.
        InvalidGeometryError
            If a polygon is invalid or lies outside the world.
        """
        if isinstance(frame, Ground):
            return frame
        _check_columns(frame)
        received = frame.geometry.to_numpy()
        rows = np.flatnonzero(is_polygonal(received) & ~shapely.is_empty(received))
        ids = frame["id"].iloc[rows].reset_index(drop=True)
        shapes = gpd.GeoSeries(received[rows], crs=frame.crs).to_crs(DEGREES).to_numpy()
        _check(on_earth(shapes), ids, N_("{count} geometries lie outside the world, the first is {id}: repair them"))
        across = antimeridian.crosses(shapes)
        _check_valid(shapes, ids, np.flatnonzero(across))
        shapes[across] = [antimeridian.split(antimeridian.run_on(shape)) for shape in shapes[across]]
        outlines = _laid(shapes)
        bent = _invalid(outlines)
        _check_valid(shapes, ids, bent)
        if len(bent):  # they were valid: their corners are nanometres apart, and fell together on the plane
            drawn = outlines.shapes
            drawn[bent] = shapely.make_valid(drawn[bent], method="structure", keep_collapsed=False)
            outlines = DrawnOutlines(drawn_again(DrawnOutlines(drawn).trees) if numba_jit.AVAILABLE else drawn)
        area_m2 = outlines.area_m2 if isinstance(outlines, LaidOutlines) else np.asarray(shapely.area(outlines.shapes))
        return cls(ids, outlines, area_m2, _accuracy(frame).iloc[rows].to_numpy())


def _laid(shapes: Geometries) -> DrawnOutlines | LaidOutlines:
    """Lay polygons in degrees, none empty, on the plane; they are drawn at once where nothing else can be measured."""
    if numba_jit.AVAILABLE and len(shapes):
        return LaidOutlines.of(Rings.ragged(*laid_down(shapes)[1:]))
    return DrawnOutlines(*laid_on_plane(shapes))


def _invalid(outlines: DrawnOutlines | LaidOutlines) -> Ints:
    """Find the shapes that are not valid on the plane; GEOS looks at those of which the trees do not tell."""
    if isinstance(outlines, DrawnOutlines):
        return np.flatnonzero(~_are_valid(outlines.shapes))
    from lindero.geo.kernels.validity import surely_valid  # needs numba

    doubtful = np.flatnonzero(~surely_valid(outlines.trees))
    return doubtful[~_are_valid(outlines.drawn(doubtful))]


def _check_columns(frame: gpd.GeoDataFrame) -> None:
    if frame.crs is None:
        raise FrameError(N_("the geometries have no coordinate reference system"))
    if "id" not in frame.columns:
        raise FrameError(N_("the frame has no column `id`"))
    repeated = frame["id"][frame["id"].duplicated()]
    if not repeated.empty:
        raise FrameError(N_("{count} ids repeat, the first is {id}"), count=len(repeated), id=repeated.iloc[0])


def _are_valid(shapes: Geometries) -> npt.NDArray[np.bool_]:
    """Look at shapes in threads: it is half of what laying a layer down takes."""
    parts = shared_out(lambda some: shapely.is_valid(shapes[some]), len(shapes), chunk=_MANY)
    return np.concatenate(parts) if parts else np.empty(0, dtype=bool)


def _check_valid(shapes: Geometries, ids: pd.Series, at: Ints) -> None:
    """Hold that some shapes are valid in degrees; the others are on the plane, where they are measured."""
    valid = np.ones(len(shapes), dtype=bool)
    valid[at] = shapely.is_valid(shapes[at])
    _check(valid, ids, N_("{count} geometries are invalid, the first is {id}: repair them"))


def _check(sound: npt.NDArray[np.bool_], ids: pd.Series, template: str) -> None:
    if not sound.all():
        raise InvalidGeometryError(template, count=int((~sound).sum()), id=ids[~sound].iloc[0])


def _accuracy(frame: gpd.GeoDataFrame) -> pd.Series:
    """Give the accuracy of each boundary, assumed where it is not known."""
    if "boundary_accuracy_m" not in frame.columns:
        return pd.Series(ASSUMED_ACCURACY_M, index=frame.index)
    accuracy = frame["boundary_accuracy_m"].astype(float).fillna(ASSUMED_ACCURACY_M)
    if (accuracy < 0).any():
        raise FrameError(N_("`boundary_accuracy_m` is negative"))
    return accuracy


def find(wanted: pd.Series, ids: pd.Series) -> Ints:
    """Find ids among others, by position; -1 for those that are not there."""
    # some ten times as fast as pandas, which would hash every id as an object
    names = pa.array(wanted)
    if pa.types.is_null(names.type):  # no ids at all: nothing says what they would have been
        return np.full(len(wanted), -1, dtype=np.int64)
    found = pc.index_in(names, value_set=pa.array(ids).cast(names.type))
    return np.asarray(found.fill_null(-1), dtype=np.int64)
