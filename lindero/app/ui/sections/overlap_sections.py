"""What the page of overlaps tells of the pairs that its filter leaves."""

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.answers.answer import Table, doubts_section
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.overlap.overlaps_answer import finding_section, layers_text, pairs_table
from lindero.app.answers.overlap.pair_filter import PairFilter
from lindero.app.answers.overlap.report import Overlaps, ranged
from lindero.app.current import map_layers, spoken
from lindero.app.drawing import chart
from lindero.app.drawing.chart import Bar
from lindero.app.output import provenance
from lindero.app.renderers import streamlit_page
from lindero.app.renderers.html_table import Marks
from lindero.app.text.codes import word
from lindero.app.text.escape import bare
from lindero.app.text.i18n import _, number
from lindero.app.ui.downloads import citation, picture
from lindero.app.ui.error_message import explained
from lindero.app.ui.forms import overlap_filter
from lindero.app.ui.frame import order
from lindero.app.ui.maps import linked_table, map_picture, overlap_areas
from lindero.app.ui.maps.areas import Over
from lindero.app.ui.maps.linked_table import Linked
from lindero.app.ui.tables import lists

COLOR = "#B34700"
PICTURED = 10  # rows, the largest: the picture holds those of them that lie near the first


@st.fragment
def explore(every: pd.DataFrame, wanted: PairFilter, overlaps: Overlaps, command: Sequence[str]) -> None:
    """
    Show what the wanted pairs come to, on a map and in a list that select each other, and as files.

    `command` gives the same pairs.
    """
    spoken.speak()
    finding, picture_room, rows, more = order.parts("finding", "picture", "rows", "more")
    left, right = overlaps.layers
    pairs, doubts = wanted.of(every), doubts_section(overlaps.doubts())
    chosen = [layers_text(left, right), *overlap_filter.choices_text(wanted)]
    if pairs.empty:
        with finding:
            none = _("No overlap on record is like that: lower the least values, or allow other certainties and names.")
            st.info(coverage_text.no_overlap(overlaps.coverage) if every.empty else none)
            st.write(" ".join(doubts.lines))
        order.tell_choices(finding, chosen)
        return
    with explained():
        shared = _shared(pairs, left, right)
        over = Over(shared, overlap_areas.looks(), _("Shared ground"))
        with picture_room:
            linked = linked_table.map_with_table(
                pairs,
                {"left_id": left, "right_id": right},
                lambda some, marks: _listed(rows, pairs_table(some, left, right), marks),
                key=f"overlaps-{left}-{right}",
                over=over,
            )
        shown = linked.rows
        sums = map_layers.totals(left, right, _ids(shown))
    answer = finding_section(overlaps, shown, sums, [overlaps.count_repeats(shown).sentence()])
    order.say(finding, answer, doubts)
    order.tell_choices(finding, chosen)
    with picture_room, explained():
        _offer_picture(linked, left, right, bare(answer.finding), ranged(sums))
    with more:
        _shares(shown, [left, right])
        lists.downloads(shown, f"{left}-{right}", lambda: map_layers.shared_ground(left, right, shown))
        sources = provenance.sources_of(map_layers.sources(), [left, right])
        citation.show(answer.finding, sources, command)


def _shared(pairs: pd.DataFrame, left: str, right: str) -> gpd.GeoDataFrame:
    return overlap_areas.shapes(pairs, lambda some: map_layers.largest_shared_ground(left, right, _ids(some)))


def _offer_picture(linked: Linked, left: str, right: str, title: str, finding: str) -> None:
    """Offer a picture of the selected rows; else of the largest of the rows that the filters leave, and around it."""
    is_selected = not linked.selected.empty
    drawn = _shared(linked.selected if is_selected else linked.rows, left, right)
    if is_selected:
        about, framed = 0, _("In the picture: the selected rows.")
    elif drawn.empty:  # the map's own filter leaves nothing
        return
    else:
        largest = str(drawn["name"].iloc[0])
        about, framed = PICTURED, _("In the picture: the largest, {name}, and around it.").format(name=largest)
    layers = [left, right]
    told = " ".join(filter(None, (finding, framed)))
    map_picture.offer(
        drawn, overlap_areas.looks(), title=title, finding=told, layers=layers, name="-".join(layers), about=about
    )


def _listed(room: DeltaGenerator, pairs: Table, marks: Marks) -> None:
    with room:
        streamlit_page.table(pairs, marks)


def _shares(found: pd.DataFrame, layers: list[str]) -> None:
    """Draw how many pairs cover how much of the first."""
    tenths = (found["share_of_left"].clip(0, 0.999) * 10).astype(int)
    counted = tenths.value_counts().reindex(range(10), fill_value=0)
    drawn = [Bar(f"{at * 10}-{at * 10 + 10} %", float(pairs), number(pairs)) for at, pairs in enumerate(counted)]
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
