"""KML for phones: areas also drawn as lines, with a labelled point for each, because some apps draw no areas."""

from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import shapely

from lindero.app.media.files.formats.gpx import row_labels
from lindero.app.media.symbols import STYLES, Style

NAMESPACE = "http://www.opengis.net/kml/2.2"
_STYLE = "outline"
_COLOR = "#b34700"  # colour of layers that the map does not draw
_INK, _VEIL = "ff", "33"  # opacity of lines and of areas, in hexadecimal


def add_outlines(file: Path, rows: gpd.GeoDataFrame, name: str) -> None:
    """Add the outlines and labels of areas to their KML file, in folders of their own, with the styles of the map."""
    areas = rows[rows.geometry.geom_type.isin(["Polygon", "MultiPolygon"])]
    if areas.empty:
        return
    ET.register_namespace("", NAMESPACE)
    tree = ET.parse(file)  # noqa: S314  GDAL wrote it just now
    document = tree.getroot().find(_qualify("Document"))
    if document is None:
        return
    styles = [class_style for class_style in STYLES if class_style.layer == name]
    style_ids = _style_ids(rows, styles)
    for placemark, style in zip(document.iter(_qualify("Placemark")), style_ids, strict=False):
        _set_style(placemark, style)
    for position, (style_id, color) in enumerate(
        {_STYLE: _COLOR, **{_style_id(class_style): class_style.color for class_style in styles}}.items()
    ):
        document.insert(position, _build_style(style_id, color))
    lines, points = (ET.SubElement(document, _qualify("Folder")) for _ in range(2))
    ET.SubElement(lines, _qualify("name")).text = f"{name}_lines"
    ET.SubElement(points, _qualify("name")).text = f"{name}_labels"
    shapes = areas.geometry.to_crs("OGC:CRS84").to_numpy()
    for label, shape, style in zip(row_labels(areas), shapes, _style_ids(areas, styles), strict=True):
        multi_geometry = ET.SubElement(_add_placemark(lines, label, style), _qualify("MultiGeometry"))
        for ring in shapely.get_parts(shapely.boundary(shape)):
            _add_coordinates(ET.SubElement(multi_geometry, _qualify("LineString")), ring)
        _add_coordinates(
            ET.SubElement(_add_placemark(points, label, style), _qualify("Point")), shapely.point_on_surface(shape)
        )
    tree.write(file, encoding="utf-8", xml_declaration=True)


def merge_files(files: Mapping[str, Path], output: Path) -> None:
    """Merge KML files, one per layer, into one. Each layer gets a folder with its areas, lines and labels."""
    ET.register_namespace("", NAMESPACE)
    root = ET.Element(_qualify("kml"))
    document = ET.SubElement(root, _qualify("Document"))
    folders: list[ET.Element] = []
    for title, file in files.items():
        folder = ET.Element(_qualify("Folder"))
        ET.SubElement(folder, _qualify("name")).text = title
        for child in ET.parse(file).getroot().findall(f"{_qualify('Document')}/*"):  # noqa: S314  ours
            if child.tag in {_qualify("Document"), _qualify("Folder")}:
                child.tag = _qualify("Folder")
                folder.append(child)
            elif child.get("id") not in {element.get("id") for element in document}:
                document.append(child)
        folders.append(folder)
    document.extend(folders)
    ET.ElementTree(root).write(output, encoding="utf-8", xml_declaration=True)


def _style_ids(rows: gpd.GeoDataFrame, styles: list[Style]) -> list[str]:
    """Return the id of the style of each row, by its class on the map."""
    if not styles:
        return [_STYLE] * len(rows)
    attribute = styles[0].by
    ids = {style.code: _style_id(style) for style in styles}
    codes = rows[attribute] if attribute and attribute in rows else [styles[0].code] * len(rows)
    return [ids.get(str(code), ids.get("other", _STYLE)) for code in codes]


def _style_id(style: Style) -> str:
    return f"{style.layer}-{style.code}"


def _qualify(tag: str) -> str:
    return f"{{{NAMESPACE}}}{tag}"


def _set_style(placemark: ET.Element, style: str) -> None:
    """Set the style of a placemark, in the position that KML requires: before the fields and the geometry."""
    positions = [
        index
        for index, child in enumerate(placemark)
        if child.tag in {_qualify("name"), _qualify("visibility"), _qualify("description")}
    ]
    url = ET.Element(_qualify("styleUrl"))
    url.text = f"#{style}"
    placemark.insert(max(positions, default=-1) + 1, url)


def _build_style(name: str, color: str) -> ET.Element:
    red, green, blue = color[1:3], color[3:5], color[5:7]
    style = ET.Element(_qualify("Style"), {"id": name})
    line, area = ET.SubElement(style, _qualify("LineStyle")), ET.SubElement(style, _qualify("PolyStyle"))
    ET.SubElement(line, _qualify("color")).text = f"{_INK}{blue}{green}{red}"
    ET.SubElement(line, _qualify("width")).text = "2"
    ET.SubElement(area, _qualify("color")).text = f"{_VEIL}{blue}{green}{red}"
    return style


def _add_placemark(folder: ET.Element, label: str, style: str) -> ET.Element:
    placemark = ET.SubElement(folder, _qualify("Placemark"))
    ET.SubElement(placemark, _qualify("name")).text = label
    ET.SubElement(placemark, _qualify("styleUrl")).text = f"#{style}"
    return placemark


def _add_coordinates(element: ET.Element, shape: shapely.Geometry) -> None:
    vertices = (f"{x:.7f},{y:.7f}" for x, y in shapely.get_coordinates(shape))
    ET.SubElement(element, _qualify("coordinates")).text = " ".join(vertices)
