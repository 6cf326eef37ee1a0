"""Community: the titles on one community's land, who holds them, whether it was asked, and who was attacked near."""

import pandas as pd
import streamlit as st

from app.analysis import made, told
from app.current import cached
from app.current.selection import Feature
from app.screen import inside, linked, lists, page
from app.wording import language
from app.wording.i18n import _, number
from app.wording.messages import explained
from layers.store import Bounds

KM = 25


@st.fragment
def land_and_titles(pairs: pd.DataFrame, bounds: Bounds, community: str) -> None:
    language.speak()
    st.subheader(_("Titles on this land"), anchor=False)
    with explained():
        linked.linked(
            pairs,
            {"left_id": "concessions"},
            lambda rows, select: lists.pairs(rows, "concessions", "communities", select),
            key=f"community-{community}",
            bounds=bounds,
            marked=(Feature("communities", community),),
        )
    lists.download(pairs, "titles-on-the-land.csv")


page.head(_("Community"))
page.stop_if_empty()
with explained():
    communities = cached.communities()
if communities.empty:
    st.info(_("No community is on this map. That no boundary is on record does not mean that nobody lives there."))
    st.stop()
names = dict(zip(communities["id"], communities["name"], strict=True))
community = page.chosen(_("Community"), list(names), names.__getitem__)
row = communities.set_index("id").loc[[community]].to_dict("records")[0]
with explained():
    pairs = cached.pairs("concessions", "communities").query("right_id == @community")
    land = cached.land(community)
    attacks = cached.attacks_near(community, within_km=KM)
    asked = cached.consultations(community)

st.markdown(told.community(row))
st.markdown(f"**{told.covered(land)}**")
if land.titles:
    stated = {
        _("Land of the community (ha)"): row["area_ha"],
        _("Under concession, ground counted once (ha)"): land.footprint_ha,
        _("Of this certain (ha)"): land.certain_ha,
        _("Added up title by title (ha)"): land.gross_ha,
    }
    for column, (label, value) in zip(st.columns(4), stated.items(), strict=True):
        column.metric(label, number(value, decimals=1) if pd.notna(value) else "?")

bounds = (row["xmin"], row["ymin"], row["xmax"], row["ymax"])
land_and_titles(pairs, bounds, community)
if land.titles:
    st.subheader(_("Holders, by hectares of this land"), anchor=False)
    lists.holders(cached.holders_on(community))

st.subheader(_("Was the community asked?"), anchor=False)
if asked.empty:
    st.write(_("No consultation is on record."))
else:
    lists.consultations(asked)

st.subheader(_("Attacks on record within {km} km of its land").format(km=KM), anchor=False)
if attacks.empty:
    st.write(_("None. That no attack is on record does not mean that there was none."))
else:
    st.markdown("\n".join(f"- {told.incident(attack)}" for attack in attacks.to_dict("records")))

st.subheader(_("What the state promised, and what happened since"), anchor=False)
with explained():
    inside.commitments(cached.country_at((row["ymin"] + row["ymax"]) / 2, (row["xmin"] + row["xmax"]) / 2))
made.shown(
    made.Made(
        method="overlaps",
        parameters={"community": community},
        sources=made.taken(cached.sources(), ["communities", "concessions", "consultations", "incidents"]),
        command=["lindero", "overlaps", "concessions", "communities", "--right-where", f"id={community}"],
    )
)
