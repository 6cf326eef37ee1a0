"""The pages of the map: run by Streamlit for every reader, served by `app.server`."""

import streamlit as st

from app import language, login, page

st.set_page_config(page_title="Lindero", page_icon=str(page.ICON), layout="wide", initial_sidebar_state="collapsed")
language.choose()
login.require()
st.navigation(page.pages(), position="top").run()
