"""
Overlaps from what people hold: two frames in degrees, to a table of pairs.

    python -m bench.overlap_frames [XS|S|L]

Lindero checks the layers, lays them on the plane, builds trees, and gives hectares, shares and certainty in order; each
peer projects both layers to the equal-area plane and gives the area of every pair, without any check. In one process,
by processor seconds of all threads; the least of three, of what takes more than `LONG_S` one.
"""

import sys
import time
from collections.abc import Callable

import geopandas as gpd
import numpy as np

from bench import beside
from bench.generate import layers
from bench.peers.duck import duckdb_covers, duckdb_two_joins
from bench.peers.frames import overlay, sjoin
from bench.peers.versions import versions
from lindero.geo import first_use, overlap
from lindero.geo.geometry.areas import M2_PER_HA
from lindero.geo.geometry.crs import EQUAL_AREA

LONG_S = 10.0
Frames = tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]


def main(size: str = "S") -> None:
    frames = layers(size)
    first_use.main()  # compiled before the clock runs
    ways: dict[str, Callable[[Frames], np.ndarray]] = {
        "Lindero: `geo.overlap` of the frames": lambda both: overlap(*both)["area_ha"].to_numpy() * M2_PER_HA,
        **{f"to_crs, then {way.__doc__}": _projected(way) for way in (overlay, sjoin, duckdb_covers, duckdb_two_joins)},
    }
    print(f"from frames in degrees, {size}:", *versions())
    print("| way | processor s | times as long | pairs | ha |\n|---|---|---|---|---|")
    taken: dict[str, float] = {}
    for name, way in ways.items():
        taken[name], area_m2 = _least(way, frames)
        own = next(iter(taken.values()))
        figures = f"{taken[name]:.2f} | {taken[name] / own:.1f} | {len(area_m2):,} | {area_m2.sum() / M2_PER_HA:,.1f}"
        print(f"| {name.rstrip('.')} | {figures} |", flush=True)
    own, *others = taken.values()
    question = f"two frames in degrees, {size}, to pairs and their areas; Lindero with shares and certainty"
    beside.note(question, own, dict(zip(list(taken)[1:], others, strict=True)), unit="processor s")


def _projected(way: Callable[..., object]) -> Callable[[Frames], np.ndarray]:
    return lambda both: way(*(each.to_crs(EQUAL_AREA) for each in both)).area_m2  # type: ignore[attr-defined]


def _least(way: Callable[[Frames], np.ndarray], frames: Frames) -> tuple[float, np.ndarray]:
    seconds = []
    for _ in range(3):
        start = time.process_time()
        area_m2 = way(frames)
        seconds.append(time.process_time() - start)
        if seconds[-1] > LONG_S:
            break
    return min(seconds), area_m2


if __name__ == "__main__":
    main(*sys.argv[1:])
