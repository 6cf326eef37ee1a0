"""The account of a map's sources: how many rows were received, kept, repaired and rejected, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lindero.app.pipeline.rows.refused_text import ROWS_NAMED, Row, lines_of_refused, more_rows, refused_rows
from lindero.app.text.codes import word
from lindero.app.text.dates import as_of
from lindero.app.text.i18n import _, number
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Source
from lindero.layers.database.queries import row_values
from lindero.layers.errors import N_
from lindero.layers.model.parse_values import is_missing
from lindero.layers.workspace import refused_rows as refused

if TYPE_CHECKING:
    import pandas as pd

KINDS = {"rejects": "reason", "repairs": "repair", "findings": "finding"}


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


def _kind(title: str, code: str, rows: Sequence[Row]) -> str:
    lines = [f"  {title}: {word(code)} ({number(len(rows))})"]
    for row in rows[:ROWS_NAMED]:
        change = row.get("area_change_ha")
        details = [] if is_missing(row["detail"]) else [str(row["detail"])]
        if not is_missing(change):
            details.append(_("area {change} ha").format(change=f"{change:+.4f}"))
        said = ", ".join([_("row {number}").format(number=row["row_number"]), *details])
        lines.append(f"    {said}")
    return "\n".join([*lines, *(f"    {line}" for line in more_rows(rows))])
