"""What one holder has on record, part by part: its spellings, its titles, whose land they lie on."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import geopandas as gpd
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.answers.coverage.coverage_text import figure, none_of, reach
from lindero.app.answers.coverage.reach import Reach
from lindero.app.answers.holder import Holder
from lindero.app.brief.holder import found
from lindero.app.current import map_layers
from lindero.app.current.selection import Feature
from lindero.app.text.i18n import _, ngettext, number
from lindero.app.ui.error_message import explained
from lindero.app.ui.frame import language, order
from lindero.app.ui.frame.page import Figures
from lindero.app.ui.maps import linked_table, overlap_areas
from lindero.app.ui.maps.areas import Over
from lindero.app.ui.tables import lists, record_tables


def spellings(holder: Holder, choices: DeltaGenerator) -> tuple[str, ...]:
    """Show what was taken for one holder, where that is more than one spelling, and let the reader take it apart."""
    if len(holder.spellings) == 1:
        return holder.spellings
    told = _("Spellings taken for this holder: remove those that are somebody else")
    with order.folded(choices):
        return tuple(st.multiselect(told, holder.spellings, default=holder.spellings))


def taken_as_one(spellings: Sequence[str]) -> str:
    """Say how many spellings of a name are taken for one holder."""
    count = len(spellings)
    return ngettext("{n} spelling of the name", "{n} spellings taken for one holder", count).format(n=number(count))


def answer(
    titles: pd.DataFrame, touched: Mapping[str, pd.DataFrame], covered: Mapping[str, Reach]
) -> tuple[str, list[str], Figures]:
    """Say how many titles there are, how large, and what they touch, as far as the map has data there."""
    counts = {layer: figure(pairs["right_id"].nunique(), covered[layer]) for layer, pairs in touched.items()}
    figures: Figures = {
        _("Concessions"): number(len(titles)),
        _("Hectares, added up"): number(titles["area_ha"].sum()),
        _("Communities touched"): counts["communities"],
        _("Protected areas touched"): counts["protected_areas"],
    }
    return found(len(titles), counts), [], figures


@st.fragment
def titles_and_lands(titles: pd.DataFrame, touched: Mapping[str, pd.DataFrame]) -> None:
    """Draw the titles and what they touch, and list the titles; map and list select each other."""
    language.speak()
    marked = [Feature("concessions", id_) for id_ in titles["id"]]
    marked += [Feature(layer, id_) for layer, pairs in touched.items() for id_ in pairs["right_id"].unique()]
    with explained():
        linked_table.linked(
            titles,
            {"id": "concessions"},
            lists.titles,
            key=f"holder-{titles['id'].iloc[0]}",
            bounds=(titles["xmin"].min(), titles["ymin"].min(), titles["xmax"].max(), titles["ymax"].max()),
            marked=tuple(marked),
            over=_shared(touched),
            is_drawn_far_out=True,
        )
    lists.download(titles, "titles.csv")


def _shared(touched: Mapping[str, pd.DataFrame]) -> Over | None:
    """Draw the ground that the titles share with what they touch."""
    drawn = [
        overlap_areas.shapes(pairs, partial(map_layers.shared_ground, "concessions", layer))
        for layer, pairs in touched.items()
        if not pairs.empty
    ]
    return Over(gpd.GeoDataFrame(pd.concat(drawn)), overlap_areas.looks(), _("Shared ground")) if drawn else None


def lands(touched: Mapping[str, pd.DataFrame], covered: Mapping[str, Reach], left_out: Iterable[str]) -> None:
    """List whose land the titles lie on; of what was not found, say how far the map has data, and what is left out."""
    st.header(_("Whose land they lie on"), anchor=False)
    for layer, pairs in touched.items():
        if not pairs.empty:
            lists.pairs(pairs, "concessions", layer)
    absent = [covered[layer] for layer, pairs in touched.items() if pairs.empty]
    partly = [reach(covered[layer]) for layer, pairs in touched.items() if not pairs.empty]
    st.write(" ".join(filter(None, (none_of(absent), *partly, *dict.fromkeys(left_out)))))


def conflicts(with_it: pd.DataFrame) -> None:
    """List the conflicts on record with a company of this name; nothing where there are none."""
    if with_it.empty:
        return
    st.header(_("Conflicts on record with a company of this name"), anchor=False)
    record_tables.conflicts(with_it)
    st.write(_("The company is as the source of the conflict writes it: see that it is this one."))
