"""
A map of territory and environmental conflict that people run themselves.

`lindero.open` opens a map to ask it. `lindero.geo` is geometry and statistics of any frames, `lindero.layers` files and
the database, `lindero.app` commands and pages.
"""

from importlib import import_module
from pathlib import Path

__all__ = ["open"]

_ABOVE = Path(__file__).parents[1]
if (_ABOVE / "pyproject.toml").is_file():  # a clone: the folders app, geo and layers lie beside this one
    __path__.append(str(_ABOVE))


def __getattr__(name: str) -> object:
    if name == "open":  # what answers a map takes a second to load, which who wants geometry alone need not wait for
        return import_module("lindero.app.library").open_map
    raise AttributeError(name)
