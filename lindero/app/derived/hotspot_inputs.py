"""The build step that measures concessions on community land in each grid cell, for hotspots."""

from collections.abc import Collection, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from lindero.app.derived.concessions_on_land import ConcessionFootprint, locate_pairs, point_finder
from lindero.app.derived.engine import Engine
from lindero.app.derived.prepared_layers import PreparedLayer, read_in_chunks
from lindero.geo.overlay.prepared_layer import find_positions
from lindero.geo.stats.h3_grid import (
    alternative_resolutions,
    covering_cells,
    default_resolution,
    dissolve_containing,
    measure_area_km2,
)
from lindero.layers.database import map_database, map_writer
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import snapshot_rows
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS
from lindero.layers.reference import base_data

TITLES, LAND = CONCESSIONS.name, COMMUNITIES.name


def add_cells(
    con: Connection,
    previous: Path | None,
    engine: Engine,
    prepared: Mapping[str, PreparedLayer],
    unchanged: Collection[tuple[str, str]],
) -> None:
    """Store the cells of the default resolution and of the neighbouring ones, for questions that name no resolution."""
    if previous is not None and (TITLES, LAND) in unchanged and map_writer.copy_cells(con, previous):
        return
    pairs = snapshot_rows.read_pairs(con, TITLES, LAND)
    if pairs.empty:
        return
    titles = pd.concat(_read_by_id(con, CONCESSIONS, pairs["left_id"])).sort_values("id", ignore_index=True)
    points = locate_pairs(pairs, point_finder(titles), partial(_find_inner_points, con, COMMUNITIES))
    area = dissolve_containing(points.to_numpy(), base_data.load_regions().geometry.to_numpy())
    if area is None:
        return
    covered = ConcessionFootprint(
        titles, _prepare_land(con, engine, prepared, pairs["right_id"].drop_duplicates()), engine
    )
    area_km2 = measure_area_km2(area)
    sizes = alternative_resolutions(default_resolution(area_km2, events=len(pairs)), area_km2)
    cells = (covering_cells(covered.ground, resolution=size) for size in sizes)
    rows = [
        pd.DataFrame({"cell": hectares.index, "footprint_ha": hectares.to_numpy(), "resolution": size})
        for size, hectares in zip(sizes, covered.covered_area_ha(*cells), strict=True)
    ]
    table = pd.concat(rows, ignore_index=True)
    map_writer.write_table(con, "cells", table.assign(layer=LAND, covered_by=TITLES))


def _prepare_land(con: Connection, engine: Engine, prepared: Mapping[str, PreparedLayer], ids: pd.Series) -> Any:
    """Prepare the communities with some ids.

    Communities that this process has prepared for the overlaps are reused.
    """
    if prepared:
        land = prepared[LAND].all
        return land.select(np.flatnonzero(land.has_id(ids)))
    return engine.prepare(pd.concat(_read_by_id(con, COMMUNITIES, ids)).sort_values("id", ignore_index=True))


def _find_inner_points(con: Connection, layer: Layer, ids: pd.Series) -> gpd.GeoSeries:
    parts = [point_finder(part)(part["id"]) for part in _read_by_id(con, layer, ids)]
    return gpd.GeoSeries(pd.concat(parts)) if parts else gpd.GeoSeries()


def _read_by_id(con: Connection, layer: Layer, ids: pd.Series) -> Iterator[gpd.GeoDataFrame]:
    """Read features by their ids in chunks that fit into memory, because polygons of communities are long."""
    sizes = map_database.read_sizes(con, layer)
    return read_in_chunks(con, layer, sizes[find_positions(sizes["id"], ids) >= 0])
