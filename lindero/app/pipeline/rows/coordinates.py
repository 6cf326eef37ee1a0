"""Where a file's coordinates lie: in which reference system, and whether that is believable."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from shapely import box
from shapely.geometry.base import BaseGeometry

from lindero.app.pipeline.rows.row_location import SWAPPED, Land, ask_where, elsewhere, outside
from lindero.app.pipeline.rows.table_points import NO_FINDINGS, points
from lindero.app.text.countries import name_in_registers
from lindero.geo.geometry.areas import mean_offsets_m
from lindero.geo.geometry.crs import DatumShift, about_where, brought, datum_shift
from lindero.geo.geometry.guess_crs import (
    Candidate,
    are_degrees,
    far_from_the_rest,
    likely_crs,
    looks_like_degrees,
    oddly_placed,
)
from lindero.geo.geometry.projection import Bounds, Floats, Geometries, is_polygonal
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.overlay.prepared_layer import ASSUMED_ACCURACY_M
from lindero.geo.positions.zone_prefixes import has_zone_in_front, zones_of_eastings
from lindero.layers.check.validate import HECTARES_DIFFER
from lindero.layers.errors import N_, CRSError
from lindero.layers.model.schema import CRS
from lindero.layers.read.reader import Received
from lindero.layers.sources.mapping import FieldMapping
from lindero.layers.workspace.manifest_file import SourceEntry

_OTHERS = 40  # candidates named beside the best
_ZONE_M = 50_000  # what lies farther apart is another zone, not another datum
_TODAY_M = 1.0  # what systems of satellites differ by from WGS 84
COLUMN = "boundary_accuracy_m"
_FEWEST = 10  # rows that agree on their hectares, from which an accuracy is estimated
_MOST = 2_000  # rows that are measured for it


@dataclass(frozen=True)
class Located:
    """Geometry in OGC:CRS84 under row numbers, and findings: what could not be read, how an old datum was left."""

    geometry: gpd.GeoSeries
    findings: pd.DataFrame
    shift: DatumShift | None = None  # the operation that brought them onto WGS 84; None where there was none


def in_degrees(entry: SourceEntry, mapping: FieldMapping, received: Received, land: Land) -> Located:
    """
    Give the geometry of each row in OGC:CRS84, from the file's own or from columns of coordinates.

    Raises
    ------
    CRSError
        If the coordinates do not fit the CRS that the file or the user states, or lie where rows cannot be and nobody
        said that they do; the message names what is likely.
    """
    findings = NO_FINDINGS
    geometry = received.geometry
    if geometry is None:
        geometry, findings = points(mapping, received, land.own)
    crs, swapped = _stated(entry, received)
    if swapped:
        geometry = gpd.GeoSeries(shapely.transform(geometry.to_numpy(), lambda xy: xy[:, ::-1]), index=geometry.index)
    shapes = geometry.to_numpy()
    bounds, degrees = _most(shapes)
    if not degrees and (crs is None or crs.is_geographic or has_zone_in_front(crs)):
        _check_one_zone(shapes, Path(entry.file).name, land)
    if crs is None or crs.is_geographic:
        if not degrees:
            raise _not_degrees(entry, bounds, land)
        if crs is None or crs.equals(pyproj.CRS(CRS), ignore_axis_order=True):
            located = gpd.GeoSeries(shapes, index=geometry.index, crs=CRS)
        else:
            located = gpd.GeoSeries(brought(shapes, crs), index=geometry.index, crs=CRS)
    elif degrees and geometry.count():
        raise CRSError(
            N_("{name}: {crs} is in metres, but the coordinates ({bounds}) are degrees; if so, add --crs OGC:CRS84"),
            name=Path(entry.file).name,
            crs=crs.name,
            bounds=_written(bounds),
        )
    else:
        geometry, findings = _without_degrees(geometry, findings)
        located = gpd.GeoSeries(brought(geometry.to_numpy(), crs), index=geometry.index, crs=CRS)
    shift = None if crs is None else datum_shift(crs, shapely.get_coordinates(shapes))
    findings = _with_shift(findings, shift)
    if not entry.crs:
        ask_where(located, land, Path(entry.file).name)
    if told := elsewhere(located, land):
        kind, detail = told
        row = {"row": 0, "finding": kind, "column_name": "geometry", "detail": detail}
        findings = pd.concat([*([findings] if len(findings) else []), pd.DataFrame([row])], ignore_index=True)
    return Located(gpd.GeoSeries(located), findings, shift)


def _with_shift(findings: pd.DataFrame, shift: DatumShift | None) -> pd.DataFrame:
    """Tell of the whole file by which operation it left its datum, and how well; today's are WGS 84 to a metre."""
    if shift is None or (shift.is_known and shift.accuracy_m is not None and shift.accuracy_m <= _TODAY_M):
        return findings
    accuracy = "" if shift.accuracy_m is None else f" (± {shift.accuracy_m:g} m)"
    kind = "datum_shifted" if shift.is_known else "datum_not_known"
    row = {"row": 0, "finding": kind, "column_name": "geometry", "detail": f"{shift.operation}{accuracy}"}
    return pd.concat([*([findings] if len(findings) else []), pd.DataFrame([row])], ignore_index=True)


def _without_degrees(geometry: gpd.GeoSeries, findings: pd.DataFrame) -> tuple[gpd.GeoSeries, pd.DataFrame]:
    """Take degrees among metres for what they are, no place in the same system: those rows are told, and have none."""
    edges = shapely.bounds(geometry.to_numpy())
    strays = are_degrees(edges)
    if not strays.any():
        return geometry, findings
    rows = geometry.index[strays]
    told = pd.DataFrame({"row": rows, "finding": "degrees_among_metres", "column_name": "geometry"})
    told["detail"] = [" ".join(f"{edge:.6g}" for edge in each) for each in edges[strays]]
    kept = gpd.GeoSeries(geometry.mask(strays), index=geometry.index)
    return kept, pd.concat([findings, told], ignore_index=True) if len(findings) else told


def _most(shapes: Geometries) -> tuple[Bounds, bool]:
    """Give the bounds of what most rows are, and whether that is degrees: a stray row is rejected, not the file."""
    edges = shapely.bounds(shapes)
    edges = edges[np.isfinite(edges).all(axis=1)]
    fits = are_degrees(edges)
    degrees = bool(fits.sum() * 2 > len(fits)) or not len(fits)
    chosen = edges[fits == degrees] if len(fits) else np.full((1, 4), np.nan)
    (west, south), (east, north) = chosen[:, :2].min(axis=0), chosen[:, 2:].max(axis=0)
    return (float(west), float(south), float(east), float(north)), degrees


def oddities(geometry: gpd.GeoSeries, land: Land) -> pd.DataFrame:
    """
    Find rows that lie where territory seldom does: `row`, `finding`, `column_name`, `detail`.

    Beyond the reach of the base data nothing is said of the ocean: what is sea there, it does not know.
    """
    own = land.own["name"]
    found = oddly_placed(geometry, land.countries, expected=own.iloc[0] if len(own) else None)
    if len(found):
        reach = box(*land.countries.total_bounds)
        beyond = [not shape.intersects(reach) for shape in geometry.loc[found["row"]]]
        found = found[~(pd.Series(beyond, index=found.index, dtype=bool) & (found["finding"] == "in_the_ocean"))]
    away = outside(geometry, land)
    zero = away["finding"] == "coordinate_of_zero"
    frames = [frame for frame in (away[zero], found, far_from_the_rest(geometry), away) if len(frame)] or [found]
    return pd.concat(frames, ignore_index=True).drop_duplicates("row").assign(column_name="geometry")


def _stated(entry: SourceEntry, received: Received) -> tuple[pyproj.CRS | None, bool]:
    """Give the CRS that the user states, else the file's; and whether the user says that its axes are swapped."""
    if not entry.crs:
        on_earth = received.crs is not None and not received.crs.is_engineering
        return (received.crs if on_earth else None), False
    named, _, word = entry.crs.rpartition(" ")
    swapped = word == SWAPPED
    try:
        return pyproj.CRS.from_user_input(named if swapped else entry.crs), swapped
    except pyproj.exceptions.CRSError as error:
        raise CRSError(N_("{crs} is no coordinate reference system that is known"), crs=entry.crs) from error


def _check_one_zone(shapes: Geometries, name: str, land: Land) -> None:
    """
    Check that eastings do not carry several zones in front.

    Raises
    ------
    CRSError
        If they do: any one reference system would misplace rows.
    """
    edges = shapely.bounds(shapes)
    country, expected = _where(land)
    zones = zones_of_eastings(edges[np.isfinite(edges).all(axis=1)], country=country, expected=expected)
    if not zones:
        return
    systems = [f"--crs {crs} ({pyproj.CRS(crs).name})" for _count, crs in zones.values()]
    is_carried = all(has_zone_in_front(pyproj.CRS(crs)) for _count, crs in zones.values())
    raise CRSError(
        N_(
            "the eastings of {name} begin with several zones (zone: rows): {zones}. One reference system would "
            "misplace rows: split the file by the first digits of the easting, and add each part with its own "
            "system, such as {systems}"
        )
        if is_carried
        else N_(
            "the eastings of {name} begin with several zones (zone: rows): {zones}. One reference system would "
            "misplace rows: split the file by zone, take the zone off each easting (500000 in place of {example}), "
            "and add each part with its own system, such as {systems}"
        ),
        name=name,
        zones=", ".join(f"{zone}: {count}" for zone, (count, _crs) in zones.items()),
        systems=", ".join(systems),
        example=f"{next(iter(zones))}500000",
    )


def _not_degrees(entry: SourceEntry, bounds: Bounds, land: Land) -> CRSError:
    name = Path(entry.file).name
    west, south, east, north = bounds
    if looks_like_degrees((south, west, north, east)):  # beyond 90° west, latitudes that stand first fit no latitude
        return CRSError(
            N_(
                "{name} holds degrees with latitude first ({bounds}), but longitude must come first; if so, add --crs "
                '"OGC:CRS84 swapped"'
            ),
            name=name,
            bounds=_written(bounds),
        )
    country, expected = _where(land)
    found = likely_crs(bounds, hint=f"{name} {entry.title}", expected=expected, country=country)
    if not found:
        return CRSError(
            N_("{name} says that it holds degrees, but its coordinates ({bounds}) are none; state its CRS with --crs"),
            name=name,
            bounds=_written(bounds),
        )
    best, *others = found
    if "hint_names_it" not in best.evidence and any(one.away_m > _ZONE_M for one in others):
        return CRSError(
            N_(
                "{name} reads as degrees, but holds metres ({bounds}), and which of the country's systems they are in "
                "cannot be told: ask whoever sent it, and add --crs {best} ({title}){others}"
            ),
            name=name,
            bounds=_written(bounds),
            title=pyproj.CRS(best.crs).name,
            best=best.crs,
            others="".join(map(_other, others[:_OTHERS])),
        )
    return CRSError(
        N_("{name} reads as degrees, but holds metres ({bounds}): likely {title}. Add --crs {best}{others}"),
        name=name,
        bounds=_written(bounds),
        title=pyproj.CRS(best.crs).name,
        best=best.crs,
        others="".join(map(_other, others[:_OTHERS])),
    )


def _where(land: Land) -> tuple[str, BaseGeometry | None]:
    """Give the English name of the workspace's country and its ground: the base data's, else the register's areas."""
    own = land.own
    if not own.empty:
        return str(own["name"].iloc[0]), own.geometry.union_all()
    name = name_in_registers(land.country)
    about = about_where(name)
    return name, None if about is None else box(*about)


def _other(one: Candidate) -> str:
    """Name another candidate, and how far from the best it would put the rows."""
    return f" | {one.crs} ({pyproj.CRS(one.crs).name}: {one.away_m / M_PER_KM:,.1f} km)"


def _written(bounds: Bounds) -> str:
    return " ".join(f"{edge:.10g}" for edge in bounds)


# How well the boundaries of a source are known, and how that is known: stated, by its datum, estimated, or assumed.


class Basis(StrEnum):
    """How the accuracy of a boundary is known."""

    STATED = "stated"  # by whoever sent or added it, or by the publisher's method
    TRANSFORMATION = "transformation"  # that of the operation which left its datum
    ESTIMATED = "estimated"  # from official and drawn hectares
    ASSUMED = "assumed"


def with_accuracy(rows: gpd.GeoDataFrame, shift: DatumShift | None) -> tuple[gpd.GeoDataFrame, dict[str, object]]:
    """
    Give rows the accuracy that their source has, and say how it is known, for the row of the source.

    No boundary is better known than the operation that brought it onto WGS 84. Where none is stated it is the coarsest
    of what is assumed, that operation, and the estimate: hectares that agree do not show that a boundary is in its
    place. A row of which no more is known than what is assumed stays empty.
    """
    operation_m = (shift.accuracy_m if shift else None) or 0.0
    record: dict[str, object] = {
        "crs_operation": shift.operation if shift else None,
        "crs_operation_accuracy_m": shift.accuracy_m if shift else None,
    }
    if "area_ha" not in rows:
        return rows, record
    areal = is_polygonal(rows.geometry.to_numpy())
    estimate_m = estimated_m(gpd.GeoDataFrame(rows[areal])) if areal.sum() >= _FEWEST else None
    unstated = {
        Basis.ASSUMED: ASSUMED_ACCURACY_M,
        Basis.TRANSFORMATION: operation_m,
        Basis.ESTIMATED: estimate_m or 0.0,
    }
    basis = max(unstated, key=unstated.__getitem__)
    stated = rows[COLUMN].astype(float) if COLUMN in rows else pd.Series(np.nan, index=rows.index)
    raised = stated.clip(lower=operation_m) if operation_m > 0 else stated
    accuracy = raised if basis is Basis.ASSUMED else raised.fillna(unstated[basis])
    if areal.any():
        if stated[areal].notna().mean() > 0.5:  # noqa: PLR2004  most
            is_raised = (stated[areal] < operation_m).mean() > 0.5  # noqa: PLR2004  most
            basis = Basis.TRANSFORMATION if is_raised else Basis.STATED
        record |= {COLUMN: float(accuracy[areal].fillna(ASSUMED_ACCURACY_M).median()), "accuracy_basis": basis.value}
        record |= {"accuracy_estimated_m": estimate_m}
    return rows if accuracy.isna().all() else rows.assign(**{COLUMN: accuracy}), record


def estimated_m(rows: gpd.GeoDataFrame) -> float | None:
    """
    Estimate the accuracy of areas: the median of their mean offsets from what would enclose the official hectares.

    All rows are asked, for of those alone whose hectares agree it would come out too small. Rows whose hectares differ
    by more than a tenth may be another thing, or cut: where they are most, or few rows agree, nothing can be estimated.
    """
    if "area_official_ha" not in rows:
        return None
    both = rows[(rows["area_official_ha"].astype(float) > 0) & (rows["area_ha"] > 0)]
    some = both.iloc[:: max(1, len(both) // _MOST)]
    official: Floats = some["area_official_ha"].to_numpy(dtype=float)
    ratio = official / some["area_ha"].to_numpy(dtype=float)
    agree = (ratio <= 1 + HECTARES_DIFFER) & (ratio >= 1 / (1 + HECTARES_DIFFER))
    if agree.sum() < max(_FEWEST, len(some) / 2):
        return None
    return round(float(np.median(mean_offsets_m(some.geometry.to_numpy(), official))), 1)
