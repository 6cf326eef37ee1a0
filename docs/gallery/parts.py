"""The parts that pages are made of, each drawn of the rows of a state by what the pages themselves draw it with."""

from collections.abc import Callable
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from docs.gallery import states
from lindero.app.answers.answer import Figure, finding_section
from lindero.app.current.selection import Choice
from lindero.app.drawing import chart
from lindero.app.drawing.chart import Bar
from lindero.app.renderers import cells, columns
from lindero.app.renderers.html_table import Marks
from lindero.app.text.i18n import number
from lindero.app.ui.charts import rank_ranges, year_charts
from lindero.app.ui.downloads import picture
from lindero.app.ui.frame import order
from lindero.app.ui.maps import areas, choropleth, legends, map_view

FIGURES = 4
LAYERS = ("communities", "concessions")
MOST_DRAWN = 25  # bars, as many as pages draw
FIRST_YEAR = 2000
Part = Callable[[pd.DataFrame, str], None]


def figures(rows: pd.DataFrame, state: str) -> None:
    """Draw a finding, its figures with how sure each is, and of what it is."""
    told = {
        _name(row): Figure(cells.text(row["share"], "share"), cells.between(row["low"], row["high"], "share"))
        for row in rows.head(FIGURES).to_dict("records")
    }
    finding = f"{_name(rows.iloc[0])}: what is found, as a sentence." if len(rows) else "Nothing is found."
    room = st.container(key=f"lindero-finding-{_plain(state)}")
    order.say(room, finding_section(finding, ["What has to be read with it."], told))
    order.tell_choices(room, map(_name, rows.head(FIGURES).to_dict("records")))


def tables(rows: pd.DataFrame, state: str) -> None:
    """Draw a table with a bar, numbers, days and links; beside it one that is narrow enough for a phone."""
    columns.table(rows, alt=f"A table: {state}", **_columns())
    narrow = rows[["name", "share"]].head(MOST_DRAWN)
    columns.table(narrow, alt=f"A narrow table: {state}", name=columns.text("Name"), share=columns.share("Land"))


def cards(rows: pd.DataFrame, state: str) -> None:
    """Draw rows that are marked on a map, of which a phone makes cards."""
    marks = Marks(frozenset({0}), 0, lambda _at: None, key=f"cards-{state}")
    columns.table(rows.head(MOST_DRAWN), alt=f"Rows that are marked: {state}", marks=marks, **_columns())


def maps(rows: pd.DataFrame, state: str) -> None:
    """Draw areas over the map, with their legend."""
    ranked = rows.assign(rank=range(1, len(rows) + 1), share=rows["share"].astype(float))
    shown = legends.exposure(ranked, states.squares(ranked).set_index("id"))
    canvas = areas.territory(shown, legends.exposures(), title=f"Land under title: {state}")
    map_view.show(canvas, Choice(), key=f"map-{state}", height=320)


def legends_of_classes(rows: pd.DataFrame, state: str) -> None:
    """Draw a map by classes, whose legend says what each holds, and which are not known."""
    about = rows.set_index("id").assign(said=[cells.text(share, "share") for share in rows["share"]])
    shapes = states.squares(rows).rename(columns={"id": "region"})
    drawn = choropleth.regions_map(
        shapes,
        about,
        about["share"].astype(float),
        said=choropleth.bounds_said(is_share=True),
        is_part=about["name"].isin(states.LONG[:1]),
    )
    canvas = areas.territory(*drawn, title=f"Attacks for each 100,000 persons: {state}", underneath=())
    map_view.show(canvas, Choice(), key=f"classes-{state}", height=320)


def bars(rows: pd.DataFrame, state: str) -> None:
    """Draw bars by name."""
    known = rows[rows["hectares"].notna()].head(MOST_DRAWN).to_dict("records")
    if not known:
        return
    drawn = [Bar(_name(row), row["hectares"], number(row["hectares"])) for row in known]
    picture.chart(
        f"Bars: {state}",
        "What the bars say, as a sentence.",
        lambda width: chart.bars(drawn, width=width, color=rank_ranges.COLOR),
        layers=LAYERS,
        name=f"bars-{state}",
    )


def ranges(rows: pd.DataFrame, state: str) -> None:
    """Draw how firm ranks are."""
    known = rows[rows["share"].notna()]
    at = pd.Series(range(1, len(known) + 1), index=known.index)
    ranked = known.assign(rank=at, rank_low=(at - 2).clip(lower=1), rank_high=at + 3)
    rank_ranges.show(ranked, layers=LAYERS, name=f"ranges-{state}")


def years(rows: pd.DataFrame, state: str) -> None:
    """Draw bars by year; of a year that is not known, none."""
    told = rows.head(MOST_DRAWN)
    by_year = pd.DataFrame({"year": range(FIRST_YEAR, FIRST_YEAR + len(told)), "attacks": told["attacks"].to_numpy()})
    year_charts.attacks(by_year, f"Attacks on record: {state}", name=f"years-{state}")


def badges(rows: pd.DataFrame, _state: str) -> None:
    """Draw what marks a map, by its name: as in the head of each page."""
    for name in [_name(row) for row in rows.head(FIGURES).to_dict("records")] or [""]:
        parts = [f"<strong>{escape(name)}</strong>" if name else "", "<span>data as of June 30, 2026</span>"]
        badge = '<span class="lindero-invented">Invented data: a demonstration</span>'
        st.html(f'<p class="lindero-map">{"".join(parts)}{badge}</p>')


def messages(rows: pd.DataFrame, _state: str) -> None:
    """Draw what is told apart from the answer: that there is nothing, what is amiss, what failed."""
    name = _name(rows.iloc[0]) if len(rows) else ""
    st.info(f"This map has no data of concessions here. {name}")
    st.warning(f"The workspace has changed since this map was built. {name}")
    st.error(f"This file could not be read. {name}")


PARTS: dict[str, Part] = {
    "figures": figures,
    "tables": tables,
    "cards": cards,
    "map": maps,
    "legends": legends_of_classes,
    "bars": bars,
    "ranges": ranges,
    "years": years,
    "badges": badges,
    "messages": messages,
}


def _columns() -> dict[str, Any]:
    return {
        "name": columns.text("Name", link="link"),
        "share": columns.share("Land under title (at least – at most)", between=("low", "high")),
        "hectares": columns.number("Hectares"),
        "attacks": columns.number("Attacks"),
        "day": columns.date("Day"),
    }


def _name(row: "dict[Any, Any] | pd.Series[Any]") -> str:
    return cells.text(row["name"], "text")


def _plain(state: str) -> str:
    return state.replace(" ", "-")
