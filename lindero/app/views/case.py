"""Case: one incident of the public record, with its sources, its steps in court and what was asked for protection."""

import datetime as dt

import streamlit as st

from lindero.app.answers.case import case_answer
from lindero.app.current import cached_record, map_layers
from lindero.app.output import provenance
from lindero.app.record import case_text
from lindero.app.renderers import streamlit_page
from lindero.app.text.i18n import _
from lindero.app.ui.charts import record_charts
from lindero.app.ui.downloads import citation
from lindero.app.ui.error_message import explained
from lindero.app.ui.forms import country_choice
from lindero.app.ui.frame import order, page
from lindero.app.ui.maps import areas, attack_map, map_view

HIGH = 480  # pixels of the map

with st.container(key="lindero-first"):
    told_side, map_side = st.columns([1, 2], gap="medium")
with told_side:
    page.head(_("Case"))
    page.stop_if_empty()
    with explained():
        every = map_layers.record()
        same = cached_record.may_be_same()
    if every.incidents.empty:
        lacking = map_layers.lacking(["incidents"])
        st.info(lacking or _("No incident is on this map. That none is on record does not mean that there was none."))
        st.stop()
    country = country_choice.ask(every, opened=st.query_params.get("id", ""))
    record = map_layers.record_in(country)
    latest = record.incidents.sort_values("occurred_on", ascending=False, na_position="last")
    names = dict(zip(latest["id"], case_text.names(latest), strict=True))
    case = page.chosen(_("Case"), list(names), names.__getitem__, layer="incidents", among=country)
    told = record.of(latest.loc[latest["id"] == case, "id"])
    answer = case_answer(told, map_layers.coverage(), today=dt.datetime.now(dt.UTC).date())
    (finding,) = order.parts("finding")
    order.say(finding, answer["finding"])
shapes = attack_map.shapes(told.incidents)
with map_side if shapes.empty else told_side:
    streamlit_page.show(answer["facts"])
with map_side:
    if shapes.empty:
        st.write(_("It is known by its country alone, and is on no map."))
    else:
        drawn = areas.territory(shapes, attack_map.looks(), title=_("Where it was"), underneath=[])
        map_view.show(drawn, map_view.Choice(), key="case", height=HIGH)
        st.write(case_text.where(told.incidents.iloc[0].to_dict()))
for section in answer.only("victims", "court", "protection", "sources"):
    streamlit_page.show(section)
citation.show(answer["finding"].finding, provenance.sources_of(map_layers.sources(), ["incidents"]))
own = same[(same["left_id"] == case) | (same["right_id"] == case)]
if not own.empty:
    record_charts.proposals(own, every)
