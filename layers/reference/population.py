"""How many people live in a region, as a census counted them: figures of `data/population.csv` with their sources."""

from functools import cache
from pathlib import Path

import pandas as pd

FILE = Path(__file__).parents[2] / "data" / "population.csv"


def population() -> pd.DataFrame:
    """
    Give the people of regions by their code (ISO 3166-2); a region that is not there is not known.

    Returns
    -------
    DataFrame
        By `region`: `population`, `counted_on` (the day of the census), `publisher`, `title`, `source_url`,
        `verified` (`yes`: read at the address; `sum`: held to the country's total, which the address states).
    """
    return _read().copy()


@cache
def _read() -> pd.DataFrame:
    rows = pd.read_csv(FILE, parse_dates=["counted_on"], keep_default_na=False)
    return rows.set_index("region")
