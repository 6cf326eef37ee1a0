"""Holder: one company across the spellings of its name, its concessions, and the land they overlap."""

import streamlit as st

from lindero.app.answers.holder_spellings import Holder, find_conflicts
from lindero.app.media.pages.current import cached_record, map_layers
from lindero.app.media.pages.downloads import brief_download
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.frame import order, page
from lindero.app.media.pages.sections import holder_sections, land_sections
from lindero.app.media.paper.brief import holder as holder_brief
from lindero.app.text.i18n import _

OVERLAPPED_LAYERS = ("communities", "protected_areas")

page.show_head(_("Companies and holders"))
page.stop_if_empty()
with show_errors():
    holders = {holder.code: holder for holder in map_layers.holders()}
if not holders:
    st.info(map_layers.missing_layers_text(["concessions"]) or _("No concession on this map has a recorded holder."))
    st.stop()
holder = holder_sections.ask_holder(holders)
if holder is None:
    holder_sections.show_attacked_lands()
    st.stop()
finding, picture, rows, choices, method = order.create_parts("finding", "picture", "rows", "choices", "method")
spellings = land_sections.ask_spellings(holder, choices)
if not spellings:
    finding.info(_("Keep at least one spelling."))
    st.stop()
with show_errors():
    titles = map_layers.holder_concessions(spellings)
    once = {layer: map_layers.find_overlaps("concessions", layer) for layer in OVERLAPPED_LAYERS}
    laid = {layer: cached_record.add_consultations(found.pairs, "concessions", layer) for layer, found in once.items()}
    conflicts = find_conflicts(map_layers.record().incidents, spellings)
    covered = {layer: map_layers.holder_reach(spellings, layer) for layer in OVERLAPPED_LAYERS}
pairs_by_layer = {layer: pairs[pairs["left_id"].isin(titles["id"])] for layer, pairs in laid.items()}

answer = land_sections.holder_section(titles, pairs_by_layer, covered)
order.show_finding(finding, answer)
if len(holder.spellings) > 1:
    order.show_choices(finding, [land_sections.spellings_text(spellings)])
selected_holder = Holder(holder.name, spellings, len(titles))
with finding:
    brief_download.offer_brief(lambda con: holder_brief.build_brief(con, selected_holder), f"holder-{holder.code}")
with picture:
    land_sections.show_holder_concessions(holder.name, answer.finding, titles, pairs_by_layer)
with rows:
    land_sections.show_holder_lands(
        pairs_by_layer, covered, [line for found in once.values() for line in found.list_omissions()]
    )
    land_sections.show_conflicts(conflicts)
with method:
    holder_sections.show_method(answer.finding, spellings, once, covered)
