"""The applications and grants of the last months on the land of one community, by the dates of the register."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from lindero.app.answers.answer import Section
from lindero.app.answers.changes.new_ground import group_rivals
from lindero.app.answers.changes.register_dates import ACTS, MONTHS, DatedReport
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import LayerCoverage
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _, format_long_date, format_number, join_texts, ngettext
from lindero.geo.geometry.areas import areas_ha
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries.row_values import read_shapes_by_id
from lindero.layers.model.parse_values import is_missing
from lindero.layers.model.schema import COMMUNITIES

OWN_LAND = "own-land"  # key of the section
_WHOLE_HA = 10  # hectares from which no decimal is written


def own_land_section(
    con: Connection, report: DatedReport, row: Mapping[Hashable, Any], answer: LayerCoverage
) -> Section:
    """Build the section on what was applied for and granted on the land of a community in a report.

    `row` has `id` and `name` of the community. `answer` is the coverage of concessions on its land.
    """
    lands = report.lands
    on_land = lands.loc[(lands["layer"] == COMMUNITIES.name) & (lands["land_id"] == row["id"]), "id"]
    own = report.select(report.rows["id"].isin(on_land).to_numpy(dtype=bool))
    name = escape_markdown(str(row["id"] if is_missing(row["name"]) else row["name"]))
    title = _("New on the land of {name}").format(name=name)
    if own.rows.empty and not answer.is_covered:
        return Section(OWN_LAND, title, coverage_text.none_found_text(answer))
    if not report.has_any_dates:
        return Section(OWN_LAND, title, own.finding())
    limits = " ".join(filter(None, (*own.date_limits(), coverage_text.partial_coverage_text(answer))))
    if own.rows.empty:
        text = _("In the {months} months to {date}, the register has no dated application or grant on this land.")
        return Section(OWN_LAND, title, text.format(**_span(report)), note=limits)
    land = read_shapes_by_id(con, COMMUNITIES, [row["id"]])[row["id"]]
    grounds = shapely.intersection(own.shapes.to_numpy(), land)
    text = _("In the {months} months to {date}, {acts} on the land of {name}: {ha} ha of it, each counted once.")
    total_ha = float(areas_ha(np.array([shapely.union_all(grounds)], dtype=object))[0])
    finding = text.format(**_span(report), acts=join_texts(_list_counts(own)), name=name, ha=_format_ha(total_ha))
    hectares = areas_ha(grounds)
    lines = tuple(_fact_text(own.rows.iloc[group], hectares[group[0]]) for group in group_rivals(own.rows, grounds))
    return Section(OWN_LAND, title, finding, lines=lines, note=limits)


def _span(report: DatedReport) -> dict[str, str]:
    return {"months": format_number(MONTHS), "date": format_long_date(report.until)}


def _list_counts(report: DatedReport) -> list[str]:
    """Return a text for each act in a report: how many concessions were applied for, how many granted."""
    counts = {act: int((report.rows["act"] == act).sum()) for act in ACTS}
    texts = {
        "applied": ngettext("{n} concession was applied for", "{n} concessions were applied for", counts["applied"]),
        "granted": ngettext("{n} concession was granted", "{n} concessions were granted", counts["granted"]),
    }
    return [texts[act].format(n=format_number(count)) for act, count in counts.items() if count]


def _fact_text(rows: pd.DataFrame, hectares: float) -> str:
    act = rows["act"].iloc[0]
    person = _("{name} (applicant: {holder})") if act == "applied" else _("{name} (holder: {holder})")
    names = [
        escape_markdown(name)
        if is_missing(holder)
        else person.format(name=escape_markdown(name), holder=escape_markdown(holder))
        for name, holder in zip(rows["name"].fillna(rows["id"]), rows["holder"], strict=True)
    ]
    text = {"applied": _("{date}, application: {names}; {ha} ha"), "granted": _("{date}, grant: {names}; {ha} ha")}[act]
    if len(rows) > 1:
        text = _("{date}, {n} applications for the same land: {names}; {ha} ha")
    return text.format(
        date=format_long_date(rows["dated_on"].iloc[0].date()),
        n=format_number(len(rows)),
        names=join_texts(names),
        ha=_format_ha(hectares),
    )


def _format_ha(hectares: float) -> str:
    return format_number(hectares, decimals=0 if hectares >= _WHOLE_HA else 1)
