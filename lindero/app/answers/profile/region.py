"""The answer about a region: the share under concession, its communities, and the attacks and measures on record."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from lindero.app.answers.answer import Answer, Column, Figure, Section, Table
from lindero.app.answers.changes.watchlist import REGION, WatchedPlace
from lindero.app.answers.commitments import CommitmentFacts, promises_section
from lindero.app.answers.coverage.coverage import WHOLE_SHARE
from lindero.app.answers.defaults import DEPARTMENT
from lindero.app.answers.profile import shared
from lindero.app.answers.regions import (
    COUNTED_LAYERS,
    compare_regions,
    find_region_country,
    list_communities,
    list_levels,
)
from lindero.app.text.codes import translate_code
from lindero.app.text.i18n import _, format_number, format_share
from lindero.layers.database.map_database import Connection
from lindero.layers.errors import N_, AnswerError

Row = Mapping[Hashable, Any]


def find_region(con: Connection, region: str) -> tuple[str, Row]:
    """Return the level and the figures of a department (ISO 3166-2) or a province (its id)."""
    for level in list_levels(con):
        rows = compare_regions(con, level, country=find_region_country(con, level, region))
        matches = rows[rows["region"] == region]
        if len(matches):
            return level, matches.to_dict("records")[0]
    raise AnswerError(N_("this map has nothing in the region '{id}'; check its code"), id=region)


def region_answer(con: Connection, level: str, row: Row) -> Answer:
    """Build the answer about a region, in the reader's language. `row` is from `find_region`."""
    code, name = str(row["region"]), str(row["name"])
    watched = [WatchedPlace(f"{REGION}/{code}", name, code)] if level == DEPARTMENT else []
    is_known = bool(pd.notna(row["communities"]))
    few = _("Few recorded attacks may mean that there were few, or that few could be recorded.")
    return Answer(
        title=name,
        about=translate_code(level).capitalize(),
        sections=(
            Section("conceded", finding=summarize_region(row), figures=_region_figures(row)),
            communities_section(list_communities(con, level, code), is_known=is_known),
            *[section for watched_region in watched for section in shared.news_sections(con, watched_region)],
            promises_section(CommitmentFacts.read(con, str(row["country"]))),
            *shared.closing_sections(con, COUNTED_LAYERS, [few]),
        ),
    )


def summarize_region(row: Row) -> str:
    """Return how much of a region is under concession, and how many communities that affects."""
    if pd.isna(row["conceded_share"]):
        return _("The map does not have data for the whole region, so the area under concession is not known.")
    text = _("{share} of this region is under concession ({ha} ha, each counted once).")
    touched_text = _(
        "The map does not have data for the whole region, so the number of communities with concessions "
        "on their land is not known."
    )
    if pd.notna(row["communities_touched"]) and pd.notna(row["communities"]):
        text = _(
            "{share} of this region is under concession ({ha} ha, each counted once). Recorded "
            "communities with concessions on their land: {touched} of {communities}."
        )
        touched_text = ""
    is_whole = row["concessions_covered"] >= WHOLE_SHARE
    minimum = "" if is_whole else _("The share is a minimum: the map does not have data for the whole region.")
    sentence = text.format(
        share=format_share(_to_float(row, "conceded_share")),
        ha=_format_value(row, "conceded_ha"),
        touched=_format_value(row, "communities_touched"),
        communities=_format_value(row, "communities"),
    )
    return " ".join(filter(None, (sentence, minimum, touched_text)))


def _region_figures(row: Row) -> dict[str, Figure]:
    return {
        _("Land under concession (ha)"): Figure(_format_value(row, "conceded_ha")),
        _("Concessions"): Figure(_format_value(row, "concessions")),
        _("Communities"): Figure(_format_value(row, "communities")),
        _("Attacks on record"): Figure(_format_value(row, "attacks")),
        _("Protection measures granted"): Figure(_format_value(row, "measures_granted")),
    }


def _format_value(row: Row, name: str) -> str:
    return format_number(_to_float(row, name)) if pd.notna(row[name]) else _("no data")


def _to_float(row: Row, name: str) -> float:
    return float(row[name])


def communities_section(communities: pd.DataFrame, *, is_known: bool) -> Section:
    """List the communities of a region.

    `is_known=True` means that the map has data of communities in the whole region.
    """
    none = _("No community land is recorded here. That does not mean that nobody lives here.")
    unknown = _("The map does not have community data for the whole region: there may be more than those listed.")
    nothing = _(
        "The map does not have community data for the whole region. An empty list does not mean that there are none."
    )
    title = translate_code("communities")
    if communities.empty:
        return Section("communities", title, none if is_known else nothing)
    columns = {
        "name": Column(_("Name"), width=3),
        "people": Column(_("People"), width=2),
        "area_ha": Column(_("Hectares"), "number"),
        "titles": Column(_("Concessions"), "number"),
        "share": Column(_("Share of the land"), "share"),
    }
    caption = _("Its communities, largest share under concession first:").rstrip(":")
    return Section("communities", title, table=Table(caption, columns, communities), note="" if is_known else unknown)
