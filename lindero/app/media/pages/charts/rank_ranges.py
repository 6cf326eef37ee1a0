"""A chart of the range of ranks that each row has under other weights."""

from collections.abc import Iterable

import pandas as pd

from lindero.app.media.pages.downloads import picture
from lindero.app.media.paper import chart
from lindero.app.media.paper.chart import Range
from lindero.app.text.i18n import _, format_number

COLOR = "#5a2d82"
MAX_ROWS = 25
TICKS = 6


def draw_rank_ranges(rows: pd.DataFrame, *, layers: Iterable[str], name: str) -> None:
    """Draw the rank ranges of the first ranks; draw nothing if no row has a range.

    Where ranges overlap, the order of the rows is not reliable.

    `rows`: `id`, `name`, `rank`, `rank_low`, `rank_high`, sorted by rank. `layers`, `name`: passed to
    `app.media.pages.downloads.picture.show_chart`.
    """
    first = rows.dropna(subset=["rank_low", "rank_high"]).head(MAX_ROWS)
    if first.empty:
        return
    ranges = [_to_range(row) for row in first.assign(name=first["name"].fillna(first["id"])).to_dict("records")]
    last = max(bar.high for bar in ranges)
    step = chart.choose_tick_step(last / TICKS)
    positions = dict.fromkeys([1.0, *(step * multiple for multiple in range(1, int(last / step) + 1))])
    picture.show_chart(
        _("How stable the ranks are"),
        _("Dot: the rank with these weights. Bar: the ranks in nine of ten trials."),
        lambda width: chart.draw_ranges(
            ranges,
            width=width,
            color=COLOR,
            first=1,
            last=last,
            ticks=[(tick, format_number(tick)) for tick in positions],
        ),
        layers=layers,
        name=name,
    )


def _to_range(row: dict[object, object]) -> Range:
    rank, low, high = (float(str(row[name])) for name in ("rank", "rank_low", "rank_high"))
    return Range(str(row["name"]), rank, low, high, format_rank_range(low, high))


def format_rank_range(low: float, high: float) -> str:
    """Format a range of ranks; a single number where both ends are equal."""
    return (
        format_number(low)
        if low == high
        else _("{low} to {high}").format(low=format_number(low), high=format_number(high))
    )
