"""Exposure: how much of each community's land lies under title, what lies near it, and how firm a ranking of it is."""

import streamlit as st

from lindero.app.answers import exposure, exposure_text
from lindero.app.answers.usual import EXPOSURE_SEED
from lindero.app.current import cached_answers, map_layers
from lindero.app.output import provenance
from lindero.app.text.codes import word
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _
from lindero.app.ui import linked, page
from lindero.app.ui.charts import rank_ranges, year_charts
from lindero.app.ui.error_message import explained
from lindero.app.ui.forms import ranking_weights
from lindero.app.ui.maps import legends, map_picture
from lindero.app.ui.tables import answer_tables, lists
from lindero.geo.stats.exposure import STATUSES

page.head(_("Most affected communities"))
page.stop_if_empty()
with explained():
    communities = map_layers.communities()
if communities.empty:
    nobody = _("No community is on this map. That no boundary is on record does not mean that nobody lives there.")
    st.info(map_layers.lacking(["communities"]) or nobody)
    st.stop()
statuses = linked.several(_("Titles that count"), STATUSES, word, param="status", usual=exposure.IN_FORCE)
if not statuses:
    st.info(_("No title counts: choose at least one state."))
    st.stop()
st.subheader(_("How much does each weigh?"), anchor=False)
weights = ranking_weights.ask()
with explained():
    report = cached_answers.exposed(tuple(statuses), tuple(weights.items()))
    lands = cached_answers.lands(tuple(statuses))
st.markdown(f"**{plain(report.said())}**")
if report.rows.empty:
    st.stop()
st.markdown(plain(report.steady()))
map_picture.show(
    legends.exposed(report.rows, lands),
    legends.exposures(),
    title=_("Land under title"),
    finding=report.steady(),
    layers=exposure.LAYERS,
    key="exposure",
    underneath=["protected_areas"],
)
rank_ranges.show(report.rows, layers=exposure.LAYERS, name="exposure-ranks")
answer_tables.exposed(report.rows)
lists.download(report.rows, "exposure.csv")

st.subheader(_("One community"), anchor=False)
names = dict(zip(report.rows["id"], report.rows["name"].fillna(report.rows["id"]), strict=True))
community = page.chosen(_("Community"), list(names), names.__getitem__, layer="communities")
row = report.rows.set_index("id", drop=False).loc[[community]].to_dict("records")[0]
st.markdown(exposure_text.land(row))
st.markdown(exposure_text.near(row))
parts = report.parts[report.parts["id"] == community]
if not parts.empty:
    for by, column in zip(("kind", "status"), st.columns(2), strict=True):
        with column:
            answer_tables.parts(parts[parts["by"] == by], by)
years = exposure_text.years(report.attacks[report.attacks["id"] == community])
if not years.empty:
    year_charts.attacks(years, _("Attacks on record within 25 km"), name="attacks-near-by-year")
provenance.shown(
    provenance.Made(
        method="exposure",
        parameters={name: value for name, value in report.settings.items() if name != "seed"},
        seed=EXPOSURE_SEED,
        sources=provenance.taken(map_layers.sources(), exposure.LAYERS),
        command=exposure.command(report.settings),
        limits=[
            _("What nobody has recorded is not counted. A rank says nothing of how far apart two communities are.")
        ],
    ),
    report.rows,
)
