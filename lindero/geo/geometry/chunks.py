"""Splitting of layers into chunks of consecutive features that fit in memory."""

import numpy as np
import shapely

from lindero.geo.geometry.projection import Geometries, Ints
from lindero.machine.threads import split_by_weight

FEATURES = 100_000  # maximum features in a chunk
VERTICES = 2_000_000  # approximate maximum vertices in a chunk; processing takes some hundred bytes per vertex


def split_by_vertices(vertex_counts: Ints) -> list[slice]:
    """Split consecutive features into slices that can be processed in memory.

    Returns: slices of at most 100,000 features and about 2,000,000 vertices.
    """
    return split_by_weight(vertex_counts, max_features=FEATURES, max_weight=VERTICES)


def split_geometries(shapes: Geometries) -> list[slice]:
    """Split an array of geometries into slices that can be processed in memory."""
    return split_by_vertices(np.asarray(shapely.get_num_coordinates(shapes), dtype=np.int64)) or [slice(0, 0)]
