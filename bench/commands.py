"""
Whole commands as people type them, at three sizes, beside plain scripts that answer the same question.

    python -m bench commands [demo|S|L]

Each command is a process of its own. Processor seconds and memory include its child processes. The scripts
(`bench.peers.scripts`) read the same GeoPackages. A command reads the map that a build has made of them.
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

import geopandas as gpd
import numpy as np

from bench import beside, generate
from bench.memory import watch_memory
from bench.peers.scripts import SCRIPTS
from lindero.layers.database import map_database
from lindero.layers.disk.builds import current_map
from lindero.layers.model.schema import COMMUNITIES
from lindero.layers.workspace.manifest_file import load_workspace

DEMO = Path(__file__).parents[1] / "lindero" / "data" / "demo"
REGIONS = DEMO.parent / "base" / "regions.parquet"
PLACE = ("-9.1", "-77.5")  # among the concessions of the invented country; the scripts for `near` name it, too
HOLDERS = 900
SNAPSHOTS = ("2025-01-01", "2026-01-01")


class Cost(NamedTuple):
    """Processor seconds, seconds by the clock, and peak memory in MB of a process with its children."""

    processor: float
    clock: float
    megabytes: int


class Command(NamedTuple):
    """A command: a label, its words, and whether scripts that answer the same question are measured, too."""

    label: str
    words: tuple[str, ...]
    with_peers: bool = True


OVERLAPS = ("overlaps", "concessions", "communities")
COMMANDS = (
    Command("overlaps, table", OVERLAPS, with_peers=False),
    Command("overlaps, CSV", (*OVERLAPS, "--format", "csv")),
    Command("overlaps, Parquet", (*OVERLAPS, "--format", "parquet", "-o", "{out}.parquet"), with_peers=False),
    Command("overlaps, filtered", (*OVERLAPS, "--left-where", "holder=Holder 7", "--format", "csv"), with_peers=False),
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
    """Print a table for each size that is named, or for S."""
    for size in sizes or ("S",):
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
    space, files = folder / "space", () if size == "demo" else write_files(size, folder)
    if files:
        measure(init(space, size))
        titles, lands, earlier = files
        for layer, path in {"concessions": earlier, "communities": lands}.items():
            yield f"add {layer}", measure(add(layer, path, SNAPSHOTS[0], space, size)), {}
    else:
        shutil.copytree(DEMO, space, ignore=shutil.ignore_patterns("build"))
    yield "build", measure(lindero("build", str(space))), {}
    if files:
        shutil.copytree(space, again := folder / "again")
        for label, path, copy in (("received again", earlier, again), ("changed", titles, space)):
            measure(add("concessions", path, SNAPSHOTS[1], copy, size))
            yield f"build, one source {label}", measure(lindero("build", str(copy))), {}
    marks = {"community": _first_community(space)}
    for number, command in enumerate(COMMANDS):
        words = [word.format(out=folder / f"out-{number}", **marks) for word in command.words]
        cost = measure(lindero(*words, "--workspace", str(space)))
        scripts = SCRIPTS.get(words[0], {}) if files and command.with_peers else {}
        paths = *map(str, files), str(REGIONS), str(folder / f"peer-{number}")
        peers = {name: measure([sys.executable, "-c", script, *paths]) for name, script in scripts.items()}
        yield command.label, cost, peers


def write_files(size: str, folder: Path) -> tuple[Path, ...]:
    """Write concessions, communities and an earlier register of concessions as GeoPackages, and return their paths."""
    titles, lands = (
        frame.assign(code=frame["id"], name=[f"{layer} {row}" for row in range(len(frame))])
        for layer, frame in zip(("concessions", "communities"), generate.layers(size), strict=True)
    )
    titles["holder"] = [f"Holder {row % HOLDERS}" for row in range(len(titles))]
    frames = {"concessions": titles, "communities": lands, "earlier": _earlier_register(titles)}
    for name, frame in frames.items():
        frame.to_file(folder / f"{name}.gpkg", layer=name)
    return tuple(folder / f"{name}.gpkg" for name in frames)


def _earlier_register(titles: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Change three of a hundred concessions: one was another concession, one had another place, one another holder."""
    row, earlier = np.arange(len(titles)) % 100, titles.copy()
    earlier.loc[row == 0, ["id", "code", "name"]] += " of before"
    earlier.loc[row == 1, "geometry"] = earlier.geometry[row == 1].translate(0.01)  # 1.1 km
    earlier.loc[row == 2, "holder"] = "Holder of before"
    return earlier


def init(space: Path, size: str) -> list[str]:
    """Return the command that creates a workspace."""
    return lindero("init", str(space), *_country_options("--country", size))


def add(layer: str, path: Path, snapshot_on: str, space: Path, size: str) -> list[str]:
    """Return the command that adds a file to a workspace."""
    described = ("--layer", layer, "--id", layer, "--publisher", "bench", "--snapshot-on", snapshot_on)
    options = *described, *_country_options("--coverage", size), "--accept"
    return lindero("add", str(path), *options, "--workspace", str(space))


def _country_options(option: str, size: str) -> tuple[str, ...]:
    """Return the option that states the country; L is a continent and has none."""
    return () if size == "L" else (option, "PE")


def _first_community(space: Path) -> str:
    with map_database.connect(current_map(load_workspace(space).build_folder)) as con:
        return str(map_database.read_layer(con, COMMUNITIES)["id"].min())


def lindero(*words: str) -> list[str]:
    """Return a command of Lindero as a process of its own."""
    return [sys.executable, "-m", "lindero.app.cli", *words]


def measure(command: Sequence[str]) -> Cost:
    """Run a command or a script, and return its cost."""
    start = time.perf_counter()
    with watch_memory() as peaks:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _pid, status, used = os.wait4(process.pid, 0)
    clock = time.perf_counter() - start
    may_have_no_answer = not {"-c", "init", "add", "build"} & set(command)
    if status and not may_have_no_answer:
        sys.exit(f"A process failed: {' '.join(command[-9:])}")
    return Cost(used.ru_utime + used.ru_stime, clock, max(peaks.values(), default=0))
