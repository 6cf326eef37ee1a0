"""
The time of a build of all files under `../shared/data`, and the time geopandas takes to read them.

Both are measured as whole processes, as a user would run them, alternately, after one uncounted run of each. A build
after a change of one source is measured, too. Times are by the clock, which other work on the machine extends, and in
processor seconds, including child processes.
"""

import datetime as dt
import json
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from shutil import copytree, rmtree
from tempfile import TemporaryDirectory
from typing import NamedTuple

from bench import beside
from lindero.app.builder.add.plan import plan_source
from lindero.layers.workspace import manifest_file
from lindero.layers.workspace.source_options import SourceOptions

SHARED = Path(__file__).parents[2] / "shared" / "data"
IN_METRES = {"17s_100326.geojson": "EPSG:32717"}
CHANGED = ("mining_201800_simplified.geojson", "catastro_minero.geojson")
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


class Seconds(NamedTuple):
    """Seconds by the clock and processor seconds."""

    clock: float
    processor: float


def main() -> None:
    """Print the table."""
    files = sorted(path for path in SHARED.rglob("*") if path.suffix in {".geojson", ".csv", ".xlsx"})
    if not files:
        sys.exit("bench build needs ../shared/data")
    with TemporaryDirectory() as folder:
        space = _workspace(Path(folder) / "all", files)
        later = {name: _workspace(Path(folder) / name, _remove_last_row(files, name, Path(folder))) for name in CHANGED}
        later |= {"what is said of one": _copy_with_licence(space, Path(folder) / "said")}
        read = [sys.executable, "-c", READ, *map(str, files)]
        seconds: dict[str, list[Seconds]] = {name: [] for name in ("read", "build", *later)}
        for round_ in range(ROUNDS + 1):
            rmtree(space.build_folder, ignore_errors=True)
            taken = {"read": _time_command(read), "build": _time_command(_build(space))}
            for name, changed in later.items():
                rmtree(changed.build_folder, ignore_errors=True)
                copytree(space.build_folder, changed.build_folder)
                taken[name] = _time_command(_build(changed))
            for name, each in taken.items() if round_ else ():
                seconds[name].append(each)
        megabytes = max(path.stat().st_size for path in space.build_folder.glob("map-*.duckdb")) / 1e6
    size = sum(path.stat().st_size for path in files) / 1e6
    print(
        f"build of {len(files)} files, {size:.0f} MB, to a map of {megabytes:.0f} MB; geopandas {version('geopandas')}"
    )
    for at, unit in enumerate(("seconds", "processor seconds")):
        median = {name: statistics.median(each[at] for each in values) for name, values in seconds.items()}
        first = median["build"]
        print(f"  {unit}: read alone {median['read']:.2f}, lindero build, overlaps included, {first:.2f}")
        print(f"    ratio {first / median['read']:.2f}   (aimed at: 3)")
        if not at:
            peer = f"geopandas {version('geopandas')} and pandas, which merely read them"
            measured = f"{len(files)} real files to a map with overlaps, a whole process"
            beside.add_measurement(measured, first, {peer: median["read"]})
        for name in later:
            print(
                f"    after a change of {name}: {median[name]:.2f}, {median[name] / first:.2f} of it   (aimed at: 0.2)"
            )


def _workspace(folder: Path, files: list[Path]) -> manifest_file.Workspace:
    space = manifest_file.create_workspace(folder, title="all", country="PE")
    for path in files:
        options = SourceOptions(crs=IN_METRES.get(path.name, ""))
        taken = plan_source(str(path), options, space, today=dt.date(2026, 1, 1))
        space = manifest_file.add_source(space, taken.entry, path)
    return space


def _remove_last_row(files: list[Path], name: str, folder: Path) -> list[Path]:
    """Return the files, with the last feature removed from one GeoJSON file."""
    (received,) = (path for path in files if path.name == name)
    collection = json.loads(received.read_text(encoding="utf-8"))
    collection["features"].pop()
    changed = folder / "changed" / name
    changed.parent.mkdir(exist_ok=True)
    changed.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")
    return [changed if path == received else path for path in files]


def _copy_with_licence(space: manifest_file.Workspace, folder: Path) -> manifest_file.Workspace:
    """Create a workspace of the same files, with another licence for one of them."""
    copy = manifest_file.create_workspace(folder, title=space.title, country=space.country)
    for number, entry in enumerate(space.sources):
        new_entry = entry if number else replace(entry, licence="CC-BY-4.0")
        copy = manifest_file.add_source(copy, new_entry, space.folder / entry.file)
    return copy


def _build(space: manifest_file.Workspace) -> list[str]:
    return [sys.executable, "-m", "lindero.app.cli", "build", str(space.folder)]


def _time_command(command: list[str]) -> Seconds:
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    after, taken = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
    return Seconds(taken, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
