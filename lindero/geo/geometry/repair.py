"""Repair of geometry as received. It is repaired if only one reading is possible, and rejected otherwise.

A repair is unambiguous if the repaired area equals the drawn area. The signed area of the polygon's rings (shells minus
holes) must agree with the area of the repaired polygon within `MAX_CHANGE`. A ring that touches itself passes. A bow
tie, with two halves that cancel out, and a ring that is drawn twice do not.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lindero.geo.errors import InvalidGeometryError
from lindero.geo.geometry import antimeridian
from lindero.geo.geometry.areas import area_ha
from lindero.geo.geometry.chunks import split_geometries
from lindero.geo.geometry.crs import DEGREES
from lindero.geo.geometry.projection import Geometries, Ints, is_on_earth, is_polygonal
from lindero.machine.polygon_repair import RepairedPolygon, repair_polygon

PolygonRepairer = Callable[[Geometries, Sequence[int]], Sequence[RepairedPolygon]]

MAX_CHANGE = 0.01  # share of the larger area by which a repair may change the area

_NO_REPAIRS = pd.DataFrame(columns=["row", "repair", "area_change_ha", "detail"]).astype({"area_change_ha": float})
_NO_REJECTS = pd.DataFrame(columns=["row", "reason", "detail"])
_DIMENSIONS = {"polygon": (2,), "point": (0,), "site": (2, 0), "place": (2, 0)}  # accepted dimensions, preferred first


@dataclass(frozen=True)
class RepairResult:
    """The result of `repair`: geometry under the index received, None where rejected, with the repairs and rejects."""

    geometry: gpd.GeoSeries
    repairs: pd.DataFrame  # row, repair, area_change_ha, detail
    rejects: pd.DataFrame  # row, reason, detail


@dataclass
class _Work:
    """Geometries under repair, by position, with the list of repairs and rejects."""

    shapes: Geometries
    repairs: list[tuple[int, str, str]] = field(default_factory=list)
    rejects: list[tuple[int, str, str]] = field(default_factory=list)

    def reject(self, position: int, reason: str, detail: str = "") -> None:
        self.shapes[position] = None
        self.rejects.append((position, reason, detail))

    def repair(self, position: int, shape: shapely.Geometry | None, repair: str, detail: str = "") -> None:
        self.shapes[position] = shape
        self.repairs.append((position, repair, detail))

    def positions(self, mask: npt.NDArray[np.bool_]) -> list[int]:
        """Return the positions where `mask` is true and the geometry is not missing."""
        return [int(position) for position in np.flatnonzero(mask & ~shapely.is_missing(self.shapes))]


def _repair_all(polygons: Geometries, _positions: Sequence[int]) -> list[RepairedPolygon]:
    return [repair_polygon(polygon) for polygon in polygons]


def repair(
    geometry: gpd.GeoSeries,
    kind: str,
    *,
    accepted: Collection[int] = (),
    repair_polygons: PolygonRepairer = _repair_all,
) -> RepairResult:
    """Convert geometry to valid two-dimensional shapes of the requested kind within -180° to 180°, or reject it.

    Parameters
    ----------
    geometry : GeoSeries, n geometries
        Longitude and latitude in degrees (OGC:CRS84), as received.
    kind
        Kind of geometry that the layer takes: "polygon" (also multipolygons), "point", or "site" and "place" (either).
    accepted
        Index labels of self-crossing boundaries for which a person confirmed the likely reading (`reading_accepted`).
    repair_polygons
        Repairs invalid polygons, given with their positions. By default in this process, without limits.

    Returns
    -------
    RepairResult
        `repairs` has one row per repair: `row` (index label), `repair` (`z_dropped`, `ring_filled`, `parts_dropped`,
        `antimeridian_split`, `longitude_wrapped`, `made_valid`, `reading_accepted`), `area_change_ha` compared with the
        geometry received (over all repairs of the row), `detail`. `rejects` has one row per rejected geometry: `row`,
        `reason` (`no_geometry`, `empty_geometry`, `not_finite`, `out_of_range`, `wrong_geometry_type`,
        `several_points`, `no_area`, `ambiguous_geometry`), `detail`.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Polygon
    >>> from lindero.geo import repair
    >>> bow_tie = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    >>> result = repair(gpd.GeoSeries([bow_tie], crs="OGC:CRS84"), "polygon")
    >>> result.rejects["reason"].tolist()
    ['ambiguous_geometry']
    """
    received = geometry.to_numpy()
    work = _Work(received.copy())
    _reject_missing(work)
    _drop_z(work)
    _reject_impossible(work)
    if kind in {"polygon", "site"}:
        _fill_rings(work)
    _filter_parts(work, _DIMENSIONS[kind])
    _unwrap_antimeridian(work)
    _make_valid(work, frozenset(np.flatnonzero(geometry.index.isin(list(accepted)))), repair_polygons)
    _split_antimeridian(work)
    return _build_report(work, geometry)


def _reject_missing(work: _Work) -> None:
    for absent in np.flatnonzero(shapely.is_missing(work.shapes)):
        work.reject(int(absent), "no_geometry")
    for position in work.positions(shapely.is_empty(work.shapes)):
        work.reject(position, "empty_geometry", work.shapes[position].geom_type)


def _drop_z(work: _Work) -> None:
    for position in work.positions(shapely.has_z(work.shapes) | shapely.has_m(work.shapes)):
        work.repair(position, shapely.force_2d(work.shapes[position]), "z_dropped")


def _reject_impossible(work: _Work) -> None:
    wrong = np.concatenate([_count_nonfinite(work.shapes[part]) for part in split_geometries(work.shapes)])
    for row in np.flatnonzero(wrong):
        work.reject(int(row), "not_finite", f"{wrong[row]}")
    for position in work.positions(~is_on_earth(work.shapes)):
        work.reject(position, "out_of_range", " ".join(f"{bound:g}" for bound in work.shapes[position].bounds))


def _count_nonfinite(shapes: Geometries) -> Ints:
    """Count the vertices of each geometry with non-finite coordinates."""
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    return np.bincount(owner[~np.isfinite(xy).all(axis=1)], minlength=len(shapes))


def _fill_rings(work: _Work) -> None:
    """Convert closed lines that do not cross themselves to polygons: boundaries that were walked."""
    for position in work.positions(shapely.get_dimensions(work.shapes) == 1):
        parts = _flatten(work.shapes[position])
        if len(parts) == 1 and shapely.is_ring(parts[0]) and shapely.is_valid(parts[0]):  # for GEOS a point is a ring
            work.repair(position, shapely.Polygon(parts[0]), "ring_filled")


def _filter_parts(work: _Work, dimensions: tuple[int, ...]) -> None:
    """Split collections: keep the parts of the required dimension, and report the others."""
    collected = shapely.get_type_id(work.shapes) >= shapely.GeometryType.MULTIPOINT
    is_odd = ~np.isin(shapely.get_dimensions(work.shapes), dimensions)
    is_mixed = shapely.get_type_id(work.shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    several_points = collected & (shapely.get_dimensions(work.shapes) == 0)
    for position in work.positions(is_odd | is_mixed | several_points):
        shape = work.shapes[position]
        parts = _flatten(shape)
        matching = next(
            (
                shape_kept
                for shape_kept in (_filter_dimension(parts, dimension) for dimension in dimensions)
                if len(shape_kept)
            ),
            None,
        )
        if matching is None:
            work.reject(position, "wrong_geometry_type", shape.geom_type)
        elif matching[0].geom_type == "Point" and len(np.unique(shapely.to_wkb(matching))) > 1:
            work.reject(position, "several_points", f"{len(matching)}")
        else:
            shape_kept = (
                matching[0]
                if len(matching) == 1 or matching[0].geom_type == "Point"
                else shapely.MultiPolygon([*matching])
            )
            work.repair(position, shape_kept, "parts_dropped", f"{len(parts) - len(matching)} / {len(parts)}")


def _flatten(shape: shapely.Geometry) -> Geometries:
    """Return the single parts of a geometry, also from nested collections."""
    parts = shapely.get_parts(shape)
    while (shapely.get_type_id(parts) >= shapely.GeometryType.MULTIPOINT).any():
        parts = shapely.get_parts(parts)
    return np.asarray(parts[~shapely.is_empty(parts)])


def _filter_dimension(parts: Geometries, dimension: int) -> Geometries:
    return np.asarray(parts[shapely.get_dimensions(parts) == dimension])


def _unwrap_antimeridian(work: _Work) -> None:
    for position in work.positions(antimeridian.crosses(work.shapes)):
        shape = work.shapes[position]
        if shape.geom_type == "Point":
            work.repair(position, shapely.Point((shape.x + 180) % 360 - 180, shape.y), "longitude_wrapped")
            continue
        try:
            work.shapes[position] = antimeridian.unwrap_polygon(shape)
        except InvalidGeometryError as error:
            work.reject(position, "ambiguous_geometry", str(error))


def _split_antimeridian(work: _Work) -> None:
    for position in work.positions(antimeridian.crosses(work.shapes)):
        work.repair(position, antimeridian.split_polygon(work.shapes[position]), "antimeridian_split")


def _make_valid(work: _Work, accepted: Collection[int], repair_polygons: PolygonRepairer) -> None:
    positions = work.positions(is_polygonal(work.shapes) & ~shapely.is_valid(work.shapes))
    repaired = repair_polygons(work.shapes[positions], positions)
    for position, polygon in zip(positions, repaired, strict=True):
        before, after = shapely.area(shapely.get_parts(work.shapes[position])), polygon.areas
        if after.sum() == 0:
            work.reject(position, "no_area")
        elif position in accepted:
            work.repair(position, polygon.ground, "reading_accepted", f"{before.sum() / after.sum():.3f}")
        elif np.abs(after - before).sum() > MAX_CHANGE * np.maximum(before, after).sum():
            work.reject(position, "ambiguous_geometry", f"{before.sum() / after.sum():.3f}")
        else:
            reason = shapely.is_valid_reason(work.shapes[position])
            work.repair(position, polygon.ground, "made_valid", reason)
            if polygon.collapsed:
                work.repairs.append((position, "parts_dropped", f"{polygon.collapsed}"))
    for position in work.positions(is_polygonal(work.shapes) & (shapely.area(work.shapes) == 0)):
        work.reject(position, "no_area")


def _build_report(work: _Work, received: gpd.GeoSeries) -> RepairResult:
    """Build the result: replace positions by index labels, and measure the change of area by repairs."""
    geometry = gpd.GeoSeries(work.shapes, index=received.index, crs=received.crs)
    if not work.repairs and not work.rejects:
        return RepairResult(geometry, _NO_REPAIRS.copy(), _NO_REJECTS.copy())
    rejected = {position for position, _, _ in work.rejects}
    repairs = [entry for entry in work.repairs if entry[0] not in rejected]
    rows = sorted({position for position, _, _ in repairs})
    sound = gpd.GeoSeries(shapely.force_2d(received.to_numpy()[rows]), crs=received.crs or DEGREES)
    change = dict(zip(rows, area_ha(gpd.GeoSeries(work.shapes[rows], crs=sound.crs)) - area_ha(sound), strict=True))
    labels = received.index
    return RepairResult(
        geometry,
        pd.DataFrame(
            [(labels[row_position], code, change[row_position], detail) for row_position, code, detail in repairs],
            columns=_NO_REPAIRS.columns,
        ).astype({"area_change_ha": float}),
        pd.DataFrame(
            [(labels[row_position], code, detail) for row_position, code, detail in sorted(work.rejects)],
            columns=_NO_REJECTS.columns,
        ),
    )
