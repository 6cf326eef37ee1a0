"""A whole map in parts: what lies together, names in the order in which they sound, tiles, and scripts that are data alone."""

import base64
import datetime as dt
import json
import math

import numpy as np
import pytest
from pmtiles.tile import zxy_to_tileid

from lindero.app.media.phone import sentences, site_parts, whole_map
from lindero.app.media.phone.about import whole_map_scope
from lindero.app.media.site.pack import open_published_map
from lindero.app.media.site.site import write_site
from lindero.layers.database import map_database
from lindero.layers.database.queries import derived_queries
from lindero.layers.disk import builds
from lindero.layers.errors import PublishError
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS
from lindero.layers.tiles import tile_query
from lindero.layers.workspace import manifest_file
from tests.client import ask

TODAY = dt.date(2026, 7, 26)
ZOOM = 9


@pytest.fixture(scope="module")
def site(demonstration, tmp_path_factory):
    """The published demonstration, and the first page of its site."""
    space = manifest_file.load_workspace(demonstration[0])
    folder = tmp_path_factory.mktemp("site")
    with open_published_map(space, today=TODAY) as (pub, con):
        with map_database.connect(builds.current_map(space.build_folder)) as own:
            write_site(pub, con, own, [], folder)
        yield con, folder / "index.html"


def test_what_lies_together_is_in_one_leaf_and_what_is_large_apart():
    rng = np.random.default_rng(26)
    low = rng.uniform(-10, 10, (4000, 2))
    extent = np.where(np.arange(4000) % 100 == 0, 3.0, 0.01)[:, None]
    boxes = np.hstack([low, low + extent])

    leaf = site_parts.assign_leaves(boxes, np.full(4000, 500))

    sizes = np.bincount(leaf) * 500
    assert sizes.max() <= site_parts.LEAF_BYTES
    assert sizes.min() > 0
    small = set(leaf[extent[:, 0] < 1])
    assert small.isdisjoint(leaf[extent[:, 0] > 1])
    wide = [np.ptp(boxes[leaf == one, 0]) * np.ptp(boxes[leaf == one, 1]) for one in small]
    assert np.sum(wide) < 2 * 20 * 20  # together they cover the ground little more than once
    assert len(site_parts.assign_leaves(boxes[:0], np.zeros(0, dtype=np.int64))) == 0


def test_a_thing_that_is_larger_than_a_leaf_has_one_of_its_own():
    boxes = np.array([[0, 0, 0.01, 0.01], [0, 0, 0.02, 0.02], [0, 0, 0.01, 0.02]])

    leaf = site_parts.assign_leaves(boxes, np.array([10, 10 * site_parts.LEAF_BYTES, 10]))

    assert np.bincount(leaf).max() <= 2
    assert (leaf == leaf[1]).sum() == 1


def test_entries_are_cut_into_blocks_in_the_order_of_their_keys():
    entries = [(f"k{at % 50:02}", {"name": "x" * 1000, "n": at}) for at in range(400)]

    firsts, blocks = site_parts.split_into_blocks(entries)

    assert firsts == sorted(firsts) == [block[0][0] for block in blocks]
    assert len(blocks) > 3
    assert sorted(row["n"] for block in blocks for _key, row in block) == list(range(400))
    assert site_parts.split_into_blocks([]) == ([], [])


def test_a_part_hands_over_data_and_nothing_else():
    told = {"name": "</script><script>window.hurt=1</script>\u2028", "n": [1, 2.5, None]}
    text = site_parts.encode_part("leaf-0", told)

    assert site_parts.decode_part(text, "leaf-0") == told
    assert "hurt" not in text
    for other in (text + "x()", text.replace("leaf-0", "leaf-1"), "alert(1)", text.replace('0",', '0"+x(),')):
        with pytest.raises(PublishError, match="not part of a pocket map"):
            site_parts.decode_part(other, "leaf-0")


def test_a_packed_row_has_the_size_and_the_values_of_the_row():
    row = {"id": "a", "name": "Ñaña", "g": {"a": [[[0, 0, 5, 0, 0, 5]]]}, "told": {"es": {"about": "dos\nlíneas"}}}
    packed = {
        name: site_parts.Packed.from_value(value) if name in {"g", "told"} else value for name, value in row.items()
    }

    assert site_parts.row_size(packed) == len(json.dumps(row, ensure_ascii=False))
    assert site_parts.unpack_row(packed) == row


@pytest.mark.slow
def test_a_map_read_in_small_parts_has_the_same_rows(site, monkeypatch):
    con, _page = site
    steps = []

    def collect():
        scope = whole_map_scope("Map", whole_map.read_boxes(con))
        first, parts = whole_map.collect_whole_map(
            con, scope, [], [], step=1e-6, today=TODAY, progress=lambda *step: steps.append(step)
        )
        leaves = list(parts["leaf"])
        rows = {row["id"]: row for leaf in leaves for kind in leaf for row in leaf[kind] if "id" in row}
        for row in rows.values():  # the leaves of neighbours may have other numbers
            for pair in row.get("pairs", ()):
                del pair["part"]
        return len(first["parts"]["leaves"]), len(leaves), rows

    in_one = collect()
    monkeypatch.setattr(whole_map, "_ROWS_AT_ONCE", 50)
    monkeypatch.setattr(whole_map, "_TEXTS_AT_ONCE", 7)
    monkeypatch.setattr(sentences, "LANDS_AT_ONCE", 11)

    steps.clear()
    in_many = collect()

    assert list(dict.fromkeys(name for name, _done, _total in steps)) == [
        "measuring the land of communities",
        "describing communities and protected areas",
        "writing the site",
    ]
    assert all(0 <= done < total for _name, done, total in steps)
    assert [(done, total) for name, done, total in steps if name.startswith("measuring")][:2] == [(0, 218), (11, 218)]
    assert in_one[0] == in_one[1] > 10
    assert in_many[0] == in_many[1]
    assert in_many[2] == in_one[2]


@pytest.mark.parametrize("name", ["Cañarís", "C.C. San Juan de Wankayu", "El Tingo", "MINA 2021", "2021", "Ñ"])
def test_names_are_looked_up_by_the_same_words_in_page_and_program(name):
    (got,) = ask("heard", [[name]])

    assert set(got) == whole_map.lookup_keys(name)


def test_tiles_have_the_numbers_of_pmtiles():
    places = [(z, x, y) for z in range(11) for x, y in {(0, 0), (2**z // 3, 2**z // 2), (2**z - 1, 2**z // 5)}]

    got = [number for number, _tile in ask("tile", [list(place) for place in places])]

    assert got == [zxy_to_tileid(*place) for place in places]


@pytest.mark.slow
def test_tiles_are_read_as_they_were_cut(demonstration):
    con = demonstration[1]
    shown = map_database.read_layer(con, CONCESSIONS).set_index("id")
    middle = shown.geometry.iloc[0].centroid
    side = 2**ZOOM
    row = (1 - math.asinh(math.tan(math.radians(middle.y))) / math.pi) / 2
    place = ZOOM, int((middle.x + 180) / 360 * side), int(row * side)
    west, south, east, north = tile_query.tile_bounds(*place)
    inside = shown.cx[west:east, south:north]
    with map_database.connect(builds.current_map(demonstration[0] / "build"), spatial=True) as drawn:
        tile = tile_query.build_tile(drawn, *place)

    (features,) = ask("features", [[*place, base64.b64encode(tile).decode()]])

    titles = {one["told"]["id"]: one for one in features if one["layer"] == "concessions"}
    whole = inside[
        inside.bounds.minx.gt(west)
        & inside.bounds.maxx.lt(east)
        & inside.bounds.miny.gt(south)
        & inside.bounds.maxy.lt(north)
    ]
    assert titles.keys() <= set(inside.index)
    assert len(whole.index.intersection(list(titles))) > 10
    for id_, row in whole.loc[whole.index.intersection(list(titles))].iterrows():
        told = titles[id_]
        assert told["told"]["kind"] == row["kind"]
        if "tiny" not in told["told"]:
            assert told["shape"]["box"] == pytest.approx(row.geometry.bounds, abs=0.003)
            assert told["shape"]["areas"]


@pytest.mark.slow
def test_names_holders_and_lists_lead_to_every_row(site):
    con, page = site
    titles = map_database.read_layer(con, CONCESSIONS)
    land = map_database.read_layer(con, COMMUNITIES)

    (listed,) = ask("listed", [["concessions"]], page=page)
    assert {row["id"] for row in listed["rows"]} == set(titles["id"])
    assert listed["all"] == len(titles)
    named = land.dropna(subset=["name"]).iloc[::20]
    for name, found in zip(named["name"], ask("names", [[name] for name in named["name"]], page=page), strict=True):
        assert name in found
    coded = titles.dropna(subset=["code"]).iloc[:3]
    found = ask("names", [[code] for code in coded["code"]], page=page)
    assert all(name in names for name, names in zip(coded["name"], found, strict=True))
    holder = titles["holder"].value_counts().index[0]
    (held,) = ask("holder", [[holder]], page=page)
    assert {row["id"] for row in held["titles"]} == set(titles.loc[titles["holder"] == holder, "id"])


@pytest.mark.slow
def test_a_row_is_read_with_what_it_shares_ground_with(site):
    con, page = site
    pairs = derived_queries.read_overlap_pairs(con, "concessions", "communities")
    community = pairs["right_id"].value_counts().index[0]
    own = pairs[pairs["right_id"] == community]

    # A title that is known by nothing but its community's page is read, too.
    (row,) = ask("row", [["communities", community]], page=page)
    assert row is None  # nothing has led there yet
    ((row, title, told),) = ask("listed_row", [[community, own["left_id"].iloc[0]]], page=page)

    assert row["id"] == community
    assert title["id"] == own["left_id"].iloc[0]
    assert {pair["left_id"] for pair in told if pair["right_id"] == community} == set(own["left_id"])
