"""Many communities' lands at once are measured, and covered, as each is alone."""

import pytest

from lindero.app.answers.coverage.coverage import read_coverage
from lindero.app.answers.overlap.land import land_coverage, measure_community_lands, measure_land
from lindero.layers.database import map_database
from lindero.layers.database.queries import derived_queries
from lindero.layers.model.schema import COMMUNITIES

SOME = 12


def test_lands_are_measured_at_once_as_one_by_one(demonstration):
    con = demonstration[1]
    pairs = derived_queries.read_overlap_pairs(con, "concessions", "communities")
    ids = [str(id_) for id_ in map_database.read_layer(con, COMMUNITIES)["id"]][::20][:SOME]
    busy = str(pairs["right_id"].value_counts().index[0])

    found = measure_community_lands(con, [*ids, busy], pairs)

    assert found.keys() == {*ids, busy}
    for id_, land in found.items():
        want = measure_land(con, id_, pairs)
        assert land.titles == want.titles
        for name in ("gross_ha", "footprint_ha", "certain_ha", "share"):
            assert getattr(land, name) == pytest.approx(getattr(want, name), rel=1e-9), (id_, name)
    assert found[busy].titles > 1


def test_lands_are_covered_at_once_as_one_by_one(demonstration):
    con = demonstration[1]
    covered = read_coverage(con)
    land = map_database.read_layer(con, COMMUNITIES)[::20][:SOME]

    for layer in ("concessions", "consultations", "incidents"):
        for id_, found in zip(land["id"], covered.land_coverages(layer, land.geometry), strict=True):
            want = land_coverage(con, id_, covered, layer)
            assert (found.verdict, found.sources) == (want.verdict, want.sources)
            assert found.share == pytest.approx(want.share, abs=1e-6)
