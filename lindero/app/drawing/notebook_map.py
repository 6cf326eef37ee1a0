"""
A map in a notebook: folium's, with all that it needs inside it.

Whoever opens the notebook asks no server for anything: Leaflet stands in it, and so does the background, which is drawn
from the embedded base data instead of tiles.
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

from lindero.app.output.design import MAP_LIGHT, PRINT
from lindero.app.output.symbols import STYLES, label
from lindero.app.text.i18n import _
from lindero.layers.reference import base_data

if TYPE_CHECKING:
    import folium

COLOUR = "colour"
"""The column of a frame that says how each row is drawn; without it rows are drawn as the pages draw their layer."""

_LEAFLET = Path(__file__).parents[1] / "static" / "vendor" / "leaflet"
_ROOM = 0.5  # of the extent, around it
_LEAST_ROOM = 0.05  # degrees
_TOWNS = 14
_BETWEEN_TOWNS = 1 / 12  # of the view, so that no name lies on another
_SMALL = 4.0  # degrees of a view in which small rivers are drawn, too
_LARGE = 3  # the least rank of a large river
_DIGITS = 5  # of degrees: a metre
_WATER, _LAND, _EDGE, _RIVER, _NAME = (MAP_LIGHT[name] for name in ("water", "land", "region", "river", "quiet-name"))


def folium_map(layers: Mapping[str, gpd.GeoDataFrame], *, attribution: str = "") -> "folium.Map":
    """
    Draw frames in OGC:CRS84 by the names of their layers, the first below.

    Rows are named by `name`, or what the frame has in its place. `attribution` says whose they are.
    """
    import folium  # a second that only a picture costs

    class Whole(folium.Map):
        """A map that loads nothing."""

        default_js = [("leaflet", _inside("leaflet.js", "text/javascript"))]  # noqa: RUF012
        default_css = [("leaflet_css", _inside("leaflet.css", "text/css"))]  # noqa: RUF012

        def __repr__(self) -> str:
            return f"<a map of {', '.join(layers)}>"

    canvas = Whole(tiles=None, prefer_canvas=True, font_size="13px")
    figure: Any = canvas.get_root()
    figure.header.add_child(Element(f"<style>.leaflet-container.leaflet-container{{background:{_WATER}}}</style>"))
    placed = {name: rows[rows.geometry.notna()] for name, rows in layers.items()}
    bounds = [rows.total_bounds for rows in placed.values() if len(rows)]
    if bounds:
        (west, south), (east, north) = np.min(bounds, axis=0)[:2].tolist(), np.max(bounds, axis=0)[2:].tolist()
        _ground(canvas, _around(west, south, east, north))
        canvas.fit_bounds([[south, west], [north, east]])
    for name, rows in placed.items():
        if len(rows):
            _layer(name, rows, escape(attribution)).add_to(canvas)
    folium.LayerControl(collapsed=False).add_to(canvas)
    return canvas


def _inside(name: str, type_: str) -> str:
    return f"data:{type_};base64,{b64encode((_LEAFLET / name).read_bytes()).decode()}"


def _around(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    wide, high = (max(span * _ROOM, _LEAST_ROOM) for span in (east - west, north - south))
    return shapely.box(west - wide, south - high, east + wide, north + high)


def _layer(name: str, rows: gpd.GeoDataFrame, attribution: str) -> Any:
    import folium

    label_column = next((column for column in ("name", "title", "code", "id") if column in rows), None)
    shown = rows[[*([label_column] if label_column else []), "geometry"]].assign(**{COLOUR: _colours(name, rows)})
    return folium.GeoJson(
        _light(gpd.GeoDataFrame(shown, geometry="geometry", crs=rows.crs)),
        name=label(name) if any(style.layer == name for style in STYLES) else name.replace("_", " "),
        style_function=_as_coloured,
        marker=folium.CircleMarker(radius=4, weight=1, fill=True),
        tooltip=folium.GeoJsonTooltip([label_column], labels=False) if label_column else None,
        attribution=attribution,
    )


def _as_coloured(feature: dict[str, Any]) -> dict[str, object]:
    colour = feature["properties"][COLOUR]
    return {"color": colour, "fillColor": colour, "weight": 1, "fillOpacity": 0.35}


def _colours(name: str, rows: gpd.GeoDataFrame) -> list[str]:
    if COLOUR in rows:
        return [str(colour) for colour in rows[COLOUR]]
    styles = [style for style in STYLES if style.layer == name]
    by = next((style.by for style in styles if style.by in rows), "")
    if not by:
        return [styles[-1].color if styles else PRINT["other"]] * len(rows)
    of_code = {style.code: style.color for style in styles}
    return [of_code.get(code, PRINT["other"]) for code in rows[by]]


def _ground(canvas: Any, view: shapely.Polygon) -> None:
    """Draw what lies in view of regions, lakes, rivers and the largest towns."""
    import folium

    lines: list[tuple[gpd.GeoDataFrame, dict[str, object]]] = [
        (
            base_data.regions(),
            {"color": _EDGE, "weight": 1, "fillColor": _LAND, "fillOpacity": 1},
        ),
        (base_data.lakes(), {"color": _WATER, "weight": 0, "fillColor": _WATER, "fillOpacity": 1}),
        (_rivers(view), {"color": _RIVER, "weight": 1}),
    ]
    ground = folium.FeatureGroup(name=_("Background"), control=False)
    for rows, style in lines:
        cut = gpd.clip(rows[["geometry"]], view)
        if len(cut):
            background = _light(cut.set_geometry(cut.simplify(_span(view) / 2_000)))
            folium.GeoJson(
                background, style_function=_as(style), interactive=False, attribution=base_data.CREDIT
            ).add_to(ground)
    for name, at in _towns(view):
        text = f'<div style="white-space:nowrap;font:11px sans-serif;color:{_NAME}">• {escape(name)}</div>'
        icon = folium.DivIcon(html=text, icon_size=(0, 0), icon_anchor=(3, 8))
        folium.Marker([at.y, at.x], icon=icon).add_to(ground)
    ground.add_to(canvas)


def _rivers(view: shapely.Polygon) -> gpd.GeoDataFrame:
    rivers = base_data.rivers()
    return rivers if _span(view) < _SMALL else rivers[rivers["rank"] <= _LARGE]


def _towns(view: shapely.Polygon) -> list[tuple[str, shapely.Point]]:
    """Give the largest towns in view that do not lie too close to a larger one."""
    found: list[tuple[str, shapely.Point]] = []
    every = base_data.places()
    inside = every[every.within(view)]
    for name, (x, y) in zip(inside["name"], shapely.get_coordinates(inside.geometry), strict=True):
        at = shapely.Point(x, y)
        if all(at.distance(other) > _span(view) * _BETWEEN_TOWNS for _name, other in found):
            found.append((str(name), at))
        if len(found) == _TOWNS:
            break
    return found


def _light(rows: gpd.GeoDataFrame) -> str:
    """Write rows as GeoJSON whose positions have no more digits than a metre needs."""
    shapes = shapely.transform(rows.geometry.to_numpy(), lambda at: np.round(at, _DIGITS))
    return str(rows.set_geometry(gpd.GeoSeries(shapes, index=rows.index, crs=rows.crs)).to_json())


def _as(style: dict[str, object]) -> Callable[[object], dict[str, object]]:
    return lambda _feature: style


def _span(view: shapely.Polygon) -> float:
    west, south, east, north = view.bounds
    return float(max(east - west, north - south))
