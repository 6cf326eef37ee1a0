"""A QGIS project with its GeoPackage: layers in groups as on our map, over a background, with their credits.

The project refers to its GeoPackage by a relative path. Copied together, they need no other file and no network.
"""

import sqlite3
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, fromstring, tostring

import geopandas as gpd
import numpy as np
import pyogrio
import pyproj
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FieldError

from lindero.app.media.files.files import apply_types, join_lists
from lindero.app.media.files.formats import qgis
from lindero.app.media.symbols import STYLES
from lindero.app.text.codes import class_label
from lindero.app.text.i18n import _
from lindero.geo.geometry.crs import WEB_MERCATOR
from lindero.layers.disk.builds import replace_file
from lindero.layers.disk.scratch import temporary_folder
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.schema import CRS, LAYERS
from lindero.layers.publish import geopackage_style
from lindero.layers.reference import base_data

STYLED_LAYERS = tuple(dict.fromkeys(style.layer for style in STYLES))
"""Layers that a project draws, the lowest first."""

_ROOM = 1.0  # degrees of background around the features
_VERSION = "3.22.0"  # the oldest QGIS that reads the project
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # date of the entries in the archive, so that the same rows give the same bytes


class _BackgroundLayer(NamedTuple):
    """The name and symbol of a background layer."""

    title: str
    kind: str
    colour: str
    outline: str = ""


_BACKGROUND_LAYERS = {
    "ground_regions": _BackgroundLayer(N_("Regions"), "fill", "247,245,240,255", "181,176,165,255"),
    "ground_lakes": _BackgroundLayer(N_("Lakes"), "fill", "207,227,236,255", "207,227,236,255"),
    "ground_rivers": _BackgroundLayer(N_("Rivers"), "line", "143,184,204,255"),
}
_GEOMETRY = {"fill": "Polygon", "line": "Line", "marker": "Point"}
_SEA = ("207", "227", "236")


def write_project(
    layers: Mapping[str, gpd.GeoDataFrame], output: Path, *, title: str, terms: Mapping[str, Sequence[str]]
) -> Path:
    """Write layers (of `STYLED_LAYERS`) to a GeoPackage with a project (`.qgz`), and return the path of the GeoPackage.

    `layers`: rows in degrees, by layer name.
    """
    shown = {name: layers[name] for name in STYLED_LAYERS if name in layers and layers[name].geometry.notna().any()}
    if not shown:
        raise AnswerError(N_("these rows have no geometry, so there is nothing to draw"))
    geopackage = output.with_suffix(".gpkg")
    if geopackage.exists() and not output.exists():
        raise AnswerError(
            N_("{file} already exists and does not belong to this project; choose another name for the project"),
            file=geopackage,
        )
    view = _expand_extent(shown.values())
    try:
        with temporary_folder(output.resolve().parent) as folder:
            package, project = folder / geopackage.name, folder / output.name
            ground = _clip_background(view)
            for name, rows in ground.items():
                pyogrio.write_dataframe(rows, package, layer=name, driver="GPKG")
            layer_styles = {
                name: _write_layer(package, name, rows, terms.get(name, ())) for name, rows in shown.items()
            }
            styles = {**{name: _background_style(name) for name in ground}, **layer_styles}
            root = _build_project(title, geopackage.name, styles, terms, view)
            with zipfile.ZipFile(project, "w", zipfile.ZIP_DEFLATED) as archive:
                zip_info = zipfile.ZipInfo(f"{output.stem}.qgs", _FIXED_TIME)
                archive.writestr(zip_info, f"{qgis.HEAD}{tostring(root, encoding='unicode')}")
            replace_file(package, geopackage)
            replace_file(project, output)
    except (OSError, sqlite3.Error, DataSourceError, DataLayerError, FieldError) as error:
        why = getattr(error, "strerror", None) or error
        raise AnswerError(N_("{file} cannot be written: {why}"), file=output, why=why) from error
    return geopackage


def _write_layer(package: Path, name: str, rows: gpd.GeoDataFrame, terms: Sequence[str]) -> Element:
    """Write a layer with its style into the GeoPackage, and return the style."""
    flat = apply_types(join_lists(rows), LAYERS[name])
    pyogrio.write_dataframe(flat, package, layer=name, driver="GPKG", use_arrow=True)
    layer_style = qgis.build_layer_style(gpd.GeoDataFrame(flat, geometry="geometry", crs=CRS), LAYERS[name], terms)
    geopackage_style.write_layer_style(package, name, layer_style)
    return fromstring(layer_style.qml.removeprefix(qgis.HEAD))  # noqa: S314  written a line above


def _expand_extent(layers: Iterable[gpd.GeoDataFrame]) -> shapely.Polygon:
    bounds = np.array([rows.total_bounds for rows in layers])
    view: shapely.Polygon = shapely.box(*(bounds.min(axis=0)[:2] - _ROOM), *(bounds.max(axis=0)[2:] + _ROOM))
    return view


def _clip_background(view: shapely.Polygon) -> dict[str, gpd.GeoDataFrame]:
    """Return the visible background: regions, lakes and rivers."""
    layers = {
        "ground_regions": base_data.load_ground(),
        "ground_lakes": base_data.load_lakes()[["geometry"]],
        "ground_rivers": base_data.load_rivers()[["rank", "geometry"]],
    }
    return {name: clipped for name, rows in layers.items() if len(clipped := gpd.clip(rows, view, keep_geom_type=True))}


def _build_project(
    title: str,
    package: str,
    styles: Mapping[str, Element],
    terms: Mapping[str, Sequence[str]],
    view: shapely.Polygon,
) -> Element:
    root = Element("qgis", projectname=title, version=_VERSION)
    SubElement(root, "title").text = title
    SubElement(root, "projectCrs").append(_crs_element(WEB_MERCATOR))
    tree = SubElement(root, "layer-tree-group")
    map_group = SubElement(tree, "layer-tree-group", name=title, checked="Qt::Checked", expanded="1")
    background_group = SubElement(tree, "layer-tree-group", name=_("Basemap"), checked="Qt::Checked", expanded="0")
    layers = SubElement(root, "projectlayers")
    for name, style in reversed(list(styles.items())):
        if name in STYLED_LAYERS:
            sources = ", ".join(terms.get(name, ()))
            layers.append(_add_layer(map_group, name, package, style, title=class_label(name), attribution=sources))
        else:
            layer_title = _(_BACKGROUND_LAYERS[name].title)
            layers.append(
                _add_layer(background_group, name, package, style, title=layer_title, attribution=base_data.CREDIT)
            )
    all_terms = [line for lines in terms.values() for line in lines]
    _add_canvas(root, view)
    _add_attribution(root, title, [*dict.fromkeys(all_terms), base_data.CREDIT])
    return root


def _add_layer(group: Element, name: str, package: str, style: Element, *, title: str, attribution: str) -> Element:
    """Return a layer of the project, and list it in its group."""
    source = f"./{package}|layername={name}"
    SubElement(
        group, "layer-tree-layer", id=name, name=title, source=source, providerKey="ogr", checked="Qt::Checked"
    ).set("expanded", "1" if name in STYLED_LAYERS else "0")
    kind = next((symbol.get("type", "fill") for symbol in style.iter("symbol")), "fill")
    layer = Element("maplayer", type="vector", geometry=_GEOMETRY[kind], hasScaleBasedVisibilityFlag="0")
    for tag, text in {"id": name, "datasource": source, "layername": title, "attribution": attribution}.items():
        SubElement(layer, tag).text = text
    SubElement(layer, "srs").append(_crs_element(CRS))
    SubElement(layer, "provider", encoding="UTF-8").text = "ogr"
    layer.extend(list(style))
    return layer


def _background_style(name: str) -> Element:
    """Return the style of a background layer."""
    _title, kind, colour, outline = _BACKGROUND_LAYERS[name]
    root = Element("qgis")
    renderer = SubElement(root, "renderer-v2", type="singleSymbol")
    symbol = SubElement(SubElement(renderer, "symbols"), "symbol", type=kind, name="0", alpha="1")
    options = {"line_color": colour, "line_width": "0.2"} if kind == "line" else {"color": colour, "style": "solid"}
    if outline:
        options |= {"outline_color": outline, "outline_width": "0.2", "outline_style": "solid"}
    symbol.append(qgis.build_symbol_layer("SimpleLine" if kind == "line" else "SimpleFill", options))
    return root


def _add_canvas(root: Element, view: shapely.Polygon) -> None:
    """Set the initial extent of the project to its layers, in Web Mercator."""
    canvas = SubElement(root, "mapcanvas", name="theMapCanvas")
    SubElement(canvas, "units").text = "meters"
    inside = shapely.box(*np.array(view.bounds) + np.array([_ROOM, _ROOM, -_ROOM, -_ROOM]) * 0.8)
    transformer = pyproj.Transformer.from_crs(CRS, WEB_MERCATOR, always_xy=True)
    extent = SubElement(canvas, "extent")
    for tag, value in zip(("xmin", "ymin", "xmax", "ymax"), transformer.transform_bounds(*inside.bounds), strict=True):
        SubElement(extent, tag).text = str(value)
    SubElement(canvas, "destinationsrs").append(_crs_element(WEB_MERCATOR))


def _add_attribution(root: Element, title: str, terms: Sequence[str]) -> None:
    """Add the credits: as a label on the map and in the metadata of the project. Also set the colour of the sea."""
    properties = SubElement(root, "properties")
    SubElement(SubElement(properties, "Paths"), "Absolute", type="bool").text = "false"
    SubElement(SubElement(properties, "SpatialRefSys"), "ProjectionsEnabled", type="int").text = "1"
    label_properties = SubElement(properties, "CopyrightLabel")
    SubElement(label_properties, "Enabled", type="bool").text = "true"
    SubElement(label_properties, "Label", type="QString").text = "\n".join(terms)
    SubElement(label_properties, "Placement", type="int").text = "2"  # bottom left
    sea = SubElement(properties, "Gui")
    for tag, value in zip(("Red", "Green", "Blue"), _SEA, strict=True):
        SubElement(sea, f"CanvasColor{tag}Part", type="int").text = value
    metadata = SubElement(root, "projectMetadata")
    SubElement(metadata, "title").text = title
    for line in terms:
        SubElement(metadata, "rights").text = line
    SubElement(metadata, "author").text = "Lindero"


def _crs_element(name: str) -> Element:
    crs = pyproj.CRS(name)
    element = Element("spatialrefsys", nativeFormat="Wkt")
    SubElement(element, "wkt").text = crs.to_wkt()
    SubElement(element, "authid").text = name
    SubElement(element, "description").text = crs.name
    SubElement(element, "geographicflag").text = str(crs.is_geographic).lower()
    return element
