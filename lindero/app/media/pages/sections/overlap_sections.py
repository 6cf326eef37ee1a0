"""The parts of the page of overlaps, for the pairs that its filter selects."""

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.answers.answer import Table, doubts_section
from lindero.app.answers.claims import find_highest
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.overlap.overlaps_answer import finding_section, layers_text, pairs_table
from lindero.app.answers.overlap.pair_filter import PairFilter
from lindero.app.answers.overlap.report import Overlaps, footprint_range_text
from lindero.app.media.pages import streamlit_page
from lindero.app.media.pages.current import map_layers, spoken
from lindero.app.media.pages.downloads import citation, picture
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.forms import overlap_filter
from lindero.app.media.pages.frame import order
from lindero.app.media.pages.maps import linked_table, map_picture, overlap_areas
from lindero.app.media.pages.maps.areas import AreaOverlay
from lindero.app.media.pages.maps.linked_table import LinkedRows
from lindero.app.media.pages.tables import lists
from lindero.app.media.paper import chart
from lindero.app.media.paper.chart import Bar
from lindero.app.media.text.html_table import Marks
from lindero.app.text.codes import translate_code
from lindero.app.text.escape import remove_markup
from lindero.app.text.i18n import _, format_number, join_texts, ngettext

COLOR = "#B34700"
MAX_PICTURED = 10  # largest rows: the picture shows those of them that are near the first


@st.fragment
def explore_overlaps(
    all_pairs: pd.DataFrame, pair_filter: PairFilter, overlaps: Overlaps, command: Sequence[str]
) -> None:
    """Show the totals of the filtered pairs, a map and a list with a shared selection, and downloads.

    `command` prints the same pairs.
    """
    spoken.set_reader_language()
    finding, picture_room, rows, more = order.create_parts("finding", "picture", "rows", "more")
    left, right = overlaps.layers
    pairs, doubts = pair_filter.apply(all_pairs), doubts_section(overlaps.doubts())
    chosen = [layers_text(left, right), *overlap_filter.choices_text(pair_filter)]
    if pairs.empty:
        with finding:
            no_match = _(
                "No recorded overlap matches: lower the minimum values, or choose other certainties and names."
            )
            st.info(coverage_text.no_overlap_text(overlaps.coverage) if all_pairs.empty else no_match)
            st.write(" ".join(doubts.lines))
        order.show_choices(finding, chosen)
        return
    with show_errors():
        shared = _shared_areas(pairs, left, right)
        over = AreaOverlay(shared, overlap_areas.overlap_looks(), _("Shared ground"))
        with picture_room:
            linked = linked_table.show_map_with_table(
                pairs,
                {"left_id": left, "right_id": right},
                lambda selected, marks: _show_pairs(rows, pairs_table(selected, left, right), marks),
                key=f"overlaps-{left}-{right}",
                over=over,
            )
        shown = linked.rows
        sums = map_layers.totals(left, right, _pair_ids(shown))
    answer = finding_section(overlaps, shown, sums, [overlaps.count_repeats(shown).sentence()])
    order.show_finding(finding, answer, doubts)
    order.show_choices(finding, chosen)
    with picture_room, show_errors():
        _offer_picture(linked, left, right, remove_markup(answer.finding), footprint_range_text(sums))
    with more:
        _draw_shares(shown, [left, right])
        lists.offer_downloads(shown, f"{left}-{right}", lambda: map_layers.shared_ground(left, right, shown))
        sources = map_layers.cite_sources([left, right])
        citation.show_citation(answer.finding, sources, command)


def _shared_areas(pairs: pd.DataFrame, left: str, right: str) -> gpd.GeoDataFrame:
    return overlap_areas.overlap_shapes(pairs, lambda selected: map_layers.draw_pairs(left, right, _pair_ids(selected)))


def _offer_picture(linked: LinkedRows, left: str, right: str, title: str, finding: str) -> None:
    """Offer a picture of the selected rows; else of the largest of the filtered rows and its surroundings."""
    is_selected = not linked.selected_rows.empty
    shapes = _shared_areas(linked.selected_rows if is_selected else linked.rows, left, right)
    if is_selected:
        about, framed = 0, _("In the picture: the selected rows.")
    elif shapes.empty:  # the map's own filter hides all rows
        return
    else:
        largest = str(shapes["name"].iloc[0])
        about, framed = (
            MAX_PICTURED,
            _("In the picture: {name} and its surroundings.").format(name=largest),
        )
    layers = [left, right]
    caption = " ".join(filter(None, (finding, framed)))
    map_picture.offer_map_picture(
        shapes,
        overlap_areas.overlap_looks(),
        title=title,
        finding=caption,
        layers=layers,
        name="-".join(layers),
        about=about,
    )


def _show_pairs(room: DeltaGenerator, pairs: Table, marks: Marks) -> None:
    with room:
        streamlit_page.show_table(pairs, marks)


def _draw_shares(rows: pd.DataFrame, layers: list[str]) -> None:
    """Draw the number of pairs by the covered share of the first layer."""
    tenths = (rows["share_of_left"].clip(0, 0.999) * 10).astype(int)
    counts = tenths.value_counts().reindex(range(10), fill_value=0)
    bars = [
        Bar(f"{tenth * 10}-{tenth * 10 + 10} %", float(pairs), format_number(pairs))
        for tenth, pairs in enumerate(counts)
    ]
    highest = find_highest(counts, counts)
    most = [bar for tenth, bar in enumerate(bars) if tenth in highest.candidates]
    text = ngettext(
        "Most common covered share: {shares} ({n} of {all} pairs).",
        "Most common covered shares: {shares} ({n} of {all} pairs each).",
        len(most),
    )
    picture.show_chart(
        _("{layer}: covered share of each").format(layer=translate_code(layers[0])),
        text.format(shares=join_texts([bar.name for bar in most]), n=most[0].label, all=format_number(len(rows))),
        lambda width: chart.draw_bars(bars, width=width, color=COLOR),
        layers=layers,
        name="-".join([*layers, "shares"]),
    )


def _pair_ids(pairs: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    return tuple(zip(pairs["left_id"], pairs["right_id"], strict=True))
