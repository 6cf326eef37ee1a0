"""What the page of changes tells: which snapshots are held against each other, what changed, on a map and in a list."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.answers.changes.register_changes import ChangeReport, Register
from lindero.app.answers.changes.watchlist import Watched
from lindero.app.answers.coverage.reach import Reach
from lindero.app.text.codes import word
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, ngettext, number
from lindero.app.ui.frame import linked, order, page
from lindero.app.ui.frame.page import Figures
from lindero.app.ui.maps import areas, legends, map_picture
from lindero.app.ui.tables import answer_tables, lists
from lindero.geo.registers.diff import CHANGES

OTHERWISE = tuple(change for change in CHANGES if change not in {"new", "gone"})


def snapshots(registers: dict[str, Register]) -> tuple[Register, str, str]:
    """Let the reader choose a register, and two of its snapshots; gives these as `ID@YYYY-MM-DD`."""
    source, since, until = st.columns(3)
    register = registers[
        source.selectbox(_("Register"), list(registers), format_func=lambda one: registers[one].title, key="register")
    ]
    days = [f"{each.source_id}@{each.snapshot_on}" for each in register.snapshots]
    before = since.selectbox(_("From"), days[:-1], index=len(days) - 2, format_func=page.day_of, key="since")
    later = days[days.index(before) + 1 :]
    after = until.selectbox(_("To"), later, index=len(later) - 1, format_func=page.day_of, key="until")
    return register, before, after


def wanted(report: ChangeReport) -> tuple[npt.NDArray[np.bool_], list[str]]:
    """Let the reader leave changes out; gives which rows are left, and what was chosen in words."""
    kinds = [change for change in CHANGES if report.changes.count(change)]
    left = linked.several(_("Changes to show"), kinds, word, param="change", usual=kinds)
    touches = _("Only what touches a community or a protected area")
    only_land = st.checkbox(touches, key="land", bind="query-params")
    seen = np.asarray(report.rows["change"].isin(left), dtype=bool)
    said = [_("all changes") if left == kinds else ", ".join(map(word, left)), touches if only_land else ""]
    return seen & report.on_ground() if only_land else seen, said


def answer(
    room: DeltaGenerator, told: ChangeReport, watched: Sequence[Watched], *, called: str, on: Reach | None
) -> None:
    """Say what changed, on the reader's list if there is one; arguments as `ChangeReport.said` takes them."""
    counted = told.counted(called=called, on=on)
    finding = _("On your list: {said}").format(said=counted) if watched else counted
    order.say(room, plain(finding), [plain(told.otherwise(on=on)), plain(told.doubts(on=on))], _figures(told))


def _figures(told: ChangeReport) -> Figures:
    beyond = _("{n} may be newly covered")
    no_more = _("{n} may be covered no longer")
    land = told.known_on_community_land()
    return {
        _("New"): (number(told.changes.count("new")), _maybe(beyond, told.beyond("new"))),
        _("New on community land"): _("not known") if land is None else number(land),
        _("Gone"): (number(told.changes.count("gone")), _maybe(no_more, told.beyond("gone"))),
        _("Changed otherwise"): (
            number(sum(told.changes.count(change) for change in OTHERWISE)),
            _maybe(_("status not known of {n}"), told.changes.status_not_stated),
        ),
    }


def _maybe(text: str, count: int) -> str:
    return text.format(n=number(count)) if count else ""


def drawn(room: DeltaGenerator, report: ChangeReport, seen: npt.NDArray[np.bool_], *, finding: str) -> None:
    """Draw the changes that are seen, and say how many these are."""
    shown = ngettext("{count} change is shown.", "{count} changes are shown.", int(seen.sum()))
    with room:
        st.write(shown.format(count=number(seen.sum())))
        map_picture.show(
            legends.changed(report, seen),
            legends.changes(),
            title=_("What changed"),
            finding=finding,
            layers=[report.after.layer],
            key="new",
            about=areas.MOST,
        )


def listed(room: DeltaGenerator, report: ChangeReport, seen: npt.NDArray[np.bool_], *, name: str) -> None:
    """List the changes that are seen, and offer them as a file."""
    with room:
        rows = report.rows[seen]
        answer_tables.changes(rows)
        lists.download(rows, f"{name}-changes.csv")
