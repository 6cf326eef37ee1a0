"""Layers as QGIS shows them: drawn as on our map, columns and codes in the reader's language, and whose they are."""

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

import geopandas as gpd
import pandas as pd

from lindero.app.output.formats.gpx import NOT_XML
from lindero.app.output.symbols import STYLES, Style, label
from lindero.app.text import i18n
from lindero.app.text.codes import word
from lindero.app.text.column_names import column_word
from lindero.app.text.i18n import _
from lindero.layers.errors import N_
from lindero.layers.model.layer import Layer
from lindero.layers.model.vocabularies import VOCABULARIES
from lindero.layers.publish.geopackage_style import Dress

_OF_EVERY_LAYER = {"source_id": N_("Source"), "snapshot_on": N_("Snapshot of"), "row_number": N_("Row of the file")}
_RECEIVED = "_received"
_BRUSHES = {  # of Qt, by our hatchings
    "rising": "b_diagonal",
    "falling": "f_diagonal",
    "crossed": "diagonal_x",
    "level": "horizontal",
    "upright": "vertical",
    "dotted": "dense7",
}
_FAINT, _FULL = 60, 255  # of 255: what lies below is seen through areas
_OUTLINE_MM, _SPOT_MM = "0.3", "2.4"
HEAD = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_VERSION = "3.22.0"  # the oldest that reads it so
_AREAS, _POINTS = 2, 0  # QGIS's numbers of geometries


def dress(frame: gpd.GeoDataFrame, layer: Layer, terms: Sequence[str] = ()) -> Dress:
    """Say how a layer is to be shown by a GIS, in the language spoken; `terms` are whose it is, a line each."""
    columns = [str(name) for name in frame.columns if name != frame.geometry.name]
    titles = {name: column_title(name) for name in columns}
    codes = {
        column.name: {code: word(code) for code in VOCABULARIES[column.vocabulary]}
        for column in layer.columns
        if column.vocabulary and not column.several and column.name in columns
    }
    shapes = pd.Series(frame.geometry.dropna().geom_type)
    is_spots = bool(2 * shapes.isin(["Point", "MultiPoint"]).sum() > len(shapes))  # QGIS has one style for a layer
    title = label(layer.name)
    qml = _qml(layer, titles, codes, _resource("resourceMetadata", title, terms), is_spots=is_spots)
    return Dress(title, qml, HEAD + _text(_resource("qgis", title, terms)), titles, codes)


def column_title(name: str) -> str:
    """Say a column of an export in words: its own, and for what a source wrote there that it is as received."""
    if name.endswith(_RECEIVED):
        return _("{column}, as received").format(column=column_title(name.removesuffix(_RECEIVED)))
    return _(_OF_EVERY_LAYER[name]) if name in _OF_EVERY_LAYER else column_word(name)


def _qml(
    layer: Layer, titles: dict[str, str], codes: dict[str, dict[str, str]], metadata: Element, *, is_spots: bool
) -> str:
    root = Element("qgis", version=_VERSION, styleCategories="AllStyleCategories")
    root.append(_renderer([style for style in STYLES if style.layer == layer.name], is_spots=is_spots))
    fields = SubElement(root, "fieldConfiguration")
    for column, words in codes.items():
        fields.append(_value_map(column, words))
    aliases = SubElement(root, "aliases")
    for index, (column, title) in enumerate(titles.items(), start=1):
        SubElement(aliases, "alias", index=str(index), field=column, name=title)
    named = [f'"{name}"' for name in ("name", "title", "code", "id") if name in titles]
    SubElement(root, "previewExpression").text = f"coalesce({', '.join(named)})" if named else ""
    root.append(metadata)
    SubElement(root, "layerGeometryType").text = str(_POINTS if is_spots else _AREAS)
    return HEAD + _text(root)


def _renderer(styles: Sequence[Style], *, is_spots: bool) -> Element:
    """Draw one symbol, or one for each code of the attribute that the map tells classes by."""
    by = next((style.by for style in styles if style.by), "")
    drawn = [*styles] if by else [*styles][:1] or [Style("other", "", "#6b6b6b")]
    root = Element("renderer-v2", type="categorizedSymbol" if by else "singleSymbol", enableorderby="0")
    if by:
        root.set("attr", by)
        categories = SubElement(root, "categories")
        for number, style in enumerate(drawn):
            SubElement(
                categories, "category", value=style.code, label=label(style.code), symbol=str(number), render="true"
            ).set("type", "string")
        drawn.append(Style("unknown", "", "#6b6b6b"))
        rest = {"value": "", "label": label("unknown"), "symbol": str(len(styles)), "render": "true", "type": "string"}
        SubElement(categories, "category", rest)
    symbols = SubElement(root, "symbols")
    for number, style in enumerate(drawn):
        symbols.append(_spot(number, style) if is_spots else _area(number, style))
    return root


def _area(number: int, style: Style) -> Element:
    """Draw an area: a faint fill with its outline, and over it the hatching of those who see fewer colours."""
    symbol = Element("symbol", type="fill", name=str(number), alpha="1", clip_to_extent="1", force_rhr="0")
    outline = {"outline_color": _color(style.color), "outline_width": _OUTLINE_MM, "outline_width_unit": "MM"}
    plain = {"color": _color(style.color, _FAINT), "style": "solid", "outline_style": "solid", **outline}
    symbol.append(symbol_layer("SimpleFill", plain))
    if brush := _BRUSHES.get(style.hatching):
        symbol.append(symbol_layer("SimpleFill", {"color": _color(style.color), "style": brush, "outline_style": "no"}))
    return symbol


def _spot(number: int, style: Style) -> Element:
    symbol = Element("symbol", type="marker", name=str(number), alpha="1", clip_to_extent="1", force_rhr="0")
    drawn = {"name": "circle", "color": _color(style.color), "size": _SPOT_MM, "size_unit": "MM"}
    white = {"outline_color": "255,255,255,255", "outline_style": "solid", "outline_width": _OUTLINE_MM}
    symbol.append(symbol_layer("SimpleMarker", {**drawn, **white}))
    return symbol


def symbol_layer(kind: str, options: dict[str, str]) -> Element:
    """Give a layer of a symbol."""
    layer = Element("layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"})
    own = SubElement(layer, "Option", type="Map")
    for name, value in options.items():
        SubElement(own, "Option", name=name, type="QString", value=value)
    return layer


def _value_map(column: str, words: dict[str, str]) -> Element:
    """Show a column's codes as words, and choose among them where rows are edited."""
    field = Element("field", name=column, configurationFlags="None")
    widget = SubElement(field, "editWidget", type="ValueMap")
    options = SubElement(SubElement(widget, "config"), "Option", type="Map")
    listed = SubElement(options, "Option", name="map", type="List")
    for code, caption in words.items():
        pair = SubElement(listed, "Option", type="Map")
        SubElement(pair, "Option", name=caption, type="QString", value=code)
    return field


def _resource(tag: str, title: str, terms: Iterable[str]) -> Element:
    """Say what a layer is and on whose terms, as QGIS's metadata of a layer."""
    root = Element(tag)
    SubElement(root, "type").text = "dataset"
    SubElement(root, "language").text = i18n.current()
    SubElement(root, "title").text = title
    SubElement(root, "abstract").text = "\n".join(terms)
    for line in terms:
        SubElement(root, "rights").text = line
    for line in terms:
        SubElement(root, "license").text = line
    return root


def _color(hexadecimal: str, alpha: int = _FULL) -> str:
    red, green, blue = bytes.fromhex(hexadecimal.removeprefix("#"))
    return f"{red},{green},{blue},{alpha}"


def _text(root: Element) -> str:
    return NOT_XML.sub("", tostring(root, encoding="unicode"))
