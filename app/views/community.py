"""Community: the titles on one community's land, who holds them, whether it was asked, and who was attacked near."""

import streamlit as st

from app import cached, lists, maps, page, told
from app.i18n import _, ngettext, number, percent
from app.messages import explained

KM = 25

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
    sums = cached.totals("concessions", "communities", tuple(zip(pairs["left_id"], pairs["right_id"], strict=True)))
    middle = (row["ymin"] + row["ymax"]) / 2, (row["xmin"] + row["xmax"]) / 2
    attacks = cached.near(*middle, within_km=KM).query("layer == 'incidents'")
    asked = cached.consultations(community)

st.markdown(told.community(row))
if pairs.empty:
    st.markdown("**" + _("No concession on record lies on this land.") + "**")
else:
    covered = percent(sums.footprint_ha / row["area_ha"])
    text = ngettext(
        "{n} concession lies on {share} of this land.", "{n} concessions lie on {share} of this land.", len(pairs)
    )
    st.markdown("**" + text.format(n=number(len(pairs)), share=covered) + "**")
    for column, label, value in zip(
        st.columns(3),
        [
            _("Land of the community (ha)"),
            _("Under concession, ground counted once (ha)"),
            _("Added up title by title (ha)"),
        ],
        [row["area_ha"], sums.footprint_ha, sums.gross_ha],
        strict=True,
    ):
        column.metric(label, number(value, decimals=1))

bounds = (row["xmin"], row["ymin"], row["xmax"], row["ymax"])
maps.show(
    maps.territory(bounds, cached.classes(), cached.version(), cached.publishers()),
    maps.Choice(),
    key="community",
    height=400,
)

if not pairs.empty:
    st.subheader(_("Titles on this land"), anchor=False)
    lists.pairs(pairs, "concessions", "communities")
    st.subheader(_("Holders, by hectares of this land"), anchor=False)
    lists.holders(pairs)

st.subheader(_("Was the community asked?"), anchor=False)
if asked.empty:
    st.write(_("No consultation is on record."))
else:
    lists.consultations(asked)

st.subheader(_("Attacks on record within {km} km of its middle").format(km=KM), anchor=False)
if attacks.empty:
    st.write(_("None. That no attack is on record does not mean that there was none."))
else:
    st.markdown("\n".join(f"- {told.incident(attack)}" for attack in attacks.to_dict("records")))
