"""Overlaps: which features of one layer lie on those of another, on how much of them, and how surely."""

import dataclasses

import streamlit as st

from lindero.app.current import cached_record, map_layers
from lindero.app.output import provenance
from lindero.app.text.codes import word
from lindero.app.text.i18n import _
from lindero.app.ui.error_message import explained
from lindero.app.ui.forms import overlap_filter
from lindero.app.ui.frame import order, page
from lindero.app.ui.provenance_panel import show_provenance
from lindero.app.ui.sections import overlap_sections

page.head(_("Overlaps"))
page.stop_if_empty()
with explained():
    layers = map_layers.layable()
if len(layers) < 2:  # noqa: PLR2004  one layer lies over no other
    st.info(_("This map has no two layers that can be laid over each other."))
    st.stop()
told, answer = st.container(), st.container()
choices, method = order.parts("choices", "method")
with order.fold(choices):
    first, second = st.columns(2)
    with first:
        left = page.chosen(_("What lies"), layers, word, param="left", told=told)
    with second:
        others = sorted((name for name in layers if name != left), key=lambda name: name != "communities")
        right = page.chosen(_("On what"), others, word, param="right", among=left, told=told)
    wanted = overlap_filter.chosen()
with answer, explained(), st.spinner(_("One layer is being laid over the other …")):
    found = map_layers.overlaps_of(left, right)
    every = cached_record.with_consultations(found.pairs, left, right)
with answer:
    command = ["lindero", "overlaps", left, right, *found.options(), *wanted.options(), "--format", "json"]
    overlap_sections.explore(every, wanted, found, command)
with method:
    show_provenance(
        provenance.Made(
            method="overlaps",
            parameters=dataclasses.asdict(wanted),
            sources=provenance.sources_of(map_layers.sources(), [left, right]),
            command=command,
            coverage=[one.as_dict() for one in found.coverage],
            limits=[
                _(
                    "Boundaries are laid over each other as they are on record. What the map's own filter leaves out "
                    "is not left out by the command."
                )
            ],
        )
    )
