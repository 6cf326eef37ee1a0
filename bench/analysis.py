"""
The whole analysis of the Peru data in one run, timed part by part, and how each part grows with the data.

    python -m bench.analysis [times ...]

The files are those of `../shared/data`: the cadastres of 2009 and 2026, the communities of Cajamarca, the national
protected areas, and the mining scars of 2018. For 4 and 16 times the data, copies are placed side by side, each six
degrees farther east with its own ids. Each feature keeps its number of neighbours, and the total area grows. Every part
is measured by wall clock in one process that has already compiled its code. The kernels run on two threads.
"""

import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.geo import footprint, overlap, repair
from lindero.geo.geometry.crs import DEGREES, utm
from lindero.geo.geometry.projection import project
from lindero.geo.near.along_rivers import find_on_same_river
from lindero.geo.near.within_distance import find_within_distance
from lindero.geo.overlay.apportion import apportion
from lindero.geo.registers.diff import changes
from lindero.geo.stats.exposure import exposure
from lindero.geo.stats.h3_grid import cells, find_cells
from lindero.geo.stats.hotspots import PlaceCounts, hotspots
from lindero.geo.stats.neighbours import cell_neighbours
from lindero.geo.stats.ranking import ranking
from lindero.layers.reference import base_data

SHARED = Path(__file__).parents[2] / "shared" / "data"
CADASTRE = {"CODIGOU": "code", "CONCESION": "name", "TIT_CONCES": "holder"}
STEP_DEGREES = 6.0
TIMES = (1, 4, 16)
RESOLUTION = 5  # cells of some 250 km²

Frames = dict[str, gpd.GeoDataFrame]


def main(*times: str) -> None:
    """Print the table."""
    if not SHARED.is_dir():
        sys.exit("bench analysis needs ../shared/data")
    start = time.perf_counter()
    once = _read_received()
    print(f"read and repaired in {time.perf_counter() - start:.1f} s; seconds of each part:")
    _run(_side_by_side(once, 1))  # compiles the kernels
    sizes = tuple(map(int, times)) or TIMES
    taken = {size: _run(_side_by_side(once, size)) for size in sizes}
    print("| part | " + " | ".join(f"{size}×" for size in sizes) + " | grows |")
    print("|---|" + "---|" * (len(sizes) + 1))
    for part in [*taken[sizes[0]], "in all"]:
        seconds = [sum(taken[size].values()) if part == "in all" else taken[size][part] for size in sizes]
        growth = seconds[-1] / max(seconds[0], 1e-9) / (sizes[-1] / sizes[0])
        print(f"| {part} | " + " | ".join(f"{each:.2f}" for each in seconds) + f" | {growth:.1f} × the data |")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:,} MB")


def _read_received() -> Frames:
    titles = {
        "before": _read("peru-cajamarca/catastro_minero.geojson").rename(columns=CADASTRE),
        "after": _read("peru-cadastre-2026/17s_100326.geojson", 17).rename(columns=CADASTRE),
    }
    land = [_read(f"peru-cajamarca/{name}.geojson") for name in ("c_campesina", "c_nativa")]
    frames = {name: frame[["code", "name", "holder", "geometry"]] for name, frame in titles.items()}
    frames = {name: frame.assign(kind="mining", status="granted") for name, frame in frames.items()}
    frames["communities"] = gpd.GeoDataFrame(pd.concat(land, ignore_index=True)[["geometry"]], crs=DEGREES)
    frames["parks"] = _read("peru-protected-areas/anp_nacional_light.geojson")[["geometry"]]
    scars = _read("amazon-mining-watch/mining_201800_simplified.geojson")
    frames["scars"] = scars.rename(columns={"Mined area (ha)": "mined_ha"})[["mined_ha", "geometry"]]
    return {name: frame.assign(id=[f"{name}{i}" for i in range(len(frame))]) for name, frame in frames.items()}


def _read(name: str, zone: int | None = None) -> gpd.GeoDataFrame:
    frame = gpd.read_file(SHARED / name)
    frame = frame.set_crs(utm(zone, south=True), allow_override=True) if zone else frame
    return frame.set_geometry(repair(frame.geometry.to_crs(DEGREES), "polygon").geometry)


def _side_by_side(frames: Frames, times: int) -> Frames:
    return {name: _copies(frame, times) for name, frame in frames.items()}


def _copies(frame: gpd.GeoDataFrame, times: int) -> gpd.GeoDataFrame:
    copies = []
    for copy in range(times):
        moved = frame.assign(geometry=frame.geometry.translate(xoff=copy * STEP_DEGREES), id=frame["id"] + f"-{copy}")
        copies.append(moved.assign(code=frame["code"] + f"-{copy}") if "code" in frame else moved)
    return gpd.GeoDataFrame(pd.concat(copies, ignore_index=True), crs=frame.crs)


def _run(frames: Frames) -> dict[str, float]:
    """Run the analysis, and return the seconds of each part."""
    seconds: dict[str, float] = {}

    def time_part(part: str, work: Callable[[], object]) -> object:
        start = time.perf_counter()
        result = work()
        seconds[part] = time.perf_counter() - start
        print(f"{len(frames['after']):,} rights: {part} {seconds[part]:.2f} s", file=sys.stderr, flush=True)
        return result

    titles, land = frames["after"], frames["communities"]
    pairs = time_part("overlaps of rights with communities", partial(overlap, titles, land))
    time_part("their footprint", partial(footprint, pairs, titles, land))
    under, _parts = time_part("exposure: land under title, range, kinds", partial(exposure, land, titles))
    near = time_part("titles within 25 km", partial(find_within_distance, land, titles, within_km=25))
    along = partial(find_on_same_river, land, titles, base_data.load_rivers(), near_km=5, within_km=25)
    time_part("titles along the same river", along)
    table = pd.DataFrame({"share": under.set_index("id")["share"], "near": near.groupby("place_id").size()})
    time_part("ranking, 1,000 weights", partial(ranking, table, {"share": 1, "near": 1}, draws=1_000, seed=1))
    time_part("changes 2009 to 2026", partial(changes, frames["before"], titles))
    time_part("mining scars apportioned to parks", partial(_apportion_scars, frames["scars"], frames["parks"]))
    time_part("hotspots of rights over cells", partial(_find_hotspots, titles))
    return seconds


def _apportion_scars(scars: gpd.GeoDataFrame, parks: gpd.GeoDataFrame) -> object:
    return apportion(overlap(scars, parks), scars, parks, column="mined_ha")


def _find_hotspots(titles: gpd.GeoDataFrame) -> pd.DataFrame:
    """Find hotspots in the bounding boxes of the concessions, one box for each copy of the data."""
    points = shapely.get_coordinates(shapely.point_on_surface(titles.geometry.to_numpy()))
    copies = titles["id"].str.split("-").str[-1].to_numpy()
    groups = [points[copies == copy] for copy in dict.fromkeys(copies)]
    area = shapely.union_all([shapely.box(*group.min(axis=0), *group.max(axis=0)) for group in groups])
    ids = list(cells(area, resolution=RESOLUTION)["id"])
    at = find_cells(project(points), ids)
    counts = np.bincount(at + 1, minlength=len(ids) + 1)[1:].astype(float)
    return hotspots(PlaceCounts(counts[None], cell_neighbours(ids, rings=2)), seed=1)


if __name__ == "__main__":
    main(*sys.argv[1:])
