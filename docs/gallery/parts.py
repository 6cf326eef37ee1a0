"""The components of the pages, each drawn from the rows of a state with the functions that the pages use."""

from collections.abc import Callable
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from docs.gallery import states
from lindero.app.answers.answer import Figure, finding_section
from lindero.app.media.pages import columns
from lindero.app.media.pages.charts import rank_ranges, year_charts
from lindero.app.media.pages.current.selection import Choice
from lindero.app.media.pages.downloads import picture
from lindero.app.media.pages.frame import order
from lindero.app.media.pages.maps import areas, choropleth, legends, map_view
from lindero.app.media.paper import chart
from lindero.app.media.paper.chart import Bar
from lindero.app.media.text import cells
from lindero.app.media.text.html_table import Marks
from lindero.app.text.i18n import format_number

FIGURES = 4
LAYERS = ("communities", "concessions")
MOST_DRAWN = 25  # bars, as many as pages draw
FIRST_YEAR = 2000
Part = Callable[[pd.DataFrame, str], None]


def figures(rows: pd.DataFrame, state: str) -> None:
    """Draw a finding and its figures, each with its uncertainty and its reference."""
    told = {
        _name(row): Figure(
            cells.format_cell(row["share"], "share"), cells.format_range(row["low"], row["high"], "share")
        )
        for row in rows.head(FIGURES).to_dict("records")
    }
    finding = f"{_name(rows.iloc[0])}: what is found, as a sentence." if len(rows) else "Nothing is found."
    room = st.container(key=f"lindero-finding-{_plain(state)}")
    order.show_finding(room, finding_section(finding, ["Limits of the finding."], told))
    order.show_choices(room, map(_name, rows.head(FIGURES).to_dict("records")))


def tables(rows: pd.DataFrame, state: str) -> None:
    """Draw a table with a bar, numbers, dates and links, and a table that is narrow enough for a phone."""
    columns.show_table(rows, alt=f"A table: {state}", **_columns())
    narrow = rows[["name", "share"]].head(MOST_DRAWN)
    columns.show_table(
        narrow, alt=f"A narrow table: {state}", name=columns.text_column("Name"), share=columns.share_column("Land")
    )


def cards(rows: pd.DataFrame, state: str) -> None:
    """Draw rows that are marked on a map. A phone shows them as cards."""
    marks = Marks(frozenset({0}), 0, lambda _at: None, key=f"cards-{state}")
    columns.show_table(rows.head(MOST_DRAWN), alt=f"Rows that are marked: {state}", marks=marks, **_columns())


def maps(rows: pd.DataFrame, state: str) -> None:
    """Draw areas on the map, with their legend."""
    ranked = rows.assign(rank=range(1, len(rows) + 1), share=rows["share"].astype(float))
    shown = legends.exposure_shapes(ranked, states.add_squares(ranked).set_index("id"))
    canvas = areas.build_areas_map(shown, legends.exposure_looks(), title=f"Land under concession: {state}")
    map_view.show_map(canvas, Choice(), key=f"map-{state}", height=320)


def legends_of_classes(rows: pd.DataFrame, state: str) -> None:
    """Draw a map by classes, with a legend of the classes and of the areas without data."""
    about = rows.set_index("id").assign(said=[cells.format_cell(share, "share") for share in rows["share"]])
    shapes = states.add_squares(rows).rename(columns={"id": "region"})
    drawn = choropleth.classify_regions(
        shapes,
        about,
        about["share"].astype(float),
        format_bound=choropleth.bound_formatter(is_share=True),
        is_part=about["name"].isin(states.LONG[:1]),
    )
    canvas = areas.build_areas_map(*drawn, title=f"Attacks per 100,000 people: {state}", underneath=())
    map_view.show_map(canvas, Choice(), key=f"classes-{state}", height=320)


def bars(rows: pd.DataFrame, state: str) -> None:
    """Draw bars by name."""
    known = rows[rows["hectares"].notna()].head(MOST_DRAWN).to_dict("records")
    if not known:
        return
    drawn = [Bar(_name(row), row["hectares"], format_number(row["hectares"])) for row in known]
    picture.show_chart(
        f"Bars: {state}",
        "The chart in one sentence.",
        lambda width: chart.draw_bars(drawn, width=width, color=rank_ranges.COLOR),
        layers=LAYERS,
        name=f"bars-{state}",
    )


def ranges(rows: pd.DataFrame, state: str) -> None:
    """Draw the uncertainty of ranks."""
    known = rows[rows["share"].notna()]
    at = pd.Series(range(1, len(known) + 1), index=known.index)
    ranked = known.assign(rank=at, rank_low=(at - 2).clip(lower=1), rank_high=at + 3)
    rank_ranges.draw_rank_ranges(ranked, layers=LAYERS, name=f"ranges-{state}")


def years(rows: pd.DataFrame, state: str) -> None:
    """Draw bars by year. An unknown year has no bar."""
    told = rows.head(MOST_DRAWN)
    by_year = pd.DataFrame({"year": range(FIRST_YEAR, FIRST_YEAR + len(told)), "attacks": told["attacks"].to_numpy()})
    year_charts.draw_attacks(by_year, f"Recorded attacks: {state}", name=f"years-{state}")


def badges(rows: pd.DataFrame, _state: str) -> None:
    """Draw the badges of a map by name, as in the header of each page."""
    for name in [_name(row) for row in rows.head(FIGURES).to_dict("records")] or [""]:
        title = f"<strong>{escape(name)}</strong>" if name else ""
        badge = '<span class="lindero-invented">Invented data: a demonstration</span>'
        st.html(f'<p class="lindero-map">{title}{badge}</p>')


def messages(rows: pd.DataFrame, _state: str) -> None:
    """Draw the messages that are shown apart from an answer: no data, warnings, and errors."""
    name = _name(rows.iloc[0]) if len(rows) else ""
    st.info(f"This map has no concession data here. {name}")
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
        "name": columns.text_column("Name", link="link"),
        "share": columns.share_column("Land under concession (at least – at most)", between=("low", "high")),
        "hectares": columns.number_column("Hectares"),
        "attacks": columns.number_column("Attacks"),
        "day": columns.date_column("Date"),
    }


def _name(row: "dict[Any, Any] | pd.Series[Any]") -> str:
    return cells.format_cell(row["name"], "text")


def _plain(state: str) -> str:
    return state.replace(" ", "-")
