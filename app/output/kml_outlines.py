"""What phones need of a KML: its areas drawn as lines, too, and a labelled point for each; some draw no areas."""

from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import shapely

from lindero.app.output.gpx import label_of

NAMESPACE = "http://www.opengis.net/kml/2.2"
_STYLE = "outline"
_INK, _VEIL = "ff0047b3", "330047b3"  # alpha, blue, green, red


def add(file: Path, rows: gpd.GeoDataFrame, name: str) -> None:
    """Add the outlines and the labels of areas to a KML file of them, in folders of their own, all in one style."""
    areas = rows[rows.geometry.geom_type.isin(["Polygon", "MultiPolygon"])]
    if areas.empty:
        return
    ET.register_namespace("", NAMESPACE)
    tree = ET.parse(file)  # noqa: S314  GDAL wrote it just now
    document = tree.getroot().find(_in("Document"))
    if document is None:
        return
    for placemark in document.iter(_in("Placemark")):
        _styled(placemark)
    document.insert(0, _style())
    lines, points = (ET.SubElement(document, _in("Folder")) for _ in range(2))
    ET.SubElement(lines, _in("name")).text = f"{name}_lines"
    ET.SubElement(points, _in("name")).text = f"{name}_labels"
    shapes = areas.geometry.to_crs("OGC:CRS84").to_numpy()
    for label, shape in zip(label_of(areas), shapes, strict=True):
        several = ET.SubElement(_placemark(lines, label), _in("MultiGeometry"))
        for ring in shapely.get_parts(shapely.boundary(shape)):
            _coordinates(ET.SubElement(several, _in("LineString")), ring)
        _coordinates(ET.SubElement(_placemark(points, label), _in("Point")), shapely.point_on_surface(shape))
    tree.write(file, encoding="utf-8", xml_declaration=True)


def _in(tag: str) -> str:
    return f"{{{NAMESPACE}}}{tag}"


def _styled(placemark: ET.Element) -> None:
    """Name the style where the order of KML has it: before the fields and the geometry."""
    after = [
        at for at, each in enumerate(placemark) if each.tag in {_in("name"), _in("visibility"), _in("description")}
    ]
    url = ET.Element(_in("styleUrl"))
    url.text = f"#{_STYLE}"
    placemark.insert(max(after, default=-1) + 1, url)


def _style() -> ET.Element:
    style = ET.Element(_in("Style"), {"id": _STYLE})
    line, area = ET.SubElement(style, _in("LineStyle")), ET.SubElement(style, _in("PolyStyle"))
    ET.SubElement(line, _in("color")).text = _INK
    ET.SubElement(line, _in("width")).text = "2"
    ET.SubElement(area, _in("color")).text = _VEIL
    return style


def _placemark(folder: ET.Element, label: str) -> ET.Element:
    placemark = ET.SubElement(folder, _in("Placemark"))
    ET.SubElement(placemark, _in("name")).text = label
    ET.SubElement(placemark, _in("styleUrl")).text = f"#{_STYLE}"
    return placemark


def _coordinates(drawn: ET.Element, shape: shapely.Geometry) -> None:
    corners = (f"{x:.7f},{y:.7f}" for x, y in shapely.get_coordinates(shape))
    ET.SubElement(drawn, _in("coordinates")).text = " ".join(corners)
