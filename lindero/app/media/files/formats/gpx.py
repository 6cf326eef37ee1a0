"""Outlines as GPX, for phones and GPS receivers that show tracks but not areas."""

import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import shapely

NAMESPACE = "http://www.topografix.com/GPX/1/1"
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAMES = ("name", "title", "code", "id")


def rows_to_gpx(rows: gpd.GeoDataFrame, terms: Sequence[str] = ()) -> bytes:
    """Return rows as GPX: each outline as a track with a segment per ring, each point as a waypoint.

    Rows without geometry are left out.

    `rows`: in any CRS. A row is labelled by the first of `name`, `title`, `code` and `id` that it has.
    """
    return layers_to_gpx({"": rows}, terms)


def layers_to_gpx(layers: Mapping[str, gpd.GeoDataFrame], terms: Sequence[str] = ()) -> bytes:
    """Return the outlines and points of several layers as GPX. The type of each track and waypoint is its layer."""
    root = ET.Element("gpx", {"xmlns": NAMESPACE, "version": "1.1", "creator": "Lindero"})
    if terms:
        ET.SubElement(ET.SubElement(root, "metadata"), "desc").text = _replace_invalid("\n".join(terms))
    shapes = [(layer, name, shape) for layer, rows in layers.items() for name, shape in _named_shapes(rows)]
    points = [(layer, name, part) for layer, name, shape in shapes for part in _filter_dimension(shape, dimensions=0)]
    for layer, name, point in points:  # GPX requires waypoints before tracks
        _set_name(ET.SubElement(root, "wpt", _position_attributes(*shapely.get_coordinates(point)[0])), name, layer)
    for layer, name, shape in shapes:
        if outlines := [
            *_filter_dimension(shape, dimensions=1),
            *_filter_dimension(shapely.boundary(shape), dimensions=1),
        ]:
            _add_segments(_set_name(ET.SubElement(root, "trk"), name, layer), outlines)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _named_shapes(rows: gpd.GeoDataFrame) -> list[tuple[str, shapely.Geometry]]:
    located = rows[rows.geometry.notna()]
    return list(zip(row_labels(located), located.geometry.to_crs("OGC:CRS84").to_numpy(), strict=True))


def _set_name(element: ET.Element, name: str, layer: str) -> ET.Element:
    ET.SubElement(element, "name").text = name
    if layer:
        ET.SubElement(element, "type").text = layer
    return element


def _add_segments(track: ET.Element, outlines: Sequence[shapely.Geometry]) -> None:
    for outline in outlines:
        segment = ET.SubElement(track, "trkseg")
        for longitude, latitude in shapely.get_coordinates(outline):
            ET.SubElement(segment, "trkpt", _position_attributes(longitude, latitude))


def _position_attributes(longitude: float, latitude: float) -> dict[str, str]:
    return {"lat": f"{latitude:.7f}", "lon": f"{longitude:.7f}"}


def _filter_dimension(shape: shapely.Geometry | None, *, dimensions: int) -> list[shapely.Geometry]:
    parts: list[shapely.Geometry] = list(shapely.get_parts(shape)) if shape is not None else []
    return [part for part in parts if shapely.get_dimensions(part) == dimensions]


def row_labels(rows: pd.DataFrame) -> list[str]:
    """Return the label of each row on a phone: the first of its name, title, code and id."""
    columns = [name for name in _NAMES if name in rows]
    return [
        _replace_invalid(next((str(value) for value in values if not (pd.isna(value) or value == "")), ""))
        for values in rows[columns].astype(object).where(rows[columns].notna(), None).itertuples(index=False)
    ]


def _replace_invalid(text: str) -> str:
    return NOT_XML.sub("\ufffd", text)
