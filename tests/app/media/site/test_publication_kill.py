"""A release may die at any moment: the folder and the vault's note of it are those before or the new ones, and agree."""

import random
import signal
import time
from functools import partial

import pytest

from lindero.app.builder.build import build_map
from lindero.app.media.site.release import publish_release
from lindero.layers.publish import releases
from lindero.layers.vault import vault_file
from lindero.layers.vault.vault_file import Vault
from lindero.layers.workspace import manifest_file
from tests import forked
from tests.amount import amount
from tests.counted_files import hold, is_whole, shown_in
from tests.files import Files
from tests.secret_files import KEY, TODAY, made

pytestmark = pytest.mark.kills

SHARES = amount(1, 4)  # 500 kills in all of `make test-all`, in parts that run side by side
KILLS = amount(2, 125)
WHOLE = 10  # of so many releases after a kill one is published to its end, the others as far as their numbers
SIZES = (9, 14)  # shown as 5 and as 10


class NumbersKnown(Exception):  # noqa: N818 - it ends a release that is right so far
    """The next release has come as far as its numbers."""


def publishing(root, started=None, **how):
    """Publish as the command does, into the same folder."""
    space = manifest_file.load_workspace(root / "space")
    if started is not None:
        started.send("begun")
    held, folder = Vault(root / "space" / "vault", KEY), root / "public" / "map"
    publish_release(space, held, folder, today=TODAY, prove=lambda _new: None, **how)


def next_shown(root):
    """Begin the next release, and end it when its numbers are known: what would it show?"""

    def tell(pub):
        raise NumbersKnown(pub.counts["count"].tolist())

    with pytest.raises(NumbersKnown) as known:
        publishing(root, announce=tell)
    return known.value.args[0]


@pytest.fixture(scope="module")
def begun():
    """Start a release in a process of its own."""
    return partial(forked.begun, forked.context(), publishing)


@pytest.fixture
def root(tmp_path):
    """A workspace whose vault holds nine records, and its publication."""
    files = Files(tmp_path / "space")
    build_map(files.space)
    hold(made(files.folder), SIZES[0])
    publishing(tmp_path)
    return tmp_path


def settled(held):
    with vault_file.open_vault(held) as con:
        return releases.find_pending_release(con), {
            cell[2]: anchor.count for cell, anchor in releases.read_basis(con).anchors.items()
        }


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARES))
def test_killed_releases_leave_the_one_before_or_the_new_one_and_the_next_knows_which(root, begun, share):
    held, folder = Vault(root / "space" / "vault", KEY), root / "public" / "map"
    process = begun(root)  # which the first to ask waits for, until all is loaded
    started = time.monotonic()
    process.join()
    took = time.monotonic() - started
    moments = random.Random(20_261_126 + share)
    cut_short, new = 0, 0
    for number in range(1, KILLS + 1):
        before = shown_in(folder)
        there = SIZES[before == [5]]
        hold(held, there)
        process = begun(root)
        time.sleep(moments.uniform(0.2, 1.1) * took)
        process.kill()
        process.join()
        cut_short += process.exitcode == -signal.SIGKILL
        assert is_whole(folder)
        left = shown_in(folder)
        new += left != before
        assert left in ([5], [10])

        hold(held, SIZES[left == [10]] - 1)  # one person fewer than what is shown was made from: nothing may move
        if number % WHOLE:
            assert next_shown(root) == left
        else:
            publishing(root)

        assert is_whole(folder)
        assert shown_in(folder) == left
        assert [path.name for path in folder.parent.iterdir()] == [folder.name]
        assert settled(held) == (None, {2024: SIZES[left == [10]]})
        assert not [*held.folder.glob(".map*"), *held.folder.glob(".spill/[!.]*")]
    forked.tell("publish", KILLS, cut_short, new)
    assert cut_short >= KILLS / 4
