"""What the page of missing protection is asked: against what attacks are counted, of which years, by which weights."""

import streamlit as st

from lindero.app.answers.protection.needs import COMMUNITY, LABELS, WEIGHTS, Asked
from lindero.app.answers.protection.per import Per
from lindero.app.current import cached_record
from lindero.app.text.i18n import _
from lindero.app.ui import page
from lindero.app.ui.error_message import explained
from lindero.app.ui.forms import ranking_weights

USUAL = "usual"


def ask(level: str) -> Asked:
    """Ask how regions of a level, or communities, are to be compared; what stands as usual is in no address."""
    with st.expander(_("What is counted, and how much it weighs")):
        per = None if level == COMMUNITY else _per()
        since, until = years(_("Attacks of the years"), "years")
        weights = ranking_weights.ask(WEIGHTS, LABELS)
    return Asked(level, per, since, until, tuple(weights.items()))


def years(label: str, key: str) -> tuple[int | None, int | None]:
    """Ask for a span of the years in which attacks are on record; None for an end that leaves nothing out."""
    with explained():
        on_record = cached_record.record().attacks["year"].dropna()
    first, last = (int(on_record.min()), int(on_record.max())) if len(on_record) else (0, 0)
    if first == last:
        return None, None
    since, until = st.slider(label, first, last, (first, last), key=key, bind="query-params")
    return (since, until) if (since, until) != (first, last) else (None, None)


def _per() -> Per | None:
    names = {
        USUAL: _("people, where they are known; else communities"),
        Per.PEOPLE.value: _("people"),
        Per.COMMUNITIES.value: _("communities"),
    }
    chosen = page.chosen(_("Count attacks against"), list(names), names.__getitem__, param="per")
    return None if chosen == USUAL else Per(chosen)
