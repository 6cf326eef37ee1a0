"""
folium without requests to other machines.

folium loads Leaflet and every plugin from content delivery networks: without network the map stays blank without a
word, and with it strangers learn who looks. Here maps load only what is vendored under `app/static`, and a map that
would load anything else is refused.
"""

from collections.abc import Iterator
from typing import Any

import folium
from branca.element import Element, MacroElement

from lindero.app.renderers.assets import PREFIX

# Relative to the page of the map component, so that a base path in front of the server does no harm.
ASSETS = f"../..{PREFIX}"
LEAFLET_JS = [("leaflet", f"{ASSETS}vendor/leaflet/leaflet.js")]
TILES_JS = [
    ("protomaps", f"{ASSETS}vendor/protomaps-leaflet/protomaps-leaflet.js"),
    ("lindero_rules", f"{ASSETS}rules.js"),
    ("lindero_controls", f"{ASSETS}controls.js"),
    ("lindero", f"{ASSETS}map.js"),
]


class ForeignAssetError(RuntimeError):
    """Part of a map loads files that are not vendored; a fault of the program."""


class OfflineMap(folium.Map):
    """A folium map whose scripts and styles come from this server."""

    default_js = LEAFLET_JS
    default_css = [("leaflet_css", f"{ASSETS}vendor/leaflet/leaflet.css")]  # noqa: RUF012

    def __init__(self, **options: Any) -> None:
        super().__init__(tiles=None, prefer_canvas=True, zoom_control=False, font_size="13px", **options)
        self._name = "Map"  # streamlit-folium finds the map's variable by it


class Asked(MacroElement):
    """
    A part whose script the component asks of it, and which writes none into folium's page.

    folium reads all that stands there as a template: of a map with its areas, words and colours that takes longer than
    to draw it, and nobody is given that page.
    """

    def render(self, **kwargs: object) -> str:
        """Write nothing of its own, and have its parts say what they load."""
        for child in self._children.values():
            child.render(**kwargs)
        return ""


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
