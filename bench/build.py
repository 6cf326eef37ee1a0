"""
A build of everything under `../shared/data` beside what geopandas takes merely to read the same files.

Both are measured as whole processes, as a user would run them, in turn, after one run of each that is not counted.
"""

import datetime as dt
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from bench import beside
from lindero.app.pipeline.add.plan import Wishes, planned
from lindero.layers.workspace import manifest_file

SHARED = Path(__file__).parents[2] / "shared" / "data"
IN_METRES = {"17s_100326.geojson": "EPSG:32717"}
ROUNDS = 5

READ = """
import sys, warnings
import geopandas, pandas
warnings.simplefilter("ignore")
for path in sys.argv[1:]:
    if path.endswith(".csv"):
        pandas.read_csv(path)
    elif path.endswith(".xlsx"):
        pandas.read_excel(path)
    else:
        geopandas.read_file(path, on_invalid="ignore")  # two files have open rings: a plain read raises
"""


def main() -> None:
    """Print the table."""
    files = sorted(path for path in SHARED.rglob("*") if path.suffix in {".geojson", ".csv", ".xlsx"})
    if not files:
        sys.exit("bench build needs ../shared/data")
    with TemporaryDirectory() as folder:
        space = _workspace(Path(folder) / "all", files)
        build = [sys.executable, "-m", "lindero.app.cli", "build", str(space.folder)]
        read = [sys.executable, "-c", READ, *map(str, files)]
        seconds: dict[str, list[float]] = {"build": [], "read": []}
        for round_ in range(ROUNDS + 1):
            rmtree(space.build_folder, ignore_errors=True)
            for name, command in (("read", read), ("build", build)):
                taken = _timed(command)
                if round_:
                    seconds[name].append(taken)
        sizes = space.build_folder.glob("map-*.duckdb")
        megabytes = max(path.stat().st_size for path in sizes) / 1e6
    median = {name: statistics.median(values) for name, values in seconds.items()}
    print(f"build of {len(files)} files, {sum(path.stat().st_size for path in files) / 1e6:.0f} MB")
    print(f"  geopandas {version('geopandas')}, read alone   {median['read']:6.2f} s")
    print(f"  lindero build, overlaps included  {median['build']:6.2f} s   map of {megabytes:.0f} MB")
    peer = f"geopandas {version('geopandas')} and pandas, which merely read them"
    beside.note(
        f"{len(files)} real files to a map with overlaps, a whole process", median["build"], {peer: median["read"]}
    )
    print(f"  ratio                             {median['build'] / median['read']:6.2f}   (promised: at most 5)")


def _workspace(folder: Path, files: list[Path]) -> manifest_file.Workspace:
    space = manifest_file.create(folder, title="all", country="PE")
    for path in files:
        wishes = Wishes(crs=IN_METRES.get(path.name, ""))
        taken = planned(str(path), wishes, space, today=dt.date(2026, 1, 1))
        space = manifest_file.add(space, taken.entry, path)
    return space


def _timed(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start
