"""
The commitments that Lindero brings along: `data/commitments.csv`, facts with date and source, part of every map.

They are read when they are asked for, as the gazetteer is: a corrected fact reaches every map without a new build.
"""

from functools import cache
from pathlib import Path

import pandas as pd

from lindero.layers.check import validate
from lindero.layers.model.schema import COMMITMENTS

FILE = Path(__file__).parents[2] / "data" / "commitments.csv"


def brought_along() -> pd.DataFrame:
    """Give the facts with the columns of the commitments layer, by jurisdiction, instrument and date."""
    return _read().copy()


@cache
def _read() -> pd.DataFrame:
    rows = pd.read_csv(FILE, dtype=str, na_values=[""], keep_default_na=False)
    typed, _ = validate.typed(COMMITMENTS, rows)
    typed["dated_on"] = pd.to_datetime(typed["dated_on"])
    return typed.sort_values(["jurisdiction", "instrument", "dated_on"], kind="stable", ignore_index=True)
