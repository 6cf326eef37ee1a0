"""
What processes that tests fork would each do anew, done before they are: kernels compiled, Arrow's readers, ground read.

To take one kernel from the disk loads all of numba (0.4 seconds), and the countries' outlines a reader of Parquet.
What a process does that begins anew is held by tests/geo/kernels/test_first_use.py and tests/whole/test_starting.py.
"""

from importlib import import_module

from lindero.geo import first_use
from lindero.layers.reference import base_data


def load() -> None:
    """Compile the kernels, and read the outlines of countries and regions."""
    import_module("pyarrow.dataset")
    first_use.main()
    base_data.countries()
    base_data.regions()
