"""`lindero watch`: what is printed, the exit codes, and a loop that ends when it is asked to."""

import datetime as dt
import re
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
import typer

from lindero.app.commands.products import watch
from lindero.app.commands.products.watch import parse_interval
from lindero.app.watch.watch_run import WatchReport
from lindero.layers.errors import SourceError
from lindero.layers.watch.outbox import SENT, TO_SEND, OutboxMessage
from lindero.layers.watch.watches_file import Watch, save_watch
from lindero.layers.workspace import manifest_file
from lindero.machine import clock
from tests import forked
from tests.patience import END_S

MESSAGE = OutboxMessage("El Tingo", "2026-01-08", "email:ana@example.org", "es", parts={"sms.txt": "Sin novedades"})


@pytest.fixture
def ran(typed, monkeypatch, files):
    """Type the command on a run that reports what it is given."""

    def call(report, *words, terminal=True):
        monkeypatch.setattr(type(watch.messages), "is_terminal", property(lambda _: terminal))

        def run(*_args, **_options):
            if isinstance(report, Exception):
                raise report
            return report

        monkeypatch.setattr("lindero.app.watch.watch_run.run_watch", run)
        return typed("watch", "--workspace", files.folder, *words)

    return call


@pytest.mark.slow
def test_the_demonstration_has_a_watch_that_a_dry_run_shows(demonstration, typed):
    code, out, err = typed("watch", "--dry-run", "--workspace", demonstration[0])

    assert code == 0
    assert "Tuyllumarca → files in a folder: " in err
    assert re.search(r"^Tuyllumarca: \d+ updates$", out, re.MULTILINE)
    assert "nothing was fetched, sent or changed" in err


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows has no TZ")
def test_a_run_in_the_evening_is_of_the_day_of_its_time_zone(typed, monkeypatch, files):
    instant, told = dt.datetime(2026, 12, 1, 0, 30, tzinfo=dt.UTC), []
    monkeypatch.setattr(clock, "dt", SimpleNamespace(datetime=SimpleNamespace(now=lambda _zone: instant), UTC=dt.UTC))
    monkeypatch.setattr(
        "lindero.app.watch.watch_run.run_watch", lambda *_args, now, **_: told.append(now) or WatchReport()
    )
    monkeypatch.setenv("TZ", "America/Lima")
    time.tzset()
    try:
        typed("watch", "--workspace", files.folder)
    finally:
        monkeypatch.undo()
        time.tzset()

    assert told == [instant]
    assert told[0].date() == dt.date(2026, 11, 30)


def test_without_a_workspace_the_demonstration_is_tried(demonstration, typed, monkeypatch):
    space = replace(manifest_file.load_workspace(demonstration[0]), folder=demonstration[0].parent)
    monkeypatch.setattr("lindero.app.builder.build.load_demonstration", lambda: space)
    monkeypatch.setattr("lindero.app.builder.build.build_map", lambda *_args, **_options: None)
    monkeypatch.setattr(type(space), "build_folder", demonstration[0] / "build")
    code, out, _err = typed("watch", "--dry-run")

    assert code == 0
    assert "Tuyllumarca" in out


@pytest.mark.parametrize(("notices", "expected"), [((), 0), (("titles could not be updated.",), 3)])
def test_the_exit_code_says_whether_the_operator_must_do_something(ran, notices, expected):
    code, out, err = ran(WatchReport(notices=notices))

    assert (code, out) == (expected, "")
    assert all(notice in err for notice in notices)


def test_each_message_is_named_with_its_recipient_and_its_date(ran):
    failed = OutboxMessage("Otro", "2026-01-09", "folder", "es", TO_SEND, error="refused")
    sent = OutboxMessage("El Tingo", "2026-01-08", "email:ana@example.org", "es", SENT)
    _code, _out, err = ran(WatchReport(messages=(MESSAGE,), tried=(sent, failed), waiting=2))

    assert "New message: El Tingo → ana@example.org, January 8, 2026" in err
    assert "Sent: El Tingo → ana@example.org, January 8, 2026" in err
    assert "Not sent: Otro → files in a folder, January 9, 2026. refused" in err
    assert "2 messages wait. --send sends them" in err


def test_a_log_gets_counts_and_neither_a_watch_nor_a_recipient(ran):
    sent = replace(MESSAGE, state=SENT)
    report = WatchReport(messages=(MESSAGE,), tried=(sent, MESSAGE), waiting=1, notices=("El Tingo was not confirmed",))
    code, out, err = ran(report, terminal=False)

    assert (code, out) == (3, "")
    assert "Messages: 1 new, 1 sent, 1 not sent, 1 waiting." in err
    assert "1 matter needs you: read `watch/operator.txt`" in err
    assert [word for word in ("Tingo", "ana", "example.org", "folder") if word in err] == []


def test_a_dry_run_prints_the_texts_and_the_next_dates(ran):
    dates = (("El Tingo", dt.date(2026, 1, 15)), ("Otro", dt.date(2026, 1, 20)))
    code, out, err = ran(WatchReport(messages=(MESSAGE,), next_on=dates), "--dry-run")

    assert (code, out) == (0, "Sin novedades\n\n")
    assert "Otro: nothing is due today. The next message is promised for January 20, 2026." in err
    assert "January 15" not in err


def test_intervals_are_minutes_hours_or_days():
    assert [parse_interval(text) for text in ("", "30m", "24h", "7d")] == [0, 1_800, 86_400, 604_800]
    for text in ("24", "0h", "h", "1.5h", "24 h"):
        with pytest.raises(typer.BadParameter, match="interval"):
            parse_interval(text)


def test_a_run_that_fails_ends_the_command_but_not_the_loop(ran, monkeypatch):
    assert ran(SourceError("it failed"), terminal=False)[0] == 1
    waits = iter([False, True])
    monkeypatch.setattr(watch, "_wait", lambda *_: next(waits))
    code, _out, err = ran(SourceError("it failed"), "--every", "24h", terminal=False)

    assert code == 1
    assert err.lower().count("it failed") == 2


def test_a_loop_waits_in_pieces_however_long_and_until_it_is_stopped(monkeypatch):
    pieces, stop = [], watch.threading.Event()

    def wait(seconds):
        pieces.append(seconds)
        if len(pieces) == 3:
            stop.set()
        return stop.is_set()

    monkeypatch.setattr(stop, "wait", wait)
    assert watch._wait(stop, parse_interval("999999999d"))
    assert pieces == [1, 1, 1]
    assert not watch._wait(watch.threading.Event(), 0.01)


@pytest.mark.slow
def test_a_loop_ends_after_its_run_when_it_is_terminated(files, tmp_path, monkeypatch):
    monkeypatch.setenv("LINDERO_LANG", "en")
    save_watch(files.folder, Watch("El Tingo", ("community/land/K1",), created_on=dt.date(2026, 1, 1)))
    said = tmp_path / "said"
    said.touch()
    words = ["watch", "--every", "24h", "--workspace", str(files.folder)]
    process = forked.program("from lindero.app.cli import main; main()", words, said)
    begun = time.monotonic()
    while (
        process.is_alive()
        and "Sources checked" not in said.read_text(encoding="utf-8")
        and time.monotonic() < begun + forked.PATIENCE_S
    ):
        time.sleep(0.1)
    process.terminate()
    process.join(END_S)

    assert (process.exitcode, "Traceback" in said.read_text(encoding="utf-8")) == (0, False)
