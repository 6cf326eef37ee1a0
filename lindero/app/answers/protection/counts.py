"""Counts of attacks: people killed, cases without an outcome, and protection measures asked for and granted."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from lindero.app.answers.record.cases import NOTHING_KNOWN, OPEN, summarize_cases
from lindero.app.answers.record.incidents import Record
from lindero.app.answers.record.measures import is_granted
from lindero.app.answers.record.tallies import count_killed_people
from lindero.layers.model.schema import CASE_STEPS, INCIDENTS, PROTECTION_MEASURES, VICTIMS
from lindero.machine.clock import local_today

LAYERS_BY_COUNT = {  # layer that each count belongs to
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


def build_attack_table(record: Record) -> pd.DataFrame:
    """Build the table of attacks, by id, with the values that are counted.

    Columns: `year`, `is_killing`, `killed` (people; missing if not stated), `on_women`, `on_indigenous`, `has_step` (a
    recorded step in court), `without_outcome` (no conviction, acquittal or archiving on record; always False for a case
    against defenders), `has_measure`, `without_measure`, and numbers of measures: `asked`, `granted` (at any time),
    `refused`, `for_women` and `for_groups` (both of those granted).
    """
    rows = record.attacks.set_index("id")[["year", "is_killing", "killed"]]
    case_status = summarize_cases(record, today=local_today()).set_index("id")
    measures = record.protection_measures.assign(given=is_granted)
    granted_measures = measures[measures["given"]]
    measures_by_status = {
        "asked": measures,
        "granted": granted_measures,
        "refused": measures[measures["status"] == "refused"],
        "for_women": granted_measures[granted_measures["gender_responsive"].fillna(value=False).astype(bool)],
        "for_groups": granted_measures[granted_measures["collective"].fillna(value=False).astype(bool)],
    }
    counts = {name: _count_by_incident(measure_rows, rows.index) for name, measure_rows in measures_by_status.items()}
    is_open = case_status["outcome"].isin([OPEN, NOTHING_KNOWN]) & ~case_status["against_defenders"]
    women = record.victims.loc[record.victims["gender"] == WOMAN, "incident_id"]
    indigenous = record.victims.loc[record.victims["identity"].map(lambda codes: INDIGENOUS in codes), "incident_id"]
    return rows.assign(
        on_women=rows.index.isin(women),
        on_indigenous=rows.index.isin(indigenous),
        has_step=case_status["steps"].reindex(rows.index).gt(0),
        without_outcome=is_open.reindex(rows.index).astype(bool),
        has_measure=counts["asked"].gt(0),
        without_measure=counts["asked"].eq(0),
        **counts,
    )


def filter_years(rows: pd.DataFrame, since: int | None, until: int | None) -> pd.DataFrame:
    """Return the attacks of some years, both included.

    Attacks without a date are left out if a year is given.
    """
    if since is None and until is None:
        return rows
    years = rows["year"]
    in_period = years.notna() & (years >= (since or years.min())) & (years <= (until or years.max()))
    return rows[in_period.fillna(value=False).astype(bool)]


def count_by_place(rows: pd.DataFrame, pairs: pd.DataFrame, places: pd.Index) -> pd.DataFrame:
    """Count attacks by place.

    `rows`: the result of `build_attack_table`. `pairs`: `place` and `id` of an attack, one row for each place where it
    counts. Returns, by place: the columns of `LAYERS_BY_COUNT`, integers, and `has_step` and `has_measure` (numbers of
    attacks with one). The number of people killed is missing if no killing at a place states it.
    """
    placed_rows = pairs[pairs["id"].isin(rows.index)].join(rows, on="id")
    groups = placed_rows.groupby("place")
    sums = groups[[name for name in rows if name not in {"year", "killed", "is_killing"}]].sum()
    killed_by_place = {place: count_killed_people(group) for place, group in groups}
    table = (
        sums.assign(attacks=groups.size(), killings=groups["is_killing"].sum())
        .reindex(places)
        .fillna(0)
        .astype("Int64")
    )
    people = pd.Series({place: count.people for place, count in killed_by_place.items()}, dtype="Int64").reindex(places)
    unstated = pd.Series({place: count.unstated for place, count in killed_by_place.items()}, dtype="Int64").reindex(
        places
    )
    return table.assign(
        people_killed=people.mask(~places.isin(list(killed_by_place)), 0),
        killings_unstated=unstated.fillna(0).astype("Int64"),
    )


def mask_false_zeros(table: pd.DataFrame, is_covered: Mapping[str, "pd.Series[bool]"]) -> pd.DataFrame:
    """Set the zeros of counts without data to missing. Recorded counts are kept.

    `table`: the result of `count_by_place`.
    """
    result = table.copy()
    is_unseen = (table["attacks"] == 0) & ~is_covered[INCIDENTS.name]
    numbers_known = {"without_outcome": table["has_step"], "without_measure": table["has_measure"]}
    for name, layer in LAYERS_BY_COUNT.items():
        is_empty = (numbers_known.get(name, table[name]) == 0).fillna(value=False).astype(bool)
        if name == "killings_unstated":  # known wherever the killings are known
            is_empty = (table["killings"] == 0).fillna(value=False).astype(bool)
        result[name] = table[name].mask(((is_empty & ~is_covered[layer]) | is_unseen).to_numpy())
    return result[list(LAYERS_BY_COUNT)]


def distribute_unlocated_attacks(
    flags: pd.DataFrame, attacks: "pd.Series[int]", *, draws: int, seed: int
) -> dict[str, npt.NDArray[np.float64]]:
    """Simulate how many of the attacks at an unknown place each place has.

    Each draw distributes all of them by the shares of the known attacks. The shares are from a Dirichlet distribution
    with the recorded attacks plus one half for each place as parameters (Jeffreys' prior).

    `flags`: the attacks at an unknown place: for each count, whether the attack is counted (0 or 1). Returns: for each
    column of `flags` an array of shape (places, draws).
    """
    random = np.random.default_rng([seed, len(flags)])
    shares = random.dirichlet(attacks.fillna(0).to_numpy(dtype=float) + PRIOR, size=draws).cumsum(axis=1)
    chance = random.random((draws, len(flags)))
    indices = np.array([np.searchsorted(ends, values) for ends, values in zip(shares, chance, strict=True)]).reshape(
        draws, -1
    )
    cells = (np.minimum(indices, len(attacks) - 1) + np.arange(draws)[:, None] * len(attacks)).ravel()
    sums = {
        str(name): np.bincount(cells, np.tile(flags[name].to_numpy(dtype=float), draws), draws * len(attacks))
        for name in flags
    }
    return {name: values.astype(float).reshape(draws, len(attacks)).T for name, values in sums.items()}


def _count_by_incident(measures: pd.DataFrame, ids: pd.Index) -> "pd.Series[int]":
    return measures.groupby("incident_id").size().reindex(ids).fillna(0).astype(int)
