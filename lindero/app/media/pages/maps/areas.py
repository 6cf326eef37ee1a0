"""Maps of areas that belong to an answer. Each class has a color and a hatching."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import folium
import geopandas as gpd
import shapely
from folium.elements import JSCSSMixin
from folium.map import Layer
from folium.template import Template

from lindero.app.answers.coverage.refused_text import refused_name, refused_reason
from lindero.app.answers.invented import short_mark
from lindero.app.answers.overlap.first_sight import find_densest_bounds
from lindero.app.media import design
from lindero.app.media.pages.current import cache, cached_answers, map_layers, open_map
from lindero.app.media.pages.maps import map_view, offline_folium, vertices
from lindero.app.media.pages.maps.offline_folium import ScriptElement
from lindero.app.media.pages.maps.vertices import FINE_DETAIL, Detail
from lindero.app.text.escape import to_javascript
from lindero.app.text.i18n import _
from lindero.layers.database.map_database import Bounds
from lindero.layers.model.schema import CRS
from lindero.layers.reference import base_data
from lindero.layers.tiles.tile_query import LAST_ZOOM

MAX_AREAS = 2_000  # areas that a phone can draw; of more, only the largest are drawn, and the list has all
REFUSED, MOST_REFUSED = "refused", 200
REFUSED_DEGREES = 0.002  # about 200 m: the likely reading of a wrong boundary needs no more detail
POINT_MARGIN_DEGREES = 0.01  # degrees around a single point, so that the map does not open too close
NEAR_DEGREES = 1.0  # about 110 km: shapes this near fit into one view and are visible in it
LOWER_LAYERS = ("protected_areas", "communities")


@dataclass(frozen=True)
class Look:
    """The symbology of one class of areas: its code, legend label, color, hatching and opacity (0 to 1)."""

    code: str
    label: str
    color: str
    hatching: str = "plain"  # as in `app.media.symbols`
    depth: float = 0.25
    outline: float = 1.4  # pixels
    dash: str = ""  # lengths of line and gap, pixels; unbroken if empty


def build_areas_map(
    shapes: gpd.GeoDataFrame,
    looks: Sequence[Look],
    *,
    title: str,
    underneath: Sequence[str] = LOWER_LAYERS,
    about: int = 0,
) -> folium.Map:
    """Build a map of areas over the layers that they touch.

    `shapes`: polygons and points in OGC:CRS84, the most important first: `name`, `said` (a line under the name), `look`
    (the code of one of `looks`). At most `MAX_AREAS` are drawn.
    """
    visible = shapes[shapes.geometry.notna()].head(MAX_AREAS)
    version = map_layers.version_or_none()  # a file may be previewed before there is a map
    present = [code for code in map_layers.classes() if code in underneath] if version and underneath else []
    canvas = map_view.build_map(
        _padded_bounds(visible.head(about).pipe(filter_near_first) if about else visible),
        present,
        version or "",
        map_layers.publishers_text() if version else "",
        last_zoom=open_map.current_map().last_zoom() if version else LAST_ZOOM,
        limits=_country_bounds() if version else None,
        is_counted=False,
    )
    if version:
        _draw_refused_rows(canvas)
    is_marked = (
        bool(version) and not present and map_layers.has_invented_data()
    )  # else the legend of the classes is marked
    _draw_areas(canvas, visible, looks, f"{title} · {short_mark()}" if is_marked else title)
    return canvas


@dataclass(frozen=True)
class AreaOverlay:
    """Areas drawn over the whole map, and the title of their legend.

    Shapes have the columns of `build_areas_map` and `area_ha`. A press on them reaches the map beneath.
    """

    shapes: gpd.GeoDataFrame
    looks: Sequence[Look]
    title: str


def build_full_map(
    bounds: Bounds | None = None, over: AreaOverlay | None = None, *, is_counted: bool = True
) -> folium.Map:
    """Build the map of all features of the current build and of refused rows.

    `bounds`: the initial view; by default the densest part of `over`, else the densest overlaps on communities' land.
    """
    has_areas = over is not None and not over.shapes.empty
    canvas = map_view.build_map(
        bounds or _opening_bounds(over),
        map_layers.classes(),
        cache.map_version(),
        map_layers.publishers_text(),
        map_layers.filter_options(),
        last_zoom=open_map.current_map().last_zoom(),
        limits=_country_bounds(),
        is_counted=is_counted and not has_areas,
    )
    _draw_refused_rows(canvas)
    if over is not None and has_areas:
        _draw_areas(canvas, over.shapes, over.looks, over.title, pane="overlaps", is_through=True)
    return canvas


def add_areas(
    canvas: folium.Map,
    shapes: gpd.GeoDataFrame,
    look: Look,
    *,
    title: str,
    is_told: bool = True,
    detail: Detail = FINE_DETAIL,
) -> None:
    """Draw areas of one look over a map. A press also reaches the features beneath.

    With `is_told`, the popup describes the areas, too.
    """
    labelled = (
        shapes.assign(look=look.code)
        if is_told
        else shapes[[shapes.geometry.name]].assign(name="", said="", look=look.code)
    )
    _draw_areas(canvas, labelled, [look], title, detail, pane=look.code, is_through=True, is_told=is_told)


def _draw_areas(
    canvas: folium.Map,
    shapes: gpd.GeoDataFrame,
    looks: Sequence[Look],
    title: str,
    detail: Detail = FINE_DETAIL,
    **options: str | bool,
) -> None:
    """Draw areas over a map, with a legend of the looks in use; `how` are the options of app/static/areas.js."""
    present = set(shapes["look"])
    used = [{**asdict(look), "colors": design.colour_by_display(look.color)} for look in looks if look.code in present]
    if used:
        _Areas({"title": title, "looks": used, "areas": _encode_areas(shapes, detail), **options}).add_to(canvas)


def _draw_refused_rows(canvas: folium.Map) -> None:
    """Draw refused rows with a likely reading over a map. A press shows the reason, beside the features there."""
    readable = [row for row in map_layers.refused() if row["geometry"] is not None][:MOST_REFUSED]
    if not readable:
        return
    look = Look(REFUSED, _("Rejected: press to see why"), "#4a4a4a", "falling", 0.05, 2, "7 5")
    attributes = {"name": list(map(refused_name, readable)), "said": list(map(refused_reason, readable))}
    simplified = shapely.simplify([row["geometry"] for row in readable], REFUSED_DEGREES)
    shapes = gpd.GeoDataFrame(attributes, geometry=simplified, crs=CRS)
    add_areas(canvas, shapes, look, title=_("Not added to the map"))


def _opening_bounds(over: AreaOverlay | None) -> Bounds | None:
    """Return the initial bounds: the densest part of the areas in `over`, else those of the first sight."""
    if over is not None and not over.shapes.empty:
        west, south, east, north = find_densest_bounds(over.shapes)
        return (
            west - POINT_MARGIN_DEGREES,
            south - POINT_MARGIN_DEGREES,
            east + POINT_MARGIN_DEGREES,
            north + POINT_MARGIN_DEGREES,
        )
    return cached_answers.first_sight().bounds or _default_bounds()


def _default_bounds() -> Bounds | None:
    """Return the bounds of all data within the country of the workspace; of all data if there is none there."""
    extent, country = map_layers.extent(), _country_bounds()
    if extent is None or country is None:
        return extent
    west, south = max(extent[0], country[0]), max(extent[1], country[1])
    east, north = min(extent[2], country[2]), min(extent[3], country[3])
    return (west, south, east, north) if west < east and south < north else extent


def _country_bounds() -> Bounds | None:
    """Return the bounding box of the country of the workspace; None if it has none or its boundary is missing."""
    return _read_country_bounds(open_map.country())


@lru_cache
def _read_country_bounds(country: str) -> Bounds | None:
    countries = base_data.load_countries().set_index("code").geometry
    if country not in countries.index:
        return None
    west, south, east, north = map(float, countries[country].bounds)
    return west, south, east, north


def _padded_bounds(shapes: gpd.GeoDataFrame) -> Bounds | None:
    if shapes.empty:
        return _default_bounds()
    west, south, east, north = (float(edge) for edge in shapes.total_bounds)
    return (
        west - POINT_MARGIN_DEGREES,
        south - POINT_MARGIN_DEGREES,
        east + POINT_MARGIN_DEGREES,
        north + POINT_MARGIN_DEGREES,
    )


def filter_near_first(shapes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Filter shapes: keep those with a bounding box center at most `NEAR_DEGREES` from that of the first."""
    if shapes.empty:
        return shapes
    boxes = shapes.bounds
    lon, lat = (boxes["minx"] + boxes["maxx"]) / 2, (boxes["miny"] + boxes["maxy"]) / 2
    is_near = ((lon - lon.iloc[0]).abs() <= NEAR_DEGREES) & ((lat - lat.iloc[0]).abs() <= NEAR_DEGREES)
    near: gpd.GeoDataFrame = shapes.loc[is_near]
    return near


def _encode_areas(shapes: gpd.GeoDataFrame, detail: Detail) -> dict[str, Any]:
    attributes = shapes[["name", "said", "look"]].to_dict("records")
    shapes_steps = vertices.encode_shapes(shapes.geometry, detail)
    return {
        "scale": detail.scale,
        "areas": [
            {"properties": properties, **encoded} for properties, encoded in zip(attributes, shapes_steps, strict=True)
        ],
    }


class _Areas(JSCSSMixin, Layer, ScriptElement):
    """The layer of areas, drawn by app/static/areas.js."""

    default_js = [("lindero_areas", f"{offline_folium.ASSETS}areas.js")]  # noqa: RUF012  folium's own form
    default_css = [("lindero_css", f"{offline_folium.ASSETS}map.css")]  # noqa: RUF012
    _template = Template("""
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = linderoAreas.show({{ this._parent.get_name() }}, {{ this.settings }});
        {% endmacro %}
    """)

    def __init__(self, settings: dict[str, object]) -> None:
        super().__init__(name="areas", overlay=True, control=False)
        self._name = "Areas"
        self.settings = to_javascript(settings)
