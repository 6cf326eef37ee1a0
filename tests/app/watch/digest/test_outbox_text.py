"""The operator reads what waits and what to do, and decides about what is unsure; nothing is repeated unasked."""

import datetime as dt
from dataclasses import replace

import pytest

from lindero.app.watch.digest.outbox_text import change_message, outbox_text
from lindero.layers.disk.builds import lock_folder
from lindero.layers.errors import BusyError, SendError, WatchError
from lindero.layers.watch.outbox import (
    GIVEN_UP,
    SENT,
    UNSURE,
    OutboxMessage,
    claim_message,
    drop_message,
    list_messages,
    mark_failed,
    mark_sent,
    put_message,
)
from lindero.layers.watch.watches_file import WATCHES
from lindero.layers.workspace.manifest_file import create_workspace
from tests.mail_server import mail_server

NOW = dt.datetime(2026, 11, 30, 6, tzinfo=dt.UTC)
MESSAGE = OutboxMessage(
    "El Tingo", "2026-11-30", "email:ana@example.org", "es", parts={"message.txt": "Sin novedades."}
)
UNSURE_TODO = (
    "    It may have arrived. Ask the person. If it did not arrive: `lindero watch outbox --again {id}`. If it did: "
    "`lindero watch outbox --drop {id}`."
)


@pytest.fixture
def folder(tmp_path):
    return create_workspace(tmp_path / "space", title="A", country="PE").folder


def stored(folder, **values):
    put_message(folder, replace(MESSAGE, **values))
    return list_messages(folder)[-1]


def unsure(folder, **values):
    return mark_failed(folder, claim_message(folder, stored(folder, **values), NOW), "no answer", NOW, is_certain=False)


def test_each_message_says_its_state_and_what_to_do(folder):
    first = unsure(folder)
    stored(folder, digest="2026-12-07")
    stored(folder, digest="2026-12-14", recipient="folder")
    stored(folder, digest="2026-12-21", recipient="json://ana:s3cret@127.0.0.1/x")
    mark_sent(folder, stored(folder, digest="2026-12-28"), NOW)
    drop_message(folder, stored(folder, digest="2027-01-04"), NOW)
    text = outbox_text(list_messages(folder))

    assert text.splitlines()[:3] == [
        f"{first.id} · El Tingo · November 30, 2026 · ana@example.org · unsure · 1 attempt",
        "    no answer",
        UNSURE_TODO.format(id=first.id),
    ]
    assert ["--send" in text, "--to FOLDER" in text, "s3cret" in text] == [True, True, False]
    assert [line.rpartition(" · ")[2] for line in text.splitlines()[-2:]] == ["dropped", "sent"]


def test_of_many_that_were_sent_the_newest_are_listed(folder):
    for number in range(1, 26):
        mark_sent(folder, stored(folder, digest=f"2026-01-{number:02}"), NOW + dt.timedelta(number))
    lines = outbox_text(list_messages(folder)).splitlines()

    assert len(lines) == 21
    assert "January 25" in lines[0]
    assert lines[-1] == "5 earlier messages"


def test_a_person_sends_an_unsure_message_again_once(folder):
    message = unsure(folder)
    with mail_server() as box:
        mail = f'[mail]\nserver = "127.0.0.1"\nport = {box.port}\nsender = "mapa@example.org"\nsecurity = "none"\n'
        folder.joinpath(WATCHES).write_text(mail, encoding="utf-8")
        assert change_message(folder, message.id, NOW, is_dropped=False)
        with pytest.raises(WatchError, match=message.id):
            change_message(folder, message.id, NOW, is_dropped=False)
        assert box.received(message.id) == 1
    assert list_messages(folder)[0].state == SENT


def test_while_the_watch_runs_nobody_else_sends(folder):
    message = unsure(folder)
    with lock_folder(folder / "watch"), pytest.raises(BusyError):
        change_message(folder, message.id, NOW, is_dropped=False)

    assert list_messages(folder)[0].state == UNSURE


def test_a_message_for_a_folder_is_not_sent(folder):
    with pytest.raises(SendError, match="--to"):
        change_message(folder, stored(folder, recipient="folder").id, NOW, is_dropped=False)


def test_the_command_lists_sends_and_drops(folder, typed):
    at = ("--workspace", folder)
    assert "empty" in typed("watch", "outbox", *at)[2]
    message = unsure(folder)
    assert message.id in typed("watch", "outbox", *at)[1]
    code, _out, told = typed("watch", "outbox", "--again", message.id, *at)
    assert (code, "[mail]" in told) == (1, True)
    code, out, _told = typed("watch", "outbox", "--drop", message.id, *at)
    assert (code, "dropped" in out) == (0, True)
    assert list_messages(folder)[0].state == GIVEN_UP
    assert typed("watch", "outbox", "--drop", "nothing", *at)[0] == 1
