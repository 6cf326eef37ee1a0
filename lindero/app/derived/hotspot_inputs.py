"""The step of a build that measures, by cell, what titles cover of community land: what its hotspots are made from."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from lindero.app.derived.concessions_on_land import Covered, inside, points_of
from lindero.app.derived.engine import Engine
from lindero.app.derived.prepared_layers import PreparedLayer, read_by_parts
from lindero.geo.overlay.prepared_layer import find
from lindero.geo.stats.h3_grid import area_holding, area_in_km2, cells_about, resolutions_about, usual_resolution
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
    laid: Mapping[str, PreparedLayer],
    *,
    same: frozenset[str],
) -> None:
    """
    Count cells of the sizes that are compared where a question names none: the usual one and those about it.

    Parameters
    ----------
    previous
        The last map, of which the cells are taken over if both layers are among the `same`.
    laid
        Layers as they were prepared in this process.
    """
    if previous is not None and {TITLES, LAND} <= same and map_writer.copy_cells(con, previous):
        return
    pairs = snapshot_rows.read_pairs(con, TITLES, LAND)
    if pairs.empty:
        return
    titles = pd.concat(_named(con, CONCESSIONS, pairs["left_id"])).sort_values("id", ignore_index=True)
    points = points_of(pairs, inside(titles), partial(_points, con, COMMUNITIES))
    area = area_holding(points.to_numpy(), base_data.regions().geometry.to_numpy())
    if area is None:
        return
    covered = Covered(titles, _land(con, engine, laid, pairs["right_id"].drop_duplicates()), engine)
    area_km2 = area_in_km2(area)
    sizes = resolutions_about(usual_resolution(area_km2, events=len(pairs)), area_km2)
    cells = (cells_about(covered.ground, resolution=size) for size in sizes)
    rows = [
        pd.DataFrame({"cell": hectares.index, "footprint_ha": hectares.to_numpy(), "resolution": size})
        for size, hectares in zip(sizes, covered.hectares(*cells), strict=True)
    ]
    every = pd.concat(rows, ignore_index=True)
    map_writer.write_table(con, "cells", every.assign(layer=LAND, covered_by=TITLES))


def _land(con: Connection, engine: Engine, laid: Mapping[str, PreparedLayer], ids: pd.Series) -> Any:
    """Prepare the communities of some ids; here they were prepared for the overlaps, and lie as they were then."""
    if laid:
        land = laid[LAND].all
        return land.some(np.flatnonzero(land.among(ids)))
    return engine.prepare(pd.concat(_named(con, COMMUNITIES, ids)).sort_values("id", ignore_index=True))


def _points(con: Connection, layer: Layer, ids: pd.Series) -> gpd.GeoSeries:
    parts = [inside(part)(part["id"]) for part in _named(con, layer, ids)]
    return gpd.GeoSeries(pd.concat(parts)) if parts else gpd.GeoSeries()


def _named(con: Connection, layer: Layer, ids: pd.Series) -> Iterator[gpd.GeoDataFrame]:
    """Read features by id, so many at a time as there is room for: outlines of communities are long."""
    sizes = map_database.read_sizes(con, layer)
    return read_by_parts(con, layer, sizes[find(sizes["id"], ids) >= 0])
