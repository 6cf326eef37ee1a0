"""Any layer over any other: what the build laid, its reverse, and what it did not lay, by one function."""

import pytest

from lindero.app.answers.overlap import overlaps
from lindero.layers.database import map_database
from lindero.layers.model.schema import OVERLAP_PAIRS
from tests import small_map


@pytest.fixture(scope="module")
def con(tmp_path_factory):
    shapes = {**small_map.SHAPES, "regions": small_map.SHAPES["communities"]}
    return map_database.connect(small_map.publish(tmp_path_factory.mktemp("laid"), shapes=shapes))


def test_the_layers_that_hold_areas_can_be_laid(con):
    assert set(overlaps.list_area_layers(con)) == {"concessions", "communities", "protected_areas", "regions"}


def test_the_reverse_of_what_was_laid_tells_the_same_from_the_other_side(con):
    one, _counted = overlaps.find_pairs(con, "concessions", "communities")
    other, _counted = overlaps.find_pairs(con, "communities", "concessions")

    assert one["left_name"].tolist() == other["right_name"].tolist() == ["The concessions row"]
    assert one["share_of_left"].tolist() == other["share_of_right"].tolist()
    assert [*one.columns] == [*other.columns]


def test_what_no_build_laid_is_laid_on_demand(con):
    assert ("concessions", "regions") not in OVERLAP_PAIRS

    pairs = overlaps.find_pairs(con, "concessions", "regions")[0]

    assert [*pairs.columns] == [*overlaps.find_pairs(con, "concessions", "communities")[0].columns]
    assert pairs["share_of_left"].tolist() == pytest.approx([0.5], rel=1e-3)
    assert overlaps.compute_pair_totals(con, "concessions", "regions", pairs).footprint_ha == pytest.approx(
        pairs["area_ha"].sum()
    )


def test_the_shared_ground_is_drawn_beside_its_columns(con):
    pairs, _counted = overlaps.find_pairs(con, "concessions", "communities")

    drawn = overlaps.draw_pairs(con, "concessions", "communities", pairs)

    shared = small_map.SHAPES["concessions"].intersection(small_map.SHAPES["communities"])
    assert drawn.geometry.iloc[0].symmetric_difference(shared).area < 1e-6
    assert drawn["certainty"].tolist() == ["certain"]
