"""A backup that is put back may die at any moment: the workspace is the one before or the one put back, and none is lost."""

import itertools
import os
import random
import shutil
import signal
import time

import pytest

from lindero.layers.consent import tombstones
from lindero.layers.disk import folder_swap
from lindero.layers.vault import vault_file
from lindero.layers.vault.key_derivation import Key
from lindero.layers.vault.vault_file import Vault
from lindero.layers.workspace import backup
from lindero.layers.workspace.manifest_file import load_workspace
from tests import forked
from tests.amount import amount
from tests.files import Files, concessions

pytestmark = pytest.mark.kills

KILLS = amount(10, 500)


def restoring(source, folder, started):
    """Put a backup back, as the command does."""
    started.send("begun")
    backup.restore_backup(source, folder)


def dying(source, folder, moment, swaps, started):
    """Put it back, and die before the moment-th time that a name changes, on a system that swaps names or not."""
    names = itertools.count()
    real_rename, real_swap = os.rename, folder_swap._swap_names

    def before(change):
        def told(*between):
            if next(names) == moment:
                os.kill(os.getpid(), signal.SIGKILL)
            return change(*between)

        return told

    os.rename = before(real_rename)
    folder_swap._swap_names = before(real_swap) if swaps else lambda *_: False
    restoring(source, folder, started)


@pytest.fixture
def root(tmp_path):
    """A workspace with a vault, a backup of it, and what was added and withdrawn since."""
    files = Files(tmp_path / "base" / "space")
    files.add("concessions", concessions(2))
    vault_file.create_vault(Vault(vault_file.prepare_folder(files.folder), Key("0" * 64)))
    backup.write_backup(files.space, tmp_path / "b.zip")
    files.add("concessions", concessions(3, row=1), id="otra")
    tombstones.write_registers(
        files.folder, tombstones.insert_signs((tombstones.create_register(),), [("id", "later")], [])
    )
    return tmp_path


def contents(folder):
    """What a workspace holds; what was withdrawn is looked into, for it is never written twice the same."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".") and path.name != "withdrawn.json"
    }


def is_withdrawn(folder):
    return any(register.contains("id", "later") for register in tombstones.read_registers(folder))


def begun_again(root):
    """The workspace as it was before anything was put back, alone in its folder."""
    shutil.rmtree(root / "now", ignore_errors=True)
    shutil.copytree(root / "base", root / "now")
    return root / "now" / "space"


def hold(folder, before, after):
    """What was there or what was put back is in its place; what was there is somewhere, whatever comes next."""
    now = contents(folder) if folder.exists() else None
    assert now in (before, after, None)  # none: where the system cannot swap two names
    backup.restore_backup(folder.parents[1] / "b.zip", folder)
    assert contents(folder) == after
    others = [path for path in folder.parent.iterdir() if path != folder]
    assert [path.name for path in others if path.name.startswith(".")] == []
    assert before in [contents(path) for path in others]
    assert load_workspace(folder).sources
    return now == after


@pytest.fixture
def states(root):
    """What a workspace holds before and after."""
    folder = begun_again(root)
    before = contents(folder)
    backup.restore_backup(root / "b.zip", folder)
    assert is_withdrawn(folder)
    assert contents(folder) != before
    return before, contents(folder)


def how_long(context, root):
    """Seconds from the moment that a restore has begun to its end."""
    process = forked.begun(context, restoring, root / "b.zip", begun_again(root))
    started = time.monotonic()
    process.join()
    return time.monotonic() - started


@pytest.mark.slow
def test_a_killed_restore_leaves_the_workspace_before_or_the_one_put_back(root, states):
    context, moments = forked.context(), random.Random(20_261_126)
    took = min(how_long(context, root) for _ in range(5))  # the first has everything to load
    cut_short, done = 0, 0
    for _ in range(KILLS):
        folder = begun_again(root)
        process = forked.begun(context, restoring, root / "b.zip", folder)
        process.join(moments.uniform(0, 1.5 * took))
        process.kill()
        process.join()
        cut_short += process.exitcode == -signal.SIGKILL
        assert folder.exists()
        done += hold(folder, *states)
        assert is_withdrawn(folder)
    forked.tell("restore", KILLS, cut_short, done)
    assert cut_short >= KILLS / 10


@pytest.mark.parametrize("swaps", [True, False], ids=["names-swapped", "one-name-after-the-other"])
def test_nothing_is_lost_at_any_change_of_a_name(root, states, swaps):
    for moment in itertools.count():
        folder = begun_again(root)
        process = forked.begun(forked.context(), dying, root / "b.zip", folder, moment, swaps)
        process.join()
        hold(folder, *states)
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
    assert moment == (2 if swaps else 4)
