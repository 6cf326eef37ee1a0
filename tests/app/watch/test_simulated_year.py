"""A simulated year: every planted change is told once, nothing is invented, and nothing is lost."""

import logging
from collections import Counter

import pytest

from tests.app.watch.country import KINDS
from tests.app.watch.register_server import OFF, TRAPS, NaiveReader, RegisterServer
from tests.app.watch.schedule import SEED, plan_year

LOG = logging.getLogger("watch")  # shown by --log-cli-level=info: the figures of the year


@pytest.fixture(scope="module")
def year():
    return plan_year()


def test_the_year_has_what_the_issue_asks_for(year):
    assert len(year.changes) == 400
    assert set(Counter(change.kind for change in year.changes)) == {*KINDS, "deadline"}
    assert len({(change.kind, change.name, change.detail) for change in year.changes}) == 400
    assert sorted([*filter(None, (day.trap for day in year.days)), OFF]) == sorted(TRAPS)
    assert len(TRAPS) == 14
    assert sum(day.is_new for day in year.days) == 12


def test_a_comparison_of_codes_raises_false_alarms_and_misses_changes(year):
    server, reader = RegisterServer(SEED), NaiveReader()
    server.show(year.before[-1][1], today=year.begins_on)
    reader.read(server)
    for day in year.days:
        if day.is_new:
            server.show(day.titles, today=day.date)
        server.set_day(day.date, day.trap)
        if not day.is_off:
            reader.read(server)
    planted = Counter(change.kind for change in year.changes)
    told = sum(map(len, reader.new)) + sum(map(len, reader.gone))
    right = planted["new"] + planted["gone"]
    LOG.info("naive comparison of codes: %d told, %d of them invented, %d of 400 lost", told, told - right, 400 - right)

    assert told - right > 1_000
    assert 400 - right > 200
