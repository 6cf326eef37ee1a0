"""Commitments: what a state promised, how that stands, and what happened since."""

import streamlit as st

from lindero.app.current import cached_record, map_layers
from lindero.app.output import provenance
from lindero.app.record import commitments_text
from lindero.app.text.i18n import _
from lindero.app.ui.downloads import citation
from lindero.app.ui.error_message import explained
from lindero.app.ui.frame import order, page
from lindero.app.ui.sections import record_sections
from lindero.app.ui.tables import record_tables

page.head(_("Commitments"))
with explained():
    record = map_layers.record()
    promises = cached_record.promises()
names = commitments_text.country_names(promises["country"])
parts = order.begin()
with parts.choices:
    country, region, called = record_sections.ask_country(promises, record, names, parts.finding)
with explained():
    standing = cached_record.commitments(country, region)

answer = record_sections.commitments_answer(standing, record, country, region, called)
order.say(parts.finding, answer)
order.tell_choices(parts.finding, [called])
with parts.picture:
    record_sections.commitments_picture(record, country, region)
with parts.rows:
    record_sections.commitments_table(standing, record, country, region)
with parts.more:
    st.header(_("Countries side by side"), anchor=False)
    record_tables.countries(promises, names)
with parts.method:
    st.header(_("Notes and sources"), anchor=False)
    st.markdown(commitments_text.notes(standing))
    citation.show(answer.finding, provenance.sources_of(map_layers.sources(), ["commitments", "incidents"]))
