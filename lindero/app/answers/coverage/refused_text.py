"""Refused rows as text: name, location, reason, and the command that accepts the row."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from lindero.app.text.codes import translate_code
from lindero.app.text.i18n import _, format_number
from lindero.layers.database import map_database
from lindero.layers.model.parse_values import is_missing
from lindero.layers.reference import base_data
from lindero.layers.workspace import refused_rows as refused

Row = Mapping[Any, Any]
ROWS_NAMED = 20  # rows of each kind named in a text; JSON has all of them


def refused_lines(rows: Sequence[Row], source_id: str) -> list[str]:
    """List the refused rows of a source, the largest first, with the command that accepts each readable one."""
    source_rows = [row for row in rows if row["source_id"] == source_id]
    lines = [f"{refused_line(row)} {_accept_command(row)}".rstrip() for row in source_rows[:ROWS_NAMED]]
    return [*lines, *remaining_rows_lines(source_rows)]


def remaining_rows_lines(rows: Sequence[Row]) -> list[str]:
    """Return a line with the number of rows beyond those named in a text; empty if all are named."""
    more = len(rows) - ROWS_NAMED
    return [_("and {count} more (--format json lists all)").format(count=format_number(more))] if more > 0 else []


def read_refused_rows(con: map_database.Connection) -> list[Row]:
    """Read the refused rows of a map.

    They have the values of `layers.workspace.refused_rows.read_values`, and the built-in region that contains each as
    `place`.
    """
    rows = refused.read_refused_values(con)
    regions = _find_region_names([row["geometry"] for row in rows]) if rows else []
    return [row | {"place": region} for row, region in zip(rows, regions, strict=True)]


def _find_region_names(shapes: Sequence[BaseGeometry | None]) -> list[str]:
    """Return the name of the built-in region that contains each shape; empty if there is none."""
    regions = base_data.read_columns("regions", "name", "geometry")
    points = shapely.point_on_surface(list(shapes))
    at_row, at_region = shapely.STRtree(regions["geometry"]).query(points, predicate="within")
    names: dict[int, str] = {}
    for row, region in zip(at_row.tolist(), at_region.tolist(), strict=True):
        names.setdefault(row, regions["name"][region])
    return [names.get(row, "") for row in range(len(points))]


def list_refused_in_area(
    con: map_database.Connection, area: shapely.Geometry, layers: Collection[str] = ()
) -> list[str]:
    """List the refused rows that may lie in an area (in degrees), as text.

    If `layers` are given, only their rows are listed.
    """
    rows = [row for row in refused.read_refused_values(con) if not layers or row["layer"] in layers]
    matches = _filter_by_area(rows, area)
    regions = _find_region_names([row["geometry"] for row in matches]) if matches else []
    return [refused_line({**row, "place": region}) for row, region in zip(matches, regions, strict=True)]


def refused_lines_in_area(rows: Sequence[Row], area: shapely.Geometry) -> list[str]:
    """List those rows of `read_refused_rows` that may lie in an area (in degrees), as text."""
    return [*map(refused_line, _filter_by_area(rows, area))]


def _filter_by_area(rows: Sequence[Row], area: shapely.Geometry) -> list[Row]:
    return [row for row in rows if row["geometry"] is not None and row["geometry"].intersects(area)]


def refused_line(row: Row) -> str:
    """Format a refused row: its name and code, location, hectares, and the reason."""
    return _("rejected: {name}, {said}").format(name=refused_name(row), said=refused_reason(row))


def refused_name(row: Row) -> str:
    """Return the name and code of a refused row; its row number if it has no name."""
    code = "" if is_missing(row["code"]) else f" ({row['code']})"
    name = _("row {number}").format(number=row["row_number"]) if is_missing(row["name"]) else row["name"]
    return f"{name}{code}"


def refused_reason(row: Row) -> str:
    """Return the location and size of a refused row, and the reason."""
    stated, computed = (
        "?" if is_missing(row[column]) else format_number(row[column]) for column in ("area_official_ha", "area_ha")
    )
    text = _("{stated} ha stated, {drawn} ha in the likely reading: {why}")
    reason_text = text.format(stated=stated, drawn=computed, why=translate_code(row["reason"]))
    return f"{row['place']}, {reason_text}" if row["place"] else reason_text


def _accept_command(row: Row) -> str:
    return "" if row["geometry"] is None else f"[lindero accept {row['source_id']} {row['row_number']}]"
