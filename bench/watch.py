"""
Runs of `lindero watch` over a country of the size of Peru: without a change, and with one of a hundred titles changed.

    python -m bench watch [SIZE]

The register is delivered as a file in a folder (`--from`), so that no server is measured. There is a watch on each
region, and one on fifty communities. Each command is a process of its own. Processor seconds and memory include its
child processes.
"""

import datetime as dt
import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np

from bench.commands import SNAPSHOTS, add, init, lindero, measure, write_files
from lindero.layers.database import map_database
from lindero.layers.disk.builds import current_map
from lindero.layers.model.schema import COMMUNITIES
from lindero.layers.reference import base_data
from lindero.layers.watch.watches_file import Watch, save_watch
from lindero.layers.workspace.manifest_file import load_workspace

SIZE = "PE"
COMMUNITIES_WATCHED = 50
HEAD = "| run | processor s | s | MB | messages |\n|---|---|---|---|---|"


def main(size: str = SIZE) -> None:
    """Print the table."""
    print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n\n{HEAD}", flush=True)
    with TemporaryDirectory() as name:
        folder = Path(name)
        space, stick, out = folder / "space", folder / "stick", folder / "out"
        titles, lands, _earlier = write_files(size, folder)
        measure(init(space, size))
        for layer, path in {"concessions": titles, "communities": lands}.items():
            measure(add(layer, path, SNAPSHOTS[0], space, size))
        _print_row("build", lindero("build", str(space)), out)
        _add_watches(space)
        stick.mkdir()
        run = lindero("watch", "--from", str(stick), "--to", str(out), "--workspace", str(space))
        delivered = stick / "concessions.gpkg"
        shutil.copy(titles, delivered)
        _print_row("the same register came", run, out)
        _change_some(gpd.read_file(titles)).to_file(delivered, layer="concessions")
        _print_row("1 % changed", run, out)
        _print_row("the same register came again", run, out)


def _print_row(label: str, command: list[str], out: Path) -> None:
    cost = measure(command)
    messages = len(list(out.glob("*/*")))
    print(f"| {label} | {cost.processor:.1f} | {cost.clock:.1f} | {cost.megabytes} | {messages} |", flush=True)


def _change_some(titles: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Change one of a hundred concessions: another one instead, another place, another holder, or none."""
    row = np.arange(len(titles)) % 500
    titles.loc[row == 0, ["id", "code", "name"]] += " of now"
    titles.loc[row == 1, "geometry"] = titles.geometry[row == 1].translate(0.01)  # 1.1 km
    titles.loc[row == 2, "holder"] = "Holder of now"
    changed: gpd.GeoDataFrame = titles[(row != 3) & (row != 4)]
    return changed


def _add_watches(space: Path) -> None:
    """Add a watch on each region that has concessions, and one on some communities."""
    with map_database.connect(current_map(load_workspace(space).build_folder)) as con:
        communities = map_database.read_layer(con, COMMUNITIES)["id"].head(COMMUNITIES_WATCHED)
    regions = base_data.load_regions()["code"]
    areas = {code: [f"region/{code}"] for code in regions[regions.str.startswith("PE-")]}
    areas["communities"] = [f"community/{id_}" for id_ in communities]
    on = dt.date.fromisoformat(SNAPSHOTS[1])
    for name, keys in areas.items():
        watch = Watch(name, tuple(keys), frequency="each_run", form="text", created_on=on, confirmed_on=on)
        save_watch(space, watch)
