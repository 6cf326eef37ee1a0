"""Browse: regions compared by land under concession, communities touched, attacks and protection on record."""

import streamlit as st

from lindero.app.brief import region as region_brief
from lindero.app.current import map_layers
from lindero.app.output import provenance
from lindero.app.text.codes import word
from lindero.app.text.i18n import _
from lindero.app.ui import brief_download, page, region_sections
from lindero.app.ui.error_message import explained
from lindero.app.ui.maps import map_picture
from lindero.app.ui.maps.choropleth import choropleth
from lindero.app.ui.tables import lists, region_tables

page.head(_("By region"))
page.stop_if_empty()
labels = region_tables.labels()
with explained():
    levels = map_layers.levels()
asked, by = st.columns(2)
with asked:
    level = page.chosen(_("Compare"), levels, lambda code: word(f"{code}s"), param="level")
with by:
    measure = page.chosen(_("By"), list(region_tables.MEASURES), labels.__getitem__, param="by")
with explained(), st.spinner(_("Adding up region by region …")):
    ranked = region_tables.ranked(map_layers.regions(level), measure)
    codes = tuple(ranked["region"])
if ranked.empty:
    st.info(_("Nothing on this map lies in a region that is known."))
    st.stop()
with explained():
    drawn = choropleth(map_layers.shapes_of_regions(level, codes), ranked, measure)
finding = region_tables.first_of(ranked, measure)
layers = region_tables.LAYERS
map_picture.show(
    *drawn, title=labels[measure], finding=finding, layers=layers, key=f"browse-{level}", underneath=(), height=420
)
region_tables.regions(ranked, level)
lists.download(ranked, f"{level}s.csv")
st.write(" ".join(filter(None, (region_tables.half_covered(ranked), map_layers.lacking(region_tables.LAYERS)))))
if len(levels) == 1:
    st.write(_("Provinces can be compared once the workspace has a layer of regions with their boundaries."))
names = dict(zip(codes, ranked["name"], strict=True))

st.subheader(_("Inside one region"), anchor=False)
region = page.chosen(_("Region"), list(codes), names.__getitem__, param="region", among=level)
with explained():
    region_sections.region(level, region, measure)
brief_download.offer(lambda con: region_brief.brief(con, region), region)

if len(codes) > 1:
    st.subheader(_("Two regions side by side"), anchor=False)
    sides = st.columns(2)
    with sides[0]:
        one = page.chosen(_("The first"), list(codes), names.__getitem__, param="one", among=level)
    with sides[1]:
        others = [code for code in codes if code != one]
        among = f"{level}/{one}"
        other = page.chosen(_("The second"), others, names.__getitem__, param="other", among=among)
    region_tables.side_by_side(ranked, [one, other])

st.subheader(_("What the state promised, and what happened since"), anchor=False)
with explained():
    region_sections.commitments(str(ranked.set_index("region")["country"][region]))
st.write(_("Few attacks on record may mean few attacks, or that few could be recorded."))
provenance.shown(
    provenance.Made(
        method="regions",
        parameters={"level": level},
        sources=provenance.taken(
            map_layers.sources(), ["concessions", "communities", "incidents", "protection_measures"]
        ),
        command=["lindero", "regions", "--level", level, "--format", "json"],
        limits=[_("What is known only by a larger region is counted in none of its provinces.")],
    ),
    ranked,
    name=f"{level}s",
)
