"""Outlines as GPX, for phones and receivers that draw tracks and know no areas."""

import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import shapely

NAMESPACE = "http://www.topografix.com/GPX/1/1"
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAMES = ("name", "title", "code", "id")


def document(rows: gpd.GeoDataFrame, terms: Sequence[str] = ()) -> bytes:
    """
    Give each outline as a track, a segment for each ring, and each point as a waypoint; what has no place is left out.

    Parameters
    ----------
    rows
        Any CRS; named by the first of `name`, `title`, `code` and `id` that they tell.
    terms
        Whose the rows are, a line each.
    """
    return together({"": rows}, terms)


def together(layers: Mapping[str, gpd.GeoDataFrame], terms: Sequence[str] = ()) -> bytes:
    """Give the outlines and points of several layers; each track and waypoint says by its type of which it is."""
    root = ET.Element("gpx", {"xmlns": NAMESPACE, "version": "1.1", "creator": "Lindero"})
    if terms:
        ET.SubElement(ET.SubElement(root, "metadata"), "desc").text = _text("\n".join(terms))
    named = [(layer, name, shape) for layer, rows in layers.items() for name, shape in _named(rows)]
    points = [(layer, name, part) for layer, name, shape in named for part in _of(shape, dimensions=0)]
    for layer, name, point in points:  # a GPX has its waypoints before its tracks
        _called(ET.SubElement(root, "wpt", _at(*shapely.get_coordinates(point)[0])), name, layer)
    for layer, name, shape in named:
        if outlines := [*_of(shape, dimensions=1), *_of(shapely.boundary(shape), dimensions=1)]:
            _track(_called(ET.SubElement(root, "trk"), name, layer), outlines)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _named(rows: gpd.GeoDataFrame) -> list[tuple[str, shapely.Geometry]]:
    there = rows[rows.geometry.notna()]
    return list(zip(label_of(there), there.geometry.to_crs("OGC:CRS84").to_numpy(), strict=True))


def _called(element: ET.Element, name: str, layer: str) -> ET.Element:
    ET.SubElement(element, "name").text = name
    if layer:
        ET.SubElement(element, "type").text = layer
    return element


def _track(track: ET.Element, outlines: Sequence[shapely.Geometry]) -> None:
    for outline in outlines:
        segment = ET.SubElement(track, "trkseg")
        for longitude, latitude in shapely.get_coordinates(outline):
            ET.SubElement(segment, "trkpt", _at(longitude, latitude))


def _at(longitude: float, latitude: float) -> dict[str, str]:
    return {"lat": f"{latitude:.7f}", "lon": f"{longitude:.7f}"}


def _of(shape: shapely.Geometry | None, *, dimensions: int) -> list[shapely.Geometry]:
    parts: list[shapely.Geometry] = list(shapely.get_parts(shape)) if shape is not None else []
    return [part for part in parts if shapely.get_dimensions(part) == dimensions]


def label_of(rows: pd.DataFrame) -> list[str]:
    """Give what each row goes by on a phone: the first of its name, title, code and id that it tells."""
    columns = [name for name in _NAMES if name in rows]
    return [
        _text(next((str(value) for value in values if value is not None and value == value and value != ""), ""))  # noqa: PLR0124  NaN
        for values in rows[columns].astype(object).where(rows[columns].notna(), None).itertuples(index=False)
    ]


def _text(text: str) -> str:
    return NOT_XML.sub("\ufffd", text)
