"""The pages of the map: run by Streamlit for every reader, served by `app.serving.asgi`."""

import streamlit as st

from lindero.app.serving.access import login
from lindero.app.ui.frame import page

st.set_page_config(page_icon=str(page.ICON), layout="wide", initial_sidebar_state="collapsed")
head = page.begin_head()
login.require()
doors = page.doors()
shown = st.navigation(doors, position="hidden")
st.set_page_config(page_title=page.title_of(shown.title))
page.name_map(head)
page.lead_doors(doors, shown)
with st.container(key="lindero-page"):
    shown.run()
