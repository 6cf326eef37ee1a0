"""Functions compiled by numba. Each has an equivalent in shapely, to which the tests compare it."""
