"""Sources and limits: the origin of all data on the map, the outcome of their rows, and the limits of the map."""

import datetime as dt

import streamlit as st

from lindero.app.answers.coverage.health import list_health
from lindero.app.answers.coverage.health_answer import health_section
from lindero.app.answers.coverage.sources_answer import source_rows, sources_answer
from lindero.app.builder.doctor.translation_state import translation_text
from lindero.app.media.pages import refused_rows, streamlit_page
from lindero.app.media.pages.current import map_layers, open_map, rights
from lindero.app.media.pages.downloads import citation
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.forms import describe_form
from lindero.app.media.pages.frame import order, page
from lindero.app.media.pages.tables import lists
from lindero.app.text.i18n import _

page.show_head(_("Sources and limits"))
with show_errors():
    sources, covered = map_layers.sources(), map_layers.coverage()
    answer = sources_answer(sources, covered, map_layers.account(), map_layers.unknown())
if sources:
    order.show_finding(order.create_parts("finding")[0], answer["finding"])
streamlit_page.show_section(answer["sources"])
if sources:
    lists.offer_csv(source_rows(sources, covered), "sources.csv")
if checked := list_health(open_map.workspace(), dt.datetime.now(dt.UTC)):
    is_operator = open_map.operated_workspace(rights.ACCEPT) is not None
    others = {source.source_id for source in sources if source.is_current} - {each.check.source_id for each in checked}
    streamlit_page.show_section(health_section(checked, unchecked=len(others), is_operator=is_operator))
describe_form.describe_sources()
streamlit_page.show_section(answer["account"])
with show_errors():
    refused_rows.show_refused_rows()
for section in answer.select_sections("limits", "background"):
    streamlit_page.show_section(section)
st.caption(translation_text())
if sources:
    citation.show_citation(answer["finding"].finding, [source for source in sources if source.is_current])
