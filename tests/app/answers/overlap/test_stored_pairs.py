"""The pairs that a build stored are those that are measured of the same rows."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from lindero.app.answers.coverage.coverage import read_coverage
from lindero.app.answers.coverage.reach import _find_unsettled_boxes
from lindero.app.answers.overlap import overlaps
from lindero.app.answers.overlap.overlaps import overlap_report
from lindero.app.answers.overlap.overlaps_answer import overlaps_answer
from lindero.app.answers.overlap.row_selection import Side
from lindero.app.media.files.files import to_csv
from lindero.app.media.text.plain_text import format_answer
from lindero.geo.kernels import numba_jit
from lindero.layers.database import map_database
from lindero.layers.database.queries import derived_queries
from lindero.layers.errors import AnswerError
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS
from tests.built import build
from tests.files import Files, concessions

pytestmark = pytest.mark.skipif(not numba_jit.HAS_NUMBA, reason="without numba a build adds nothing up")
ALL = "id!=nobody"  # a condition that every row meets


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    files = Files(tmp_path_factory.mktemp("stored") / "space")
    titles = concessions(4)
    files.add("concessions", titles.assign(holder=["Minera", None, "Otra", ""]), id="titles", coverage="PE-CAJ")
    dots = gpd.GeoDataFrame(geometry=[titles.geometry.iloc[0].centroid, shapely.Point(-70, -10), None], crs=titles.crs)
    lands = concessions(3).drop(columns=["holder", "status"])
    lands = pd.concat([lands, dots.assign(name=["El Tingo", None, "Sin lugar"])], ignore_index=True)
    files.add("communities", lands.assign(code=[f"K{n}" for n in range(6)]), id="lands")
    with map_database.connect(build(files.space).path) as con:
        yield con


def test_stored_pairs_are_those_that_are_measured_of_the_same_rows(world):
    stored = overlap_report(world, Side(CONCESSIONS), Side(COMMUNITIES), registers="refuse")
    chosen = overlap_report(
        world, Side.from_options(CONCESSIONS, "", [ALL]), Side.from_options(COMMUNITIES, "", [ALL]), registers="refuse"
    )
    measured = overlap_report(world, Side(CONCESSIONS), Side(COMMUNITIES), grown=True)

    assert to_csv(stored.pairs) == to_csv(chosen.pairs)
    assert sorted(to_csv(stored.pairs).splitlines()) == sorted(
        to_csv(measured.pairs[measured.pairs["area_ha"] > 0]).splitlines()
    )
    assert stored.head() == chosen.head()
    assert format_answer(overlaps_answer(stored)) == format_answer(overlaps_answer(chosen))
    assert (stored.points.features, stored.points.inside_count) == (2, 1)


@pytest.mark.parametrize("sides", [(CONCESSIONS, COMMUNITIES), (COMMUNITIES, CONCESSIONS)], ids=["stored", "swapped"])
@pytest.mark.parametrize("test", ["", "name!=nobody", "code=K1"], ids=["whole", "every row", "one row"])
def test_pairs_read_in_batches_are_those_read_at_once(world, sides, test, monkeypatch):
    monkeypatch.setattr(derived_queries, "_BATCH_PAIRS", 1)
    chosen = [Side.from_options(layer, "", [test] if test and layer is COMMUNITIES else []) for layer in sides]
    at_once = overlap_report(world, *chosen)
    in_batches = overlap_report(world, *chosen, with_names=False)

    assert to_csv(pd.concat(in_batches.iter_rows())) == to_csv(pd.concat(at_once.iter_rows()))
    assert to_csv(at_once.pairs[in_batches.pairs.columns]) == to_csv(in_batches.pairs)
    assert in_batches.head() == at_once.head()
    assert "left_name" not in in_batches.pairs


def test_a_box_settles_the_coverage_of_a_shape_or_the_shape_is_read(world):
    covered, layer = read_coverage(world), "concessions"
    (ground,) = [row.geometry for row in covered.select_rows(layer)]
    west, south, east, north = ground.bounds
    inside = shapely.Point(ground.representative_point()).buffer(1e-6)
    shapes = np.array([inside, shapely.box(west - 1, south, east, north), shapely.box(0, 0, 1, 1), None], dtype=object)

    assert _find_unsettled_boxes(covered, layer, shapes).tolist() == [1]


def test_shapes_that_no_figure_needs_are_not_read(world, monkeypatch):
    read = []
    read_shapes = Side.read_shapes
    monkeypatch.setattr(
        Side, "read_shapes", lambda side, con, rows: read.extend(rows["id"]) or read_shapes(side, con, rows)
    )
    whole = overlap_report(world, Side(CONCESSIONS), Side(COMMUNITIES), with_names=False)
    monkeypatch.setattr(overlaps, "measure_both_reaches", lambda *_: whole.coverage)
    read.clear()
    overlap_report(world, Side(CONCESSIONS), Side(COMMUNITIES), with_names=False)

    assert len(read) == 3  # two points, and the polygon that contains one of them


def test_two_registers_are_refused_added_up_or_one_is_chosen(files):
    for source in ("one", "other"):
        files.add("concessions", concessions(4), id=source)
    files.add("communities", concessions(2).drop(columns=["holder", "status"]), id="lands")
    with map_database.connect(build(files.space).path) as con:
        sides = Side(CONCESSIONS), Side(COMMUNITIES)
        of_one = overlap_report(con, Side.from_options(CONCESSIONS, "one", []), sides[1], registers="refuse")

        with pytest.raises(AnswerError, match="two registers"):
            overlap_report(con, *sides, registers="refuse")
        assert overlap_report(con, *sides).totals.pairs == 2 * of_one.totals.pairs
        chosen = overlap_report(con, *sides, registers="choose")
        assert chosen.totals == of_one.totals
        assert to_csv(chosen.pairs) == to_csv(of_one.pairs)


def test_a_map_whose_build_stored_no_totals_is_added_up_anew(world, monkeypatch):
    told = overlap_report(world, Side(CONCESSIONS), Side(COMMUNITIES))
    monkeypatch.setattr(overlaps, "read_stored_totals", lambda *_: None)

    assert overlap_report(world, Side(CONCESSIONS), Side(COMMUNITIES)).totals == told.totals
