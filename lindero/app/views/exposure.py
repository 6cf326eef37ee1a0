"""Exposure: how much of each community's land lies under title, what lies near it, and how firm a ranking of it is."""

import streamlit as st

from lindero.app.answers.defaults import EXPOSURE_SEED
from lindero.app.answers.ranking import exposure
from lindero.app.answers.ranking.exposure_answer import exposure_answer
from lindero.app.current import cached_answers, map_layers
from lindero.app.output import provenance
from lindero.app.renderers import streamlit_page
from lindero.app.text.codes import word
from lindero.app.text.i18n import _
from lindero.app.ui.charts import rank_ranges
from lindero.app.ui.downloads import citation
from lindero.app.ui.error_message import explained
from lindero.app.ui.forms import ranking_weights
from lindero.app.ui.frame import linked, order, page
from lindero.app.ui.maps import legends, map_picture
from lindero.app.ui.provenance_panel import show_provenance
from lindero.app.ui.sections import land_sections
from lindero.app.ui.tables import lists
from lindero.geo.stats.exposure import STATUSES

page.head(_("Most affected communities"))
page.stop_if_empty()
with explained():
    communities = map_layers.communities()
if communities.empty:
    nobody = _("No community is on this map. That no boundary is on record does not mean that nobody lives there.")
    st.info(map_layers.lacking(["communities"]) or nobody)
    st.stop()
parts = order.begin()
with parts.choices:
    statuses = linked.several(_("Titles that count"), STATUSES, word, param="status", usual=exposure.IN_FORCE)
    st.header(_("How much does each weigh?"), anchor=False)
    weights = ranking_weights.ask(told=parts.finding)
if not statuses:
    parts.finding.info(_("No title counts: choose at least one state."))
    order.tell_choices(parts.finding, [])
    st.stop()
with explained():
    report = cached_answers.exposed(tuple(statuses), tuple(weights.items()))
    lands = cached_answers.lands(tuple(statuses))
answer = exposure_answer(report)
finding = answer["finding"]
order.say(parts.finding, finding)
order.tell_choices(parts.finding, [", ".join(map(word, statuses)), ranking_weights.weights_text(weights)])
if report.rows.empty:
    st.stop()
with parts.picture:
    map_picture.show(
        legends.exposure(report.rows, lands),
        legends.exposures(),
        title=_("Land under title"),
        finding=report.steady(),
        layers=exposure.LAYERS,
        key="exposure",
        underneath=["protected_areas"],
        about=len(report.rows),
    )
    rank_ranges.show(report.rows, layers=exposure.LAYERS, name="exposure-ranks")
with parts.rows:
    streamlit_page.show(answer["ranking"])
    lists.download(report.rows, "exposure.csv")
with parts.more:
    land_sections.exposure_of_community(report, parts.finding)
with parts.method:
    sources = provenance.sources_of(map_layers.sources(), exposure.LAYERS)
    citation.show(finding.finding, sources, exposure.command(report.settings))
    show_provenance(
        provenance.Made(
            method="exposure",
            parameters=report.parameters(),
            seed=EXPOSURE_SEED,
            sources=sources,
            command=exposure.command(report.settings),
            limits=[_("Unrecorded events are not counted. A rank does not say how far apart two communities are.")],
        ),
        report.rows,
    )
