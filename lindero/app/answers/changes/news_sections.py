"""Sections on news near a place: acts that registers date, and changes between their last two snapshots."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from lindero.app.answers.answer import Column, Section, Table
from lindero.app.answers.changes.near_place import told_of
from lindero.app.answers.changes.register_changes import ChangeReport
from lindero.app.answers.changes.register_dates import DatedReport
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import LayerCoverage
from lindero.app.answers.place.topic_search import HOLDER
from lindero.app.text import change_text
from lindero.app.text.codes import word
from lindero.app.text.escape import key, plain
from lindero.app.text.i18n import _


@dataclass(frozen=True)
class Dated:
    """The acts that the register dates near a place; `answer` is what can be said of concessions there."""

    report: DatedReport
    answer: LayerCoverage


@dataclass(frozen=True)
class Changed:
    """The changes of one register near a place: `rows` of the report, and what can be said of its layer there."""

    report: ChangeReport
    rows: pd.DataFrame
    answer: LayerCoverage


def news_sections(dated: Dated | None, changed: Sequence[Changed], within_km: float) -> tuple[Section, ...]:
    """Return what is new within a distance; `dated` is None where the register states no dates."""
    told = [] if dated is None else [_dated_section(dated)]
    if changed:
        return (*told, *(_changed_section(each, within_km) for each in changed))
    none = _("Nothing can be told: of no register does the map hold two snapshots.")
    return (*told, Section("changed", _("What changed since the last snapshot"), none))


def in_lines(sections: Iterable[Section], within_km: float, most: int) -> Section:
    """Write what is new in one section of lines, `most` of each register."""
    lines: list[str] = []
    for section in sections:
        lines += filter(None, (section.finding, *(section.table.lines(most) if section.table is not None else ())))
    return Section("new", _("What is new within {km} km").format(km=within_km), lines=tuple(lines))


def _dated_section(dated: Dated) -> Section:
    rows, answer = dated.report.rows, dated.answer
    is_told = len(rows) or answer.is_covered
    finding = plain(dated.report.finding()) if is_told else coverage_text.none(answer)
    return Section("dated", _("New concessions"), finding, table=dated_table(rows) if len(rows) else None)


def _changed_section(changed: Changed, within_km: float) -> Section:
    named = told_of(changed.report)
    title = _("What changed since the last snapshot")
    if changed.rows.empty:
        return Section("changed", title, coverage_text.unchanged(changed.answer, {"km": within_km, **named}))
    text = _("{title}, between {since} and {until}:").format(**named)
    finding = " ".join(filter(None, (text, coverage_text.partly(changed.answer))))
    return Section("changed", title, finding, table=changes_table(changed.rows))


def dated_table(rows: pd.DataFrame) -> Table:
    """List the dated acts of `app.answers.changes.register_dates`, the latest first."""
    name = rows["name"].fillna(rows["id"])
    return Table(
        _("Concessions applied for or granted, the latest first, with whose land they are on"),
        {
            "name": Column(_("Name")),
            "dated_on": Column(_("Date"), "date"),
            "act": Column(_("What happened")),
            "communities": Column(_("Communities touched")),
            "protected_areas": Column(_("Protected areas touched")),
            "area_ha": Column(_("Hectares"), "number"),
            "holder": Column(_("Holder"), link="holder_page"),
        },
        rows.assign(
            act=rows["act"].map(word),
            name=name,
            kind=rows["kind"].map(word),
            holder_page=_holder_pages(rows),
        ),
        lambda at: _line(name.iloc[at], change_text.dated_line(rows.iloc[at].to_dict())),
    )


def changes_table(rows: pd.DataFrame) -> Table:
    """List changes of a register, as `app.answers.changes.register_changes` gives them."""
    told = change_text.table(rows)
    name = told["name"].fillna(told["after_id"]).fillna(told["before_id"])
    return Table(
        _("What changed, with whose ground it touches"),
        {
            "name": Column(_("Name")),
            "change": Column(_("Change")),
            "communities": Column(_("Communities touched")),
            "protected_areas": Column(_("Protected areas touched")),
            "gained_ha": Column(_("Hectares gained"), "number"),
            "lost_ha": Column(_("Hectares lost"), "number"),
            "before": Column(_("Before")),
            "after": Column(_("Now")),
            "holder": Column(_("Holder"), link="holder_page"),
        },
        told.assign(name=name, holder_page=_holder_pages(rows)),
        lambda at: _line(name.iloc[at], change_text.line(told.iloc[at].to_dict())),
    )


def _line(name: object, change: str) -> str:
    return _("**{name}**: {change}").format(name=plain(str(name)), change=plain(change))


def _holder_pages(rows: pd.DataFrame) -> list[str]:
    return ["" if pd.isna(holder) else key(HOLDER, str(holder)) for holder in rows["holder"]]
