"""The parts of the page of changes: the choice of snapshots, and their differences on a map and in a list."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.answers import provenance
from lindero.app.answers.answer import doubts_section
from lindero.app.answers.changes import watchlist
from lindero.app.answers.changes.event_text import kind_text
from lindero.app.answers.changes.events import EVENT_KINDS, Event, rank_events
from lindero.app.answers.changes.news_sections import events_table
from lindero.app.answers.changes.register_changes import ChangeReport, Register
from lindero.app.answers.changes.watchlist import WatchedPlace
from lindero.app.answers.coverage.reach import Reach
from lindero.app.media.pages import streamlit_page
from lindero.app.media.pages.current import cached_answers, map_layers, open_map
from lindero.app.media.pages.downloads import citation
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.frame import linked, lost_address, order, page
from lindero.app.media.pages.frame.order import Order
from lindero.app.media.pages.maps import areas, legends, map_picture
from lindero.app.media.pages.provenance_panel import show_provenance
from lindero.app.media.pages.tables import lists
from lindero.app.text import i18n
from lindero.app.text.escape import escape_markdown, format_code, remove_markup
from lindero.app.text.i18n import _, format_long_date, format_number, ngettext
from lindero.geo.registers.diff import CHANGES

KEY = "watch"


def show_changes(parts: Order, registers: dict[str, Register]) -> None:
    """Show controls for a register and two of its snapshots, and show the changes between them."""
    with parts.choices:
        register, before, after = ask_snapshots(registers)
        with show_errors():
            report = cached_answers.compare_snapshots(before, after)
        watched = ask_watched_places(parts.finding)
        is_selected, choices = ask_change_filter(report)
    with show_errors():
        covered = cached_answers.reach(report, watched) if watched else None
    is_watched = watched_mask(report, watched)
    selected = report.select(is_watched)
    with show_errors():
        answer = cached_answers.changes_section(selected, covered)
    listed = _("On your list: {said}").format(said=answer.finding) if watched else answer.finding
    shown = replace(answer, finding=listed, note=escape_markdown(selected.other_changes_text(on=covered)))
    order.show_finding(parts.finding, shown, doubts_section(map(escape_markdown, selected.list_doubts(on=covered))))
    span = _("{since} to {until}").format(
        since=page.format_snapshot_date(before), until=page.format_snapshot_date(after)
    )
    order.show_choices(parts.finding, [register.title, span, *map(watched_name, watched), *choices])
    shown_report = report.select(is_selected & is_watched)
    if len(shown_report.rows):
        with show_errors():
            events = rank_events(cached_answers.list_report_events(shown_report), [place.key for place in watched])
        draw_events_map(parts.picture, events, layer=report.after.layer, finding=remove_markup(answer.finding))
        with parts.rows:
            streamlit_page.show_table(events_table(events))
            lists.offer_csv(shown_report.rows, f"{register.source_id}-changes.csv")
    else:
        parts.picture.info(_("No change matches: choose more kinds of change, or clear your list."))
    with parts.more:
        offer_feeds(watched)
    with parts.method:
        _show_method(report, answer.finding, before, after, covered)


def _show_method(report: ChangeReport, finding: str, before: str, after: str, covered: Reach | None) -> None:
    lands = map_layers.cite_sources(["communities", "protected_areas"])
    command = ["lindero", "changes", "--since", before, "--until", after, "--format", "json"]
    citation.show_citation(finding, [report.before, report.after, *lands], command)
    show_provenance(
        provenance.Provenance(
            method="changes",
            parameters={"since": before, "until": after},
            coverage=[reach.to_dict() for reach in (*report.reaches, *([covered] if covered else []))],
            sources=[report.before, report.after, *lands],
            command=command,
            limits=[
                _(
                    "The comparison does not show why: a concession may be gone because it lapsed, or "
                    "because the later file covers less."
                )
            ],
        ),
        report.rows,
    )


def ask_snapshots(registers: dict[str, Register]) -> tuple[Register, str, str]:
    """Show controls for a register and two of its snapshots; return it and both as `ID@YYYY-MM-DD`."""
    source, since, until = st.columns(3)
    register = registers[
        source.selectbox(
            _("Register"), list(registers), format_func=lambda source_id: registers[source_id].title, key="register"
        )
    ]
    snapshot_ids = [f"{entry.source_id}@{entry.snapshot_on}" for entry in register.snapshots]
    before = since.selectbox(
        _("From"), snapshot_ids[:-1], index=len(snapshot_ids) - 2, format_func=page.format_snapshot_date, key="since"
    )
    later = snapshot_ids[snapshot_ids.index(before) + 1 :]
    after = until.selectbox(_("To"), later, index=len(later) - 1, format_func=page.format_snapshot_date, key="until")
    return register, before, after


def ask_change_filter(report: ChangeReport) -> tuple[npt.NDArray[np.bool_], list[str]]:
    """Show controls for the kinds of change; return a mask of the rows, and the choices in words."""
    kinds = [change for change in CHANGES if report.changes.count(change) and change in EVENT_KINDS]
    selected = linked.select_several(_("Changes to show"), kinds, kind_text, param="change", usual=kinds)
    land_label = _("Only changes that touch a community or a protected area")
    only_land = st.checkbox(land_label, key="land", bind="query-params")
    is_shown = np.asarray(report.rows["change"].isin(selected), dtype=bool)
    choices = [
        _("all changes") if selected == kinds else ", ".join(map(kind_text, selected)),
        land_label if only_land else "",
    ]
    return is_shown & report.touches_land() if only_land else is_shown, choices


def draw_events_map(room: DeltaGenerator, events: Sequence[Event], *, layer: str, finding: str) -> None:
    """Draw events, and show their number."""
    text = ngettext("{count} change is shown.", "{count} changes are shown.", len(events))
    with room:
        st.write(text.format(count=format_number(len(events))))
        map_picture.show_map_with_picture(
            legends.event_shapes(events),
            legends.change_looks(),
            title=_("What changed"),
            finding=finding,
            layers=[layer],
            key="new",
            about=areas.MAX_AREAS,
        )


# A reader's own list on the page *Latest changes*. It is kept in the page's address, never on the server.


def ask_watched_places(container: DeltaGenerator) -> list[WatchedPlace]:
    """Show controls for communities and regions to watch; the choice is kept in the page address.

    `container` is the place for messages on places that are no longer on the map.
    """
    with show_errors():
        watchable = cached_answers.watchable()
    resolved = {key: key if key in watchable else _resolve_key(key, container) for key in st.query_params.get_all(KEY)}
    st.session_state.setdefault(KEY, list(dict.fromkeys(key for key in resolved.values() if key in watchable)))
    keys = st.multiselect(
        _("My list: communities, protected areas and regions to watch"),
        list(watchable),
        format_func=lambda key: watched_name(watchable[key]),
        placeholder=_("All"),
        key=KEY,
        on_change=_write_address,
    )
    if keys:
        st.write(
            _(
                "Your list is in this page's address: save it as a bookmark to open the same list again. "
                "The address shows which places you watch: do not share it. The server keeps nothing of "
                "it."
            )
        )
    if not keys and resolved:  # if no listed place is left, the whole country is not shown instead
        container.button(_("Show all changes"), on_click=st.query_params.clear)
        st.stop()
    return [watchable[key] for key in keys]


def _resolve_key(key: str, container: DeltaGenerator) -> str:
    """Resolve a key of the page address; show a message if it leads nowhere."""
    resolved, successor = watchlist.resolve_key(open_map.current_map().open_cursor(), key)
    if not resolved:
        container.warning(_("On your list: {said}").format(said=lost_address.redirect_text(key, successor)))
    return resolved


def _write_address() -> None:
    st.query_params[KEY] = st.session_state[KEY]


def watched_mask(report: ChangeReport, watched: Sequence[WatchedPlace]) -> npt.NDArray[np.bool_]:
    """Return a mask of the changes that concern the watched places; all, if there are none."""
    return watchlist.is_watched_change(report, watched) if watched else np.ones(len(report.rows), dtype=bool)


def offer_feeds(watched: Sequence[WatchedPlace]) -> None:
    """Offer a feed for each watched place, so that nobody has to remember to look."""
    if not watched:
        return
    st.header(_("Get notified of changes"), anchor=False)
    st.write(_("Add one of these addresses to a feed reader on this computer. It shows each change once:"))
    links = (
        f"- [{escape_markdown(watched_name(place))}](feed/{quote(place.key)}.atom?lang={i18n.current_language()})"
        for place in watched
    )
    st.markdown("\n".join(links))


def show_nothing_to_compare() -> None:
    """Explain that no register of the map has two snapshots to compare."""
    st.info(
        _(
            "There is nothing to compare yet: this map has one snapshot of each register. When you have "
            "a later file of the same register, add it with `lindero add FILE --id ID --snapshot-on "
            "DATE` and build again."
        )
    )
    with show_errors():
        registers = cached_answers.registers()
    if registers:
        text = _("{title}: one snapshot of {date}, with id {id}")
        lines = (
            text.format(
                title=escape_markdown(register.title),
                date=format_long_date(register.snapshots[-1].snapshot_on),
                id=format_code(register.source_id),
            )
            for register in registers
        )
        st.markdown("\n".join(f"- {line}" for line in lines))


def watched_name(watched: WatchedPlace) -> str:
    """Return the name of a community, or of a region with a note that it is one."""
    return _("{name} (region)").format(name=watched.name) if watched.is_region else watched.name
