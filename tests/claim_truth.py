"""The rows of a map and what its sources cover, read again, for tests of what is said about them."""

from functools import cached_property

import geopandas as gpd
import pandas as pd
import shapely

from lindero.layers.database import map_database
from lindero.layers.model.schema import LAYERS
from lindero.layers.reference import base_data

EQUAL_AREA = "EPSG:6933"
NEAR_M, LEAST_HA, STRIP_HA, WHOLE = 25_000, 0.01, 1.0, 0.98
PLACED = {"exact", "locality"}
COARSE_M = {"district": 60_000, "province": 150_000}  # no area of these is wider
CELL_M, BLUR_M = 16_000, 1_000  # an exact place is published as a cell of the grid; outlines are simplified
FAR_DEGREES = (
    0.5  # more than 25 km: an outline at this distance is not near, nor the middle of a coarse place at thrice it
)
CURRENT_DAYS = "SELECT snapshot_on FROM sources WHERE is_current AND layer = 'concessions'"


class Truth:
    """The rows of a map and what its sources cover, read again."""

    def __init__(self, con: map_database.Connection) -> None:
        self._con = con
        self._read: dict[str, gpd.GeoDataFrame] = {}
        self._known: dict[str, gpd.GeoDataFrame] = {}
        self._near: dict[tuple[str, bytes], tuple[int, int]] = {}

    def rows(self, layer: str) -> gpd.GeoDataFrame:
        """Return the current rows of a layer; attacks are incidents with an act, and conflicts those without."""
        if layer in {"attacks", "conflicts"}:
            has_act = self.rows("incidents")["id"].isin(self.rows("acts")["incident_id"])
            return self.rows("incidents")[has_act if layer == "attacks" else ~has_act]
        if layer not in self._read:
            self._read[layer] = map_database.read_layer(self._con, LAYERS[layer])
        return self._read[layer]

    @cached_property
    def has_several_snapshots(self) -> bool:
        """Whether a source of concessions, communities or protected areas has more than one snapshot."""
        layers = "('concessions', 'communities', 'protected_areas')"
        query = f"SELECT 1 FROM sources WHERE layer IN {layers} GROUP BY source_id HAVING count(*) > 1 LIMIT 1"
        return self._con.execute(query).fetchone() is not None

    def killings(self) -> gpd.GeoDataFrame:
        acts = self.rows("acts")
        return self.rows("attacks")[self.rows("attacks")["id"].isin(acts.loc[acts["type"] == "killing", "incident_id"])]

    @cached_property
    def _coverage(self) -> pd.DataFrame:
        current = self._con.execute("SELECT source_id, snapshot_on FROM sources WHERE is_current").fetchall()
        rows = self._con.execute(
            "SELECT layer, source_id, snapshot_on, extent, ST_AsWKB(geometry) FROM coverage"
        ).fetchall()
        table = pd.DataFrame(rows, columns=["layer", "source_id", "snapshot_on", "extent", "wkb"])
        keys = zip(table["source_id"], table["snapshot_on"], strict=True)
        return table[[key in set(current) for key in keys]]

    def ground(self, layer: str, extent: str = "covered") -> shapely.Geometry:
        """Return where sources of a layer state that they have data, in degrees."""
        table = self._coverage
        if layer in {"attacks", "conflicts"}:
            table = table[table["source_id"].isin(self.rows(layer)["source_id"])]
            layer = "incidents"
        chosen = table[(table["layer"] == layer) & (table["extent"] == extent)].dropna(subset="wkb")
        return shapely.union_all(shapely.from_wkb([bytes(wkb) for wkb in chosen["wkb"]]))

    def covered(self, layer: str, place: shapely.Geometry) -> float:
        """Return the share of a place that is covered; of a point 0 or 1."""
        ground = self.ground(layer)
        return float(ground.covers(place)) if not place.area else ground.intersection(place).area / place.area

    def lying(self, layer: str, place: shapely.Geometry) -> gpd.GeoDataFrame:
        """Return the rows of a layer on a place, slivers left out, with the hectares that lie there as `ha`."""
        rows = self.rows(layer)
        rows = rows[rows.geometry.notna() & rows.intersects(place)]
        if not place.area:
            return rows.assign(ha=0.0)
        shared = gpd.GeoSeries(rows.intersection(place), crs=rows.crs).to_crs(EQUAL_AREA).area / 1e4
        return rows.assign(ha=shared)[(shared > LEAST_HA) | (shapely.get_dimensions(rows.geometry) == 0)]

    def metres_away(self, rows: gpd.GeoDataFrame, place: shapely.Geometry) -> "pd.Series[float]":
        shape = gpd.GeoSeries([place], crs=rows.crs)
        zone = shape.estimate_utm_crs()
        return rows.to_crs(zone).distance(shape.to_crs(zone).iloc[0])

    def near(self, kind: str, place: shapely.Geometry) -> tuple[int, int]:
        """Count the incidents within 25 km of a place: surely, and at most, by polygons where the map has them."""
        if (key := (kind, place.wkb)) not in self._near:
            self._near[key] = self._count_near(kind, place)
        return self._near[key]

    def _count_near(self, kind: str, place: shapely.Geometry) -> tuple[int, int]:
        shapes = self._shapes(kind)
        degrees = shapely.distance(shapes.geometry.to_numpy(), place)
        shapes = shapes[degrees < shapes["is_area"].map({True: FAR_DEGREES, False: 3 * FAR_DEGREES})]
        least = self.metres_away(shapes, place)
        corners = shapes[shapes["is_area"] & (least <= NEAR_M)].get_coordinates().groupby(level=0)
        whole = [index for index, at in corners if self._farthest(at, place) <= NEAR_M]
        is_point, margin = ~shapes["is_area"], shapes["location_precision"].map(COARSE_M).astype(float).fillna(0)
        margin = margin.mask(shapes["location_precision"].isin(PLACED), CELL_M).mask(shapes["is_area"], BLUR_M)
        is_sure = is_point & shapes["location_precision"].isin(PLACED) & (least <= NEAR_M)
        return int(is_sure.sum()) + len(whole), int((least <= NEAR_M + margin).sum())

    def _farthest(self, at: pd.DataFrame, place: shapely.Geometry) -> float:
        corners = gpd.GeoDataFrame(geometry=gpd.points_from_xy(at["x"], at["y"]), crs="OGC:CRS84")
        return float(self.metres_away(corners, place).max())

    def _shapes(self, kind: str) -> gpd.GeoDataFrame:
        """Return the incidents of a kind as what is known of their place: a polygon of the map, or a point."""
        if kind not in self._known:
            rows = self.rows(kind)[["location_precision", "geometry"]].dropna(subset="geometry").reset_index(drop=True)
            own = [self.extent(at, level) for level, at in rows.itertuples(index=False)]
            rows["is_area"] = [len(areas) > 0 for areas in own]
            shapes = [
                areas.geometry.iloc[0] if len(areas) else at for areas, at in zip(own, rows.geometry, strict=True)
            ]
            self._known[kind] = rows.set_geometry(gpd.GeoSeries(shapes, crs=rows.crs))
        return self._known[kind]

    def extent(self, at: shapely.Geometry, level: str) -> gpd.GeoDataFrame:
        """Return the polygon of the district or province that an incident is known by; empty if the map has none."""
        areas = self.rows("regions")
        return areas[(areas["level"] == level) & areas.contains(at)] if level in COARSE_M else areas.head(0)

    def has_earlier_concessions(self) -> bool:
        """Return whether any register of concessions has an earlier snapshot."""
        earlier = "SELECT 1 FROM sources WHERE NOT is_current AND layer = 'concessions'"
        return bool(self._con.execute(earlier).fetchall())

    def recent(self) -> gpd.GeoDataFrame:
        """Return the acts of the last twelve months of the register: a row for each date of a concession."""
        rows = self.rows("concessions")
        until = pd.Timestamp(max(self._con.execute(CURRENT_DAYS).fetchall())[0]) if len(rows) else pd.Timestamp(0)
        dates = pd.concat([rows.assign(on=pd.to_datetime(rows[name])) for name in ("applied_on", "granted_on")])
        return dates[(dates["on"] > until - pd.DateOffset(months=12)) & (dates["on"] <= until)]

    def recent_on(self, land: shapely.Geometry) -> int:
        """Count the acts of the last twelve months on a land; strips that the accuracy of boundaries explains do not count."""
        lying = self.lying("concessions", land)
        return int(self.recent()["id"].isin(lying.loc[lying["ha"] >= STRIP_HA, "id"]).sum())

    @cached_property
    def region_shares(self) -> pd.DataFrame:
        """The share of each department of Peru under concession that was found, and that is covered, by name."""
        own = self.rows("regions").query("level == 'department'")
        areas = (own if len(own) else base_data.load_regions("PE")).to_crs(EQUAL_AREA)
        titles, covered = self.rows("concessions"), self.ground("concessions")
        conceded = shapely.union_all(titles.to_crs(EQUAL_AREA).geometry.dropna().to_numpy())
        ground = gpd.GeoSeries([covered], crs=titles.crs).to_crs(EQUAL_AREA).iloc[0]
        shares = {
            "found": areas.intersection(conceded).area / areas.area,
            "covered": areas.intersection(ground).area / areas.area,
        }
        return pd.DataFrame(shares).set_axis(areas["name"].str.lower())
