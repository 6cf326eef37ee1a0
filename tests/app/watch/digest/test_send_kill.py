"""Whoever sends may die at any moment: each recipient got the message once, or it is unsure; never twice."""

import datetime as dt
import random
import signal
import time

import pytest

from lindero.app.watch.digest.send import send_outbox
from lindero.layers.watch.outbox import SENT, UNSURE, OutboxMessage, list_messages, put_message
from lindero.layers.watch.watches_file import MailSettings
from tests import forked
from tests.mail_server import mail_server

pytestmark = pytest.mark.kills

KILLS = 200
RECIPIENTS = 3  # of each digest
NOW = dt.datetime(2026, 11, 30, 6, tzinfo=dt.UTC)


def run(folder, port, started=None):
    """Put a digest of each recipient into the outbox and send it, as a run of the watch does."""
    if started is not None:
        started.send("begun")
    for person in range(RECIPIENTS):
        recipient, parts = f"email:persona{person}@example.org", {"message.txt": "Sin novedades."}
        put_message(folder, OutboxMessage("El Tingo", "2026-11-30", recipient, "es", events=("e1",), parts=parts))
    return send_outbox(folder, MailSettings("127.0.0.1", "mapa@example.org", port, "none"), NOW)


@pytest.mark.slow
def test_after_200_kills_everybody_was_told_once_or_is_said_to_be_unsure(tmp_path):
    context, moments = forked.context(), random.Random(20_261_130)
    folders = [tmp_path / str(number) for number in range(KILLS + 2)]
    cut_short, took, received = 0, 0.0, {}
    with mail_server() as box:
        for number, folder in enumerate(folders):
            folder.mkdir()
            process, begun = forked.begun(context, run, folder, box.port), time.monotonic()
            if number < 2:  # the first one loads what the second one and the others have
                process.join()
                took = time.monotonic() - begun
                assert len(box.mails) == RECIPIENTS
            else:
                process.join(moments.uniform(0, took))
                process.kill()
                process.join()
                cut_short += process.exitcode == -signal.SIGKILL
                run(folder, box.port)  # the next run
            received |= {message.id: box.received(message.id) for message in list_messages(folder)}
            box.mails.clear()
    messages = [message for folder in folders for message in list_messages(folder)]
    states = [message.state for message in messages]
    forked.tell("outbox", KILLS, cut_short, states.count(UNSURE))

    assert len(messages) == RECIPIENTS * len(folders)
    assert set(states) == {SENT, UNSURE}
    assert {received[message.id] for message in messages if message.state == SENT} == {1}
    assert {received[message.id] for message in messages if message.state == UNSURE} <= {0, 1}
    assert states.count(UNSURE) <= cut_short  # a process sends one message at a time
    assert not [message for message in messages if message.state == SENT and message.parts]
    assert cut_short >= KILLS / 4
