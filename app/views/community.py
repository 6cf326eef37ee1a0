"""Community: the titles on one community's land, who holds them, whether it was asked, and who was attacked near."""

import streamlit as st

from app.analysis import made, told
from app.current import cached, recorded
from app.screen import inside, land_shown, page
from app.wording.i18n import _
from app.wording.messages import explained

KM = 25

page.head(_("Community"))
page.stop_if_empty()
with explained():
    communities = cached.communities()
if communities.empty:
    st.info(_("No community is on this map. That no boundary is on record does not mean that nobody lives there."))
    st.stop()
names = dict(zip(communities["id"], communities["name"], strict=True))
community = page.chosen(_("Community"), list(names), names.__getitem__, layer="communities")
row = communities[communities["id"] == community].to_dict("records")[0]
with explained():
    land = cached.land(community)
    own = cached.pairs("concessions", "communities").query("right_id == @community")
    pairs = recorded.with_consultations(own, "concessions", "communities")

st.markdown(told.community(row))
with explained():
    answer = cached.coverage_of_land(community)
st.markdown(f"**{told.covered(land, answer)}**")
land_shown.hectares(row, land)
land_shown.titles(row, pairs)
with explained():
    if land.titles:
        land_shown.holders(community)
    country = cached.country_at((row["ymin"] + row["ymax"]) / 2, (row["xmin"] + row["xmax"]) / 2)
    land_shown.consultations(community, country)
    land_shown.incidents(community, KM)

st.subheader(_("What the state promised, and what happened since"), anchor=False)
with explained():
    inside.commitments(country)
made.shown(
    made.Made(
        method="overlaps",
        parameters={"community": community},
        sources=made.taken(cached.sources(), ["communities", "concessions", "consultations", "incidents"]),
        command=["lindero", "overlaps", "concessions", "communities", "--right-where", f"id={community}"],
        limits=[
            _(
                "The command gives the concessions on this land and their hectares, added up and counted once; not "
                "attacks, consultations and commitments."
            )
        ],
    )
)
