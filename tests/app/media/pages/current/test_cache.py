"""What the current map answers is kept while it is the current one, but for what tells where somebody looked."""

import pytest

from lindero.app.answers.place.spot import Spot
from lindero.app.answers.protection.needs import COMMUNITY, NeedsQuestion
from lindero.app.media.pages.current import cache, cached_answers, cached_record, map_layers, open_map
from lindero.layers.database import coverage
from lindero.layers.database.queries import record_queries
from tests import small_map

LOOKED_AT = {
    "near_place.filter_nearby_changes",
    "cached_answers.act_events",
    "cached_answers.list_report_events",
    "cached_answers.own_land_news",
    "changes_answer.changes_section",
    "changes_answer.dated_section",
    "cached_answers.near_coverage",
    "cached_answers.nearby_dated_report",
    "watchlist.measure_reach",
    "watchlist.measure_register_reach",
    "cached_record.community_consultations",
    "map_layers.list_refused_nearby",
    "map_layers.build_spot",
    "map_layers.area_by_key",
    "map_layers.area_report",
    "map_layers.nearby_attacks",
    "land.list_required_consultations",
    "map_layers.describe_features",
    "map_layers.list_refused_on_land",
    "map_layers.coverage_of_land",
    "map_layers.measure_community_land",
    "map_layers.rank_holders_on_land",
    "map_layers.repeats_on_land",
    "map_layers.find_place",
    "map_layers.find_nearby",
    "map_layers.read_in_bounds",
    "map_layers.read_outlines",
}


@pytest.fixture
def folder(tmp_path):
    open_map.use_folder(tmp_path)
    small_map.publish(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_what_tells_where_somebody_looked_is_listed_and_kept_nowhere():
    listed = {".".join(name.split(".")[-2:]): why for name, why in cache.UNCACHED_REASONS.items()}
    assert {name for name, why in listed.items() if why == cache.POSITION_PRIVACY} == LOOKED_AT
    assert set(listed) == {*LOOKED_AT, "overlaps.draw_pairs"}
    map_layers.titles_on_lands()
    map_layers.coverage()
    map_layers.holders()
    map_layers.incidents()
    map_layers.refused()
    map_layers.undated_snapshots()
    before = cache._cached_answer.cache_info()

    spot = Spot("", *small_map.IN_BOTH)
    map_layers.find_nearby(spot, within_km=5)
    map_layers.list_refused_nearby(spot, within_km=5)
    map_layers.area_by_key("communities:communities/1")
    map_layers.measure_community_land("communities/1")
    map_layers.rank_holders_on_land("communities/1")
    map_layers.nearby_attacks("communities/1", within_km=5)
    map_layers.coverage_of_land("communities/1")
    cached_record.community_consultations("communities/1")

    assert cache._cached_answer.cache_info().currsize == before.currsize
    assert cache._cached_answer.cache_info().misses == before.misses


@pytest.mark.usefixtures("folder")
def test_the_record_and_coverage_are_read_once_for_all_answers(monkeypatch):
    cache._cached_answer.cache_clear()  # maps of other tests have the same name
    read = []
    for module, name in ((record_queries, "read_incidents"), (coverage, "read_coverage_rows")):
        own = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *about, own=own, name=name: read.append(name) or own(*about))

    map_layers.coverage()
    map_layers.incidents()
    map_layers.compare_regions()
    cached_answers.count_by_year("PE")
    cached_answers.event_points((2000, 2030), "PE")
    cached_answers.protection_needs(NeedsQuestion())
    cached_answers.protection_needs(NeedsQuestion(COMMUNITY))

    assert sorted(read) == ["read_coverage_rows", "read_incidents"]


def test_an_answer_is_kept_until_the_next_map(folder):
    first = cached_answers.watchable()
    assert cached_answers.watchable() is first
    small_map.publish(folder, names={"communities": "another"})

    assert cached_answers.watchable() is not first


@pytest.mark.usefixtures("folder")
def test_the_questions_of_one_answer_share_a_cursor():
    assert open_map.answer_cursor() is not open_map.answer_cursor()
    with open_map.share_cursor():
        first = open_map.answer_cursor()
        assert open_map.answer_cursor() is first
    with open_map.share_cursor():
        assert open_map.answer_cursor() is not first


def test_a_shared_cursor_reads_the_map_that_is_current(folder):
    with open_map.share_cursor():
        first = open_map.answer_cursor()
        small_map.publish(folder, names={"communities": "another"})

        names = open_map.answer_cursor().execute("SELECT name FROM communities").fetchall()

    assert names == [("another",)]
    assert first.execute("SELECT name FROM communities").fetchall() != names
