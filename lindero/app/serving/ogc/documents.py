"""The JSON documents of `/ogc` about its content: landing page, conformance, collections, queryables."""

from collections.abc import Iterable, Mapping

from lindero.app.serving.ogc.contents import Collection
from lindero.app.serving.ogc.questions import CRS84, SYSTEMS
from lindero.app.text.codes import class_label, translate_code
from lindero.app.text.column_names import translate_column
from lindero.app.text.i18n import _
from lindero.layers.database.map_database import Bounds
from lindero.layers.database.queries.feature_pages import SOURCE_COLUMNS
from lindero.layers.errors import N_
from lindero.layers.model.vocabularies import VOCABULARIES

GEOJSON = "application/geo+json"
SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
_CONFORMS = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
)
_SOURCE_TITLES = {"publisher": N_("Publisher"), "licence": N_("Licence"), "snapshot_on": N_("Snapshot date")}
_JSON_TYPES: Mapping[str, Mapping[str, object]] = {
    "VARCHAR": {"type": "string"},
    "DOUBLE": {"type": "number"},
    "INTEGER": {"type": "integer"},
    "BOOLEAN": {"type": "boolean"},
    "DATE": {"type": "string", "format": "date"},
}
Document = dict[str, object]


def build_link(rel: str, href: str, type_: str = "application/json", title: str = "") -> Document:
    """Build a link."""
    document: Document = {"rel": rel, "type": type_, "href": href}
    return document | ({"title": title} if title else {})


def build_landing(root: str, notes: Iterable[str] = ()) -> Document:
    """Build the landing page. `root` is its address, and `notes` are sentences about the map."""
    description = _("The map of this server. Something that it does not contain may still exist.")
    return {
        "title": "Lindero",
        "description": " ".join([description, *notes]),
        "links": [
            build_link("self", root),
            build_link("service-desc", f"{root}/api", OPENAPI),
            build_link("conformance", f"{root}/conformance"),
            build_link("data", f"{root}/collections"),
        ],
    }


def build_conformance() -> Document:
    """Build the list of supported conformance classes."""
    return {"conformsTo": list(_CONFORMS)}


def build_collections(
    root: str, offered: Mapping[str, tuple[Collection, Bounds | None]], warning: str = ""
) -> Document:
    """Build the list of all collections. `warning` is that of a map with invented data."""
    return {
        "links": [build_link("self", f"{root}/collections")],
        "crs": list(SYSTEMS),
        "collections": [build_collection(root, item, extent, warning) for item, extent in offered.values()],
    }


def build_collection(root: str, item: Collection, extent: Bounds | None, warning: str = "") -> Document:
    """Build the description of one collection, with its extent and the `warning` of a map with invented data."""
    address = f"{root}/collections/{item.name}"
    document: Document = {
        "id": item.name,
        "title": class_label(item.name),
        "itemType": "feature",
        "crs": list(SYSTEMS),
        "storageCrs": CRS84,
        "links": [
            build_link("self", address),
            build_link("items", f"{address}/items", GEOJSON),
            build_link("http://www.opengis.net/def/rel/ogc/1.0/queryables", f"{address}/queryables", SCHEMA),
        ],
    }
    if extent is not None:
        document["extent"] = {"spatial": {"bbox": [list(extent)], "crs": CRS84}}
    record_note = _("Public records. Each is shown as the area in which its place is known, never as a point.")
    if description := " ".join(filter(None, [warning, record_note if item.name == "incidents" else ""])):
        document["description"] = description
    return document


def build_queryables(root: str, item: Collection) -> Document:
    """Build the JSON Schema of the properties by which features can be filtered."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{root}/collections/{item.name}/queryables",
        "type": "object",
        "title": class_label(item.name),
        "properties": {name: build_schema(item, name) for name in item.columns}
        | {"geometry": {"format": "geometry-any", "x-ogc-role": "primary-geometry"}},
        "additionalProperties": False,
    }


def build_schema(item: Collection, name: str) -> Document:
    """Build the JSON Schema of a property, with a translated title and its allowed codes."""
    title = _(_SOURCE_TITLES[name]) if name in _SOURCE_TITLES else translate_column(name)
    document: Document = {"title": title, **_JSON_TYPES[item.columns[name]]}
    if name in SOURCE_COLUMNS:
        return document
    vocabulary = next((column.vocabulary for column in item.layer.own_columns if column.name == name), None)
    if vocabulary:
        codes = VOCABULARIES[vocabulary]
        return document | {
            "enum": list(codes),
            "description": "; ".join(f"{code}: {translate_code(code)}" for code in codes),
        }
    return document
