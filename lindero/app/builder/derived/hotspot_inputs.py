"""The build step that measures concessions on community land in each grid cell, for hotspots."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from lindero.app.answers.engine import Engine
from lindero.app.answers.hotspots.concessions_on_land import ConcessionFootprint, locate_pairs, point_finder
from lindero.app.answers.prepared_layers import PreparedLayer, read_all_snapshots
from lindero.geo.overlay.prepared_layer import find_positions
from lindero.geo.stats.h3_grid import (
    alternative_resolutions,
    covering_cells,
    default_resolution,
    dissolve_containing,
    measure_area_km2,
)
from lindero.layers.database import map_writer
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import snapshot_rows
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS
from lindero.layers.reference import base_data

_TITLES, _LAND = CONCESSIONS.name, COMMUNITIES.name


def add_cells(con: Connection, engine: Engine, prepared: Mapping[str, PreparedLayer]) -> None:
    """Store the cells of the default resolution and of the neighbouring ones, for questions that name no resolution."""
    pairs = snapshot_rows.read_pairs(con, _TITLES, _LAND)
    if pairs.empty:
        return
    titles = _read_versions(con, CONCESSIONS, pairs["left_id"])
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
    map_writer.write_table(con, "cells", table.assign(layer=_LAND, covered_by=_TITLES))


def _prepare_land(con: Connection, engine: Engine, prepared: Mapping[str, PreparedLayer], ids: pd.Series) -> Any:
    """Prepare the communities with some ids.

    Communities that this process has prepared for the overlaps are reused.
    """
    if prepared:
        land = prepared[_LAND].all
        return land.select(np.flatnonzero(land.has_id(ids)))
    return engine.prepare(_read_versions(con, COMMUNITIES, ids))


def _find_inner_points(con: Connection, layer: Layer, ids: pd.Series) -> gpd.GeoSeries:
    rows = _read_versions(con, layer, ids)
    return point_finder(rows)(rows["id"])


def _read_versions(con: Connection, layer: Layer, versions: pd.Series) -> gpd.GeoDataFrame:
    """Read the rows of a layer with some versions (`ID@YYYY-MM-DD`), sorted by id."""
    rows = read_all_snapshots(con, layer)
    return rows[find_positions(rows["id"], versions) >= 0].sort_values("id", ignore_index=True)
