"""Location of a file's rows: their CRS, a check that it is plausible, and the accuracy of boundaries."""

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

from lindero.app.builder.rows.row_location import (
    SWAPPED_SUFFIX,
    Land,
    check_location,
    find_distant_rows,
    find_rows_outside,
)
from lindero.app.builder.rows.table_points import NO_FINDINGS, read_points
from lindero.app.text.countries import proj_country_name
from lindero.geo.geometry.areas import mean_offsets_m
from lindero.geo.geometry.crs import DatumShift, country_bounds, datum_shift, reproject_shapes
from lindero.geo.geometry.guess_crs import (
    Candidate,
    are_degrees,
    find_misplaced_rows,
    find_outliers,
    likely_crs,
    looks_like_degrees,
)
from lindero.geo.geometry.projection import Bounds, Floats, Geometries, is_polygonal
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.overlay.prepared_layer import ASSUMED_ACCURACY_M
from lindero.geo.positions.zone_prefixes import find_zone_prefixes, has_zone_prefix
from lindero.layers.check.validate import HECTARES_DIFFER
from lindero.layers.errors import N_, CRSError
from lindero.layers.model.schema import CRS
from lindero.layers.read.reader import ReceivedLayer
from lindero.layers.reference import base_data
from lindero.layers.sources.mapping import FieldMapping
from lindero.layers.workspace.manifest_file import SourceEntry

_MAX_CANDIDATES = 40  # candidates named besides the best
_ZONE_M = 50_000  # a candidate farther away is in another zone, not on another datum
_TODAY_M = 1.0  # largest difference between current satellite datums and WGS 84
COLUMN = "boundary_accuracy_m"
_FEWEST = 10  # rows with agreeing hectares that are needed to estimate an accuracy
_MOST = 2_000  # rows measured for the estimate
_MOST_SHAPES = 10_000  # approximate maximum of the rows that tell how the datum is shifted


@dataclass(frozen=True)
class LocatedRows:
    """Geometry in OGC:CRS84 by row number, with findings and the datum shift.

    The findings are about unreadable coordinates and about the shift from an old datum.
    """

    geometry: gpd.GeoSeries
    findings: pd.DataFrame
    shift: DatumShift | None = None  # the operation that transformed them to WGS 84; None without one


def locate_rows(entry: SourceEntry, mapping: FieldMapping, received: ReceivedLayer, land: Land) -> LocatedRows:
    """Return the geometry of each row in OGC:CRS84, from the file's geometry or from coordinate columns."""
    findings = NO_FINDINGS
    geometry = received.geometry
    if geometry is None:
        geometry, findings = read_points(mapping, received, land.own_country)
    crs, swapped = _stated_crs(entry, received)
    if swapped:
        geometry = gpd.GeoSeries(shapely.transform(geometry.to_numpy(), lambda xy: xy[:, ::-1]), index=geometry.index)
    shapes = geometry.to_numpy()
    bounds, degrees = _majority_bounds(shapes)
    if not degrees and (crs is None or crs.is_geographic or has_zone_prefix(crs)):
        _check_one_zone(shapes, Path(entry.file).name, land)
    if crs is None or crs.is_geographic:
        if not degrees:
            raise _not_degrees_error(entry, bounds, land)
        if crs is None or crs.equals(pyproj.CRS(CRS), ignore_axis_order=True):
            located = gpd.GeoSeries(shapes, index=geometry.index, crs=CRS)
        else:
            located = gpd.GeoSeries(reproject_shapes(shapes, crs), index=geometry.index, crs=CRS)
    elif degrees and geometry.count():
        raise CRSError(
            N_(
                "{name}: {crs} is in metres, but the coordinates ({bounds}) look like degrees. If they are "
                "degrees, add --crs OGC:CRS84"
            ),
            name=Path(entry.file).name,
            crs=crs.name,
            bounds=_format_bounds(bounds),
        )
    else:
        geometry, findings = _clear_degrees(geometry, findings)
        located = gpd.GeoSeries(reproject_shapes(geometry.to_numpy(), crs), index=geometry.index, crs=CRS)
    evenly = slice(None, None, max(len(shapes) // _MOST_SHAPES, 1))
    shift = None if crs is None else datum_shift(crs, shapes[evenly])
    findings = _add_shift_finding(findings, shift)
    if not entry.crs:
        check_location(located, land, Path(entry.file).name)
    if distant := find_distant_rows(located, land):
        kind, detail = distant
        row = {"row": 0, "finding": kind, "column_name": "geometry", "detail": detail}
        findings = pd.concat([*([findings] if len(findings) else []), pd.DataFrame([row])], ignore_index=True)
    return LocatedRows(gpd.GeoSeries(located), findings, shift)


def _add_shift_finding(findings: pd.DataFrame, shift: DatumShift | None) -> pd.DataFrame:
    """Add a finding for the whole file: the operation that shifted its datum, and its accuracy.

    No finding is added for current datums, which agree with WGS 84 to a metre.
    """
    if shift is None or (shift.is_known and shift.accuracy_m is not None and shift.accuracy_m <= _TODAY_M):
        return findings
    accuracy = "" if shift.accuracy_m is None else f" (± {shift.accuracy_m:g} m)"
    kind = "datum_shifted" if shift.is_known else "datum_not_known"
    row = {"row": 0, "finding": kind, "column_name": "geometry", "detail": f"{shift.operation}{accuracy}"}
    return pd.concat([*([findings] if len(findings) else []), pd.DataFrame([row])], ignore_index=True)


def _clear_degrees(geometry: gpd.GeoSeries, findings: pd.DataFrame) -> tuple[gpd.GeoSeries, pd.DataFrame]:
    """Clear geometries in degrees among geometries in metres, and report their rows as findings."""
    edges = shapely.bounds(geometry.to_numpy())
    strays = are_degrees(edges)
    if not strays.any():
        return geometry, findings
    rows = geometry.index[strays]
    reported = pd.DataFrame({"row": rows, "finding": "degrees_among_metres", "column_name": "geometry"})
    reported["detail"] = [" ".join(f"{edge:.6g}" for edge in bounds) for bounds in edges[strays]]
    cleared = gpd.GeoSeries(geometry.mask(strays), index=geometry.index)
    return cleared, pd.concat([findings, reported], ignore_index=True) if len(findings) else reported


def _majority_bounds(shapes: Geometries) -> tuple[Bounds, bool]:
    """Return the bounding box of most rows and whether it is in degrees.

    Outlying rows are rejected one by one; the file is kept.
    """
    edges = shapely.bounds(shapes)
    edges = edges[np.isfinite(edges).all(axis=1)]
    fits = are_degrees(edges)
    degrees = bool(fits.sum() * 2 > len(fits)) or not len(fits)
    chosen = edges[fits == degrees] if len(fits) else np.full((1, 4), np.nan)
    (west, south), (east, north) = chosen[:, :2].min(axis=0), chosen[:, 2:].max(axis=0)
    return (float(west), float(south), float(east), float(north)), degrees


def find_unlikely_places(geometry: gpd.GeoSeries, land: Land) -> pd.DataFrame:
    """Find rows in unlikely places. Columns: `row`, `finding`, `column_name`, `detail`.

    `in_the_ocean` is reported only where the base data hold every coast (`base_data.COMPLETE_BOUNDS`).
    """
    own_names = land.own_country["name"]
    misplaced = find_misplaced_rows(geometry, land.countries, expected=own_names.iloc[0] if len(own_names) else None)
    if len(misplaced):
        reach = shapely.box(*base_data.COMPLETE_BOUNDS)
        beyond = [not shape.intersects(reach) for shape in geometry.loc[misplaced["row"]]]
        misplaced = misplaced[
            ~(pd.Series(beyond, index=misplaced.index, dtype=bool) & (misplaced["finding"] == "in_the_ocean"))
        ]
    outside_rows = find_rows_outside(geometry, land)
    zero = outside_rows["finding"] == "coordinate_of_zero"
    frames = [
        frame for frame in (outside_rows[zero], misplaced, find_outliers(geometry), outside_rows) if len(frame)
    ] or [misplaced]
    return pd.concat(frames, ignore_index=True).drop_duplicates("row").assign(column_name="geometry")


def _stated_crs(entry: SourceEntry, received: ReceivedLayer) -> tuple[pyproj.CRS | None, bool]:
    """Return the CRS stated by the user, else that of the file, and whether the user states swapped axes."""
    if not entry.crs and received.unknown_crs:
        raise CRSError(
            N_(
                "{name} states an unknown coordinate reference system: {crs}; save it with a known one, or "
                "state the right one with --crs, for example EPSG:32717"
            ),
            name=Path(entry.file).name,
            crs=received.unknown_crs,
        )
    if not entry.crs:
        on_earth = received.crs is not None and not received.crs.is_engineering
        return (received.crs if on_earth else None), False
    named, _, word = entry.crs.rpartition(" ")
    swapped = word == SWAPPED_SUFFIX
    try:
        return pyproj.CRS.from_user_input(named if swapped else entry.crs), swapped
    except pyproj.exceptions.CRSError as error:
        raise CRSError(
            N_("'{crs}' is not a known coordinate reference system; use a code like EPSG:32717"), crs=entry.crs
        ) from error


def _check_one_zone(shapes: Geometries, name: str, land: Land) -> None:
    """Check that the eastings do not have prefixes of several zones."""
    edges = shapely.bounds(shapes)
    country, expected = _country_and_area(land)
    zones = find_zone_prefixes(edges[np.isfinite(edges).all(axis=1)], country=country, expected=expected)
    if not zones:
        return
    systems = [f"--crs {crs} ({pyproj.CRS(crs).name})" for _count, crs in zones.values()]
    is_carried = all(has_zone_prefix(pyproj.CRS(crs)) for _count, crs in zones.values())
    raise CRSError(
        N_(
            "the eastings of {name} have the prefixes of several zones (zone: rows): {zones}. A single "
            "CRS would misplace some rows. Split the file by the first digits of the easting, and add "
            "each part with its own CRS, for example {systems}"
        )
        if is_carried
        else N_(
            "the eastings of {name} have the prefixes of several zones (zone: rows): {zones}. A single "
            "CRS would misplace some rows. Split the file by zone, remove the prefix from each easting "
            "(500000 instead of {example}), and add each part with its own CRS, for example {systems}"
        ),
        name=name,
        zones=", ".join(f"{zone}: {count}" for zone, (count, _crs) in zones.items()),
        systems=", ".join(systems),
        example=f"{next(iter(zones))}500000",
    )


def _not_degrees_error(entry: SourceEntry, bounds: Bounds, land: Land) -> CRSError:
    name = Path(entry.file).name
    west, south, east, north = bounds
    if looks_like_degrees((south, west, north, east)):  # longitudes beyond 90° west are not valid latitudes
        return CRSError(
            N_(
                "{name} seems to have latitude before longitude ({bounds}), but longitude must come "
                'first. If latitude is first, add --crs "OGC:CRS84 swapped"'
            ),
            name=name,
            bounds=_format_bounds(bounds),
        )
    country, expected = _country_and_area(land)
    candidates = likely_crs(bounds, hint=f"{name} {entry.title}", expected=expected, country=country)
    if not candidates:
        return CRSError(
            N_("{name} is read as degrees, but its coordinates ({bounds}) are not degrees; state its CRS with --crs"),
            name=name,
            bounds=_format_bounds(bounds),
        )
    best, *alternatives = candidates
    if "hint_names_it" not in best.evidence and any(candidate.away_m > _ZONE_M for candidate in alternatives):
        return CRSError(
            N_(
                "{name} is read as degrees, but its coordinates are in metres ({bounds}). Several "
                "systems of the country are possible. Ask the sender for the right one, and add --crs "
                "{best} ({title}){others}"
            ),
            name=name,
            bounds=_format_bounds(bounds),
            title=pyproj.CRS(best.crs).name,
            best=best.crs,
            others="".join(map(_candidate_text, alternatives[:_MAX_CANDIDATES])),
        )
    return CRSError(
        N_(
            "{name} is read as degrees, but its coordinates are in metres ({bounds}), probably {title}. Add "
            "--crs {best}{others}"
        ),
        name=name,
        bounds=_format_bounds(bounds),
        title=pyproj.CRS(best.crs).name,
        best=best.crs,
        others="".join(map(_candidate_text, alternatives[:_MAX_CANDIDATES])),
    )


def _country_and_area(land: Land) -> tuple[str, BaseGeometry | None]:
    """Return the English name of the workspace's country and its area.

    The area is from the base data, else from the areas of use in the PROJ database.
    """
    own_country = land.own_country
    if not own_country.empty:
        return str(own_country["name"].iloc[0]), own_country.geometry.union_all()
    name = proj_country_name(land.country)
    about = country_bounds(name)
    return name, None if about is None else box(*about)


def _candidate_text(candidate: Candidate) -> str:
    """Format another candidate CRS, with its distance from the best candidate in km."""
    return f" | {candidate.crs} ({pyproj.CRS(candidate.crs).name}: {candidate.away_m / M_PER_KM:,.1f} km)"


def _format_bounds(bounds: Bounds) -> str:
    return " ".join(f"{edge:.10g}" for edge in bounds)


# The accuracy of a source's boundaries and its basis: stated, by the datum shift, estimated or assumed.


class Basis(StrEnum):
    """The basis of a boundary's accuracy."""

    STATED = "stated"  # by the sender, by the person who added it, or by the publisher's method
    TRANSFORMATION = "transformation"  # accuracy of the transformation from its datum
    ESTIMATED = "estimated"  # from the differences between official and drawn hectares
    ASSUMED = "assumed"


def add_accuracy(rows: gpd.GeoDataFrame, shift: DatumShift | None) -> tuple[gpd.GeoDataFrame, dict[str, object]]:
    """Add the boundary accuracy of the source to its rows. Return the rows and values for the row in `sources`.

    No boundary is more accurate than the operation that transformed it to WGS 84. If no accuracy is stated, the
    coarsest of three values is used: the assumed accuracy, that of the operation, and the estimate. Matching hectares
    do not prove that a boundary is in the right place. Rows for which only the assumed accuracy is known stay empty.
    """
    operation_m = (shift.accuracy_m if shift else None) or 0.0
    record: dict[str, object] = {
        "crs_operation": shift.operation if shift else None,
        "crs_operation_accuracy_m": shift.accuracy_m if shift else None,
    }
    if "area_ha" not in rows:
        return rows, record
    areal = is_polygonal(rows.geometry.to_numpy())
    estimate_m = estimate_accuracy_m(gpd.GeoDataFrame(rows[areal])) if areal.sum() >= _FEWEST else None
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


def estimate_accuracy_m(rows: gpd.GeoDataFrame) -> float | None:
    """Estimate the accuracy of areas in metres.

    It is the median of the mean offsets that would give each area its official hectares. All rows are used; with
    matching rows only, the estimate would be too small. Rows whose hectares differ by more than a tenth may be another
    object or a part of it. If such rows are the majority, or few rows agree, the result is None.
    """
    if "area_official_ha" not in rows:
        return None
    both = rows[(rows["area_official_ha"].astype(float) > 0) & (rows["area_ha"] > 0)]
    sample = both.iloc[:: max(1, len(both) // _MOST)]
    official: Floats = sample["area_official_ha"].to_numpy(dtype=float)
    ratio = official / sample["area_ha"].to_numpy(dtype=float)
    agree = (ratio <= 1 + HECTARES_DIFFER) & (ratio >= 1 / (1 + HECTARES_DIFFER))
    if agree.sum() < max(_FEWEST, len(sample) / 2):
        return None
    return round(float(np.median(mean_offsets_m(sample.geometry.to_numpy(), official))), 1)
