"""Row account of a map's sources: rows received, kept, repaired and rejected, with the reasons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lindero.app.answers.coverage.refused_text import (
    ROWS_NAMED,
    Row,
    read_refused_rows,
    refused_lines,
    remaining_rows_lines,
)
from lindero.app.text.codes import translate_code
from lindero.app.text.dates import reference_date_text
from lindero.app.text.i18n import _, format_number
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Source
from lindero.layers.database.queries import row_values
from lindero.layers.errors import N_
from lindero.layers.model.parse_values import is_missing
from lindero.layers.workspace import refused_rows as refused

if TYPE_CHECKING:
    import pandas as pd

KINDS = {"rejects": "reason", "repairs": "repair", "findings": "finding"}


def read_report(con: map_database.Connection) -> dict[str, pd.DataFrame]:
    """Read the tables `sources`, `rejects`, `repairs` and `findings`, and the `refused` rows without geometry."""
    import pandas as pd

    return {name: map_database.read_table(con, name) for name in ("sources", "rejects", "repairs", "findings")} | {
        "refused": pd.DataFrame(refused.read_refused_rows(con).drop(columns="geometry"))
    }


def count_row_outcomes(con: map_database.Connection) -> pd.DataFrame:
    """Count the rejects, repairs and findings of every source by their reason.

    Columns: `title` (of the source, else its id), `snapshot_on`, `what` (rejects, repairs, findings), `why` (a code),
    `rows`.
    """
    import pandas as pd

    tables = read_report(con)
    keys = ["source_id", "snapshot_on"]
    counts = []
    for table, reason_column in KINDS.items():
        rows = tables[table].groupby([*keys, reason_column]).size().rename("rows").reset_index()
        counts.append(rows.rename(columns={reason_column: "why"}).assign(what=table))
    order = [*keys, "what", "rows"]
    outcomes = pd.concat(counts, ignore_index=True).sort_values(order, ascending=[True, True, False, False])
    titles = {source.source_id: source.title or source.source_id for source in map_database.read_sources(con)}
    outcomes = map_database.clear_unstated_dates(con, outcomes)  # the date of receipt is not a date of the data
    return outcomes.assign(title=outcomes["source_id"].map(titles))[["title", "snapshot_on", "what", "why", "rows"]]


def format_source(source: Source) -> str:
    """Format the row account of a source as one line."""
    line = _("{id} ({dated}), {publisher}: {read} received = {kept} kept + {rejected} rejected; {repaired} repaired")
    return line.format(
        id=source.source_id,
        dated=reference_date_text(source.as_of),
        publisher=source.publisher,
        read=format_number(source.rows_read),
        kept=format_number(source.rows_kept),
        rejected=format_number(source.rows_rejected),
        repaired=format_number(source.rows_repaired),
    )


def accuracy_text(source: Source) -> str:
    """Return the boundary accuracy of a source and its basis as text; empty where there is none."""
    if source.accuracy_basis is None:
        return ""
    text = _(_ACCURACY[source.accuracy_basis])
    accuracy = text.format(m=_format_metres(source.boundary_accuracy_m), operation=source.crs_operation)
    if source.accuracy_estimated_m is None or source.accuracy_basis == "estimated":
        return accuracy
    return _("{accuracy}; the official hectares suggest ± {m} m").format(
        accuracy=accuracy, m=_format_metres(source.accuracy_estimated_m)
    )


_ACCURACY = {
    "stated": N_("± {m} m, as stated"),
    "transformation": N_("± {m} m, from the datum transformation ({operation})"),
    "estimated": N_("± {m} m, estimated from official and drawn hectares"),
    "assumed": N_("± {m} m, assumed, because it is not stated"),
}


def _format_metres(value: float | None) -> str:
    return "?" if value is None else format_number(value, decimals=0 if value == round(value) else 1)


def report_text(con: map_database.Connection) -> str:
    """Format the row account as text: each source with its rejects, repairs and findings, and their rows."""
    tables = {name: row_values.read_table_rows(con, name) for name in KINDS}
    refused_list = read_refused_rows(con)
    parts = []
    for source in map_database.read_sources(con):
        parts.append(format_source(source))
        if accuracy := accuracy_text(source):
            parts.append("  " + _("boundaries: {accuracy}").format(accuracy=accuracy))
        parts += [f"  {line}" for line in refused_lines(refused_list, source.source_id) if source.is_current]
        snapshot = source.source_id, source.snapshot_on
        for title, table in ((_("rejected"), "rejects"), (_("repaired"), "repairs"), (_("flagged"), "findings")):
            by_kind: dict[str, list[Row]] = {}
            for row in tables[table]:
                if (row["source_id"], row["snapshot_on"]) == snapshot:
                    by_kind.setdefault(row[KINDS[table]], []).append(row)
            parts += [_format_kind(title, code, by_kind[code]) for code in sorted(by_kind)]
    return "\n".join(parts)


def _format_kind(title: str, code: str, rows: Sequence[Row]) -> str:
    lines = [f"  {title}: {translate_code(code)} ({format_number(len(rows))})"]
    for row in rows[:ROWS_NAMED]:
        change = row.get("area_change_ha")
        details = [] if is_missing(row["detail"]) else [str(row["detail"])]
        if not is_missing(change):
            details.append(_("change of area: {change} ha").format(change=f"{change:+.4f}"))
        details_text = ", ".join([_("row {number}").format(number=row["row_number"]), *details])
        lines.append(f"    {details_text}")
    return "\n".join([*lines, *(f"    {line}" for line in remaining_rows_lines(rows))])
