"""The weights of a ranking as sliders: a judgement of the reader's own, on the screen and in the page's address."""

from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.answers.ranking import exposure
from lindero.app.text.i18n import _, number

HEAVIEST = 5.0
STEP = 0.5


def ask(
    usual: Mapping[str, float] = exposure.WEIGHTS,
    labels: Mapping[str, str] = exposure.LABELS,
    *,
    told: DeltaGenerator,
) -> dict[str, float]:
    """
    Ask how much each indicator weighs; one that weighs nothing is left out. Stops if none is left.

    Parameters
    ----------
    usual
        The indicators with their usual weights.
    labels
        What each is called, not yet translated.
    told
        Where it is said if none is left.
    """
    columns = st.columns(len(usual))
    weights = {
        name: column.slider(_(labels[name]), 0.0, HEAVIEST, weight, STEP, key=f"weight-{name}", bind="query-params")
        for column, (name, weight) in zip(columns, usual.items(), strict=True)
    }
    weighing = {name: weight for name, weight in weights.items() if weight > 0}
    if not weighing:
        told.info(_("Nothing weighs anything: there is no order. Move a slider to the right."))
        st.stop()
    return weighing


def weights_text(
    weights: Mapping[str, float],
    usual: Mapping[str, float] = exposure.WEIGHTS,
    labels: Mapping[str, str] = exposure.LABELS,
) -> str:
    """Say how much each indicator weighs; in short where all weigh as usual."""
    if dict(weights) == dict(usual):
        return _("weights as usual")
    of_each = (f"{_(labels[name])} {number(weight, decimals=1)}" for name, weight in weights.items())
    return _("weights: {weights}").format(weights=", ".join(of_each))
