"""Browse: regions compared by land under concession, communities touched and attacks on record."""

import streamlit as st

from app import cached, lists, maps, page
from app.i18n import _, number, percent
from app.messages import explained

MEASURES = ["conceded_share", "conceded_ha", "concessions", "communities_touched", "attacks"]

page.head(_("Browse by region"))
page.stop_if_empty()
labels = {
    "conceded_share": _("Share of the region under concession"),
    "conceded_ha": _("Hectares under concession, counted once"),
    "concessions": _("Concessions"),
    "communities_touched": _("Communities with concessions on their land"),
    "attacks": _("Attacks on record"),
}
with explained():
    regions = cached.regions()
if regions.empty:
    st.info(_("Nothing on this map lies in a region that is known."))
    st.stop()
measure = st.selectbox(_("Compare by"), MEASURES, format_func=labels.__getitem__)
ranked = regions.sort_values([measure, "name"], ascending=[False, True])
canvas = maps.regions(cached.shapes_of_regions(), dict(zip(ranked["region"], ranked[measure], strict=True)))
maps.show(canvas, maps.Choice(), key="browse", height=420)
lists.regions(ranked)

st.subheader(_("Two regions side by side"), anchor=False)
names = dict(zip(ranked["region"], ranked["name"], strict=True))
for side, column in enumerate(st.columns(2)):
    with column:
        code = st.selectbox(
            _("Region"), list(names), index=min(side, len(names) - 1), format_func=names.__getitem__, key=f"side-{side}"
        )
        row = ranked.set_index("region").loc[[code]].to_dict("records")[0]
        for name in MEASURES:
            st.metric(labels[name], percent(row[name]) if name == "conceded_share" else number(row[name]))
st.write(_("Few attacks on record may mean few attacks, or that few could be recorded."))
