"""Browse: regions compared by land under concession, communities touched, attacks and protection on record."""

import streamlit as st

from app import cached, lists, maps, page, region_lists
from app.i18n import _
from app.messages import explained
from app.words import word

EVERYWHERE = "all"

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
if ranked.empty:
    st.info(_("Nothing on this map lies in a region that is known."))
    st.stop()
codes = tuple(ranked["region"])
with explained():
    shapes = cached.shapes_of_regions(level, codes)
canvas = maps.regions(shapes, dict(zip(codes, ranked[measure].fillna(0), strict=True)))
maps.show(canvas, maps.Choice(), key="browse", height=420)
region_lists.regions(ranked)
lists.download(ranked, f"{level}s.csv")
if len(levels) == 1:
    st.write(_("Provinces can be compared once the workspace has a layer of regions with their boundaries."))
