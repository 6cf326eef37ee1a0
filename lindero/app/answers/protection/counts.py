"""What is counted of attacks: who was killed, which cases have no outcome, who asked for protection and who has it."""

import datetime as dt
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from lindero.app.record.cases import NOTHING_KNOWN, OPEN, cases
from lindero.app.record.incidents import Record
from lindero.app.record.measures import is_granted
from lindero.app.record.tallies import people_killed
from lindero.layers.model.schema import CASE_STEPS, INCIDENTS, PROTECTION_MEASURES, VICTIMS

LAYER_OF = {  # what each count is a count of
    "attacks": INCIDENTS.name,
    "killings": INCIDENTS.name,
    "people_killed": INCIDENTS.name,
    "killings_unstated": INCIDENTS.name,
    "on_women": VICTIMS.name,
    "on_indigenous": VICTIMS.name,
    "without_outcome": CASE_STEPS.name,
    "without_measure": PROTECTION_MEASURES.name,
    "asked": PROTECTION_MEASURES.name,
    "granted": PROTECTION_MEASURES.name,
    "refused": PROTECTION_MEASURES.name,
    "for_women": PROTECTION_MEASURES.name,
    "for_groups": PROTECTION_MEASURES.name,
}
WOMAN, INDIGENOUS = "woman", "indigenous"
PRIOR = 0.5


def events(record: Record) -> pd.DataFrame:
    """
    Tell of each attack by its id what is counted.

    Columns: `year`, `is_killing`, `killed` (people, missing where nobody says), `on_women`, `on_indigenous`,
    `has_step` (in court), `without_outcome` (no conviction, acquittal nor archiving on record; never of a case against
    defenders), `has_measure`, `without_measure`, and how many measures: `asked`, `granted` (at any time), `refused`,
    `for_women` and `for_groups` (of those granted).
    """
    rows = record.attacks.set_index("id")[["year", "is_killing", "killed"]]
    stands = cases(record, today=dt.datetime.now(dt.UTC).date()).set_index("id")
    measures = record.protection_measures.assign(given=is_granted)
    granted_measures = measures[measures["given"]]
    many = {
        "asked": measures,
        "granted": granted_measures,
        "refused": measures[measures["status"] == "refused"],
        "for_women": granted_measures[granted_measures["gender_responsive"].fillna(value=False).astype(bool)],
        "for_groups": granted_measures[granted_measures["collective"].fillna(value=False).astype(bool)],
    }
    counts = {name: _sizes(some, rows.index) for name, some in many.items()}
    is_open = stands["outcome"].isin([OPEN, NOTHING_KNOWN]) & ~stands["against_defenders"]
    women = record.victims.loc[record.victims["gender"] == WOMAN, "incident_id"]
    indigenous = record.victims.loc[record.victims["identity"].map(lambda codes: INDIGENOUS in codes), "incident_id"]
    return rows.assign(
        on_women=rows.index.isin(women),
        on_indigenous=rows.index.isin(indigenous),
        has_step=stands["steps"].reindex(rows.index).gt(0),
        without_outcome=is_open.reindex(rows.index).astype(bool),
        has_measure=counts["asked"].gt(0),
        without_measure=counts["asked"].eq(0),
        **counts,
    )


def between(rows: pd.DataFrame, since: int | None, until: int | None) -> pd.DataFrame:
    """Keep the attacks of some years, both included; of those years no attack without a date is."""
    if since is None and until is None:
        return rows
    years = rows["year"]
    kept = years.notna() & (years >= (since or years.min())) & (years <= (until or years.max()))
    return rows[kept.fillna(value=False).astype(bool)]


def count_by_place(rows: pd.DataFrame, pairs: pd.DataFrame, places: pd.Index) -> pd.DataFrame:
    """
    Add up attacks by place.

    Parameters
    ----------
    rows
        As `events` gives them.
    pairs
        `place` and `id` of an attack: one row for each place that it counts at.
    places
        All of them, whether or not anything is counted there.

    Returns
    -------
    DataFrame
        By place: the columns of `LAYER_OF`, whole numbers; `people_killed` is missing where killings are on record and
        of none of them the number is told. `has_step` and `has_measure` say how many attacks have one.
    """
    at = pairs[pairs["id"].isin(rows.index)].join(rows, on="id")
    by = at.groupby("place")
    sums = by[[name for name in rows if name not in {"year", "killed", "is_killing"}]].sum()
    killed = {place: people_killed(some) for place, some in by}
    table = sums.assign(attacks=by.size(), killings=by["is_killing"].sum()).reindex(places).fillna(0).astype("Int64")
    people = pd.Series({place: one.people for place, one in killed.items()}, dtype="Int64").reindex(places)
    unstated = pd.Series({place: one.unstated for place, one in killed.items()}, dtype="Int64").reindex(places)
    return table.assign(
        people_killed=people.mask(~places.isin(list(killed)), 0), killings_unstated=unstated.fillna(0).astype("Int64")
    )


def without_false_zeros(table: pd.DataFrame, is_covered: Mapping[str, "pd.Series[bool]"]) -> pd.DataFrame:
    """
    Return the counts without the zeros of what nobody counted, which become missing; what is on record stays.

    Parameters
    ----------
    table
        As `count_by_place` gives it.
    is_covered
        For each layer that is counted of whether the map has data of it on all of a place's ground, by place.
    """
    result = table.copy()
    unseen = (table["attacks"] == 0) & ~is_covered[INCIDENTS.name]
    has = {"without_outcome": table["has_step"], "without_measure": table["has_measure"]}
    for name, layer in LAYER_OF.items():
        is_empty = (has.get(name, table[name]) == 0).fillna(value=False).astype(bool)
        if name == "killings_unstated":  # a remark on the killings on record, which are known where these are
            is_empty = (table["killings"] == 0).fillna(value=False).astype(bool)
        result[name] = table[name].mask(((is_empty & ~is_covered[layer]) | unseen).to_numpy())
    return result[list(LAYER_OF)]


def deal_by_chance(
    flags: pd.DataFrame, attacks: "pd.Series[int]", *, draws: int, seed: int
) -> dict[str, npt.NDArray[np.float64]]:
    """
    Return how many more attacks each place may have, if those of unknown place are dealt among the places by chance.

    A draw deals all of them as those of known place lie: by shares from a Dirichlet distribution with the attacks on
    record and a half of each place as parameters (Jeffreys' prior).

    Parameters
    ----------
    flags
        The attacks of unknown place: for each count of it whether it counts (0 or 1).
    attacks
        How many attacks are on record by place; missing where nobody knows.

    Returns
    -------
    dict
        For each column of `flags` a table of places by draws.
    """
    random = np.random.default_rng([seed, len(flags)])
    shares = random.dirichlet(attacks.fillna(0).to_numpy(dtype=float) + PRIOR, size=draws).cumsum(axis=1)
    chance = random.random((draws, len(flags)))
    at = np.array([np.searchsorted(ends, each) for ends, each in zip(shares, chance, strict=True)]).reshape(draws, -1)
    cells = (np.minimum(at, len(attacks) - 1) + np.arange(draws)[:, None] * len(attacks)).ravel()
    sums = {
        str(name): np.bincount(cells, np.tile(flags[name].to_numpy(dtype=float), draws), draws * len(attacks))
        for name in flags
    }
    return {name: each.astype(float).reshape(draws, len(attacks)).T for name, each in sums.items()}


def _sizes(some: pd.DataFrame, ids: pd.Index) -> "pd.Series[int]":
    return some.groupby("incident_id").size().reindex(ids).fillna(0).astype(int)
