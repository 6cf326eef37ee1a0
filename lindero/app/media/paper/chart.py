"""Charts as drawings: bars by year, bars by name, ranges, and one small map per year.

The value of each bar and range is also written as text.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from lindero.app.media.paper.map import BORDER, LAND, WATER
from lindero.app.media.paper.marks import GREY, INK, LETTER, Drawing, draw_box, draw_dot, draw_line, draw_text, shorten
from lindero.app.media.paper.plane import Plane, to_svg_path
from lindero.app.text.i18n import format_number
from lindero.layers.reference import base_data

ROW = 26.0
LABEL_HEIGHT = 14.0  # units for a name above its bar
MOST_BEFORE = 0.42  # of the width, for names beside their bars
SIZE = 13.0
UNKNOWN = "–"
_YEARS_APART = 34.0  # units that a year's label needs
_TICKS_APART = 28.0
_WIDEST = 48.0  # units of one bar, at most
_EDGE = 8.0  # units after the last year, whose label is wider than its bar on a phone
SIDE, GAP, HEAD = 104.0, 10.0, 18.0
MARGIN = 0.06  # of the longer side
LEAST_DEGREES = 0.5


@dataclass(frozen=True)
class Bar:
    """A bar of a chart: its name, its length, and the text at its end."""

    name: str
    value: float
    label: str


@dataclass(frozen=True)
class Range:
    """A named value with a lower and an upper bound, and the text next to it."""

    name: str
    value: float
    low: float
    high: float
    label: str
    beside: float | None = None  # a reference value to compare with


def draw_year_bars(
    years: Sequence[int], series: Mapping[str, Sequence[float | None]], colors: Sequence[str], *, width: float
) -> Drawing:
    """Draw stacked bars by year. A year without any known value is marked by a dash, not by 0."""
    left, top, high = 34.0, 8.0, 190.0
    sums = [sum(value or 0 for value in at) for at in zip(*series.values(), strict=True)]
    most = max([*sums, 1])
    step = choose_tick_step(most / 4)
    ceiling = step * math.ceil(most / step)
    parts = []
    for at in range(round(ceiling / step) + 1):
        y = top + high * (1 - at * step / ceiling)
        parts += [
            draw_line(left, y, width, y),
            draw_text(format_number(at * step), left - 6, y + 4, size=11, anchor="end", color=GREY),
        ]
    spacing = (width - left - _EDGE) / max(len(years), 1)
    label_interval, bar_width = max(math.ceil(_YEARS_APART / spacing), 1), min(spacing * 0.7, _WIDEST)
    for at, year in enumerate(years):
        x, foot = left + spacing * (at + 0.5), top + high
        if all(values[at] is None for values in series.values()):
            parts.append(draw_text(UNKNOWN, x, foot - 4, anchor="middle", color=GREY))
        for values, color in zip(series.values(), colors, strict=True):
            bar_height = high * (values[at] or 0) / ceiling
            foot -= bar_height
            parts.append(draw_box(x - bar_width / 2, foot, bar_width, bar_height, fill=color) if bar_height else "")
        if (len(years) - 1 - at) % label_interval == 0:
            parts.append(draw_text(str(year), x, top + high + 16, size=11, anchor="middle", color=GREY))
    return Drawing("".join(parts), width, top + high + 24)


def draw_bars(rows: Sequence[Bar], *, width: float, color: str) -> Drawing:
    """Draw a bar for each row, its name before it and its value after it."""
    names, row_height = _name_width(rows, width), ROW
    if is_above := not names:
        row_height = ROW + LABEL_HEIGHT
    longest = max([row.value for row in rows] or [0]) or 1
    room = width - names - 60
    parts = []
    for index, row in enumerate(rows):
        y, bar_width = (index + 1) * row_height - ROW, room * row.value / longest
        parts += [
            draw_text(shorten(row.name, width=width, size=SIZE), 0, y)
            if is_above
            else draw_text(row.name, names - 8, y + 17, anchor="end"),
            draw_box(names, y + 5, max(bar_width, 1), ROW - 10, fill=color),
            draw_text(row.label, names + max(bar_width, 1) + 6, y + 17),
        ]
    return Drawing("".join(parts), width, len(rows) * row_height + 4)


def draw_ranges(
    rows: Sequence[Range],
    *,
    width: float,
    color: str,
    first: float,
    last: float,
    ticks: Sequence[tuple[float, str]],
    after: float = 96.0,
) -> Drawing:
    """Draw each row as a line from its lower to its upper bound, with a dot at its value."""
    names, row_height = _name_width(rows, width), ROW
    if is_above := not names:
        row_height = ROW + LABEL_HEIGHT
    begin, end = names + 8, width - after
    scale = (end - begin) / ((last - first) or 1)
    high = len(rows) * row_height + 6
    parts = []
    free = begin - _TICKS_APART
    for value, label in ticks:
        x = begin + (value - first) * scale
        parts.append(draw_line(x, 16, x, 16 + high))
        if x - free >= _TICKS_APART:
            parts.append(draw_text(label, x, 11, size=11, anchor="middle", color=GREY))
            free = x
    for index, row in enumerate(rows):
        y = 16 + (index + 1) * row_height - ROW / 2 + 3
        low, top, value_x = (begin + (end_ - first) * scale for end_ in (row.low, row.high, row.value))
        parts += [
            draw_text(shorten(row.name, width=width, size=SIZE), 0, y - LABEL_HEIGHT + 2)
            if is_above
            else draw_text(row.name, names - 8, y + 4, anchor="end"),
            draw_line(low, y, top, y, color=color, width=5),
            draw_dot(value_x, y, radius=6, fill=INK),
            *_draw_reference_line(row.beside, begin, first, scale, y),
            draw_text(row.label, end + 14, y + 4, size=12, color=GREY),
        ]
    return Drawing("".join(parts), width, 16 + high + 4)


def _draw_reference_line(value: float | None, begin: float, first: float, scale: float, y: float) -> list[str]:
    if value is None:
        return []
    x = begin + (value - first) * scale
    return [draw_line(x, y - 8, x, y + 8, color=INK, width=2)]


def choose_tick_step(least: float) -> float:
    """Return the smallest round number (1, 2, 5 or 10 times a power of ten) that is at least `least` and at least 1."""
    if least <= 1:
        return 1.0
    tens = 10.0 ** math.floor(math.log10(least))
    return next(step * tens for step in (1.0, 2.0, 5.0, 10.0) if step * tens >= least)


def _name_width(rows: Sequence[Bar] | Sequence[Range], width: float) -> float:
    """Return the width in drawing units that the names need before the bars.

    Return 0 if that is more than `MOST_BEFORE` of the chart: the names are then written above the bars.
    """
    longest = max([len(row.name) for row in rows] or [0]) * SIZE * LETTER + 14
    return longest if longest <= width * MOST_BEFORE else 0.0


# A small map for each year: the land with its coast and borders, and a mark for each event.


@dataclass(frozen=True)
class Mark:
    """A map marker for one kind of event: its colour, and whether it is a triangle or a square."""

    color: str
    is_triangle: bool = False


def draw_year_maps(spots: pd.DataFrame, years: Sequence[int], marks: Mapping[str, Mark], *, width: float) -> Drawing:
    """Draw one map per year, all with the same extent. A year without any event has a map too.

    `spots`: `what` (a key of `marks`), `year`, `lon`, `lat` in degrees.
    """
    columns = max(int((width + GAP) // (SIDE + GAP)), 1)
    west, south, east, north = shapely.total_bounds(shapely.points(spots["lon"], spots["lat"]))
    plane = Plane.from_bounds((west, south, east, north), SIDE, SIDE, margin=MARGIN, least=LEAST_DEGREES)
    cell = f'<clipPath id="lindero-cell"><rect width="{SIDE:g}" height="{SIDE:g}"/></clipPath>'
    parts = [f'<defs><g id="lindero-ground">{_draw_background(plane)}</g>{cell}</defs>']
    for index, year in enumerate(years):
        x, y = (index % columns) * (SIDE + GAP), (index // columns) * (SIDE + HEAD + GAP)
        year_spots = spots[spots["year"] == year]
        inside = "".join(
            _draw_marks(year_spots[year_spots["what"] == mark_key], mark, plane) for mark_key, mark in marks.items()
        )
        frame = f'<rect width="{SIDE:g}" height="{SIDE:g}" fill="none" stroke="{BORDER}"/>'
        parts.append(
            f'<g transform="translate({x:.1f} {y:.1f})">{draw_text(str(year), 0, 13, size=13, color=GREY)}'
            f'<g transform="translate(0 {HEAD:g})" clip-path="url(#lindero-cell)">'
            f'<use href="#lindero-ground"/>{inside}{frame}</g></g>'
        )
    rows = math.ceil(len(years) / columns)
    return Drawing("".join(parts), width, rows * (SIDE + HEAD + GAP))


def _draw_background(plane: Plane) -> str:
    sheet = shapely.box(*plane.bounds)
    countries = base_data.load_countries()
    outlines = plane.clip(plane.project(countries[countries.intersects(sheet)].geometry.to_numpy()), 4, 0.4)
    paths = "".join(to_svg_path(shape) for shape in outlines)
    water = f'<rect width="{SIDE:g}" height="{SIDE:g}" fill="{WATER}"/>'
    return f'{water}<path d="{paths}" fill="{LAND}" fill-rule="evenodd" stroke="{BORDER}" stroke-width="0.8"/>'


def _draw_marks(spots: pd.DataFrame, mark: Mark, plane: Plane) -> str:
    points = shapely.get_coordinates(plane.project(shapely.points(spots["lon"], spots["lat"])))
    places = np.unique(points.round(0), axis=0)  # one mark for all events at a point
    form = "m0 -3l3 5h-6z" if mark.is_triangle else "m-1.6 -1.6h3.2v3.2h-3.2z"
    path_data = "".join(f"M{x:.0f} {y:.0f}{form}" for x, y in places)
    return f'<path d="{path_data}" fill="{mark.color}" fill-opacity="0.8"/>' if path_data else ""
