"""Near me: the concessions and the land at a place, features nearby, and attacks there."""

import streamlit as st

from lindero.app.answers.defaults import NEAR_KM
from lindero.app.answers.place import place_text
from lindero.app.answers.place.place_answer import incidents_section, near_section
from lindero.app.media.pages import streamlit_page
from lindero.app.media.pages.current import cached_answers, map_layers, place, spoken
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.forms import position_form
from lindero.app.media.pages.frame import page
from lindero.app.media.pages.maps import areas, legends, linked_table, map_view, vertices
from lindero.app.media.pages.sections import near_me
from lindero.app.text.i18n import _

KM = [5, 10, 25, 50]
HIGH = 600  # pixels: height of the map, which ends at the bottom of a laptop's screen


@st.fragment
def explore() -> None:
    """Show controls for a place, then the answer before the map, so that a phone shows it without scrolling."""
    spoken.set_reader_language()
    with st.container(key="lindero-first"):
        text_side, map_side = st.columns([1, 2], gap="medium")
    with text_side:
        page.show_head(_("Near me"))
        page.stop_if_empty()
        written = position_form.ask_position()
    with map_side, show_errors():
        sight = cached_answers.first_sight()
        canvas = areas.build_full_map(sight.bounds, is_counted=not sight.sentence())
        if sight.sentence():
            title = _("Overview")
            areas.add_areas(
                canvas, sight.shapes, legends.shared_ground_look(), title=title, is_told=False, detail=vertices.LIGHT
            )
        pressed = position_form.pressed_point()
        position = position_form.latest_position(written, pressed)
        point_of = (position.latitude, position.longitude) if position is not None else None
        position_form.store_question(pressed)
        spot = map_layers.build_spot(position, place_text.place_name(position)) if position is not None else None
        about = spot.shape.bounds if spot is not None and spot.shape is not None else None
        choice = map_view.Choice(point=point_of, bounds=about)
        chosen = map_view.show_map(canvas, choice, key="territory", height=HIGH, on_press=position_form.record_press)
    if position is None or spot is None:
        with text_side:
            with st.container(key="lindero-finding-seen"):
                near_me.show_first_sight(sight)
            with st.container(key="lindero-after"):  # below the map on a phone
                near_me.show_most_conceded_land(sight)
        return
    with text_side, show_errors():
        verdict = st.container(key="lindero-finding-place")
        within_km = st.select_slider(_("Distance around, in kilometres"), KM, value=NEAR_KM)
        facts = place.place_facts(spot, within_km=within_km)
        with verdict:
            finding = near_me.show_place(facts, position)
    shown = linked_table.filter_visible_rows(facts.nearby_rows, chosen.seen)
    near_me.show_hidden_count(len(facts.nearby_rows) - len(shown))
    streamlit_page.show_section(incidents_section(facts, len(facts.nearby_rows), shown))
    streamlit_page.show_section(near_section(facts, shown))
    with show_errors():
        for section in (*facts.land_news, *place.news(spot, within_km=within_km)):
            streamlit_page.show_section(section)
    near_me.show_method(finding, position, spot, within_km)


position_form.restore_question()  # once per page, so that a later press is not overwritten
explore()
