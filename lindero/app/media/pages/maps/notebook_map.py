"""The map of a notebook, drawn by folium, with everything it needs inside it.

Opening the notebook sends no request: Leaflet is embedded, and the background is drawn from the embedded base data
instead of tiles.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
from branca.element import Element

from lindero.app.media.design import MAP_LIGHT, PRINT
from lindero.app.media.symbols import STYLES
from lindero.app.text.codes import class_label
from lindero.app.text.i18n import _
from lindero.layers.reference import base_data

if TYPE_CHECKING:
    import folium

COLOUR = "colour"
"""The column of a frame that says how each row is drawn; without it rows are drawn as the pages draw their layer."""

_LEAFLET = Path(__file__).parents[3] / "static" / "vendor" / "leaflet"
_ROOM = 0.5  # of the extent, around it
_LEAST_ROOM = 0.05  # degrees
_TOWNS = 14
_BETWEEN_TOWNS = 1 / 12  # of the view: the least distance between towns, so that names do not overlap
_SMALL = 4.0  # degrees: only smaller views have small rivers
_LARGE = 3  # last rank of a large river
_DIGITS = 5  # decimals of a degree: 1 m
_WATER, _LAND, _EDGE, _RIVER, _NAME = (MAP_LIGHT[name] for name in ("water", "land", "region", "river", "quiet-name"))


def folium_map(layers: Mapping[str, gpd.GeoDataFrame], *, attribution: str = "") -> "folium.Map":
    """Draw frames in OGC:CRS84 by the names of their layers, the first at the bottom.

    Rows are labelled by `name`, else by the first of `title`, `code` and `id` in the frame. `attribution` credits their
    sources.
    """
    import folium  # takes a second to load, and only pictures need it

    class SelfContainedMap(folium.Map):
        """A folium map that loads nothing from a server."""

        default_js = [("leaflet", _data_uri("leaflet.js", "text/javascript"))]  # noqa: RUF012
        default_css = [("leaflet_css", _data_uri("leaflet.css", "text/css"))]  # noqa: RUF012

        def __repr__(self) -> str:
            return f"<a map of {', '.join(layers)}>"

    canvas = SelfContainedMap(tiles=None, prefer_canvas=True, font_size="13px")
    figure: Any = canvas.get_root()
    figure.header.add_child(Element(f"<style>.leaflet-container.leaflet-container{{background:{_WATER}}}</style>"))
    located = {name: rows[rows.geometry.notna()] for name, rows in layers.items()}
    bounds = [rows.total_bounds for rows in located.values() if len(rows)]
    if bounds:
        (west, south), (east, north) = np.min(bounds, axis=0)[:2].tolist(), np.max(bounds, axis=0)[2:].tolist()
        _add_background(canvas, _expand_bounds(west, south, east, north))
        canvas.fit_bounds([[south, west], [north, east]])
    for name, rows in located.items():
        if len(rows):
            _build_layer(name, rows, escape(attribution)).add_to(canvas)
    folium.LayerControl(collapsed=False).add_to(canvas)
    return canvas


def _data_uri(name: str, type_: str) -> str:
    return f"data:{type_};base64,{b64encode((_LEAFLET / name).read_bytes()).decode()}"


def _expand_bounds(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    wide, high = (max(span * _ROOM, _LEAST_ROOM) for span in (east - west, north - south))
    return shapely.box(west - wide, south - high, east + wide, north + high)


def _build_layer(name: str, rows: gpd.GeoDataFrame, attribution: str) -> Any:
    import folium

    label_column = next((column for column in ("name", "title", "code", "id") if column in rows), None)
    shown = rows[[*([label_column] if label_column else []), "geometry"]].assign(**{COLOUR: _row_colours(name, rows)})
    return folium.GeoJson(
        _to_geojson(gpd.GeoDataFrame(shown, geometry="geometry", crs=rows.crs)),
        name=class_label(name) if any(style.layer == name for style in STYLES) else name.replace("_", " "),
        style_function=_feature_style,
        marker=folium.CircleMarker(radius=4, weight=1, fill=True),
        tooltip=folium.GeoJsonTooltip([label_column], labels=False) if label_column else None,
        attribution=attribution,
    )


def _feature_style(feature: dict[str, Any]) -> dict[str, object]:
    colour = feature["properties"][COLOUR]
    return {"color": colour, "fillColor": colour, "weight": 1, "fillOpacity": 0.35}


def _row_colours(name: str, rows: gpd.GeoDataFrame) -> list[str]:
    if COLOUR in rows:
        return [str(colour) for colour in rows[COLOUR]]
    styles = [style for style in STYLES if style.layer == name]
    attribute = next((style.by for style in styles if style.by in rows), "")
    if not attribute:
        return [styles[-1].color if styles else PRINT["other"]] * len(rows)
    colour_by_code = {style.code: style.color for style in styles}
    return [colour_by_code.get(code, PRINT["other"]) for code in rows[attribute]]


def _add_background(canvas: Any, view: shapely.Polygon) -> None:
    """Draw the visible regions, lakes and rivers, and the largest towns."""
    import folium

    lines: list[tuple[gpd.GeoDataFrame, dict[str, object]]] = [
        (
            base_data.load_ground(),
            {"color": _EDGE, "weight": 1, "fillColor": _LAND, "fillOpacity": 1},
        ),
        (base_data.load_lakes(), {"color": _WATER, "weight": 0, "fillColor": _WATER, "fillOpacity": 1}),
        (_visible_rivers(view), {"color": _RIVER, "weight": 1}),
    ]
    ground = folium.FeatureGroup(name=_("Basemap"), control=False)
    for rows, style in lines:
        clipped = gpd.clip(rows[["geometry"]], view)
        if len(clipped):
            background = _to_geojson(clipped.set_geometry(clipped.simplify(_view_span(view) / 2_000)))
            folium.GeoJson(
                background, style_function=_constant_style(style), interactive=False, attribution=base_data.CREDIT
            ).add_to(ground)
    for name, point in _find_towns(view):
        text = f'<div style="white-space:nowrap;font:11px sans-serif;color:{_NAME}">• {escape(name)}</div>'
        icon = folium.DivIcon(html=text, icon_size=(0, 0), icon_anchor=(3, 8))
        folium.Marker([point.y, point.x], icon=icon).add_to(ground)
    ground.add_to(canvas)


def _visible_rivers(view: shapely.Polygon) -> gpd.GeoDataFrame:
    rivers = base_data.load_rivers()
    return rivers if _view_span(view) < _SMALL else rivers[rivers["rank"] <= _LARGE]


def _find_towns(view: shapely.Polygon) -> list[tuple[str, shapely.Point]]:
    """Return the largest towns in view, except those too close to a larger one."""
    towns: list[tuple[str, shapely.Point]] = []
    places = base_data.load_places()
    inside = places[places.within(view)]
    for name, (x, y) in zip(inside["name"], shapely.get_coordinates(inside.geometry), strict=True):
        point = shapely.Point(x, y)
        if all(point.distance(town_point) > _view_span(view) * _BETWEEN_TOWNS for _name, town_point in towns):
            towns.append((str(name), point))
        if len(towns) == _TOWNS:
            break
    return towns


def _to_geojson(rows: gpd.GeoDataFrame) -> str:
    """Return rows as GeoJSON with coordinates rounded to about one metre."""
    shapes = shapely.transform(rows.geometry.to_numpy(), lambda positions: np.round(positions, _DIGITS))
    return str(rows.set_geometry(gpd.GeoSeries(shapes, index=rows.index, crs=rows.crs)).to_json())


def _constant_style(style: dict[str, object]) -> Callable[[object], dict[str, object]]:
    return lambda _feature: style


def _view_span(view: shapely.Polygon) -> float:
    west, south, east, north = view.bounds
    return float(max(east - west, north - south))
