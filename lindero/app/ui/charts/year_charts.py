"""Pictures of time: bars by year, and a small map for each year."""

from collections.abc import Iterable, Mapping

import pandas as pd

from lindero.app.drawing import chart
from lindero.app.drawing.chart import Mark
from lindero.app.drawing.sheet import Sign
from lindero.app.text.i18n import _, number
from lindero.app.ui.downloads import picture

ATTACKS = "#B00020"
MARKS = {"concessions": Mark("#D55E00"), "incidents": Mark("#000000", is_triangle=True)}


def bars(
    rows: pd.DataFrame, series: Mapping[str, tuple[str, str]], *, title: str, layers: Iterable[str], name: str
) -> None:
    """
    Draw bars by year, stacked, under what they say: in which year there were most.

    Parameters
    ----------
    rows
        `year`, and a column for each of `series`; missing where nobody knows.
    series
        By the column: what it is called, and its colour; the lowest first.
    title, layers, name
        As `app.ui.downloads.picture.chart` takes them.
    """
    if rows.empty:
        return
    years = [int(year) for year in rows["year"]]
    values = {
        label: [None if pd.isna(value) else float(value) for value in rows[column]]
        for column, (label, _color) in series.items()
    }
    colors = [color for _label, color in series.values()]
    picture.chart(
        title,
        _most(years, list(values.values())),
        lambda width: chart.by_year(years, values, colors, width=width),
        layers=layers,
        name=name,
        key=[Sign(label, color) for label, color in series.values()] if len(series) > 1 else (),
    )


def attacks(rows: pd.DataFrame, title: str, *, name: str) -> None:
    """Draw attacks by year: `year`, `attacks`."""
    bars(rows, {"attacks": (title, ATTACKS)}, title=title, layers=["incidents", "acts"], name=name)


def small_maps(spots: pd.DataFrame, names: Mapping[str, str], years: tuple[int, int]) -> None:
    """
    Draw one small map for each year: squares are titles granted, triangles attacks.

    Parameters
    ----------
    spots
        As `app.answers.before_after.spots` gives them.
    names
        What each `what` is called.
    years
        The first and the last.
    """
    marks = {what: MARKS[what] for what in names}
    text = _("{n} with a known place and date, {first} to {last}.")
    picture.chart(
        _("Where, year by year"),
        text.format(n=number(len(spots)), first=years[0], last=years[1]),
        lambda width: chart.years_of(spots, range(years[0], years[1] + 1), marks, width=width),
        layers=["concessions", "incidents"],
        name="by-year-map",
        key=[Sign(names[what], mark.color) for what, mark in marks.items()],
    )


def _most(years: list[int], series: list[list[float | None]]) -> str:
    """Say in which year there were most, and of how many years."""
    sums = [sum(value or 0 for value in at) for at in zip(*series, strict=True)]
    most = max(sums)
    first = [year for year, total in zip(years, sums, strict=True) if total == most]
    if len(first) > 1 or not most:
        text = _("{n} in all, {first} to {last}.")
        return text.format(n=number(sum(sums)), first=years[0], last=years[-1])
    text = _("Most in {year}: {n} of {all}, {first} to {last}.")
    return text.format(year=first[0], n=number(most), all=number(sum(sums)), first=years[0], last=years[-1])
