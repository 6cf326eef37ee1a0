"""Sources and limits: where everything on the map comes from, what became of it, and what the map cannot say."""

import streamlit as st

from app import cached, lists, page
from app.i18n import _
from app.messages import explained
from app.text import plain
from layers import base

page.head(_("Sources and limits"))
with explained():
    sources = cached.sources()
st.subheader(_("What this map is made of"), anchor=False)
st.write(_("Every row received was kept or rejected: the numbers add up, or there would be no map."))
if not sources:
    st.info(_("This map has no sources yet."))
else:
    lists.sources(sources)

st.subheader(_("What it cannot say"), anchor=False)
limits = [
    _("Where no attack is on record, there may have been some: people are afraid, or nobody asked."),
    _("Where no boundary is on record, there may be land of a community: many are not titled, or not drawn."),
    _("Boundaries are as exact as they were drawn. An overlap is certain only if it remains when both are drawn in."),
    _("Gross hectares add up the pairs; footprint hectares count ground once. Only the second is an area of land."),
    _("A concession is a right on paper. It does not say that anybody digs, drills or fells there."),
    _("The map is as old as its sources: see their dates above."),
]
st.markdown("\n".join(f"- {limit}" for limit in limits))
st.subheader(_("The background"), anchor=False)
st.markdown(
    "\n".join(
        f"- {plain(source.title)} · {plain(source.publisher)} · {plain(source.licence)}" for source in base.sources()
    )
)
