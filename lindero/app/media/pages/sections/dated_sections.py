"""The parts of *Latest changes* by the register's own dates: recent applications and grants."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.answers import provenance
from lindero.app.answers.answer import doubts_section
from lindero.app.answers.changes import watchlist
from lindero.app.answers.changes.events import Event
from lindero.app.answers.changes.register_dates import ACTS, MONTHS, DatedReport
from lindero.app.answers.changes.watchlist import WatchedPlace
from lindero.app.media.pages import streamlit_page
from lindero.app.media.pages.current import cached_answers, map_layers
from lindero.app.media.pages.downloads import citation
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.frame import order
from lindero.app.media.pages.frame.order import Order
from lindero.app.media.pages.maps import areas, legends, map_picture
from lindero.app.media.pages.provenance_panel import show_provenance
from lindero.app.media.pages.sections import change_sections
from lindero.app.media.pages.tables import lists
from lindero.app.text.codes import translate_code
from lindero.app.text.escape import escape_markdown, remove_markup
from lindero.app.text.i18n import _, format_number, join_texts, ngettext
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, PROTECTED_AREAS

SPANS = (3, 6, MONTHS, 24, 60)  # months


def show_dated_acts(parts: Order) -> None:
    """Show controls for the span, the acts and the land, and show the answer."""
    with parts.choices:
        months = st.selectbox(
            _("Months before the register's date"), SPANS, SPANS.index(MONTHS), key="months", bind="query-params"
        )
        with show_errors():
            report = cached_answers.dated_report(months)
        acts = st.multiselect(
            _("What happened"), ACTS, list(ACTS), format_func=translate_code, key="acts", bind="query-params"
        )
        on_land = st.checkbox(_("Only on community land"), key="on-land", bind="query-params")
        watched = change_sections.ask_watched_places(parts.finding)
    is_shown = _filter_mask(report, acts, watched, on_land=on_land)
    chosen = report.select(is_shown)
    with show_errors():
        reach = cached_answers.reach_of_register(report, watched) if watched else None
    with show_errors():
        answer, events = cached_answers.dated_section(chosen, reach), cached_answers.act_events(chosen)
    shown = replace(answer, note=escape_markdown(chosen.largest_holders_text())) if answer.note else answer
    limits = chosen.list_limits(reach) if answer.note else []
    order.show_finding(parts.finding, shown, doubts_section(map(escape_markdown, limits)))
    choices = [_("the last {n} months").format(n=months), join_texts([translate_code(act) for act in acts])]
    choices += [_("only on community land")] * on_land
    order.show_choices(parts.finding, [*choices, *map(change_sections.watched_name, watched)])
    if answer.table is None:
        parts.picture.info(_("Nothing is recorded in these months: choose more months, or clear your list."))
    else:
        _draw_map(parts.picture, events, remove_markup(answer.finding))
        with parts.rows:
            streamlit_page.show_table(answer.table)
            lists.offer_csv(chosen.rows, f"concessions-{report.since}-{report.until}.csv")
    with parts.more:
        change_sections.offer_feeds(watched)
    with parts.method:
        _show_method(report, answer.finding)


def _filter_mask(
    report: DatedReport, acts: Sequence[str], watched: Sequence[WatchedPlace], *, on_land: bool
) -> npt.NDArray[np.bool_]:
    """Return a mask of the rows that match the choices."""
    is_shown = report.rows["act"].isin(acts).to_numpy(dtype=bool)
    if on_land:
        is_shown &= report.is_on_community_land()
    return is_shown & watchlist.is_watched_act(report, watched) if watched else is_shown


def _draw_map(room: DeltaGenerator, events: Sequence[Event], finding: str) -> None:
    """Draw the concessions. The map opens on those on community land, if there are any."""
    shapes = legends.event_shapes(events)
    with room:
        if len(events) > len(shapes):
            text = ngettext("{n} is drawn, the largest.", "The {n} largest are drawn.", len(shapes))
            st.write(text.format(n=format_number(len(shapes))))
        map_picture.show_map_with_picture(
            shapes,
            legends.act_looks(),
            title=_("New concessions"),
            finding=finding,
            layers=[CONCESSIONS.name],
            key="dated",
            about=sum(map(legends.is_on_community_land, events)) or areas.MAX_AREAS,
        )


def _show_method(report: DatedReport, finding: str) -> None:
    command = ["lindero", "changes", "--dated", "--since", str(report.since), "--until", str(report.until)]
    command += ["--format", "json"]
    lands = map_layers.cite_sources([COMMUNITIES.name, PROTECTED_AREAS.name])
    sources = [*report.sources, *lands]
    citation.show_citation(finding, sources, command)
    show_provenance(
        provenance.Provenance(
            method="register_dates",
            parameters={"since": report.since, "until": report.until},
            coverage=[report.reach.to_dict()],
            sources=sources,
            command=command,
        ),
        report.rows,
    )
