"""Browse: regions compared by land under concession, communities touched, attacks and protection on record."""

import streamlit as st

from app.analysis import made
from app.current import cached
from app.screen import inside, lists, maps, page, region_lists
from app.screen.choropleth import choropleth
from app.wording.i18n import _
from app.wording.messages import explained
from app.wording.words import word

page.head(_("Browse by region"))
page.stop_if_empty()
labels = region_lists.labels()
with explained():
    levels = cached.levels()
asked, by = st.columns(2)
with asked:
    level = page.chosen(_("Compare"), levels, lambda code: word(f"{code}s"), param="level")
with by:
    measure = page.chosen(_("By"), list(region_lists.MEASURES), labels.__getitem__, param="by")
with explained(), st.spinner(_("Adding up region by region …")):
    ranked = region_lists.ranked(cached.regions(level), measure)
    codes = tuple(ranked["region"])
if ranked.empty:
    st.info(_("Nothing on this map lies in a region that is known."))
    st.stop()
with explained():
    canvas = choropleth(cached.shapes_of_regions(level, codes), ranked, measure)
maps.show(canvas, maps.Choice(), key=f"browse-{level}", height=420)
region_lists.regions(ranked)
lists.download(ranked, f"{level}s.csv")
st.write(" ".join(filter(None, (region_lists.half_covered(ranked), cached.lacking(region_lists.LAYERS)))))
if len(levels) == 1:
    st.write(_("Provinces can be compared once the workspace has a layer of regions with their boundaries."))
names = dict(zip(codes, ranked["name"], strict=True))

st.subheader(_("Inside one region"), anchor=False)
region = page.chosen(_("Region"), list(codes), names.__getitem__, param="region", among=level)
with explained():
    inside.region(level, region, measure)

if len(codes) > 1:
    st.subheader(_("Two regions side by side"), anchor=False)
    sides = st.columns(2)
    with sides[0]:
        one = page.chosen(_("The first"), list(codes), names.__getitem__, param="one", among=level)
    with sides[1]:
        others = [code for code in codes if code != one]
        among = f"{level}/{one}"
        other = page.chosen(_("The second"), others, names.__getitem__, param="other", among=among)
    region_lists.side_by_side(ranked, [one, other])

st.subheader(_("What the state promised, and what happened since"), anchor=False)
with explained():
    inside.commitments(str(ranked.set_index("region")["country"][region]))
st.write(_("Few attacks on record may mean few attacks, or that few could be recorded."))
made.shown(
    made.Made(
        method="regions",
        parameters={"level": level},
        sources=made.taken(cached.sources(), ["concessions", "communities", "incidents", "protection_measures"]),
        command=["lindero", "regions", "--level", level, "--format", "json"],
        limits=[_("What is known only by a larger region is counted in none of its provinces.")],
    ),
    ranked,
    name=f"{level}s",
)
