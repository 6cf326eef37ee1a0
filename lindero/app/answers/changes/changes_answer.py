"""Answers about changes between two snapshots of registers, and about applications and grants that registers date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from lindero.app.answers.answer import Answer, Figure, Section, count_figure
from lindero.app.answers.changes import watchlist
from lindero.app.answers.changes.events import list_act_events, list_change_events, rank_events
from lindero.app.answers.changes.news_sections import events_table
from lindero.app.answers.changes.register_changes import ChangeReport, no_later_snapshot_text
from lindero.app.answers.changes.register_dates import DatedReport
from lindero.app.answers.record.tallies import missing_note
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _, format_number
from lindero.geo.registers.diff import CHANGES

if TYPE_CHECKING:
    from lindero.app.answers.changes.watchlist import WatchedPlace
    from lindero.app.answers.coverage.reach import Reach
    from lindero.layers.database.map_database import Connection

KEPT_RECORD_CHANGES = tuple(change for change in CHANGES if change not in {"new", "gone"})


def changes_answer(
    con: Connection, reports: Iterable[ChangeReport], watched: Sequence[WatchedPlace] = (), *, since: str = ""
) -> Answer:
    """Build the answer about changes, with one section per register."""
    sections = [
        changes_section(con, *_limit_to_watched_land(con, report, watched), key=f"changes-{position}")
        for position, report in enumerate(reports)
    ]
    if not sections:
        alone = _("The map has only one snapshot of each register, so it cannot show what is new.")
        sections = [
            Section("changes-0", finding=escape_markdown(no_later_snapshot_text(con, since)) if since else alone)
        ]
    return Answer(_("Latest changes"), ", ".join(escape_markdown(place.name) for place in watched), tuple(sections))


def _limit_to_watched_land(
    con: Connection, report: ChangeReport, watched: Sequence[WatchedPlace]
) -> tuple[ChangeReport, Reach | None]:
    """Return the changes on watched land, and the coverage of both snapshots there."""
    if not watched:
        return report, None
    return report.select(watchlist.is_watched_change(report, watched)), watchlist.measure_reach(con, report, watched)


def changes_section(con: Connection, report: ChangeReport, on: Reach | None = None, *, key: str = "changes") -> Section:
    """Build the section on changes in one register, with figures, a table of events, and doubts.

    `on` is the coverage of both snapshots on the land that the changes were filtered by.
    """
    events = rank_events(list_change_events(con, report)) if len(report.rows) else []
    table = events_table(events) if events else None
    note = " ".join(filter(None, (report.other_changes_text(on=on), *report.list_doubts(on=on))))
    return Section(
        key, "", escape_markdown(report.finding(on=on)), _figures(report), table=table, note=escape_markdown(note)
    )


def _figures(report: ChangeReport) -> Mapping[str, Figure]:
    maybe_new = _("{n} may not be new (no earlier data there)")
    maybe_gone = _("{n} may still exist (no later data there)")
    land = report.known_count_on_community_land()
    return {
        _("New"): count_figure(
            format_number(report.changes.count("new")), missing_note(maybe_new, report.count_outside_coverage("new"))
        ),
        _("New on community land"): Figure(_("not known")) if land is None else count_figure(format_number(land)),
        _("Left the list"): count_figure(
            format_number(report.changes.count("gone")), missing_note(maybe_gone, report.count_outside_coverage("gone"))
        ),
        _("Other changes"): count_figure(
            format_number(sum(report.changes.count(change) for change in KEPT_RECORD_CHANGES)),
            missing_note(_("status not known for {n}"), report.changes.status_not_stated),
        ),
    }


def dated_section(con: Connection, report: DatedReport, on: Reach | None = None) -> Section:
    """Build the section on applications and grants, with figures, a table of acts, the largest holders, and limits.

    `on` is the coverage of the register on the land that the rows were filtered by.
    """
    finding = escape_markdown(report.finding(on=on))
    if report.rows.empty and on is not None and not on.is_covered:
        return Section("dated", finding=finding)
    note = " ".join(filter(None, (report.largest_holders_text(), *report.list_limits(on))))
    caption = _("Concessions applied for or granted, latest first, and the land they are on")
    table = events_table(list_act_events(con, report), caption) if len(report.rows) else None
    return Section("dated", "", finding, _dated_figures(report), table=table, note=escape_markdown(note))


def _dated_figures(report: DatedReport) -> Mapping[str, Figure]:
    labels = {"applied": _("Applied for"), "granted": _("Granted")}
    on_land = {"applied": _("Applied for on community land"), "granted": _("Granted on community land")}
    figures = {label: report.count(act) for act, label in labels.items()}
    notes = {on_land[act]: report.known_lands_text(act) for act in on_land}
    figures |= {label: report.count(act, on_land=True) for act, label in on_land.items() if report.has_dates(act)}
    return {
        label: Figure(_("not known") if count is None else format_number(count), notes.get(label, ""))
        for label, count in figures.items()
    }
