"""What the page of overlaps tells of the pairs that its filter leaves."""

import pandas as pd
import streamlit as st

from lindero.app.answers.overlaps import ranged
from lindero.app.current import map_layers
from lindero.app.text.i18n import _, number
from lindero.app.ui import language, page
from lindero.app.ui.error_message import explained
from lindero.app.ui.maps import linked_table
from lindero.app.ui.tables import lists
from lindero.layers.database.map_database import Bounds


@st.fragment
def explore(pairs: pd.DataFrame, left: str, right: str, bounds: Bounds | None) -> None:
    """Show pairs on a map and in a list that select each other, with their sums, and offer them as files."""
    language.speak()
    with explained():
        shown = linked_table.linked(
            pairs,
            {"left_id": left, "right_id": right},
            lambda rows, select: lists.pairs(rows, left, right, select),
            key=f"overlaps-{left}-{right}",
            bounds=bounds,
        ).rows
        sums = map_layers.totals(left, right, tuple(zip(shown["left_id"], shown["right_id"], strict=True)))
    page.figures(
        {
            _("Pairs"): number(sums.pairs),
            _("Hectares, pairs added up (gross)"): number(sums.gross_ha, decimals=1),
            _("Hectares of ground, counted once (footprint)"): number(sums.footprint_ha, decimals=1),
        }
    )
    st.caption(ranged(sums))
    lists.histogram(shown)
    lists.downloads(shown, f"{left}-{right}", lambda: map_layers.shared_ground(left, right, shown))
