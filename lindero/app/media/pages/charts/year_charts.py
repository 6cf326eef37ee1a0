"""Charts over time: bars by year, and a small map for each year."""

from collections.abc import Iterable, Mapping

import pandas as pd

from lindero.app.answers.claims import find_highest
from lindero.app.media.design import VERMILION
from lindero.app.media.pages.downloads import picture
from lindero.app.media.paper import chart
from lindero.app.media.paper.chart import Mark
from lindero.app.media.paper.sheet import Sign
from lindero.app.text.i18n import _, format_number

ATTACKS = "#B00020"
MARKS = {"concessions": Mark(VERMILION), "incidents": Mark("#000000", is_triangle=True)}


def draw_year_bars(
    rows: pd.DataFrame, series: Mapping[str, tuple[str, str]], *, title: str, layers: Iterable[str], name: str
) -> None:
    """Draw stacked bars by year, under a sentence with the total, and the year with most if it is known.

    `rows`: `year`, and one column for each of `series`; missing where the value is not known. `title`, `layers`,
    `name`: passed to `app.media.pages.downloads.picture.show_chart`.
    """
    if rows.empty:
        return
    years = [int(year) for year in rows["year"]]
    values = {
        label: [None if pd.isna(value) else float(value) for value in rows[column]]
        for column, (label, _color) in series.items()
    }
    colors = [color for _label, color in series.values()]
    picture.show_chart(
        title,
        _peak_text(years, list(values.values())),
        lambda width: chart.draw_year_bars(years, values, colors, width=width),
        layers=layers,
        name=name,
        key=[Sign(*series[column]) for column in series if rows[column].sum() > 0] if len(series) > 1 else (),
    )


def draw_attacks(rows: pd.DataFrame, title: str, *, name: str) -> None:
    """Draw attacks by year: `year`, `attacks`."""
    draw_year_bars(rows, {"attacks": (title, ATTACKS)}, title=title, layers=["attacks", "acts"], name=name)


def draw_small_maps(spots: pd.DataFrame, names: Mapping[str, str], years: tuple[int, int]) -> None:
    """Draw one small map for each year: squares are concessions granted, triangles are attacks.

    `spots`: points of `app.answers.before_after.spots`. `names`: the label of each value of `what`.
    """
    marks = {kind: MARKS[kind] for kind in names}
    text = _("{n} with a known place and date, {first} to {last}.")
    picture.show_chart(
        _("Where, year by year"),
        text.format(n=format_number(len(spots)), first=years[0], last=years[1]),
        lambda width: chart.draw_year_maps(spots, range(years[0], years[1] + 1), marks, width=width),
        layers=["concessions", "attacks"],
        name="by-year-map",
        key=[Sign(names[kind], mark.color) for kind, mark in marks.items()],
    )


def _peak_text(years: list[int], series: list[list[float | None]]) -> str:
    """Return a sentence with the total of dated rows, the span of years and the year with most, if it is known."""
    values = pd.DataFrame(series, columns=years, dtype=float)
    sums = values.sum()
    highest = find_highest(sums, sums.mask(values.isna().any()))
    text = _("{all} with a known year, {first} to {last}.")
    if highest.is_certain and len(years) > 1:
        text = _("Of {all} with a known year ({first} to {last}), most in {year}: {n}.")
    return text.format(
        year=highest.known and highest.shown_labels[0],
        n=format_number(sums.max()),
        all=format_number(sums.sum()),
        first=years[0],
        last=years[-1],
    )
