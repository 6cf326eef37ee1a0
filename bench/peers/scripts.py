"""
Plain scripts that answer the question of a command, by command and by the library that they are written with.

Each reads the GeoPackages of `bench.commands` and writes a CSV file, or the export. None checks its input, states what
is unknown, or computes a range.
"""

_HEAD = """
import sys
titles, lands, earlier, regions, out = sys.argv[1:]
"""
_GEOPANDAS = f"{_HEAD}import geopandas as gpd"
_DUCKDB = f"""{_HEAD}import duckdb
from lindero.layers.database.extensions import load_extension
con = duckdb.connect()
load_extension(con, "spatial")
project = "ST_Transform({{}}, 'OGC:CRS84', '{{}}', always_xy := true)".format
"""

_OVERLAPS = {
    "geopandas": """
titles, lands = (gpd.read_file(path).to_crs(8857) for path in (titles, lands))
pairs = gpd.overlay(titles[["id", "geometry"]], lands[["id", "geometry"]], keep_geom_type=True)
pairs.assign(ha=pairs.area / 1e4).drop(columns="geometry").to_csv(out)
""",
    "DuckDB spatial": """
for name, path in (("titles", titles), ("lands", lands)):
    con.execute(f"CREATE TABLE {name} AS SELECT id, {project('geom', 'EPSG:8857')} AS geom FROM ST_Read('{path}')")
con.execute(f'''
    COPY (SELECT t.id, l.id AS land, ST_Area(ST_Intersection(t.geom, l.geom)) / 1e4 AS ha
          FROM titles t JOIN lands l ON ST_Intersects(t.geom, l.geom)) TO '{out}' (HEADER)''')
""",
}
_EXPOSURE = {  # the share under concession, and the concessions within 10 km: no range, no other distance, no rank
    "geopandas": """
titles, lands = (gpd.read_file(path)[["id", "geometry"]].to_crs(8857) for path in (titles, lands))
pairs = gpd.overlay(lands, titles.rename(columns={"id": "title"}), keep_geom_type=True)
lands["share"] = lands["id"].map(pairs.dissolve("id").area) / lands.area
near, _ = titles.to_crs(32718).sindex.query(lands.to_crs(32718).geometry, predicate="dwithin", distance=10e3)
lands["within_10_km"] = lands.index[near].value_counts()
lands.drop(columns="geometry").fillna(0).sort_values("share", ascending=False).to_csv(out)
""",
    "DuckDB spatial": """
for name, path in (("titles", titles), ("lands", lands)):
    planes = f"{project('geom', 'EPSG:8857')} AS geom, {project('geom', 'EPSG:32718')} AS utm"
    con.execute(f"CREATE TABLE {name} AS SELECT id, {planes} FROM ST_Read('{path}')")
con.execute(f'''COPY (
    WITH pieces AS (SELECT l.id, ST_Area(ST_Union_Agg(ST_Intersection(t.geom, l.geom))) AS m2
                    FROM titles t JOIN lands l ON ST_Intersects(t.geom, l.geom) GROUP BY l.id),
         near AS (SELECT l.id, count(*) AS within_10_km
                  FROM titles t JOIN lands l ON ST_DWithin(t.utm, l.utm, 10000.0) GROUP BY l.id)
    SELECT id, coalesce(m2, 0) / ST_Area(geom) AS share, coalesce(within_10_km, 0) AS within_10_km
    FROM lands LEFT JOIN pieces USING (id) LEFT JOIN near USING (id) ORDER BY share DESC) TO '{out}' (HEADER)''')
""",
}
_HOTSPOTS = {  # counts in H3 cells, and Gi* of two rings. esda compiles with numba for 45 s in each process: not here
    "PySAL": """
sys.modules["numba"] = None
import h3, pandas as pd
from esda.getisord import G_Local
from libpysal.weights import W
points = gpd.read_file(titles).representative_point()
regions = gpd.read_parquet(regions).query("country == 'PE'")
covered = regions[[region.sum() >= 3 for region in map(points.within, regions.geometry)]].union_all()
cells = set(h3.geo_to_cells(covered, 5))
near = W({cell: list(cells.intersection(h3.grid_disk(cell, 2)) - {cell}) for cell in cells}, silence_warnings=True)
counts = points.groupby([h3.latlng_to_cell(y, x, 5) for x, y in zip(points.x, points.y)]).size()
hot = G_Local(counts.reindex(near.id_order, fill_value=0).to_numpy(float), near, transform="B", star=True)
pd.DataFrame({"z": hot.Zs, "p": hot.p_sim}, index=near.id_order).sort_values("z", ascending=False).to_csv(out)
""",
}
_CHANGES = {  # by id, holder and the bytes of the shape: no new code is recognised, no accuracy is allowed for
    "geopandas": """
both = [gpd.read_file(path).assign(shape=lambda frame: frame.normalize().to_wkb()) for path in (earlier, titles)]
before, after = (frame.drop(columns="geometry") for frame in both)
joined = before.merge(after, on="id", how="outer", suffixes=("_before", "_after"), indicator=True)
changed = joined.filter(like="_before").to_numpy() != joined.filter(like="_after").to_numpy()
joined.drop(columns=["shape_before", "shape_after"])[changed.any(axis=1)].to_csv(out)
""",
    "DuckDB spatial": """
rows = "(SELECT *, ST_AsWKB(ST_Normalize(geom)) AS shape FROM ST_Read('{}'))".format
con.execute(f'''COPY (
    SELECT id, b.holder AS holder_before, a.holder AS holder_after, b.shape IS NOT DISTINCT FROM a.shape AS same_shape
    FROM {rows(earlier)} b FULL JOIN {rows(titles)} a USING (id)
    WHERE b.holder IS DISTINCT FROM a.holder OR b.shape IS DISTINCT FROM a.shape) TO '{out}' (HEADER)''')
""",
}
_NEAR = {  # within 25 km of `bench.commands.PLACE`
    "geopandas": """
import pandas as pd
from shapely import Point
plane = "+proj=aeqd +lat_0=-9.1 +lon_0=-77.5"
box = gpd.GeoSeries([Point(0, 0).buffer(26e3)], crs=plane).to_crs(4326)
frames = [gpd.read_file(path, bbox=box).to_crs(plane) for path in (titles, lands)]
near = pd.concat([frame.assign(m=frame.distance(Point(0, 0))) for frame in frames])
near.query("m <= 25e3").drop(columns="geometry").sort_values("m").to_csv(out)
""",
    "DuckDB spatial": """
m = f"ST_Distance({project('geom', '+proj=aeqd +lat_0=-9.1 +lon_0=-77.5')}, ST_Point(0, 0)) AS m"
box = "ST_MakeEnvelope(-77.74, -9.34, -77.26, -8.86)"
near = " UNION ALL ".join(f"SELECT id, {m} FROM ST_Read('{path}') WHERE geom && {box}" for path in (titles, lands))
con.execute(f"COPY (SELECT * FROM ({near}) WHERE m <= 25e3 ORDER BY m) TO '{out}' (HEADER)")
""",
}
_REGIONS = {  # hectares under concession, counted once: no range, and nothing on communities
    "geopandas": """
titles, regions = gpd.read_file(titles)[["id", "geometry"]].to_crs(8857), gpd.read_parquet(regions).to_crs(8857)
pairs = gpd.overlay(regions[["code", "geometry"]], titles, keep_geom_type=True)
joined = pairs.dissolve("code", aggfunc="count")
joined.assign(ha=joined.area / 1e4).drop(columns="geometry").to_csv(out)
""",
    "DuckDB spatial": """
con.execute(f"CREATE TABLE titles AS SELECT id, {project('geom', 'EPSG:8857')} AS geom FROM ST_Read('{titles}')")
con.execute(f"CREATE TABLE regions AS SELECT code, {project('geometry', 'EPSG:8857')} AS geom FROM '{regions}'")
con.execute(f'''COPY (
    SELECT code, count(*) AS concessions, ST_Area(ST_Union_Agg(ST_Intersection(t.geom, r.geom))) / 1e4 AS ha
    FROM titles t JOIN regions r ON ST_Intersects(t.geom, r.geom) GROUP BY code) TO '{out}' (HEADER)''')
""",
}
_EXPORT = {
    "geopandas": """
gpd.read_file(titles).to_file(f"{out}.gpkg", layer="concessions")
""",
    "DuckDB spatial": """
con.execute(f"COPY (SELECT * EXCLUDE fid FROM ST_Read('{titles}')) TO '{out}.gpkg' (FORMAT gdal, DRIVER gpkg)")
""",
}
_HEADS = {"geopandas": _GEOPANDAS, "DuckDB spatial": _DUCKDB, "PySAL": _GEOPANDAS}
SCRIPTS = {
    command: {library: _HEADS[library] + script for library, script in scripts.items()}
    for command, scripts in {
        "overlaps": _OVERLAPS,
        "exposure": _EXPOSURE,
        "hotspots": _HOTSPOTS,
        "changes": _CHANGES,
        "near": _NEAR,
        "regions": _REGIONS,
        "export": _EXPORT,
    }.items()
}
"""Scripts by command and library. Their arguments: concessions, communities, earlier concessions, regions, output."""
