"""
A project for QGIS beside a GeoPackage: layers in groups as on our map, over a background, with whose they are.

The project names its GeoPackage by its place beside it: both are copied together, and asked for nothing from elsewhere.
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

from lindero.app.output.files import plain, with_types
from lindero.app.output.formats import qgis
from lindero.app.output.symbols import STYLES, label
from lindero.app.text.i18n import _
from lindero.geo.geometry.crs import WEB_MERCATOR
from lindero.layers.disk.builds import put_in_place
from lindero.layers.disk.scratch import scratch
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.schema import CRS, LAYERS
from lindero.layers.publish import geopackage_style
from lindero.layers.reference import base_data

DRAWN = tuple(dict.fromkeys(style.layer for style in STYLES))
"""Layers that a project draws, the lowest first."""

_ROOM = 1.0  # degrees of background around what is drawn
_VERSION = "3.22.0"  # of QGIS, the oldest that reads it so
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the day of what is in the archive: the same rows give the same bytes


class _Ground(NamedTuple):
    """How a layer of the background is called and drawn."""

    title: str
    kind: str
    colour: str
    outline: str = ""


_GROUND = {
    "ground_regions": _Ground(N_("Regions"), "fill", "247,245,240,255", "181,176,165,255"),
    "ground_lakes": _Ground(N_("Lakes"), "fill", "207,227,236,255", "207,227,236,255"),
    "ground_rivers": _Ground(N_("Rivers"), "line", "143,184,204,255"),
}
_GEOMETRY = {"fill": "Polygon", "line": "Line", "marker": "Point"}
_SEA = ("207", "227", "236")


def write(
    layers: Mapping[str, gpd.GeoDataFrame], output: Path, *, title: str, terms: Mapping[str, Sequence[str]]
) -> Path:
    """
    Write layers (of `DRAWN`) to a GeoPackage and a project (`.qgz`) over it; gives the GeoPackage.

    Parameters
    ----------
    layers
        Rows by the name of their layer, in degrees.
    terms
        Whose the rows of each layer are, a line each.

    Raises
    ------
    AnswerError
        If nothing has a place, a file cannot be written, or its GeoPackage would replace one of another origin.
    """
    shown = {name: layers[name] for name in DRAWN if name in layers and layers[name].geometry.notna().any()}
    if not shown:
        raise AnswerError(N_("none of these rows has a place to be drawn"))
    beside = output.with_suffix(".gpkg")
    if beside.exists() and not output.exists():
        raise AnswerError(
            N_("{file} is there already, and of no such project: give the project another name"), file=beside
        )
    view = _view(shown.values())
    try:
        with scratch(output.resolve().parent) as folder:
            package, project = folder / beside.name, folder / output.name
            ground = _ground(view)
            for name, rows in ground.items():
                pyogrio.write_dataframe(rows, package, layer=name, driver="GPKG")
            dressed = {name: _write(package, name, rows, terms.get(name, ())) for name, rows in shown.items()}
            styles = {**{name: _plain(name) for name in ground}, **dressed}
            root = _project(title, beside.name, styles, terms, view)
            with zipfile.ZipFile(project, "w", zipfile.ZIP_DEFLATED) as archive:
                named = zipfile.ZipInfo(f"{output.stem}.qgs", _LONG_AGO)
                archive.writestr(named, f"{qgis.HEAD}{tostring(root, encoding='unicode')}")
            put_in_place(package, beside)
            put_in_place(project, output)
    except (OSError, sqlite3.Error, DataSourceError, DataLayerError, FieldError) as error:
        why = getattr(error, "strerror", None) or error
        raise AnswerError(N_("{file} cannot be written: {why}"), file=output, why=why) from error
    return beside


def _write(package: Path, name: str, rows: gpd.GeoDataFrame, terms: Sequence[str]) -> Element:
    """Write a layer and how it is drawn into the GeoPackage; gives its style."""
    flat = with_types(plain(rows), LAYERS[name])
    pyogrio.write_dataframe(flat, package, layer=name, driver="GPKG", use_arrow=True)
    dress = qgis.dress(gpd.GeoDataFrame(flat, geometry="geometry", crs=CRS), LAYERS[name], terms)
    geopackage_style.write(package, name, dress)
    return fromstring(dress.qml.removeprefix(qgis.HEAD))  # noqa: S314  written a line above


def _view(layers: Iterable[gpd.GeoDataFrame]) -> shapely.Polygon:
    bounds = np.array([rows.total_bounds for rows in layers])
    view: shapely.Polygon = shapely.box(*(bounds.min(axis=0)[:2] - _ROOM), *(bounds.max(axis=0)[2:] + _ROOM))
    return view


def _ground(view: shapely.Polygon) -> dict[str, gpd.GeoDataFrame]:
    """Give the background in view: regions, lakes, rivers and towns."""
    found = {
        "ground_regions": base_data.regions()[["name", "geometry"]],
        "ground_lakes": base_data.lakes()[["geometry"]],
        "ground_rivers": base_data.rivers()[["rank", "geometry"]],
    }
    return {name: cut for name, rows in found.items() if len(cut := gpd.clip(rows, view, keep_geom_type=True))}


def _project(
    title: str,
    package: str,
    styles: Mapping[str, Element],
    terms: Mapping[str, Sequence[str]],
    view: shapely.Polygon,
) -> Element:
    root = Element("qgis", projectname=title, version=_VERSION)
    SubElement(root, "title").text = title
    SubElement(root, "projectCrs").append(_system(WEB_MERCATOR))
    tree = SubElement(root, "layer-tree-group")
    own = SubElement(tree, "layer-tree-group", name=title, checked="Qt::Checked", expanded="1")
    below = SubElement(tree, "layer-tree-group", name=_("Background"), checked="Qt::Checked", expanded="0")
    layers = SubElement(root, "projectlayers")
    for name, style in reversed(list(styles.items())):
        if name in DRAWN:
            sources = ", ".join(terms.get(name, ()))
            layers.append(_layer(own, name, package, style, title=label(name), attribution=sources))
        else:
            named = _(_GROUND[name].title)
            layers.append(_layer(below, name, package, style, title=named, attribution=base_data.CREDIT))
    everybody = [line for lines in terms.values() for line in lines]
    _canvas(root, view)
    _attribution(root, title, [*dict.fromkeys(everybody), base_data.CREDIT])
    return root


def _layer(group: Element, name: str, package: str, style: Element, *, title: str, attribution: str) -> Element:
    """Give a layer of the project, and name it in its group."""
    source = f"./{package}|layername={name}"
    SubElement(
        group, "layer-tree-layer", id=name, name=title, source=source, providerKey="ogr", checked="Qt::Checked"
    ).set("expanded", "1" if name in DRAWN else "0")
    kind = next((symbol.get("type", "fill") for symbol in style.iter("symbol")), "fill")
    layer = Element("maplayer", type="vector", geometry=_GEOMETRY[kind], hasScaleBasedVisibilityFlag="0")
    for tag, text in {"id": name, "datasource": source, "layername": title, "attribution": attribution}.items():
        SubElement(layer, tag).text = text
    SubElement(layer, "srs").append(_system(CRS))
    SubElement(layer, "provider", encoding="UTF-8").text = "ogr"
    layer.extend(list(style))
    return layer


def _plain(name: str) -> Element:
    """Draw a layer of the background."""
    _title, kind, colour, outline = _GROUND[name]
    root = Element("qgis")
    renderer = SubElement(root, "renderer-v2", type="singleSymbol")
    symbol = SubElement(SubElement(renderer, "symbols"), "symbol", type=kind, name="0", alpha="1")
    options = {"line_color": colour, "line_width": "0.2"} if kind == "line" else {"color": colour, "style": "solid"}
    if outline:
        options |= {"outline_color": outline, "outline_width": "0.2", "outline_style": "solid"}
    symbol.append(qgis.symbol_layer("SimpleLine" if kind == "line" else "SimpleFill", options))
    return root


def _canvas(root: Element, view: shapely.Polygon) -> None:
    """Open the project where its layers are, on a sea."""
    canvas = SubElement(root, "mapcanvas", name="theMapCanvas")
    SubElement(canvas, "units").text = "meters"
    inside = shapely.box(*np.array(view.bounds) + np.array([_ROOM, _ROOM, -_ROOM, -_ROOM]) * 0.8)
    transformer = pyproj.Transformer.from_crs(CRS, WEB_MERCATOR, always_xy=True)
    extent = SubElement(canvas, "extent")
    for tag, value in zip(("xmin", "ymin", "xmax", "ymax"), transformer.transform_bounds(*inside.bounds), strict=True):
        SubElement(extent, tag).text = str(value)
    SubElement(canvas, "destinationsrs").append(_system(WEB_MERCATOR))


def _attribution(root: Element, title: str, terms: Sequence[str]) -> None:
    """Write whose the map is: on the picture, and into what QGIS says of the project."""
    properties = SubElement(root, "properties")
    SubElement(SubElement(properties, "Paths"), "Absolute", type="bool").text = "false"
    SubElement(SubElement(properties, "SpatialRefSys"), "ProjectionsEnabled", type="int").text = "1"
    shown = SubElement(properties, "CopyrightLabel")
    SubElement(shown, "Enabled", type="bool").text = "true"
    SubElement(shown, "Label", type="QString").text = "\n".join(terms)
    SubElement(shown, "Placement", type="int").text = "2"  # below, on the left
    sea = SubElement(properties, "Gui")
    for tag, value in zip(("Red", "Green", "Blue"), _SEA, strict=True):
        SubElement(sea, f"CanvasColor{tag}Part", type="int").text = value
    metadata = SubElement(root, "projectMetadata")
    SubElement(metadata, "title").text = title
    for line in terms:
        SubElement(metadata, "rights").text = line
    SubElement(metadata, "author").text = "Lindero"


def _system(name: str) -> Element:
    crs = pyproj.CRS(name)
    system = Element("spatialrefsys", nativeFormat="Wkt")
    SubElement(system, "wkt").text = crs.to_wkt()
    SubElement(system, "authid").text = name
    SubElement(system, "description").text = crs.name
    SubElement(system, "geographicflag").text = str(crs.is_geographic).lower()
    return system
