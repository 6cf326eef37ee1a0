"""The parts of the page of hotspots beside its answer: the form and the chart of ranges."""

import datetime as dt
from collections.abc import Mapping

import streamlit as st

from lindero.app.answers.hotspots.choices import PLACE_KIND_NAMES, QUANTITY_NAMES, CountedQuantity, PlaceKind, RateBase
from lindero.app.answers.hotspots.events import LAYERS_BY_QUANTITY, list_cited_layers
from lindero.app.answers.hotspots.hotspots_answer import ALL, DENOMINATOR_NAMES, place_kind_name
from lindero.app.answers.hotspots.question import Question
from lindero.app.answers.hotspots.report import HotspotReport
from lindero.app.answers.record.tallies import country_text
from lindero.app.media.design import VERMILION
from lindero.app.media.pages.current import cached_answers, map_layers
from lindero.app.media.pages.downloads import picture
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.forms import country_choice
from lindero.app.media.paper import chart
from lindero.app.media.paper.chart import Range
from lindero.app.text.i18n import _, format_number
from lindero.geo.stats.hotspots import HOT

COLOR = VERMILION
MAX_PLACES = 15
TICKS = 5


# A chart of how certain hotspots are: recorded events, at least and at most, beside the number by chance.


def draw_hotspot_ranges(report: HotspotReport) -> None:
    """Draw the ranges of the clearest hotspots; draw nothing if there are none."""
    rows = report.select_result(HOT).dropna(subset=["observed_low", "observed_high"]).head(MAX_PLACES)
    if rows.empty:
        return
    text = _("{observed}; by chance {expected}")
    ranges = [
        Range(
            str(row["name"] or row["id"]),
            float(row["observed"]),
            float(row["observed_low"]),
            float(row["observed_high"]),
            text.format(observed=format_number(row["observed"]), expected=format_number(row["expected"], decimals=1)),
            float(row["expected"]),
        )
        for _at, row in rows.iterrows()
    ]
    last = max(bar.high for bar in ranges)
    step = chart.choose_tick_step(last / TICKS)
    ticks = [(step * multiple, format_number(step * multiple)) for multiple in range(int(last / step) + 1)]
    picture.show_chart(
        _("How far the hotspots stand out"),
        _(
            "Dot: recorded number here and in neighbouring places. Bar: possible range, because some "
            "locations are approximate. Line: expected by chance."
        ),
        lambda width: chart.draw_ranges(ranges, width=width, color=COLOR, first=0, last=last, ticks=ticks, after=150),
        layers=list_cited_layers(report.question.of),
        name="hotspots-ranges",
    )


# The question about hotspots in words: what is counted, over which places, against which base, in which years.


def default_subject() -> CountedQuantity | None:
    """Return the default subject of counts: the first with data on the map; None if there is none."""
    counts = map_layers.counts()
    return next(
        (
            CountedQuantity(code)
            for code in QUANTITY_NAMES
            if all(counts.get(layer.name) for layer in LAYERS_BY_QUANTITY[CountedQuantity(code)])
        ),
        None,
    )


def ask_question(default: CountedQuantity) -> Question:
    """Show the form of a question about hotspots; `default` is counted until then.

    Choices and the country are kept in the address.
    """
    with st.form("question", border=False):
        left, middle, right = st.columns(3)
        with left:
            subject = _select_code(
                _("What is counted"), "of", {code: _(text) for code, text in QUANTITY_NAMES.items()}, default
            )
        with middle:
            over = _select_code(
                _("Which places are compared"), "over", {code: place_kind_name(code) for code in PLACE_KIND_NAMES}
            )
        with right:
            per = _select_code(_("Relative to"), "per", {code: _(text) for code, text in DENOMINATOR_NAMES.items()})
        within, since, until = _ask_region_and_years()
        is_sent = st.form_submit_button(_("Ask"), type="primary")
    if is_sent:
        choices = {"of": subject, "over": over, "per": per, "within": within, "since": since, "until": until}
        choices |= {country_choice.PARAM: st.query_params.get(country_choice.PARAM)}
        st.query_params.from_dict({name: str(value) for name, value in choices.items() if value})
    return Question(
        CountedQuantity(subject), PlaceKind(over), RateBase(per) if per else None, None, within, since, until
    )


def area_name(question: Question, country: str) -> str:
    """Return the name of the selected region; if none is selected, that of the country."""
    names = {place.id: place.name for place in cached_answers.watchable().values() if place.is_region}
    return names.get(question.within) or country_text(country)


def show_progress(bar: "st.delta_generator.DeltaGenerator", step: str, count: int, total: int) -> None:
    """Show the current step and the progress: counting, testing, then repeating with other settings."""
    text = _("Counting, and repeating with other settings: {what} …").format(what=step)
    bar.progress(min((count + 1) / (total + 1), 1.0), text=text)


def _select_code(label: str, key: str, names: Mapping[str, str], usual: str = "") -> str:
    """Show controls for a code; the default is the code in the page address, else the usual one, else the first."""
    codes = [str(code) for code in names]
    linked = st.query_params.get(key)
    index = next((codes.index(code) for code in (linked, usual) if code in codes), 0)
    return st.selectbox(label, codes, index=index, format_func=lambda code: names[code])


def _ask_region_and_years() -> tuple[str, dt.date | None, dt.date | None]:
    """Show controls for a region, and for years if anything on the map has a date."""
    with show_errors():
        regions = {place.id: place.name for place in cached_answers.watchable().values() if place.is_region}
        years = map_layers.filter_options().years
    region_column, year_column = st.columns(2)
    with region_column:
        within = _select_code(_("In which region"), "within", {ALL: _("In all"), **regions})
    if years is None or years[0] == years[1]:
        return within, None, None
    first, last = year_column.slider(
        _("Years"), *years, (_linked_year("since", years[0]), _linked_year("until", years[1]))
    )
    # A limit that leaves nothing out is not applied, so that undated events count, too.
    since = dt.date(first, 1, 1) if first > years[0] else None
    return within, since, dt.date(last, 12, 31) if last < years[1] else None


def _linked_year(key: str, usual: int) -> int:
    linked = st.query_params.get(key, "")[:4]
    return int(linked) if linked.isdigit() else usual
