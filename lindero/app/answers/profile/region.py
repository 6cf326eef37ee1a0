"""The answer about a region: how much of it is under concession, its communities, what is on record there."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from lindero.app.answers.answer import Answer, Column, Figure, Section, Table
from lindero.app.answers.changes.watchlist import REGION, Watched
from lindero.app.answers.commitments import CommitmentFacts, promises_section
from lindero.app.answers.defaults import DEPARTMENT
from lindero.app.answers.profile import shared
from lindero.app.answers.regions import COUNTED, communities_in, compare, country_of, levels
from lindero.app.text.codes import word
from lindero.app.text.i18n import _, number, percent
from lindero.layers.database.map_database import Connection
from lindero.layers.errors import N_, AnswerError

Row = Mapping[Hashable, Any]


def region_row(con: Connection, region: str) -> tuple[str, Row]:
    """
    Return the level and the figures of a department (ISO 3166-2) or a province (its id).

    Raises
    ------
    AnswerError
        If nothing on the map lies in such a region.
    """
    for level in levels(con):
        rows = compare(con, level, country=country_of(con, level, region))
        found = rows[rows["region"] == region]
        if len(found):
            return level, found.to_dict("records")[0]
    raise AnswerError(N_("nothing on this map lies in a region {id}"), id=region)


def region_answer(con: Connection, level: str, row: Row) -> Answer:
    """Compose the answer about a region, in the reader's language; `row` as `region_row` gives it."""
    code, name = str(row["region"]), str(row["name"])
    watched = [Watched(f"{REGION}/{code}", name, code)] if level == DEPARTMENT else []
    is_known = bool(pd.notna(row["communities"]))
    few = _("Few attacks on record may mean few attacks, or that few could be recorded.")
    return Answer(
        title=name,
        about=word(level).capitalize(),
        sections=(
            Section("conceded", finding=finding(row), figures=_figures(row)),
            communities_section(communities_in(con, level, code), is_known=is_known),
            *[section for one in watched for section in shared.news(con, one)],
            promises_section(CommitmentFacts.of(con, str(row["country"]))),
            *shared.closing(con, COUNTED, [few]),
        ),
    )


def finding(row: Row) -> str:
    """Return the finding: how much of a region is under concession, and how many communities that touches."""
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


def _figures(row: Row) -> dict[str, Figure]:
    return {
        _("Land under concession (ha)"): Figure(_figure(row, "conceded_ha")),
        _("Concessions"): Figure(_figure(row, "concessions")),
        _("Communities"): Figure(_figure(row, "communities")),
        _("Attacks on record"): Figure(_figure(row, "attacks")),
        _("Protection measures granted"): Figure(_figure(row, "measures_granted")),
    }


def _figure(row: Row, name: str) -> str:
    return number(_value(row, name)) if pd.notna(row[name]) else _("no data")


def _value(row: Row, name: str) -> float:
    return float(row[name])


def communities_section(found: pd.DataFrame, *, is_known: bool) -> Section:
    """List the communities of a region; `is_known`: the map has data of communities in all of it."""
    none = _("No community's land on record lies in it. That does not mean that nobody lives there.")
    unknown = _("Of communities the map has no data of the whole region: there may be others than those listed.")
    nothing = _("Of communities the map has no data of the whole region: that none is listed says nothing.")
    title = word("communities")
    if found.empty:
        return Section("communities", title, none if is_known else nothing)
    columns = {
        "name": Column(_("Name"), width=3),
        "people": Column(_("People"), width=2),
        "area_ha": Column(_("Hectares"), "number"),
        "titles": Column(_("Concessions"), "number"),
        "share": Column(_("Share of the land"), "share"),
    }
    caption = _("Its communities, the most covered first:").rstrip(":")
    return Section("communities", title, table=Table(caption, columns, found), note="" if is_known else unknown)
