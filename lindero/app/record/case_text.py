"""One case told in sentences."""

import datetime as dt
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from lindero.app.record.cases import cases
from lindero.app.record.incidents import Record
from lindero.app.record.tallies import people_text
from lindero.app.text.codes import WORDS, title_text, word
from lindero.app.text.countries import country_name
from lindero.app.text.dates import when
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, ngettext, number
from lindero.layers.database.definitions import KNOWN_PLACE
from lindero.layers.model.vocabularies import VOCABULARIES

Row = Mapping[Hashable, Any]


def names(incidents: pd.DataFrame) -> list[str]:
    """Name incidents so that they can be told apart: title, date, place."""
    names_of_people = []
    for row in incidents.to_dict("records"):
        parts = [title_text(row["title"]), when(row["occurred_on"], row["date_precision"]), placed(row)]
        names_of_people.append(" · ".join(filter(None, parts)))
    return names_of_people


def called(row: Row) -> str:
    """Name an incident by its title; by what happened and where, if its source gives no title but the act."""
    place = placed(row) if str(row["title"]).lower() in WORDS else ""
    return ", ".join(filter(None, (title_text(row["title"]), place)))


def placed(row: Row) -> str:
    """Name the place of an incident from the smallest to the largest; its country only where no region is known."""
    parts = [str(row[name]) for name in ("place_text", "region") if pd.notna(row[name])]
    if pd.isna(row["region"]) and pd.notna(row["country"]):
        parts.append(country_name(row["country"]))
    return ", ".join(dict.fromkeys(parts))


def finding(record: Record, row: Row, *, today: dt.date) -> tuple[str, str]:
    """Return what an incident was, where and when; then how many were attacked, its case, and what was asked for."""
    requests = len(record.protection_measures)
    measures = ngettext("{n} protection measure is on record.", "{n} protection measures are on record.", requests)
    headline = ", ".join(filter(None, (called(row), when(row["occurred_on"], row["date_precision"]))))
    parts = [
        _("People attacked: {people}.").format(people=people_text(row["people"])),
        standing(record, today=today),
        measures.format(n=number(requests)) if requests else "",
    ]
    return f"{headline}.", " ".join(filter(None, parts))


def facts(row: Row) -> tuple[str, ...]:
    """Return what is known of an incident, line by line."""
    place = plain(placed(row))
    acts = ", ".join(map(word, row["types"])) or _("a conflict; no act of violence is on record")
    known_to = _("known to: {area}").format(area=word(row["location_precision"]))
    people, killed = (people_text(row[name]) for name in ("people", "killed"))
    lines = {
        _("Date"): when(row["occurred_on"], row["date_precision"]),
        _("Place"): f"{place or word('not stated')} ({known_to})",
        _("Acts"): acts,
        _("People attacked"): people,
        **({_("People killed"): killed} if row["is_killing"] or pd.notna(row["killed"]) else {}),
        _("Sector"): word(row["sector"]),
        _("By whom"): word(row["perpetrator_kind"]),
        **_of_conflict(row),
    }
    return tuple(f"**{name}**: {value}" for name, value in lines.items())


def _of_conflict(row: Row) -> dict[str, str]:
    """Tell with whom a conflict is and how far it has come; what is not on record is left out."""
    truth = {True: _("yes"), False: _("no")}
    lines = {
        _("Company"): plain(str(row["company"])) if pd.notna(row["company"]) else "",
        _("Phase of the conflict"): word(row["conflict_phase"]) if row["conflict_phase"] in _PHASES else "",
        _("There was violence"): truth[bool(row["violent"])] if pd.notna(row["violent"]) else "",
        _("There is dialogue"): truth[bool(row["in_dialogue"])] if pd.notna(row["in_dialogue"]) else "",
    }
    return {name: value for name, value in lines.items() if value}


_PHASES = frozenset(VOCABULARIES["conflict_phase"]) - {"unknown"}


def where(row: Row) -> str:
    """Say how exactly the map shows an incident."""
    if row["location_precision"] in KNOWN_PLACE and row["is_placed"]:
        return _("The point is the place that the source gives.")
    return _("The place itself is not known or not told: it lies somewhere in the area drawn.")


def standing(record: Record, *, today: dt.date) -> str:
    """Say how the case of an incident stands, and for how long."""
    of_cases = cases(record, today=today)
    if of_cases.empty or not of_cases["steps"].iloc[0]:
        return _("Nothing is known of a case in court.")
    case = of_cases.iloc[0]
    parts = [_("Outcome: {outcome}.").format(outcome=word(case["outcome"]))]
    if pd.notna(case["days_since"]):
        days = int(case["days_since"])
        text = ngettext("{n} day since the last step on record.", "{n} days since the last step on record.", days)
        parts.append(text.format(n=number(days)))
    if case["against_defenders"]:
        parts.append(_("The accused are those who were attacked: a conviction here is no justice done."))
    return " ".join(parts)


def sources(row: Row) -> tuple[str, ...]:
    """Return the sources of an incident, line by line."""
    cited: list[str] = [part.strip() for part in str(row["sources"]).split("; ")] if pd.notna(row["sources"]) else []
    file = _("File on this map: {title} ({publisher})").format(
        title=row["source_title"], publisher=row["publisher"] or _("publisher not stated")
    )
    also = [_("Also told as {id}").format(id=name) for name in row["told_by"]]
    return tuple(map(plain, [*cited, file, *also]))
