"""What the page of missing protection is asked: against what attacks are counted, of which years, by which weights."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.answers.defaults import Per
from lindero.app.answers.protection.needs import COMMUNITY, LABELS, WEIGHTS, NeedsQuestion
from lindero.app.current import map_layers
from lindero.app.text.i18n import _
from lindero.app.ui.error_message import explained
from lindero.app.ui.forms import ranking_weights
from lindero.app.ui.frame import page

USUAL = "usual"


def ask(level: str, told: DeltaGenerator) -> NeedsQuestion:
    """
    Ask how regions of a level, or communities, are to be compared; what stands as usual is in no address.

    `told` is where it is said what cannot be asked.
    """
    per = None if level == COMMUNITY else _per(told)
    since, until = years(_("Attacks of the years"), "years")
    weights = ranking_weights.ask(WEIGHTS, LABELS, told=told)
    return NeedsQuestion(level, per, since, until, tuple(weights.items()))


def choices_text(asked: NeedsQuestion) -> list[str]:
    """Say what is counted, and how much it weighs."""
    is_all = (asked.since, asked.until) == (None, None)
    return [
        "" if asked.level == COMMUNITY else _("attacks by {base}").format(base=_bases()[asked.per]),
        _("all years") if is_all else f"{asked.since or ''}–{asked.until or ''}",
        ranking_weights.weights_text(dict(asked.weights), WEIGHTS, LABELS),
    ]


def years(label: str, key: str) -> tuple[int | None, int | None]:
    """Ask for a span of the years in which attacks are on record; None for an end that leaves nothing out."""
    with explained():
        on_record = map_layers.record().attacks["year"].dropna()
    first, last = (int(on_record.min()), int(on_record.max())) if len(on_record) else (0, 0)
    if first == last:
        return None, None
    since, until = st.slider(label, first, last, (first, last), key=key, bind="query-params")
    return (since, until) if (since, until) != (first, last) else (None, None)


def _per(told: DeltaGenerator) -> Per | None:
    names = {USUAL if per is None else per.value: name for per, name in _bases().items()}
    chosen = page.chosen(_("Count attacks against"), list(names), names.__getitem__, param="per", told=told)
    return None if chosen == USUAL else Per(chosen)


def _bases() -> dict[Per | None, str]:
    return {
        None: _("people, where they are known; else communities"),
        Per.PEOPLE: _("people"),
        Per.COMMUNITIES: _("communities"),
    }
