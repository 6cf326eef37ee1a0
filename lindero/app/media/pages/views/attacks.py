"""Attacks: their places at recorded precision, dates, acts and victims, and the outcome of the cases."""

from functools import partial

import streamlit as st

from lindero.app.answers.attacks import attacks_answer, translate_attacks
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.record import tallies
from lindero.app.answers.record.tallies import country_text
from lindero.app.media.pages import streamlit_page
from lindero.app.media.pages.charts import record_charts
from lindero.app.media.pages.current import cached_record, map_layers
from lindero.app.media.pages.downloads import citation
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.forms import country_choice
from lindero.app.media.pages.frame import order, page
from lindero.app.media.pages.sections import record_sections
from lindero.app.media.pages.tables import lists
from lindero.app.text.i18n import _
from lindero.machine.clock import local_today

page.show_head(_("Attacks"))
page.stop_if_empty()
with show_errors():
    every = map_layers.record()
    same = cached_record.possible_duplicates()
lacking = map_layers.missing_layers_text(["incidents", "acts"])
if every.attacks.empty:
    st.info(lacking or _("This map has no recorded attacks. That does not mean that there were none."))
    st.stop()
parts = order.create_order()
with parts.choices:
    country = country_choice.ask_country(every, parts.finding)
    record = map_layers.country_record(country)
    subject_parts, chosen = record_sections.ask_attack_filter(record)
chosen = [country_text(country), *chosen]
attacks = subject_parts.attacks
if attacks.empty:
    parts.finding.info(_("No recorded attack matches: choose more years, acts, sectors or regions."))
    order.show_choices(parts.finding, chosen)
    st.stop()
answer = attacks_answer(
    subject_parts,
    every,
    map_layers.coverage(),
    country=country,
    mask_unknown=cached_record.mask_unknown_counts,
    periods=cached_record.periods(),
    today=local_today(),
)
order.show_finding(parts.finding, *answer.select_sections("finding", "doubts"))
order.show_choices(parts.finding, chosen)
with parts.picture:
    record_sections.show_attacks_map(attacks, country)
with parts.rows:
    streamlit_page.show_section(answer["list"])
    lists.offer_csv(translate_attacks(attacks).drop(columns=["types", "told_by"]), "attacks.csv")
with parts.more:
    years = tallies.count_by_year(attacks)
    streamlit_page.show_section(
        answer["years"], picture=partial(record_charts.draw_attacks_by_year, years) if len(years) else None
    )
    for title, *counts in (("what", "acts", "sectors"), ("whom", "gender", "identity", "people")):
        streamlit_page.show_section(answer[title])
        record_charts.draw_code_counts(answer.select_sections(*counts))
    for section in answer.select_sections("outcomes", "outcomes-by-region", "protection"):
        fold = _("The same by region") if section.key == "outcomes-by-region" else ""
        streamlit_page.show_section(section, fold=fold)
    record_charts.list_possible_duplicates(same, record)
with parts.method:
    sources = map_layers.cite_sources(["attacks", "acts"])
    st.write(coverage_text.source_attribution_text(sources))
    streamlit_page.show_section(answer["limits"])
    citation.show_citation(answer["finding"].finding, sources)
