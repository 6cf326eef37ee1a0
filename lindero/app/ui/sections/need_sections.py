"""The parts of the page of missing protection: its map, how firm ranks are, its lists, and two sides compared."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import streamlit as st

from lindero.app.answers.answer import Answer, Table
from lindero.app.answers.protection import needs_text
from lindero.app.answers.protection.need_answer import is_covered_in_part, need_answer
from lindero.app.answers.protection.needs import COMMUNITY, LABELS, LAYERS, Needs
from lindero.app.answers.ranking.exposure import IN_FORCE
from lindero.app.current import cached_answers, map_layers
from lindero.app.renderers import cells, columns, streamlit_page
from lindero.app.text import i18n
from lindero.app.text.i18n import _, number, percent
from lindero.app.ui.error_message import explained
from lindero.app.ui.forms import need_form
from lindero.app.ui.frame import page
from lindero.app.ui.maps import choropleth, map_picture
from lindero.app.ui.maps.areas import Look
from lindero.app.ui.tables import lists
from lindero.geo.stats.ranking import TOP

MOST_LISTED = 30  # rows that fit a sheet of paper
SOME = 50  # ranks
SHARE = "share"


def needs_tables(found: Needs, answer: Answer) -> None:
    """List need and protection, and offer the rows; of many the first, and all if the reader asks for them."""
    many, most = len(found.rows), len(found.rows)
    if many > MOST_LISTED and not st.toggle(_("Show all {n}").format(n=number(many)), key="all", bind="query-params"):
        text = _("The first {n} are listed; the downloaded rows hold all {all}.")
        st.write(text.format(n=number(MOST_LISTED), all=number(many)))
        most = MOST_LISTED
    for table in _tables(answer):
        streamlit_page.table(replace(table, rows=table.rows.head(most)))
    streamlit_page.show(answer["limits"])
    lists.download(found.rows, f"protection-{found.question.level}.csv")


def _tables(answer: Answer) -> list[Table]:
    return [section.table for section in answer.only("need", "protection") if section.table is not None]


def comparison(found: Needs, answer: Answer) -> None:
    """Put two of them, or two spans of years, side by side."""
    names = dict(zip(found.rows["id"], found.rows["name"].fillna(found.rows["id"]), strict=True))
    if not names:
        return
    st.header(_("Two side by side"), anchor=False)
    sides: dict[str, tuple[Answer, str]] = {}
    among = found.question.level
    for column, (label, param) in zip(
        st.columns(2), ((_("The first"), "one"), (_("The second"), "other")), strict=True
    ):
        with column:
            options = list(names) if param == "one" else [*list(names)[1:], *list(names)[:1]]
            one = page.chosen(label, options, names.__getitem__, param=param, among=among)
            since, until = need_form.years(_("Attacks of the years"), f"years-{param}")
        with explained():
            is_all = (since, until) == (None, None)
            asked = replace(found.question, since=since, until=until)
            of_years = answer if is_all else need_answer(cached_answers.needs(asked))
        title = names[one] if is_all else f"{names[one]}, {since}–{until}"
        sides[title if title not in sides else f"{title} ({label})"] = (of_years, one)
    _side_by_side(sides)


def _side_by_side(sides: Mapping[str, tuple[Answer, str]]) -> None:
    """Show one row of each answer as a column: what both tables say of it."""
    told = [_cells(answer, id_) for answer, id_ in sides.values()]
    columns.table(
        pd.DataFrame(told).T.rename_axis("what").add_prefix("side ").reset_index(),
        alt=i18n.listed(list(sides)),
        what=columns.text(_("What is on record")),
        more={f"side {at}": columns.text(name) for at, name in enumerate(sides)},
    )


def _cells(answer: Answer, id_: str) -> dict[str, str]:
    """Return what the tables say of a row by the labels of their columns, each note in brackets."""
    said = {}
    for table in _tables(answer):
        row = table.rows[table.rows["id"] == id_]
        for name, each in list(table.columns.items())[1:]:  # but the name, which stands above
            cell = cells.column(name, each, row, row)
            (note,) = cell.get("notes", [""])
            (text,) = cell["texts"]
            is_known = text != cells.UNKNOWN
            said[each.label] = (f"{text} ({note})" if note else text) if is_known else _("not known")
    return said


def show(found: Needs) -> None:
    """Draw what was compared, and offer a picture of it."""
    if found.question.level == COMMUNITY:
        title, drawn = _("Need of protection"), (_communities(found), _ranks(len(found.ranked)))
    else:
        title, drawn = _regions(found)
    map_picture.show(
        *drawn,
        title=title,
        finding=needs_text.first(found),
        layers=LAYERS,
        key=f"protection-{found.question.level}",
        underneath=(),
    )


def _regions(found: Needs) -> tuple[str, choropleth.Drawn]:
    labels = {name: _label(name, found) for name in LABELS}
    measure = page.chosen(_("On the map"), list(labels), labels.__getitem__, param="map")
    rows = found.rows.rename(columns={"id": "region"}).set_index("region")
    values = rows[measure if measure == SHARE or found.per is None else f"{measure}_rate"].astype(float)
    bounds = choropleth.bounds_said(is_share=measure == SHARE)
    with explained():
        shapes = map_layers.shapes_of_regions(found.question.level, tuple(rows.index))
    is_part = is_covered_in_part(rows) & (measure == SHARE)
    texts = values.map(_wording(measure))
    said = texts.where(~is_part, [_("at least {n}").format(n=text) for text in texts])
    return labels[measure], choropleth.regions_map(shapes, rows.assign(said=said), values, said=bounds, is_part=is_part)


def _label(name: str, found: Needs) -> str:
    if name == SHARE or found.per is None:
        return _(LABELS[name])
    return _("{what} {per}").format(what=_(LABELS[name]), per=needs_text.per(found))


def _wording(measure: str) -> Callable[[float], str]:
    def said(value: float) -> str:
        if pd.isna(value):
            return _("no data here")
        return percent(value) if measure == SHARE else number(value, decimals=1)

    return said


def _communities(found: Needs) -> gpd.GeoDataFrame:
    with explained():
        lands = cached_answers.lands(IN_FORCE)
    rows = found.rows
    look = [f"from-{sum(rank > end for end in (TOP, SOME))}" if pd.notna(rank) else "unranked" for rank in rows["rank"]]
    told = {
        "name": rows["name"].fillna(rows["id"]),
        "said": [needs_text.attacks(row, found) for row in rows.to_dict("records")],
        "look": look,
    }
    return gpd.GeoDataFrame(told, geometry=lands["geometry"].reindex(rows["id"]).to_numpy(), crs=lands.crs)


def _ranks(count: int) -> list[Look]:
    spans = ((1, TOP), (TOP + 1, SOME), (SOME + 1, count))
    kinds = (("crossed", 0.6), ("rising", 0.35), ("dotted", 0.12))
    text = _("Ranks {first} to {last}")
    return [
        *(
            Look(f"from-{at}", text.format(first=number(first), last=number(min(last, count))), choropleth.COLOR, *kind)
            for at, ((first, last), kind) in enumerate(zip(spans, kinds, strict=True))
        ),
        Look("unranked", _("not ranked"), "#6b6b6b", "plain", 0.05),
    ]
