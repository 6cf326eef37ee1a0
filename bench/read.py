"""The time of reading files in the sandbox, beside `pyogrio.read_dataframe`: warm, and as a whole process."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import pyogrio
import shapely

from bench import beside
from lindero.layers.read.reader import read

ROUNDS = 3
SIZES = {"GeoJSON": (".geojson", 12_000), "GPKG": (".gpkg", 25_000), "ESRI Shapefile": (".shp", 40_000)}
WHOLE = {
    "pyogrio": "import sys, pyogrio; pyogrio.read_dataframe(sys.argv[1])",
    # the worker starts first and loads while this process does, as in the command line
    "lindero": "from lindero.layers.read.sandbox import client; client.start_worker(); "
    "import sys; from pathlib import Path; from lindero.layers.read.reader import read; read(Path(sys.argv[1]))",
}


def main() -> None:
    """Print the table."""
    print("file                         MB   pyogrio   lindero   ratio   whole process: pyogrio   lindero   ratio")
    with TemporaryDirectory() as folder:
        for driver, (suffix, rows) in SIZES.items():
            path = Path(folder) / f"capa{suffix}"
            _build_polygons(rows).to_file(path, driver=driver)
            plain, walled = _median(lambda p=path: pyogrio.read_dataframe(p)), _median(lambda p=path: read(p))
            one, other = (_median(lambda p=path, s=script: _process(s, p)) for script in WHOLE.values())
            size = path.stat().st_size / 1e6
            ratios = f"{walled / plain:7.2f}   {one:23.2f} s {other:7.2f} s {other / one:7.2f}"
            print(f"{driver:<24} {size:6.1f} {plain:7.2f} s {walled:7.2f} s {ratios}")
            peer = f"pyogrio {pyogrio.__version__}, in the process that asks"
            beside.add_measurement(f"{driver}, {size:.0f} MB, to a frame", walled, {peer: plain})
            beside.add_measurement(f"{driver}, {size:.0f} MB, to a frame, a whole process", other, {peer: one})
    print("(promised: at most 1.5 on files over 5 MB, the process behind walls included)")


def _build_polygons(rows: int) -> gpd.GeoDataFrame:
    """Build polygons of some 30 vertices with a few fields. The result is always the same."""
    middles = shapely.points([-78 + (i % 200) / 50 for i in range(rows)], [-7 + (i // 200) / 50 for i in range(rows)])
    fields = {"code": [f"C{i:06}" for i in range(rows)], "holder": "Compañía Minera Sánchez S.A.C.", "area_ha": 123.5}
    return gpd.GeoDataFrame(fields, geometry=shapely.buffer(middles, 0.008, quad_segs=8), crs="OGC:CRS84")


def _median(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:])


def _process(script: str, path: Path) -> None:
    subprocess.run([sys.executable, "-c", script, str(path)], check=True, capture_output=True)
