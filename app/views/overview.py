"""The map: what there is, what lies at a point and near it, and what lies on what."""

import streamlit as st

from app import cached, language, lists, maps, page
from app.i18n import _, number
from app.messages import explained
from app.words import word
from layers.schema import OVERLAP_PAIRS


@st.fragment
def explore(present: list[str]) -> None:
    language.speak()
    map_side, list_side = st.columns([3, 2], gap="medium")
    with map_side:
        canvas = maps.territory(cached.extent(), present, cached.version(), cached.publishers())
        point = maps.show(canvas, maps.Choice(), key="territory")
    with list_side:
        st.subheader(_("Here and near"), anchor=False)
        if point is None:
            st.info(_("Press a place on the map: this list then says whose ground it is and what lies near."))
            return
        within_km = st.select_slider(_("Within (km)"), [5, 10, 25, 50], value=10)
        with explained():
            found = cached.near(*point, within_km=within_km)
        st.write(" ".join(lists.here(found)))
        if found.empty:
            st.info(
                _("Nothing on record within {km} km. That may only mean that nobody has recorded it.").format(
                    km=within_km
                )
            )
        else:
            lists.near(found)


page.head(_("Who lies on whose land"))
with explained():
    counts, present = cached.counts(), cached.classes()
if not present:
    st.info(_("There is nothing on this map yet: `lindero add` takes in files, `lindero build` makes the map of them."))
    st.stop()
explore(present)

st.subheader(_("What lies on what"), anchor=False)
names = {pair: _("{left} on {right}").format(left=word(pair[0]), right=word(pair[1])) for pair in OVERLAP_PAIRS}
left, right = st.selectbox(_("Layers"), OVERLAP_PAIRS, format_func=names.__getitem__)
with explained():
    pairs = cached.pairs(left, right)
if pairs.empty:
    st.info(_("No overlap on record between these layers."))
    st.stop()
st.write(
    _("{n} pairs share {ha} hectares, pair by pair: ground under several of them is counted several times.").format(
        n=number(len(pairs)), ha=number(pairs["area_ha"].sum())
    )
)
lists.pairs(pairs, left, right)
