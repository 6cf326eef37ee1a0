"""The concessions on the land of communities, near it and along its rivers: the measures that take longest."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import pandas as pd

from lindero.app.answers.ranking import along_rivers
from lindero.app.derived import stored_measures
from lindero.app.derived.engine import Progress
from lindero.app.text.codes import translate_code
from lindero.geo.near.within_distance import count_within_distance
from lindero.geo.stats.exposure import exposure
from lindero.layers.database.map_database import Connection
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, CRS
from lindero.layers.reference import base_data
from lindero.layers.workspace.rivers import RiverNetwork

KM = (5, 10, 25)
FEWEST_STORED = 1_000  # communities: fewer are measured for each answer, in a few seconds at most


class ConcessionMeasures(NamedTuple):
    """The tables of concessions around communities."""

    conceded: pd.DataFrame  # as `geo.stats.exposure` returns it
    parts: pd.DataFrame
    near: pd.DataFrame  # number of concessions by the id of the community, a column for each of `KM`
    along_rivers: pd.DataFrame  # as `count_along_rivers` returns it


def measure_concessions(
    con: Connection,
    land: gpd.GeoDataFrame,
    titles: gpd.GeoDataFrame,
    rivers: Sequence[RiverNetwork],
    *,
    progress: Progress,
    is_filtered: bool,
) -> ConcessionMeasures:
    """
    Measure the concessions around communities, or load what an earlier answer measured from the same rows.

    Parameters
    ----------
    con
        The map that the rows are from.
    land, titles
        Communities and concessions.
    rivers
        The operator's own rivers.
    is_filtered
        Whether some concessions or communities were left out on request. Such measures are not stored.
    """
    if is_filtered or len(land) < FEWEST_STORED:
        return _measure(land, titles, rivers, progress)
    key = _hash_inputs(land, titles, rivers)
    tables = stored_measures.load_tables(con, key)
    if len(tables) == len(ConcessionMeasures._fields):
        return ConcessionMeasures(*tables)
    measures = _measure(land, titles, rivers, progress)
    stored_measures.store_tables(con, key, measures)
    return measures


def _hash_inputs(land: gpd.GeoDataFrame, titles: gpd.GeoDataFrame, rivers: Sequence[RiverNetwork]) -> str:
    columns = ["id", "boundary_accuracy_m", "geometry"]
    covered = gpd.GeoDataFrame(geometry=[network.ground for network in rivers], crs=CRS)
    frames = (
        land[columns],
        titles[[*columns, "kind", "status"]],
        covered,
        *(river.lines[["geometry"]] for river in rivers),
    )
    files = base_data.BASE / "rivers.parquet", Path(along_rivers.__file__), Path(__file__)
    return stored_measures.hash_inputs(frames, [repr(network.entry) for network in rivers], files)


def _measure(
    land: gpd.GeoDataFrame, titles: gpd.GeoDataFrame, rivers: Sequence[RiverNetwork], progress: Progress
) -> ConcessionMeasures:
    with ThreadPoolExecutor(1) as executor:  # walks along rivers use one core, which the rest leaves idle at times
        river_future = executor.submit(along_rivers.count_along_rivers, land, titles, rivers)
        conceded, parts = exposure(land, titles, progress=partial(progress, translate_code(COMMUNITIES.name)))
        near = count_within_distance(
            land, titles, within_km=KM, progress=partial(progress, translate_code(CONCESSIONS.name))
        )
        return ConcessionMeasures(conceded, parts, near, river_future.result())
