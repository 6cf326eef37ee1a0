"""The same to the bit on any number of cores, in chunks so small that every thread gets some."""

import numpy as np
import pandas as pd
import pytest
from shapely import Polygon, box

from lindero.geo import find_disagreements, footprint, overlap
from lindero.geo.kernels import numba_jit
from lindero.geo.overlay import accuracy_buffers, cross_check
from lindero.geo.overlay import overlap as overlaps
from lindero.machine import threads
from lindero.machine.resources import Machine
from tests.needed import missing
from tests.world import on_the_ground

if not numba_jit.HAS_NUMBA:
    missing("numba is not here")

from lindero.geo.kernels import union_area

SMALL = (
    (overlaps, "CHUNK", 20),
    (overlaps, "LEAST_CHUNK", 5),
    (accuracy_buffers, "_CHUNK_SHAPES", 7),
    (accuracy_buffers, "_VERTICES", 200),
    (union_area, "GROUPS", 3),
    (cross_check, "_CHUNK_PAIRS", 9),
)


@pytest.fixture(scope="module")
def invented():
    """Give titles on top of each other and lands of some corners, each with its accuracy."""
    rng = np.random.default_rng(4)

    def rough(vertices):
        angle, reach = (
            np.linspace(0, 2 * np.pi, vertices, endpoint=False),
            2_500 * np.exp(rng.normal(0, 0.15, vertices)),
        )
        return Polygon(np.column_stack((np.cos(angle), np.sin(angle))) * reach[:, None] + rng.uniform(-9_000, 9_000, 2))

    lands = on_the_ground(**{f"l{i}": rough(int(rng.integers(8, 300))) for i in range(30)})
    titles = on_the_ground(**{f"t{i}": box(*(at := rng.uniform(-9_000, 8_000, 2)), *(at + 1_500)) for i in range(80)})
    return (
        titles.assign(boundary_accuracy_m=rng.choice([5.0, 20.0, 80.0], len(titles))),
        lands.assign(boundary_accuracy_m=rng.choice([10.0, 50.0, 150.0], len(lands))),
    )


def tables(left, right):
    pairs = overlap(left, right, grown=True, with_range=True)
    grounds = (footprint(pairs, left, right, by=by, with_range=True) for by in ("left_id", "right_id"))
    return [pairs, *grounds, find_disagreements(left, right)]


@pytest.mark.parametrize("cores", [2, 7])
def test_tables_are_the_same_to_the_bit_on_any_number_of_cores(invented, monkeypatch, cores):
    with threads.use_one_core():
        expected = tables(*invented)
    begun = []
    pool = threads.ThreadPoolExecutor
    monkeypatch.setattr(threads, "ThreadPoolExecutor", lambda count: begun.append(count) or pool(count))
    monkeypatch.setattr(threads, "machine", lambda: Machine(cores, 2**30))
    for module, name, count in SMALL:
        monkeypatch.setattr(module, name, count)

    found = tables(*invented)

    assert set(begun) == {cores}
    assert len(found[0]) > 100
    for one, other in zip(found, expected, strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
