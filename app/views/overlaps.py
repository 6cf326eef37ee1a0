"""Overlaps: which features of one layer lie on those of another, on how much of them, and how surely."""

import pandas as pd
import streamlit as st

from app import cached, language, linked, lists, page
from app.i18n import _, number
from app.messages import explained
from app.words import word
from layers.schema import OVERLAP_PAIRS

CERTAINTIES = ["certain", "possible", "sliver"]

page.head(_("Overlaps"))
page.stop_if_empty()
with explained():
    counts = cached.counts()
laid = {f"{left}-{right}": (left, right) for left, right in OVERLAP_PAIRS if counts[left] and counts[right]}
if not laid:
    st.info(_("This map has no two layers that can be laid over each other."))
    st.stop()
names = {
    code: _("{left} on {right}").format(left=word(left), right=word(right)) for code, (left, right) in laid.items()
}

layers, share, sure = st.columns(3)
code = layers.selectbox(_("Layers"), list(laid), format_func=names.__getitem__)
least = share.slider(_("Least share of either (%)"), 0, 100, 0) / 100
certainties = sure.multiselect(_("Certainty"), CERTAINTIES, default=CERTAINTIES[:2], format_func=word)
with explained():
    pairs = cached.pairs(*laid[code])
pairs = pairs[pairs[["share_of_left", "share_of_right"]].max(axis=1).ge(least) & pairs["certainty"].isin(certainties)]
if pairs.empty:
    st.info(_("No overlap on record is like that: lower the share, or allow other certainties."))
    st.stop()


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
    for column, (label, value) in zip(
        st.columns(3),
        {
            _("Pairs"): number(sums.pairs),
            _("Hectares, pairs added up (gross)"): number(sums.gross_ha, decimals=1),
            _("Hectares of ground, counted once (footprint)"): number(sums.footprint_ha, decimals=1),
        }.items(),
        strict=True,
    ):
        column.metric(label, value)
    st.bar_chart(
        lists.by_share(shown),
        x="share",
        y="pairs",
        x_label=_("Share of the first that is covered (%)"),
        y_label=_("Pairs"),
    )
    lists.download(shown, f"{left}-{right}.csv")


explore(pairs, *laid[code])
