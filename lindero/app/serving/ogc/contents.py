"""What can be had at `/ogc`: the layers and columns that a publication shows, of the map without the vault."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import geopandas as gpd

from lindero.app.answers.registers import Registers
from lindero.app.current import open_map
from lindero.app.products.publication.select import CITED, OF_PEOPLE, coarse
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

_KEY = secrets.token_bytes(16)  # of this process: what an incident is called here leads back to no file
_LEFT_OUT = frozenset({"visibility"})  # all are public record


@dataclass(frozen=True)
class Collection:
    """A layer as it is offered: its columns by name with their types, and the one by which it lies in time."""

    layer: Layer
    columns: Mapping[str, str]
    time: str

    @property
    def name(self) -> str:
        """Give the name that it is asked for by."""
        return self.layer.name

    def cursor(self) -> Connection:
        """
        Give a connection of the caller's own to what is offered of the current map.

        Raises
        ------
        NotBuiltError
            If there is no map yet, or it cannot be read.
        """
        served = open_map.without_vault()
        if self.layer is INCIDENTS:
            return map_database.cursor(_incidents(str(served.path)))
        return served.cursor(for_tiles=True)


def _collection(layer: Layer) -> Collection:
    types = {column.name: column.type for column in layer.columns}
    own = {name: types[name] for name in PUBLISHED[layer.name] if name not in _LEFT_OUT}
    if layer is INCIDENTS:
        return Collection(layer, {"id": "VARCHAR", **own, "invented": "BOOLEAN"}, TIMES["incidents"])
    common = {"snapshot_on": "DATE", "invented": "BOOLEAN"}
    return Collection(layer, {"id": "VARCHAR", **own, **common, **feature_pages.OF_SOURCE}, TIMES.get(layer.name, ""))


COLLECTIONS = {name: _collection(LAYERS[name]) for name in PUBLISHED if LAYERS[name].has_geometry}
"""All that may be offered; `collections_offered` tells what the current map has."""


def collections_offered() -> dict[str, Bounds | None]:
    """
    Name the collections that the current map has features of, and their extents.

    Raises
    ------
    NotBuiltError
        If there is no map yet, or it cannot be read.
    """
    return dict(_offered(str(open_map.without_vault().path)))


def notes() -> list[str]:
    """Say what is to be known of the map as a whole: that it is behind its workspace, and what it tells twice."""
    behind = _("The workspace has changed since this map was built: what is shown here is of the map before that.")
    try:
        is_behind = open_map.behind()
    except NotBuiltError:  # the collections say so
        return []
    doubled = _("{source} tells the same things as {other}: both are offered, and would be counted twice.")
    twice = Registers.of_map(open_map.without_vault().cursor()).left_out().items()
    lines = [doubled.format(source=source, other=other) for source, other in twice]
    return [*([behind] if is_behind else []), *lines]


@lru_cache(maxsize=1)
def _offered(_path: str) -> tuple[tuple[str, Bounds | None], ...]:
    found = []
    for name, one in COLLECTIONS.items():
        con = one.cursor()
        if feature_pages.number(con, one.layer, Condition()):
            found.append((name, feature_pages.extent(con, one.layer)))
    return tuple(found)


@lru_cache(maxsize=1)
def _incidents(_path: str) -> Connection:
    """Hold the incidents as a publication shows them: no finer than their place is known, under new names."""
    con = open_map.without_vault().cursor()
    rows = record_queries.rows(con, INCIDENTS)
    publishers = {one.source_id: one.publisher for one in map_database.read_sources(con)}
    rows = rows.assign(sources=rows["sources"].fillna(rows["source_id"].map(publishers)))
    day = max((one.snapshot_on for one in map_database.read_sources(con)), default=None)
    shown = coarse(gpd.GeoDataFrame(rows[is_public(rows)]))
    ids = [blake2b(id_.encode(), key=_KEY, digest_size=8).hexdigest() for id_ in shown["id"]]
    renamed = shown.assign(id=ids, source_id=OF_PEOPLE, snapshot_on=day, code=None)
    source: dict[str, object] = {"source_id": OF_PEOPLE, "snapshot_on": day, "layer": INCIDENTS.name, "title": ""}
    source |= {"publisher": CITED, "licence": "", "is_current": True, "invented": False, "fingerprint": ""}
    source |= dict.fromkeys(("rows_read", "rows_kept", "rows_repaired", "rows_rejected"), 0)
    return feature_pages.in_memory_map(
        INCIDENTS, gpd.GeoDataFrame(renamed[[*_kept(renamed), "geometry"]], crs=shown.crs), source
    )


def _kept(rows: gpd.GeoDataFrame) -> list[str]:
    wanted = {*COLLECTIONS["incidents"].columns, "source_id", "snapshot_on", "row_number"}
    return [name for name in rows.columns if name in wanted]
