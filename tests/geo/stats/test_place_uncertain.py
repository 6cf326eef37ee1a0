"""Layers too large for memory: prepared part by part, on the disk, and nothing else is different."""

from collections import defaultdict
from functools import partial

import numpy as np
import pandas as pd
import pytest
import shapely

from lindero.app.derived import prepared_layers
from lindero.app.pipeline.build import build_map
from lindero.geo import PolygonLayer, overlap
from lindero.geo.geometry import chunks
from lindero.geo.kernels import numba_jit
from lindero.geo.overlay import cross_check, prepared_layer
from lindero.layers.database import map_database
from lindero.layers.disk.memmap import GrowingArray
from lindero.layers.errors import BuildError
from tests.files import Files, concessions
from tests.fuzz import pool
from tests.needed import missing
from tests.world import polygons

if not numba_jit.HAS_NUMBA:
    missing("numba is not here")


@pytest.fixture
def files(tmp_path):
    files = Files(tmp_path / "space")
    files.add("concessions", concessions(7), id="first")
    files.add("concessions", concessions(4), id="upon")  # the same ground twice
    files.add("communities", communities(5), id="lands")
    return files


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(chunks, "FEATURES", 3)


@pytest.fixture
def prepared(monkeypatch):
    """The ids of what is prepared, part by part."""
    monkeypatch.setattr("lindero.app.pipeline.build.add_cells", lambda *_, **__: None)  # titles are drawn anew, and cut
    found = []
    checked = prepared_layer._check_columns
    monkeypatch.setattr(
        prepared_layer, "_check_columns", lambda frame: (found.append(set(frame["id"])), checked(frame))
    )
    return found


def communities(count, row=0):
    return concessions(count, row=row).drop(columns=["holder", "status"])


def emptied(folder):
    for path in folder.iterdir():
        path.unlink()


def test_the_map_is_the_same_to_the_bit(files, monkeypatch, prepared):
    whole = build_map(files.space).path
    emptied(whole.parent)
    monkeypatch.setattr(chunks, "FEATURES", 3)
    prepared.clear()
    by_parts = build_map(files.space).path

    assert max(map(len, prepared)) == 3
    assert by_parts.name == whole.name  # which holds the digest of all tables
    assert map_database.count_rows(map_database.connect(by_parts))["overlap_pairs"] > 0
    assert not list(by_parts.parent.glob(".map-*"))


@pytest.mark.usefixtures("small_parts")
def test_points_make_no_layer_large():
    assert prepared_layers.is_large(pd.DataFrame({"vertices": [5] * 4}))
    assert not prepared_layers.is_large(pd.DataFrame({"vertices": [1] * 9}))


@pytest.mark.usefixtures("small_parts")
def test_areas_that_are_wrong_stop_a_build_of_parts_too(files, monkeypatch):
    measured = cross_check.shared_area_m2
    monkeypatch.setattr(cross_check, "shared_area_m2", lambda *pairs: measured(*pairs) * 1.1)

    with pytest.raises(BuildError, match="GEOS"):
        build_map(files.space)


def test_shapes_grow_together_as_they_were(tmp_path):
    shapes = {f"{name}{i}": shape for name in ("grids", "stars") for i, shape in enumerate(pool(name, 20, 1))}
    whole = PolygonLayer.from_frame(
        polygons(**{name: shapely.transform(shape, lambda xy: xy * 900) for name, shape in shapes.items()})
    )
    grown = defaultdict(partial(GrowingArray, tmp_path))
    for some in np.split(np.arange(len(whole.ids)), [15, 15, 33]):  # one of them is empty
        prepared_layers._append_part(whole.select(some), grown)
    together = prepared_layers._build_layer({name: array.to_memmap() for name, array in grown.items()})
    looked_at = together.trees.under.sum()
    together.outlines.release_memory()

    assert together.ids.equals(whole.ids)
    assert shapely.equals(together.shapes, whole.shapes).all()
    assert overlap(together, together).equals(overlap(whole, whole))
    assert together.trees.under.sum() == looked_at  # read again
    assert not list(tmp_path.iterdir())


def test_an_array_grows_by_pieces(tmp_path):
    grown, nothing = GrowingArray(tmp_path), GrowingArray(tmp_path)
    for piece in (np.ones((2, 3)), np.zeros((0, 3)), np.full((1, 3), 7.0)):
        grown.append(piece)
    nothing.append(np.empty((0, 2), np.int64))

    assert len(grown) == 3
    assert grown.to_memmap().tolist() == [[1, 1, 1], [1, 1, 1], [7, 7, 7]]
    assert nothing.to_memmap().shape == (0, 2)
