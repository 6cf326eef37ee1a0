"""
What a state promised, how that stands, and what happened since: facts beside the map's record.

A commitment is never said to be kept or broken: it stands as its sources tell, and beside it what is on record since.
"""

import datetime as dt
from collections.abc import Hashable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from lindero.app.record.incidents import Record
from lindero.app.record.periods import Period
from lindero.app.record.tallies import people_killed
from lindero.layers.check import validate
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import record_queries
from lindero.layers.model.schema import COMMITMENTS

BUNDLED = Path(__file__).parents[2] / "data" / "commitments.csv"
STATES = {
    "adopted": "promised",
    "signed": "promised",
    "ratified": "ratified",
    "in_force": "in_force",
    "superseded": "superseded",
    "rejected": "rejected",
    "pending": "pending",
}
NOT_JOINED = "not_joined"
TREATIES = ("Escazú Agreement", "ILO Convention 169")
_BINDING = ("ratified", "in_force", "promised")
_BINDING_OF_TREATIES = ("ratified", "in_force")  # one that was only promised binds nobody
LETTERS_OF_A_COUNTRY = 2  # ISO 3166-1 alpha-2
REVIEW = "Universal Periodic Review"
_LEAST_SURE_FIRST = ("disputed", "no", "yes")
_COLUMNS = (
    "instrument",
    "kind",
    "state",
    "state_on",
    "state_precision",
    "promised_on",
    "promised_precision",
    "superseded_by",
    "verified",
    "notes",
    "source_urls",
)
_Step = dict[Hashable, Any]  # a row of `facts`, by column
SINCE = ("attacks_since", "killings_since", "people_killed_since", "killings_unstated_since")


def facts(con: Connection) -> pd.DataFrame:
    """
    Give every step of every commitment: those that Lindero brings along, and those of the workspace.

    Columns are those of `layers.database.queries.record_queries.commitments`; a fact that both tell stands once.
    """
    own = record_queries.commitments(con)
    commitments = bundled().copy()
    both = (
        pd.concat([commitments, own.astype({"dated_on": commitments["dated_on"].dtype})]) if len(own) else commitments
    )
    return both.drop_duplicates(["jurisdiction", "instrument", "stage", "dated_on"], ignore_index=True)


@cache
def bundled() -> pd.DataFrame:
    """
    Give the facts that Lindero brings along, which are part of every map: `data/commitments.csv`, with date and source.

    They have the columns of the commitments layer, by jurisdiction, instrument and date. They are read when they are
    asked for, as the gazetteer is: a corrected fact reaches every map without a new build.
    """
    rows = pd.read_csv(BUNDLED, dtype=str, na_values=[""], keep_default_na=False)
    typed, _ = validate.typed(COMMITMENTS, rows)
    typed["dated_on"] = pd.to_datetime(typed["dated_on"])
    return typed.sort_values(["jurisdiction", "instrument", "dated_on"], kind="stable", ignore_index=True)


def binds(instrument: str, state: str) -> bool:
    """Tell whether an instrument binds a state, by how it stands (`standing`)."""
    return state in (_BINDING_OF_TREATIES if instrument in TREATIES else _BINDING)


def standing(steps: pd.DataFrame, jurisdiction: str) -> pd.DataFrame:
    """
    Say how each commitment of a state stands.

    Parameters
    ----------
    steps
        As `facts` gives them.
    jurisdiction
        ISO 3166-1 alpha-2 code of the state, or ISO 3166-2 of a region with commitments of its own.

    Returns
    -------
    DataFrame
        One row per instrument, by date of promise: `instrument`, `kind` (treaty, review, national), `state` (promised:
        adopted or signed; ratified; in_force; superseded; rejected; pending; not_joined: a treaty neither signed nor
        ratified), `state_on` and `state_precision`, `promised_on` (its first dated step) and `promised_precision`,
        `superseded_by`, `verified` (that of the least sure step: disputed, no, yes), `notes` and `source_urls` (lists).
    """
    own = steps[steps["jurisdiction"] == jurisdiction].sort_values("dated_on", na_position="first", kind="stable")
    supersedes = own.dropna(subset=["supersedes"])
    replaced = {
        old.strip(): str(new)
        for new, several in zip(supersedes["instrument"], supersedes["supersedes"], strict=True)
        for old in str(several).split(";")
    }
    by_instrument: dict[str, list[_Step]] = {}
    for step in own.to_dict("records"):
        by_instrument.setdefault(step["instrument"], []).append(step)
    rows = [_standing(name, of_it, replaced) for name, of_it in by_instrument.items()]
    table = pd.DataFrame(rows, columns=list(_COLUMNS))
    return table.sort_values(["promised_on", "instrument"], ignore_index=True)


def across_countries(steps: pd.DataFrame, record: Record) -> pd.DataFrame:
    """
    Set the countries side by side.

    Returns
    -------
    DataFrame
        One row per country by code: `country`, `escazu` and `ilo_169` (their `state`), `national` (how many measures of
        its own for defenders are on record and not superseded), `attacks` and `people_killed` of the map's record (of
        those told to be killed; missing where of no killing it is told).
    """
    rows = []
    killed = record.attacks.groupby("country")["killed"].sum(min_count=1)
    attacks = record.attacks.groupby("country").size()
    for country in sorted(code for code in steps["jurisdiction"].unique() if len(code) == LETTERS_OF_A_COUNTRY):
        own = standing(steps, country)
        states = own.set_index("instrument")["state"]
        rows.append(
            {
                "country": country,
                "escazu": states.get(TREATIES[0]),
                "ilo_169": states.get(TREATIES[1]),
                "national": int(((own["kind"] == "national") & (own["state"] != "superseded")).sum()),
                "attacks": int(attacks.get(country, 0)),
                "people_killed": killed.get(country, pd.NA),
            }
        )
    return pd.DataFrame(rows).astype({"people_killed": "Int64"})


def with_what_happened(
    standing: pd.DataFrame, record: Record, *, country: str, region: str = "", periods: Sequence[Period]
) -> pd.DataFrame:
    """
    Put beside each commitment the attacks on record since it was promised.

    Parameters
    ----------
    standing
        As `standing` gives it.
    record
        The record of the map.
    country, region
        Where: ISO 3166-1 alpha-2, and ISO 3166-2 for one region of it.
    periods
        From when to when attacks are on record (`app.record.periods.periods_of`).

    Returns
    -------
    DataFrame
        `standing` with `attacks_since`, `killings_since` (events), `people_killed_since` (persons of whom it is told
        that they were killed; missing where of killings none is told) and `killings_unstated_since` (killings of which
        nobody says how many they killed); all missing where the promise has no date, and where the record of attacks
        ends before it. `counted_from` and `counted_to` are the first and last day that the record tells of since then.
        Attacks without a date are not counted: `commitments_text.undated_text` says how many there are.
    """
    attacks = here(record, country=country, region=region)
    counted = [_since(attacks, day, periods) for day in standing["promised_on"]]
    since = pd.DataFrame(counted, columns=list(SINCE), index=standing.index, dtype="Int64")
    first, last = (periods[0].first, periods[-1].last) if periods else (None, None)
    starts = [max(day.date(), first) if first and pd.notna(day) else None for day in standing["promised_on"]]
    days = {"counted_from": starts, "counted_to": [last] * len(standing)}
    return standing.join(since).assign(
        **{name: pd.to_datetime(pd.Series(some, index=standing.index)) for name, some in days.items()}
    )


def here(record: Record, *, country: str, region: str = "") -> pd.DataFrame:
    """Give the attacks of the record in a country, or in one region of it."""
    attacks = record.attacks
    return attacks[(attacks["region_code"] == region) if region else (attacks["country"] == country)]


def _standing(instrument: str, steps: list[_Step], replaced: dict[str, str]) -> dict[str, object]:
    last, dated = steps[-1], [step for step in steps if pd.notna(step["dated_on"])]
    first = dated[0] if dated else last
    state = STATES[last["stage"]]
    if state == "pending" and instrument in TREATIES and not dated:
        state = NOT_JOINED
    sureness = {step["verified"] for step in steps}
    return {
        "instrument": instrument,
        "kind": "treaty" if instrument in TREATIES else "review" if instrument.startswith(REVIEW) else "national",
        "state": state,
        "state_on": last["dated_on"],
        "state_precision": last["date_precision"],
        "promised_on": first["dated_on"],
        "promised_precision": first["date_precision"],
        "superseded_by": replaced.get(instrument),
        "verified": next(code for code in _LEAST_SURE_FIRST if code in sureness),
        "notes": _told(steps, "note"),
        "source_urls": _told(steps, "source_url"),
    }


def _told(steps: list[_Step], column: str) -> list[object]:
    """Give what steps tell in a column, each thing once and in their order."""
    return list(dict.fromkeys(step[column] for step in steps if pd.notna(step[column])))


def _since(attacks: pd.DataFrame, day: dt.date, periods: Sequence[Period]) -> tuple[int | None, ...]:
    if pd.isna(day):
        return (None,) * len(SINCE)
    later = attacks[pd.to_datetime(attacks["occurred_on"]) >= pd.Timestamp(day)]
    if later.empty and not any(pd.Timestamp(one.last) >= pd.Timestamp(day) for one in periods):
        return (None,) * len(SINCE)  # the record ends before: what happened since is not known
    killed = people_killed(later)
    return len(later), int(later["is_killing"].sum()), killed.people, killed.unstated
