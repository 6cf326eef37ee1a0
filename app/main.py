"""The pages of the map: run by Streamlit for every reader, served by `app.serving.asgi`."""

import streamlit as st

from lindero.app.serving.access import login
from lindero.app.ui import language, page

st.set_page_config(page_icon=str(page.ICON), layout="wide", initial_sidebar_state="collapsed")
language.choose()
login.require()
shown = st.navigation(page.pages(), position="top")
st.set_page_config(page_title=page.title_of(shown.title))
shown.run()
