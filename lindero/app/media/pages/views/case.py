"""Case: one incident of the public record, with its sources, its steps in court and its protection measures."""

import streamlit as st

from lindero.app.answers.case import case_answer
from lindero.app.answers.record import case_text
from lindero.app.media.pages import streamlit_page
from lindero.app.media.pages.charts import record_charts
from lindero.app.media.pages.current import cached_record, map_layers
from lindero.app.media.pages.downloads import citation
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.forms import country_choice
from lindero.app.media.pages.frame import order, page
from lindero.app.media.pages.maps import areas, attack_map, map_view
from lindero.app.text.i18n import _
from lindero.machine.clock import local_today

HIGH = 480  # pixels: height of the map

with st.container(key="lindero-first"):
    told_side, map_side = st.columns([1, 2], gap="medium")
with told_side:
    page.show_head(_("Case"))
    page.stop_if_empty()
    with show_errors():
        every = map_layers.record()
        same = cached_record.possible_duplicates()
    if every.incidents.empty:
        lacking = map_layers.missing_layers_text(["incidents"])
        st.info(lacking or _("This map has no recorded incidents. That does not mean that there were none."))
        st.stop()
    country = country_choice.ask_country(every, opened=st.query_params.get("id", ""))
    record = map_layers.country_record(country)
    latest = record.incidents.sort_values("occurred_on", ascending=False, na_position="last")
    names = dict(zip(latest["id"], case_text.incident_labels(latest), strict=True))
    case = page.select_option(_("Case"), list(names), names.__getitem__, layer="incidents", among=country)
    told = record.filter(latest.loc[latest["id"] == case, "id"])
    answer = case_answer(told, map_layers.coverage(), today=local_today())
    (finding,) = order.create_parts("finding")
    order.show_finding(finding, answer["finding"])
shapes = attack_map.build_shapes(told.incidents)
with map_side if shapes.empty else told_side:
    streamlit_page.show_section(answer["facts"])
with map_side:
    if shapes.empty:
        st.write(_("Only its country is known, so it is not on the map."))
    else:
        drawn = areas.build_areas_map(shapes, attack_map.attack_looks(), title=_("Where it was"), underneath=[])
        map_view.show_map(drawn, map_view.Choice(), key="case", height=HIGH)
        st.write(case_text.location_text(told.incidents.iloc[0].to_dict()))
for section in answer.select_sections("victims", "court", "protection", "sources"):
    streamlit_page.show_section(section)
citation.show_citation(answer["finding"].finding, map_layers.cite_sources(["attacks", "acts"]))
pairs_of_case = same[(same["left_id"] == case) | (same["right_id"] == case)]
if not pairs_of_case.empty:
    record_charts.list_possible_duplicates(pairs_of_case, every)
