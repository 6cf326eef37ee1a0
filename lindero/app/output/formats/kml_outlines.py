"""What phones need of a KML: its areas drawn as lines, too, and a labelled point for each; some draw no areas."""

from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import shapely

from lindero.app.output.formats.gpx import label_of
from lindero.app.output.symbols import STYLES, Style

NAMESPACE = "http://www.opengis.net/kml/2.2"
_STYLE = "outline"
_COLOR = "#b34700"  # of layers that the map does not draw
_INK, _VEIL = "ff", "33"  # how much of the ground below is hidden


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
    styles = [one for one in STYLES if one.layer == name]
    drawn = _drawn(rows, styles)
    for placemark, style in zip(document.iter(_in("Placemark")), drawn, strict=False):
        _styled(placemark, style)
    for position, (style_id, color) in enumerate({_STYLE: _COLOR, **{_id(one): one.color for one in styles}}.items()):
        document.insert(position, _style(style_id, color))
    lines, points = (ET.SubElement(document, _in("Folder")) for _ in range(2))
    ET.SubElement(lines, _in("name")).text = f"{name}_lines"
    ET.SubElement(points, _in("name")).text = f"{name}_labels"
    shapes = areas.geometry.to_crs("OGC:CRS84").to_numpy()
    for label, shape, style in zip(label_of(areas), shapes, _drawn(areas, styles), strict=True):
        several = ET.SubElement(_placemark(lines, label, style), _in("MultiGeometry"))
        for ring in shapely.get_parts(shapely.boundary(shape)):
            _coordinates(ET.SubElement(several, _in("LineString")), ring)
        _coordinates(ET.SubElement(_placemark(points, label, style), _in("Point")), shapely.point_on_surface(shape))
    tree.write(file, encoding="utf-8", xml_declaration=True)


def together(files: Mapping[str, Path], output: Path) -> None:
    """Join KML files, each of one layer, in one: a folder for each by its title, with its areas, lines and labels."""
    ET.register_namespace("", NAMESPACE)
    root = ET.Element(_in("kml"))
    whole = ET.SubElement(root, _in("Document"))
    folders: list[ET.Element] = []
    for title, file in files.items():
        folder = ET.Element(_in("Folder"))
        ET.SubElement(folder, _in("name")).text = title
        for child in ET.parse(file).getroot().findall(f"{_in('Document')}/*"):  # noqa: S314  ours
            if child.tag in {_in("Document"), _in("Folder")}:
                child.tag = _in("Folder")
                folder.append(child)
            elif child.get("id") not in {each.get("id") for each in whole}:
                whole.append(child)
        folders.append(folder)
    whole.extend(folders)
    ET.ElementTree(root).write(output, encoding="utf-8", xml_declaration=True)


def _drawn(rows: gpd.GeoDataFrame, styles: list[Style]) -> list[str]:
    """Say by which style each row is drawn: that of its class on the map."""
    if not styles:
        return [_STYLE] * len(rows)
    by = styles[0].by
    ids = {one.code: _id(one) for one in styles}
    codes = rows[by] if by and by in rows else [styles[0].code] * len(rows)
    return [ids.get(str(code), ids.get("other", _STYLE)) for code in codes]


def _id(style: Style) -> str:
    return f"{style.layer}-{style.code}"


def _in(tag: str) -> str:
    return f"{{{NAMESPACE}}}{tag}"


def _styled(placemark: ET.Element, style: str) -> None:
    """Name the style where the order of KML has it: before the fields and the geometry."""
    after = [
        at for at, each in enumerate(placemark) if each.tag in {_in("name"), _in("visibility"), _in("description")}
    ]
    url = ET.Element(_in("styleUrl"))
    url.text = f"#{style}"
    placemark.insert(max(after, default=-1) + 1, url)


def _style(name: str, color: str) -> ET.Element:
    red, green, blue = color[1:3], color[3:5], color[5:7]
    style = ET.Element(_in("Style"), {"id": name})
    line, area = ET.SubElement(style, _in("LineStyle")), ET.SubElement(style, _in("PolyStyle"))
    ET.SubElement(line, _in("color")).text = f"{_INK}{blue}{green}{red}"
    ET.SubElement(line, _in("width")).text = "2"
    ET.SubElement(area, _in("color")).text = f"{_VEIL}{blue}{green}{red}"
    return style


def _placemark(folder: ET.Element, label: str, style: str) -> ET.Element:
    placemark = ET.SubElement(folder, _in("Placemark"))
    ET.SubElement(placemark, _in("name")).text = label
    ET.SubElement(placemark, _in("styleUrl")).text = f"#{style}"
    return placemark


def _coordinates(drawn: ET.Element, shape: shapely.Geometry) -> None:
    corners = (f"{x:.7f},{y:.7f}" for x, y in shapely.get_coordinates(shape))
    ET.SubElement(drawn, _in("coordinates")).text = " ".join(corners)
