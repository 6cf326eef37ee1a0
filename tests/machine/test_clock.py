"""The date where this machine stands."""

import datetime as dt
import time
from types import SimpleNamespace

import pytest

from lindero.machine import clock


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows has no TZ")
@pytest.mark.parametrize(("zone", "day"), [("America/Lima", 30), ("UTC", 1), ("Asia/Jakarta", 1)])
def test_the_date_is_that_of_the_time_zone(monkeypatch, zone, day):
    instant = dt.datetime(2026, 12, 1, 0, 30, tzinfo=dt.UTC)  # 19:30 of the day before in Lima
    monkeypatch.setattr(clock, "dt", SimpleNamespace(datetime=SimpleNamespace(now=lambda _zone: instant), UTC=dt.UTC))
    with monkeypatch.context() as there:
        there.setenv("TZ", zone)
        time.tzset()
        now, today = clock.local_now(), clock.local_today()
    time.tzset()

    assert now == instant
    assert today == now.date()
    assert today.day == day
