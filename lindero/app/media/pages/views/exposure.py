"""Exposure: the share of each community's land under concession, risks nearby, and the certainty of the ranking."""

import streamlit as st

from lindero.app.answers import provenance
from lindero.app.answers.defaults import EXPOSURE_SEED
from lindero.app.answers.ranking import exposure, exposure_report
from lindero.app.answers.ranking.exposure_answer import exposure_answer
from lindero.app.media.pages import streamlit_page
from lindero.app.media.pages.charts import rank_ranges
from lindero.app.media.pages.current import cached_answers, map_layers
from lindero.app.media.pages.downloads import citation
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.forms import ranking_weights
from lindero.app.media.pages.frame import linked, order, page
from lindero.app.media.pages.maps import legends, map_picture
from lindero.app.media.pages.provenance_panel import show_provenance
from lindero.app.media.pages.sections import land_sections
from lindero.app.media.pages.tables import lists
from lindero.app.text.codes import translate_code
from lindero.app.text.i18n import _
from lindero.geo.stats.exposure import STATUSES, STATUSES_IN_FORCE

page.show_head(_("Most affected communities"))
page.stop_if_empty()
with show_errors():
    communities = map_layers.communities()
if communities.empty:
    nobody = _("This map has no recorded communities. That does not mean that nobody lives there.")
    st.info(map_layers.missing_layers_text(["communities"]) or nobody)
    st.stop()
parts = order.create_order()
with parts.choices:
    label = _("Concession statuses to count")
    statuses = linked.select_several(label, STATUSES, translate_code, param="status", usual=STATUSES_IN_FORCE)
    st.header(_("Weight of each indicator"), anchor=False)
    weights = ranking_weights.ask_weights(container=parts.finding)
if not statuses:
    parts.finding.info(_("No concession is counted: choose at least one status."))
    order.show_choices(parts.finding, [])
    st.stop()
with show_errors():
    report = cached_answers.rank_exposure(tuple(statuses), tuple(weights.items()))
    lands = cached_answers.ranked_communities(tuple(statuses))
answer = exposure_answer(report)
order.show_finding(parts.finding, *answer.select_sections("finding", "doubts"))
order.show_choices(parts.finding, [", ".join(map(translate_code, statuses)), ranking_weights.weights_text(weights)])
if report.rows.empty:
    st.stop()
with parts.picture:
    map_picture.show_map_with_picture(
        legends.exposure_shapes(report.rows, lands),
        legends.exposure_looks(),
        title=_("Land under concession"),
        finding=report.stability_text(),
        layers=exposure.LAYERS,
        key="exposure",
        underneath=["protected_areas"],
        about=len(report.rows),
    )
    rank_ranges.draw_rank_ranges(report.rows, layers=exposure.LAYERS, name="exposure-ranks")
with parts.rows:
    streamlit_page.show_section(answer["ranking"])
    lists.offer_csv(report.rows, "exposure.csv")
with parts.more:
    land_sections.show_community_exposure(report, parts.finding)
with parts.method:
    sources = map_layers.cite_sources(exposure.LAYERS)
    citation.show_citation(answer["finding"].finding, sources, exposure_report.command(report.settings))
    show_provenance(
        provenance.Provenance(
            method="exposure",
            parameters=report.parameters(),
            seed=EXPOSURE_SEED,
            sources=sources,
            command=exposure_report.command(report.settings),
            limits=[_("Unrecorded events are not counted. Ranks do not show how much two communities differ.")],
        ),
        report.rows,
    )
