"""Sections on news near a place: acts dated by registers, and changes between the last two snapshots."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from lindero.app.answers.answer import Column, Section, Table
from lindero.app.answers.changes.near_place import report_labels
from lindero.app.answers.changes.register_changes import ChangeReport
from lindero.app.answers.changes.register_dates import DatedReport
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import LayerCoverage
from lindero.app.answers.place.topic_search import HOLDER
from lindero.app.text import change_text
from lindero.app.text.codes import translate_code
from lindero.app.text.escape import build_link_key, escape_markdown
from lindero.app.text.i18n import _


@dataclass(frozen=True)
class DatedNews:
    """The dated acts of a register near a place, with `answer`, the coverage of concessions there."""

    report: DatedReport
    answer: LayerCoverage


@dataclass(frozen=True)
class ChangeNews:
    """The changes of one register near a place: `rows` of the report, and `answer`, the coverage of its layer there."""

    report: ChangeReport
    rows: pd.DataFrame
    answer: LayerCoverage


def news_sections(dated: DatedNews | None, changed: Sequence[ChangeNews], within_km: float) -> tuple[Section, ...]:
    """Return the sections on news within a distance. `dated` is None where the register states no dates."""
    dated_sections = [] if dated is None else [_dated_section(dated)]
    if changed:
        return (*dated_sections, *(_changed_section(changes, within_km) for changes in changed))
    none = _("Changes cannot be shown: the map does not have two snapshots of any register.")
    return (*dated_sections, Section("changed", _("Changes between the last two snapshots"), none))


def join_news_sections(sections: Iterable[Section], within_km: float, most: int) -> Section:
    """Combine the sections on news into one section of lines, with up to `most` rows per register."""
    lines: list[str] = []
    for section in sections:
        lines += filter(None, (section.finding, *(section.table.lines(most) if section.table is not None else ())))
    return Section("new", _("What is new within {km} km").format(km=within_km), lines=tuple(lines))


def _dated_section(dated: DatedNews) -> Section:
    rows, answer = dated.report.rows, dated.answer
    is_told = len(rows) or answer.is_covered
    finding = escape_markdown(dated.report.finding()) if is_told else coverage_text.none_found_text(answer)
    return Section("dated", _("New concessions"), finding, table=dated_table(rows) if len(rows) else None)


def _changed_section(changed: ChangeNews, within_km: float) -> Section:
    labels = report_labels(changed.report)
    title = _("Changes between the last two snapshots")
    if changed.rows.empty:
        return Section("changed", title, coverage_text.no_change_text(changed.answer, {"km": within_km, **labels}))
    text = _("{title}, between {since} and {until}:").format(**labels)
    finding = " ".join(filter(None, (text, coverage_text.partial_coverage_text(changed.answer))))
    return Section("changed", title, finding, table=changes_table(changed.rows))


def dated_table(rows: pd.DataFrame) -> Table:
    """Build a table of the dated acts of `app.answers.changes.register_dates`, the latest first."""
    name = rows["name"].fillna(rows["id"])
    return Table(
        _("Concessions applied for or granted, latest first, and the land they are on"),
        {
            "name": Column(_("Name")),
            "dated_on": Column(_("Date"), "date"),
            "act": Column(_("What happened")),
            "communities": Column(_("Overlapping communities")),
            "protected_areas": Column(_("Overlapping protected areas")),
            "area_ha": Column(_("Hectares"), "number"),
            "holder": Column(_("Holder"), link="holder_page"),
        },
        rows.assign(
            act=rows["act"].map(translate_code),
            name=name,
            kind=rows["kind"].map(translate_code),
            holder_page=_build_holder_links(rows),
        ),
        lambda position: _format_line(name.iloc[position], change_text.format_dated_act(rows.iloc[position].to_dict())),
    )


def changes_table(rows: pd.DataFrame) -> Table:
    """Build a table of register changes, from rows of `app.answers.changes.register_changes`."""
    translated = change_text.translate_changes(rows)
    name = translated["name"].fillna(translated["after_id"]).fillna(translated["before_id"])
    return Table(
        _("What changed, and whose land it overlaps"),
        {
            "name": Column(_("Name")),
            "change": Column(_("Change")),
            "communities": Column(_("Overlapping communities")),
            "protected_areas": Column(_("Overlapping protected areas")),
            "gained_ha": Column(_("Hectares gained"), "number"),
            "lost_ha": Column(_("Hectares lost"), "number"),
            "before": Column(_("Before")),
            "after": Column(_("Now")),
            "holder": Column(_("Holder"), link="holder_page"),
        },
        translated.assign(name=name, holder_page=_build_holder_links(rows)),
        lambda position: _format_line(
            name.iloc[position], change_text.format_change(translated.iloc[position].to_dict())
        ),
    )


def _format_line(name: object, change: str) -> str:
    return _("**{name}**: {change}").format(name=escape_markdown(str(name)), change=escape_markdown(change))


def _build_holder_links(rows: pd.DataFrame) -> list[str]:
    return ["" if pd.isna(holder) else build_link_key(HOLDER, str(holder)) for holder in rows["holder"]]
