"""
Whole commands as people type them, at three sizes, beside plain scripts that answer the same question.

    python -m bench commands [demo|S|L]

Each command is a process of its own. Processor seconds and memory include its child processes. The scripts read the
same GeoPackages with geopandas, or with DuckDB's spatial extension, and write CSV as the command does.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from bench import beside, generate
from bench.memory import watch_memory
from lindero.layers.database import map_database
from lindero.layers.disk.builds import current_map
from lindero.layers.model.schema import COMMUNITIES
from lindero.layers.workspace.manifest_file import load_workspace

DEMO = Path(__file__).parents[1] / "lindero" / "data" / "demo"
SIZES = ("demo", "S", "L")
PLACE = ("-9.1", "-77.5")  # among the concessions of the invented country
HOLDERS = 900
SNAPSHOTS = ("2025-01-01", "2026-01-01")
GEOPANDAS_OVERLAPS = """
import sys, geopandas
titles, lands = (geopandas.read_file(path).to_crs(8857) for path in sys.argv[1:3])
pairs = geopandas.overlay(titles[["id", "geometry"]], lands[["id", "geometry"]], keep_geom_type=True)
pairs.assign(ha=pairs.area / 1e4).drop(columns="geometry").to_csv(sys.argv[3])
"""
DUCKDB_OVERLAPS = """
import sys, duckdb
from lindero.layers.database.extensions import load_extension
con = duckdb.connect()
load_extension(con, "spatial")
for name, path in zip(("titles", "lands"), sys.argv[1:3]):
    plane = "ST_Transform(geom, 'OGC:CRS84', 'EPSG:8857')"
    con.execute(f"CREATE TABLE {name} AS SELECT id, {plane} AS geom FROM ST_Read('{path}')")
con.execute(f'''
    COPY (SELECT t.id, l.id AS land, ST_Area(ST_Intersection(t.geom, l.geom)) / 1e4 AS ha
          FROM titles t JOIN lands l ON ST_Intersects(t.geom, l.geom)) TO '{sys.argv[3]}' (HEADER)''')
"""
"""Scripts for the overlaps of two layers, by what they are written with."""


class Cost(NamedTuple):
    """Processor seconds, seconds by the clock, and peak memory in MB of a process with its children."""

    processor: float
    clock: float
    megabytes: int


class Command(NamedTuple):
    """A command: a label, its words, and scripts that answer the same question, by library."""

    label: str
    words: tuple[str, ...]
    peers: tuple[str, ...] = ()


PEERS = {"geopandas": GEOPANDAS_OVERLAPS, "DuckDB spatial": DUCKDB_OVERLAPS}
OVERLAPS = ("overlaps", "concessions", "communities")
COMMANDS = (
    Command("overlaps, table", OVERLAPS),
    Command("overlaps, CSV", (*OVERLAPS, "--format", "csv"), tuple(PEERS)),
    Command("overlaps, Parquet", (*OVERLAPS, "--format", "parquet", "-o", "{out}.parquet")),
    Command("overlaps, filtered", (*OVERLAPS, "--left-where", "holder=Holder 7", "--format", "csv")),
    Command("exposure", ("exposure", "--format", "csv")),
    Command("hotspots", ("hotspots", "--of", "titles", "--format", "csv")),
    Command("changes", ("changes", "--since", SNAPSHOTS[0], "--format", "csv")),
    Command("near", ("near", *PLACE)),
    Command("regions", ("regions", "--format", "csv")),
    Command("protection", ("protection", "--format", "csv")),
    Command("export", ("export", "concessions", "-o", "{out}.gpkg")),
    Command("publish", ("publish", "{out}-site")),
    Command("pack", ("pack", "community", "{community}", "-o", "{out}.html")),
)


def main(*sizes: str) -> None:
    """Print a table for each size: the demonstration and S, or those that are named."""
    for size in sizes or SIZES[:2]:
        print(f"\n{size}\n\n| command | processor s | s | MB | beside it, processor s |\n|---|---|---|---|---|")
        with TemporaryDirectory() as folder:
            for label, cost, peers in iter_costs(size, Path(folder)):
                others = "; ".join(f"{name} {peer.processor:.1f}" for name, peer in peers.items())
                print(
                    f"| {label} | {cost.processor:.2f} | {cost.clock:.2f} | {cost.megabytes} | {others} |", flush=True
                )
                if peers:
                    measured = f"`lindero` {label}, size {size}, processor seconds of whole processes"
                    beside.add_measurement(
                        measured, cost.processor, {name: peer.processor for name, peer in peers.items()}
                    )


def iter_costs(size: str, folder: Path) -> Iterator[tuple[str, Cost, dict[str, Cost]]]:
    """Yield the cost of each command at a size, and of the scripts that answer the same question."""
    space, files = folder / "space", () if size == "demo" else _write_files(size, folder)
    if files:
        _measure(_lindero("init", str(space), "--country", "PE"))
        for layer, path in zip(("concessions", "communities"), files, strict=True):
            yield f"add {layer}", _measure(_add(layer, path, SNAPSHOTS[0], space)), {}
    else:
        shutil.copytree(DEMO, space, ignore=shutil.ignore_patterns("build"))
    yield "build", _measure(_lindero("build", str(space))), {}
    if files:
        _measure(_add("concessions", files[0], SNAPSHOTS[1], space))
        yield "build, one source changed", _measure(_lindero("build", str(space))), {}
    marks = {"community": _first_community(space)}
    for number, command in enumerate(COMMANDS):
        words = [word.format(out=folder / f"out-{number}", **marks) for word in command.words]
        cost = _measure(_lindero(*words, "--workspace", str(space)))
        peers = command.peers if files else ()
        yield command.label, cost, {name: _measure(_script(name, files, folder)) for name in peers}


def _write_files(size: str, folder: Path) -> tuple[Path, ...]:
    """Write the invented country as two GeoPackages, and return their paths."""
    frames = dict(zip(("concessions", "communities"), generate.layers(size), strict=True))
    for layer, frame in frames.items():
        named = frame.assign(name=[f"{layer} {row}" for row in range(len(frame))])
        if layer == "concessions":
            named = named.assign(holder=[f"Holder {row % HOLDERS}" for row in range(len(frame))])
        named.to_file(folder / f"{layer}.gpkg", layer=layer)
    return tuple(folder / f"{layer}.gpkg" for layer in frames)


def _add(layer: str, path: Path, snapshot_on: str, space: Path) -> list[str]:
    described = ("--layer", layer, "--id", layer, "--publisher", "bench", "--snapshot-on", snapshot_on)
    return _lindero("add", str(path), *described, "--coverage", "PE", "--accept", "--workspace", str(space))


def _first_community(space: Path) -> str:
    with map_database.connect(current_map(load_workspace(space).build_folder)) as con:
        return str(map_database.read_layer(con, COMMUNITIES)["id"].min())


def _lindero(*words: str) -> list[str]:
    return [sys.executable, "-m", "lindero.app.cli", *words]


def _script(name: str, files: Sequence[Path], folder: Path) -> list[str]:
    return [sys.executable, "-c", PEERS[name], *map(str, files), str(folder / "peer.csv")]


def _measure(command: Sequence[str]) -> Cost:
    """Run a command or a script, and return its cost."""
    start = time.perf_counter()
    with watch_memory() as peaks:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _pid, status, used = os.wait4(process.pid, 0)
    clock = time.perf_counter() - start
    if status and "-c" in command:  # a script must answer; a command may state that the map has no answer
        sys.exit(f"A script failed: {command[3:]}")
    return Cost(used.ru_utime + used.ru_stime, clock, max(peaks.values(), default=0))
