"""The extent of an event that is known by its district or province, if the map has the district or province."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import shapely

from lindero.layers.database.queries import record_queries, row_values
from lindero.layers.model.schema import REGIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shapely.geometry.base import BaseGeometry

    from lindero.layers.database.map_database import Bounds, Connection
    from lindero.layers.database.queries.record_queries import ExtentCandidate


class Extent(NamedTuple):
    """The district or province that an event is known by: its name, and its outline in degrees."""

    name: str
    shape: shapely.Geometry


def read_extents(con: Connection, bounds: Bounds | None = None) -> dict[str, Extent]:
    """Return the extent of each event known by a district or province of the layer `regions`, by the event's id.

    With `bounds`, only events that may have happened in this box are read.
    """
    candidates = record_queries.find_extent_candidates(con, bounds)
    region_ids = sorted({candidate.region_id for candidate in candidates})
    read = row_values.read_shapes_by_id(con, REGIONS, region_ids)
    shapes = {id_: shape for id_, shape in read.items() if shape is not None}
    by_event = groupby(candidates, lambda candidate: candidate.id)
    chosen = {id_: _choose_candidate(list(group), shapes) for id_, group in by_event}
    return {id_: Extent(region.name, shapes[region.region_id]) for id_, region in chosen.items() if region is not None}


def _choose_candidate(
    candidates: Iterable[ExtentCandidate], shapes: Mapping[str, BaseGeometry]
) -> ExtentCandidate | None:
    """Return the region of the event's name and parent region; else the one of its name, or any, around its point."""
    named = [candidate for candidate in candidates if candidate.is_named] or list(candidates)
    in_parent = [candidate for candidate in named if candidate.is_named and candidate.is_in_parent]
    if len(in_parent) == 1:
        return in_parent[0]
    point = shapely.point_on_surface(shapely.from_wkb(named[0].shape))
    regions = in_parent or named
    return next((region for region in regions if shapely.intersects(shapes[region.region_id], point)), None)
