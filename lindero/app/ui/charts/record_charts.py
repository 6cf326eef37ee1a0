"""The charts of the page of attacks, each with a table that holds the same numbers."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from lindero.app.drawing import chart
from lindero.app.drawing.chart import Bar
from lindero.app.record import tallies
from lindero.app.record.incidents import Record
from lindero.app.renderers import columns
from lindero.app.text.codes import title_text, word
from lindero.app.text.i18n import _, number
from lindero.app.ui.charts import year_charts
from lindero.app.ui.downloads import picture
from lindero.app.ui.tables import record_tables

KILLINGS, OTHERS = "#B00020", "#56B4E9"


def timeline(years: pd.DataFrame) -> None:
    """Draw and list attacks by year."""
    st.header(_("When"), anchor=False)
    if years.empty:
        st.write(_("No attack on record has a date."))
        return
    by_year(years)
    columns.table(
        years.astype({"year": str}),
        alt=_("Attacks by year"),
        fold=columns.of_picture(),
        year=columns.text(_("Year")),
        attacks=columns.number(_("Attacks")),
        killings=columns.number(_("Killings")),
        others=columns.number(_("Other attacks")),
        people=columns.number(_("People attacked")),
        killed=columns.number(_("People killed")),
    )


def by_year(years: pd.DataFrame) -> None:
    """Draw attacks by year, killings apart, as `app.record.tallies.by_year` counts them."""
    labels = {"killings": _("Killings"), "others": _("Other attacks")}
    series = {"killings": (labels["killings"], KILLINGS), "others": (labels["others"], OTHERS)}
    year_charts.bars(years, series, title=_("Attacks by year"), layers=["incidents", "acts"], name="attacks-by-year")


def what_and_who(told: Record) -> None:
    """Draw and list acts and sectors; list the people attacked by gender, identity and people."""
    st.header(_("What, and for what"), anchor=False)
    for column, (label, rows) in zip(
        st.columns(2),
        {_("Acts"): tallies.by_act(told.attacks), _("Sectors"): tallies.by_sector(told.attacks)}.items(),
        strict=True,
    ):
        with column:
            _bars(rows, label)
            record_tables.code_counts(rows, label)
    st.write(_("An attack with two acts counts under both, so that these rows do not add up to the attacks."))
    st.header(_("Against whom"), anchor=False)
    if told.victims.empty:
        st.write(_("Nothing is on record of who was attacked."))
        return
    whom = {
        _("Gender"): tallies.by_gender(told),
        _("Who they are"): tallies.by_identity(told),
        _("People or nation"): tallies.by_people(told),
    }
    for column, (label, rows) in zip(st.columns(len(whom)), whom.items(), strict=True):
        with column:
            if not rows.empty:
                _bars(rows, label)
                record_tables.code_counts(rows, label)


def _bars(rows: pd.DataFrame, label: str) -> None:
    """Draw a bar for each code, its name before it and its number behind it."""
    drawn = [Bar(str(row["code"]), float(row["attacks"]), number(row["attacks"])) for row in rows.to_dict("records")]
    text = _("Most often: {what} ({n} attacks on record).")
    picture.chart(
        label,
        text.format(what=drawn[0].name, n=drawn[0].label) if drawn else "",
        lambda width: chart.bars(drawn, width=width, color=KILLINGS),
        layers=["incidents", "acts"],
        name=f"attacks-{label}",
        is_beside=True,
    )


def accusations(counts: Mapping[str, int]) -> None:
    """Say how the cases against defenders stand."""
    if not counts["attacks"]:
        return
    ended = ", ".join(f"{word(name)}: {number(count)}" for name, count in counts.items() if name != "attacks" and count)
    text = _("Cases against defenders themselves, counted apart: {n} ({ended}).")
    st.write(text.format(n=number(counts["attacks"]), ended=ended))


def proposals(same: pd.DataFrame, told: Record) -> None:
    """List pairs of the record that may be the same incident; nothing is merged unasked."""
    same = same[same[["left_id", "right_id"]].isin(list(told.incidents["id"])).all(axis=1)]
    if same.empty:
        return
    st.header(_("May be the same"), anchor=False)
    st.write(_("Two sources may tell these twice. They are counted twice until somebody accepts a pair."))
    titles = dict(zip(told.incidents["id"], told.incidents["title"].map(title_text), strict=True))
    record_tables.may_be_same(same, titles)
    st.container(border=True).text("lindero duplicates")
