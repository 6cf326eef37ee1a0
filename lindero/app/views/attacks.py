"""Attacks: where, as exactly as it is known; when; what; against whom; and what became of the cases."""

import streamlit as st

from lindero.app.answers.coverage import coverage_text
from lindero.app.current import cached_record, map_layers
from lindero.app.output import provenance
from lindero.app.record import tallies
from lindero.app.record.periods import periods_text
from lindero.app.record.tallies import country_text, without_country_text
from lindero.app.text.i18n import _
from lindero.app.ui.charts import record_charts
from lindero.app.ui.downloads import citation
from lindero.app.ui.error_message import explained
from lindero.app.ui.forms import country_choice
from lindero.app.ui.frame import order, page
from lindero.app.ui.sections import record_sections

page.head(_("Attacks"))
page.stop_if_empty()
with explained():
    every = map_layers.record()
    same = cached_record.may_be_same()
lacking = map_layers.lacking(["incidents", "acts"])
if every.attacks.empty:
    st.info(lacking or _("No attack is on this map. That none is on record does not mean that there was none."))
    st.stop()
parts = order.begin()
with parts.choices:
    country = country_choice.ask(every, parts.finding)
    record = map_layers.record_in(country)
    told, chosen = record_sections.filtered_attacks(record)
chosen = [country_text(country), *chosen]
attacks = told.attacks
if attacks.empty:
    parts.finding.info(_("No attack on record is like that: allow more years, acts, sectors or regions."))
    order.tell_choices(parts.finding, chosen)
    st.stop()
apart = len(record.incidents) - len(record.attacks)
answer = record_sections.attacks_answer(told, country, apart=apart, unknown=without_country_text(every, country))
order.say(parts.finding, answer)
order.tell_choices(parts.finding, chosen)
with parts.picture:
    record_sections.attacks_map(attacks, country)
with parts.rows:
    record_sections.attacks_table(attacks)
with parts.more:
    record_charts.timeline(tallies.by_year(attacks))
    record_charts.what_and_who(told)
    record_sections.outcomes(told)
    record_sections.protection(told)
    record_charts.proposals(same, record)
with parts.method:
    sources = provenance.sources_of(map_layers.sources(), ["incidents"])
    st.write(coverage_text.according_to_sources(sources))
    st.write(periods_text(cached_record.periods()))
    citation.show(answer.finding, sources)
    st.write(_("Absence of data is not absence of attacks: much is never recorded."))
