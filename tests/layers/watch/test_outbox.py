"""The outbox has each digest once per recipient, whoever writes at the same time, and shows nobody's address."""

import datetime as dt
import json
import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from lindero.layers.errors import WatchError
from lindero.layers.watch import watch_folder
from lindero.layers.watch.outbox import (
    GIVEN_UP,
    MAX_ATTEMPTS,
    SENT,
    TO_SEND,
    UNSURE,
    OutboxMessage,
    add_seen,
    claim_message,
    drop_message,
    encode_parts,
    list_damaged_files,
    list_messages,
    mark_failed,
    mark_sent,
    put_message,
    seen_events,
)

NOW = dt.datetime(2026, 11, 30, 6, tzinfo=dt.UTC)
FILES = {"digest.txt": "El Tingo: 2 cambios\n", "map.zip": b"PK\x00\xff"}
MESSAGE = OutboxMessage(
    "El Tingo",
    "2026-11-30",
    "email:ana@example.org",
    "es",
    events=("e1", "e2"),
    parts=encode_parts(FILES),
    changed_at=NOW,
    title="El Tingo: 2 cambios",
)


def stored(folder, message=MESSAGE):
    put_message(folder, message)
    return list_messages(folder, message.watch)[-1]


def test_a_message_reads_back_with_its_files(tmp_path):
    message = stored(tmp_path)

    assert replace(message, id="") == MESSAGE
    assert message.files == FILES


def test_a_digest_is_stored_once_per_recipient_in_whatever_state(tmp_path):
    message = stored(tmp_path)
    mark_sent(tmp_path, claim_message(tmp_path, message, NOW), NOW)

    assert not put_message(tmp_path, MESSAGE)
    assert not put_message(tmp_path, replace(MESSAGE, watch="el  tingo", events=("e9",)))
    assert put_message(tmp_path, replace(MESSAGE, recipient="email:luz@example.org"))
    assert put_message(tmp_path, replace(MESSAGE, digest="2026-12-07"))
    assert [message.state for message in list_messages(tmp_path)].count(SENT) == 1


def test_a_lost_salt_does_not_make_a_digest_new(tmp_path):
    stored(tmp_path)
    tmp_path.joinpath("watch", "salt").unlink()

    assert not put_message(tmp_path, MESSAGE)


def test_of_many_who_store_and_claim_at_once_one_does(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        put = list(pool.map(lambda n: put_message(tmp_path, replace(MESSAGE, events=(f"e{n}",))), range(8)))
        message = list_messages(tmp_path)[0]
        claimed = list(pool.map(lambda _: claim_message(tmp_path, message, NOW), range(8)))

    assert sum(put) == 1
    assert [claim is not None for claim in claimed].count(True) == 1
    assert not list(tmp_path.rglob("*.new"))


def test_what_a_killed_process_left_is_deleted_with_the_next_message(tmp_path):
    (path,) = tmp_path.rglob(f"{stored(tmp_path).id}.json")
    left = path.with_name(".abc.json.0123.new")
    left.write_text("half a mess")

    assert not put_message(tmp_path, MESSAGE)
    assert not left.exists()


def test_where_a_disk_has_no_hard_links_a_digest_is_still_stored_once(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)

    assert [put_message(tmp_path, MESSAGE), put_message(tmp_path, MESSAGE)] == [True, False]
    assert [watch_folder.create_private(tmp_path / "a", text) for text in "ab"] == [True, False]


def test_a_claim_is_on_the_disk_before_it_is_returned_and_holds_against_everybody(tmp_path, monkeypatch):
    message = stored(tmp_path)
    synced = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor)))
    claimed = claim_message(tmp_path, message, NOW)

    assert (claimed.state, claimed.attempts, len(synced)) == (UNSURE, 1, 2)  # the file, and its name
    assert list_messages(tmp_path)[0].state == UNSURE
    assert claim_message(tmp_path, message, NOW) is None
    assert claim_message(tmp_path, message, NOW, states=[UNSURE]).attempts == 2  # a person asked


def test_what_failed_for_certain_is_sent_again_until_it_is_given_up(tmp_path):
    message = stored(tmp_path)
    states = [
        mark_failed(tmp_path, claim_message(tmp_path, message, NOW), "refused", NOW).state for _ in range(MAX_ATTEMPTS)
    ]

    assert states == [TO_SEND] * (MAX_ATTEMPTS - 1) + [GIVEN_UP]
    assert claim_message(tmp_path, message, NOW) is None
    assert list_messages(tmp_path)[0].files == FILES  # a person may still ask for it


def test_what_failed_at_an_unknown_moment_stays_unsure(tmp_path):
    claimed = claim_message(tmp_path, stored(tmp_path), NOW)
    mark_failed(tmp_path, claimed, "the connection ended", NOW, is_certain=False)
    (message,) = list_messages(tmp_path)

    assert (message.state, message.error) == (UNSURE, "the connection ended")
    assert claim_message(tmp_path, message, NOW) is None


@pytest.mark.parametrize("end", [mark_sent, drop_message])
def test_a_message_that_is_done_has_no_texts_and_keeps_its_events(tmp_path, end):
    end(tmp_path, claim_message(tmp_path, stored(tmp_path), NOW), NOW)
    (message,) = list_messages(tmp_path)

    assert (message.parts, message.title, message.events) == ({}, "", ("e1", "e2"))
    assert not any("cambios" in path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file())
    assert claim_message(tmp_path, message, NOW, states=[UNSURE, GIVEN_UP]) is None
    assert drop_message(tmp_path, message, NOW).state == message.state


def test_what_was_seen_stays_seen_by_its_watch_alone(tmp_path):
    add_seen(tmp_path, "El Tingo", ["old"])
    stored(tmp_path)
    add_seen(tmp_path, "el tingo", ["other area"[:5]])

    assert seen_events(tmp_path, "El Tingo") == {"old", "other", "e1", "e2"}
    assert seen_events(tmp_path, "Otro") == set()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_files_are_their_owners_alone_and_no_name_shows_a_recipient_or_watch(tmp_path):
    mask = os.umask(0)
    try:
        claim_message(tmp_path, stored(tmp_path), NOW)
        add_seen(tmp_path, "ana@example.org", ["old"])
    finally:
        os.umask(mask)
    paths = list(tmp_path.joinpath("watch").rglob("*"))

    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_file()} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_dir()} == {0o700}
    assert not [path for path in paths if "ana" in path.name or "tingo" in path.name]
    assert "ana@" not in repr(MESSAGE)


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"watch": "El Tingo"})])
def test_a_damaged_file_is_listed_and_stops_only_its_watch(tmp_path, text):
    message = stored(tmp_path)
    other = stored(tmp_path, replace(MESSAGE, watch="Otro"))
    (path,) = tmp_path.rglob(f"{message.id}.json")
    path.write_text(text)

    assert (list_damaged_files(tmp_path), list_damaged_files(tmp_path, "Otro")) == ([path], [])
    assert list_messages(tmp_path) == [other]
    assert seen_events(tmp_path, "Otro") == set(other.events)
    with pytest.raises(WatchError, match=message.id):
        seen_events(tmp_path, "El Tingo")
    assert not put_message(tmp_path, MESSAGE)
    assert path.read_text() == text
