"""The account of a map's sources: what was received, kept, repaired and rejected, and why."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import shapely
from shapely.geometry.base import BaseGeometry

from lindero.app.text.codes import word
from lindero.app.text.dates import as_of
from lindero.app.text.i18n import _, number
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Source
from lindero.layers.database.queries import row_values
from lindero.layers.errors import N_
from lindero.layers.model.parse_values import is_missing
from lindero.layers.reference import base_data
from lindero.layers.workspace import refused_rows as refused

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[Any, Any]
KINDS = {"rejects": "reason", "repairs": "repair", "findings": "finding"}
ROWS_NAMED = 20  # rows that a text names of each kind; JSON holds all


def report_of(con: map_database.Connection) -> dict[str, pd.DataFrame]:
    """Give `sources`, `rejects`, `repairs`, `findings` and, by name, `refused`, row by row."""
    import pandas as pd

    return {name: map_database.read_table(con, name) for name in ("sources", "rejects", "repairs", "findings")} | {
        "refused": pd.DataFrame(refused.read(con).drop(columns="geometry"))
    }


def account(con: map_database.Connection) -> pd.DataFrame:
    """
    Count what happened to rows of every source, and why.

    Columns: `title` (of the source, else its id), `snapshot_on`, `what` (rejects, repairs, findings), `why` (a code),
    `rows`.
    """
    import pandas as pd

    tables = report_of(con)
    keys = ["source_id", "snapshot_on"]
    counted = []
    for what, why in KINDS.items():
        rows = tables[what].groupby([*keys, why]).size().rename("rows").reset_index()
        counted.append(rows.rename(columns={why: "why"}).assign(what=what))
    order = [*keys, "what", "rows"]
    found = pd.concat(counted, ignore_index=True).sort_values(order, ascending=[True, True, False, False])
    titles = {source.source_id: source.title or source.source_id for source in map_database.read_sources(con)}
    found = map_database.with_stated_days(con, found)  # a day of receipt is no date of the data
    return found.assign(title=found["source_id"].map(titles))[["title", "snapshot_on", "what", "why", "rows"]]


def line_of(source: Source) -> str:
    """Account for a source's rows in one line."""
    line = _("{id} ({dated}), {publisher}: {read} received = {kept} kept + {rejected} rejected; {repaired} repaired")
    return line.format(
        id=source.source_id,
        dated=as_of(source.as_of),
        publisher=source.publisher,
        read=number(source.rows_read),
        kept=number(source.rows_kept),
        rejected=number(source.rows_rejected),
        repaired=number(source.rows_repaired),
    )


def accuracy_of(source: Source) -> str:
    """Say how well the boundaries of a source are known, and how that is known; empty where it has none."""
    if source.accuracy_basis is None:
        return ""
    text = _(_ACCURACY[source.accuracy_basis])
    own = text.format(m=_metres(source.boundary_accuracy_m), operation=source.crs_operation)
    if source.accuracy_estimated_m is None or source.accuracy_basis == "estimated":
        return own
    return _("{accuracy}; hectares let them be {m} m off").format(accuracy=own, m=_metres(source.accuracy_estimated_m))


_ACCURACY = {
    "stated": N_("± {m} m, as stated"),
    "transformation": N_("± {m} m, that of {operation}"),
    "estimated": N_("± {m} m, estimated from official and drawn hectares"),
    "assumed": N_("± {m} m, assumed: nobody says it"),
}


def _metres(value: float | None) -> str:
    return "?" if value is None else number(value, decimals=0 if value == round(value) else 1)


def as_text(con: map_database.Connection) -> str:
    """Write the account as text: each source with its kinds of rejects, repairs and findings, and their rows."""
    tables = {name: row_values.rows_of_table(con, name) for name in KINDS}
    named = refused_rows(con)
    parts = []
    for source in map_database.read_sources(con):
        parts.append(line_of(source))
        if accuracy := accuracy_of(source):
            parts.append("  " + _("boundaries: {accuracy}").format(accuracy=accuracy))
        parts += [f"  {line}" for line in lines_of_refused(named, source.source_id) if source.is_current]
        snapshot = source.source_id, source.snapshot_on
        for title, table in ((_("rejected"), "rejects"), (_("repaired"), "repairs"), (_("noticed"), "findings")):
            by_kind: dict[str, list[Row]] = {}
            for row in tables[table]:
                if (row["source_id"], row["snapshot_on"]) == snapshot:
                    by_kind.setdefault(row[KINDS[table]], []).append(row)
            parts += [_kind(title, code, by_kind[code]) for code in sorted(by_kind)]
    return "\n".join(parts)


def lines_of_refused(rows: Sequence[Row], source_id: str) -> list[str]:
    """Name the refused rows of a source, the largest first, with what would accept those that can be read."""
    own = [row for row in rows if row["source_id"] == source_id]
    lines = [f"{refused_line(row)} {_accept(row)}".rstrip() for row in own[:ROWS_NAMED]]
    if len(own) > ROWS_NAMED:
        lines.append(_("and {count} more (--format json lists all)").format(count=number(len(own) - ROWS_NAMED)))
    return lines


def refused_rows(con: map_database.Connection) -> list[Row]:
    """Read refused rows as `refused_rows.read_values` does, with the built-in region that each lies in as `place`."""
    rows = refused.read_values(con)
    regions = _regions_of([row["geometry"] for row in rows]) if rows else []
    return [row | {"place": region} for row, region in zip(rows, regions, strict=True)]


def _regions_of(shapes: Sequence[BaseGeometry | None]) -> list[str]:
    """Name the built-in region that each shape lies in; empty where that is none."""
    regions = base_data.columns("regions", "name", "geometry")
    points = shapely.point_on_surface(list(shapes))
    at_row, at_region = shapely.STRtree(regions["geometry"]).query(points, predicate="within")
    names: dict[int, str] = {}
    for row, region in zip(at_row.tolist(), at_region.tolist(), strict=True):
        names.setdefault(row, regions["name"][region])
    return [names.get(row, "") for row in range(len(points))]


def refused_on(con: map_database.Connection, area: shapely.Geometry, layers: Collection[str] = ()) -> list[str]:
    """Name what was refused and may lie on an area, in degrees; only of some layers, where these are named."""
    asked = [row for row in refused.read_values(con) if not layers or row["layer"] in layers]
    met = [row for row in asked if row["geometry"] is not None and row["geometry"].intersects(area)]
    if not met:
        return []
    regions = _regions_of([row["geometry"] for row in met])
    return [refused_line(row | {"place": region}) for row, region in zip(met, regions, strict=True)]


def refused_line(row: Row) -> str:
    """Name a refused row: its name and code, where it lies, its hectares, and why it was refused."""
    return _("refused: {name}, {said}").format(name=refused_name(row), said=refused_said(row))


def refused_name(row: Row) -> str:
    """Give the name and code of a refused row; its number, where it has no name."""
    code = "" if is_missing(row["code"]) else f" ({row['code']})"
    name = _("row {number}").format(number=row["row_number"]) if is_missing(row["name"]) else row["name"]
    return f"{name}{code}"


def refused_said(row: Row) -> str:
    """Say where a refused row lies, how large it is, and why it was refused."""
    stated, drawn = ("?" if is_missing(row[each]) else number(row[each]) for each in ("area_official_ha", "area_ha"))
    text = _("{stated} ha stated, {drawn} ha in the likely reading: {why}")
    said = text.format(stated=stated, drawn=drawn, why=word(row["reason"]))
    return f"{row['place']}, {said}" if row["place"] else said


def _accept(row: Mapping[Hashable, Any]) -> str:
    return "" if row["geometry"] is None else f"[lindero accept {row['source_id']} {row['row_number']}]"


def _kind(title: str, code: str, rows: Sequence[Row]) -> str:
    lines = [f"  {title}: {word(code)} ({number(len(rows))})"]
    for row in rows[:ROWS_NAMED]:
        change = row.get("area_change_ha")
        details = [] if is_missing(row["detail"]) else [str(row["detail"])]
        if not is_missing(change):
            details.append(_("area {change} ha").format(change=f"{change:+.4f}"))
        said = ", ".join([_("row {number}").format(number=row["row_number"]), *details])
        lines.append(f"    {said}")
    if len(rows) > ROWS_NAMED:
        more = _("and {count} more (--format json lists all)").format(count=number(len(rows) - ROWS_NAMED))
        lines.append(f"    {more}")
    return "\n".join(lines)
