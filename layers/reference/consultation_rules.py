"""
What a state's rules ask for at which act: facts of `data/consultation_rules.csv`, each with its source.

They are read when they are asked for, as `layers.reference.protections` are. A rule says what is to be consulted, never
that a consultation was held, owed or breached.
"""

from functools import cache
from pathlib import Path

import pandas as pd

FILE = Path(__file__).parents[2] / "data" / "consultation_rules.csv"
ASKED, NOT_ASKED, CONTESTED = "asked", "not_asked", "contested"


def rules(jurisdiction: str) -> pd.DataFrame:
    """
    Give the rules of one state by its ISO 3166-1 alpha-2 code, in the order of the file; none where none is known.

    Returns
    -------
    DataFrame
        `kind` (of concession) and `stage` (what the act decides), both empty for what holds of any act; `says` (asked,
        not_asked), `instrument`, `authority` (who consults), `note` (in English), `source_url`, `stated_on` and
        `date_precision` (when the source said so), `verified`. What is not known is missing.
    """
    found = every()
    return found[found["jurisdiction"] == jurisdiction].drop(columns="jurisdiction").reset_index(drop=True)


def standing(found: pd.DataFrame) -> pd.DataFrame:
    """
    Say of each kind and stage what the rules say together: `asked`, `not_asked`, or `contested` where they differ.

    Returns
    -------
    DataFrame
        `kind`, `stage`, `rule`, in the order of the file.
    """
    of_acts = found[found["stage"].notna()]
    grouped = of_acts.groupby(["kind", "stage"], sort=False)["says"].agg(_together)
    return grouped.rename("rule").reset_index()


def _together(says: "pd.Series[str]") -> str:
    return str(says.iloc[0]) if len(set(says)) == 1 else CONTESTED


@cache
def every() -> pd.DataFrame:
    """Give the rules of every state, as `rules` does, with their `jurisdiction`."""
    rows = pd.read_csv(FILE, dtype=str, na_values=[""], keep_default_na=False)
    return rows.assign(stated_on=pd.to_datetime(rows["stated_on"]))
