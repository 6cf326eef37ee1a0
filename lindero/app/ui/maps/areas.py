"""Areas of an answer drawn over the map: what changed, how exposed, how hot; each class by a colour and a hatching."""

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

from lindero.app.answers.overlap.first_sight import densest
from lindero.app.current import cache, cached_answers, map_layers, open_map
from lindero.app.output import design
from lindero.app.pipeline.rows.refused_text import refused_name, refused_said
from lindero.app.text.escape import script
from lindero.app.text.i18n import _
from lindero.app.ui.maps import corners, map_view, offline_folium
from lindero.app.ui.maps.corners import FINE, Detail
from lindero.app.ui.maps.offline_folium import Asked
from lindero.layers.database.map_database import Bounds
from lindero.layers.model.schema import CRS
from lindero.layers.reference import base_data
from lindero.layers.tiles.tile_query import LAST_ZOOM

MOST = 2_000  # areas that a phone can still draw; beyond them the largest are drawn and the list holds all
REFUSED, MOST_REFUSED = "refused", 200
REFUSED_DEGREES = 0.002  # some 200 m: it is the likely reading of a boundary that is wrong
AROUND = 0.01  # degrees around a single point, so that it is not looked at through a microscope
NEAR_DEGREES = 1.0  # some 110 km: one view holds them, and each of them is a shape in it
UNDERNEATH = ("protected_areas", "communities")


@dataclass(frozen=True)
class Look:
    """How one class of areas is drawn: its code, its name in the legend, and how strong its colour is (0 to 1)."""

    code: str
    label: str
    color: str
    hatching: str = "plain"  # as in `app.output.symbols`
    depth: float = 0.25
    outline: float = 1.4  # pixels
    dash: str = ""  # lengths of line and gap, pixels; unbroken if empty


def territory(
    shapes: gpd.GeoDataFrame,
    looks: Sequence[Look],
    *,
    title: str,
    underneath: Sequence[str] = UNDERNEATH,
    about: int = 0,
) -> folium.Map:
    """
    Make a map of areas over the layers that they touch.

    Parameters
    ----------
    shapes
        Polygons and points in OGC:CRS84, the most telling first: `name`, `said` (a line under the name), `look` (the
        code of one of `looks`). At most `MOST` are drawn.
    title
        What the legend of the areas is called.
    underneath
        Classes of the map's own features to draw beneath.
    about
        Of how many of the shapes, the first, the answer is: the map opens on where the first of them lies, with what of
        the others is near it. By default it opens on all.
    """
    drawn = shapes[shapes.geometry.notna()].head(MOST)
    version = map_layers.version_or_none()  # there may be no map yet beneath a file that is being looked at
    present = [code for code in map_layers.classes() if code in underneath] if version and underneath else []
    canvas = map_view.territory(
        _bounds(drawn.head(about).pipe(around_first) if about else drawn),
        present,
        version or "",
        map_layers.publishers() if version else "",
        last_zoom=open_map.current().last_zoom() if version else LAST_ZOOM,
        limits=_country_bounds() if version else None,
        is_counted=False,
    )
    if version:
        _add_refused(canvas)
    _draw(canvas, drawn, looks, title)
    return canvas


@dataclass(frozen=True)
class Over:
    """Areas drawn over the whole map: as `territory` takes them, and `area_ha`; a press reaches the map beneath."""

    shapes: gpd.GeoDataFrame
    looks: Sequence[Look]
    title: str


def whole_map(bounds: Bounds | None = None, over: Over | None = None, *, is_counted: bool = True) -> folium.Map:
    """
    Give the map with all that it shows of the current build, and what was refused.

    Parameters
    ----------
    bounds
        What to show at first; by default where most of what is drawn over it lies, or most on communities' land.
    over
        Areas to draw over it: where they are, it counts nothing far out.
    is_counted
        Whether it counts far out; not where areas are added later.
    """
    is_under = over is not None and not over.shapes.empty
    canvas = map_view.territory(
        bounds or _opening(over),
        map_layers.classes(),
        cache.version(),
        map_layers.publishers(),
        map_layers.filterable(),
        last_zoom=open_map.current().last_zoom(),
        limits=_country_bounds(),
        is_counted=is_counted and not is_under,
    )
    _add_refused(canvas)
    if over is not None and is_under:
        _draw(canvas, over.shapes, over.looks, over.title, pane="overlaps", is_through=True)
    return canvas


def add(
    canvas: folium.Map,
    shapes: gpd.GeoDataFrame,
    look: Look,
    *,
    title: str,
    is_told: bool = True,
    detail: Detail = FINE,
) -> None:
    """Draw areas of one look over a map; a press goes through to what else is there; told: of them, too."""
    named = (
        shapes.assign(look=look.code)
        if is_told
        else shapes[[shapes.geometry.name]].assign(name="", said="", look=look.code)
    )
    _draw(canvas, named, [look], title, detail, pane=look.code, is_through=True, is_told=is_told)


def _draw(
    canvas: folium.Map,
    shapes: gpd.GeoDataFrame,
    looks: Sequence[Look],
    title: str,
    detail: Detail = FINE,
    **how: str | bool,
) -> None:
    """Draw areas over a map, with a legend of the looks that there are; `how` is what app/static/areas.js takes."""
    present = set(shapes["look"])
    used = [{**asdict(look), "colors": design.in_each_light(look.color)} for look in looks if look.code in present]
    if used:
        _Areas({"title": title, "looks": used, "areas": _areas(shapes, detail), **how}).add_to(canvas)


def _add_refused(canvas: folium.Map) -> None:
    """Draw over a map what was refused and has a likely reading; a press on it tells why, beside what else is there."""
    told = [row for row in map_layers.refused() if row["geometry"] is not None][:MOST_REFUSED]
    if not told:
        return
    look = Look(REFUSED, _("Refused: press to see why"), "#4a4a4a", "falling", 0.05, 2, "7 5")
    named = {"name": list(map(refused_name, told)), "said": list(map(refused_said, told))}
    drawn = shapely.simplify([row["geometry"] for row in told], REFUSED_DEGREES)
    shapes = gpd.GeoDataFrame(named, geometry=drawn, crs=CRS)
    add(canvas, shapes, look, title=_("On no map"))


def _opening(over: Over | None) -> Bounds | None:
    """Give where shapes are seen and not only counted: the densest of what is drawn over, else as at first sight."""
    if over is not None and not over.shapes.empty:
        west, south, east, north = densest(over.shapes)
        return west - AROUND, south - AROUND, east + AROUND, north + AROUND
    return cached_answers.first_sight().bounds or _extent()


def _extent() -> Bounds | None:
    """Give what a map of everything opens on: all that there is in the workspace's country, else all that there is."""
    every, country = map_layers.extent(), _country_bounds()
    if every is None or country is None:
        return every
    west, south = max(every[0], country[0]), max(every[1], country[1])
    east, north = min(every[2], country[2]), min(every[3], country[3])
    return (west, south, east, north) if west < east and south < north else every


def _country_bounds() -> Bounds | None:
    """Give the box around the country of the workspace; None where it has none, or nobody has drawn it."""
    return _box_of(open_map.country())


@lru_cache
def _box_of(country: str) -> Bounds | None:
    countries = base_data.countries().set_index("code").geometry
    if country not in countries.index:
        return None
    west, south, east, north = map(float, countries[country].bounds)
    return west, south, east, north


def _bounds(shapes: gpd.GeoDataFrame) -> Bounds | None:
    if shapes.empty:
        return _extent()
    west, south, east, north = (float(edge) for edge in shapes.total_bounds)
    return west - AROUND, south - AROUND, east + AROUND, north + AROUND


def around_first(shapes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep of shapes those whose middles are at most `NEAR_DEGREES` from that of the first."""
    if shapes.empty:
        return shapes
    boxes = shapes.bounds
    lon, lat = (boxes["minx"] + boxes["maxx"]) / 2, (boxes["miny"] + boxes["maxy"]) / 2
    is_near = ((lon - lon.iloc[0]).abs() <= NEAR_DEGREES) & ((lat - lat.iloc[0]).abs() <= NEAR_DEGREES)
    near: gpd.GeoDataFrame = shapes.loc[is_near]
    return near


def _areas(shapes: gpd.GeoDataFrame, detail: Detail) -> dict[str, Any]:
    told = shapes[["name", "said", "look"]].to_dict("records")
    drawn = corners.steps(shapes.geometry, detail)
    return {
        "scale": detail.scale,
        "areas": [{"properties": about, **one} for about, one in zip(told, drawn, strict=True)],
    }


class _Areas(JSCSSMixin, Layer, Asked):
    """The areas, drawn by app/static/areas.js."""

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
        self.settings = script(settings)
