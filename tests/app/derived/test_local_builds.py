"""A build after a change measures what the change touches, and gives to the bit what a build from nothing gives."""

import shutil

import duckdb
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from lindero.app.pipeline.build import build_map
from lindero.layers.database import map_database, map_writer
from lindero.layers.database.queries import equal_ground
from lindero.layers.disk import builds
from lindero.layers.tiles import tile_archive
from tests.files import SOUTH, WEST, Files

TABLES = ("overlap_pairs", "footprints", "overlap_totals", "exposure", "exposure_parts", "cells")
KINDS, STATUSES = ("mining", "forestry", "other"), ("granted", "applied", "expired")
REACH = 0.3  # degrees


@pytest.fixture(scope="module", autouse=True)
def tiled():
    """Cut tiles of the smallest map."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(tile_archive.write_archive.__kwdefaults__, "fewest", 1)
        yield


def frame(shapes, **columns):
    codes = [f"N{number}" for number in range(len(shapes))]
    columns |= {"code": codes, "name": [f"Ñandú {code}" for code in codes]}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="OGC:CRS84")


def titles(random, count=60):
    """Draw concessions, some on top of others, some of which state how exact their boundary is."""
    corner = np.array([WEST, SOUTH]) + random.uniform(0, REACH, (count, 2))
    wide, tall = random.uniform(0.004, 0.02, (2, count))
    return frame(
        shapely.box(*corner.T, corner[:, 0] + wide, corner[:, 1] + tall),
        holder=[f"Minera {number % 7}" for number in range(count)],
        kind=random.choice(KINDS, count),
        status=random.choice(STATUSES, count),
        boundary_accuracy_m=random.choice([10.0, 50.0, 200.0], count),
    )


def lands(random, count=14):
    """Draw territories of twenty sides, some of them neighbours."""
    centres = np.array([WEST, SOUTH]) + random.uniform(0, REACH, (count, 2))
    angles = np.linspace(0, 2 * np.pi, 21)[:-1]
    rays = np.stack([np.cos(angles), np.sin(angles)], axis=-1) * random.uniform(0.01, 0.04, (count, 20, 1))
    return frame(shapely.polygons(centres[:, None] + rays))


def moved(rows, at):
    rows = rows.copy()
    rows.loc[rows.index[at], "geometry"] = rows.geometry.iloc[at].translate(xoff=0.1)
    return rows


def altered(column, value):
    def alter(rows, at):
        rows = rows.copy()
        rows.loc[rows.index[at], column] = value
        return rows

    return alter


def removed(rows, at):
    return rows.drop(index=rows.index[at])


def added(rows, at):
    extra = moved(rows, at).iloc[at].assign(code=lambda new: new["code"] + "b")
    return gpd.GeoDataFrame(pd.concat([rows, extra], ignore_index=True), crs=rows.crs)


CHANGES = {
    "moved": ("concessions", moved),
    "removed": ("concessions", removed),
    "added": ("concessions", added),
    "holder": ("concessions", altered("holder", "Otra S.A.")),
    "kind": ("concessions", altered("kind", "hydrocarbons")),
    "granted": ("concessions", altered("status", "granted")),
    "expired": ("concessions", altered("status", "expired")),
    "accuracy": ("concessions", altered("boundary_accuracy_m", 120.0)),
    "least exact": ("concessions", altered("boundary_accuracy_m", 900.0)),
    "land moved": ("communities", moved),
    "land removed": ("communities", removed),
    "land added": ("communities", added),
    "land renamed": ("communities", altered("name", "Otro")),
}


def rows_of(path):
    with map_database.connect(path) as con:
        names = map_database.list_tables(con)
        return {name: sorted(con.execute(f"FROM {name}").fetchall(), key=repr) for name in TABLES if name in names}


@pytest.fixture(scope="module")
def frames():
    random = np.random.default_rng(4)
    return {"concessions": titles(random), "communities": lands(random), "protected_areas": lands(random, 3)}


@pytest.fixture(scope="module")
def first_build(frames, tmp_path_factory):
    """Return the build folder of a map of all frames."""
    files = Files(tmp_path_factory.mktemp("first") / "space")
    for name, rows in frames.items():
        files.add(name, rows)
    return build_map(files.space).path.parent


def choose(frames, layer, random):
    """Choose three features, two of which share ground with the other layer."""
    other = {"concessions": "communities", "communities": "concessions"}[layer]
    is_shared = frames[layer].intersects(frames[other].union_all()).to_numpy()
    return [*random.choice(np.flatnonzero(is_shared), 2, replace=False), random.choice(np.flatnonzero(~is_shared))]


@pytest.mark.parametrize(("number", "change"), list(enumerate(CHANGES)), ids=list(CHANGES))
def test_a_build_after_a_change_is_one_from_nothing(frames, first_build, tmp_path, number, change):
    layer, alter = CHANGES[change]
    rows = alter(frames[layer], choose(frames, layer, np.random.default_rng(number)))
    is_another_snapshot = bool(number % 2)
    spaces = []
    for name in ("after", "anew"):
        files = Files(tmp_path / name)
        for each, whole in frames.items():
            if each != layer or is_another_snapshot:
                files.add(each, whole)
        files.add(layer, rows, snapshot_on="2026-06-30" if is_another_snapshot else "2026-01-01")
        spaces.append(files.space)
    shutil.copytree(first_build, spaces[0].build_folder)
    after, anew = (build_map(space).path for space in spaces)

    for table, expected in rows_of(anew).items():
        assert [*zip(rows_of(after)[table], expected, strict=True)] == [*zip(expected, expected, strict=True)], table
    assert after.with_suffix(builds.TILES).read_bytes() == anew.with_suffix(builds.TILES).read_bytes()


def test_a_map_of_another_schema_is_not_compared(first_build, tmp_path):
    now, before = builds.current_map(first_build), tmp_path / "before.duckdb"
    for suffix in (".duckdb", builds.TILES):
        shutil.copyfile(now.with_suffix(suffix), before.with_suffix(suffix))
    with duckdb.connect(before) as con:
        con.execute("ALTER TABLE concessions DROP COLUMN kind")
    tiles = tmp_path / "tiles.pmtiles"

    assert tile_archive.write_archive(now, tiles, previous=before)
    assert tiles.read_bytes() == now.with_suffix(builds.TILES).read_bytes()
    with map_writer.create_map(tmp_path / "map.duckdb") as new:
        assert equal_ground.read_exposure_changes(new, before, STATUSES) is None
        assert equal_ground.read_exposure_changes(new, now, STATUSES) is not None
