"""Where is protection missing? Need side by side by region and community, ranked, with how firm a rank is."""

import streamlit as st

from lindero.app.answers.protection.need_answer import level_name, need_answer
from lindero.app.answers.protection.needs import LAYERS
from lindero.app.current import cached_answers, map_layers, open_map
from lindero.app.output import provenance
from lindero.app.text.i18n import _
from lindero.app.ui.charts import rank_ranges
from lindero.app.ui.downloads import citation
from lindero.app.ui.error_message import explained
from lindero.app.ui.forms import need_form
from lindero.app.ui.frame import order, page
from lindero.app.ui.provenance_panel import show_provenance
from lindero.app.ui.sections import need_sections

page.head(_("Where is protection missing?"))
page.stop_if_empty()
with explained():
    levels = cached_answers.levels_of_need()
parts = order.begin()
with parts.choices:
    level = page.chosen(_("Compare"), levels, level_name, param="by", told=parts.finding)
    asked = need_form.ask(level, parts.finding)
with parts.finding, explained(), st.spinner(_("Adding up region by region …")):
    found = cached_answers.needs(asked)
answer = need_answer(found, country=open_map.country(), lacking=map_layers.lacking(LAYERS))
order.say(parts.finding, *answer.only("finding", "doubts"))
order.tell_choices(parts.finding, [level_name(level), *need_form.choices_text(asked)])
if found.rows.empty:
    parts.picture.info(map_layers.lacking(LAYERS) or _("Nothing on this map could be compared."))
    st.stop()
with parts.picture:
    need_sections.show(found)
    if len(found.ranked) > 1:
        rank_ranges.show(found.ranked, layers=LAYERS, name=f"protection-ranks-{level}")
with parts.rows:
    need_sections.needs_tables(found, answer)
with parts.more:
    need_sections.comparison(found, answer)
with parts.method:
    sources = provenance.sources_of(map_layers.sources(), LAYERS)
    citation.show(answer["finding"].finding, sources, asked.command())
    show_provenance(
        provenance.Made(
            method="protection",
            parameters={name: value for name, value in found.head().items() if value is not None},
            seed=asked.seed,
            sources=sources,
            command=asked.command(),
            limits=[
                _("Where people are afraid to report, there is less on record, not less need."),
                _("A rank says nothing of how far apart two of them are, and less where their ranges meet."),
            ],
        ),
        found.rows,
        name=f"protection-{level}",
    )
