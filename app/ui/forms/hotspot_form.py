"""The question about hotspots, asked in words: of what, over which places, against what, in which years."""

import datetime as dt
from collections.abc import Mapping

import streamlit as st

from lindero.app.answers.hotspots.choices import Of, Over, Per
from lindero.app.answers.hotspots.events import LAYERS_OF
from lindero.app.answers.hotspots.question import Question
from lindero.app.current import cached_answers, map_layers
from lindero.app.text.i18n import _
from lindero.app.ui.error_message import explained
from lindero.layers.errors import N_

ALL = ""
OF: dict[str, str] = {
    Of.INCIDENTS: N_("Attacks and conflicts"),
    Of.ATTACKS: N_("Attacks"),
    Of.VICTIMS: N_("People attacked"),
    Of.TITLES: N_("Titles"),
    Of.OVERLAP_HA: N_("Hectares of titles on community land"),
}
OVER: dict[str, str] = {
    Over.H3: N_("Cells of equal size"),
    Over.REGIONS: N_("Regions"),
    Over.PROVINCES: N_("Provinces"),
    Over.DISTRICTS: N_("Districts"),
    Over.COMMUNITIES: N_("Communities"),
}
PER: dict[str, str] = {
    ALL: N_("Nothing: counts as they are"),
    Per.COMMUNITIES: N_("The number of communities"),
    Per.AREA: N_("The area"),
    Per.POPULATION: N_("The population"),
}


def usual() -> Of | None:
    """Give what is counted until the reader has asked: the first that the map holds; None if it holds none of them."""
    held = map_layers.counts()
    return next((Of(code) for code in OF if all(held.get(layer.name) for layer in LAYERS_OF[Of(code)])), None)


def ask(unless_asked: Of) -> Question:
    """Ask, and count `unless_asked` until then; what was asked stands in the page's address."""
    with st.form("question", border=False):
        left, middle, right = st.columns(3)
        with left:
            of = _chosen(_("What is counted"), "of", {code: _(text) for code, text in OF.items()}, unless_asked)
        with middle:
            over = _chosen(_("Which places are compared"), "over", {code: _(text) for code, text in OVER.items()})
        with right:
            per = _chosen(_("Counted against"), "per", {code: _(text) for code, text in PER.items()})
        within, since, until = _where_and_when()
        pressed = st.form_submit_button(_("Ask"), type="primary")
    if pressed:
        said = {"of": of, "over": over, "per": per, "within": within, "since": since, "until": until}
        st.query_params.from_dict({name: str(value) for name, value in said.items() if value})
    return Question(Of(of), Over(over), Per(per) if per else None, None, within, since, until)


def said(asked: Question) -> list[str]:
    """Say what was asked."""
    years = "" if asked.since is asked.until is None else f"{_of(asked.since)}–{_of(asked.until)}"
    per = _(PER[asked.per]) if asked.per else ""
    within = cached_answers.watchable()
    names = {each.id: each.name for each in within.values() if each.is_region}
    return [_(OF[asked.of]), _(OVER[asked.over]), per, names.get(asked.within, ""), years or _("all years")]


def _of(day: dt.date | None) -> str:
    return str(day.year) if day else ""


def tell(bar: "st.delta_generator.DeltaGenerator", what: str, done: int, all_: int) -> None:
    """Say what is being done, and how much of it: counting, testing, then asking in other ways."""
    text = _("Counting, and asking in many other ways: {what} …").format(what=what)
    bar.progress(min((done + 1) / (all_ + 1), 1.0), text=text)


def _chosen(label: str, key: str, names: Mapping[str, str], usual: str = "") -> str:
    """Let the reader choose a code; at first the one that the page's address names, else the usual, else the first."""
    codes = [str(code) for code in names]
    linked = st.query_params.get(key)
    at = next((codes.index(code) for code in (linked, usual) if code in codes), 0)
    return st.selectbox(label, codes, index=at, format_func=lambda code: names[code])


def _where_and_when() -> tuple[str, dt.date | None, dt.date | None]:
    """Ask for a region, and for years if anything on the map has a date."""
    with explained():
        regions = {each.id: each.name for each in cached_answers.watchable().values() if each.is_region}
        years = map_layers.filterable().years
    where, when = st.columns(2)
    with where:
        within = _chosen(_("In which region"), "within", {ALL: _("In all"), **regions})
    if years is None or years[0] == years[1]:
        return within, None, None
    first, last = when.slider(_("Years"), *years, (_year("since", years[0]), _year("until", years[1])))
    # An end that leaves nothing out is none, so that what has no date counts, too.
    since = dt.date(first, 1, 1) if first > years[0] else None
    return within, since, dt.date(last, 12, 31) if last < years[1] else None


def _year(key: str, usual: int) -> int:
    linked = st.query_params.get(key, "")[:4]
    return int(linked) if linked.isdigit() else usual
