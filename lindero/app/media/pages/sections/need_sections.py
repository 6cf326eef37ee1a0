"""The parts of the page of missing protection: its map, its lists, and the comparison of two sides."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import streamlit as st

from lindero.app.answers.answer import Answer, Table
from lindero.app.answers.protection import needs_text
from lindero.app.answers.protection.counts import LAYERS_BY_COUNT
from lindero.app.answers.protection.need_answer import is_covered_in_part, need_answer
from lindero.app.answers.protection.needs import COMMUNITY, LABELS, LAYERS, Needs
from lindero.app.media.design import GREY
from lindero.app.media.pages import columns, streamlit_page
from lindero.app.media.pages.current import cached_answers, map_layers
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.forms import need_form
from lindero.app.media.pages.frame import page
from lindero.app.media.pages.maps import choropleth, map_picture
from lindero.app.media.pages.maps.areas import Look
from lindero.app.media.pages.tables import lists
from lindero.app.media.text import cells, plain_text
from lindero.app.text import i18n
from lindero.app.text.i18n import _, format_number, format_share
from lindero.geo.stats.exposure import STATUSES_IN_FORCE
from lindero.geo.stats.ranking import TOP
from lindero.layers.model.schema import CONCESSIONS, INCIDENTS, PROTECTION_MEASURES

MOST_LISTED = 30  # rows that fit a sheet of paper
SECOND_GROUP = 50  # last rank of the second look
SHARE = "share"


def show_tables(needs: Needs, answer: Answer) -> None:
    """List need and protection, and offer the rows; if they are many, the first, and all on request."""
    many, most = len(needs.rows), len(needs.rows)
    if many > MOST_LISTED and not st.toggle(
        _("Show all {n}").format(n=format_number(many)), key="all", bind="query-params"
    ):
        text = _("The first {n} are listed; the download has all {all}.")
        st.write(text.format(n=format_number(MOST_LISTED), all=format_number(many)))
        most = MOST_LISTED
    for table in _list_tables(answer):
        streamlit_page.show_table(replace(table, rows=table.rows.head(most)))
    streamlit_page.show_section(answer["limits"])
    lists.offer_csv(needs.rows, f"protection-{needs.question.level}.csv")


def _list_tables(answer: Answer) -> list[Table]:
    return [section.table for section in answer.select_sections("need", "protection") if section.table is not None]


def compare_two(needs: Needs, answer: Answer) -> None:
    """Compare two regions or communities, or two spans of years, side by side."""
    names = dict(zip(needs.rows["id"], needs.rows["name"].fillna(needs.rows["id"]), strict=True))
    if not names:
        return
    st.header(_("Compare two"), anchor=False)
    sides: dict[str, tuple[Answer, str]] = {}
    among = needs.question.level
    for column, (label, param) in zip(
        st.columns(2), ((_("The first"), "one"), (_("The second"), "other")), strict=True
    ):
        with column:
            options = list(names) if param == "one" else [*list(names)[1:], *list(names)[:1]]
            selected = page.select_option(label, options, names.__getitem__, param=param, among=among)
            since, until = need_form.ask_years(_("Years of the attacks"), f"years-{param}")
        with show_errors():
            is_all = (since, until) == (None, None)
            question = replace(needs.question, since=since, until=until)
            span_answer = answer if is_all else need_answer(cached_answers.protection_needs(question))
        title = names[selected] if is_all else f"{names[selected]}, {since}–{until}"
        sides[title if title not in sides else f"{title} ({label})"] = (span_answer, selected)
    _show_side_by_side(sides)


def _show_side_by_side(sides: Mapping[str, tuple[Answer, str]]) -> None:
    """Show one row of each answer as a column, with the values of both tables."""
    texts = [_cell_texts(answer, id_) for answer, id_ in sides.values()]
    columns.show_table(
        pd.DataFrame(texts).T.rename_axis("what").add_prefix("side ").reset_index(),
        alt=i18n.join_texts(list(sides)),
        what=columns.text_column(_("Recorded data")),
        more={f"side {position}": columns.text_column(name) for position, name in enumerate(sides)},
    )


def _cell_texts(answer: Answer, id_: str) -> dict[str, str]:
    """Return the values of a row in both tables by column label, each with its note in brackets."""
    texts = {}
    for table in _list_tables(answer):
        row = table.rows[table.rows["id"] == id_]
        for name, column in list(table.columns.items())[1:]:  # without the name, which is the heading
            cell = cells.format_column(name, column, row, table.rows)
            (note,) = cell.get("notes", [""])
            (text,) = cell["texts"]
            is_known = text != cells.UNKNOWN
            texts[column.label] = (f"{text} ({note})" if note else text) if is_known else _("not known")
    return texts


def draw_needs(needs: Needs) -> None:
    """Draw a map of what was compared, and offer a picture of it."""
    layers: Sequence[str] = LAYERS
    years = needs_text.years_text(needs.attacks)
    if needs.question.level == COMMUNITY:
        title, areas_and_looks = (
            _("Need for protection"),
            (_community_shapes(needs), _rank_looks(len(needs.ranked_rows))),
        )
    else:
        labels = {name: _measure_label(name, needs) for name in LABELS}
        measure = page.select_option(_("On the map"), list(labels), labels.__getitem__, param="map")
        title, areas_and_looks = labels[measure], _region_shapes(needs, measure)
        layers = [INCIDENTS.name, PROTECTION_MEASURES.name, LAYERS_BY_COUNT.get(measure, CONCESSIONS.name)]
        killings = needs.attacks[needs.attacks["is_killing"]]
        years = {SHARE: "", "killings": needs_text.years_text(killings)}.get(measure, years)
    map_picture.show_map_with_picture(
        *areas_and_looks,
        title=", ".join(filter(None, (title, years))),
        finding=plain_text.format_sentences([need_answer(needs)["finding"]]),
        layers=layers,
        key=f"protection-{needs.question.level}",
        underneath=(),
    )


def _region_shapes(needs: Needs, measure: str) -> choropleth.ShapesAndLooks:
    rows = needs.rows.rename(columns={"id": "region"}).set_index("region")
    values = rows[measure if measure == SHARE or needs.per is None else f"{measure}_rate"].astype(float)
    bounds = choropleth.bound_formatter(is_share=measure == SHARE)
    with show_errors():
        shapes = map_layers.shapes_of_regions(needs.question.level, tuple(rows.index))
    is_part = is_covered_in_part(rows) & (measure == SHARE)
    texts = values.map(_value_formatter(measure))
    labelled_texts = texts.where(~is_part, [_("at least {n}").format(n=text) for text in texts])
    return choropleth.classify_regions(
        shapes, rows.assign(said=labelled_texts), values, format_bound=bounds, is_part=is_part
    )


def _measure_label(name: str, needs: Needs) -> str:
    if name == SHARE or needs.per is None:
        return _(LABELS[name])
    return _("{what} {per}").format(what=_(LABELS[name]), per=needs_text.rate_unit_text(needs))


def _value_formatter(measure: str) -> Callable[[float], str]:
    def format_value(value: float) -> str:
        if pd.isna(value):
            return _("no data here")
        return format_share(value) if measure == SHARE else format_number(value, decimals=1)

    return format_value


def _community_shapes(needs: Needs) -> gpd.GeoDataFrame:
    with show_errors():
        lands = cached_answers.ranked_communities(STATUSES_IN_FORCE)
    rows = needs.rows
    look = [
        f"from-{sum(rank > end for end in (TOP, SECOND_GROUP))}" if pd.notna(rank) else "unranked"
        for rank in rows["rank"]
    ]
    attributes = {
        "name": rows["name"].fillna(rows["id"]),
        "said": [needs_text.attack_count_text(row, needs) for row in rows.to_dict("records")],
        "look": look,
    }
    return gpd.GeoDataFrame(attributes, geometry=lands["geometry"].reindex(rows["id"]).to_numpy(), crs=lands.crs)


def _rank_looks(count: int) -> list[Look]:
    spans = ((1, TOP), (TOP + 1, SECOND_GROUP), (SECOND_GROUP + 1, count))
    kinds = (("crossed", 0.6), ("rising", 0.35), ("dotted", 0.12))
    text = _("Ranks {first} to {last}")
    return [
        *(
            Look(
                f"from-{position}",
                text.format(first=format_number(first), last=format_number(min(last, count))),
                choropleth.COLOR,
                *kind,
            )
            for position, ((first, last), kind) in enumerate(zip(spans, kinds, strict=True))
        ),
        Look("unranked", _("not ranked"), GREY, "plain", 0.05),
    ]
