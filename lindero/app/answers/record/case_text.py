"""Text about one incident and its case."""

import datetime as dt
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from lindero.app.answers.record.cases import summarize_cases
from lindero.app.answers.record.incidents import Record
from lindero.app.answers.record.tallies import people_text
from lindero.app.text.codes import WORDS, title_text, translate_code
from lindero.app.text.countries import country_name
from lindero.app.text.dates import format_partial_date
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _, format_number, ngettext
from lindero.layers.database.definitions import KNOWN_PLACE
from lindero.layers.model.vocabularies import VOCABULARIES

Row = Mapping[Hashable, Any]


def incident_labels(incidents: pd.DataFrame) -> list[str]:
    """Return a label for each incident: title, date and place."""
    labels = []
    for row in incidents.to_dict("records"):
        parts = [
            title_text(row["title"]),
            format_partial_date(row["occurred_on"], row["date_precision"]),
            incident_place(row),
        ]
        labels.append(" · ".join(filter(None, parts)))
    return labels


def incident_title(row: Row) -> str:
    """Return the title of an incident. If the title is only the code of an act, the place is added."""
    place = incident_place(row) if str(row["title"]).lower() in WORDS else ""
    return ", ".join(filter(None, (title_text(row["title"]), place)))


def incident_place(row: Row) -> str:
    """Return the place of an incident, from the smallest area to the largest.

    The country is included only if no region is known.
    """
    parts = [str(row[name]) for name in ("place_text", "region") if pd.notna(row[name])]
    if pd.isna(row["region"]) and pd.notna(row["country"]):
        parts.append(country_name(row["country"]))
    return ", ".join(dict.fromkeys(parts))


def summarize_incident(record: Record, row: Row, *, today: dt.date) -> tuple[str, str]:
    """Summarize an incident: a headline, then the number of people attacked, its case, and protection measures."""
    requests = len(record.protection_measures)
    measures = ngettext("{n} protection measure is recorded.", "{n} protection measures are recorded.", requests)
    headline = ", ".join(
        filter(None, (incident_title(row), format_partial_date(row["occurred_on"], row["date_precision"])))
    )
    parts = [
        _("People attacked: {people}.").format(people=people_text(row["people"])),
        case_status_text(record, today=today),
        measures.format(n=format_number(requests)) if requests else "",
    ]
    return f"{headline}.", " ".join(filter(None, parts))


def incident_facts(row: Row) -> tuple[str, ...]:
    """Return the known facts of an incident, one per line."""
    place = escape_markdown(incident_place(row))
    acts = ", ".join(map(translate_code, row["types"])) or _("a conflict; no act of violence is recorded")
    known_to = _("precision: {area}").format(area=translate_code(row["location_precision"]))
    people, killed = (people_text(row[name]) for name in ("people", "killed"))
    lines = {
        _("Date"): format_partial_date(row["occurred_on"], row["date_precision"]),
        _("Place"): f"{place or translate_code('not stated')} ({known_to})",
        _("Acts"): acts,
        _("People attacked"): people,
        **({_("People killed"): killed} if row["is_killing"] or pd.notna(row["killed"]) else {}),
        _("Sector"): translate_code(row["sector"]),
        _("By whom"): translate_code(row["perpetrator_kind"]),
        **_conflict_facts(row),
    }
    return tuple(f"**{name}**: {value}" for name, value in lines.items())


def _conflict_facts(row: Row) -> dict[str, str]:
    """Return the company, phase, violence and dialogue of a conflict; values that are not recorded are left out."""
    truth = {True: _("yes"), False: _("no")}
    lines = {
        _("Company"): escape_markdown(str(row["company"])) if pd.notna(row["company"]) else "",
        _("Phase of the conflict"): translate_code(row["conflict_phase"]) if row["conflict_phase"] in _PHASES else "",
        _("There was violence"): truth[bool(row["violent"])] if pd.notna(row["violent"]) else "",
        _("There is dialogue"): truth[bool(row["in_dialogue"])] if pd.notna(row["in_dialogue"]) else "",
    }
    return {name: value for name, value in lines.items() if value}


_PHASES = frozenset(VOCABULARIES["conflict_phase"]) - {"unknown"}


def location_text(row: Row) -> str:
    """Describe how precisely the map shows the location of an incident."""
    if row["location_precision"] in KNOWN_PLACE and row["is_placed"]:
        return _("The point marks the place given by the source.")
    return _("The exact place is not known or not published. It is somewhere in the area drawn.")


def case_status_text(record: Record, *, today: dt.date) -> str:
    """Describe the outcome of an incident's case, and the days since its last step."""
    case_table = summarize_cases(record, today=today)
    if case_table.empty or not case_table["steps"].iloc[0]:
        return _("No court case is recorded.")
    case = case_table.iloc[0]
    parts = [_("Outcome: {outcome}.").format(outcome=translate_code(case["outcome"]))]
    if pd.notna(case["days_since"]):
        days = int(case["days_since"])
        text = ngettext("Last recorded step: {n} day ago.", "Last recorded step: {n} days ago.", days)
        parts.append(text.format(n=format_number(days)))
    if case["against_defenders"]:
        parts.append(_("The accused are the people who were attacked: a conviction here is not justice."))
    return " ".join(parts)


def incident_sources(row: Row) -> tuple[str, ...]:
    """Return the sources of an incident, one per line."""
    citations: list[str] = (
        [part.strip() for part in str(row["sources"]).split("; ")] if pd.notna(row["sources"]) else []
    )
    file = _("File on this map: {title} ({publisher})").format(
        title=row["source_title"], publisher=row["publisher"] or _("publisher not stated")
    )
    duplicates = [_("Also recorded as {id}").format(id=name) for name in row["told_by"]]
    return tuple(map(escape_markdown, [*citations, file, *duplicates]))
