"""A run of the watch: fetched, built, written, handed on; killed anywhere, it tells each event once."""

import datetime as dt
import random
import re
import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.utils import format_datetime

import pytest

from lindero.app.builder.build import build_map
from lindero.app.watch import due_messages, operator_notices
from lindero.app.watch.due_messages import preview_message
from lindero.app.watch.watch_run import copy_watch, run_watch
from lindero.layers.disk import builds
from lindero.layers.errors import BusyError, WatchError
from lindero.layers.watch import outbox
from lindero.layers.watch.outbox import GIVEN_UP, SENT, UNSURE
from lindero.layers.watch.source_checks import COMPLETE, read_checks
from lindero.layers.watch.watch_folder import private_folder
from lindero.layers.watch.watches_file import WATCHES, Watch, read_watches, save_watch
from lindero.layers.workspace.manifest_file import load_workspace
from tests import forked
from tests.amount import amount
from tests.files import Files, concessions, geojson, square
from tests.web_stub import QUICK, Answered, serving

KILLS = amount(6, 120)
START = dt.date(2026, 1, 1)
TINGO = Watch("El Tingo", ("community/land/K1",), created_on=START, confirmed_on=START)
COUNT = 12


NOW = [dt.datetime.combine(START, dt.time(6), dt.UTC)]


def moment(day):
    return dt.datetime.combine(START, dt.time(6), dt.UTC) + dt.timedelta(days=day)


def register(changed=(), count=COUNT):
    """Concessions on the land of El Tingo; the holder of the changed ones is another."""
    return concessions(count, holder=["Otra S.A." if n in changed else "Compañía Minera Sánchez" for n in range(count)])


@dataclass
class Register:
    """A register that a server offers as a file: what it holds now, and how its clock differs from that of the run."""

    body: bytes = b""
    status: int = 200
    ahead: dt.timedelta = dt.timedelta()

    def __call__(self, *_):
        return Answered(self.body, self.status, {"Content-Type": "application/geo+json"})

    def date(self):
        return format_datetime(NOW[0] + self.ahead, usegmt=True)

    def show(self, folder, frame):
        self.body = geojson(folder / "shown.geojson", frame).read_bytes()


@contextmanager
def serving_register():
    shown = Register()
    with serving(shown, date=shown.date) as (address, _asked):
        shown.address = f"{address}/titles.geojson"
        yield shown


@pytest.fixture
def server():
    with serving_register() as shown:
        yield shown


@pytest.fixture
def space(files, server, tmp_path):
    """A built workspace with a register from a server, a community, and a watch on it."""
    return watched_space(files, server, tmp_path)


def watched_space(files, server, tmp_path, *, watches=(TINGO,)):
    server.show(tmp_path, register())
    land = concessions(1).drop(columns=["holder", "status"]).assign(code=["K1"], name=["El Tingo"])
    files.add("communities", land.set_geometry([square(-1, -1, side=0.3)], crs=land.crs), id="land")
    files.add("concessions", register(), id="titles", service="file", url=server.address)
    build_map(files.space)
    for watch in watches:
        save_watch(files.folder, watch)
    return files.folder


def run(folder, day, **options):
    NOW[0] = moment(day)
    return run_watch(load_workspace(folder), now=NOW[0], allow_private=True, manners=QUICK, **options)


def told(folder, watch="El Tingo"):
    """The number of events of each digest."""
    return {message.digest: len(message.events) for message in outbox.list_messages(folder, watch)}


def state(folder):
    """Every file of a workspace but its locks."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(".lock")
    }


def test_what_a_server_changes_is_told_on_the_promised_date_and_once(space, server, tmp_path):
    assert run(space, 1).messages == ()
    server.show(tmp_path, register({2, 5}))
    first = run(space, 8, to_folder=tmp_path / "out")
    again = run(space, 8, to_folder=tmp_path / "out")

    assert first.notices == ()
    assert told(space) == {"2026-01-08": 2}
    assert [message.digest for message in first.messages] == ["2026-01-08"]
    assert again.messages == again.written == ()
    assert first.notices == again.notices == ()
    folder = tmp_path / "out" / "el-tingo" / "2026-01-08"
    assert first.written == (folder,)
    assert "Otra S.A." in (folder / "message.txt").read_text(encoding="utf-8")
    (message,) = outbox.list_messages(space)
    assert (message.state, message.parts) == (SENT, {})


def test_the_files_of_a_message_are_named_by_place_and_date_and_never_by_the_watch(space, server, tmp_path):
    save_watch(space, replace(TINGO, name="Abogada Quispe"))
    save_watch(space, replace(TINGO, name="Primo de Rosa", form="sms"))
    server.show(tmp_path, register({2}))
    out = tmp_path / "out"
    written = [*run(space, 7, to_folder=out).written, *run(space, 14, to_folder=out).written]

    folders = [f"2026-01-{day}{number}" for day in ("08", "15") for number in ("", "-2", "-3")]
    assert sorted(written) == sorted(out / "el-tingo" / name for name in folders)
    files = [path for path in out.rglob("*") if path.is_file()]
    assert len(files) > len(written)
    told = "".join(str(path.relative_to(out)) + path.read_bytes().decode(errors="replace") for path in files).lower()
    # whole words: the base64 of a pocket map may hold any four letters
    assert not re.search(r"\b(abogada|quispe|primo|rosa)\b", told)


def test_the_next_date_of_a_watch_of_each_run_is_counted_from_its_last_digest(files, server, tmp_path):
    space = watched_space(files, server, tmp_path, watches=[replace(TINGO, frequency="each_run")])
    server.show(tmp_path, register({3}))
    dates = [run(space, day).next_on[0][1] for day in (1, 4, 8)]

    assert dates == [dt.date(2026, 1, 9), dt.date(2026, 1, 9), dt.date(2026, 1, 16)]


def test_without_a_change_the_promised_message_says_so(space, tmp_path):
    run(space, 7, to_folder=tmp_path / "out")
    run(space, 14, to_folder=tmp_path / "out")

    assert told(space) == {"2026-01-08": 0, "2026-01-15": 0}


def test_the_files_of_a_stick_are_read_instead_of_the_network(space, server, tmp_path):
    server.status = 500
    stick = tmp_path / "stick"
    geojson(stick / "titles.geojson", register({1}))
    (stick / "fotos.geojson").write_text("{}", encoding="utf-8")
    report = run(space, 7, from_folder=stick, to_folder=stick / "digests")

    assert told(space) == {"2026-01-08": 1}
    assert (stick / "digests" / "el-tingo" / "2026-01-08" / "message.txt").is_file()
    assert ["fotos.geojson" in notice for notice in report.notices] == [True]


def test_who_brings_a_file_that_cannot_be_read_is_told_at_once(space, tmp_path):
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "titles.geojson").write_bytes(b"\x00\xff")
    (notice,) = run(space, 7, from_folder=stick).notices

    assert "titles" in notice


def test_a_stick_that_is_not_there_is_an_error_and_nothing_is_touched(space, tmp_path):
    before = state(space)
    with pytest.raises(WatchError, match="plug in the stick"):
        run(space, 7, from_folder=tmp_path / "gone")

    assert state(space) == before


@pytest.mark.parametrize("below", ["gone/digests", "gone/usb/digests"])
def test_nothing_is_written_below_a_stick_that_is_not_there(space, tmp_path, below):
    with pytest.raises(WatchError, match="plug in the stick"):
        run(space, 7, to_folder=tmp_path / below)

    assert not (tmp_path / "gone").exists()
    assert told(space) == {}


def test_a_damaged_message_stops_no_other_watch_and_is_told_to_the_operator(files, server, tmp_path):
    space = watched_space(files, server, tmp_path, watches=[TINGO, replace(TINGO, name="Otro")])
    run(space, 7)
    (message,) = outbox.list_messages(space, "El Tingo")
    (path,) = space.rglob(f"{message.id}.json")
    path.write_text("{")
    server.show(tmp_path, register({3}))
    report = run(space, 14, to_folder=tmp_path / "out")

    assert told(space, "Otro") == {"2026-01-08": 0, "2026-01-15": 1}
    assert told(space) == {}
    assert path.read_text() == "{"
    assert [path.name in notice for notice in report.notices].count(True) >= 1


def test_a_watch_whose_writer_fails_stops_no_other_and_is_told_to_the_operator(files, server, tmp_path, monkeypatch):
    space = watched_space(files, server, tmp_path, watches=[TINGO, replace(TINGO, name="Otro")])
    render = due_messages._render

    def fail(digest, watch):
        if watch.name == "Otro":
            raise ValueError("All strings must be XML compatible")
        return render(digest, watch)

    monkeypatch.setattr(due_messages, "_render", fail)
    report = run(space, 7)

    assert (told(space), told(space, "Otro")) == ({"2026-01-08": 0}, {})
    assert ["Otro" in notice and "XML compatible" in notice for notice in report.notices] == [True]


def test_a_promise_is_kept_on_the_date_of_the_time_zone(space):
    lima = dt.timezone(dt.timedelta(hours=-5))
    for day in (7, 8):
        NOW[0] = dt.datetime(2026, 1, day, 19, 30, tzinfo=lima)
        report = run_watch(load_workspace(space), now=NOW[0], allow_private=True, manners=QUICK)
        assert told(space) == ({} if day == 7 else {"2026-01-08": 0})
    notices = space.joinpath("watch", "operator.txt").read_text(encoding="utf-8")

    assert "2026-01-08 19:30-05:00" in notices
    assert dict(report.next_on) == {"El Tingo": dt.date(2026, 1, 15)}


def test_three_weeks_off_are_told_in_one_digest(space, server, tmp_path):
    run(space, 7)
    server.show(tmp_path, register({3}))
    run(space, 29)

    assert told(space) == {"2026-01-08": 0, "2026-01-29": 1}


def test_a_watch_of_each_run_is_told_at_once_and_after_seven_silent_days(files, server, tmp_path):
    space = watched_space(files, server, tmp_path, watches=[replace(TINGO, frequency="each_run")])
    for day in range(1, 8):
        run(space, day)
    server.show(tmp_path, register({3}))
    for day in range(8, 23):
        run(space, day)

    assert told(space) == {"2026-01-08": 0, "2026-01-09": 1, "2026-01-16": 0, "2026-01-23": 0}


def test_a_run_without_a_change_compares_and_publishes_nothing(files, server, tmp_path, monkeypatch):
    space = watched_space(files, server, tmp_path, watches=[TINGO, replace(TINGO, name="Otro", frequency="each_run")])
    run(space, 7)
    monkeypatch.setattr("lindero.app.watch.due_messages.open_published_map", None)
    assert run(space, 8).messages == ()
    monkeypatch.setattr("lindero.app.watch.due_messages.list_register_events", None)
    assert run(space, 8).messages == ()


def test_a_watch_written_by_hand_is_not_told_what_was_there_before(space, server, tmp_path):
    server.show(tmp_path, register({1}))
    run(space, 7)
    with (space / WATCHES).open("a", encoding="utf-8") as file:
        file.write('\n[[watch]]\nname = "A mano"\nareas = ["community/land/K1"]\nfrequency = "each_run"\n')
    run(space, 8)
    server.show(tmp_path, register({1, 2}))
    run(space, 15)

    assert told(space, "A mano") == {"2026-01-16": 1}
    assert [watch.created_on for watch in read_watches(space)] == [START, START + dt.timedelta(days=8)]


def test_a_watch_written_by_hand_before_the_first_map_is_not_told_what_was_there_before(files):
    files.add("concessions", register(), id="titles", snapshot_on="2025-11-01")
    files.add("concessions", register({1}), id="titles", snapshot_on="2025-12-01")
    text = '[[watch]]\nname = "A mano"\nareas = ["everything"]\nfrequency = "each_run"\n'
    (files.folder / WATCHES).write_text(text, encoding="utf-8")

    assert run(files.folder, 7).messages == ()
    assert [watch.created_on for watch in read_watches(files.folder)] == [START + dt.timedelta(days=7)]


def test_an_old_file_that_is_added_later_brings_no_old_dates_of_other_registers(files):
    frame = register(count=3).assign(granted_on=["2022-05-01", "2024-06-01", "2025-12-20"])
    files.add("concessions", frame, id="titles", snapshot_on="2026-01-01")
    build_map(files.space)
    save_watch(files.folder, replace(TINGO, areas=("everything",)))
    run(files.folder, 7)
    parks = concessions(2).drop(columns=["holder", "status"])
    files.add("protected_areas", parks, id="parks", snapshot_on="2022-01-01")
    run(files.folder, 14)

    assert told(files.folder) == {"2026-01-08": 1, "2026-01-15": 0}  # the first tells the last 12 months


def test_a_snapshot_that_comes_late_repeats_nothing_and_tells_what_it_adds(files):
    files.add("concessions", register(), id="titles", snapshot_on="2026-01-01")
    build_map(files.space)
    save_watch(files.folder, replace(TINGO, areas=("everything",), frequency="each_run"))
    run(files.folder, 1)
    files.add("concessions", register({3}), id="titles", snapshot_on="2026-01-20")
    run(files.folder, 20)
    files.add("concessions", register({3, 4}), id="titles", snapshot_on="2026-01-10")  # 4 changes to and fro
    run(files.folder, 21)

    assert told(files.folder) == {"2026-01-21": 1, "2026-01-22": 2}


def test_a_message_that_waits_goes_where_its_watch_goes_now_or_nowhere(space):
    save_watch(space, replace(TINGO, channel="email:old@example.org"))
    run(space, 7)
    recipients = []
    for channel in ("comapeo://archive.example.org", "email:new@example.org"):
        save_watch(space, replace(TINGO, channel=channel))
        run(space, 8)
        recipients.append(outbox.list_messages(space)[0].recipient)
    assert recipients == ["folder", "email:new@example.org"]
    (space / WATCHES).write_text("", encoding="utf-8")
    run(space, 9)

    assert [(message.state, message.parts) for message in outbox.list_messages(space)] == [(GIVEN_UP, {})]


def test_a_second_run_says_so_and_ends(space):
    before = state(space)
    with builds.lock_folder(private_folder(space)), pytest.raises(BusyError, match="another run"):
        run(space, 7)

    assert state(space) == before


def test_a_source_that_fails_stops_no_other_and_the_operator_is_told_after_three_failures(files, tmp_path):
    with serving_register() as dead, serving_register() as alive:
        space = watched_space(files, alive, tmp_path)
        files.add("protected_areas", register().drop(columns="holder"), id="parks", service="file", url=dead.address)
        dead.status = 404
        alive.show(tmp_path, register({4}))
        notices = [run(space, day).notices for day in range(7, 11)]
        assert told(space) == {"2026-01-08": 1}
        assert [len(sentences) for sentences in notices] == [0, 0, 1, 1]
        assert "parks" in notices[-1][0]
        assert notices[-1] == notices[-2]
        assert notices[-1][0] in (space / "watch" / operator_notices.NOTICES_FILE).read_text(encoding="utf-8")
        dead.status = 200
        dead.show(tmp_path, register().drop(columns="holder"))
        assert run(space, 11).notices == ()


def test_readers_get_no_errors_and_are_told_that_a_source_was_not_updated(space, server, tmp_path):
    server.status = 500
    for day in (4, 5, 6, 7):
        run(space, day, to_folder=tmp_path / "out")
    text = (tmp_path / "out" / "el-tingo" / "2026-01-08" / "message.txt").read_text(encoding="utf-8")

    assert read_checks(space)["titles"].failures == 4
    assert "500" not in text
    assert "operator" not in text


def test_with_a_wrong_clock_nothing_is_dated_and_the_operator_is_told(space, server, tmp_path):
    server.show(tmp_path, register({1}))
    run(space, 7)
    server.show(tmp_path, register({1, 2}))
    before = state(space)
    early = run(space, -300)
    server.ahead = dt.timedelta(days=151)
    by_server = run(space, 14)

    assert [len(report.notices) for report in (early, by_server)] == [1, 1]
    assert "June 15, 2026" in by_server.notices[0]
    after = state(space)
    assert {name for name in after if after[name] != before.get(name)} == {"watch/operator.txt"}


def test_a_run_in_a_wrong_year_does_not_silence_the_years_before_it(files):
    files.add("concessions", register().assign(expires_on="2026-01-10"), id="titles")
    build_map(files.space)
    save_watch(files.folder, replace(TINGO, areas=("everything",), kinds=("expired", "holder")))
    run(files.folder, 3650)
    changed = register({1}).assign(expires_on="2026-01-10")
    files.add("concessions", changed, id="titles", snapshot_on="2026-01-05")
    run(files.folder, 14)

    assert told(files.folder)["2026-01-15"] == 1 + COUNT


def test_a_snapshot_that_was_put_aside_is_told_to_the_operator_alone(space, server, tmp_path):
    server.show(tmp_path, register(count=3))
    report = run(space, 7, to_folder=tmp_path / "out")

    assert told(space) == {"2026-01-08": 0}
    assert ["accept titles" in notice for notice in report.notices] == [True]
    assert "accept" not in (tmp_path / "out" / "el-tingo" / "2026-01-08" / "message.txt").read_text(encoding="utf-8")


def test_a_dry_run_shows_each_message_and_changes_no_byte(space, server, tmp_path):
    server.show(tmp_path, register({1}))
    run(space, 4)
    before = state(space)
    report = run(space, 12, dry_run=True)

    assert [(message.watch, message.recipient, len(message.events)) for message in report.messages] == [
        ("El Tingo", "folder", 1)
    ]
    assert report.messages[0].files["message.txt"]
    assert state(space) == before


def test_a_dry_run_reads_the_files_of_a_stick_and_adds_none(space, tmp_path):
    stick = tmp_path / "stick"
    stick.mkdir()
    geojson(stick / "titles.geojson", register({1}))
    (stick / "unknown.txt").write_text("x", encoding="utf-8")
    before = state(space)
    report = run(space, 12, dry_run=True, from_folder=stick)

    assert [(check.source_id, check.result, check.rows_received) for check in report.checks] == [
        ("titles", COMPLETE, COUNT)
    ]
    assert ["unknown.txt" in notice for notice in report.notices] == [True]
    assert state(space) == before


def test_a_preview_tells_the_acts_of_the_last_year_by_their_own_dates_and_stores_nothing(tmp_path):
    files = Files(tmp_path / "space")
    applied = ["2003-04-01", "2025-11-03"] + [None] * (COUNT - 2)
    files.add("concessions", concessions(COUNT - 1), id="titles", snapshot_on="2009-11-03")
    files.add("concessions", concessions(COUNT, applied_on=applied), id="titles", snapshot_on="2026-01-01")
    land = concessions(1).drop(columns=["holder", "status"]).assign(code=["K1"], name=["El Tingo"])
    files.add("communities", land.set_geometry([square(-1, -1, side=0.3)], crs=land.crs), id="land")
    save_watch(files.folder, TINGO)
    build_map(load_workspace(files.folder))
    before = state(files.folder)

    with copy_watch(load_workspace(files.folder)) as trial:
        text = preview_message(trial, TINGO, moment(0))
        later = preview_message(trial, TINGO, moment(330))  # the register, and so its last 12 months, end in January

    assert "1 novedad" in text
    assert "3 de noviembre de 2025" in text
    assert "3 de noviembre de 2025" in later
    assert "--since 2025-11-02" in later
    assert "2009" not in text
    assert "2003" not in text
    assert state(files.folder) == before


def test_a_dry_run_of_a_workspace_that_never_ran_makes_no_folder(space):
    before = state(space)
    assert len(run(space, 7, dry_run=True).messages) == 1
    assert state(space) == before
    assert not (space / "watch").exists()


def test_the_operator_gets_one_message_until_something_new_is_wrong_and_again_after_a_week(space):
    days = [START + dt.timedelta(days=day) for day in (0, 1, 2, 3, 8, 11)]
    given = [["a"], ["a"], ["a", "b"], ["b"], ["b"], []]
    put = [
        operator_notices.put_notices(space, notices, "op@example.org", dt.datetime.combine(day, dt.time(), dt.UTC))
        for day, notices in zip(days, given, strict=True)
    ]

    assert put == [True, False, True, False, False, False]
    late = dt.datetime.combine(START + dt.timedelta(days=9), dt.time(), dt.UTC)
    assert operator_notices.put_notices(space, ["b"], "op@example.org", late)


def test_messages_that_are_unsure_or_could_not_be_sent_are_told_to_the_operator(space):
    run(space, 7)
    run(space, 14)
    (unsure, given_up), now = outbox.list_messages(space), dt.datetime(2026, 1, 16, tzinfo=dt.UTC)
    outbox.claim_message(space, unsure, now)
    for _ in range(outbox.MAX_ATTEMPTS):
        outbox.mark_failed(space, outbox.claim_message(space, given_up, now), "refused", now)
    run(space, 21)
    (waiting,) = (message for message in outbox.list_messages(space) if message.state == outbox.TO_SEND)
    for _ in range(outbox.MAX_UNREACHED):
        outbox.mark_failed(space, outbox.claim_message(space, waiting, now), "no network", now, is_reached=False)
    report = run(space, 22)

    assert [message.state for message in outbox.list_messages(space)] == [UNSURE, GIVEN_UP, outbox.TO_SEND]
    assert [word in notice for word, notice in zip(["arrived", "yet", "given up"], report.notices, strict=True)] == [
        True,
        True,
        True,
    ]


# Kills.


def watching(folder, day, out, started):
    started.send("begun")
    run(folder, day, to_folder=out)


@pytest.mark.slow
@pytest.mark.kills
def test_a_killed_run_is_taken_up_again_and_ends_in_the_same_state(tmp_path):
    context, draw = forked.context(), random.Random(20_261_130)
    days = {8: {1}, 9: {1}, 15: {1, 4}, 22: {1, 4, 6}}  # the day, and the changed concessions
    results, cut_short, took = [], 0, 8.0
    for kills in (0, KILLS):
        with serving_register() as server:
            home = tmp_path / str(kills)
            space, out = watched_space(Files(home / "space"), server, home), home / "out"
            planned = draw.choices(list(days), k=kills)
            for day, changed in days.items():
                server.show(home, register(changed))
                NOW[0] = moment(day)
                for _ in range(planned.count(day)):
                    process = forked.begun(context, watching, space, day, out)
                    time.sleep(draw.uniform(0, 0.7 * took))
                    process.kill()
                    process.join()
                    cut_short += process.exitcode == -signal.SIGKILL
                started = time.monotonic()
                process = forked.begun(context, watching, space, day, out)
                process.join()
                took = time.monotonic() - started
                assert process.exitcode == 0
            messages = [(m.digest, m.state, len(m.events)) for m in outbox.list_messages(space)]
            events = [event for m in outbox.list_messages(space) for event in m.events]
            assert len(events) == len(set(events))
            written = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
            sources = [(entry.id, entry.snapshot_on, entry.sha256) for entry in load_workspace(space).sources]
            results.append((messages, sorted(events), written, sources))
    forked.tell("watch", KILLS, cut_short, KILLS - cut_short)
    assert cut_short
    assert results[0] == results[1]
    assert (
        results[0][0]
        == [("2026-01-08", SENT, 1), ("2026-01-15", SENT, 1), ("2026-01-22", SENT, 1)][: len(results[0][0])]
    )


def test_the_first_message_tells_the_last_year_by_its_own_dates_and_not_a_comparison_of_many_years(tmp_path):
    files = Files(tmp_path / "space")
    applied = ["2003-04-01", "2025-11-03"] + [None] * (COUNT - 2)
    files.add("concessions", concessions(2), id="titles", snapshot_on="2009-11-03")
    files.add("concessions", concessions(COUNT, applied_on=applied), id="titles", snapshot_on="2026-01-01")
    land = concessions(1).drop(columns=["holder", "status"]).assign(code=["K1"], name=["El Tingo"])
    files.add("communities", land.set_geometry([square(-1, -1, side=0.3)], crs=land.crs), id="land")
    files.folder.joinpath(WATCHES).write_text(
        '[[watch]]\nname = "El Tingo"\nareas = ["community/land/K1"]\ncreated_on = 2025-12-01\nlanguage = "es"\n',
        encoding="utf-8",
    )
    build_map(load_workspace(files.folder))

    first = run_watch(load_workspace(files.folder), now=moment(1))
    second = run_watch(load_workspace(files.folder), now=moment(40))

    assert [len(message.events) for message in (*first.messages, *second.messages)] == [1, 0]
    assert "3 de noviembre de 2025" in first.messages[0].files["message.txt"]
    assert "--since 2025-11-02" in first.messages[0].files["message.txt"]  # else the command would not list it
