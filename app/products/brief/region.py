"""The brief of a region: how much of it is under concession, its communities, what is on record there."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
import shapely

from lindero.app.answers.changes.watchlist import REGION, Watched
from lindero.app.answers.defaults import DEPARTMENT
from lindero.app.answers.regions import COUNTED, communities_in, compare, country_of, levels, shapes
from lindero.app.drawing import ruled_map
from lindero.app.drawing.ruled_map import Drawn, map_of, sample
from lindero.app.products.brief import sections, typesetting
from lindero.app.products.brief.parts import (
    Brief,
    Column,
    Part,
    figures,
    heading,
    map_with_key,
    notes,
    paragraph,
    table,
)
from lindero.app.record.incidents import record_of
from lindero.app.text.codes import word
from lindero.app.text.i18n import _, number, percent
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS

Row = Mapping[Hashable, Any]


def brief(con: Connection, region: str) -> Brief:
    """
    Gather the brief of a department (ISO 3166-2) or a province (its id), in the reader's language.

    Raises
    ------
    AnswerError
        If nothing on the map lies in such a region.
    """
    for level in levels(con):
        rows = compare(con, level, country=country_of(con, level, region))
        found = rows[rows["region"] == region]
        if len(found):
            return _brief(con, level, found.to_dict("records")[0])
    raise AnswerError(N_("nothing on this map lies in a region {id}"), id=region)


def _brief(con: Connection, level: str, row: Row) -> Brief:
    code, name = str(row["region"]), str(row["name"])
    shape = shapes(con, level, (code,)).geometry.iloc[0]
    middle = shape.representative_point()
    communities = communities_in(con, level, code)
    watched = [Watched(f"{REGION}/{code}", name, code)] if level == DEPARTMENT else []
    return Brief(
        title=name,
        about=word(level).capitalize(),
        finding=_finding(row),
        footer=_("Lindero · {name} · data {date}").format(name=name, date=sections.day_of_map(con, COUNTED)),
        warning=sections.is_invented(con),
        code=typesetting.place_code(middle.y, middle.x),
        parts=[
            _map(con, shape),
            _figures(row),
            heading(word("communities")),
            *_communities(communities, is_known=bool(pd.notna(row["communities"]))),
            *[part for one in watched for part in sections.news(con, one)],
            *sections.promises(con, str(row["country"]), record_of(con)),
            *sections.closing(
                con, COUNTED, [_("Few attacks on record may mean few attacks, or that few could be recorded.")]
            ),
            *notes(),
        ],
    )


def _finding(row: Row) -> str:
    if pd.isna(row["conceded_share"]):
        return _("The map cannot say how much of this region lies under concession: it has no data of all of it.")
    text = _("{share} of this region lies under concession ({ha} ha, ground counted once).")
    touched = _("How many communities that touches, the map cannot say: it has no data of all of the region.")
    if pd.notna(row["communities_touched"]) and pd.notna(row["communities"]):
        text = _(
            "{share} of this region lies under concession ({ha} ha, ground counted once); {touched} of its "
            "{communities} communities on record are touched."
        )
        touched = ""
    sentence = text.format(
        share=percent(_value(row, "conceded_share")),
        ha=_figure(row, "conceded_ha"),
        touched=_figure(row, "communities_touched"),
        communities=_figure(row, "communities"),
    )
    return " ".join(filter(None, (sentence, touched)))


def _figures(row: Row) -> Part:
    return figures(
        {
            _("Land under concession (ha)"): _figure(row, "conceded_ha"),
            _("Concessions"): _figure(row, "concessions"),
            _("Communities"): _figure(row, "communities"),
            _("Attacks on record"): _figure(row, "attacks"),
            _("Protection measures granted"): _figure(row, "measures_granted"),
        }
    )


def _figure(row: Row, name: str) -> str:
    return number(_value(row, name)) if pd.notna(row[name]) else _("no data")


def _value(row: Row, name: str) -> float:
    return float(row[name])


def _communities(found: pd.DataFrame, *, is_known: bool) -> list[Part]:
    none = _("No community's land on record lies in it. That does not mean that nobody lives there.")
    unknown = _("Of communities the map has no data of the whole region: there may be others than those listed.")
    if found.empty and is_known:
        return paragraph(none)
    if found.empty:
        return paragraph(_("Of communities the map has no data of the whole region: that none is listed says nothing."))
    columns = [
        *(Column(_("Name"), 3), Column(_("People"), 2), Column(_("Hectares"), is_number=True)),
        *(Column(_("Concessions"), is_number=True), Column(_("Share of the land"), is_number=True)),
    ]
    rows = [
        [
            str(row["name"]),
            str(row["people"]) if pd.notna(row["people"]) else "",
            number(row["area_ha"], decimals=1) if pd.notna(row["area_ha"]) else "?",
            number(row["titles"]) if pd.notna(row["titles"]) else _("no data"),
            percent(row["share"]) if pd.notna(row["share"]) else _("no data"),
        ]
        for row in found.head(sections.MOST_ROWS).to_dict("records")
    ]
    return [table(columns, rows), *sections.beyond(len(found)), *paragraph("" if is_known else unknown)]


def _map(con: Connection, shape: shapely.Geometry) -> Part:
    west, south, east, north = map(float, shapely.bounds(shape))
    inside = {
        layer: map_database.read_layer(con, layer, bounds=(west, south, east, north)).geometry
        for layer in (CONCESSIONS, COMMUNITIES)
    }
    drawn = [
        Drawn(ruled_map.SHARED, list(inside[CONCESSIONS])),
        Drawn(ruled_map.LAND, list(inside[COMMUNITIES])),
        Drawn(ruled_map.REGION, [shape]),
    ]
    alt = _("Map of the region with its concessions and the lands of its communities.")
    legend = [
        (sample(ruled_map.REGION), _("Boundary of the region")),
        (sample(ruled_map.SHARED), _("Concession")),
        (sample(ruled_map.LAND), _("Land of a community")),
    ]
    return map_with_key(map_of((west, south, east, north), drawn, alt), legend)
