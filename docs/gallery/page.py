"""The page of the gallery: components selected by the address (`?part=tables`), with a heading for each state."""

import streamlit as st

from docs.gallery import states
from docs.gallery.parts import PARTS
from lindero.app.media.pages.frame import page

st.set_page_config(page_title="Gallery – Lindero", layout="wide", initial_sidebar_state="collapsed")
page.show_map_name(page.draw_header())
parts = st.query_params.get_all("part") or [next(iter(PARTS))]
with st.container(key="lindero-page"):
    st.title(f"Gallery: {', '.join(parts)}", anchor=False)
    st.markdown(" · ".join(f"[{name}](?part={name})" for name in PARTS))
    for part in parts:
        for state in states.STATES:
            st.header(state.capitalize(), anchor=False)
            PARTS[part](states.rows(state), state)
