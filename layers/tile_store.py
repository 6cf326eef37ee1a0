"""
Vector tiles of the map's layers, cut by the database.

Far out, where features would fall on one another, a tile holds counts in cells instead: nothing is left out unsaid.
"""

from dataclasses import dataclass
from math import atan, degrees, pi, sinh

from layers.questions import CURRENT, DRAWN
from layers.schema import CRS
from layers.store import Bounds, Connection

FIRST_FEATURE_ZOOM = 5  # of the tile; tiles are drawn at 512 pixels, so readers see features from zoom 6
LAST_SIMPLIFIED_ZOOM = 9
LAST_ZOOM = 16
EXTENT = 4096  # units along a tile's side
MARGIN = 64  # units around it, so that outlines do not end at its edge
CELLS = 64  # along a tile's side
MERCATOR = "+proj=webmerc +datum=WGS84"
EQUATOR_M = 40_075_016.685578488


@dataclass(frozen=True)
class TileLayer:
    """What a tile says of a layer's features: its attributes as SQL, and the one that tells their class on the map."""

    name: str
    attributes: dict[str, str]
    classed_by: str = ""
    only: str = "true"

    @property
    def class_sql(self) -> str:
        """Give the class of a feature as SQL: a code of the vocabulary, or the layer itself."""
        return self.classed_by or f"'{self.name}'"

    @property
    def status_sql(self) -> str:
        """Give the state of a feature as SQL; NULL if the layer has none that the map's filter knows."""
        return self.attributes.get("status", "NULL::VARCHAR")

    @property
    def year_sql(self) -> str:
        """Give the year of a feature as SQL; NULL if the layer has none."""
        return self.attributes.get("year", "NULL::BIGINT")

    @property
    def is_dated(self) -> bool:
        """Whether features of the layer ought to have a year."""
        return "year" in self.attributes


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
        only=DRAWN,
    ),
)


def tile(con: Connection, z: int, x: int, y: int) -> bytes:
    """
    Cut the vector tile `z`/`x`/`y` (Web Mercator, rows from the north) out of the current snapshots; b"" if empty.

    Every layer of the map is a layer of the tile under its own name; below `FIRST_FEATURE_ZOOM` there is one named
    `counts`, whose cells say how many features of each class have the middle of their bounding box there.
    """
    if z < FIRST_FEATURE_ZOOM:
        return _counts(con, z, x, y)
    return b"".join(_features(con, layer, z, x, y) for layer in TILE_LAYERS)


def bounds(z: int, x: int, y: int) -> Bounds:
    """West, south, east and north of a tile with its margin, in degrees."""
    side, margin = 2**z, MARGIN / EXTENT
    west, east = ((column / side) * 360 - 180 for column in (x - margin, x + 1 + margin))
    north, south = (degrees(atan(sinh(pi * (1 - 2 * row / side)))) for row in (y - margin, y + 1 + margin))
    return west, south, east, north


def _features(con: Connection, layer: TileLayer, z: int, x: int, y: int) -> bytes:
    projected = f"ST_Transform(geometry, '{CRS}', '{MERCATOR}', always_xy := true)"
    simplified = (
        f"ST_Simplify(projected, {EQUATOR_M / 2**z / EXTENT * 2}e0)" if z <= LAST_SIMPLIFIED_ZOOM else "projected"
    )
    attributes = ", ".join(f"{expression} AS {name}" for name, expression in layer.attributes.items())
    frame = f"ST_Extent(ST_TileEnvelope($z, $x, $y)), {EXTENT}, {MARGIN}, true"
    # By the columns of the boxes, which are sorted: a test on the geometry itself reads all of it.
    # Materialised, or the optimiser pushes ST_AsMVTGeom's own test down into a scan of the whole table.
    query = f"""
        WITH found AS MATERIALIZED (
            SELECT id, {attributes}, {projected} AS projected
            FROM {layer.name}
            WHERE xmax >= $west AND xmin <= $east AND ymax >= $south AND ymin <= $north AND {CURRENT} AND {layer.only}
        ), cut AS MATERIALIZED (
            SELECT *, ST_AsMVTGeom({simplified}, {frame}) AS drawn FROM found
        ), shapes AS (
            SELECT * EXCLUDE (projected, drawn), CASE WHEN drawn IS NULL THEN 1 END AS tiny,
                coalesce(drawn, ST_AsMVTGeom(ST_Centroid(projected), {frame})) AS geometry
            FROM cut ORDER BY id
        )
        SELECT ST_AsMVT(shapes, '{layer.name}', {EXTENT}, 'geometry') FROM shapes HAVING count(*) > 0
    """
    west, south, east, north = bounds(z, x, y)
    place = {"west": west, "south": south, "east": east, "north": north, "z": z, "x": x, "y": y}
    row = con.execute(query, place).fetchone()
    return bytes(row[0]) if row else b""


def _counts(con: Connection, z: int, x: int, y: int) -> bytes:
    """
    Count in cells, outlined clockwise, as tiles are to be.

    `by` tells the counts by class, state and year, as `mining:granted:2009x3 2010,communities::-x12`.
    """
    classes = " UNION ALL ".join(
        f"SELECT {layer.class_sql} AS class, {layer.status_sql} AS status, {layer.year_sql} AS year,"
        f" (xmin + xmax) / 2 AS lon, (ymin + ymax) / 2 AS lat"
        f" FROM {layer.name} WHERE xmin IS NOT NULL AND {CURRENT} AND {layer.only}"
        for layer in TILE_LAYERS
    )
    side, unit = 2**z * CELLS, EXTENT // CELLS
    names = con.execute(f"SELECT DISTINCT class FROM ({classes}) ORDER BY class").fetchall()
    sums = ", ".join(f"(sum(number) FILTER (class = '{name}'))::INTEGER AS {name}" for (name,) in names)
    if not sums:
        return b""
    query = f"""
        WITH placed AS (
            SELECT class, status, year, floor((lon + 180) / 360 * {side})::INTEGER - {x * CELLS} AS column_,
                floor((1 - asinh(tan(radians(lat))) / pi()) / 2 * {side})::INTEGER - {y * CELLS} AS row_
            FROM ({classes}) WHERE abs(lat) < 85
        ), counted AS (
            SELECT column_, row_, class, status, year, count(*) AS number FROM placed
            WHERE column_ BETWEEN 0 AND {CELLS - 1} AND row_ BETWEEN 0 AND {CELLS - 1} GROUP BY ALL
        ), told AS (
            SELECT column_, row_, class, coalesce(status, '') AS status, sum(number) AS number, string_agg(
                coalesce(year::VARCHAR, '-') || CASE WHEN number > 1 THEN 'x' || number ELSE '' END, ' ' ORDER BY year
            ) AS years FROM counted GROUP BY ALL
        ), cells AS (
            SELECT {sums}, string_agg(class || ':' || status || ':' || years, ',' ORDER BY class, status) AS by,
                ST_Reverse(ST_MakeEnvelope(
                    column_ * {unit}, row_ * {unit}, (column_ + 1) * {unit}, (row_ + 1) * {unit}
                )) AS geometry
            FROM told GROUP BY column_, row_ ORDER BY column_, row_
        )
        SELECT ST_AsMVT(cells, 'counts', {EXTENT}, 'geometry') FROM cells HAVING count(*) > 0
    """
    row = con.execute(query).fetchone()
    return bytes(row[0]) if row else b""
