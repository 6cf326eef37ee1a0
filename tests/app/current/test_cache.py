"""What the current map answers is kept while it is the current one, but for what tells where somebody looked."""

import pytest

from lindero.app.answers.place.spot import Spot
from lindero.app.answers.protection.needs import COMMUNITY, NeedsQuestion
from lindero.app.current import cache, cached_answers, cached_record, map_layers, open_map
from lindero.layers.database import coverage
from lindero.layers.database.queries import record_queries
from tests import small_map

LOOKED_AT = {
    "near_place.changed_near",
    "near_place.covered_near",
    "cached_answers.dated_near",
    "watchlist.reach",
    "watchlist.reach_of_register",
    "cached_record.consultations_of",
    "map_layers.refused_near",
    "map_layers.spot_of",
    "map_layers.area_by_key",
    "map_layers.area_report",
    "map_layers.attacks_near",
    "land.asked_of",
    "map_layers.drawn",
    "map_layers.refused_on_land",
    "map_layers.coverage_of_land",
    "map_layers.land",
    "map_layers.holders_on",
    "map_layers.repeats_on_land",
    "map_layers.find_place",
    "map_layers.near",
    "map_layers.within_bounds",
}


@pytest.fixture
def folder(tmp_path):
    open_map.use(tmp_path)
    small_map.publish(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_what_tells_where_somebody_looked_is_listed_and_kept_nowhere():
    listed = {".".join(name.split(".")[-2:]): why for name, why in cache.NOWHERE.items()}
    assert {name for name, why in listed.items() if why == cache.LOOKED} == LOOKED_AT
    assert set(listed) == {*LOOKED_AT, "overlaps.draw_pairs"}
    map_layers.titles_on_lands()
    map_layers.coverage()
    map_layers.holders()
    map_layers.incidents()
    before = cache._kept.cache_info()

    spot = Spot("", *small_map.IN_BOTH)
    map_layers.near(spot, within_km=5)
    map_layers.refused_near(spot, within_km=5)
    map_layers.area_by_key("communities:communities/1")
    map_layers.land("communities/1")
    map_layers.holders_on("communities/1")
    map_layers.attacks_near("communities/1", within_km=5)
    map_layers.coverage_of_land("communities/1")
    cached_record.consultations_of("communities/1")

    assert cache._kept.cache_info().currsize == before.currsize
    assert cache._kept.cache_info().misses == before.misses


@pytest.mark.usefixtures("folder")
def test_the_record_and_coverage_are_read_once_for_all_answers(monkeypatch):
    cache._kept.cache_clear()  # maps of other tests have the same name
    read = []
    for module, name in ((record_queries, "incidents"), (coverage, "read_rows")):
        own = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *about, own=own, name=name: read.append(name) or own(*about))

    map_layers.coverage()
    map_layers.incidents()
    map_layers.regions()
    cached_answers.by_year("PE")
    cached_answers.spots((2000, 2030), "PE")
    cached_answers.needs(NeedsQuestion())
    cached_answers.needs(NeedsQuestion(COMMUNITY))

    assert sorted(read) == ["incidents", "read_rows"]


def test_an_answer_is_kept_until_the_next_map(folder):
    first = cached_answers.watchable()
    assert cached_answers.watchable() is first
    small_map.publish(folder, names={"communities": "another"})

    assert cached_answers.watchable() is not first
