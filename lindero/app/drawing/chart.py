"""Charts as drawings: bars by year, bars by name, ranges; each value is written beside what shows it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from lindero.app.drawing.map import BORDER, LAND, WATER
from lindero.app.drawing.marks import GREY, INK, LETTER, Drawing, box, dot, line, shorten, text
from lindero.app.drawing.plane import Plane, path
from lindero.app.text.i18n import number
from lindero.layers.reference import base_data

ROW = 26.0
ABOVE = 14.0  # units that a name takes which stands above what is drawn
MOST_BEFORE = 0.42  # of the width, for names that stand before it
SIZE = 13.0
UNKNOWN = "–"
_YEARS_APART = 34.0  # units that a year's label needs
_TICKS_APART = 28.0
_WIDEST = 48.0  # units of one bar
_EDGE = 8.0  # units beside the last year, whose label is wider than a bar on a phone
SIDE, GAP, HEAD = 104.0, 10.0, 18.0
MARGIN = 0.06  # of the longer side
LEAST_DEGREES = 0.5


@dataclass(frozen=True)
class Bar:
    """A bar by its name: how long, and what is written at its end."""

    name: str
    value: float
    label: str


@dataclass(frozen=True)
class Range:
    """A value between a lower and an upper end, by its name, and what is written beside it."""

    name: str
    value: float
    low: float
    high: float
    label: str
    beside: float | None = None  # what it is to be held against


def by_year(
    years: Sequence[int], series: Mapping[str, Sequence[float | None]], colors: Sequence[str], *, width: float
) -> Drawing:
    """
    Draw stacked bars by year; a year of which nothing is known has a dash, which is no 0.

    Parameters
    ----------
    series
        By its label: a value for each year, None where it is not known.
    colors
        Of each series, the lowest first.
    """
    left, top, high = 34.0, 8.0, 190.0
    sums = [sum(value or 0 for value in at) for at in zip(*series.values(), strict=True)]
    most = max([*sums, 1])
    step = whole_step(most / 4)
    ceiling = step * math.ceil(most / step)
    parts = []
    for at in range(round(ceiling / step) + 1):
        y = top + high * (1 - at * step / ceiling)
        parts += [line(left, y, width, y), text(number(at * step), left - 6, y + 4, size=11, anchor="end", color=GREY)]
    apart = (width - left - _EDGE) / max(len(years), 1)
    every, wide = max(math.ceil(_YEARS_APART / apart), 1), min(apart * 0.7, _WIDEST)
    for at, year in enumerate(years):
        x, foot = left + apart * (at + 0.5), top + high
        if all(values[at] is None for values in series.values()):
            parts.append(text(UNKNOWN, x, foot - 4, anchor="middle", color=GREY))
        for values, color in zip(series.values(), colors, strict=True):
            tall = high * (values[at] or 0) / ceiling
            foot -= tall
            parts.append(box(x - wide / 2, foot, wide, tall, fill=color) if tall else "")
        if (len(years) - 1 - at) % every == 0:
            parts.append(text(str(year), x, top + high + 16, size=11, anchor="middle", color=GREY))
    return Drawing("".join(parts), width, top + high + 24)


def bars(rows: Sequence[Bar], *, width: float, color: str) -> Drawing:
    """Draw a bar for each row, the name before it, the value after it."""
    names, tall = _room(rows, width), ROW
    if is_above := not names:
        tall = ROW + ABOVE
    longest = max([row.value for row in rows] or [0]) or 1
    room = width - names - 60
    parts = []
    for at, row in enumerate(rows):
        y, wide = (at + 1) * tall - ROW, room * row.value / longest
        parts += [
            text(shorten(row.name, width=width, size=SIZE), 0, y)
            if is_above
            else text(row.name, names - 8, y + 17, anchor="end"),
            box(names, y + 5, max(wide, 1), ROW - 10, fill=color),
            text(row.label, names + max(wide, 1) + 6, y + 17),
        ]
    return Drawing("".join(parts), width, len(rows) * tall + 4)


def ranges(
    rows: Sequence[Range],
    *,
    width: float,
    color: str,
    first: float,
    last: float,
    ticks: Sequence[tuple[float, str]],
    after: float = 96.0,
) -> Drawing:
    """
    Draw for each row its value as a dot on the line from its lower to its upper end.

    Parameters
    ----------
    first, last
        What the axis begins and ends with.
    ticks
        Places on the axis with what is written there.
    after
        Units that are kept for what is written beside the lines.
    """
    names, tall = _room(rows, width), ROW
    if is_above := not names:
        tall = ROW + ABOVE
    begin, end = names + 8, width - after
    scale = (end - begin) / ((last - first) or 1)
    high = len(rows) * tall + 6
    parts = []
    free = begin - _TICKS_APART
    for value, label in ticks:
        x = begin + (value - first) * scale
        parts.append(line(x, 16, x, 16 + high))
        if x - free >= _TICKS_APART:
            parts.append(text(label, x, 11, size=11, anchor="middle", color=GREY))
            free = x
    for at, row in enumerate(rows):
        y = 16 + (at + 1) * tall - ROW / 2 + 3
        low, top, own = (begin + (end_ - first) * scale for end_ in (row.low, row.high, row.value))
        parts += [
            text(shorten(row.name, width=width, size=SIZE), 0, y - ABOVE + 2)
            if is_above
            else text(row.name, names - 8, y + 4, anchor="end"),
            line(low, y, top, y, color=color, width=5),
            dot(own, y, radius=6, fill=INK),
            *_stroke(row.beside, begin, first, scale, y),
            text(row.label, end + 14, y + 4, size=12, color=GREY),
        ]
    return Drawing("".join(parts), width, 16 + high + 4)


def _stroke(value: float | None, begin: float, first: float, scale: float, y: float) -> list[str]:
    if value is None:
        return []
    x = begin + (value - first) * scale
    return [line(x, y - 8, x, y + 8, color=INK, width=2)]


def whole_step(least: float) -> float:
    """Give a round number of at least so much, and of at least 1, such as 1, 2, 5, 10 or 20."""
    if least <= 1:
        return 1.0
    tens = 10.0 ** math.floor(math.log10(least))
    return next(step * tens for step in (1.0, 2.0, 5.0, 10.0) if step * tens >= least)


def _room(rows: Sequence[Bar] | Sequence[Range], width: float) -> float:
    """Give the units that names need before what is drawn; 0 where these would be too many: then names stand above."""
    longest = max([len(row.name) for row in rows] or [0]) * SIZE * LETTER + 14
    return longest if longest <= width * MOST_BEFORE else 0.0


# A small map for each year: the land with its coast and borders, and a mark where something happened.


@dataclass(frozen=True)
class Mark:
    """How one kind of thing is marked: by its colour, as a square or a triangle."""

    color: str
    is_triangle: bool = False


def years_of(spots: pd.DataFrame, years: Sequence[int], marks: Mapping[str, Mark], *, width: float) -> Drawing:
    """
    Draw one map a year, all of the same ground; a year in which nothing is on record has its map, too.

    Parameters
    ----------
    spots
        `what` (a key of `marks`), `year`, `lon`, `lat` in degrees.
    """
    columns = max(int((width + GAP) // (SIDE + GAP)), 1)
    west, south, east, north = shapely.total_bounds(shapely.points(spots["lon"], spots["lat"]))
    plane = Plane.fit((west, south, east, north), SIDE, SIDE, margin=MARGIN, least=LEAST_DEGREES)
    cell = f'<clipPath id="lindero-cell"><rect width="{SIDE:g}" height="{SIDE:g}"/></clipPath>'
    parts = [f'<defs><g id="lindero-ground">{_ground(plane)}</g>{cell}</defs>']
    for at, year in enumerate(years):
        x, y = (at % columns) * (SIDE + GAP), (at // columns) * (SIDE + HEAD + GAP)
        own = spots[spots["year"] == year]
        inside = "".join(_marks(own[own["what"] == what], mark, plane) for what, mark in marks.items())
        frame = f'<rect width="{SIDE:g}" height="{SIDE:g}" fill="none" stroke="{BORDER}"/>'
        parts.append(
            f'<g transform="translate({x:.1f} {y:.1f})">{text(str(year), 0, 13, size=13, color=GREY)}'
            f'<g transform="translate(0 {HEAD:g})" clip-path="url(#lindero-cell)">'
            f'<use href="#lindero-ground"/>{inside}{frame}</g></g>'
        )
    rows = math.ceil(len(years) / columns)
    return Drawing("".join(parts), width, rows * (SIDE + HEAD + GAP))


def _ground(plane: Plane) -> str:
    sheet = shapely.box(*plane.bounds)
    countries = base_data.countries()
    seen = plane.cut(plane.place(countries[countries.intersects(sheet)].geometry.to_numpy()), 4, 0.4)
    paths = "".join(path(shape) for shape in seen)
    water = f'<rect width="{SIDE:g}" height="{SIDE:g}" fill="{WATER}"/>'
    return f'{water}<path d="{paths}" fill="{LAND}" fill-rule="evenodd" stroke="{BORDER}" stroke-width="0.8"/>'


def _marks(some: pd.DataFrame, mark: Mark, plane: Plane) -> str:
    points = shapely.get_coordinates(plane.place(shapely.points(some["lon"], some["lat"])))
    places = np.unique(points.round(0), axis=0)  # what lies on one point is seen once
    form = "m0 -3l3 5h-6z" if mark.is_triangle else "m-1.6 -1.6h3.2v3.2h-3.2z"
    drawn = "".join(f"M{at:.0f} {up:.0f}{form}" for at, up in places)
    return f'<path d="{drawn}" fill="{mark.color}" fill-opacity="0.8"/>' if drawn else ""
