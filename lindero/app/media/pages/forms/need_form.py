"""The choices of the page of missing protection: base of the rates, years and weights."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.answers.defaults import RateBase
from lindero.app.answers.protection.needs import COMMUNITY, LABELS, WEIGHTS, NeedsQuestion
from lindero.app.media.pages.current import map_layers
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.forms import ranking_weights
from lindero.app.media.pages.frame import page
from lindero.app.text.i18n import _

USUAL_WEIGHTS = "usual"


def ask_question(level: str, container: DeltaGenerator) -> NeedsQuestion:
    """Show controls for the comparison of regions of a level, or of communities.

    Default values are not written to the address.

    `container` is the place for messages about invalid choices.
    """
    per = None if level == COMMUNITY else _ask_base(container)
    since, until = ask_years(_("Years of the attacks"), "years")
    weights = ranking_weights.ask_weights(WEIGHTS, LABELS, container=container)
    return NeedsQuestion(level, per, since, until, tuple(weights.items()))


def choices_text(question: NeedsQuestion) -> list[str]:
    """Return the choices in words: base of the rates, years and weights."""
    is_all = (question.since, question.until) == (None, None)
    return [
        ""
        if question.level == COMMUNITY
        else _("attacks compared with the number of {base}").format(base=_base_labels()[question.per]),
        _("all years") if is_all else f"{question.since or ''}–{question.until or ''}",
        ranking_weights.weights_text(dict(question.weights), WEIGHTS, LABELS),
    ]


def ask_years(label: str, key: str) -> tuple[int | None, int | None]:
    """Show controls for a span of years among those with attacks; None for an end that excludes nothing."""
    with show_errors():
        known_years = map_layers.record().attacks["year"].dropna()
    first, last = (int(known_years.min()), int(known_years.max())) if len(known_years) else (0, 0)
    if first == last:
        return None, None
    since, until = st.slider(label, first, last, (first, last), key=key, bind="query-params")
    return (since, until) if (since, until) != (first, last) else (None, None)


def _ask_base(container: DeltaGenerator) -> RateBase | None:
    names = {USUAL_WEIGHTS if per is None else per.value: name for per, name in _base_labels().items()}
    choice = page.select_option(
        _("Compare attacks with the number of"), list(names), names.__getitem__, param="per", container=container
    )
    return None if choice == USUAL_WEIGHTS else RateBase(choice)


def _base_labels() -> dict[RateBase | None, str]:
    return {
        None: _("people where known, otherwise communities"),
        RateBase.PEOPLE: _("people"),
        RateBase.COMMUNITIES: _("communities"),
    }
