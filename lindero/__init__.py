"""A map of territory and environmental conflict that people run themselves.

`lindero.open` opens a map for queries. `lindero.geo` has geometry and statistics on any frames, `lindero.layers` files
and the database, `lindero.app` commands and pages.
"""

from importlib import import_module

__all__ = ["open"]


def __getattr__(name: str) -> object:
    if name == "open":  # what answers a map takes a second to load, which who wants geometry alone need not wait for
        return import_module("lindero.app.library").open_map
    raise AttributeError(name)
