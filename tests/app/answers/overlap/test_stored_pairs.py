"""What a build has stored of two layers is told row by row, and is what frames of the same rows come to."""

import io

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from lindero.app.answers.overlap import chosen_pairs, overlaps, overlay
from lindero.app.answers.overlap.overlaps import overlap_report
from lindero.app.answers.overlap.row_selection import Side
from lindero.app.output import plain
from lindero.app.output.files import as_csv, records, round_figures
from lindero.geo.kernels import numba_jit
from lindero.layers.database import map_database
from lindero.layers.database.queries.map_queries import StoredPairs
from lindero.layers.errors import AnswerError
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS
from tests.built import build
from tests.files import Files, concessions

pytestmark = pytest.mark.skipif(not numba_jit.AVAILABLE, reason="without numba a build adds nothing up")
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


def test_stored_pairs_are_those_of_frames_of_the_same_rows(world):
    whole = overlap_report(world, Side(CONCESSIONS), Side(COMMUNITIES), asked=True)
    chosen = overlap_report(world, Side.named(CONCESSIONS, "", [ALL]), Side.named(COMMUNITIES, "", [ALL]), asked=True)

    assert isinstance(whole.told, StoredPairs)
    assert isinstance(chosen.told, pd.DataFrame)
    assert [*whole.told] == records(chosen.told)
    assert (len(whole.told), whole.told[:1]) == (len(chosen.told), records(chosen.told)[:1])
    assert as_csv(whole.pairs) == as_csv(chosen.pairs)
    assert whole.head() == chosen.head()
    assert whole.sentence() == chosen.sentence()
    assert (whole.points.features, whole.points.lying) == (2, 1)


def test_the_page_and_the_command_have_the_same_pairs(world):
    told = overlap_report(world, Side(CONCESSIONS), Side(COMMUNITIES)).told
    shown = overlay.overlay(world, "concessions", "communities")

    assert [*told] == records(shown.drop(columns="right_holder"))


def test_two_registers_are_asked_about_where_pairs_are_stored(tmp_path):
    files = Files(tmp_path / "space")
    for source in ("one", "other"):
        files.add("concessions", concessions(4), id=source)
    files.add("communities", concessions(2).drop(columns=["holder", "status"]), id="lands")
    with map_database.connect(build(files.space).path) as con:
        sides = Side(CONCESSIONS), Side(COMMUNITIES)

        assert overlaps.stored_report(con, *sides, asked=False) is not None
        with pytest.raises(AnswerError, match="two registers"):
            overlaps.stored_report(con, *sides, asked=True)


def test_a_map_that_was_added_up_by_nobody_is_told_by_frames(world, monkeypatch):
    monkeypatch.setattr(overlaps.stored_totals, "totals_of", lambda *_: None)
    asked = []
    own = chosen_pairs.chosen_report
    monkeypatch.setattr(chosen_pairs, "chosen_report", lambda *sides, **how: (asked.append(how), own(*sides, **how))[1])
    told = overlap_report(world, Side(CONCESSIONS), Side(COMMUNITIES))

    assert len(asked) == 1
    assert told.totals.pairs == len(told.pairs)


def test_csv_of_stored_pairs_is_csv_of_a_frame(world):
    report = overlap_report(world, Side(CONCESSIONS), Side(COMMUNITIES))
    out = io.StringIO()
    plain.write_csv(report.told, out)

    assert out.getvalue() == as_csv(round_figures(report.pairs))
