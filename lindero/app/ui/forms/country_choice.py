"""Of which country the record is shown: the workspace's own, where it has any, unless the reader asks otherwise."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.current import open_map
from lindero.app.record.incidents import ALL_COUNTRIES, Record
from lindero.app.record.tallies import country_text
from lindero.app.text.i18n import _
from lindero.app.ui.frame import page

PARAM = "country"


def ask(record: Record, told: DeltaGenerator | None = None, *, opened: str = "") -> str:
    """
    Let the reader choose a country, of those that an incident is in; return its code, or `ALL_COUNTRIES`.

    At first it is the workspace's own; all where no incident is in that one, or a page would open on an empty list.
    `told` is as `app.ui.frame.page.chosen` takes it. `opened` is the incident that the page's address names: unless it
    names a country, too, that of the incident is shown. Where there is nothing to choose between, nothing is asked.
    """
    own, counts = open_map.country(), record.incidents["country"].value_counts()
    of_incident = record.incidents.loc[record.incidents["id"] == opened, "country"]
    if len(of_incident) and not (of_incident == own).all() and PARAM not in st.query_params:
        st.query_params[PARAM] = str(of_incident.fillna(ALL_COUNTRIES).iloc[0])
    others = [str(code) for code in counts.index if code != own]
    is_offered = bool(own) and (own in counts.index or record.incidents.empty)
    options = [*([own] if is_offered else []), ALL_COUNTRIES, *others]
    if not others:
        return options[0]
    return page.chosen(_("Country"), options, country_text, param=PARAM, told=told)
