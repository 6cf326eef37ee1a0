"""Hotspots: places with more events on record than expected by chance, and the certainty of that result."""

import streamlit as st

from lindero.app.answers.hotspots.events import list_cited_layers
from lindero.app.answers.hotspots.hotspots_answer import hotspots_answer, question_text
from lindero.app.answers.record.tallies import unknown_country_text
from lindero.app.media.pages import streamlit_page
from lindero.app.media.pages.current import cached_answers, map_layers
from lindero.app.media.pages.downloads import citation
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.forms import country_choice
from lindero.app.media.pages.frame import order, page
from lindero.app.media.pages.maps import legends, map_picture
from lindero.app.media.pages.provenance_panel import show_provenance
from lindero.app.media.pages.sections import hotspot_sections
from lindero.app.media.pages.tables import lists
from lindero.app.media.text import plain_text
from lindero.app.text.i18n import _, format_number
from lindero.geo.stats.hotspots import HOT

page.show_head(_("Hotspots"))
page.stop_if_empty()
with show_errors():
    usual = hotspot_sections.default_subject()
    record = map_layers.record()
if usual is None:
    st.info(
        map_layers.missing_layers_text(["incidents", "concessions"]) or _("There is nothing on this map to compare.")
    )
    st.stop()
parts = order.create_order()
with parts.choices:
    country = country_choice.ask_country(record, parts.finding)
    question = hotspot_sections.ask_question(usual)
bar = parts.picture.empty()
with parts.finding, show_errors():
    report = cached_answers.hotspots(question, country, lambda *step: hotspot_sections.show_progress(bar, *step))
bar.empty()
unknown = unknown_country_text(record, country) if report.is_about_incidents else ""
where = hotspot_sections.area_name(report.question, country)
answer = hotspots_answer(report, where, unknown)
finding, doubts = answer.select_sections("finding", "doubts")
order.show_finding(parts.finding, finding, doubts)
order.show_choices(parts.finding, question_text(report.question, where))
shapes = legends.hotspot_shapes(report)
layers = list_cited_layers(report.question.of)
title = _("Compared with chance")
with parts.picture:
    map_picture.show_map_with_picture(
        shapes,
        legends.hotspot_looks(),
        title=title,
        finding=plain_text.format_sentences([finding, doubts]),
        layers=layers,
        key="hotspots",
        about=len(report.select_result(HOT)),
    )
    hotspot_sections.draw_hotspot_ranges(report)
    if len(shapes) < len(report.rows):
        told = _("{count} places where nothing was counted are not drawn; the download includes them.")
        st.write(told.format(count=format_number(len(report.rows) - len(shapes))))
with parts.rows:
    streamlit_page.show_section(answer["places"])
    lists.offer_csv(report.rows.drop(columns="geometry"), "hotspots.csv")
with parts.more:
    for section in answer.select_sections("reading", "limits"):
        streamlit_page.show_section(section)
with parts.method:
    citation.show_citation(finding.finding, report.provenance.sources, report.provenance.command)
    show_provenance(report.provenance, report.rows)
