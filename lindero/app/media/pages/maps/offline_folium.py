"""folium without requests to other machines.

folium loads Leaflet and all plugins from content delivery networks. Without network the map then stays blank, and with
it third parties learn who looks. Here maps load only the files vendored under `app/static`, and other maps are refused.
"""

from collections.abc import Iterator
from typing import Any

import folium
from branca.element import Element, MacroElement

from lindero.app.media.text.assets import PREFIX

# Relative to the page of the map component, so that it works behind a server with a base path.
ASSETS = f"../..{PREFIX}"
LEAFLET_JS = [("leaflet", f"{ASSETS}vendor/leaflet/leaflet.js")]
TILES_JS = [
    ("protomaps", f"{ASSETS}vendor/protomaps-leaflet/protomaps-leaflet.js"),
    ("lindero_rules", f"{ASSETS}rules.js"),
    ("lindero_controls", f"{ASSETS}controls.js"),
    ("lindero", f"{ASSETS}map.js"),
]


class ForeignAssetError(RuntimeError):
    """A program error: part of a map loads files that are not vendored."""


class OfflineMap(folium.Map):
    """A folium map with scripts and styles from this server."""

    default_js = LEAFLET_JS
    default_css = [("leaflet_css", f"{ASSETS}vendor/leaflet/leaflet.css")]  # noqa: RUF012

    def __init__(self, **options: Any) -> None:
        super().__init__(tiles=None, prefer_canvas=True, zoom_control=False, font_size="13px", **options)
        self._name = "Map"  # streamlit-folium finds the map's variable by this name


class ScriptElement(MacroElement):
    """A map element with a script that the component requests and that is not written into folium's page.

    folium parses that page as a template. For a map with its areas, texts and colors, this takes longer than drawing
    it, and nobody receives that page.
    """

    def render(self, **kwargs: object) -> str:
        """Return an empty string, and render the children so that they register their assets."""
        for child in self._children.values():
            child.render(**kwargs)
        return ""


def check_assets(canvas: Element) -> None:
    """Check that a map loads only vendored files."""
    foreign = [
        f"{type(part).__name__} loads {address}"
        for part in _iter_parts(canvas)
        for _, address in [*getattr(part, "default_js", []), *getattr(part, "default_css", [])]
        if not address.startswith(ASSETS)
    ]
    foreign += [
        f"{type(part).__name__} loads d3" for part in _iter_parts(canvas) if "colormap" in type(part).__module__
    ]
    foreign += [
        f"{type(part).__name__} loads tiles" for part in _iter_parts(canvas) if isinstance(part, folium.TileLayer)
    ]
    if foreign:
        raise ForeignAssetError("; ".join(foreign) + ": vendor it under app/static first")


def _iter_parts(element: Element) -> Iterator[Element]:
    yield element
    for child in element._children.values():  # noqa: SLF001  branca has no public way to walk
        yield from _iter_parts(child)
