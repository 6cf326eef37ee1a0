"""
folium without requests to other machines.

folium loads Leaflet and every plugin from content delivery networks: without network the map stays blank without a
word, and with it strangers learn who looks. Here maps load only what is vendored under `app/static`, and a map that
would load anything else is refused.
"""

from collections.abc import Iterator
from typing import Any

import folium
from branca.element import Element

# Relative to the page of the map component, so that a base path in front of the server does no harm.
ASSETS = "../../assets/"


class ForeignAssetError(RuntimeError):
    """Part of a map loads files that are not vendored; a fault of the program."""


class OfflineMap(folium.Map):
    """A folium map whose scripts and styles come from this server."""

    default_js = [("leaflet", f"{ASSETS}vendor/leaflet/leaflet.js")]  # noqa: RUF012  folium's own form
    default_css = [("leaflet_css", f"{ASSETS}vendor/leaflet/leaflet.css")]  # noqa: RUF012

    def __init__(self, **options: Any) -> None:
        super().__init__(tiles=None, prefer_canvas=True, zoom_control=False, **options)
        self._name = "Map"  # streamlit-folium finds the map's variable by it


def check(canvas: Element) -> None:
    """
    Hold that a map loads nothing that is not vendored.

    Raises
    ------
    ForeignAssetError
        If it would; the message names each part and what it loads.
    """
    foreign = [
        f"{type(part).__name__} loads {address}"
        for part in _parts(canvas)
        for _, address in [*getattr(part, "default_js", []), *getattr(part, "default_css", [])]
        if not address.startswith(ASSETS)
    ]
    foreign += [f"{type(part).__name__} loads d3" for part in _parts(canvas) if "colormap" in type(part).__module__]
    foreign += [f"{type(part).__name__} loads tiles" for part in _parts(canvas) if isinstance(part, folium.TileLayer)]
    if foreign:
        raise ForeignAssetError("; ".join(foreign) + ": vendor it under app/static first")


def _parts(element: Element) -> Iterator[Element]:
    yield element
    for child in element._children.values():  # noqa: SLF001  branca has no public way to walk
        yield from _parts(child)
