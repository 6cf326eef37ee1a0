"""Commitments: what a state promised, how that stands, and what happened since."""

from lindero.app.answers.commitments import commitments_answer
from lindero.app.current import cached_record, map_layers
from lindero.app.output import provenance
from lindero.app.record import commitments_text, tallies
from lindero.app.renderers import streamlit_page
from lindero.app.text.i18n import _
from lindero.app.ui.charts import record_charts
from lindero.app.ui.downloads import citation
from lindero.app.ui.error_message import explained
from lindero.app.ui.frame import order, page
from lindero.app.ui.sections import record_sections

page.head(_("Commitments"))
with explained():
    promises = cached_record.promises()
names = commitments_text.country_names(promises["country"])
parts = order.begin()
with parts.choices, explained():
    country, region, called = record_sections.ask_country(promises, map_layers.record(), names, parts.finding)
with explained():
    facts = cached_record.commitments(country, region)
answer = commitments_answer(facts, called, promises)
order.say(parts.finding, answer["finding"])
order.tell_choices(parts.finding, [called])
years = tallies.by_year(facts.attacks)
if not years.empty:
    with parts.picture:
        record_charts.by_year(years)
for room, key in ((parts.rows, "promises"), (parts.more, "countries"), (parts.method, "notes")):
    with room:
        streamlit_page.show(answer[key])
with parts.method:
    sources = provenance.sources_of(map_layers.sources(), ["commitments", "incidents"])
    citation.show(answer["finding"].finding, sources)
