"""Pictures of time: bars by year, and a small map for each year."""

import altair as alt
import pandas as pd
import streamlit as st

from lindero.app.text.i18n import _

SIDE_PX = 96  # three beside one another fit a phone
COLUMNS = 3
INK = "#1f2421"
COLORS = {"concessions": "#D55E00", "incidents": "#000000"}
SHAPES = {"concessions": "square", "incidents": "triangle-up"}


def small_maps(spots: pd.DataFrame, names: dict[str, str]) -> None:
    """
    Draw one small map for each year: squares are titles granted, triangles attacks.

    Parameters
    ----------
    spots
        As `app.answers.before_after.spots` gives them.
    names
        What each `what` is called.
    """
    told = spots.assign(what=spots["what"].map(names))
    said = list(names.values())
    colors, shapes = ([looks[name] for name in names] for looks in (COLORS, SHAPES))
    chart = (
        alt.Chart(told)
        .mark_point(filled=True, size=14, opacity=0.7)
        .encode(
            x=alt.X("lon:Q", axis=None, scale=alt.Scale(zero=False, padding=6)),
            y=alt.Y("lat:Q", axis=None, scale=alt.Scale(zero=False, padding=6)),
            color=alt.Color("what:N", title=None, scale=alt.Scale(domain=said, range=colors)),
            shape=alt.Shape("what:N", title=None, scale=alt.Scale(domain=said, range=shapes)),
        )
        .properties(width=SIDE_PX, height=SIDE_PX, view=alt.ViewBackground(stroke="#8a918c", strokeWidth=1))
        .facet(alt.Facet("year:O", title=None, header=alt.Header(labelColor=INK)), columns=COLUMNS)
        .configure_legend(orient="top", columns=1, labelLimit=260, labelColor=INK)
    )
    st.altair_chart(chart, width="content", alt=_("A small map for each year; the table beside it holds the counts"))
