"""Hotspots: where more is on record than chance would put there, in plain numbers, and how firm that is."""

import streamlit as st

from lindero.app.answers.hotspots.events import LAYERS_OF
from lindero.app.answers.hotspots.hotspots_answer import hotspots_answer, question_text
from lindero.app.current import cached_answers, map_layers
from lindero.app.record.tallies import without_country_text
from lindero.app.renderers import plain_text, streamlit_page
from lindero.app.text.i18n import _, number
from lindero.app.ui.downloads import citation
from lindero.app.ui.error_message import explained
from lindero.app.ui.forms import country_choice
from lindero.app.ui.frame import order, page
from lindero.app.ui.maps import legends, map_picture
from lindero.app.ui.provenance_panel import show_provenance
from lindero.app.ui.sections import hotspot_sections
from lindero.app.ui.tables import lists
from lindero.geo.stats.hotspots import HOT

page.head(_("Hotspots"))
page.stop_if_empty()
with explained():
    usual = hotspot_sections.usual()
    record = map_layers.record()
if usual is None:
    st.info(map_layers.lacking(["incidents", "concessions"]) or _("Nothing on this map could be compared."))
    st.stop()
parts = order.begin()
with parts.choices:
    country = country_choice.ask(record, parts.finding)
    question = hotspot_sections.ask(usual)
bar = parts.picture.empty()
with parts.finding, explained():
    report = cached_answers.hotspots(question, country, lambda *step: hotspot_sections.tell(bar, *step))
bar.empty()
unknown = without_country_text(record, country) if report.is_of_the_record else ""
where = hotspot_sections.where_text(report.question, country)
answer = hotspots_answer(report, where, unknown)
finding, doubts = answer.only("finding", "doubts")
order.say(parts.finding, finding, doubts)
order.tell_choices(parts.finding, question_text(report.question, where))
drawn = legends.hotspots(report)
layers = [layer.name for layer in LAYERS_OF[report.question.of]]
title = _("Compared with chance")
with parts.picture:
    map_picture.show(
        drawn,
        legends.heat(),
        title=title,
        finding=plain_text.sentences([finding, doubts]),
        layers=layers,
        key="hotspots",
        about=len(report.of(HOT)),
    )
    hotspot_sections.show(report)
    if len(drawn) < len(report.rows):
        told = _("{count} places where nothing was counted are not drawn; the downloaded rows hold all.")
        st.write(told.format(count=number(len(report.rows) - len(drawn))))
with parts.rows:
    streamlit_page.show(answer["places"])
    lists.download(report.rows.drop(columns="geometry"), "hotspots.csv")
with parts.more:
    for section in answer.only("reading", "limits"):
        streamlit_page.show(section)
    hotspot_sections.below(question, country)
with parts.method:
    citation.show(finding.finding, report.made.sources, report.made.command)
    show_provenance(report.made, report.rows)
