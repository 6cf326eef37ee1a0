"""Of which country the record is shown: the workspace's own, where it has any, unless the reader asks otherwise."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.answers.defaults import DEPARTMENT
from lindero.app.current import open_map
from lindero.app.record.incidents import ALL_COUNTRIES, Record
from lindero.app.text.countries import country_name
from lindero.app.text.i18n import _, ngettext, number
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
    return page.chosen(_("Country"), options, name_of, param=PARAM, told=told)


def name_of(country: str) -> str:
    """Return the name of a choice."""
    return _("all countries") if country == ALL_COUNTRIES else country_name(country)


def attacks_label(country: str = "") -> str:
    """Name a number of attacks by the country that they are counted in, which is the workspace's own unless said."""
    country = country or open_map.country() or ALL_COUNTRIES
    return _("Attacks on record in {country}").format(country=name_of(country))


def elsewhere_text(count: int, level: str) -> str:
    """Return how many of a country's attacks are counted in none of its regions of a level; empty if none is."""
    if not count:
        return ""
    text = _("{n} of these without a known region") if level == DEPARTMENT else _("{n} of these in none of them")
    return text.format(n=number(count))


def unknown_text(record: Record, country: str) -> str:
    """Return how many attacks of the whole record have no known country, where those of one country are shown."""
    unknown = record.attacks["country"].isna().sum()
    if country == ALL_COUNTRIES or not unknown:
        return ""
    text = ngettext(
        "{n} attack without a known country is not counted here.",
        "{n} attacks without a known country are not counted here.",
        unknown,
    )
    return text.format(n=number(unknown))
