"""Overlaps: which features of one layer lie on those of another, on how much of them, and how surely."""

import dataclasses

import streamlit as st

from lindero.app.answers import coverage_text
from lindero.app.current import cached_record, map_layers
from lindero.app.output import provenance
from lindero.app.text.codes import word
from lindero.app.text.i18n import _
from lindero.app.ui import overlap_sections, page
from lindero.app.ui.error_message import explained
from lindero.app.ui.forms import overlap_filter

page.head(_("Overlaps"))
page.stop_if_empty()
with explained():
    layers = map_layers.layable()
if len(layers) < 2:  # noqa: PLR2004  one layer lies over no other
    st.info(_("This map has no two layers that can be laid over each other."))
    st.stop()
first, second = st.columns(2)
with first:
    left = page.chosen(_("What lies"), layers, word, param="left")
with second:
    others = sorted((name for name in layers if name != left), key=lambda name: name != "communities")
    right = page.chosen(_("On what"), others, word, param="right", among=left)
with explained(), st.spinner(_("One layer is being laid over the other …")):
    every = cached_record.with_consultations(map_layers.pairs(left, right), left, right)
    covered = map_layers.reach(left, right)
st.write(" ".join(filter(None, map(coverage_text.reach, covered))))
if every.empty:
    st.info(coverage_text.no_overlap(covered))
    st.stop()
wanted = overlap_filter.chosen()
pairs = wanted.of(every)
if pairs.empty:
    st.info(_("No overlap on record is like that: lower the least values, or allow other certainties and names."))
    st.stop()
overlap_sections.explore(pairs, left, right)
provenance.shown(
    provenance.Made(
        method="overlaps",
        parameters=dataclasses.asdict(wanted),
        sources=provenance.taken(map_layers.sources(), [left, right]),
        command=["lindero", "overlaps", left, right, *wanted.options(), "--format", "json"],
        coverage=[one.as_dict() for one in covered],
        limits=[
            _(
                "Boundaries are laid over each other as they are on record. What the map's own filter leaves out is "
                "not left out by the command."
            )
        ],
    )
)
