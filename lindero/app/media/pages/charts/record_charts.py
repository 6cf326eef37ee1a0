"""The charts of the page of attacks, each above the table with the same numbers."""

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from lindero.app.answers.answer import Section
from lindero.app.answers.claims import find_highest
from lindero.app.answers.record.incidents import Record
from lindero.app.media.design import SKY_BLUE
from lindero.app.media.pages import columns, links, streamlit_page
from lindero.app.media.pages.charts import year_charts
from lindero.app.media.pages.downloads import picture
from lindero.app.media.paper import chart
from lindero.app.media.paper.chart import Bar
from lindero.app.text.codes import title_text, translate_code
from lindero.app.text.i18n import _, format_number, join_texts

KILLINGS, OTHERS = "#B00020", SKY_BLUE
_LISTED = 3  # codes named where none is the most frequent


def draw_attacks_by_year(years: pd.DataFrame) -> None:
    """Draw attacks by year, killings apart, from the counts of `app.answers.record.tallies.count_by_year`."""
    labels = {"killings": _("Killings"), "others": _("Other attacks")}
    series = {"killings": (labels["killings"], KILLINGS), "others": (labels["others"], OTHERS)}
    year_charts.draw_year_bars(
        years, series, title=_("Attacks by year"), layers=["attacks", "acts"], name="attacks-by-year"
    )


def draw_code_counts(sections: Sequence[Section]) -> None:
    """Show sections of counts by code side by side, each with a bar chart of its rows."""
    for column, section in zip(st.columns(max(len(sections), 1)), sections, strict=False):
        if section.table is not None:
            with column:
                streamlit_page.show_section(
                    section, picture=partial(_draw_bars, section.table.rows, section.table.caption)
                )


def _draw_bars(rows: pd.DataFrame, label: str) -> None:
    """Draw one bar for each code, with its name before and its number after the bar."""
    bars = [
        Bar(str(row["code"]), float(row["attacks"]), format_number(row["attacks"])) for row in rows.to_dict("records")
    ]
    picture.show_chart(
        label,
        _most_frequent_text(rows.set_index("code")["attacks"]),
        lambda width: chart.draw_bars(bars, width=width, color=KILLINGS),
        layers=["attacks", "acts"],
        name=f"attacks-{label}",
        is_beside=True,
    )


def _most_frequent_text(counts: "pd.Series[int]") -> str:
    """Return the code that is recorded most often where one is stated; else the first few codes with their counts."""
    stated = counts.drop(translate_code("unknown"), errors="ignore")
    highest = find_highest(stated, stated)
    if highest.is_certain and len(stated) > 1:
        (code,) = highest.candidates
        text = _("Most frequent where it is stated: {what} ({n} recorded attacks).")
        return text.format(what=code, n=format_number(stated[code]))
    return join_texts([f"{code} ({format_number(counts[code])})" for code in counts.index[:_LISTED]])


def list_possible_duplicates(same: pd.DataFrame, record: Record) -> None:
    """List pairs of incidents of the record that may be duplicates. Nothing is merged without a decision."""
    same = same[same[["left_id", "right_id"]].isin(list(record.incidents["id"])).all(axis=1)]
    if same.empty:
        return
    st.header(_("Possible duplicates"), anchor=False)
    st.write(_("Two sources may describe the same incident. It is counted twice until somebody accepts the pair."))
    titles = dict(zip(record.incidents["id"], record.incidents["title"].map(title_text), strict=True))
    columns.show_table(
        same.assign(
            left=same["left_id"].map(titles),
            right=same["right_id"].map(titles),
            reasons=[", ".join(map(translate_code, reasons)) for reasons in same["reasons"]],
            left_page=links.layer_addresses("incidents", same["left_id"]),
            right_page=links.layer_addresses("incidents", same["right_id"]),
        ),
        alt=_("Pairs that may be the same incident"),
        left=columns.text_column(_("One source"), link="left_page"),
        right=columns.text_column(_("Another source"), link="right_page"),
        score=columns.share_column(_("Similarity")),
        reasons=columns.text_column(_("Why")),
    )
    st.container(border=True).text("lindero duplicates")
