"""The documents of `/ogc` that say what there is: landing page, conformance, collections, queryables."""

from collections.abc import Iterable, Mapping

from lindero.app.output.symbols import label
from lindero.app.serving.ogc.contents import Collection
from lindero.app.serving.ogc.questions import CRS84, SYSTEMS
from lindero.app.text.codes import word
from lindero.app.text.column_names import column_word
from lindero.app.text.i18n import _
from lindero.layers.database.map_database import Bounds
from lindero.layers.database.queries.feature_pages import OF_SOURCE
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
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
)
_OF_SOURCE = {"publisher": N_("Publisher"), "licence": N_("Licence"), "snapshot_on": N_("Snapshot of")}
_JSON_TYPES: Mapping[str, Mapping[str, object]] = {
    "VARCHAR": {"type": "string"},
    "DOUBLE": {"type": "number"},
    "INTEGER": {"type": "integer"},
    "BOOLEAN": {"type": "boolean"},
    "DATE": {"type": "string", "format": "date"},
}
Document = dict[str, object]


def link(rel: str, href: str, type_: str = "application/json", title: str = "") -> Document:
    """Give a link."""
    document: Document = {"rel": rel, "type": type_, "href": href}
    return document | ({"title": title} if title else {})


def landing(root: str, notes: Iterable[str] = ()) -> Document:
    """Give the page that everything is found from; `root` is its own address, `notes` are sentences about the map."""
    description = _("The map of this server. What it does not hold may be there all the same.")
    return {
        "title": "Lindero",
        "description": " ".join([description, *notes]),
        "links": [
            link("self", root),
            link("service-desc", f"{root}/api", OPENAPI),
            link("conformance", f"{root}/conformance"),
            link("data", f"{root}/collections"),
        ],
    }


def conformance() -> Document:
    """Give the parts of the standards that are kept."""
    return {"conformsTo": list(_CONFORMS)}


def collections(root: str, offered: Mapping[str, tuple[Collection, Bounds | None]]) -> Document:
    """Give all collections."""
    return {
        "links": [link("self", f"{root}/collections")],
        "crs": list(SYSTEMS),
        "collections": [collection(root, one, extent) for one, extent in offered.values()],
    }


def collection(root: str, one: Collection, extent: Bounds | None) -> Document:
    """Give one collection, with where its features are."""
    address = f"{root}/collections/{one.name}"
    document: Document = {
        "id": one.name,
        "title": label(one.name),
        "itemType": "feature",
        "crs": list(SYSTEMS),
        "storageCrs": CRS84,
        "links": [
            link("self", address),
            link("items", f"{address}/items", GEOJSON),
            link("http://www.opengis.net/def/rel/ogc/1.0/queryables", f"{address}/queryables", SCHEMA),
        ],
    }
    if extent is not None:
        document["extent"] = {"spatial": {"bbox": [list(extent)], "crs": CRS84}}
    if one.name == "incidents":
        document["description"] = _("Public record, as the area that is known of each place, never as a point.")
    return document


def queryables(root: str, one: Collection) -> Document:
    """Give what a collection's features can be asked by, as a JSON Schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{root}/collections/{one.name}/queryables",
        "type": "object",
        "title": label(one.name),
        "properties": {name: schema(one, name) for name in one.columns}
        | {"geometry": {"format": "geometry-any", "x-ogc-role": "primary-geometry"}},
        "additionalProperties": False,
    }


def schema(one: Collection, name: str) -> Document:
    """Give the JSON Schema of a property, titled in the reader's language, with the codes that it takes."""
    title = _(_OF_SOURCE[name]) if name in _OF_SOURCE else column_word(name)
    document: Document = {"title": title, **_JSON_TYPES[one.columns[name]]}
    if name in OF_SOURCE:
        return document
    coded = next((column.vocabulary for column in one.layer.own if column.name == name), None)
    if coded:
        codes = VOCABULARIES[coded]
        return document | {"enum": list(codes), "description": "; ".join(f"{code}: {word(code)}" for code in codes)}
    return document
