"""
The command `lindero` for lines of a shell that tests type: what it needs is loaded once, and each command is a fork of that.

To load libraries takes longer than most commands do. That `lindero` is there once it is installed, and what it loads
before it answers, is held by tests/whole/test_wheel.py and tests/whole/test_starting.py. All ask one process that opens
received files, which forks for each file, whoever asks.
"""

import atexit
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import traceback
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from lindero.app import cli
from lindero.layers.read.sandbox import client
from tests import beforehand

ROOT = Path(__file__).parents[1]
LOADED = (  # but no module of commands: their help is written in the language of whoever asks, as they are loaded
    *("lindero.app.library", "lindero.app.builder.add.plan", "lindero.app.builder.build"),
    *("lindero.app.media.paper.brief.community", "lindero.app.media.site.release"),
    *("lindero.app.answers.changes.watchlist", "lindero.app.answers.place.place_report"),
    *("lindero.app.answers.overlap.report", "lindero.app.media.files.export", "lindero.app.builder.services"),
    *("tests.one_thread", "h3", "rapidfuzz", "scipy.sparse", "tomlkit", "typer.core", "typst"),
)
_TYPED = """\
#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    socket.send_fds(server, [b"3"], [0, 1, 2])
    server.sendall(json.dumps([sys.argv, os.getcwd(), dict(os.environ)]).encode())
    server.shutdown(socket.SHUT_WR)
    code = server.recv(1)
sys.exit(code[0] if code else 1)
"""


@cache
def programs() -> Path:
    """Give a folder of programs: a `lindero` that has all at hand as long as this process lives."""
    made = tempfile.TemporaryDirectory()
    atexit.register(made.cleanup)
    address, program = str(Path(made.name, "server")), Path(made.name, "lindero")
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.at_hand",
            address,
        ],  # so that libraries are looked for where they are, wherever it goes
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    atexit.register(server.communicate)  # its input ends, and so does it
    assert server.stdout is not None
    assert server.stdout.readline() == b"listens\n"
    program.write_text(_TYPED.format(python=sys.executable, address=address), encoding="utf-8")
    program.chmod(0o700)
    return Path(made.name)


def serve(address: str) -> None:
    """Load all, and fork for each command, until the input ends."""
    for name in LOADED:
        import_module(name)
    beforehand.load()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        sys.stdout.write("listens\n")
        sys.stdout.flush()
        while listener in select.select([sys.stdin, listener], [], [])[0]:
            asked, _ = listener.accept()
            client.start_worker()  # if it is not there, or no longer
            command = os.fork()
            if not command:
                listener.close()
                _run(asked)
            _, status = os.waitpid(command, 0)
            asked.sendall(bytes([os.waitstatus_to_exitcode(status) & 255]))
            asked.close()


def _run(asked: socket.socket) -> NoReturn:
    """Become the command: its words, folder, environment, input and output."""
    _, given, _, _ = socket.recv_fds(asked, 1, 3)
    with asked.makefile("rb") as told:
        sys.argv, folder, environment = json.load(told)
    for at, descriptor in enumerate(given):
        os.dup2(descriptor, at)
        os.close(descriptor)
    _take_over(client._get_worker())
    os.chdir(folder)
    for name in {*os.environ} - {*environment}:
        del os.environ[name]
    os.environ.update(environment)
    code: object = 1
    try:
        cli.main()
        code = 0
    except SystemExit as end:
        code = end.code or 0
        if not isinstance(code, int):
            sys.stderr.write(f"{code}\n")
    except BaseException:  # noqa: BLE001  as Python says it
        traceback.print_exc()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(
        code if isinstance(code, int) else 1
    )  # to end the database's threads, which no fork has, would take for ever


def _take_over(keeper: client._Worker) -> None:
    """Ask the process that the server has started: it answers one command after the other, and none of them ends it."""
    assert keeper.process is not None
    keeper.process.poll = lambda: None  # type: ignore[method-assign]  # whether it lives is told to its parent alone
    keeper.owner = os.getpid()
    atexit.unregister(keeper.stop)


if __name__ == "__main__":
    serve(sys.argv[1])
