"""Layers for QGIS: symbols as on our map, translated columns and codes, and credits of the sources."""

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

import geopandas as gpd
import pandas as pd

from lindero.app.media.design import GREY
from lindero.app.media.files.formats.gpx import NOT_XML
from lindero.app.media.symbols import STYLES, Style
from lindero.app.text import i18n
from lindero.app.text.codes import class_label, translate_code
from lindero.app.text.column_names import translate_column
from lindero.app.text.i18n import _
from lindero.layers.errors import N_
from lindero.layers.model.layer import Layer
from lindero.layers.model.vocabularies import VOCABULARIES
from lindero.layers.publish.geopackage_style import LayerStyle

_COMMON_ALIASES = {"source_id": N_("Source"), "snapshot_on": N_("Snapshot date"), "row_number": N_("Row of the file")}
_RECEIVED_SUFFIX = "_received"
_BRUSHES = {  # brushes of Qt by hatching
    "rising": "b_diagonal",
    "falling": "f_diagonal",
    "crossed": "diagonal_x",
    "level": "horizontal",
    "upright": "vertical",
    "dotted": "dense7",
}
_FAINT, _FULL = 60, 255  # opacity, of 255: the ground is visible through areas
_OUTLINE_MM, _SPOT_MM = "0.3", "2.4"
HEAD = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_VERSION = "3.22.0"  # the oldest QGIS that reads these styles
_AREAS, _POINTS = 2, 0  # geometry types in QGIS


def build_layer_style(frame: gpd.GeoDataFrame, layer: Layer, terms: Sequence[str] = ()) -> LayerStyle:
    """Return the QGIS style of a layer in the current language. `terms` credits the sources, one line each."""
    columns = [str(name) for name in frame.columns if name != frame.geometry.name]
    titles = {name: column_title(name) for name in columns}
    codes = {
        column.name: {code: translate_code(code) for code in VOCABULARIES[column.vocabulary]}
        for column in layer.columns
        if column.vocabulary and not column.several and column.name in columns
    }
    shapes = pd.Series(frame.geometry.dropna().geom_type)
    is_spots = bool(2 * shapes.isin(["Point", "MultiPoint"]).sum() > len(shapes))  # QGIS has one style for a layer
    title = class_label(layer.name)
    qml = _build_qml(layer, titles, codes, _build_metadata("resourceMetadata", title, terms), is_spots=is_spots)
    return LayerStyle(title, qml, HEAD + _to_text(_build_metadata("qgis", title, terms)), titles, codes)


def column_title(name: str) -> str:
    """Return the title of an exported column. A `…_received` column is named after its column, 'as received'."""
    if name.endswith(_RECEIVED_SUFFIX):
        return _("{column}, as received").format(column=column_title(name.removesuffix(_RECEIVED_SUFFIX)))
    return _(_COMMON_ALIASES[name]) if name in _COMMON_ALIASES else translate_column(name)


def _build_qml(
    layer: Layer, titles: dict[str, str], codes: dict[str, dict[str, str]], metadata: Element, *, is_spots: bool
) -> str:
    root = Element("qgis", version=_VERSION, styleCategories="AllStyleCategories")
    root.append(_build_renderer([style for style in STYLES if style.layer == layer.name], is_spots=is_spots))
    fields = SubElement(root, "fieldConfiguration")
    for column, words in codes.items():
        fields.append(_build_value_map(column, words))
    aliases = SubElement(root, "aliases")
    for index, (column, title) in enumerate(titles.items(), start=1):
        SubElement(aliases, "alias", index=str(index), field=column, name=title)
    label_fields = [f'"{name}"' for name in ("name", "title", "code", "id") if name in titles]
    SubElement(root, "previewExpression").text = f"coalesce({', '.join(label_fields)})" if label_fields else ""
    root.append(metadata)
    SubElement(root, "layerGeometryType").text = str(_POINTS if is_spots else _AREAS)
    return HEAD + _to_text(root)


def _build_renderer(styles: Sequence[Style], *, is_spots: bool) -> Element:
    """Return the renderer: one symbol, or one for each code of the attribute that distinguishes classes on the map."""
    attribute = next((style.by for style in styles if style.by), "")
    symbol_styles = [*styles] if attribute else [*styles][:1] or [Style("other", "", GREY)]
    root = Element("renderer-v2", type="categorizedSymbol" if attribute else "singleSymbol", enableorderby="0")
    if attribute:
        root.set("attr", attribute)
        categories = SubElement(root, "categories")
        for number, style in enumerate(symbol_styles):
            SubElement(
                categories,
                "category",
                value=style.code,
                label=class_label(style.code),
                symbol=str(number),
                render="true",
            ).set("type", "string")
        symbol_styles.append(Style("unknown", "", GREY))
        rest = {
            "value": "",
            "label": class_label("unknown"),
            "symbol": str(len(styles)),
            "render": "true",
            "type": "string",
        }
        SubElement(categories, "category", rest)
    symbols = SubElement(root, "symbols")
    for number, style in enumerate(symbol_styles):
        symbols.append(_marker_symbol(number, style) if is_spots else _fill_symbol(number, style))
    return root


def _fill_symbol(number: int, style: Style) -> Element:
    """Return the fill symbol of an area: a transparent fill with an outline, and the hatching of its class.

    The hatching helps readers who distinguish fewer colours.
    """
    symbol = Element("symbol", type="fill", name=str(number), alpha="1", clip_to_extent="1", force_rhr="0")
    outline = {"outline_color": _format_color(style.color), "outline_width": _OUTLINE_MM, "outline_width_unit": "MM"}
    plain = {"color": _format_color(style.color, _FAINT), "style": "solid", "outline_style": "solid", **outline}
    symbol.append(build_symbol_layer("SimpleFill", plain))
    if brush := _BRUSHES.get(style.hatching):
        symbol.append(
            build_symbol_layer(
                "SimpleFill", {"color": _format_color(style.color), "style": brush, "outline_style": "no"}
            )
        )
    return symbol


def _marker_symbol(number: int, style: Style) -> Element:
    symbol = Element("symbol", type="marker", name=str(number), alpha="1", clip_to_extent="1", force_rhr="0")
    options = {"name": "circle", "color": _format_color(style.color), "size": _SPOT_MM, "size_unit": "MM"}
    outline = {"outline_color": "255,255,255,255", "outline_style": "solid", "outline_width": _OUTLINE_MM}
    symbol.append(build_symbol_layer("SimpleMarker", {**options, **outline}))
    return symbol


def build_symbol_layer(kind: str, options: dict[str, str]) -> Element:
    """Return a layer of a symbol."""
    layer = Element("layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"})
    option_map = SubElement(layer, "Option", type="Map")
    for name, value in options.items():
        SubElement(option_map, "Option", name=name, type="QString", value=value)
    return layer


def _build_value_map(column: str, words: dict[str, str]) -> Element:
    """Return the widget of a field that shows codes as words, and offers them for editing."""
    field = Element("field", name=column, configurationFlags="None")
    widget = SubElement(field, "editWidget", type="ValueMap")
    options = SubElement(SubElement(widget, "config"), "Option", type="Map")
    option_list = SubElement(options, "Option", name="map", type="List")
    for code, caption in words.items():
        pair = SubElement(option_list, "Option", type="Map")
        SubElement(pair, "Option", name=caption, type="QString", value=code)
    return field


def _build_metadata(tag: str, title: str, terms: Iterable[str]) -> Element:
    """Return the title and terms of a layer as QGIS layer metadata."""
    root = Element(tag)
    SubElement(root, "type").text = "dataset"
    SubElement(root, "language").text = i18n.current_language()
    SubElement(root, "title").text = title
    SubElement(root, "abstract").text = "\n".join(terms)
    for line in terms:
        SubElement(root, "rights").text = line
    for line in terms:
        SubElement(root, "license").text = line
    return root


def _format_color(hexadecimal: str, alpha: int = _FULL) -> str:
    red, green, blue = bytes.fromhex(hexadecimal.removeprefix("#"))
    return f"{red},{green},{blue},{alpha}"


def _to_text(root: Element) -> str:
    return NOT_XML.sub("", tostring(root, encoding="unicode"))
