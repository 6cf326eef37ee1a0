"""
Geometry as received, made fit to be measured: repaired where only one reading is possible, rejected otherwise.

A repair is unambiguous when the ground that comes out is the ground that was drawn: the signed areas of a polygon's
rings (shells minus holes) agree with the repaired polygon within `MAX_CHANGE`. A ring that touches itself passes; a bow
tie, whose two halves cancel, or a ring that goes round twice, does not.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lindero.geo.errors import InvalidGeometryError
from lindero.geo.geometry import antimeridian
from lindero.geo.geometry.areas import area_ha
from lindero.geo.geometry.chunks import parts_of
from lindero.geo.geometry.crs import DEGREES
from lindero.geo.geometry.projection import Geometries, Ints, is_polygonal, on_earth, polygons_of

MAX_CHANGE = 0.01  # share of the larger area by which a repair may differ from what was drawn

_NO_REPAIRS = pd.DataFrame(columns=["row", "repair", "area_change_ha", "detail"]).astype({"area_change_ha": float})
_NO_REJECTS = pd.DataFrame(columns=["row", "reason", "detail"])
_DIMENSIONS = {"polygon": (2,), "point": (0,), "site": (2, 0), "place": (2, 0)}  # what a layer takes, the best first


@dataclass(frozen=True)
class Repaired:
    """What `repair` gives: geometry under the index as received, None where rejected, and what was done to it."""

    geometry: gpd.GeoSeries
    repairs: pd.DataFrame  # row, repair, area_change_ha, detail
    rejects: pd.DataFrame  # row, reason, detail


@dataclass
class _Work:
    """Geometries under repair, by position, and the account of it."""

    shapes: Geometries
    repairs: list[tuple[int, str, str]] = field(default_factory=list)
    rejects: list[tuple[int, str, str]] = field(default_factory=list)

    def reject(self, position: int, reason: str, detail: str = "") -> None:
        self.shapes[position] = None
        self.rejects.append((position, reason, detail))

    def repair(self, position: int, shape: shapely.Geometry, repair: str, detail: str = "") -> None:
        self.shapes[position] = shape
        self.repairs.append((position, repair, detail))

    def present(self, which: npt.NDArray[np.bool_]) -> list[int]:
        """Give the positions where `which` holds and geometry is left."""
        return [int(position) for position in np.flatnonzero(which & ~shapely.is_missing(self.shapes))]


def repair(geometry: gpd.GeoSeries, kind: str, *, accepted: Collection[int] = ()) -> Repaired:
    """
    Make geometry two-dimensional, of the wanted kind, valid, and within -180 to 180 degrees, or reject it.

    Parameters
    ----------
    geometry
        Longitude and latitude in degrees, as received.
    kind
        What the layer takes: "polygon" (also multipolygons), "point", or "site" and "place" (either).
    accepted
        Index labels of boundaries that cross themselves, of which somebody said that the likely reading is right
        (`reading_accepted`).

    Returns
    -------
    Repaired
        `repairs` has a row for each repair: index label `row`, `repair` (`z_dropped`, `ring_filled`, `parts_dropped`,
        `antimeridian_split`, `longitude_wrapped`, `made_valid`), `area_change_ha` against what was received (over all
        the repairs of that row), `detail`. `rejects` has a row for each rejected one: `row`, `reason` (`no_geometry`,
        `empty_geometry`, `not_finite`, `out_of_range`, `wrong_geometry_type`, `several_points`, `no_area`,
        `ambiguous_geometry`), `detail`.
    """
    received = geometry.to_numpy()
    work = _Work(received.copy())
    _reject_the_absent(work)
    _drop_z(work)
    _reject_the_unearthly(work)
    if kind in {"polygon", "site"}:
        _fill_rings(work)
    _keep_wanted_parts(work, _DIMENSIONS[kind])
    _run_on_past_180(work)
    _make_valid(work, frozenset(np.flatnonzero(geometry.index.isin(list(accepted)))))
    _split_at_180(work)
    return _account(work, geometry)


def _reject_the_absent(work: _Work) -> None:
    for absent in np.flatnonzero(shapely.is_missing(work.shapes)):
        work.reject(int(absent), "no_geometry")
    for position in work.present(shapely.is_empty(work.shapes)):
        work.reject(position, "empty_geometry", work.shapes[position].geom_type)


def _drop_z(work: _Work) -> None:
    for position in work.present(shapely.has_z(work.shapes) | shapely.has_m(work.shapes)):
        work.repair(position, shapely.force_2d(work.shapes[position]), "z_dropped")


def _reject_the_unearthly(work: _Work) -> None:
    wrong = np.concatenate([_not_finite(work.shapes[part]) for part in parts_of(work.shapes)])
    for row in np.flatnonzero(wrong):
        work.reject(int(row), "not_finite", f"{wrong[row]}")
    for position in work.present(~on_earth(work.shapes)):
        work.reject(position, "out_of_range", " ".join(f"{bound:g}" for bound in work.shapes[position].bounds))


def _not_finite(shapes: Geometries) -> Ints:
    """Count the corners of each geometry that are no numbers."""
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    return np.bincount(owner[~np.isfinite(xy).all(axis=1)], minlength=len(shapes))


def _fill_rings(work: _Work) -> None:
    """Take a line that ends where it begins, and crosses itself nowhere, for the boundary that somebody walked."""
    for position in work.present(shapely.get_dimensions(work.shapes) == 1):
        parts = _flat(work.shapes[position])
        if len(parts) == 1 and shapely.is_ring(parts[0]) and shapely.is_valid(parts[0]):  # GEOS calls a point a ring
            work.repair(position, shapely.Polygon(parts[0]), "ring_filled")


def _keep_wanted_parts(work: _Work, dimensions: tuple[int, ...]) -> None:
    """Take collections apart: keep the parts of the wanted dimension, report the others."""
    collected = shapely.get_type_id(work.shapes) >= shapely.GeometryType.MULTIPOINT
    odd = ~np.isin(shapely.get_dimensions(work.shapes), dimensions)
    mixed = shapely.get_type_id(work.shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    several_points = collected & (shapely.get_dimensions(work.shapes) == 0)
    for position in work.present(odd | mixed | several_points):
        shape = work.shapes[position]
        parts = _flat(shape)
        wanted = next((kept for kept in (_of_dimension(parts, one) for one in dimensions) if len(kept)), None)
        if wanted is None:
            work.reject(position, "wrong_geometry_type", shape.geom_type)
        elif wanted[0].geom_type == "Point" and len(np.unique(shapely.to_wkb(wanted))) > 1:
            work.reject(position, "several_points", f"{len(wanted)}")
        else:
            kept = wanted[0] if len(wanted) == 1 or wanted[0].geom_type == "Point" else shapely.MultiPolygon([*wanted])
            work.repair(position, kept, "parts_dropped", f"{len(parts) - len(wanted)} / {len(parts)}")


def _flat(shape: shapely.Geometry) -> Geometries:
    """Give the single parts of a geometry, collections within collections included."""
    parts = shapely.get_parts(shape)
    while (shapely.get_type_id(parts) >= shapely.GeometryType.MULTIPOINT).any():
        parts = shapely.get_parts(parts)
    return np.asarray(parts[~shapely.is_empty(parts)])


def _of_dimension(parts: Geometries, dimension: int) -> Geometries:
    return np.asarray(parts[shapely.get_dimensions(parts) == dimension])


def _run_on_past_180(work: _Work) -> None:
    for position in work.present(antimeridian.crosses(work.shapes)):
        shape = work.shapes[position]
        if shape.geom_type == "Point":
            work.repair(position, shapely.Point((shape.x + 180) % 360 - 180, shape.y), "longitude_wrapped")
            continue
        try:
            work.shapes[position] = antimeridian.run_on(shape)
        except InvalidGeometryError as error:
            work.reject(position, "ambiguous_geometry", str(error))


def _split_at_180(work: _Work) -> None:
    for position in work.present(antimeridian.crosses(work.shapes)):
        work.repair(position, antimeridian.split(work.shapes[position]), "antimeridian_split")


def _make_valid(work: _Work, accepted: Collection[int]) -> None:
    for position in work.present(is_polygonal(work.shapes) & ~shapely.is_valid(work.shapes)):
        drawn = shapely.get_parts(work.shapes[position])
        # "structure" reads rings as the standard does (shells minus holes, parts united); "linework" reads even-odd,
        # which turns ground that two parts share into a hole.
        made = shapely.make_valid(drawn, method="structure", keep_collapsed=True)
        before, after = shapely.area(drawn), shapely.area(made)
        if after.sum() == 0:
            work.reject(position, "no_area")
        elif position in accepted:
            work.repair(position, _united(made), "reading_accepted", f"{before.sum() / after.sum():.3f}")
        elif np.abs(after - before).sum() > MAX_CHANGE * np.maximum(before, after).sum():
            work.reject(position, "ambiguous_geometry", f"{before.sum() / after.sum():.3f}")
        else:
            reason = shapely.is_valid_reason(work.shapes[position])
            work.repair(position, _united(made), "made_valid", reason)
            collapsed = int((shapely.get_dimensions(shapely.get_parts(made)) < 2).sum())  # noqa: PLR2004  no area
            if collapsed:
                work.repairs.append((position, "parts_dropped", f"{collapsed}"))
    for position in work.present(is_polygonal(work.shapes) & (shapely.area(work.shapes) == 0)):
        work.reject(position, "no_area")


def _united(parts: Geometries) -> shapely.Geometry:
    """Unite polygons that may share ground; what has collapsed to a line or a point goes."""
    flat = shapely.get_parts(shapely.union_all(polygons_of(parts)[0]))
    flat = flat[shapely.area(flat) > 0]
    return flat[0] if len(flat) == 1 else shapely.MultiPolygon([*flat])


def _account(work: _Work, received: gpd.GeoSeries) -> Repaired:
    """Name rows by their index label and measure how repairs changed the area."""
    geometry = gpd.GeoSeries(work.shapes, index=received.index, crs=received.crs)
    if not work.repairs and not work.rejects:
        return Repaired(geometry, _NO_REPAIRS.copy(), _NO_REJECTS.copy())
    rejected = {position for position, _, _ in work.rejects}
    repairs = [one for one in work.repairs if one[0] not in rejected]
    rows = sorted({position for position, _, _ in repairs})
    sound = gpd.GeoSeries(shapely.force_2d(received.to_numpy()[rows]), crs=received.crs or DEGREES)
    change = dict(zip(rows, area_ha(gpd.GeoSeries(work.shapes[rows], crs=sound.crs)) - area_ha(sound), strict=True))
    labels = received.index
    return Repaired(
        geometry,
        pd.DataFrame(
            [(labels[at], code, change[at], detail) for at, code, detail in repairs],
            columns=_NO_REPAIRS.columns,
        ).astype({"area_change_ha": float}),
        pd.DataFrame(
            [(labels[at], code, detail) for at, code, detail in sorted(work.rejects)],
            columns=_NO_REJECTS.columns,
        ),
    )
