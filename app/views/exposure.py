"""Exposure: how much of each community's land lies under title, what lies near it, and how firm a ranking of it is."""

import streamlit as st

from app.analysis import exposure, exposure_told, made
from app.current import answered, cached
from app.current.selection import Choice
from app.screen import analysis_lists, areas, lists, looks, maps, page, weighing
from app.wording.i18n import _
from app.wording.messages import explained
from app.wording.text import plain
from app.wording.words import word
from geo.exposure import STATUSES

page.head(_("Exposure"))
page.stop_if_empty()
with explained():
    communities = cached.communities()
if communities.empty:
    st.info(_("No community is on this map. That no boundary is on record does not mean that nobody lives there."))
    st.stop()
statuses = st.multiselect(_("Titles that count"), STATUSES, default=exposure.IN_FORCE, format_func=word)
if not statuses:
    st.info(_("No title counts: choose at least one state."))
    st.stop()
st.subheader(_("How much does each weigh?"), anchor=False)
weights = weighing.ask()
with explained():
    report = answered.exposed(tuple(statuses), tuple(weights.items()))
    lands = answered.lands(tuple(statuses))
st.markdown(f"**{plain(report.said())}**")
if report.rows.empty:
    st.stop()
st.markdown(plain(report.steady()))
canvas = areas.territory(
    looks.exposed(report.rows, lands), looks.exposures(), title=_("Land under title"), underneath=["protected_areas"]
)
maps.show(canvas, Choice(), key="exposure", height=540)
analysis_lists.exposed(report.rows)
lists.download(report.rows, "exposure.csv")

st.subheader(_("One community"), anchor=False)
names = dict(zip(report.rows["id"], report.rows["name"].fillna(report.rows["id"]), strict=True))
community = page.chosen(_("Community"), list(names), names.__getitem__, layer="communities")
row = report.rows.set_index("id", drop=False).loc[[community]].to_dict("records")[0]
st.markdown(exposure_told.land(row))
st.markdown(exposure_told.near(row))
parts = report.parts[report.parts["id"] == community]
if not parts.empty:
    for by, column in zip(("kind", "status"), st.columns(2), strict=True):
        with column:
            analysis_lists.parts(parts[parts["by"] == by], by)
years = exposure_told.years(report.attacks[report.attacks["id"] == community])
if not years.empty:
    label = _("Attacks on record within 25 km")
    st.bar_chart(years, x="year", y="attacks", x_label=_("Year"), y_label=label, alt=label)
made.shown(
    made.Made(
        method="exposure",
        parameters={name: value for name, value in report.settings.items() if name != "seed"},
        seed=exposure.SEED,
        sources=made.taken(cached.sources(), exposure.LAYERS),
        command=exposure.command(report.settings),
        limits=[
            _("What nobody has recorded is not counted. A rank says nothing of how far apart two communities are.")
        ],
    ),
    report.rows,
)
