"""
Facts of states that Lindero brings along, a row each with its source: people, protections, rules of consultation.

They are read when they are asked for, as commitments are: a corrected fact reaches every map without a new build.
"""

from functools import cache
from pathlib import Path

import pandas as pd

DATA = Path(__file__).parents[2] / "data"
ASKED, NOT_ASKED, CONTESTED = "asked", "not_asked", "contested"


def population() -> pd.DataFrame:
    """
    Give the people of regions by their code (ISO 3166-2), as a census counted them; one not there is not known.

    Returns
    -------
    DataFrame
        By `region`: `population`, `counted_on` (the day of the census), `publisher`, `title`, `source_url`,
        `verified` (`yes`: read at the address; `sum`: held to the country's total, which the address states).
    """
    return _population().copy()


def protections(jurisdiction: str) -> pd.DataFrame:
    """
    Give what binding instruments give to whoever defends land, and whom to call, in the order of the file.

    Parameters
    ----------
    jurisdiction
        A state by its ISO 3166-1 alpha-2 code; no rows where nothing is known of it.

    Returns
    -------
    DataFrame
        `instrument`, `article`, `gives` (what it gives, in English), `office` and `telephone` (whom to call),
        `telephone_source` (where the telephone stands if not in `source_url`; it states no day), `source_url`,
        `stated_on` and `date_precision` (when the source said so; nobody has checked it since), `verified` (`yes`: read
        at the address; `copy`: read in a copy of the publication, the address is its publisher's). What is not known is
        missing.
    """
    return _of_state(_stated("protections.csv"), jurisdiction)


def consultation_rules(jurisdiction: str | None = None) -> pd.DataFrame:
    """
    Give what a state's rules ask for at which act, in the order of the file; no rows where nothing is known of it.

    A rule says what is to be consulted, never that a consultation was held, owed or breached.

    Returns
    -------
    DataFrame
        `kind` (of concession) and `stage` (what the act decides), both empty for what holds of any act; `says` (asked,
        not_asked), `instrument`, `authority` (who consults), `note` (in English), `source_url`, `stated_on` and
        `date_precision` (when the source said so), `verified`. What is not known is missing. Without a state, the
        rules of all, with their `jurisdiction`.
    """
    rules = _stated("consultation_rules.csv")
    return rules if jurisdiction is None else _of_state(rules, jurisdiction)


def rule_by_act(rules: pd.DataFrame) -> pd.DataFrame:
    """
    Say of each kind and stage what the rules say together: `asked`, `not_asked`, or `contested` where they differ.

    Returns
    -------
    DataFrame
        `kind`, `stage`, `rule`, in the order of the file.
    """
    of_acts = rules[rules["kind"].notna() & rules["stage"].notna()]
    said: dict[tuple[str, str], set[str]] = {}
    for kind, stage, says in zip(of_acts["kind"], of_acts["stage"], of_acts["says"], strict=True):
        said.setdefault((kind, stage), set()).add(says)
    rows = [(*act, *(says if len(says) == 1 else (CONTESTED,))) for act, says in said.items()]
    return pd.DataFrame(rows, columns=["kind", "stage", "rule"], dtype="str")


def _of_state(rows: pd.DataFrame, jurisdiction: str) -> pd.DataFrame:
    return rows[rows["jurisdiction"] == jurisdiction].drop(columns="jurisdiction").reset_index(drop=True)


@cache
def _population() -> pd.DataFrame:
    rows = pd.read_csv(DATA / "population.csv", parse_dates=["counted_on"], keep_default_na=False)
    return rows.set_index("region")


@cache
def _stated(file: str) -> pd.DataFrame:
    rows = pd.read_csv(DATA / file, dtype=str, na_values=[""], keep_default_na=False)
    return rows.assign(stated_on=pd.to_datetime(rows["stated_on"]))
