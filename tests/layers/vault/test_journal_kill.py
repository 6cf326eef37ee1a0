"""Whoever writes the journal may die at any moment: what was told to be noted is there, and nothing is half there."""

import random
import signal

import pytest

from lindero.layers.vault import journal, vault_file
from lindero.layers.vault.key_derivation import Key
from lindero.layers.vault.vault_file import Vault
from lindero.layers.workspace.manifest_file import create_workspace
from tests import forked
from tests.amount import amount

pytestmark = pytest.mark.kills

KEY = Key("0" * 64)
KILLS = amount(20, 200)
MOST = 40  # entries that a writer gets to before it is killed


@pytest.fixture
def folder(tmp_path):
    create_workspace(tmp_path / "space", title="A", country="PE")
    vault_file.create_vault(Vault(vault_file.prepare_folder(tmp_path / "space"), KEY))
    return tmp_path / "space"


def noting(folder, run, told):
    """Note one entry after the other, and tell each as soon as it is noted."""
    told.send("begun")
    for number in range(MOST * 1_000):
        journal.record_entry(folder, journal.ADDED, source=f"{run}-{number}")
        told.send(number)


def last_told(receiver, least):
    """Wait until so many entries were told; gives the number of the last, which is -1 before the first."""
    number = -1
    while number < least:
        assert receiver.poll(forked.PATIENCE_S), "it notes nothing"
        number = receiver.recv()
    return number


def heard_to_the_end(receiver, number):
    """Hear what was told before the death of the writer."""
    while True:
        try:
            number = receiver.recv()
        except EOFError:
            return number


def read(folder):
    with vault_file.open_vault(Vault(folder / "vault", KEY)) as con:
        return journal.read_journal(con, folder / "vault")


def test_a_killed_writer_leaves_every_entry_that_it_told_of_and_none_half(folder):
    context, moments = forked.context(), random.Random(20_261_126)
    known = []
    for run in range(KILLS):
        process, receiver = forked.heard(context, noting, folder, run)
        number = last_told(receiver, moments.randrange(-1, MOST))
        process.join(moments.uniform(0, 0.005))
        process.kill()
        process.join()
        number = heard_to_the_end(receiver, number)
        assert process.exitcode == -signal.SIGKILL

        told = read(folder)
        assert not told.broken
        assert not told.is_cut
        found = [one.about["source"] for one in told.entries]
        noted = [*known, *(f"{run}-{n}" for n in range(number + 1))]
        assert found in (noted, [*noted, f"{run}-{number + 1}"])  # the one it was at may be there, too
        known = found
    assert [one.number for one in told.entries] == [*range(len(known))]
