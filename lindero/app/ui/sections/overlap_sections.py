"""What the page of overlaps tells of the pairs that its filter leaves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.answers.answer import Figure, count_figure, finding_section
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.reach import Reach
from lindero.app.answers.overlap.pair_filter import PairFilter
from lindero.app.answers.overlap.report import ranged
from lindero.app.answers.repeated_ground import Repeats
from lindero.app.current import map_layers, spoken
from lindero.app.drawing import chart
from lindero.app.drawing.chart import Bar
from lindero.app.output import provenance
from lindero.app.renderers.html_table import Marks
from lindero.app.text.codes import word
from lindero.app.text.escape import bare, plain
from lindero.app.text.i18n import _, number
from lindero.app.ui.downloads import citation, picture
from lindero.app.ui.error_message import explained
from lindero.app.ui.forms import overlap_filter
from lindero.app.ui.frame import order
from lindero.app.ui.frame.page import Figures
from lindero.app.ui.maps import linked_table, map_picture, overlap_areas
from lindero.app.ui.maps.areas import Over
from lindero.app.ui.maps.linked_table import Linked
from lindero.app.ui.tables import lists
from lindero.geo import Totals

COLOR = "#B34700"
PICTURED = 10  # rows, the largest: the picture holds those of them that lie near the first


@dataclass(frozen=True)
class Sides:
    """
    The two layers of an overlap, how far the map has data of each on the other, and what is in no figure.

    `repeats` counts the rows of some pairs that repeat the ground of another row. `command` gives the same pairs.
    """

    left: str
    right: str
    covered: Sequence[Reach]
    left_out: Sequence[str]
    repeats: Callable[[pd.DataFrame], Repeats]
    command: Sequence[str] = ()


@st.fragment
def explore(every: pd.DataFrame, wanted: PairFilter, sides: Sides) -> None:
    """Say what the wanted pairs come to; show them on a map and in a list that select each other, and as files."""
    spoken.speak()
    finding, picture_room, rows, more = order.parts("finding", "picture", "rows", "more")
    pairs, left, right = wanted.of(every), sides.left, sides.right
    chosen = [
        _("{left} on {right}").format(left=word(left), right=_inside(right)),
        *overlap_filter.choices_text(wanted),
    ]
    beyond = [*sides.left_out, *filter(None, map(coverage_text.reach, sides.covered))]
    if pairs.empty:
        with finding:
            none = _("No overlap on record is like that: lower the least values, or allow other certainties and names.")
            st.info(coverage_text.no_overlap(sides.covered) if every.empty else none)
            st.write(" ".join(beyond))
        order.tell_choices(finding, chosen)
        return
    with explained():
        shared = _shared(pairs, left, right)
        over = Over(shared, overlap_areas.looks(), _("Shared ground"))
        with picture_room:
            linked = linked_table.map_with_table(
                pairs,
                {"left_id": left, "right_id": right},
                lambda some, marks: _listed(rows, some, left, right, marks),
                key=f"overlaps-{left}-{right}",
                over=over,
            )
        shown = linked.rows
        sums = map_layers.totals(left, right, _ids(shown))
    headline = _found(sums, left, right)
    besides = [plain(text) for text in (ranged(sums), sides.repeats(shown).sentence()) if text]
    order.say(finding, finding_section(headline, besides, _figures(sums, gross_ends(shown)), details=beyond))
    order.tell_choices(finding, chosen)
    with picture_room, explained():
        _offer_picture(linked, sides, bare(headline), ranged(sums))
    with more:
        _shares(shown, [left, right])
        lists.downloads(shown, f"{left}-{right}", lambda: map_layers.shared_ground(left, right, shown))
        sources = provenance.sources_of(map_layers.sources(), [left, right])
        citation.show(headline, sources, sides.command)


def _shared(pairs: pd.DataFrame, left: str, right: str) -> gpd.GeoDataFrame:
    return overlap_areas.shapes(pairs, lambda some: map_layers.largest_shared_ground(left, right, _ids(some)))


def _offer_picture(linked: Linked, sides: Sides, title: str, finding: str) -> None:
    """Offer a picture of the selected rows; else of the largest of the rows that the filters leave, and around it."""
    is_selected = not linked.selected.empty
    drawn = _shared(linked.selected if is_selected else linked.rows, sides.left, sides.right)
    if is_selected:
        about, framed = 0, _("In the picture: the selected rows.")
    elif drawn.empty:  # the map's own filter leaves nothing
        return
    else:
        largest = str(drawn["name"].iloc[0])
        about, framed = PICTURED, _("In the picture: the largest, {name}, and around it.").format(name=largest)
    layers = [sides.left, sides.right]
    told = " ".join(filter(None, (finding, framed)))
    map_picture.offer(
        drawn, overlap_areas.looks(), title=title, finding=told, layers=layers, name="-".join(layers), about=about
    )


def _listed(room: DeltaGenerator, rows: pd.DataFrame, left: str, right: str, marks: Marks) -> None:
    with room:
        lists.pairs(rows, left, right, marks)


def _found(sums: Totals, left: str, right: str) -> str:
    text = _("{left} on {right}: {ha} hectares of ground, each counted once, in {pairs} pairs.")
    return text.format(
        left=plain(word(left)),
        right=plain(_inside(right)),
        ha=number(sums.footprint_ha),
        pairs=number(sums.pairs),
    )


def _inside(layer: str) -> str:
    """Name a layer inside a sentence."""
    name = word(layer)
    return name[:1].lower() + name[1:]


def ends(certain_ha: float | None, possible_ha: float | None) -> str:
    """Say from what to what hectares may be; empty where that is not known."""
    if certain_ha is None or possible_ha is None:
        return ""
    return _("{low} to {high}").format(low=number(certain_ha), high=number(possible_ha))


def gross_ends(pairs: pd.DataFrame) -> tuple[float | None, float | None]:
    """Add up how few and how many hectares pairs share; of pairs whose accuracy is not known neither is."""
    if pairs[["certain_ha", "possible_ha"]].isna().any(axis=None):
        return None, None
    return float(pairs["certain_ha"].sum()), float(pairs["possible_ha"].sum())


def _figures(sums: Totals, gross: tuple[float | None, float | None]) -> Figures:
    return {
        _("Pairs"): count_figure(number(sums.pairs)),
        _("Hectares, pairs added up (gross)"): Figure(number(sums.gross_ha, decimals=1), ends(*gross)),
        _("Hectares of ground, counted once (footprint)"): Figure(
            number(sums.footprint_ha, decimals=1),
            ends(sums.certain_ha, sums.possible_ha),
        ),
    }


def _shares(found: pd.DataFrame, layers: list[str]) -> None:
    """Draw how many pairs cover how much of the first."""
    counted = lists.by_share(found).rename(columns={"share": "tenth"})
    drawn = [Bar(f"{row['tenth']} %", float(row["pairs"]), number(row["pairs"])) for row in counted.to_dict("records")]
    most = max(drawn, key=lambda bar: bar.value)
    text = _("Most often {share} is covered: {n} of {all} pairs.")
    picture.chart(
        _("{layer}: how much of each is covered").format(layer=word(layers[0])),
        text.format(share=most.name, n=most.label, all=number(len(found))),
        lambda width: chart.bars(drawn, width=width, color=COLOR),
        layers=layers,
        name="-".join([*layers, "shares"]),
    )


def _ids(pairs: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    return tuple(zip(pairs["left_id"], pairs["right_id"], strict=True))
