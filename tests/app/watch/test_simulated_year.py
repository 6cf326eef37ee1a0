"""A simulated year: every planted change is told once, nothing is invented, and nothing is lost."""

import logging
from collections import Counter

import pytest

from lindero.layers.watch.outbox import SENT, list_messages
from lindero.layers.watch.source_checks import read_checks
from tests import forked
from tests.app.watch.country import KINDS
from tests.app.watch.invented_workspace import SOURCE
from tests.app.watch.register_server import (
    CLOCK,
    CLOSED,
    CODES,
    CRS,
    CUT,
    DOUBLED,
    EMPTY,
    ENCODING,
    ERROR_200,
    GENERATION,
    LOGIN,
    OFF,
    TOKEN,
    TRAPS,
    VANISHED,
    NaiveReader,
    RegisterServer,
)
from tests.app.watch.schedule import SEED, plan_year
from tests.app.watch.year_run import YearRun, estimate_from_year_before
from tests.app.watch.year_watches import list_watches, must_tell, promised_dates
from tests.web_stub import serving

KILLS = 60
NEAR = 0.3  # of what was sent
SEEN = {
    LOGIN: ("refused", False),
    EMPTY: ("empty", False),
    CUT: ("incomplete", False),
    ERROR_200: ("refused", False),
    TOKEN: ("refused", False),
    CLOSED: ("closed", False),
    VANISHED: ("unreachable", False),
    CODES: ("complete", True),
    CRS: ("complete", True),
    ENCODING: ("complete", True),
    DOUBLED: ("incomplete", True),
    GENERATION: ("complete", True),
}
"""The result of the check of each trap, and whether what came was put aside."""
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
    assert len({day.titles for day in year.days}) == 13


def test_a_comparison_of_codes_raises_false_alarms_and_misses_changes(year):
    server, reader = RegisterServer(SEED), NaiveReader()
    server.show(year.before[-1][1], today=year.begins_on)
    reader.read(server)
    for day in year.days:
        if day.is_new:
            server.show(day.titles, today=day.date)
        server.set_day(day.date, day.trap)
        reader.read(server)
    planted = Counter(change.kind for change in year.changes)
    told = sum(map(len, reader.new)) + sum(map(len, reader.gone))
    right = planted["new"] + planted["gone"]
    LOG.info("naive comparison of codes: %d told, %d of them invented, %d of 400 lost", told, told - right, 400 - right)

    assert told - right > 1_000
    assert 400 - right > 200


@pytest.fixture(scope="module")
def run(year, tmp_path_factory):
    """The year as a workspace has lived through it, with all kills."""
    server = RegisterServer(SEED)
    with serving(server, date=server.date_header) as (address, _asked):
        run = YearRun(tmp_path_factory.mktemp("year"), address, server, year)
        run.prepare()
        run.live(KILLS)
    forked.tell("a year of the watch", run.kills, run.cut_short, run.kills - run.cut_short)
    return run


@pytest.mark.slow
@pytest.mark.kills
def test_each_planted_change_is_told_once_and_nothing_else(run):
    lost, invented, repeated, told = [], [], [], set()
    by_id = run.index_events()
    for watch in list_watches(run.year.begins_on):
        events = [message.events for message in list_messages(run.workspace.files.folder, watch.name)]
        if events:  # the first message tells the acts of the 12 months before, too
            events[0] = [id_ for id_ in events[0] if id_ not in run.acts]
        counts = Counter(key for ids in events for id_ in ids for key in by_id.get(id_, [("unknown", id_, "")]))
        due = {change.key for change in run.year.changes if must_tell(watch, change)}
        lost += [(watch.name, key) for key in due - set(counts)]
        invented += [(watch.name, key) for key in set(counts) - due]
        repeated += [(watch.name, key) for key, count in counts.items() if count > 1]
        told |= due & set(counts)
    LOG.info("%d told, %d invented, %d lost, %d told twice", len(told), len(invented), len(lost), len(repeated))

    assert run.cut_short > KILLS / 2
    assert (lost, invented, repeated) == ([], [], [])
    assert len(told) == 400


@pytest.mark.slow
@pytest.mark.kills
def test_each_promised_digest_is_there_also_with_nothing_new(run):
    dates = [day.date for day in run.year.days if day.trap != CLOCK]
    silent = 0
    for watch in list_watches(run.year.begins_on):
        messages = list_messages(run.workspace.files.folder, watch.name)

        assert {message.state for message in messages} == {SENT}
        news = {message.digest for message in messages if message.events}
        assert sorted(message.digest for message in messages) == promised_dates(watch, dates, news)
        silent += sum(not message.events for message in messages)
    LOG.info("%d digests with nothing new", silent)
    assert silent > 50


@pytest.mark.slow
@pytest.mark.kills
def test_each_trap_is_seen_for_what_it_is(run):
    results = {trap: (check.result, bool(check.aside)) for trap, check in run.checks.items() if trap != CLOCK}
    clock_told = next(run.notices[day.date] for day in run.year.days if day.trap == CLOCK)
    last = read_checks(run.workspace.files.folder)[SOURCE]

    assert results == SEEN
    assert len(clock_told) == 1
    assert "2038" in clock_told[0]
    assert (last.result, last.failures, last.aside) == ("complete", 0, "")


@pytest.mark.slow
@pytest.mark.kills
def test_what_readers_get_names_each_change_once_and_no_confidential_case(run):
    delivered = {path: path.read_text(encoding="utf-8") for path in run.out.rglob("*.txt")}
    for watch in list_watches(run.year.begins_on):
        messages = list_messages(run.workspace.files.folder, watch.name)
        paths = {run.out / message.folder / "message.txt" for message in messages}
        texts = [text for path, text in delivered.items() if path in paths]
        due = Counter(change.name for change in run.year.changes if must_tell(watch, change))

        assert not texts or {name: sum(name in text for text in texts) for name in due} == due, watch.name
    hidden = [incident for incident in run.year.country.incidents if incident.visibility != "public_record"]
    assert not [text for text in delivered.values() for incident in hidden if incident.title in text]
    assert "Incidente" in "".join(delivered.values())


@pytest.mark.slow
@pytest.mark.kills
def test_readers_are_told_that_a_register_was_not_updated_and_nothing_of_its_error(run):
    trap_dates = [day.date.isoformat() for day in run.year.days if day.trap not in {"", CLOCK}]
    texts = [path.read_text(encoding="utf-8") for path in run.out.glob("ayacucho/*/message.txt")]

    stale = [text for text in texts if "sin actualizar desde" in text]
    assert len(stale) >= len(trap_dates)
    assert not [text for text in texts if "127.0.0.1" in text or "lindero watch" in text]


@pytest.mark.slow
@pytest.mark.kills
def test_the_estimate_from_the_year_before_is_near_what_the_year_sent(run, tmp_path):
    estimates = estimate_from_year_before(tmp_path / "space", run.year)
    sent = {name: list_messages(run.workspace.files.folder, name) for name in estimates}
    news = sum(bool(message.events) for messages in sent.values() for message in messages)
    told = sum(len(message.events) for messages in sent.values() for message in messages)
    LOG.info(
        "messages, estimated and sent: %s", {name: (one.messages, len(sent[name])) for name, one in estimates.items()}
    )

    for name, estimate in estimates.items():
        assert estimate.messages == pytest.approx(len(sent[name]), rel=NEAR), name
    assert sum(estimate.with_news for estimate in estimates.values()) == pytest.approx(news, rel=NEAR)
    assert sum(estimate.events for estimate in estimates.values()) == pytest.approx(told, rel=NEAR)
