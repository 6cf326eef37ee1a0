"""
Processes that tests start, forked from one that has everything loaded: kills fall into the work itself, servers answer.

A test process has one such server, whoever asks first; so it loads what any of them runs.
"""

import contextlib
import logging
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from tests.patience import END_S

RUN = [
    "tests.one_thread",
    "tests.server_source",
    "tests.app.builder.test_kill",
    "tests.app.watch.digest.test_send_kill",
    "tests.app.media.site.test_publication_kill",
    "tests.app.watch.test_watch_run",
    "tests.app.watch.year_run",
    "tests.layers.vault.test_journal_kill",
    "tests.layers.vault.test_vault_kill",
    "tests.layers.workspace.test_backup_kill",
    "distributed.cli.dask_worker",
]
ROOT = Path(__file__).parents[1]
LOG = logging.getLogger("kills")  # shown by --log-cli-level=info: the figures of a run
PATIENCE_S = 600  # for a process that has died, or waits for what never comes: nobody's speed is judged


def context() -> ForkServerContext:
    """Give the server's context, with everything loaded: it looks for it in the folder that it is started in."""
    forked = multiprocessing.get_context("forkserver")
    forked.set_forkserver_preload(RUN)
    with contextlib.chdir(ROOT):
        forkserver.ensure_running()
    return forked


def begun(forked: ForkServerContext, target: Any, *args: object) -> BaseProcess:
    """Start `target` with `args` and the end of a pipe, and wait until it has sent that it has begun."""
    return heard(forked, target, *args)[0]


def heard(forked: ForkServerContext, target: Any, *args: object) -> tuple[BaseProcess, Connection]:
    """Begin it likewise; gives the other end of the pipe, too."""
    receiver, sender = forked.Pipe(duplex=False)
    process = forked.Process(target=target, args=(*args, sender))
    process.start()
    sender.close()  # or the death of the process would not be seen
    assert receiver.poll(PATIENCE_S), "it has not begun"
    receiver.recv()
    return process, receiver


def program(code: str, words: list[str], said: Path) -> BaseProcess:
    """
    Run code as `python -c` does, with words after it, in the folder and with the variables of this process.

    What it says goes to the file `said`.
    """
    about = code, ["-c", *words], str(said), str(Path.cwd()), dict(os.environ)
    process = context().Process(target=_program, args=about)
    process.start()
    return process


def lives_and_ended(process: BaseProcess) -> tuple[Callable[[], bool], Callable[[], None]]:
    """Give what tells whether a program lives, and what ends it."""

    def ended() -> None:
        process.terminate()
        process.join(END_S)
        if process.exitcode is None:
            process.kill()
            process.join()
        process.close()

    return process.is_alive, ended


def _program(code: str, words: list[str], said: str, folder: str, variables: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(folder)
    tempfile.tempdir = None  # which a variable may name
    log = os.open(said, os.O_WRONLY | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    sys.argv = words
    exec(code, {"__name__": "__main__"})


def tell(what: str, kills: int, cut_short: int, done: int) -> None:
    """Log how many kills there were, how many fell into the work, and how many found the work done."""
    LOG.info("%s: %d kills, %d into the work, %d found it done", what, kills, cut_short, done)
