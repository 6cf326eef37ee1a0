"""Commitments: what a state promised, the status of its promises, and the attacks since."""

from lindero.app.answers.commitments import commitments_answer
from lindero.app.answers.record import commitments_text, tallies
from lindero.app.media.pages import streamlit_page
from lindero.app.media.pages.charts import record_charts
from lindero.app.media.pages.current import cached_record, map_layers
from lindero.app.media.pages.downloads import citation
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.frame import order, page
from lindero.app.media.pages.sections import record_sections
from lindero.app.text.i18n import _

page.show_head(_("Commitments"))
with show_errors():
    promises = cached_record.compare_commitments()
names = commitments_text.country_names(promises["country"])
parts = order.create_order()
with parts.choices, show_errors():
    country, region, called = record_sections.ask_country_and_region(
        promises, map_layers.record(), names, parts.finding
    )
with show_errors():
    facts = cached_record.commitments(country, region)
answer = commitments_answer(facts, called, promises)
order.show_finding(parts.finding, answer["finding"])
order.show_choices(parts.finding, [called])
years = tallies.count_by_year(facts.attacks)
if not years.empty:
    with parts.picture:
        record_charts.draw_attacks_by_year(years)
LAW = ("treaties", "consultation", "protection", "information")
rooms = [(parts.rows, "promises"), *((parts.more, key) for key in (*LAW, "countries")), (parts.method, "notes")]
for room, key in rooms:
    with room:
        streamlit_page.show_section(answer[key])
with parts.method:
    sources = map_layers.cite_sources(["commitments", "attacks", "acts"])
    citation.show_citation(answer["finding"].finding, sources)
