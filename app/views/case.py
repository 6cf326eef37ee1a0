"""Case: one incident of the public record, with its sources, its steps in court and what was asked for protection."""

import datetime as dt

import streamlit as st

from app.current import recorded
from app.record import case_told
from app.screen import areas, attack_map, maps, page, record_charts, record_lists
from app.wording.i18n import _
from app.wording.messages import explained

page.head(_("Case"))
page.stop_if_empty()
with explained():
    record = recorded.record()
    same = recorded.may_be_same()
if record.incidents.empty:
    st.info(_("No incident is on this map. That none is on record does not mean that there was none."))
    st.stop()
latest = record.incidents.sort_values("occurred_on", ascending=False, na_position="last")
names = dict(zip(latest["id"], case_told.names(latest), strict=True))
case = page.chosen(_("Case"), list(names), names.__getitem__, layer="incidents")
told = record.of(latest.loc[latest["id"] == case, "id"])
row = told.incidents.to_dict("records")[0]

st.markdown(case_told.facts(row))
shapes = attack_map.shapes(told.incidents)
if shapes.empty:
    st.write(_("It is known by its country alone, and is on no map."))
else:
    maps.show(
        areas.territory(shapes, attack_map.looks(), title=_("Where it was"), underneath=[]),
        maps.Choice(),
        key="case",
        height=340,
    )
    st.write(case_told.where(row))

st.subheader(_("Who was attacked"), anchor=False)
if told.victims.empty:
    st.write(_("Nothing is on record of who was attacked."))
else:
    record_lists.people(told.victims)

st.subheader(_("The case in court"), anchor=False)
st.write(case_told.standing(told, today=dt.datetime.now(dt.UTC).date()))
if not told.case_steps.empty:
    record_lists.steps(told.case_steps)

st.subheader(_("Protection"), anchor=False)
if told.protection_measures.empty:
    st.write(_("No protection measure is on record."))
else:
    record_lists.measures_of(told.protection_measures)

st.subheader(_("Sources"), anchor=False)
st.markdown(case_told.sources(row))
own = same[(same["left_id"] == case) | (same["right_id"] == case)]
if not own.empty:
    record_charts.proposals(own, record)
