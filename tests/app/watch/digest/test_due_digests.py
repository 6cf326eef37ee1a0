"""A digest is due on the promised date; after a pause one digest is due for all of it."""

import datetime as dt
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindero.app.watch.digest.due_digests import digest_date, find_due_digest, next_promise
from lindero.layers.watch.watches_file import Watch

MADE = dt.date(2026, 1, 31)
WATCH = Watch("El Tingo", ("community/land/C1",), created_on=MADE)
DATES = st.dates(MADE, dt.date(2030, 1, 1))


def due(frequency, today, digests=()):
    found = find_due_digest(replace(WATCH, frequency=frequency), digests, today)
    return found and (found.id, found.since, found.is_promised)


@pytest.mark.parametrize(
    ("frequency", "today", "digests", "expected"),
    [
        ("weekly", dt.date(2026, 1, 31), [], None),
        ("weekly", dt.date(2026, 2, 6), [], None),
        ("weekly", dt.date(2026, 2, 7), [], ("2026-02-07", MADE, True)),
        ("weekly", dt.date(2026, 2, 8), ["2026-02-07"], None),
        ("weekly", dt.date(2026, 2, 14), ["2026-02-07"], ("2026-02-14", dt.date(2026, 2, 7), True)),
        ("weekly", dt.date(2026, 3, 2), ["2026-02-07"], ("2026-02-28", dt.date(2026, 2, 7), True)),
        ("monthly", dt.date(2026, 2, 27), [], None),
        ("monthly", dt.date(2026, 2, 28), [], ("2026-02-28", MADE, True)),
        ("monthly", dt.date(2026, 3, 30), ["2026-02-28"], None),
        ("monthly", dt.date(2026, 3, 31), ["2026-02-28"], ("2026-03-31", dt.date(2026, 2, 28), True)),
        ("each_run", dt.date(2026, 2, 1), [], ("2026-02-01", MADE, False)),
        ("each_run", dt.date(2026, 2, 7), [], ("2026-02-07", MADE, True)),
        ("each_run", dt.date(2026, 2, 7), ["2026-02-07"], ("2026-02-07-2", dt.date(2026, 2, 7), False)),
        ("each_run", dt.date(2026, 1, 30), [], None),
        ("weekly", dt.date(2025, 12, 1), [], None),
        ("monthly", dt.date(2025, 12, 1), [], None),
    ],
)
def test_due_digests(frequency, today, digests, expected):
    assert due(frequency, today, digests) == expected


@pytest.mark.parametrize("frequency", ["each_run", "weekly", "monthly"])
def test_three_weeks_off_make_one_digest(frequency):
    before = dt.date(2026, 5, 10)
    digests = [before.isoformat()]
    first = due(frequency, before + dt.timedelta(days=23), digests)
    digests.append(first[0])

    assert first[1:] == (before, True)
    assert (due(frequency, before + dt.timedelta(days=23), digests) or (0, 0, False))[2] is False


@pytest.mark.parametrize(("frequency", "shortest", "longest"), [("weekly", 7, 7), ("monthly", 28, 31)])
@given(start=DATES, runs=st.lists(st.integers(1, 40), max_size=12))
def test_whoever_runs_when_gets_each_digest_on_a_promised_date_once(frequency, shortest, longest, start, runs):
    digests, today = [], start
    for pause in runs:
        today += dt.timedelta(days=pause)
        found = due(frequency, today, digests)
        if found:
            promised = digest_date(found[0])
            assert promised <= today < promised + dt.timedelta(days=longest)
            assert found[0] not in digests
            digests.append(found[0])
        assert due(frequency, today, digests) is None
        following = next_promise(replace(WATCH, frequency=frequency), today)
        assert today < following <= today + dt.timedelta(days=longest)
    gaps = [(digest_date(b) - digest_date(a)).days for a, b in pairwise(digests)]
    assert all(gap >= shortest for gap in gaps)


def test_a_watch_of_each_run_names_the_date_on_which_a_digest_comes_even_without_news():
    today = dt.date(2026, 5, 10)
    named = next_promise(replace(WATCH, frequency="each_run"), today)

    assert due("each_run", named - dt.timedelta(days=1), [today.isoformat()])[2] is False
    assert due("each_run", named, [today.isoformat()])[2] is True
