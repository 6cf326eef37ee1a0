"""The weights of a ranking as sliders: a judgement of the reader's own, on the screen."""

import streamlit as st

from lindero.app.answers.exposure import LABELS, WEIGHTS
from lindero.app.text.i18n import _

HEAVIEST = 5.0
STEP = 0.5


def ask() -> dict[str, float]:
    """Ask how much each indicator weighs; one that weighs nothing is left out. Stops if none is left."""
    columns = st.columns(len(WEIGHTS))
    weights = {
        name: column.slider(_(LABELS[name]), 0.0, HEAVIEST, usual, STEP, key=f"weight-{name}")
        for column, (name, usual) in zip(columns, WEIGHTS.items(), strict=True)
    }
    weighing = {name: weight for name, weight in weights.items() if weight > 0}
    if not weighing:
        st.info(_("Nothing weighs anything: there is no order. Move a slider to the right."))
        st.stop()
    return weighing
