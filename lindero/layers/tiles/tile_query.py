"""Vector tiles of the map's layers, queried from the database.

At small zooms, where features would overlap one another, a tile contains counts per cell instead, so that no feature is
left out silently. The attributes in tiles can also be queried by feature id, for the lists beside a map that follow its
filter.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from math import atan, degrees, pi, sinh

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from lindero.layers.database.definitions import EVENT_SQL, PLACED_SQL
from lindero.layers.database.map_database import CURRENT, MEETS_BOX_SQL, Bounds, Connection
from lindero.layers.tiles import clip
from lindero.layers.tiles.clip import EXTENT, MARGIN, GridValues, PlacedRings, Shapes, Tile

FIRST_FEATURE_ZOOM = 5  # zoom of tiles; they are drawn at 512 pixels, so readers see features from zoom 6
LAST_ZOOM = 16
CELLS = 64  # cells along a tile's side


@dataclass(frozen=True)
class TileLayer:
    """A layer in tiles: its attributes as SQL, and the attribute that determines a feature's class on the map."""

    name: str
    attributes: dict[str, str]
    classed_by: str = ""
    only: str = "true"

    @property
    def class_sql(self) -> str:
        """The SQL expression of a feature's class: a code of the vocabulary, or the layer's name."""
        return self.classed_by or f"'{self.name}'"

    @property
    def status_sql(self) -> str:
        """The SQL expression of a feature's status; NULL if the layer has none that the map's filter uses."""
        return self.attributes.get("status", "NULL::VARCHAR")

    @property
    def year_sql(self) -> str:
        """The SQL expression of a feature's year; NULL if the layer has none."""
        return self.attributes.get("year", "NULL::BIGINT")

    @property
    def is_dated(self) -> bool:
        """Whether features of the layer should have a year."""
        return "year" in self.attributes


@dataclass(frozen=True)
class TileFeatures:
    """Features of a layer for tiles: `id`, attributes and `xmin` of each, and its geometry in Web Mercator."""

    layer: TileLayer
    table: pa.Table
    shapes: Shapes

    def simplify_for_zoom(self, z: int) -> "TileFeatures":
        """Return the features simplified for a zoom."""
        return replace(self, shapes=clip.simplify_for_zoom(self.shapes, z))

    def take(self, positions: GridValues) -> "TileFeatures":
        """Return the features at the given positions."""
        return replace(self, table=self.table.take(pa.array(positions)), shapes=self.shapes[positions])


TILE_LAYERS = (
    TileLayer("protected_areas", {"name": "name"}),
    TileLayer("communities", {"name": "name"}),
    TileLayer(
        "concessions",
        {"name": "name", "kind": "kind", "status": "status", "year": "year(coalesce(granted_on, applied_on))"},
        classed_by="kind",
    ),
    TileLayer("mining_scars", {"year": "year(observed_on)"}),
    TileLayer(
        "incidents",
        {"name": "title", "precision": "location_precision", "year": "year(occurred_on)"},
        only=f"{EVENT_SQL} AND {PLACED_SQL}",
    ),
)

# Queried first for all layers at once: most tiles contain few layers, and planning a query takes milliseconds.
_MET_SQL = " UNION ALL ".join(
    f"(SELECT '{layer.name}' FROM {layer.name} WHERE {MEETS_BOX_SQL} AND {CURRENT} LIMIT 1)" for layer in TILE_LAYERS
)


def build_tile(con: Connection, z: int, x: int, y: int, left_out: Collection[str] = ()) -> bytes:
    """Build the vector tile `z`/`x`/`y` from the current snapshots.

    Every layer of the map is a tile layer under its own name. Below `FIRST_FEATURE_ZOOM` there is one layer named
    `counts`. Its cells count the features of each class by the centre of their bounding box.
    """
    if z < FIRST_FEATURE_ZOOM:
        return b"".join(data for _, _, data in build_count_tiles(con, z, left_out, only=(x, y)))
    layer_names = _find_layers(con, tile_bounds(z, x, y))
    return b"".join(_encode_layer(con, layer, z, x, y) for layer in TILE_LAYERS if layer.name in layer_names)


def tile_bounds(z: int, x: int, y: int) -> Bounds:
    """Return west, south, east and north of a tile with its margin, in degrees."""
    side = 2**z
    west, east = ((column / side) * 360 - 180 for column in (x - MARGIN, x + 1 + MARGIN))
    north, south = (degrees(atan(sinh(pi * (1 - 2 * row / side)))) for row in (y - MARGIN, y + 1 + MARGIN))
    return west, south, east, north


def _find_layers(con: Connection, within: Bounds) -> set[str]:
    """Return the names of the layers with any bounding box that intersects `within`."""
    edges = dict(zip(("west", "south", "east", "north"), within, strict=True))
    return {name for (name,) in con.execute(_MET_SQL, edges).fetchall()}


def read_features(con: Connection, layer: TileLayer, within: Bounds) -> TileFeatures:
    """Read the features of a layer, from the current snapshots, with bounding boxes that intersect `within`.

    `layer`: one of `TILE_LAYERS`. `within`: west, south, east and north in degrees. Returns: A table with `id`, the
    attributes of the layer and `xmin` (degrees), and geometries in Web Mercator fractions of the world. Features
    without geometry are left out.
    """
    attributes = ", ".join(f"{expression} AS {name}" for name, expression in layer.attributes.items())
    west, south, east, north = within
    # Filter by the columns of the box, which are sorted: a test on the geometry itself would read all of it.
    rows = con.execute(
        f"""
        SELECT id, {attributes}, xmin, ST_AsWKB(geometry) AS geometry FROM {layer.name}
        WHERE {MEETS_BOX_SQL} AND {CURRENT} AND {layer.only}
        """,
        {"west": west, "south": south, "east": east, "north": north},
    ).to_arrow_table()
    degrees = np.asarray(shapely.from_wkb(rows["geometry"].to_numpy()), dtype=object)
    return TileFeatures(layer, rows.drop_columns("geometry"), clip.project_to_plane(degrees))


def encode_features(con: Connection, features: TileFeatures, z: int, placed: PlacedRings) -> list[Tile]:
    """Clip and encode one layer of tiles.

    `placed`: positions of features, and x and y of their tiles, as `layers.tiles.clip.pair_with_tiles` returns them.
    """
    position, x, y = placed
    clipped, is_dot = clip.clip_to_tiles(features.shapes[position], z, x, y)
    kept_positions = np.flatnonzero(~shapely.is_missing(clipped))
    if not len(kept_positions):
        return []
    pieces = features.table.take(pa.array(position[kept_positions])).select(["id", *features.layer.attributes])
    added = {
        "tiny": pa.array(np.ones(len(kept_positions), dtype=np.int32), mask=~is_dot[kept_positions]),
        "geometry": pa.array(shapely.to_wkb(clipped[kept_positions]), pa.binary()),
        "x": pa.array(x[kept_positions]),
        "y": pa.array(y[kept_positions]),
    }
    for name, values in added.items():
        pieces = pieces.append_column(name, values)
    return clip.encode(con, features.layer.name, pieces, z)


def _encode_layer(con: Connection, layer: TileLayer, z: int, x: int, y: int) -> bytes:
    features = read_features(con, layer, tile_bounds(z, x, y)).simplify_for_zoom(z)
    count = len(features.shapes)
    placed = np.arange(count), np.full(count, x), np.full(count, y)
    return b"".join(data for _, _, data in encode_features(con, features, z, placed)) if count else b""


def build_count_tiles(
    con: Connection, z: int, left_out: Collection[str], only: tuple[int, int] | None = None
) -> list[Tile]:
    """Build tiles of counts per cell: those of a zoom, or the tile `only`.

    Cells are outlined clockwise, as tiles require. Tiles without features are left out. The attribute `by` states the
    counts by class, status and year, as in `mining:granted:2009x3 2010,communities::-x12`.
    """
    classes = " UNION ALL ".join(
        f"SELECT {layer.class_sql} AS class, {layer.status_sql} AS status, {layer.year_sql} AS year,"
        f" (xmin + xmax) / 2 AS lon, (ymin + ymax) / 2 AS lat"
        f" FROM {layer.name} WHERE xmin IS NOT NULL AND {CURRENT} AND {layer.only}"
        f" AND NOT list_contains($left_out, source_id)"
        for layer in TILE_LAYERS
    )
    side, unit = 2**z * CELLS, EXTENT // CELLS
    values = {"left_out": [*left_out]}
    names = con.execute(f"SELECT DISTINCT class FROM ({classes}) ORDER BY class", values).fetchall()
    sums = ", ".join(f"(sum(number) FILTER (class = '{name}'))::INTEGER AS {name}" for (name,) in names)
    if not sums:
        return []
    attributes = ", ".join(f"{name} := {name}" for name in (*(name for (name,) in names), '"by"', "geometry"))
    west, north, east, south = (0, 0, 2**z - 1, 2**z - 1) if only is None else (*only, *only)
    within = (
        f"across BETWEEN {west * CELLS} AND {(east + 1) * CELLS - 1} "
        f"AND down BETWEEN {north * CELLS} AND {(south + 1) * CELLS - 1}"
    )
    query = f"""
        WITH placed AS (
            SELECT class, status, year, floor((lon + 180) / 360 * {side})::INTEGER AS across,
                floor((1 - asinh(tan(radians(lat))) / pi()) / 2 * {side})::INTEGER AS down
            FROM ({classes}) WHERE abs(lat) < 85
        ), counted AS (
            SELECT across // {CELLS} AS x, down // {CELLS} AS y, across % {CELLS} AS column_, down % {CELLS} AS row_,
                class, status, year, count(*) AS number FROM placed
            WHERE {within} GROUP BY ALL
        ), told AS (
            SELECT x, y, column_, row_, class, coalesce(status, '') AS status, sum(number) AS number, string_agg(
                coalesce(year::VARCHAR, '-') || CASE WHEN number > 1 THEN 'x' || number ELSE '' END, ' ' ORDER BY year
            ) AS years FROM counted GROUP BY ALL
        ), cells AS (
            SELECT x, y, column_, row_, {sums},
                string_agg(class || ':' || status || ':' || years, ',' ORDER BY class, status) AS by,
                ST_Reverse(ST_MakeEnvelope(
                    column_ * {unit}, row_ * {unit}, (column_ + 1) * {unit}, (row_ + 1) * {unit}
                )) AS geometry
            FROM told GROUP BY x, y, column_, row_
        )
        SELECT x, y, ST_AsMVT(struct_pack({attributes}), 'counts', {EXTENT}, 'geometry' ORDER BY column_, row_)
        FROM cells GROUP BY x, y
    """
    return [(x, y, bytes(data)) for x, y, data in con.execute(query, values).fetchall()]


TILE_LAYERS_BY_NAME = {layer.name: layer for layer in TILE_LAYERS}
_COLUMNS = ("id", "class", "status", "year", "dated", "xmin", "ymin", "xmax", "ymax")


def read_map_features(con: Connection, layer: str, ids: list[str]) -> pd.DataFrame:
    """Read the map attributes of features by `id`.

    `layer`: the name of a layer. For a layer that the map does not draw, such as `regions`, the result is empty.
    Returns: one row per feature that the map draws, by `id`: `class` (a code), `status`, `year`, `dated` (whether the
    layer has years), and the bounds `xmin`, `ymin`, `xmax`, `ymax` in degrees. Features that are not drawn are missing.
    """
    tile_layer = TILE_LAYERS_BY_NAME.get(layer)
    if tile_layer is None:  # the map does not draw regions
        return pd.DataFrame(columns=[*_COLUMNS])
    return con.execute(
        f"""
        SELECT id, {tile_layer.class_sql} AS class, {tile_layer.status_sql} AS status, {tile_layer.year_sql} AS year,
            {tile_layer.is_dated} AS dated, xmin, ymin, xmax, ymax
        FROM {layer} WHERE id IN (SELECT unnest($ids)) AND {CURRENT} AND {tile_layer.only}
        ORDER BY id
        """,
        {"ids": ids},
    ).df()


def concession_statuses(con: Connection) -> list[str]:
    """Return the statuses of the concessions on the map, in the vocabulary's order.

    Returns: codes of the vocabulary `concession_status` in the current snapshots; empty if no concession has a status.
    """
    query = f"""
        SELECT code FROM vocabularies WHERE vocabulary = 'concession_status'
        AND code IN (SELECT status FROM concessions WHERE {CURRENT}) ORDER BY position
    """
    return [code for (code,) in con.execute(query).fetchall()]


def year_range(con: Connection) -> tuple[int, int] | None:
    """Return the first and last year of the features on the map."""
    years_sql = " UNION ALL ".join(
        f"SELECT {layer.year_sql} AS year FROM {layer.name} WHERE {CURRENT} AND {layer.only}"
        for layer in TILE_LAYERS
        if layer.is_dated
    )
    first, last = con.execute(f"SELECT min(year), max(year) FROM ({years_sql})").fetchone() or (None, None)
    return None if first is None else (first, last)
