"""What the page of time tells of each year."""

import pandas as pd
import streamlit as st

from lindero.app.answers import before_after
from lindero.app.current import map_layers
from lindero.app.text.i18n import _
from lindero.app.ui.tables import answer_tables
from lindero.layers.model.schema import CONCESSIONS


def counted(seen: pd.DataFrame, every: pd.DataFrame) -> None:
    """List the counts of the years seen, and say what those of every year cannot tell, layer by layer."""
    answer_tables.by_year(seen)
    if lacking := map_layers.lacking(before_after.LAYERS):
        st.write(lacking)
    if not map_layers.lacking([CONCESSIONS.name]) and not every["granted"].any():
        st.write(_("No title on this map says when it was granted."))
    if seen[["applied", "granted", "attacks"]].isna().any(axis=None):
        st.write(_("Where a year is empty, nobody knows: no source says that it stands for that year."))
