"""Overlaps: the features of one layer that overlap those of another, with their shares and certainty."""

import dataclasses

import streamlit as st

from lindero.app.answers import provenance
from lindero.app.media.pages.current import cached_record, map_layers
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.forms import overlap_filter
from lindero.app.media.pages.frame import order, page
from lindero.app.media.pages.provenance_panel import show_provenance
from lindero.app.media.pages.sections import overlap_sections
from lindero.app.text.codes import translate_code
from lindero.app.text.i18n import _

page.show_head(_("Overlaps"))
page.stop_if_empty()
with show_errors():
    layers = map_layers.area_layers()
if len(layers) < 2:  # noqa: PLR2004  one layer lies over no other
    st.info(_("This map does not have two layers that can be overlaid."))
    st.stop()
told, answer = st.container(), st.container()
choices, method = order.create_parts("choices", "method")
with order.create_fold(choices):
    first, second = st.columns(2)
    with first:
        left = page.select_option(_("Which layer"), layers, translate_code, param="left", container=told)
    with second:
        others = sorted((name for name in layers if name != left), key=lambda name: name != "communities")
        right = page.select_option(
            _("Over which layer"), others, translate_code, param="right", among=left, container=told
        )
    wanted = overlap_filter.ask_filter()
with answer, show_errors(), st.spinner(_("Computing the overlaps …")):
    found = map_layers.find_overlaps(left, right)
    every = cached_record.add_consultations(found.pairs, left, right)
with answer:
    command = ["lindero", "overlaps", left, right, *found.options(), *wanted.options(), "--format", "json"]
    overlap_sections.explore_overlaps(every, wanted, found, command)
with method:
    show_provenance(
        provenance.Provenance(
            method="overlaps",
            parameters=dataclasses.asdict(wanted),
            sources=map_layers.cite_sources([left, right]),
            command=command,
            coverage=[one.to_dict() for one in found.coverage],
            limits=[
                _(
                    "Overlaps are computed from the boundaries as recorded. The command does not use the "
                    "map's own filter."
                )
            ],
        )
    )
