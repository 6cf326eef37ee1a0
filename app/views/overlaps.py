"""Overlaps: which features of one layer lie on those of another, on how much of them, and how surely."""

import pandas as pd
import streamlit as st

from app.analysis import made
from app.current import cached
from app.screen import linked, lists, page
from app.wording import language
from app.wording.i18n import _, number
from app.wording.messages import explained
from app.wording.words import word

CERTAINTIES = ["certain", "possible", "sliver"]


@st.fragment
def explore(pairs: pd.DataFrame, left: str, right: str) -> None:
    language.speak()
    with explained():
        shown = linked.linked(
            pairs,
            {"left_id": left, "right_id": right},
            lambda rows, select: lists.pairs(rows, left, right, select),
            key=f"overlaps-{left}-{right}",
        ).rows
        sums = cached.totals(left, right, tuple(zip(shown["left_id"], shown["right_id"], strict=True)))
    page.figures(
        {
            _("Pairs"): number(sums.pairs),
            _("Hectares, pairs added up (gross)"): number(sums.gross_ha, decimals=1),
            _("Hectares of ground, counted once (footprint)"): number(sums.footprint_ha, decimals=1),
        }
    )
    lists.histogram(shown)
    lists.downloads(shown, f"{left}-{right}", lambda: cached.shared_ground(left, right, shown))


page.head(_("Overlaps"))
page.stop_if_empty()
with explained():
    layers = cached.layable()
if len(layers) < 2:  # noqa: PLR2004  one layer lies over no other
    st.info(_("This map has no two layers that can be laid over each other."))
    st.stop()
first, second = st.columns(2)
with first:
    left = page.chosen(_("What lies"), layers, word, param="left")
with second:
    others = sorted((name for name in layers if name != left), key=lambda name: name != "communities")
    right = page.chosen(_("On what"), others, word, param="right")
share, area, sure = st.columns(3)
least = share.slider(_("Least share of either (%)"), 0, 100, 0) / 100
least_ha = area.number_input(_("Least shared hectares"), min_value=0.0, value=0.0, step=10.0, format="%.0f")
certainties = sure.multiselect(_("Certainty"), CERTAINTIES, default=CERTAINTIES[:2], format_func=word)
named = st.text_input(_("Only where a name or holder contains"), autocomplete="off")
with explained(), st.spinner(_("One layer is being laid over the other …")):
    pairs = cached.pairs(left, right)
pairs = pairs[
    pairs[["share_of_left", "share_of_right"]].max(axis=1).ge(least)
    & pairs["area_ha"].ge(least_ha)
    & pairs["certainty"].isin(certainties)
    & lists.names_contain(pairs, named)
]
if pairs.empty:
    st.info(_("No overlap on record is like that: lower the least values, or allow other certainties and names."))
    st.stop()
explore(pairs, left, right)
made.shown(
    made.Made(
        method="overlaps",
        parameters={"least share": least, "least hectares": least_ha, "certainty": certainties},
        sources=made.taken(cached.sources(), [left, right]),
        command=["lindero", "overlaps", left, right, "--format", "json"],
        limits=[
            _("Boundaries are laid over each other as they are on record. The command gives all pairs, unfiltered.")
        ],
    )
)
