"""A change of the vault may die at any moment: afterwards it opens, with all of the change or nothing of it."""

import random
import signal
import time
import zipfile
from pathlib import Path

import pytest

from lindero.app.builder.consent import sync_withdrawals, withdraw
from lindero.app.commands.vault import key as vault_key
from lindero.layers.database import map_database
from lindero.layers.errors import WrongKeyError
from lindero.layers.model.schema import INCIDENTS
from lindero.layers.vault import key_derivation, vault_file
from lindero.layers.vault.vault_file import Vault
from lindero.layers.workspace import manifest_file
from tests import forked
from tests.amount import amount
from tests.files import Files, text
from tests.secret_files import SECRETS, csv_of, put

pytestmark = pytest.mark.kills

KILLS = amount(3, 500)  # of each change
OLD, NEW = "cinco palabras de dados", "otra clave bien larga"
LEFT = Path(__file__).parents[2] / "releases" / "9669661" / "mapa.zip"


def change(what, folder, key, file, started):
    """What a process does until it is killed, again and again where that can be."""
    held, space = Vault(folder / "vault", key), manifest_file.load_workspace(folder)
    started.send("begun")
    match what:
        case "add":
            put(held, space, file, id="mas")
        case "withdraw":
            withdraw(space, held, "caso-secreto-003")
        case "rekey":
            vault_file.rekey(held, NEW)
        case "migrate":
            vault_file.migrate_vault(held)


@pytest.fixture(scope="module")
def context():
    return forked.context()


@pytest.fixture
def full(tmp_path, monkeypatch):
    monkeypatch.setattr(key_derivation, "COST", {"n": 2**4, "r": 8, "p": 1})
    files = Files(tmp_path / "space")
    folder = vault_file.prepare_folder(files.folder)
    held = Vault(folder, key_derivation.derive_key(OLD, folder))
    vault_file.create_vault(held)
    put(held, files.space, text(tmp_path / "casos.csv", csv_of(s.row() for s in SECRETS[:20])))
    sync_withdrawals(files.space, held)
    return files.folder


@pytest.fixture
def left(tmp_path):
    with zipfile.ZipFile(LEFT) as archive:
        archive.extractall(tmp_path)
    return tmp_path / "mapa"


def ids(held):
    with vault_file.open_vault(held) as con:
        return set(map_database.read_ids(con, INCIDENTS))


def state_of(folder):
    """Every file of a workspace, to begin again from."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def put_back(folder, state):
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        path.unlink()
    for path, content in state.items():
        path.write_bytes(content)


def opened(folder):
    """Open the vault with the passphrase that opens it."""
    for passphrase in (OLD, NEW):
        try:
            return vault_key._find_key(folder / "vault", passphrase, ids)[0], passphrase
        except WrongKeyError:
            continue
    raise AssertionError("no passphrase opens it")


@pytest.mark.parametrize("what", ["add", "withdraw", "rekey", "migrate"])
def test_a_killed_change_is_done_whole_or_not_at_all(what, context, request, tmp_path):
    folder = request.getfixturevalue("left" if what == "migrate" else "full")
    more = text(tmp_path / "mas.csv", csv_of(s.row() for s in SECRETS[20:30]))
    state = state_of(folder)
    held, _ = opened(folder)
    before = ids(held)
    gone, come = {"caso-secreto-003"}, {f"caso-secreto-{n:03}" for n in range(20, 30)}
    after = {"add": before | come, "withdraw": before - gone, "rekey": before, "migrate": before}[what]
    took = run_to_its_end(context, what, folder, held, more)
    assert ids(opened(folder)[0]) == after
    moments = random.Random(20_261_126)
    cut_short, done = 0, 0
    for moment in (0, *(moments.uniform(0, took) for _ in range(KILLS - 1))):
        put_back(folder, state)
        process = begun(context, what, folder, held, more)
        process.join(moment)
        process.kill()
        process.join()
        cut_short += process.exitcode == -signal.SIGKILL
        now, passphrase = opened(folder)
        found = ids(now)
        assert found in (before, after)
        assert passphrase == OLD or what == "rekey"
        done += passphrase == NEW if before == after else found == after
        if what == "withdraw":  # what the workspace knows, the vault is told before it answers
            sync_withdrawals(manifest_file.load_workspace(folder), now)
            assert not withdraw(manifest_file.load_workspace(folder), now, "caso-secreto-003").is_new or found == before
            assert ids(now) == after
    forked.tell(what, KILLS, cut_short, done)
    assert cut_short


def begun(context, what, folder, held, more):
    return forked.begun(context, change, what, folder, held.key, more)


def run_to_its_end(context, what, folder, held, more):
    """Change a vault; gives the seconds that it took, once it had begun."""
    process = begun(context, what, folder, held, more)
    started = time.monotonic()
    process.join()
    took = time.monotonic() - started
    assert process.exitcode == 0
    return took
