"""The charts of the page of attacks, each over the table that holds the same numbers."""

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from lindero.app.answers.answer import Section
from lindero.app.drawing import chart
from lindero.app.drawing.chart import Bar
from lindero.app.record.incidents import Record
from lindero.app.renderers import columns, links, streamlit_page
from lindero.app.text.codes import title_text, word
from lindero.app.text.i18n import _, number
from lindero.app.ui.charts import year_charts
from lindero.app.ui.downloads import picture

KILLINGS, OTHERS = "#B00020", "#56B4E9"


def by_year(years: pd.DataFrame) -> None:
    """Draw attacks by year, killings apart, as `app.record.tallies.by_year` counts them."""
    labels = {"killings": _("Killings"), "others": _("Other attacks")}
    series = {"killings": (labels["killings"], KILLINGS), "others": (labels["others"], OTHERS)}
    year_charts.bars(years, series, title=_("Attacks by year"), layers=["incidents", "acts"], name="attacks-by-year")


def beside(sections: Sequence[Section]) -> None:
    """Show what is counted by a code side by side, each as a picture over its rows."""
    for column, section in zip(st.columns(max(len(sections), 1)), sections, strict=False):
        if section.table is not None:
            with column:
                streamlit_page.show(section, picture=partial(_bars, section.table.rows, section.table.caption))


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


def proposals(same: pd.DataFrame, told: Record) -> None:
    """List pairs of the record that may be the same incident; nothing is merged unasked."""
    same = same[same[["left_id", "right_id"]].isin(list(told.incidents["id"])).all(axis=1)]
    if same.empty:
        return
    st.header(_("May be the same"), anchor=False)
    st.write(_("Two sources may tell these twice. They are counted twice until somebody accepts a pair."))
    titles = dict(zip(told.incidents["id"], told.incidents["title"].map(title_text), strict=True))
    columns.table(
        same.assign(
            left=same["left_id"].map(titles),
            right=same["right_id"].map(titles),
            reasons=[", ".join(map(word, reasons)) for reasons in same["reasons"]],
            left_page=links.of_layer("incidents", same["left_id"]),
            right_page=links.of_layer("incidents", same["right_id"]),
        ),
        alt=_("Pairs that may be the same incident"),
        left=columns.text(_("One source"), link="left_page"),
        right=columns.text(_("Another source"), link="right_page"),
        score=columns.share(_("Likeness")),
        reasons=columns.text(_("Why")),
    )
    st.container(border=True).text("lindero duplicates")
