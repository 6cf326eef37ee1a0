"""Rings that a file lists side by side: read where they can lie in one way only."""

import json

import pytest
from shapely import MultiPolygon, box

from lindero.app.builder.add.plan import plan_source
from lindero.app.builder.rows.ingest import OFFICIAL_SHARE
from lindero.layers.workspace.source_options import SourceOptions
from lindero.machine.polygon_repair import polygon_from_rings
from tests.files import TODAY, collection, text

OUTER, HOLE, ISLAND, APART = box(0, 0, 10, 10), box(2, 2, 6, 6), box(3, 3, 4, 4), box(20, 0, 22, 2)


@pytest.mark.parametrize(
    ("rings", "area"),
    [
        ([OUTER, HOLE], 100 - 16),
        ([HOLE, OUTER], 100 - 16),
        ([OUTER, HOLE, ISLAND], 100 - 16 + 1),
        ([OUTER, APART], 104),
        ([OUTER, box(10, 0, 12, 2)], 104),  # they touch
    ],
)
def test_nesting_tells_parts_from_holes(rings, area):
    assert polygon_from_rings(MultiPolygon(rings)).area == pytest.approx(area)


@pytest.mark.parametrize("rings", [[OUTER, box(5, 5, 15, 15)], [OUTER, HOLE, box(1, 1, 3, 3)], [OUTER, OUTER]])
def test_rings_that_cross_have_more_than_one_reading(rings):
    assert polygon_from_rings(MultiPolygon(rings)) is None


def received(tmp_path, hectares, *rings):
    """A protected area whose MultiPolygon is nested one level short, as SERNANP's are."""
    coordinates = [[[x - 78.5, y - 7.0] for x, y in ring.exterior.coords] for ring in rings]
    short = {"type": "MultiPolygon", "coordinates": coordinates}
    properties = {"anp_codi": "RC01", "anp_nomb": "Machiguenga", "anp_cate": "RC", "anp_suleg": hectares}
    content = collection([{"type": "Feature", "properties": properties, "geometry": short}])
    return text(tmp_path / "anp.geojson", content)


def scaled(*boxes):
    from shapely.affinity import scale

    return [scale(one, 0.01, 0.01, origin=(0, 0)) for one in boxes]


def test_a_hole_is_read_where_the_official_hectares_agree_and_told_as_a_repair(files, tmp_path):
    hectares = (100 - 16) * 122.4 * 0.9999  # a square of 0.01 degrees has some 122 ha there
    taken = plan_source(
        str(received(tmp_path, hectares, *scaled(OUTER, HOLE))), SourceOptions(), files.space, today=TODAY
    )

    assert len(taken.rejects) == 0
    assert taken.repairs["repair"].tolist() == ["rings_side_by_side"]
    assert taken.tables["protected_areas"]["area_ha"].iloc[0] == pytest.approx(hectares, rel=OFFICIAL_SHARE)


def test_it_is_refused_where_they_do_not(files, tmp_path):
    good = json.loads(received(tmp_path, 84 * 122.4, *scaled(box(30, 0, 31, 1), box(32, 0, 33, 1))).read_text())
    bad = json.loads(received(tmp_path, 500, *scaled(OUTER, HOLE)).read_text())
    good["features"][0]["properties"]["anp_suleg"] = 2 * 122.4
    path = text(tmp_path / "both.geojson", json.dumps({**good, "features": [*good["features"], *bad["features"]]}))
    taken = plan_source(str(path), SourceOptions(), files.space, today=TODAY)

    assert taken.rejects[["row_number", "reason"]].to_numpy().tolist() == [[2, "other_hectares"]]
