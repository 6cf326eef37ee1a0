"""
What binding instruments give to whoever defends land, and whom to call: facts of `data/protections.csv`.

They are read when they are asked for, as commitments are: a corrected fact reaches every map without a new build.
"""

from functools import cache
from pathlib import Path

import pandas as pd

FILE = Path(__file__).parents[2] / "data" / "protections.csv"


def protections(jurisdiction: str) -> pd.DataFrame:
    """
    Give the facts of one state by its ISO 3166-1 alpha-2 code, in the order of the file; none where none is known.

    Returns
    -------
    DataFrame
        `instrument`, `article`, `gives` (what it gives, in English), `office` and `telephone` (whom to call),
        `telephone_source` (where the telephone stands if not in `source_url`; it states no day), `source_url`,
        `stated_on` and `date_precision` (when the source said so), `verified`. What is not known is
        missing.
    """
    rows = _read()
    return rows[rows["jurisdiction"] == jurisdiction].drop(columns="jurisdiction").reset_index(drop=True)


@cache
def _read() -> pd.DataFrame:
    rows = pd.read_csv(FILE, dtype=str, na_values=[""], keep_default_na=False)
    return rows.assign(stated_on=pd.to_datetime(rows["stated_on"]))
