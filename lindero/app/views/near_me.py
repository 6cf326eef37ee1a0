"""Near me: whose titles and whose land a place is, what lies near it, and who was attacked there."""

from dataclasses import replace

import streamlit as st

from lindero.app.answers.defaults import NEAR_KM
from lindero.app.answers.place import place_text
from lindero.app.answers.place.place_answer import incidents_section, near_section
from lindero.app.current import cached_answers, map_layers, place, spoken
from lindero.app.renderers import streamlit_page
from lindero.app.text.i18n import _
from lindero.app.ui.error_message import explained
from lindero.app.ui.forms import position_form
from lindero.app.ui.frame import page
from lindero.app.ui.maps import areas, corners, legends, linked_table, map_view
from lindero.app.ui.sections import near_me

KM = [5, 10, 25, 50]
HIGH = 600  # pixels of the map: on a laptop it ends where the screen does


@st.fragment
def explore() -> None:
    """Ask for a place and answer: the answer stands before the map, so that a phone shows it without a swipe."""
    spoken.speak()
    with st.container(key="lindero-first"):
        told_side, map_side = st.columns([1, 2], gap="medium")
    with told_side:
        page.head(_("Near me"))
        page.stop_if_empty()
        written = position_form.ask()
    with map_side, explained():
        sight = cached_answers.first_sight()
        canvas = areas.whole_map(sight.bounds, is_counted=not sight.sentence())
        if sight.sentence():
            title = _("Seen at first")
            areas.add(canvas, sight.shapes, legends.shared_ground(), title=title, is_told=False, detail=corners.LIGHT)
        press = position_form.press()
        at = position_form.latest(written, press)
        point_of = (at.latitude, at.longitude) if at is not None else None
        position_form.keep(press)
        spot = map_layers.spot_of(at, place_text.place_name(at)) if at is not None else None
        about = spot.shape.bounds if spot is not None and spot.shape is not None else None
        choice = map_view.Choice(point=point_of, bounds=about)
        chosen = map_view.show(canvas, choice, key="territory", height=HIGH, on_press=position_form.note_press)
    if at is None or spot is None:
        with told_side:
            with st.container(key="lindero-finding-seen"):
                near_me.seen_at_first(sight)
            with st.container(key="lindero-after"):  # on a phone it stands after the map
                near_me.worst_at_first(sight)
        return
    with told_side, explained():
        verdict = st.container(key="lindero-finding-place")
        within_km = st.select_slider(_("Look around, in kilometres"), KM, value=NEAR_KM)
        facts = place.place_facts(spot, within_km=within_km)
        with verdict:
            finding = near_me.whose(facts, at)
    seen = replace(facts, found=linked_table.visible_rows(facts.found, chosen.seen))
    near_me.left_out(len(facts.found) - len(seen.found))
    streamlit_page.show(incidents_section(seen, most=len(seen.found)))
    streamlit_page.show(near_section(seen))
    with explained():
        for section in place.news(spot, within_km=within_km):
            streamlit_page.show(section)
    near_me.made_by(finding, at, spot, within_km)


position_form.recall()  # once for a page: a press that is noted later must not be overwritten
explore()
