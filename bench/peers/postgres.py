"""
A separate PostgreSQL server.

Its data and its socket are in a temporary folder, and its user has no privileges.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.peers.result import LIMIT_S, AbsentError, OvertimeError

_OWNER = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
_QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def find_programs() -> Path:
    """
    Find the newest server that PostGIS is installed for.

    Raises
    ------
    AbsentError
        If there is none.
    """
    having = Path("/usr/lib/postgresql").glob("*/lib/postgis-3.so")
    versions = sorted((library.parents[1] for library in having), key=lambda folder: float(folder.name))
    if not versions:
        raise AbsentError("not installed: make bench-peers")
    return versions[-1] / "bin"


@dataclass(frozen=True)
class Server:
    """A running server, identified by the folder of its socket."""

    folder: Path

    def run(self, *statements: str, rows: str | None = None) -> str:
        """
        Run statements in one session. The last one may copy `rows` in, or return rows.

        Raises
        ------
        OvertimeError
            If a statement takes longer than the limit of a tool.
        """
        command = [
            find_programs() / "psql",
            "--no-psqlrc",
            "--quiet",
            "--tuples-only",
            "--no-align",
            "-v",
            "ON_ERROR_STOP=1",
        ]
        command += [
            "--host",
            self.folder,
            "--username",
            "bench",
            "postgres",
            "-c",
            f"SET statement_timeout = '{LIMIT_S}s'",
        ]
        told = [word for statement in statements for word in ("-c", statement)]
        done = subprocess.run([*command, *told], input=rows, capture_output=True, text=True, check=False)
        if "statement timeout" in done.stderr:
            raise OvertimeError
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout


@contextmanager
def start_server(*settings: str) -> Generator[Server]:
    """
    Start a server with settings that override its defaults (`work_mem=256MB`).

    End it and delete its data afterwards.
    """
    with TemporaryDirectory() as name:
        folder, data = Path(name), Path(name) / "data"
        if _OWNER:
            shutil.chown(folder, _OWNER["user"], _OWNER["group"])
        own = {**_OWNER, **_QUIET, "cwd": folder}
        first = ["--auth=trust", "--username=bench", "--encoding=UTF8", "--locale=C", "--no-sync", "--pgdata", data]
        subprocess.run([find_programs() / "initdb", *first], check=True, **own)
        options = ("listen_addresses=", f"unix_socket_directories={folder}", "fsync=off", *settings)
        told = [word for option in options for word in ("-c", option)]
        process = subprocess.Popen([find_programs() / "postgres", "-D", data, *told], **own)
        try:
            _wait(process, folder)
            yield Server(folder)
        finally:
            process.send_signal(signal.SIGINT)  # with its sessions, at once
            process.wait()


def _wait(process: subprocess.Popen, folder: Path) -> None:
    ready = [find_programs() / "pg_isready", "--quiet", "--host", folder]
    while subprocess.run(ready, check=False).returncode:
        if process.poll() is not None:
            raise RuntimeError("the server did not start")
        time.sleep(0.1)
