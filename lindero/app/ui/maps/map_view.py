"""
The map on a page: folium's, with the background and the layers as vector tiles.

The script of the map stays the same from run to run, so that the browser keeps it; what is to be seen is sent to the
living map by `Choice`.
"""

from collections.abc import Callable
from dataclasses import asdict
from html import escape

import folium
import streamlit as st
from folium.elements import JSCSSMixin
from folium.map import Layer
from folium.template import Template
from streamlit_folium import st_folium

from lindero.app.current import own_layers
from lindero.app.current.selection import Choice, Filterable, Selection, selection
from lindero.app.output import design
from lindero.app.output.symbols import STYLES, label
from lindero.app.text import i18n
from lindero.app.text.codes import word
from lindero.app.text.escape import script
from lindero.app.text.i18n import _
from lindero.app.ui.maps import offline_folium
from lindero.app.ui.maps.offline_folium import Asked
from lindero.layers.database.map_database import Bounds
from lindero.layers.reference import base_data
from lindero.layers.tiles.tile_query import FIRST_FEATURE_ZOOM, LAST_ZOOM, TILE_LAYER_OF

BASE_ZOOM = 8  # the background map's last; closer, its tiles are enlarged
RELIEF_ZOOMS = (3, 6, 7)  # of its tiles the first and the last; the last at which it is drawn: closer it is a blot
LATIN_AMERICA: Bounds = (-118.0, -56.0, -34.0, 33.0)
BEYOND = 0.4  # of the longer way: so far beyond what a map is about it can be moved
EVERYTHING = Filterable()

__all__ = ["Choice", "Filterable", "Selection", "chosen", "show", "territory", "union_box"]


def territory(
    bounds: Bounds | None,
    present: list[str],
    version: str,
    attribution: str,
    filterable: Filterable = EVERYTHING,
    *,
    last_zoom: int = LAST_ZOOM,
    limits: Bounds | None = None,
    is_counted: bool = True,
) -> folium.Map:
    """
    Make the map of a territory.

    Parameters
    ----------
    bounds
        What to show at first: west, south, east and north in degrees.
    present
        Codes of the classes that there are, for the legend.
    version
        Name of the map: another one makes the browser draw anew.
    attribution
        Whose data it is.
    filterable
        What readers may choose to see by.
    last_zoom
        Of the tiles: closer in the browser enlarges those.
    limits
        How far out the map can be moved, together with `bounds`: of the country that it is about.
    is_counted
        Whether the map counts records where they would fall on one another; not under areas that are what it is about.
    """
    canvas = offline_folium.OfflineMap(max_zoom=17)
    settings = _settings(present, version, attribution, filterable, last_zoom) | {"is_counted": is_counted}
    shown = bounds or LATIN_AMERICA
    _Tiles({"bounds": shown, "limits": union_box(shown, limits or LATIN_AMERICA), **settings}).add_to(canvas)
    return canvas


def union_box(one: Bounds, other: Bounds) -> Bounds:
    """Give the box around two boxes, with room beyond it."""
    west, south = min(one[0], other[0]), min(one[1], other[1])
    east, north = max(one[2], other[2]), max(one[3], other[3])
    across, up = (east - west) * BEYOND, (north - south) * BEYOND
    return west - across, max(south - up, -85.0), east + across, min(north + up, 85.0)


def show(
    canvas: folium.Map, choice: Choice, *, key: str, height: int = 500, on_press: Callable[[], None] | None = None
) -> Selection:
    """
    Draw the map in the page.

    Parameters
    ----------
    choice
        What the page has chosen: reaches the living map, which is not drawn anew for it.
    on_press
        Called before the page runs again because the map was pressed; not when its filter was changed.

    Returns
    -------
    Selection
        What the reader has chosen on the map. A page that filters by it belongs in a fragment: the map's filter and
        every press run the fragment again.
    """
    offline_folium.check(canvas)
    sent = folium.FeatureGroup()
    sent.add_child(_Chosen(choice))
    answer = st_folium(
        canvas,
        height=height,
        use_container_width=True,
        key=key,
        returned_objects=["last_clicked", "last_active_drawing"],
        feature_group_to_add=sent,
        on_change=lambda: _note_press(key, on_press),
    )
    return selection(answer)


def chosen(key: str) -> Selection:
    """Give what the reader has chosen on the map `key`, before the map is drawn in this run."""
    return selection(st.session_state.get(key))


def _note_press(key: str, on_press: Callable[[], None] | None) -> None:
    """Tell presses from changes of the filter, which come by the same way."""
    point = chosen(key).point
    if point != st.session_state.get(f"{key}-pressed") and on_press is not None:
        on_press()
    st.session_state[f"{key}-pressed"] = point


def _settings(
    present: list[str], version: str, attribution: str, filterable: Filterable, last_zoom: int
) -> dict[str, object]:
    styles = [
        {
            **asdict(style),
            "colors": design.in_each_light(style.color),
            "label": label(style.code),
            "dated": TILE_LAYER_OF[style.layer].is_dated,
        }
        for style in STYLES
        if style.code in present
    ]
    return {
        "language": i18n.current(),
        "design": design.properties(),
        "ground": {
            "url": "../../tiles/base/{z}/{x}/{y}",
            "max_zoom": BASE_ZOOM,
            "attribution": base_data.CREDIT,
        },
        "relief": {
            "url": "../../tiles/relief/{z}/{x}/{y}",
            "first_zoom": RELIEF_ZOOMS[0],
            "max_zoom": RELIEF_ZOOMS[1],
            "last_zoom": RELIEF_ZOOMS[2],
            "attribution": "shadedrelief.com",
        },
        "backgrounds": [_background(one) for one in own_layers.BACKGROUNDS.current().values()],
        "layers": {
            "url": f"../../tiles/map/{{z}}/{{x}}/{{y}}?{version}",
            "max_zoom": last_zoom,
            "attribution": escape(attribution),  # Leaflet writes it as HTML
        },
        "last_count_zoom": FIRST_FEATURE_ZOOM,  # tiles are drawn at twice their size: one zoom further in
        "styles": styles,
        "filter": {
            "statuses": [{"code": code, "label": word(code)} for code in filterable.statuses],
            "years": filterable.years,
        },
        "words": _words(),
    }


def _words() -> dict[str, str]:
    """Give what the map's script writes, in the reader's language."""
    return {
        "map": _("Map. Everything on it is also in the lists of this page."),
        "legend": _("On the map"),
        "counts": _("So far out, the map counts records: the stronger the colour of a square, the more of them."),
        "closer": _("Closer in, the map shows these, too."),
        "pale": _("Far out, concessions are pale lines; closer in, they have their colours."),
        "filter": _("Show only"),
        "state": _("State of the concession"),
        "year": _("Year"),
        "from": _("from"),
        "to": _("to"),
        "undated": _("also without a year"),
        "more": _("There are more: see the list."),
        "locate": _("Where am I?"),
        "not_located": _("This device does not say where it is."),
        "missing": _("Part of the map could not be loaded, and is empty for that. Is Lindero still running?"),
        "two_fingers": _("Two fingers move the map."),
        "wheel": _("Press the map, and the wheel brings it closer."),
        "sources": _("Whose data this is"),
        "background": _("Background"),
        "embedded": _("The one of Lindero"),
        "zoom_in": _("Closer"),
        "zoom_out": _("Farther"),
    }


def _background(own: own_layers.OwnBackground) -> dict[str, object]:
    about = own.tiles.about
    return {
        "id": own.entry.id,
        "title": own.entry.title,
        "is_raster": about.is_raster,
        "url": f"../../tiles/own/{own.entry.id}/{{z}}/{{x}}/{{y}}",
        "min_zoom": about.first_zoom,
        "max_zoom": about.last_zoom,
        "bounds": about.bounds,
        "attribution": own.entry.attribution,
        "credit": escape(own.entry.attribution),  # the same for Leaflet, which writes it as HTML
    }


class _Tiles(JSCSSMixin, Layer, Asked):
    """The one layer of the map: background, features, legend, popups. Drawn by app/static/map.js."""

    default_js = offline_folium.TILES_JS
    default_css = [("lindero_css", f"{offline_folium.ASSETS}map.css")]  # noqa: RUF012
    _template = Template("""
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = lindero.show({{ this._parent.get_name() }}, {{ this.settings }});
        {% endmacro %}
    """)

    def __init__(self, settings: dict[str, object]) -> None:
        super().__init__(name="tiles", overlay=True, control=False)
        self._name = "Tiles"
        self.settings = script(settings)


class _Chosen(Asked):
    """Sends a choice to the living map; the component would otherwise pile up what it was sent before."""

    _template = Template(
        "{% macro script(this, kwargs) %}window.feature_group = []; lindero.choose({{ this.choice }});{% endmacro %}"
    )

    def __init__(self, choice: Choice) -> None:
        super().__init__()
        self._name = "Chosen"
        self.choice = script(asdict(choice))
