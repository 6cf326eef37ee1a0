"""The choice of the country of the record; by default the country of the workspace, if it has any records."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.answers.record.incidents import ALL_COUNTRIES, Record
from lindero.app.answers.record.tallies import country_text
from lindero.app.media.pages.current import open_map
from lindero.app.media.pages.frame import page
from lindero.app.text.i18n import _

PARAM = "country"


def ask_country(record: Record, container: DeltaGenerator | None = None, *, opened: str = "") -> str:
    """Show controls for a country that has incidents; return its code or `ALL_COUNTRIES`.

    The default is the country of the workspace. It is all countries if that country has no incident, so that a page
    does not open on an empty list. If there is only one option, nothing is asked.

    `container` is passed to `app.media.pages.frame.page.select_option`. `opened` is the incident in the address of the
    page. Its country is selected, unless the address also contains a country.
    """
    own_code, counts = open_map.country(), record.incidents["country"].value_counts()
    incident_country = record.incidents.loc[record.incidents["id"] == opened, "country"]
    if len(incident_country) and not (incident_country == own_code).all() and PARAM not in st.query_params:
        st.query_params[PARAM] = str(incident_country.fillna(ALL_COUNTRIES).iloc[0])
    other_codes = [str(code) for code in counts.index if code != own_code]
    is_offered = bool(own_code) and (own_code in counts.index or record.incidents.empty)
    options = [*([own_code] if is_offered else []), ALL_COUNTRIES, *other_codes]
    if not other_codes:
        return options[0]
    return page.select_option(_("Country"), options, country_text, param=PARAM, container=container)
