"""Charts over time: bars by year, and a small map for each year."""

from collections.abc import Iterable, Mapping

import pandas as pd

from lindero.app.drawing import chart
from lindero.app.drawing.chart import Mark
from lindero.app.drawing.sheet import Sign
from lindero.app.text.i18n import _, format_number
from lindero.app.ui.downloads import picture

ATTACKS = "#B00020"
MARKS = {"concessions": Mark("#D55E00"), "incidents": Mark("#000000", is_triangle=True)}


def draw_year_bars(
    rows: pd.DataFrame, series: Mapping[str, tuple[str, str]], *, title: str, layers: Iterable[str], name: str
) -> None:
    """
    Draw stacked bars by year, under a sentence with the year of the maximum.

    Parameters
    ----------
    rows
        `year`, and one column for each of `series`; missing where the value is not known.
    series
        Label and color by column; the lowest part of the stack first.
    title, layers, name
        Passed to `app.ui.downloads.picture.show_chart`.
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
    """
    Draw one small map for each year: squares are concessions granted, triangles are attacks.

    Parameters
    ----------
    spots
        Points of `app.answers.before_after.spots`.
    names
        The label of each value of `what`.
    years
        The first and the last year.
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
    """Return a sentence with the year of the maximum, the total and the span of years."""
    sums = [sum(value or 0 for value in values) for values in zip(*series, strict=True)]
    most = max(sums)
    first = [year for year, total in zip(years, sums, strict=True) if total == most]
    if len(first) > 1 or not most:
        text = _("{n} in all, {first} to {last}.")
        return text.format(n=format_number(sum(sums)), first=years[0], last=years[-1])
    text = _("Most in {year}: {n} of {all} ({first} to {last}).")
    return text.format(
        year=first[0], n=format_number(most), all=format_number(sum(sums)), first=years[0], last=years[-1]
    )
