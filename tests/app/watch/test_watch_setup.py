"""Adding, changing and removing a watch, and the estimate that comes first."""

import datetime as dt
import json
from dataclasses import replace

import pytest

from lindero.app.answers.changes.events import EVENT_KINDS
from lindero.app.text import i18n
from lindero.app.watch import watch_setup
from lindero.app.watch.digest.due_digests import find_due_digest
from lindero.app.watch.digest.estimate import estimate_messages, estimate_text
from lindero.app.watch.operator_notices import put_notices, store_notices
from lindero.layers.database import map_database
from lindero.layers.errors import AnswerError, SourceError, WatchError
from lindero.layers.watch.outbox import OutboxMessage, put_message, seen_events
from lindero.layers.watch.watch_folder import private_folder, write_private
from lindero.layers.watch.watches_file import KINDS, WATCHES, Watch, find_watch, read_watches
from lindero.layers.workspace.manifest_file import load_workspace
from tests.built import build
from tests.files import Files, concessions, geojson, square

TODAY = dt.date(2026, 6, 1)
ALTA, BAJA = "community/lands/C1", "community/lands/C3"
WATCH = Watch("El Tingo", (ALTA,), created_on=TODAY, confirmed_on=TODAY)
YEAR = ("2024-01-15", "2025-07-15", "2025-09-15", "2025-12-15", "2026-03-15")


@pytest.fixture
def space(tmp_path):
    """A register of five snapshots, four of them of the last 12 months, and two communities: Alta and Baja."""
    return make_space(tmp_path)


def make_space(tmp_path, days=YEAR, **columns):
    files = Files(tmp_path / "space")
    for count, day in enumerate(days, start=1):
        files.add("concessions", concessions(count, **columns), id="cadastre", snapshot_on=day, coverage="PE")
    lands = concessions(4).drop(columns=["holder", "status"]).iloc[[0, 2]].assign(name=["Alta", "Baja"])
    files.add("communities", lands, id="lands", snapshot_on="2024-01-15")
    build(files.space)
    return load_workspace(files.folder)


def estimated(space, **changes):
    with map_database.connect(build(space).path) as con:
        return estimate_messages(con, replace(WATCH, **changes), TODAY)


def test_the_kinds_of_the_file_are_those_of_the_events():
    assert KINDS == EVENT_KINDS


@pytest.mark.parametrize(
    ("frequency", "messages", "with_news"),
    [("weekly", 52, 4), ("monthly", 12, 4)],
)
def test_a_watch_sends_as_often_as_promised_and_news_when_there_are(space, frequency, messages, with_news):
    estimate = estimated(space, areas=("everything",), frequency=frequency)

    assert (estimate.messages, estimate.with_news, estimate.events) == (messages, with_news, 4)
    assert estimate.snapshots == tuple(map(dt.date.fromisoformat, YEAR[1:]))
    told = estimate_text(estimate)
    assert f"{messages} messages, 4 of them with news" in told
    span = "4 changes between January 15, 2024 and March 15, 2026"
    assert f"{span}, from 4 comparisons of snapshots (last: March 15, 2026)" in told


def test_an_estimate_of_each_run_is_what_a_run_a_day_would_have_sent(space):
    days, sent, told = [dt.date.fromisoformat(day) for day in YEAR[1:]], [], 0
    watch = replace(WATCH, frequency="each_run", created_on=dt.date(2025, 6, 1))
    for offset in range(1, 366):
        day = watch.created_on + dt.timedelta(days=offset)
        due, is_new = find_due_digest(watch, sent, day), day in days
        if due is not None and (due.is_promised or is_new):
            sent.append(due.id)
            told += is_new

    estimate = estimated(space, areas=("everything",), frequency="each_run")
    assert (estimate.messages, estimate.with_news) == (len(sent), told)
    assert told == 4


def test_only_changes_in_the_area_and_of_the_kinds_are_news(space):
    assert estimated(space, areas=(BAJA,)).with_news == 1
    assert estimated(space, areas=(ALTA,)).with_news == 0
    assert estimated(space, areas=(BAJA,), kinds=("gone",)).with_news == 0


def test_one_snapshot_is_judged_by_the_dates_of_the_register(tmp_path):
    space = make_space(tmp_path, YEAR[:1], granted_on="2026-02-01")

    estimate = estimated(space)
    assert (estimate.messages, estimate.with_news, estimate.snapshots) == (52, 1, ())
    assert "1 change, from dates in the registers" in estimate_text(estimate)


def test_the_end_of_a_term_is_told_before_and_after(tmp_path):
    space = make_space(tmp_path, YEAR[:1], expires_on="2026-04-01")

    assert estimated(space, kinds=("deadline", "expired")).with_news == 2
    assert estimated(space, kinds=("expired",)).with_news == 1


def test_without_dates_and_a_second_snapshot_nothing_is_estimated(tmp_path):
    estimate = estimated(make_space(tmp_path, YEAR[:1]))

    assert not estimate.has_basis
    assert "cannot be estimated" in estimate_text(estimate)
    old = estimated(make_space(tmp_path / "old", ("2023-01-15", "2024-01-15")))
    assert not old.has_basis


def test_what_is_on_the_map_already_is_seen_and_stays_seen(space):
    draft = watch_setup.draft_watch(space, replace(WATCH, areas=(BAJA,)), today=TODAY)
    assert read_watches(space.folder) == ()
    watch_setup.save_draft(space, draft)
    first = seen_events(space.folder, WATCH.name)
    assert len(first) == len(draft.seen) == 1

    wider = watch_setup.draft_watch(space, replace(WATCH, areas=("everything",)), today=TODAY)
    assert first.isdisjoint(wider.seen)
    watch_setup.save_draft(space, wider)
    assert first < seen_events(space.folder, WATCH.name)
    watch_setup.save_draft(space, watch_setup.draft_watch(space, WATCH, today=TODAY))
    assert len(seen_events(space.folder, WATCH.name)) == 4


def test_a_change_of_a_watch_hides_no_event_that_it_has_still_to_tell(space):
    watch_setup.save_draft(space, replace(watch_setup.draft_watch(space, WATCH, today=TODAY), seen=frozenset()))

    later = watch_setup.draft_watch(space, replace(WATCH, areas=("everything",), kinds=("gone",)), today=TODAY)
    assert later.seen == frozenset()
    wider = watch_setup.draft_watch(space, replace(WATCH, areas=(ALTA, BAJA)), today=TODAY)
    assert len(wider.seen) == 1  # on the land of Baja alone


def test_an_invalid_watch_is_refused_before_anything_is_computed(space, monkeypatch):
    monkeypatch.setattr(watch_setup, "list_all_events", lambda *_args, **_options: 1 / 0)
    with pytest.raises(WatchError, match="channel is invalid"):
        watch_setup.draft_watch(space, replace(WATCH, channel="email:ana"), today=TODAY)


def test_a_killed_save_has_marked_first_what_is_seen(space, monkeypatch):
    draft = watch_setup.draft_watch(space, replace(WATCH, areas=("everything",)), today=TODAY)
    monkeypatch.setattr(watch_setup.watches_file, "save_watch", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        watch_setup.save_draft(space, draft)
    assert len(seen_events(space.folder, WATCH.name)) == 4


def test_no_file_names_a_removed_watch_or_its_reader(space):
    watch = replace(WATCH, channel="email:ana@example.org")
    watch_setup.save_draft(space, watch_setup.draft_watch(space, watch, today=TODAY))
    now = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    put_message(space.folder, OutboxMessage(watch.name, "2026-06-01", watch.channel, "es", parts={"sms.txt": "…"}))
    write_private(
        private_folder(space.folder) / "compared.json",
        json.dumps({watch.slug: {"inputs": "", "on": "2026-06-01", "snapshots": []}}),
    )
    put_notices(space.folder, [f"The watch {watch.name} was not confirmed"], "operator@example.org", now)
    store_notices(space.folder, [f"The watch {watch.name} was not confirmed"], now)

    watch_setup.remove_with_messages(space.folder, watch)

    assert read_watches(space.folder) == ()
    files = [path for path in (space.folder / "watch").rglob("*") if path.is_file()]
    texts = [space.folder.joinpath("watches.toml").read_text(), *(path.read_text() for path in files)]
    for trace in (watch.name, watch.slug, "ana@example.org"):
        assert not [text for text in texts if trace in text]


def test_an_area_is_found_by_name_or_key(demonstration):
    _folder, con = demonstration

    def keys(text):
        return watch_setup.choose_area(con, text, "PE").keys

    assert keys("Cajamarca") == ("region/PE-CAJ",)
    assert keys("region/PE-CAJ") == ("region/PE-CAJ",)
    assert keys("everything") == ("everything",)
    i18n.set_language("es")
    assert keys("Todo") == keys("todo el mapa") == ("everything",)
    i18n.set_language("en")
    assert keys("community/demo-communities/INV-COM-CAJ-009") == ("community/demo-communities/INV-COM-CAJ-009",)
    assert watch_setup.area_name(con, keys("Cajamarca")[0]) == "Cajamarca"
    with pytest.raises(AnswerError, match=r"INV-COM-JUN-003 = .*INV-COM-CAJ-009 = "):
        keys("Quellmiorco")
    for unknown in ("xyzzy", "-7.1 -78.5", "community/nobody", "region/XX"):
        with pytest.raises(AnswerError):
            keys(unknown)


def test_a_similar_name_is_never_chosen_unasked(demonstration):
    _folder, con = demonstration

    with pytest.raises(AnswerError, match="Tuyllutambo"):
        watch_setup.choose_area(con, "Tuyllutampo", "PE")


def test_an_own_polygon_is_stored_in_degrees(tmp_path):
    rows = concessions(2)
    overlapping = rows.assign(geometry=[square(0), square(0)]).to_crs("EPSG:32718")
    overlapping.to_file(tmp_path / "own.gpkg")
    assert watch_setup.read_polygon(tmp_path / "own.gpkg").startswith("POLYGON ((-7")
    with pytest.raises(SourceError, match="contains no polygon"):
        watch_setup.read_polygon(
            geojson(tmp_path / "points.geojson", rows.assign(geometry=rows.representative_point()))
        )


def test_the_commands_ask_twice_for_everything_and_say_what_they_did(space, typed, tmp_path):
    at = ("--workspace", space.folder)
    code, _out, told = typed("watch", "add", "Río", "Alta", "--frequency", "monthly", "--dry-run", *at)
    assert (code, "would have sent 12 messages" in told, read_watches(space.folder)) == (0, True, ())
    geojson(tmp_path / "own.geojson", concessions(1)[["code", "geometry"]])
    more = ("--kind", "new", "--channel", "email:ana@example.org", "--polygon", tmp_path / "own.geojson")
    code, _out, told = typed("watch", "add", "Río", "Alta", *more, *at)
    assert (code, "Saved: Río" in told, "will be replaced" in told) == (0, True, False)
    assert "will be replaced" in typed("watch", "add", "rio", "Alta", "--dry-run", *at)[2]
    saved = find_watch(space.folder, "rio")
    assert (saved.areas, saved.kinds, saved.language) == ((ALTA, "polygon"), ("new",), "en")

    refused = typed("watch", "add", "Todo", "everything", "--yes", *at)
    assert (refused[0], "--everything" in refused[2]) == (1, True)
    assert typed("watch", "add", "Todo", "everything", "--everything", *at)[0] == 0
    assert "needs an area" in typed("watch", "add", "Nada", *at)[2]
    assert typed("watch", "add", "Mal", "Alta", "--frequency", "daily", *at)[0] == 1
    assert [line.partition("\t")[0] for line in typed("watch", "list", *at)[1].splitlines()] == ["Río", "Todo"]
    assert "messages" in typed("watch", "estimate", "Río", *at)[1]

    assert [typed("watch", answer, "cadastre", *at)[0] for answer in ("accept", "discard")] == [1, 1]
    file = space.folder / WATCHES
    file.write_text(
        file.read_text().replace("confirmed_on = 2", "confirmed_on = 1").replace("created_on = 2", "created_on = 1")
    )
    assert "lindero watch confirm 'Río'" in typed("watch", "list", *at)[2]
    assert typed("watch", "confirm", "Río", *at)[0] == 0
    assert "lindero watch confirm 'Río'" not in typed("watch", "list", *at)[2]
    assert typed("watch", "remove", "Río", *at)[0] == 0
    assert typed("watch", "remove", "Río", *at)[0] == 1
    assert [watch.name for watch in read_watches(space.folder)] == ["Todo"]
