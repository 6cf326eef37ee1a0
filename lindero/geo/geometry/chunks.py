"""Splitting of layers into chunks of consecutive features that fit in memory."""

import numpy as np
import shapely

from lindero.geo.geometry.projection import Geometries, Ints
from lindero.machine.threads import split_by_weight

FEATURES = 100_000  # maximum features in a chunk
VERTICES = 2_000_000  # approximate maximum vertices in a chunk; processing takes some hundred bytes per vertex


def split_by_vertices(vertex_counts: Ints) -> list[slice]:
    """
    Split consecutive features into slices that can be processed in memory.

    Parameters
    ----------
    vertex_counts : array, (n,)
        The number of vertices of each feature.

    Returns
    -------
    list of slice
        Slices of at most 100,000 features and about 2,000,000 vertices.

    Examples
    --------
    >>> import numpy as np
    >>> parts = split_by_vertices(np.array([1_500_000, 1_000_000, 10]))
    >>> [(int(part.start), int(part.stop)) for part in parts]
    [(0, 1), (1, 3)]
    """
    return split_by_weight(vertex_counts, max_features=FEATURES, max_weight=VERTICES)


def split_geometries(shapes: Geometries) -> list[slice]:
    """
    Split an array of geometries into slices that can be processed in memory.

    Parameters
    ----------
    shapes : array, (n,)
        Geometries; missing ones (None) are allowed.

    Returns
    -------
    list of slice
        At least one slice, which may be empty.

    Examples
    --------
    >>> import numpy as np
    >>> from shapely import Point
    >>> parts = split_geometries(np.array([Point(0, 0), None, Point(1, 1)]))
    >>> [(int(part.start), int(part.stop)) for part in parts]
    [(0, 3)]
    >>> split_geometries(np.array([], dtype=object))
    [slice(0, 0, None)]
    """
    return split_by_vertices(np.asarray(shapely.get_num_coordinates(shapes), dtype=np.int64)) or [slice(0, 0)]
