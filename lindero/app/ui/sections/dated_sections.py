"""The parts of *Latest changes* by the register's own dates: what was applied for and granted in the last months."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.answers.changes import watchlist
from lindero.app.answers.changes.changes_answer import dated_section
from lindero.app.answers.changes.register_dates import ACTS, MONTHS, DatedReport
from lindero.app.answers.changes.watchlist import Watched
from lindero.app.current import cached_answers, map_layers
from lindero.app.output import provenance
from lindero.app.renderers import streamlit_page
from lindero.app.text import change_text
from lindero.app.text.codes import word
from lindero.app.text.escape import bare
from lindero.app.text.i18n import _, listed, ngettext, number
from lindero.app.ui.downloads import citation
from lindero.app.ui.error_message import explained
from lindero.app.ui.frame import order
from lindero.app.ui.frame.order import Order
from lindero.app.ui.maps import areas, legends, map_picture
from lindero.app.ui.provenance_panel import show_provenance
from lindero.app.ui.sections import change_sections
from lindero.app.ui.tables import lists
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, PROTECTED_AREAS

SPANS = (3, 6, MONTHS, 24, 60)  # months


def show(parts: Order) -> None:
    """Ask for the span, the acts and the land, and answer."""
    with parts.choices:
        months = st.selectbox(
            _("Months before the date of the register"), SPANS, SPANS.index(MONTHS), key="months", bind="query-params"
        )
        with explained():
            report = cached_answers.dated(months)
        acts = st.multiselect(_("What happened"), ACTS, list(ACTS), format_func=word, key="acts", bind="query-params")
        on_land = st.checkbox(_("Only on community land"), key="on-land", bind="query-params")
        watched = change_sections.ask(parts.finding)
    seen = _seen(report, acts, watched, on_land=on_land)
    chosen = report.select(seen)
    with explained():
        on = cached_answers.reach_of_register(report, watched) if watched else None
    answer = dated_section(chosen, on)
    order.say(parts.finding, answer)
    said = [_("the last {n} months").format(n=months), listed([word(act) for act in acts])]
    said += [_("only on community land")] * on_land
    order.tell_choices(parts.finding, [*said, *map(change_sections.name, watched)])
    if answer.table is None:
        parts.picture.info(_("Nothing in these months: choose more months, or empty your list."))
    else:
        _map(parts.picture, chosen, bare(answer.finding))
        with parts.rows:
            streamlit_page.table(answer.table)
            lists.download(chosen.rows, f"concessions-{report.since}-{report.until}.csv")
    with parts.more:
        change_sections.feeds(watched)
    with parts.method:
        _method(report, answer.finding)


def _seen(
    report: DatedReport, acts: Sequence[str], watched: Sequence[Watched], *, on_land: bool
) -> npt.NDArray[np.bool_]:
    """Return which rows the reader wants to see."""
    seen = report.rows["act"].isin(acts).to_numpy(dtype=bool)
    if on_land:
        seen &= report.on_land()
    return seen & watchlist.on_watched_ground(report, watched) if watched else seen


def _map(room: DeltaGenerator, report: DatedReport, finding: str) -> None:
    """Draw the concessions, the largest first."""
    largest = report.rows["area_ha"].fillna(0).to_numpy().argsort()[::-1][: areas.MOST]
    rows = report.rows.iloc[largest]
    drawn = gpd.GeoDataFrame(
        {
            "name": rows["name"].fillna(rows["id"]).to_numpy(),
            "said": [change_text.dated_line(row) for row in rows.to_dict("records")],
            "look": rows["act"].to_numpy(),
        },
        geometry=report.shapes.iloc[largest].reset_index(drop=True),
    )
    with room:
        if len(report.rows) > len(rows):
            text = ngettext("The largest {n} is drawn.", "The largest {n} are drawn.", len(rows))
            st.write(text.format(n=number(len(rows))))
        map_picture.show(
            drawn,
            legends.acts(),
            title=_("New concessions"),
            finding=finding,
            layers=[CONCESSIONS.name],
            key="dated",
            about=areas.MOST,
        )


def _method(report: DatedReport, finding: str) -> None:
    command = ["lindero", "changes", "--dated", "--since", str(report.since), "--until", str(report.until)]
    command += ["--format", "json"]
    lands = provenance.sources_of(map_layers.sources(), [COMMUNITIES.name, PROTECTED_AREAS.name])
    sources = [*report.sources, *lands]
    citation.show(finding, sources, command)
    show_provenance(
        provenance.Made(
            method="register_dates",
            parameters={"since": report.since, "until": report.until},
            coverage=[report.covered.as_dict()],
            sources=sources,
            command=command,
        ),
        report.rows,
    )
