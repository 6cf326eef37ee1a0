"""A picture of how firm ranks are: for each the ranks that it has under other weights."""

from collections.abc import Iterable

import pandas as pd

from lindero.app.drawing import chart
from lindero.app.drawing.chart import Range
from lindero.app.text.i18n import _, number
from lindero.app.ui.downloads import picture

COLOR = "#5a2d82"
MOST = 25
TICKS = 6


def show(rows: pd.DataFrame, *, layers: Iterable[str], name: str) -> None:
    """
    Draw the ranges of the first ranks, if they have any: where they meet, the order is not to be read.

    Parameters
    ----------
    rows
        `id`, `name`, `rank`, `rank_low`, `rank_high`, the first rank first.
    layers, name
        As `app.ui.downloads.picture.chart` takes them.
    """
    first = rows.dropna(subset=["rank_low", "rank_high"]).head(MOST)
    if first.empty:
        return
    drawn = [_range(row) for row in first.assign(name=first["name"].fillna(first["id"])).to_dict("records")]
    last = max(each.high for each in drawn)
    step = chart.whole_step(last / TICKS)
    at = dict.fromkeys([1.0, *(step * by for by in range(1, int(last / step) + 1))])
    picture.chart(
        _("How firm the ranks are"),
        _("The dot is the rank by these weights. The bar holds nine trials in ten."),
        lambda width: chart.ranges(
            drawn, width=width, color=COLOR, first=1, last=last, ticks=[(tick, number(tick)) for tick in at]
        ),
        layers=layers,
        name=name,
    )


def _range(row: dict[object, object]) -> Range:
    rank, low, high = (float(str(row[name])) for name in ("rank", "rank_low", "rank_high"))
    return Range(str(row["name"]), rank, low, high, between(low, high))


def between(low: float, high: float) -> str:
    """Write from what to what rank somebody goes: once, where that is the same."""
    return number(low) if low == high else _("{low} to {high}").format(low=number(low), high=number(high))
