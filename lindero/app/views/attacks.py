"""Attacks: where, as exactly as it is known; when; what; against whom; and what became of the cases."""

import datetime as dt
from functools import partial

import streamlit as st

from lindero.app.answers.attacks import attacks_answer, told_attacks
from lindero.app.answers.coverage import coverage_text
from lindero.app.current import cached_record, map_layers
from lindero.app.output import provenance
from lindero.app.record import tallies
from lindero.app.record.tallies import country_text
from lindero.app.renderers import streamlit_page
from lindero.app.text.i18n import _
from lindero.app.ui.charts import record_charts
from lindero.app.ui.downloads import citation
from lindero.app.ui.error_message import explained
from lindero.app.ui.forms import country_choice
from lindero.app.ui.frame import order, page
from lindero.app.ui.sections import record_sections
from lindero.app.ui.tables import lists

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
answer = attacks_answer(
    told,
    every,
    map_layers.coverage(),
    country=country,
    known_of=cached_record.known_of,
    periods=cached_record.periods(),
    today=dt.datetime.now(dt.UTC).date(),
)
order.say(parts.finding, answer["finding"])
order.tell_choices(parts.finding, chosen)
with parts.picture:
    record_sections.attacks_map(attacks, country)
with parts.rows:
    streamlit_page.show(answer["list"])
    lists.download(told_attacks(attacks).drop(columns=["types", "told_by"]), "attacks.csv")
with parts.more:
    years = tallies.by_year(attacks)
    streamlit_page.show(answer["years"], picture=partial(record_charts.by_year, years) if len(years) else None)
    for title, *counts in (("what", "acts", "sectors"), ("whom", "gender", "identity", "people")):
        streamlit_page.show(answer[title])
        record_charts.beside(answer.only(*counts))
    for section in answer.only("outcomes", "outcomes-by-region", "protection"):
        fold = _("The same by region") if section.key == "outcomes-by-region" else ""
        streamlit_page.show(section, fold=fold)
    record_charts.proposals(same, record)
with parts.method:
    sources = provenance.sources_of(map_layers.sources(), ["incidents"])
    st.write(coverage_text.according_to_sources(sources))
    streamlit_page.show(answer["limits"])
    citation.show(answer["finding"].finding, sources)
