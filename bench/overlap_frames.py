"""
Overlaps from frames: two frames in degrees, to a table of pairs.

    python -m bench.overlap_frames [XS|S|L|R]

Lindero checks the layers, projects them, builds trees, and returns hectares, shares and certainty, sorted. Each other
tool projects both layers to the equal-area plane and returns the area of every pair without any check. All run in one
process. Times are by the clock, which other work on the machine extends, and in processor seconds of all threads: the
minimum of three runs, or one run if it takes more than `LONG_S`.
"""

import sys
import time
from collections.abc import Callable
from typing import NamedTuple

import geopandas as gpd
import numpy as np

from bench import beside
from bench.generate import layers
from bench.peers.duck import duckdb_covers, duckdb_two_joins
from bench.peers.frames import overlay, sjoin
from bench.peers.versions import versions
from lindero.geo import first_use, overlap
from lindero.geo.geometry.crs import EQUAL_AREA
from lindero.geo.geometry.units import M2_PER_HA

LONG_S = 10.0
Frames = tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]


class Seconds(NamedTuple):
    """Seconds by the clock and processor seconds."""

    clock: float
    processor: float


def main(size: str = "S") -> None:
    frames = layers(size)
    first_use.main()  # compiles before the clock starts
    ways: dict[str, Callable[[Frames], np.ndarray]] = {
        "Lindero: `geo.overlap` of the frames": lambda both: overlap(*both)["area_ha"].to_numpy() * M2_PER_HA,
        **{
            f"to_crs, then {way.__doc__}": _project_first(way)
            for way in (overlay, sjoin, duckdb_covers, duckdb_two_joins)
        },
    }
    print(f"from frames in degrees, {size}:", *versions())
    print("| way | s | times as long | processor s | times as long | pairs | ha |\n|---|---|---|---|---|---|---|")
    taken: dict[str, Seconds] = {}
    for name, way in ways.items():
        taken[name], area_m2 = _minimum_time(way, frames)
        own = next(iter(taken.values()))
        times = (f"{each:.2f} | {each / best:.1f}" for each, best in zip(taken[name], own, strict=True))
        figures = f"{' | '.join(times)} | {len(area_m2):,} | {area_m2.sum() / M2_PER_HA:,.1f}"
        print(f"| {name.rstrip('.')} | {figures} |", flush=True)
    own, *others = taken.values()
    question = f"two frames in degrees, {size}, to pairs and their areas; Lindero with shares and certainty"
    for at, unit in enumerate(("s", "processor s")):
        peers = {name: each[at] for name, each in zip(list(taken)[1:], others, strict=True)}
        beside.add_measurement(question, own[at], peers, unit=unit)


def _project_first(way: Callable[..., object]) -> Callable[[Frames], np.ndarray]:
    return lambda both: way(*(each.to_crs(EQUAL_AREA) for each in both)).area_m2  # type: ignore[attr-defined]


def _minimum_time(way: Callable[[Frames], np.ndarray], frames: Frames) -> tuple[Seconds, np.ndarray]:
    seconds: list[Seconds] = []
    for _ in range(3):
        clock, processor = time.perf_counter(), time.process_time()
        area_m2 = way(frames)
        seconds.append(Seconds(time.perf_counter() - clock, time.process_time() - processor))
        if seconds[-1].clock > LONG_S:
            break
    return Seconds(*map(min, zip(*seconds, strict=True))), area_m2


if __name__ == "__main__":
    main(*sys.argv[1:])
