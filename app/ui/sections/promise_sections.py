"""What the page of commitments tells of a country, or a region of it: what was promised, and what happened since."""

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.answers.coverage import coverage_text
from lindero.app.current import cached_record
from lindero.app.record import commitments_text, tallies
from lindero.app.record.commitments import here
from lindero.app.record.incidents import Record
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, ngettext, number
from lindero.app.ui.charts import record_charts
from lindero.app.ui.frame import page
from lindero.app.ui.frame.page import Figures
from lindero.app.ui.tables import record_tables

KEPT = ("in_force", "ratified")


def asked(promises: pd.DataFrame, record: Record, names: dict[str, str], told: DeltaGenerator) -> tuple[str, str, str]:
    """
    Let the reader choose a country, and a region in which to look; gives their codes, and what both are called.

    `told` is as `app.ui.frame.page.chosen` takes it.
    """
    countries = commitments_text.most_attacked_first(promises, names)
    country = page.chosen(_("Country"), countries, names.__getitem__, told=told)
    regions = commitments_text.regions_of(country, record)
    region = st.selectbox(
        _("What happened since in"), ["", *regions], format_func=lambda code: regions.get(code, names[country])
    )
    return country, region, f"{regions[region]}, {names[country]}" if region else names[country]


def answer(
    standing: pd.DataFrame, record: Record, country: str, region: str, called: str
) -> tuple[str, list[str], Figures]:
    """Say how many commitments stand, and how many attacks are on record; with figures, and what these do not hold."""
    attacks = here(record, country=country, region=region)
    made, kept = int((standing["state"] != "not_joined").sum()), int(standing["state"].isin(KEPT).sum())
    known = not attacks.empty
    count = ngettext("{n} attack on record", "{n} attacks on record", len(attacks)).format(n=number(len(attacks)))
    text = _("{place}: {made} commitments on record, {kept} of them in force or ratified; {attacks}.")
    finding = text.format(
        place=called, made=number(made), kept=number(kept), attacks=count if known else _("no attack is on record")
    )
    killed, undated = tallies.people_killed(attacks), int(attacks["year"].isna().sum())
    not_stated, no_day = _("not stated of {n}"), _("{n} without a date")
    figures: Figures = {
        _("Commitments made"): number(made),
        _("In force or ratified"): number(kept),
        _("Attacks on record"): (
            number(len(attacks)) if known else "–",
            no_day.format(n=number(undated)) if undated else "",
        ),
        _("People killed, where told"): (
            tallies.stated(killed.people) if known else "–",
            not_stated.format(n=number(killed.unstated)) if killed.unstated else "",
        ),
    }
    return plain(finding), [_judged(), _none(country, region) if not known else ""], figures


def _judged() -> str:
    return _(
        "Nothing here says that a promise was kept or broken: it stands as its sources tell, and beside it stands what "
        "is on this map since."
    )


def _none(country: str, region: str) -> str:
    none = coverage_text.none(cached_record.answer_in(country, region))
    return " ".join([none, _("That none is on record does not mean that there was none.")])


def pictured(record: Record, country: str, region: str) -> None:
    """Draw the attacks on record there by year, if any has a date."""
    years = tallies.by_year(here(record, country=country, region=region))
    if not years.empty:
        record_charts.by_year(years)


def listed(standing: pd.DataFrame, record: Record, country: str, region: str) -> None:
    """List the commitments, and say what the list cannot hold."""
    record_tables.promises(standing)
    if undated := commitments_text.undated(record, country, region):
        told = ngettext(
            "{n} attack without a date is not counted.", "{n} attacks without a date are not counted.", undated
        )
        st.write(told.format(n=number(undated)))
    if not (standing["kind"] == "national").any():
        st.write(
            _(
                "No measure of the state's own to protect defenders is on record here. Whether there is one was not "
                "checked."
            )
        )
