"""The map on a page: a folium map with the background and the layers as vector tiles.

The script of the map stays the same from run to run, so that the browser keeps it. Changes are sent to the open map as
a `Choice`.
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

from lindero.app.answers.invented import short_mark
from lindero.app.media import design
from lindero.app.media.pages.current import map_layers, own_layers
from lindero.app.media.pages.current.selection import Choice, Filterable, Selection, parse_selection
from lindero.app.media.pages.maps import offline_folium
from lindero.app.media.pages.maps.offline_folium import ScriptElement
from lindero.app.media.symbols import STYLES
from lindero.app.text import i18n
from lindero.app.text.codes import class_label, translate_code
from lindero.app.text.escape import to_javascript
from lindero.app.text.i18n import _
from lindero.layers.database.map_database import Bounds
from lindero.layers.reference import base_data
from lindero.layers.tiles.tile_query import FIRST_FEATURE_ZOOM, LAST_ZOOM, TILE_LAYERS_BY_NAME

BASE_ZOOM = 8  # last zoom of the background map; closer in, its tiles are enlarged
RELIEF_ZOOMS = (3, 6, 7)  # first and last zoom of its tiles, last zoom at which it is drawn: closer in it is blurred
LATIN_AMERICA: Bounds = (-118.0, -56.0, -34.0, 33.0)
PAN_SHARE = 0.4  # of width and height: how far the map can be moved beyond its subject
NO_FILTER = Filterable()

__all__ = ["Choice", "Filterable", "Selection", "build_map", "current_selection", "show_map", "union_box"]


def build_map(
    bounds: Bounds | None,
    present: list[str],
    version: str,
    attribution: str,
    filterable: Filterable = NO_FILTER,
    *,
    last_zoom: int = LAST_ZOOM,
    limits: Bounds | None = None,
    is_counted: bool = True,
) -> folium.Map:
    """Build the map of a territory.

    `bounds`: the initial view: west, south, east and north in degrees. `limits`: the area within which the map can be
    moved, together with `bounds`: that of its country.
    """
    canvas = offline_folium.OfflineMap(max_zoom=17)
    settings = _map_settings(present, version, attribution, filterable, last_zoom) | {"is_counted": is_counted}
    initial_bounds = bounds or LATIN_AMERICA
    _Tiles({"bounds": initial_bounds, "limits": union_box(initial_bounds, limits or LATIN_AMERICA), **settings}).add_to(
        canvas
    )
    return canvas


def union_box(first: Bounds, second: Bounds) -> Bounds:
    """Return the bounding box of two boxes, with a margin."""
    west, south = min(first[0], second[0]), min(first[1], second[1])
    east, north = max(first[2], second[2]), max(first[3], second[3])
    across, up = (east - west) * PAN_SHARE, (north - south) * PAN_SHARE
    return west - across, max(south - up, -85.0), east + across, min(north + up, 85.0)


def show_map(
    canvas: folium.Map, choice: Choice, *, key: str, height: int = 500, on_press: Callable[[], None] | None = None
) -> Selection:
    """Show the map in the page."""
    offline_folium.check_assets(canvas)
    group = folium.FeatureGroup()
    group.add_child(_ChoiceElement(choice))
    answer = st_folium(
        canvas,
        height=height,
        use_container_width=True,
        key=key,
        returned_objects=["last_clicked", "last_active_drawing"],
        feature_group_to_add=group,
        on_change=lambda: _handle_press(key, on_press),
    )
    return parse_selection(answer)


def current_selection(key: str) -> Selection:
    """Return the reader's choices on the map `key`, before the map is drawn in this run."""
    return parse_selection(st.session_state.get(key))


def _handle_press(key: str, on_press: Callable[[], None] | None) -> None:
    """Call `on_press` if the map was pressed. Changes of the filter cause the same event and are ignored."""
    point = current_selection(key).point
    if point != st.session_state.get(f"{key}-pressed") and on_press is not None:
        on_press()
    st.session_state[f"{key}-pressed"] = point


def _map_settings(
    present: list[str], version: str, attribution: str, filterable: Filterable, last_zoom: int
) -> dict[str, object]:
    styles = [
        {
            **asdict(style),
            "colors": design.colour_by_display(style.color),
            "label": class_label(style.code),
            "dated": TILE_LAYERS_BY_NAME[style.layer].is_dated,
        }
        for style in STYLES
        if style.code in present
    ]
    return {
        "language": i18n.current_language(),
        "design": design.design_css(),
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
        "backgrounds": [
            _background_settings(background) for background in own_layers.BACKGROUNDS.load_current().values()
        ],
        "layers": {
            "url": f"../../tiles/map/{{z}}/{{x}}/{{y}}?{version}",
            "max_zoom": last_zoom,
            "attribution": escape(attribution),  # Leaflet writes it as HTML
        },
        "last_count_zoom": FIRST_FEATURE_ZOOM,  # tiles are drawn at twice their size, so one zoom further in
        "styles": styles,
        "filter": {
            "statuses": [{"code": code, "label": translate_code(code)} for code in filterable.statuses],
            "years": filterable.years,
        },
        "words": _interface_texts(is_invented=bool(present) and map_layers.has_invented_data()),
    }


def _interface_texts(*, is_invented: bool) -> dict[str, str]:
    """Return the texts of the map's script in the reader's language."""
    return {
        "map": _("Map. Everything on it is also in the lists of this page."),
        "legend": " · ".join([_("On the map"), *([short_mark()] if is_invented else [])]),
        "counts": _("At this zoom, the map counts records: the stronger the colour of a square, the more records."),
        "closer": _("Zoom in to see these on the map as well."),
        "pale": _("When you zoom out, concessions are pale lines; zoom in to see their colours."),
        "filter": _("Show only"),
        "state": _("Status of the concession"),
        "year": _("Year"),
        "from": _("from"),
        "to": _("to"),
        "undated": _("include records without a year"),
        "more": _("There are more: see the list."),
        "locate": _("Where am I?"),
        "not_located": _("Your device did not give its location."),
        "missing": _("Part of the map could not be loaded and is empty. Check that Lindero is still running."),
        "two_fingers": _("Use two fingers to move the map."),
        "wheel": _("Click the map, then use the wheel to zoom in."),
        "sources": _("Sources of the data"),
        "background": _("Basemap"),
        "embedded": _("Lindero's own"),
        "zoom_in": _("Zoom in"),
        "zoom_out": _("Zoom out"),
    }


def _background_settings(background: own_layers.OwnBackground) -> dict[str, object]:
    about = background.tiles.about
    return {
        "id": background.entry.id,
        "title": background.entry.title,
        "is_raster": about.is_raster,
        "url": f"../../tiles/own/{background.entry.id}/{{z}}/{{x}}/{{y}}",
        "min_zoom": about.first_zoom,
        "max_zoom": about.last_zoom,
        "bounds": about.bounds,
        "attribution": background.entry.attribution,
        "credit": escape(background.entry.attribution),  # escaped, because Leaflet writes it as HTML
    }


class _Tiles(JSCSSMixin, Layer, ScriptElement):
    """The only layer of the map: background, features, legend, popups. Drawn by app/static/map.js."""

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
        self.settings = to_javascript(settings)


class _ChoiceElement(ScriptElement):
    """An element that sends a choice to the open map.

    Earlier choices are cleared, because the component accumulates them.
    """

    _template = Template(
        "{% macro script(this, kwargs) %}window.feature_group = []; lindero.choose({{ this.choice }});{% endmacro %}"
    )

    def __init__(self, choice: Choice) -> None:
        super().__init__()
        self._name = "Chosen"
        self.choice = to_javascript(asdict(choice))
