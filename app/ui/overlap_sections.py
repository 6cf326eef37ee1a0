"""What the page of overlaps tells of the pairs that its filter leaves."""

import pandas as pd
import streamlit as st

from lindero.app.answers.overlaps import ranged
from lindero.app.current import map_layers
from lindero.app.pictures import charts
from lindero.app.pictures.charts import Bar
from lindero.app.text.codes import word
from lindero.app.text.i18n import _, number
from lindero.app.ui import language, page, picture
from lindero.app.ui.error_message import explained
from lindero.app.ui.maps import linked_table, map_picture, overlap_areas
from lindero.app.ui.maps.areas import Over
from lindero.app.ui.tables import lists

COLOR = "#B34700"


@st.fragment
def explore(pairs: pd.DataFrame, left: str, right: str) -> None:
    """Show pairs on a map and in a list that select each other, with their sums, and offer them as files."""
    language.speak()
    with explained():
        shared = overlap_areas.shapes(pairs, lambda some: map_layers.largest_shared_ground(left, right, _ids(some)))
        over = Over(shared, overlap_areas.looks(), _("Shared ground"))
        shown = linked_table.linked(
            pairs,
            {"left_id": left, "right_id": right},
            lambda rows, marks: lists.pairs(rows, left, right, marks),
            key=f"overlaps-{left}-{right}",
            over=over,
        ).rows
        sums = map_layers.totals(left, right, _ids(shown))
    page.figures(
        {
            _("Pairs"): number(sums.pairs),
            _("Hectares, pairs added up (gross)"): number(sums.gross_ha, decimals=1),
            _("Hectares of ground, counted once (footprint)"): number(sums.footprint_ha, decimals=1),
        }
    )
    st.caption(ranged(sums))
    map_picture.offer(
        shared,
        over.looks,
        title=_("{left} on {right}").format(left=word(left), right=word(right)),
        finding=ranged(sums),
        layers=[left, right],
        name=f"{left}-{right}",
    )
    _shares(shown, [left, right])
    lists.downloads(shown, f"{left}-{right}", lambda: map_layers.shared_ground(left, right, shown))


def _shares(found: pd.DataFrame, layers: list[str]) -> None:
    """Draw how many pairs cover how much of the first."""
    counted = lists.by_share(found).rename(columns={"share": "tenth"})
    drawn = [Bar(f"{row['tenth']} %", float(row["pairs"]), number(row["pairs"])) for row in counted.to_dict("records")]
    most = max(drawn, key=lambda bar: bar.value)
    text = _("Most often {share} of the first is covered: {n} of {all} pairs.")
    picture.chart(
        _("Share of the first that is covered"),
        text.format(share=most.name, n=most.said, all=number(len(found))),
        lambda width: charts.bars(drawn, width=width, color=COLOR),
        layers=layers,
        name="-".join([*layers, "shares"]),
    )


def _ids(pairs: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    return tuple(zip(pairs["left_id"], pairs["right_id"], strict=True))
