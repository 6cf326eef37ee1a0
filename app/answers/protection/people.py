"""How many people live in regions: as the workspace's own state it, else by a census."""

from collections.abc import Iterable

import pandas as pd

from lindero.app.answers import regions
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.reference.population import population


def people_of(con: Connection, level: str, codes: Iterable[str]) -> pd.DataFrame:
    """
    Give how many people live in regions, by their code; missing where nobody says.

    Returns
    -------
    DataFrame
        `population`, `counted_on` (the day that it stands for; missing where nobody states it), `population_source`.
    """
    asked = pd.Index(list(codes), name=regions.CODE)
    census = population().rename(columns={"publisher": "population_source"})
    found = census.reindex(asked)[["population", "counted_on", "population_source"]]
    return _stated(con, level).combine_first(found).reindex(asked)[list(found)]


def _stated(con: Connection, level: str) -> pd.DataFrame:
    own = regions.own(con, level).set_index("id")
    own = own.reindex(columns=["population", "source_id", "snapshot_on"]).dropna(subset=["population"])
    sources = {(one.source_id, one.snapshot_on): one for one in map_database.read_sources(con)}
    days = pd.to_datetime(own["snapshot_on"]).dt.date
    at = [sources[key] for key in zip(own["source_id"], days, strict=True)]
    return pd.DataFrame(
        {
            "population": own["population"].astype(float),
            "counted_on": pd.to_datetime(pd.Series([one.as_of for one in at], dtype=object)).to_numpy(),
            "population_source": [one.publisher for one in at],
        },
        index=own.index,
    )
