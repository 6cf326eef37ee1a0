"""The script of the pages, which Streamlit runs for every reader. `app.serving.asgi` serves it."""

import streamlit as st

from lindero.app.media.pages.frame import page
from lindero.app.serving.access import login

st.set_page_config(page_icon=str(page.ICON), layout="wide", initial_sidebar_state="collapsed")
head = page.draw_header()
login.require_login()
doors = page.list_doors()
shown = st.navigation(doors, position="hidden")
st.set_page_config(page_title=page.window_title(shown.title))
page.show_map_name(head)
page.show_door_links(doors, shown)
with st.container(key="lindero-page"):
    shown.run()
