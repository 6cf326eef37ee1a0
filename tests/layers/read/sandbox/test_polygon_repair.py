"""Polygons are repaired in the sandbox: one that crosses itself too often ends in a sentence."""

import resource

import geopandas as gpd
import numpy as np
import pytest
from shapely import MultiPolygon, Polygon, box

from lindero.app.builder.add.plan import ReceivedFile, plan_source
from lindero.app.builder.build import load_demonstration
from lindero.app.watch import watch_setup
from lindero.layers.errors import SourceError
from lindero.layers.read.sandbox.client import repair_polygons
from lindero.layers.workspace.source_options import SourceOptions
from lindero.machine.polygon_repair import polygon_from_rings, repair_polygon
from tests.files import TODAY, geojson

BOW_TIE = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
TOUCHING = Polygon([(0, 0), (4, 0), (4, 4), (2, 0), (0, 4)])
FLAT_PART = MultiPolygon([box(0, 0, 1, 1), Polygon([(5, 5), (6, 6), (5, 5), (5, 5)])])


def add_communities(path):
    return plan_source(
        ReceivedFile(path), SourceOptions(layer="communities", publisher="P"), load_demonstration(), today=TODAY
    )


def star(points):
    """A polygon whose sides each cross nearly all others: about points² / 2 crossings."""
    angle = 2 * np.pi * np.arange(points) * ((points - 1) // 2) / points
    return Polygon(np.column_stack([-78.5 + 0.1 * np.cos(angle), -7 + 0.1 * np.sin(angle)]).round(6))


def test_the_sandbox_repairs_as_this_process_does():
    polygons = np.array([BOW_TIE, TOUCHING, FLAT_PART], dtype=object)

    for repaired, polygon in zip(repair_polygons(polygons, [1, 2, 3], "a.geojson"), polygons, strict=True):
        here = repair_polygon(polygon)
        assert repaired.ground.equals_exact(here.ground)
        assert (repaired.areas.tolist(), repaired.collapsed) == (here.areas.tolist(), here.collapsed)


def test_the_sandbox_nests_rings_as_this_process_does():
    rings = np.array(
        [MultiPolygon([box(0, 0, 9, 9), box(1, 1, 2, 2)]), MultiPolygon([box(0, 0, 2, 2)] * 2)], dtype=object
    )

    nested, ambiguous = repair_polygons(rings, [1, 2], "a.geojson", is_nested=False)

    assert nested.ground.equals_exact(polygon_from_rings(rings[0]))
    assert ambiguous.ground is None


def test_a_boundary_that_crosses_itself_too_often_ends_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("LINDERO_READER_SECONDS", "1")
    frame = gpd.GeoDataFrame({"code": ["A", "B"]}, geometry=[box(-78.5, -7, -78.4, -6.9), star(3001)])
    file = ReceivedFile(geojson(tmp_path / "register.geojson", frame))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    with pytest.raises(SourceError) as refused:
        plan_source(file, SourceOptions(layer="concessions", publisher="P"), load_demonstration(), today=TODAY)

    assert "row 2 of register.geojson" in str(refused.value)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 * 1024  # kilobytes
    assert repair_polygons(np.array([TOUCHING]), [1], "next.geojson")[0].ground.is_valid


@pytest.mark.parametrize("read", [add_communities, watch_setup.read_polygon])
def test_no_polygon_of_a_stranger_is_repaired_without_limits(read, tmp_path, monkeypatch):
    monkeypatch.setenv("LINDERO_READER_SECONDS", "1")
    names = {"name": [None, "Tingo"]}  # without a name, a row is refused before its boundary is read
    frame = gpd.GeoDataFrame(names, geometry=[star(3001), box(-78.5, -7, -78.4, -6.9)], crs="OGC:CRS84")

    with pytest.raises(SourceError, match=r"row 1 of register\.geojson crosses itself so often"):
        read(geojson(tmp_path / "register.geojson", frame))
