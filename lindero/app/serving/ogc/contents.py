"""Collections of `/ogc`: the publishable layers and columns of the map without the vault."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import geopandas as gpd

from lindero.app.answers.invented import invented_data_text
from lindero.app.answers.record.extents import read_extents
from lindero.app.answers.registers import Registers
from lindero.app.media.pages.current import open_map
from lindero.app.media.site.select import CITED_LICENCE, PEOPLE_SOURCE, coarsen_incidents
from lindero.app.text.i18n import _
from lindero.layers.database import map_database
from lindero.layers.database.definitions import is_public
from lindero.layers.database.map_database import Bounds, Connection
from lindero.layers.database.queries import feature_pages, record_queries
from lindero.layers.database.queries.condition import Condition
from lindero.layers.errors import NotBuiltError
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import INCIDENTS, LAYERS
from lindero.layers.publish.rules import PUBLISHED

TIMES = {
    "concessions": "granted_on",
    "protected_areas": "established_on",
    "mining_scars": "observed_on",
    "incidents": "occurred_on",
}
"""The column of a layer by which its features lie in time."""

_KEY = secrets.token_bytes(16)  # new in each process, so that an incident's id here cannot be traced to a file
_EXCLUDED_COLUMNS = frozenset({"visibility"})  # all rows are public record


@dataclass(frozen=True)
class Collection:
    """A collection: a layer, its columns by name with their types, and the column with the date of its features."""

    layer: Layer
    columns: Mapping[str, str]
    time: str

    @property
    def name(self) -> str:
        """The name in the address of the collection."""
        return self.layer.name

    def open_cursor(self) -> Connection:
        """Open a separate connection to the publishable content of the current map."""
        served = open_map.public_map()
        if self.layer is INCIDENTS:
            return map_database.open_cursor(_load_incidents(str(served.path)))
        return served.open_cursor(for_tiles=True)


def _build_collection(layer: Layer) -> Collection:
    types = {column.name: column.type for column in layer.columns}
    published = {name: types[name] for name in PUBLISHED[layer.name] if name not in _EXCLUDED_COLUMNS}
    if layer is INCIDENTS:
        return Collection(layer, {"id": "VARCHAR", **published, "invented": "BOOLEAN"}, TIMES["incidents"])
    common = {"snapshot_on": "DATE", "invented": "BOOLEAN"}
    return Collection(
        layer, {"id": "VARCHAR", **published, **common, **feature_pages.SOURCE_COLUMNS}, TIMES.get(layer.name, "")
    )


COLLECTIONS = {name: _build_collection(LAYERS[name]) for name in PUBLISHED if LAYERS[name].has_geometry}
"""All that may be offered; `list_collections` tells what the current map has."""


def list_collections() -> dict[str, Bounds | None]:
    """Return the collections of which the current map has features, with their extents."""
    return dict(_nonempty_collections(str(open_map.public_map().path)))


def invented_text() -> str:
    """Return the warning if any data on the map are invented; otherwise an empty text."""
    return invented_data_text(open_map.public_map().open_cursor())


def map_notes() -> list[str]:
    """Return notes on the map as a whole: invented data, that it is older than its workspace, which sources overlap."""
    behind = _("The workspace has changed since this map was built. You see the map from before the change.")
    try:
        is_behind = open_map.is_behind()
    except NotBuiltError:  # the collections report it
        return []
    doubled = _("{source} contains the same as {other}. Both are offered; together they would be counted twice.")
    con = open_map.public_map().open_cursor()
    twice = Registers.from_map(con).list_left_out().items()
    lines = [doubled.format(source=source, other=other_source) for source, other_source in twice]
    return [*filter(None, [invented_data_text(con)]), *([behind] if is_behind else []), *lines]


@lru_cache(maxsize=1)
def _nonempty_collections(_path: str) -> tuple[tuple[str, Bounds | None], ...]:
    extents = []
    for name, collection in COLLECTIONS.items():
        con = collection.open_cursor()
        if feature_pages.count_features(con, collection.layer, Condition()):
            extents.append((name, feature_pages.extent(con, collection.layer)))
    return tuple(extents)


@lru_cache(maxsize=1)
def _load_incidents(_path: str) -> Connection:
    """Load the publishable incidents into memory: locations no finer than known, under new ids."""
    con = open_map.public_map().open_cursor()
    rows = record_queries.read_layer_rows(con, INCIDENTS)
    publishers = {source_row.source_id: source_row.publisher for source_row in map_database.read_sources(con)}
    rows = rows.assign(sources=rows["sources"].fillna(rows["source_id"].map(publishers)))
    snapshot_on = max((source_row.snapshot_on for source_row in map_database.read_sources(con)), default=None)
    shown = coarsen_incidents(gpd.GeoDataFrame(rows[is_public(rows)]), read_extents(con))
    ids = [blake2b(id_.encode(), key=_KEY, digest_size=8).hexdigest() for id_ in shown["id"]]
    renamed = shown.assign(id=ids, source_id=PEOPLE_SOURCE, snapshot_on=snapshot_on, code=None)
    source: dict[str, object] = {
        "source_id": PEOPLE_SOURCE,
        "snapshot_on": snapshot_on,
        "layer": INCIDENTS.name,
        "title": "",
    }
    source |= {"publisher": CITED_LICENCE, "licence": "", "is_current": True, "invented": False, "fingerprint": ""}
    source |= dict.fromkeys(("rows_read", "rows_kept", "rows_repaired", "rows_rejected"), 0)
    return feature_pages.open_memory_map(
        INCIDENTS, gpd.GeoDataFrame(renamed[[*_needed_columns(renamed), "geometry"]], crs=shown.crs), source
    )


def _needed_columns(rows: gpd.GeoDataFrame) -> list[str]:
    needed = {*COLLECTIONS["incidents"].columns, "source_id", "snapshot_on", "row_number"}
    return [name for name in rows.columns if name in needed]
