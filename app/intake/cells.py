"""The step of a build that measures, by cell, what titles cover of community land: what its hotspots are made from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from app.intake.laying import Engine, Here
from app.intake.titles_on_land import Covered, points_of
from geo import Ground
from geo.cells import area_holding, area_in_km2, cells_about, resolutions_about, usual_resolution
from layers import base, making, questions, store
from layers.schema import COMMUNITIES, CONCESSIONS
from layers.store import Connection

TITLES, LAND = CONCESSIONS.name, COMMUNITIES.name


def add_cells(
    con: Connection, previous: Path | None, engine: Engine[Any], laid: Mapping[str, Ground], *, same: frozenset[str]
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
    if previous is not None and {TITLES, LAND} <= same and making.copy_cells(con, previous):
        return
    pairs = questions.pairs(con, TITLES, LAND)
    titles, land = store.read_layer(con, CONCESSIONS), store.read_layer(con, COMMUNITIES)
    titles = titles[titles["id"].isin(pairs["left_id"].unique())]
    land = land[land["id"].isin(pairs["right_id"].unique())]
    area = area_holding(points_of(pairs, titles, land).to_numpy(), base.regions().geometry.to_numpy())
    if area is None:
        return
    prepared = engine.known(land, laid[LAND]) if isinstance(engine, Here) else engine.prepare(land)
    covered = Covered(titles, prepared, engine)
    area_km2 = area_in_km2(area)
    sizes = resolutions_about(usual_resolution(area_km2, events=len(pairs)), area_km2)
    cells = (cells_about(covered.ground, resolution=size) for size in sizes)
    for size, hectares in zip(sizes, covered.hectares(*cells), strict=True):
        rows = pd.DataFrame({"cell": hectares.index, "footprint_ha": hectares.to_numpy()})
        making.write_table(con, "cells", rows.assign(layer=LAND, covered_by=TITLES, resolution=size))
