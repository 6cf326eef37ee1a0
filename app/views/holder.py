"""Holder: one company across the spellings of its name, its titles, and whose land they lie on."""

import pandas as pd
import streamlit as st

from app.analysis import made
from app.current import cached
from app.current.selection import Feature
from app.screen import linked, lists, page
from app.wording import language
from app.wording.i18n import _, number
from app.wording.messages import explained

TOUCHED = ("communities", "protected_areas")


@st.fragment
def titles_and_lands(titles: pd.DataFrame, touched: dict[str, pd.DataFrame]) -> None:
    language.speak()
    marked = [Feature("concessions", id_) for id_ in titles["id"]]
    marked += [Feature(layer, id_) for layer, pairs in touched.items() for id_ in pairs["right_id"].unique()]
    bounds = (titles["xmin"].min(), titles["ymin"].min(), titles["xmax"].max(), titles["ymax"].max())
    with explained():
        linked.linked(
            titles,
            {"id": "concessions"},
            lists.titles,
            key=f"holder-{titles['id'].iloc[0]}",
            bounds=bounds,
            marked=tuple(marked),
            is_drawn_far_out=True,
        )
    lists.download(titles, "titles.csv")


page.head(_("Holder"))
page.stop_if_empty()
with explained():
    holders = {holder.code: holder for holder in cached.holders()}
if not holders:
    st.info(_("No concession on this map names its holder."))
    st.stop()
holder = holders[page.chosen(_("Holder"), list(holders), lambda code: holders[code].name)]
spellings = list(holder.spellings)
if len(spellings) > 1:
    spellings = st.multiselect(
        _("Spellings taken for this holder: remove those that are somebody else"), spellings, default=spellings
    )
if not spellings:
    st.info(_("Leave at least one spelling."))
    st.stop()
with explained():
    titles = cached.titles(tuple(spellings))
    touched = {
        layer: pairs[pairs["left_id"].isin(titles["id"])]
        for layer in TOUCHED
        for pairs in [cached.pairs("concessions", layer)]
    }

for column, label, value in zip(
    st.columns(4),
    [_("Concessions"), _("Hectares, added up"), _("Communities touched"), _("Protected areas touched")],
    [len(titles), titles["area_ha"].sum(), *(pairs["right_id"].nunique() for pairs in touched.values())],
    strict=True,
):
    column.metric(label, number(value))
titles_and_lands(titles, touched)

st.subheader(_("Whose land they lie on"), anchor=False)
for layer, pairs in touched.items():
    if not pairs.empty:
        lists.pairs(pairs, "concessions", layer)
if all(pairs.empty for pairs in touched.values()):
    st.write(_("On no community's land and in no protected area that is on record."))
made.shown(
    made.Made(
        method="overlaps",
        parameters={"spellings": spellings},
        sources=made.taken(cached.sources(), ["concessions", *TOUCHED]),
        command=["lindero", "overlaps", "concessions", "communities", "--format", "json"],
        limits=[
            _("Names that look alike were taken for one holder: see the spellings, and take them apart if need be.")
        ],
    )
)
