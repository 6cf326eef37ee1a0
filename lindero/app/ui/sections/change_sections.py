"""What the page of changes tells: which snapshots are held against each other, what changed, on a map and in a list."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.answers.changes import watchlist
from lindero.app.answers.changes.changes_answer import changes_section
from lindero.app.answers.changes.news_sections import changes_table
from lindero.app.answers.changes.register_changes import ChangeReport, Register
from lindero.app.answers.changes.watchlist import Watched
from lindero.app.answers.coverage.reach import Reach
from lindero.app.current import cached_answers, map_layers, open_map
from lindero.app.output import provenance
from lindero.app.renderers import streamlit_page
from lindero.app.text import i18n
from lindero.app.text.codes import word
from lindero.app.text.escape import bare, code, plain
from lindero.app.text.i18n import _, date, ngettext, number
from lindero.app.ui.downloads import citation
from lindero.app.ui.error_message import explained
from lindero.app.ui.frame import linked, lost_address, order, page
from lindero.app.ui.frame.order import Order
from lindero.app.ui.maps import areas, legends, map_picture
from lindero.app.ui.provenance_panel import show_provenance
from lindero.app.ui.tables import lists
from lindero.geo.registers.diff import CHANGES

KEY = "watch"


def show(parts: Order, registers: dict[str, Register]) -> None:
    """Ask for a register and two of its snapshots, and answer what changed between them."""
    with parts.choices:
        register, before, after = snapshots(registers)
        with explained():
            report = cached_answers.changed(before, after)
        watched = ask(parts.finding)
        left, said = choose(report)
    with explained():
        covered = cached_answers.reach(report, watched) if watched else None
    concerning = on_list(report, watched)
    answer = changes_section(report.of(concerning), covered)
    of_list = replace(answer, finding=_("On your list: {said}").format(said=answer.finding))
    order.say(parts.finding, of_list if watched else answer)
    days = _("{since} to {until}").format(since=page.day_of(before), until=page.day_of(after))
    order.tell_choices(parts.finding, [register.title, days, *map(name, watched), *said])
    seen = left & concerning
    if seen.any():
        changes_map(parts.picture, report, seen, finding=bare(answer.finding))
        with parts.rows:
            streamlit_page.table(changes_table(report.rows[seen]))
            lists.download(report.rows[seen], f"{register.source_id}-changes.csv")
    else:
        parts.picture.info(_("Nothing that changed is like that: allow more changes, or empty your list."))
    with parts.more:
        feeds(watched)
    with parts.method:
        _method(report, answer.finding, before, after, covered)


def _method(report: ChangeReport, finding: str, before: str, after: str, covered: Reach | None) -> None:
    lands = provenance.sources_of(map_layers.sources(), ["communities", "protected_areas"])
    command = ["lindero", "changes", "--since", before, "--until", after, "--format", "json"]
    citation.show(finding, [report.before, report.after, *lands], command)
    show_provenance(
        provenance.Made(
            method="changes",
            parameters={"since": before, "until": after},
            coverage=[one.as_dict() for one in (*report.covered, *([covered] if covered else []))],
            sources=[report.before, report.after, *lands],
            command=command,
            limits=[
                _("It does not say why: a title may be gone because it lapsed, or because the later file covers less.")
            ],
        ),
        report.rows,
    )


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


def choose(report: ChangeReport) -> tuple[npt.NDArray[np.bool_], list[str]]:
    """Let the reader leave changes out; gives which rows are left, and what was chosen in words."""
    kinds = [change for change in CHANGES if report.changes.count(change)]
    left = linked.several(_("Changes to show"), kinds, word, param="change", usual=kinds)
    touches = _("Only what touches a community or a protected area")
    only_land = st.checkbox(touches, key="land", bind="query-params")
    seen = np.asarray(report.rows["change"].isin(left), dtype=bool)
    said = [_("all changes") if left == kinds else ", ".join(map(word, left)), touches if only_land else ""]
    return seen & report.on_ground() if only_land else seen, said


def changes_map(room: DeltaGenerator, report: ChangeReport, seen: npt.NDArray[np.bool_], *, finding: str) -> None:
    """Draw the changes that are seen, and say how many these are."""
    count = int(seen.sum())
    shown = ngettext("{count} change is shown.", "{count} changes are shown.", count)
    with room:
        st.write(shown.format(count=number(count)))
        map_picture.show(
            legends.change_areas(report, seen),
            legends.changes(),
            title=_("What changed"),
            finding=finding,
            layers=[report.after.layer],
            key="new",
            about=areas.MOST,
        )


# A reader's own list on the page *What is new*: in the page's address, and nowhere on the server.


def ask(told: DeltaGenerator) -> list[Watched]:
    """
    Let the reader choose communities and regions to watch; the choice stands in the page's address.

    `told` is where it is said what became of places that are on the map no longer.
    """
    with explained():
        watchable = cached_answers.watchable()
    asked = {key: key if key in watchable else _led(key, told) for key in st.query_params.get_all(KEY)}
    st.session_state.setdefault(KEY, list(dict.fromkeys(key for key in asked.values() if key in watchable)))
    keys = st.multiselect(
        _("My list: communities and regions to watch"),
        list(watchable),
        format_func=lambda key: name(watchable[key]),
        placeholder=_("All"),
        key=KEY,
        on_change=_write,
    )
    if keys:
        st.write(
            _(
                "Your list is in this page's address: keep it as a bookmark, and it opens as it is now. It tells where "
                "you look, so keep it to yourself: nothing of it is kept on the server."
            )
        )
    if not keys and asked:  # a list of which nothing is left is not the whole country
        told.button(_("Show all changes"), on_click=st.query_params.clear)
        st.stop()
    return [watchable[key] for key in keys]


def _led(key: str, told: DeltaGenerator) -> str:
    """Follow a key of the reader's own address; say what became of it where it leads nowhere."""
    led, found = watchlist.led(open_map.current().cursor(), key)
    if not led:
        told.warning(_("On your list: {said}").format(said=lost_address.redirect_text(key, found)))
    return led


def _write() -> None:
    st.query_params[KEY] = st.session_state[KEY]


def on_list(report: ChangeReport, watched: Sequence[Watched]) -> npt.NDArray[np.bool_]:
    """Tell which changes concern the reader's list; all, if it is empty."""
    return watchlist.concerning(report, watched) if watched else np.ones(len(report.rows), dtype=bool)


def feeds(watched: Sequence[Watched]) -> None:
    """Offer a feed of each of the reader's list, so that nobody has to remember to look."""
    if not watched:
        return
    st.header(_("To be told of what is new"), anchor=False)
    st.write(_("A feed reader on this machine that is given one of these addresses shows each change once:"))
    links = (f"- [{plain(name(each))}](feed/{quote(each.key)}.atom?lang={i18n.current()})" for each in watched)
    st.markdown("\n".join(links))


def nothing_to_compare() -> None:
    """Say why nothing can be compared: no register of the map has two snapshots."""
    st.info(
        _(
            "Nothing can be compared yet: this map holds one snapshot of each register. When a later file of the same "
            "register has come, add it with `lindero add FILE --id ID --snapshot-on DATE` and build again."
        )
    )
    with explained():
        registers = cached_answers.registers()
    if registers:
        one = _("{title}: one snapshot, of {date}, called {id}")
        told = (
            one.format(title=plain(each.title), date=date(each.snapshots[-1].snapshot_on), id=code(each.source_id))
            for each in registers
        )
        st.markdown("\n".join(f"- {line}" for line in told))


def name(watched: Watched) -> str:
    """Name a community, or a region, which is said to be one."""
    return _("{name} (region)").format(name=watched.name) if watched.is_region else watched.name
