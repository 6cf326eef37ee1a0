"""Commitments of states: their current status, and the attacks recorded since they were made.

A commitment is never called kept or broken. Its status is given as in its sources, next to the record since then.
"""

import datetime as dt
from collections.abc import Hashable, Sequence
from functools import cache
from typing import Any

import pandas as pd

from lindero.app.answers.record.incidents import Record
from lindero.app.answers.record.periods import Period
from lindero.app.answers.record.tallies import count_killed_people
from lindero.layers.check import validate
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import record_queries
from lindero.layers.model.schema import COMMITMENTS
from lindero.layers.reference import packs

STATES = {
    "adopted": "adopted",
    "signed": "signed",
    "ratified": "ratified",
    "in_force": "in_force",
    "superseded": "superseded",
    "rejected": "rejected",
    "pending": "pending",
}
NOT_JOINED = "not_joined"
TREATIES = ("Escazú Agreement", "ILO Convention 169", "African Charter on Human and Peoples' Rights")
WORLDWIDE_TREATIES = ("ILO Convention 169",)  # which every state may join
RECOMMENDED = "recommended"  # a review by other States, which is never in force
_BINDING = ("ratified", "in_force", "adopted")
_BINDING_OF_TREATIES = ("ratified", "in_force")  # a signed treaty binds nobody
LETTERS_OF_A_COUNTRY = 2  # ISO 3166-1 alpha-2
REVIEW = "Universal Periodic Review"
_LEAST_SURE_FIRST = ("disputed", "no", "copy", "yes")
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
_Step = dict[Hashable, Any]  # a row of `read_commitment_steps`, by column
COUNTS_SINCE = ("attacks_since", "killings_since", "people_killed_since", "killings_unstated_since")


def read_commitment_steps(con: Connection) -> pd.DataFrame:
    """Return every step of every commitment: those bundled with Lindero and those of the workspace.

    The columns are those of `layers.database.queries.record_queries.read_commitments`. A step in both is returned once.
    """
    workspace_steps = record_queries.read_commitments(con)
    bundled_steps = load_bundled_steps().copy()
    combined = (
        pd.concat([bundled_steps, workspace_steps.astype({"dated_on": bundled_steps["dated_on"].dtype})])
        if len(workspace_steps)
        else bundled_steps
    )
    return combined.drop_duplicates(["jurisdiction", "instrument", "stage", "dated_on"], ignore_index=True)


@cache
def load_bundled_steps() -> pd.DataFrame:
    """Load the steps in `commitments.csv` of the country packs, which are part of every map, with date and source.

    They have the columns of the commitments layer, ordered by jurisdiction, instrument and date. They are read on
    demand, so a corrected step reaches every map without a new build.
    """
    files = packs.find_files("commitments.csv").values()
    rows = pd.concat([pd.read_csv(path, dtype=str, na_values=[""], keep_default_na=False) for path in files])
    typed, _ = validate.convert_types(COMMITMENTS, rows.reset_index(drop=True))
    typed["dated_on"] = pd.to_datetime(typed["dated_on"])
    return typed.sort_values(["jurisdiction", "instrument", "dated_on"], kind="stable", ignore_index=True)


def is_binding(instrument: str, state: str) -> bool:
    """Return whether an instrument binds a state, given its status (`summarize_commitments`)."""
    return state in (_BINDING_OF_TREATIES if instrument in TREATIES else _BINDING)


def summarize_commitments(steps: pd.DataFrame, jurisdiction: str) -> pd.DataFrame:
    """Summarize the status of each commitment of a state.

    `steps`: the result of `read_commitment_steps`. `jurisdiction`: ISO 3166-1 alpha-2 code of the state, or ISO 3166-2
    of a region with commitments of its own. Returns: one row per instrument, by date of promise: `instrument`, `kind`
    (treaty, review, national), `state` (adopted; signed; ratified; in_force; superseded; rejected; pending; not_joined:
    a treaty neither signed nor ratified; recommended: a review by other States), `state_on` and `state_precision`,
    `promised_on` (its first dated step) and `promised_precision`, `superseded_by`, `verified` (of the least certain
    step: disputed, no, copy, yes), `notes` and `source_urls` (lists).
    """
    own_steps = steps[steps["jurisdiction"] == jurisdiction].sort_values("dated_on", na_position="first", kind="stable")
    supersedes = own_steps.dropna(subset=["supersedes"])
    replaced = {
        old_name.strip(): str(new_name)
        for new_name, several in zip(supersedes["instrument"], supersedes["supersedes"], strict=True)
        for old_name in str(several).split(";")
    }
    by_instrument: dict[str, list[_Step]] = {}
    for step in own_steps.to_dict("records"):
        by_instrument.setdefault(step["instrument"], []).append(step)
    rows = [_summarize_instrument(name, instrument_steps, replaced) for name, instrument_steps in by_instrument.items()]
    table = pd.DataFrame(rows, columns=list(_COLUMNS))
    return table.sort_values(["promised_on", "instrument"], ignore_index=True)


def compare_countries(steps: pd.DataFrame, record: Record) -> pd.DataFrame:
    """Compare the countries.

    Returns: one row per country by code: `country`, `escazu` and `ilo_169` (their `state`), `national` (the number of
    recorded national measures for defenders that are not superseded), `attacks` and `people_killed` in the map's record
    (people reported killed; missing if no number is recorded).
    """
    rows = []
    killed = record.attacks.groupby("country")["killed"].sum(min_count=1)
    attacks = record.attacks.groupby("country").size()
    for country in sorted(code for code in steps["jurisdiction"].unique() if len(code) == LETTERS_OF_A_COUNTRY):
        statuses = summarize_commitments(steps, country)
        states = statuses.set_index("instrument")["state"]
        rows.append(
            {
                "country": country,
                "escazu": states.get(TREATIES[0]),
                "ilo_169": states.get(TREATIES[1]),
                "national": int(((statuses["kind"] == "national") & (statuses["state"] != "superseded")).sum()),
                "attacks": int(attacks.get(country, 0)),
                "people_killed": killed.get(country, pd.NA),
            }
        )
    return pd.DataFrame(rows).astype({"people_killed": "Int64"})


def add_attacks_since(
    commitment_table: pd.DataFrame, record: Record, *, country: str, region: str = "", periods: Sequence[Period]
) -> pd.DataFrame:
    """Add the attacks recorded since each commitment was made.

    `commitment_table`: the result of `summarize_commitments`. `country`, `region`: where: ISO 3166-1 alpha-2, and ISO
    3166-2 for one region of it. `periods`: the periods in which attacks are recorded
    (`app.answers.record.periods.find_periods`). Returns: `commitment_table` with `attacks_since`, `killings_since`
    (events), `people_killed_since` (people reported killed; missing if killings are recorded without any number) and
    `killings_unstated_since` (killings without a number of people killed). All are missing if the promise has no date,
    or if the record of attacks ends before it. `counted_from` and `counted_to` are the first and last date that the
    record covers since then. Attacks without a date are not counted; `commitments_text.undated_text` states their
    number.
    """
    attacks = filter_attacks(record, country=country, region=region)
    counts = [_count_since(attacks, promised_on, periods) for promised_on in commitment_table["promised_on"]]
    since = pd.DataFrame(counts, columns=list(COUNTS_SINCE), index=commitment_table.index, dtype="Int64")
    first, last = (periods[0].first, periods[-1].last) if periods else (None, None)
    starts = [
        max(promised_on.date(), first) if first and pd.notna(promised_on) else None
        for promised_on in commitment_table["promised_on"]
    ]
    date_columns = {"counted_from": starts, "counted_to": [last] * len(commitment_table)}
    return commitment_table.join(since).assign(
        **{name: pd.to_datetime(pd.Series(dates, index=commitment_table.index)) for name, dates in date_columns.items()}
    )


def filter_attacks(record: Record, *, country: str, region: str = "") -> pd.DataFrame:
    """Return the recorded attacks in a country, or in one region of it."""
    attacks = record.attacks
    return attacks[(attacks["region_code"] == region) if region else (attacks["country"] == country)]


def _summarize_instrument(instrument: str, steps: list[_Step], replaced: dict[str, str]) -> dict[str, object]:
    last, dated = steps[-1], [step for step in steps if pd.notna(step["dated_on"])]
    first = dated[0] if dated else last
    state = STATES[last["stage"]]
    if state == "pending" and instrument in TREATIES and not dated:
        state = NOT_JOINED
    kind = "treaty" if instrument in TREATIES else "review" if instrument.startswith(REVIEW) else "national"
    if kind == "review":
        state = RECOMMENDED
    sureness = {step["verified"] for step in steps}
    return {
        "instrument": instrument,
        "kind": kind,
        "state": state,
        "state_on": last["dated_on"],
        "state_precision": last["date_precision"],
        "promised_on": first["dated_on"],
        "promised_precision": first["date_precision"],
        "superseded_by": replaced.get(instrument),
        "verified": next(code for code in _LEAST_SURE_FIRST if code in sureness),
        "notes": _distinct_values(steps, "note"),
        "source_urls": _distinct_values(steps, "source_url"),
    }


def _distinct_values(steps: list[_Step], column: str) -> list[object]:
    """Return the distinct values of a column of the steps, in their order."""
    return list(dict.fromkeys(step[column] for step in steps if pd.notna(step[column])))


def _count_since(attacks: pd.DataFrame, start: dt.date, periods: Sequence[Period]) -> tuple[int | None, ...]:
    if pd.isna(start):
        return (None,) * len(COUNTS_SINCE)
    later = attacks[pd.to_datetime(attacks["occurred_on"]) >= pd.Timestamp(start)]
    if later.empty and not any(pd.Timestamp(period.last) >= pd.Timestamp(start) for period in periods):
        return (None,) * len(COUNTS_SINCE)  # the record ends before that date: later events are not known
    killed = count_killed_people(later)
    return len(later), int(later["is_killing"].sum()), killed.people, killed.unstated
