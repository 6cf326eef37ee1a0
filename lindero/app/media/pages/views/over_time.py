"""Time: concessions and attacks by year, on small maps, and concessions granted before and after nearby attacks."""

import streamlit as st

from lindero.app.answers import before_after, provenance
from lindero.app.answers.defaults import TIMING_SEED
from lindero.app.answers.record.tallies import country_text
from lindero.app.answers.time_answer import time_answer
from lindero.app.media.pages import streamlit_page
from lindero.app.media.pages.current import cached_answers, cached_record, map_layers
from lindero.app.media.pages.downloads import citation
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.forms import country_choice
from lindero.app.media.pages.frame import order, page
from lindero.app.media.pages.provenance_panel import show_provenance
from lindero.app.media.pages.sections import record_sections
from lindero.app.media.pages.tables import lists
from lindero.app.text.i18n import _

page.show_head(_("Time"))
page.stop_if_empty()
with show_errors():
    record = map_layers.record()
parts = order.create_order()
with parts.choices:
    country = country_choice.ask_country(record, parts.finding)
with show_errors():
    counts = cached_answers.count_by_year(country)
if counts.empty:
    undated = _("No concession and no attack counted here has a date.")
    st.info(" ".join(filter(None, (undated, map_layers.missing_layers_text(before_after.LAYERS)))))
    st.stop()
with parts.choices:
    chosen, within_km = record_sections.ask_years(counts)
with show_errors():
    spots = cached_answers.event_points(chosen, country)
    report = cached_answers.timing(within_km, country)
seen = counts[counts["year"].between(*chosen)]
answer = time_answer(
    counts, chosen, report, country=country, covered=map_layers.coverage(), periods=cached_record.periods()
)
order.show_finding(parts.finding, answer["finding"])
subject_parts = [country_text(country), f"{chosen[0]}–{chosen[1]}", _("within {km} km").format(km=within_km)]
order.show_choices(parts.finding, subject_parts)
with parts.picture:
    record_sections.show_years(spots, chosen)
with parts.rows:
    streamlit_page.show_section(answer["years"])
    lists.offer_csv(seen, "by-year.csv")
with parts.more:
    for section in answer.select_sections("timing", "events"):
        streamlit_page.show_section(section)
with parts.method:
    sources = map_layers.cite_sources(["concessions", "attacks"])
    citation.show_citation(answer["finding"].finding, sources, report.command())
    show_provenance(
        provenance.Provenance(
            method="timing",
            parameters={name: value for name, value in report.settings.items() if name != "seed"},
            seed=TIMING_SEED,
            sources=sources,
            command=report.command(),
            coverage=[report.covered.to_dict()],
            limits=[_(before_after.NOT_A_CAUSE)],
        ),
        report.rows,
    )
