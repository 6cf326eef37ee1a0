"""Missing protection: need by region or community, ranked, with the certainty of the ranks."""

import streamlit as st

from lindero.app.answers import provenance
from lindero.app.answers.protection.counts import LAYERS_BY_COUNT
from lindero.app.answers.protection.need_answer import level_name, need_answer
from lindero.app.answers.protection.needs import LAYERS
from lindero.app.media.pages.charts import rank_ranges
from lindero.app.media.pages.current import cached_answers, map_layers, open_map
from lindero.app.media.pages.downloads import citation
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.forms import need_form
from lindero.app.media.pages.frame import order, page
from lindero.app.media.pages.provenance_panel import show_provenance
from lindero.app.media.pages.sections import need_sections
from lindero.app.text.i18n import _
from lindero.layers.model.schema import CONCESSIONS

page.show_head(_("Where is protection missing?"))
page.stop_if_empty()
with show_errors():
    levels = cached_answers.levels_of_need()
parts = order.create_order()
with parts.choices:
    level = page.select_option(_("Compare"), levels, level_name, param="by", container=parts.finding)
    asked = need_form.ask_question(level, parts.finding)
with parts.finding, show_errors(), st.spinner(_("Adding up region by region …")):
    found = cached_answers.protection_needs(asked)
answer = need_answer(found, country=open_map.country(), lacking=map_layers.missing_layers_text(LAYERS))
order.show_finding(parts.finding, *answer.select_sections("finding", "doubts"))
order.show_choices(parts.finding, [level_name(level), *need_form.choices_text(asked)])
if found.rows.empty:
    parts.picture.info(map_layers.missing_layers_text(LAYERS) or _("There is nothing on this map to compare."))
    st.stop()
with parts.picture:
    need_sections.draw_needs(found)
    if len(found.ranked_rows) > 1:
        ranked_by = [LAYERS_BY_COUNT.get(name, CONCESSIONS.name) for name in found.weights]
        rank_ranges.draw_rank_ranges(found.ranked_rows, layers=ranked_by, name=f"protection-ranks-{level}")
with parts.rows:
    need_sections.show_tables(found, answer)
with parts.more:
    need_sections.compare_two(found, answer)
with parts.method:
    sources = map_layers.cite_sources(LAYERS)
    citation.show_citation(answer["finding"].finding, sources, asked.command())
    show_provenance(
        provenance.Provenance(
            method="protection",
            parameters={name: value for name, value in found.json_header().items() if value is not None},
            seed=asked.seed,
            sources=sources,
            command=asked.command(),
            limits=[
                _("Where people are afraid to report, there are fewer records, but the need is not smaller."),
                _("A rank does not show how large a difference is, and means less where ranges overlap."),
            ],
        ),
        found.rows,
        name=f"protection-{level}",
    )
