"""What a digest is composed of: whose land comes first, how recent the sources are, and what is not known."""

import datetime as dt
from dataclasses import replace

import pytest

from lindero.app.watch.digest.render import MESSAGE, render_digest
from lindero.layers.watch.watches_file import Watch
from tests.digest_world import (
    AREAS,
    SINCE,
    TITLES,
    TODAY,
    choose_events,
    compose,
    list_events,
    make_world,
    open_published,
)


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    space, _held = make_world(tmp_path_factory.mktemp("digest"))
    with open_published(space) as published:
        yield space, published, list_events(space, published)


def watch(area, **changes):
    return replace(Watch("w", AREAS.get(area, (area,)), form="text", created_on=SINCE), **changes)


def test_a_digest_of_a_community_tells_each_kind_of_change(watched):
    space, published, events = watched
    told = compose(space, watch("community"), published, choose_events(space, watch("community"), events))

    assert {event.kind for event in told.events} == {"holder", "boundary", "gone", "new", "status", "deadline"}
    assert told.title == "El Tingo: 6 novedades"
    assert told.places == ("El Tingo",)
    assert all(event.places[0].name == "El Tingo" for event in told.events)
    assert any(event.earlier_geometry for event in events)
    assert not any(event.earlier_geometry for event in told.events)


def test_a_digest_of_a_region_tells_cases_and_names_the_court(watched):
    space, published, events = watched
    told = compose(space, watch("region"), published, choose_events(space, watch("region"), events))
    message = render_digest(told, "text")[MESSAGE]

    (case,) = [event for event in told.events if event.kind == "case"]
    assert case.name == "Amenaza a una comunera"
    assert case.geometry is None
    assert "Juzgado Mixto de Hualgayoc" in message
    assert "Diario El Norte" in message


def test_a_holder_is_named_as_the_register_spells_it(watched):
    space, published, events = watched
    told = compose(space, watch("holder"), published, choose_events(space, watch("holder"), events))
    assert told.places == ("Compañía Minera Sánchez",)
    assert compose(space, watch("holder/Nadie"), published, []).places == ("Un lugar sin nombre",)


def test_an_own_area_and_the_whole_map_are_named_as_such(watched):
    space, published, _events = watched
    assert compose(space, watch("polygon"), published, []).places == ("Su zona",)
    assert compose(space, watch("everything"), published, []).places == ("Prueba",)


@pytest.mark.parametrize("checked", [TODAY, SINCE - dt.timedelta(1)])
def test_a_silent_digest_of_checked_data(watched, checked):
    space, published, _events = watched
    told = compose(space, watch("community"), published, [], checked_on={TITLES: checked})
    assert told.title == "El Tingo: sin novedades"  # its data is later than the last digest


def test_a_silent_digest_without_new_data_says_so(watched):
    space, published, _events = watched
    later = {"since": dt.date(2026, 4, 10), "today": TODAY}

    assert compose(space, watch("community"), published, [], **later).title == "El Tingo: sin datos nuevos"
    told = compose(space, watch("community"), published, [], checked_on={TITLES: TODAY}, **later)
    assert told.title == "El Tingo: sin novedades"


def test_a_source_that_fails_is_named_without_its_error(watched):
    space, published, _events = watched
    told = compose(space, watch("community"), published, [], states={TITLES: "failing"})

    assert told.stale == ("Concessions, Editora",)
    assert "sin actualizar" in told.recency[0]


def test_land_that_no_register_covers_is_not_silent(watched):
    space, published, _events = watched
    told = compose(space, watch("region", areas=("region/CO-ANT",)), published, [])

    assert not told.has_data
    assert told.title.endswith("sin datos de concesiones")


def test_a_pocket_map_is_built_once_for_all_watches_of_an_area(watched):
    space, published, events = watched
    maps = {}
    first, second = (
        compose(space, watch("community", form="full"), published, events, pocket_maps=maps) for _i in "12"
    )

    assert first.pocket_map is second.pocket_map is maps[AREAS["community"][0]]
    assert compose(space, watch("community", form="full"), published, []).pocket_map is None
    assert compose(space, watch("community"), published, events).pocket_map is None
