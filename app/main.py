"""The pages of the map: run by Streamlit for every reader, served by `app.serving.server`."""

import streamlit as st

from app.screen import page
from app.serving import login
from app.wording import language

st.set_page_config(page_title="Lindero", page_icon=str(page.ICON), layout="wide", initial_sidebar_state="collapsed")
language.choose()
login.require()
st.navigation(page.pages(), position="top").run()
