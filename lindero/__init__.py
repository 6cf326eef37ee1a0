"""
A map of territory and environmental conflict that people run themselves.

`lindero.open` opens a map to ask it. `lindero.geo` is geometry and statistics of any frames, `lindero.layers` files and
the database, `lindero.app` commands and pages.
"""

from importlib import import_module
from pathlib import Path

__all__ = ["on_demand", "open"]

_ABOVE = Path(__file__).parents[1]
if (_ABOVE / "pyproject.toml").is_file():  # a clone: the folders app, geo and layers lie beside this one
    __path__.append(str(_ABOVE))


def __getattr__(name: str) -> object:
    if name == "open":  # what answers a map takes a second to load, which who wants geometry alone need not wait for
        return import_module("lindero.app.library").open_map
    raise AttributeError(name)


class _OnDemand:
    """Stands for a library until somebody takes something of it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> object:
        value: object = getattr(import_module(self._name), name)
        setattr(self, name, value)  # the next time it is at hand
        return value


def on_demand(name: str) -> _OnDemand:
    """
    Give a library that is loaded when something of it is first asked for.

    For libraries of frames, which take longer to load than a small question takes to answer: what names them in
    signatures, or uses them in one function of several, loads them so.
    """
    return _OnDemand(name)
