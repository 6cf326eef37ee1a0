"""The weights of a ranking as sliders. They are the reader's judgement and are kept in the page address."""

from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.answers.ranking.exposure import WEIGHTS
from lindero.app.answers.ranking.exposure_report import LABELS
from lindero.app.text.i18n import _, format_number

MAX_WEIGHT = 5.0
STEP = 0.5


def ask_weights(
    usual: Mapping[str, float] = WEIGHTS,
    labels: Mapping[str, str] = LABELS,
    *,
    container: DeltaGenerator,
) -> dict[str, float]:
    """Show controls for the weight of each indicator; those with weight 0 are left out.

    Stop the page if none is left.
    """
    columns = st.columns(len(usual))
    weights = {
        name: column.slider(_(labels[name]), 0.0, MAX_WEIGHT, weight, STEP, key=f"weight-{name}", bind="query-params")
        for column, (name, weight) in zip(columns, usual.items(), strict=True)
    }
    positive_weights = {name: weight for name, weight in weights.items() if weight > 0}
    if not positive_weights:
        container.info(_("All weights are 0, so there is no ranking. Move a slider to the right."))
        st.stop()
    return positive_weights


def weights_text(
    weights: Mapping[str, float],
    usual: Mapping[str, float] = WEIGHTS,
    labels: Mapping[str, str] = LABELS,
) -> str:
    """Return the weight of each indicator in words; a short text if all have their default weights."""
    if dict(weights) == dict(usual):
        return _("default weights")
    parts = (f"{_(labels[name])} {format_number(weight, decimals=1)}" for name, weight in weights.items())
    return _("weights: {weights}").format(weights=", ".join(parts))
