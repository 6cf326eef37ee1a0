"""The answers on what is new: what changed between two snapshots of registers, and the acts that they date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from lindero.app.answers.answer import Answer, Figure, Section, count_figure
from lindero.app.answers.changes import watchlist
from lindero.app.answers.changes.news_sections import changes_table, dated_table
from lindero.app.answers.changes.register_changes import ChangeReport, none_later
from lindero.app.answers.changes.register_dates import DatedReport
from lindero.app.answers.coverage import coverage_text
from lindero.app.record.tallies import missing_note
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, number
from lindero.geo.registers.diff import CHANGES

if TYPE_CHECKING:
    from lindero.app.answers.changes.watchlist import Watched
    from lindero.app.answers.coverage.reach import Reach
    from lindero.layers.database.map_database import Connection

OTHERWISE = tuple(change for change in CHANGES if change not in {"new", "gone"})


def changes_answer(
    con: Connection, reports: Iterable[ChangeReport], watched: Sequence[Watched] = (), *, since: str = ""
) -> Answer:
    """
    Compose what changed, a section for each register: on the ground of what is watched, or on the whole map.

    Parameters
    ----------
    since
        The date that was asked for, which is named where no snapshot is later.
    """
    sections = [
        changes_section(*_on_ground(con, report, watched), key=f"changes-{at}") for at, report in enumerate(reports)
    ]
    if not sections:
        alone = _("The map holds one snapshot of each register alone: nothing can be said to be new.")
        sections = [Section("changes-0", finding=plain(none_later(con, since)) if since else alone)]
    return Answer(_("What is new"), ", ".join(plain(each.name) for each in watched), tuple(sections))


def _on_ground(con: Connection, report: ChangeReport, watched: Sequence[Watched]) -> tuple[ChangeReport, Reach | None]:
    """Return the changes on the ground of what is watched, and how far both snapshots have data there."""
    if not watched:
        return report, None
    return report.of(watchlist.concerning(report, watched)), watchlist.reach(con, report, watched)


def changes_section(report: ChangeReport, on: Reach | None = None, *, key: str = "changes") -> Section:
    """
    Return what changed in one register, with figures, the changes one by one, and what is doubtful.

    `on` is how far both snapshots have data on the ground that the changes were chosen by.
    """
    table = changes_table(report.rows) if len(report.rows) else None
    note = " ".join(filter(None, (report.otherwise(on=on), report.doubts(on=on))))
    return Section(key, "", plain(report.counted(on=on)), _figures(report), table=table, note=plain(note))


def _figures(report: ChangeReport) -> Mapping[str, Figure]:
    beyond = _("{n} may be newly covered")
    no_more = _("{n} may be covered no longer")
    land = report.known_on_community_land()
    return {
        _("New"): count_figure(number(report.changes.count("new")), missing_note(beyond, report.beyond("new"))),
        _("New on community land"): Figure(_("not known")) if land is None else count_figure(number(land)),
        _("Gone"): count_figure(number(report.changes.count("gone")), missing_note(no_more, report.beyond("gone"))),
        _("Changed otherwise"): count_figure(
            number(sum(report.changes.count(change) for change in OTHERWISE)),
            missing_note(_("status not known of {n}"), report.changes.status_not_stated),
        ),
    }


def dated_section(report: DatedReport, on: Reach | None = None) -> Section:
    """
    Return what was applied for and granted, with figures, the acts one by one, whose most were, and what is left open.

    `on` is how far the register has data on the ground that the rows were chosen by.
    """
    finding = plain(report.finding(on=on))
    if report.rows.empty and on is not None and not on.is_covered:
        return Section("dated", finding=finding)
    note = " ".join(filter(None, (report.largest(), report.limits(), coverage_text.reach(on) if on else "")))
    table = dated_table(report.rows) if len(report.rows) else None
    return Section("dated", "", finding, _dated_figures(report), table=table, note=plain(note))


def _dated_figures(report: DatedReport) -> Mapping[str, Figure]:
    labels = {"applied": _("Applied for"), "granted": _("Granted")}
    on_land = {"applied": _("Applied for on community land"), "granted": _("Granted on community land")}
    figures = {label: report.count(act) for act, label in labels.items()}
    figures |= {label: report.count(act, on_land=True) for act, label in on_land.items() if report.states(act)}
    return {label: Figure(_("not known") if known is None else number(known)) for label, known in figures.items()}
