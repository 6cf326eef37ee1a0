"""Refused rows in words: the name of each, where it lies, why it was refused, and what would accept it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from lindero.app.text.codes import word
from lindero.app.text.i18n import _, number
from lindero.layers.database import map_database
from lindero.layers.model.parse_values import is_missing
from lindero.layers.reference import base_data
from lindero.layers.workspace import refused_rows as refused

Row = Mapping[Any, Any]
ROWS_NAMED = 20  # rows that a text names of each kind; JSON holds all


def lines_of_refused(rows: Sequence[Row], source_id: str) -> list[str]:
    """List the refused rows of a source, the largest first, with what would accept those that can be read."""
    own = [row for row in rows if row["source_id"] == source_id]
    lines = [f"{refused_line(row)} {_accept(row)}".rstrip() for row in own[:ROWS_NAMED]]
    return [*lines, *more_rows(own)]


def more_rows(rows: Sequence[Row]) -> list[str]:
    """Return the line that counts the rows beyond those that a text names; none if it names all."""
    more = len(rows) - ROWS_NAMED
    return [_("and {count} more (--format json lists all)").format(count=number(more))] if more > 0 else []


def refused_rows(con: map_database.Connection) -> list[Row]:
    """Read refused rows as `refused_rows.read_values` does, with the built-in region that each lies in as `place`."""
    rows = refused.read_values(con)
    regions = _regions_of([row["geometry"] for row in rows]) if rows else []
    return [row | {"place": region} for row, region in zip(rows, regions, strict=True)]


def _regions_of(shapes: Sequence[BaseGeometry | None]) -> list[str]:
    """Return the name of the built-in region that each shape lies in; empty where that is none."""
    regions = base_data.columns("regions", "name", "geometry")
    points = shapely.point_on_surface(list(shapes))
    at_row, at_region = shapely.STRtree(regions["geometry"]).query(points, predicate="within")
    names: dict[int, str] = {}
    for row, region in zip(at_row.tolist(), at_region.tolist(), strict=True):
        names.setdefault(row, regions["name"][region])
    return [names.get(row, "") for row in range(len(points))]


def refused_on(con: map_database.Connection, area: shapely.Geometry, layers: Collection[str] = ()) -> list[str]:
    """List what was refused and may lie on an area, in degrees; only of some layers, where these are named."""
    asked = [row for row in refused.read_values(con) if not layers or row["layer"] in layers]
    met = [row for row in asked if row["geometry"] is not None and row["geometry"].intersects(area)]
    if not met:
        return []
    regions = _regions_of([row["geometry"] for row in met])
    return [refused_line(row | {"place": region}) for row, region in zip(met, regions, strict=True)]


def refused_line(row: Row) -> str:
    """Describe a refused row: its name and code, where it lies, its hectares, and why it was refused."""
    return _("refused: {name}, {said}").format(name=refused_name(row), said=refused_said(row))


def refused_name(row: Row) -> str:
    """Return the name and code of a refused row; its number, where it has no name."""
    code = "" if is_missing(row["code"]) else f" ({row['code']})"
    name = _("row {number}").format(number=row["row_number"]) if is_missing(row["name"]) else row["name"]
    return f"{name}{code}"


def refused_said(row: Row) -> str:
    """Return where a refused row lies, how large it is, and why it was refused."""
    stated, drawn = ("?" if is_missing(row[each]) else number(row[each]) for each in ("area_official_ha", "area_ha"))
    text = _("{stated} ha stated, {drawn} ha in the likely reading: {why}")
    said = text.format(stated=stated, drawn=drawn, why=word(row["reason"]))
    return f"{row['place']}, {said}" if row["place"] else said


def _accept(row: Row) -> str:
    return "" if row["geometry"] is None else f"[lindero accept {row['source_id']} {row['row_number']}]"
