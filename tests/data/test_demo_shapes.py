"""The shapes and draws of the demonstration map, for any seed."""

from datetime import date
from itertools import pairwise
from random import Random

import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import STRtree

from lindero.data.demo_parts import shapes, words

seeds = st.integers(0, 10**9).map(Random)


@given(rng=seeds, radius_m=st.integers(100, 50_000))
def test_a_blob_and_the_zone_around_it_are_valid_and_share_no_ground(rng, radius_m):
    core = shapes.draw_blob(rng, (500_000, 9_000_000), radius_m)
    zone = shapes.draw_buffer_zone(rng, core, (500_000, 9_000_000), radius_m / 3)

    assert core.is_valid
    assert zone.is_valid
    assert core.intersection(zone).area == 0


@given(rng=seeds)
def test_a_border_begins_at_its_start_and_never_crosses_itself(rng):
    line = [*shapes.draw_border(rng, (0, 0), (800, 600)), (800, 600)]

    assert line[0] == (0, 0)
    assert shapely.LineString(line).is_simple


@given(rng=seeds, width=st.integers(1, 9), height=st.integers(1, 9), bites=st.integers(0, 6))
def test_blocks_are_one_piece_with_the_area_of_their_squares(rng, width, height, bites):
    blocks = shapes.Blocks(3_000, 7_000, 1_000, shapes.draw_staircase(rng, width, height, bites=bites))
    outline = blocks.to_polygon()

    assert outline.is_valid
    assert outline.area / 10_000 == blocks.area_ha == 100 * len(blocks.squares())
    assert all((a[0] == b[0]) != (a[1] == b[1]) for a, b in pairwise(outline.exterior.coords))


@given(rng=seeds, length=st.integers(2, 60))
def test_a_corridor_is_one_piece(rng, length):
    assert shapes.Blocks(0, 0, 250, shapes.draw_corridor(rng, length)).to_polygon().is_valid


@given(rng=seeds)
def test_cells_of_a_honeycomb_are_valid_alone_and_joined(rng):
    comb = shapes.Honeycomb(rng, (500_000, 9_000_000), 8_000)

    for cell in comb.cells_in_radius(9_000):
        assert comb.outline([cell]).is_valid
        assert comb.outline([cell, (cell[0] + 1, cell[1])]).is_valid


def test_neighbours_of_a_honeycomb_mostly_share_their_border():
    comb = shapes.Honeycomb(Random(1), (0, 0), 8_000)
    cells = [comb.outline([cell]) for cell in comb.cells_in_radius(30_000)]
    pairs = [(a, b) for a, b in STRtree(cells).query(cells, predicate="intersects").T if a < b]
    touching = sum(cells[a].touches(cells[b]) for a, b in pairs)

    assert 0.7 < touching / len(pairs) < 0.95


@given(rng=seeds, more=st.integers(0, 30))
def test_a_deal_leaves_no_code_out(rng, more):
    weights = {"a": 100, "b": 1, "c": 1}

    codes = words.draw_codes(rng, weights, 3 + more)

    assert len(codes) == 3 + more
    assert set(codes) == {"a", "b", "c"}


@given(rng=seeds)
def test_a_day_lies_between_its_bounds(rng):
    assert date(2020, 2, 28) <= words.draw_date(rng, date(2020, 2, 28), date(2020, 3, 1)) <= date(2020, 3, 1)
