"""
A file that an operator hands over in the browser: what would become of it, and, if accepted, a new snapshot.

The same reader and the same rules as `lindero add`, in a process of its own that may die without harm to the server.
The file's content comes from the browser and its name is made
safe: no path of the reader's is ever used. The map is built by a process of its own, as `lindero build` does.
"""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PureWindowsPath
from typing import Any

from lindero.app.current import rights
from lindero.app.pipeline.add.preview import Outline, outline_of
from lindero.app.pipeline.add.upload_worker import ask, out_of_memory
from lindero.app.pipeline.consent import remember
from lindero.app.text import i18n
from lindero.geo import GeoError
from lindero.geo import errors as geo_errors
from lindero.layers import errors
from lindero.layers.disk.scratch import in_memory, scratch
from lindero.layers.errors import ConsentError, LayerError
from lindero.layers.sources.field_proposals import Proposal
from lindero.layers.vault import journal
from lindero.layers.workspace import manifest_file as workspaces
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace, slug
from lindero.layers.workspace.source_options import SourceOptions

ROOT = Path(__file__).parents[2]
LARGEST_MB = 200
COMMAND = (sys.executable, "-m", "lindero.app.pipeline.add.upload_worker")
_SUFFIX = re.compile(r"\.[a-z0-9]{1,10}$")
_LONGEST_NAME = 60
_LONGEST_ANSWER = 256 * 1024**2  # letters


@dataclass(frozen=True)
class Handed:
    """A file as the browser gave it."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Plan:
    """What would become of the file: rows by layer and their account, or why it is refused."""

    proposals: tuple[Proposal, ...]
    outline: Outline | None = None
    refusal: LayerError | GeoError | None = None


def plan(handed: Handed, options: SourceOptions, space: Workspace, chosen: tuple[Proposal, ...] | None = None) -> Plan:
    """
    Read the file as a build would, with the proposals that were `chosen`; nothing is kept.

    Where none were offered yet, fields are proposed for what is not mapped.
    """
    with _on_disk(handed) as path:
        answer = worker().ask(ask(path, options, space.folder.resolve(), chosen), path.name)
    if "error" in answer:
        return Plan(chosen or (), refusal=_refusal(answer))
    proposals = tuple(Proposal(**{**one, "samples": tuple(one["samples"])}) for one in answer["proposals"])
    return Plan(proposals, outline_of(answer["outline"]) if "outline" in answer else None)


def _refusal(answer: Mapping[str, Any]) -> LayerError | GeoError:
    kind = getattr(errors, answer["error"], None) or getattr(geo_errors, answer["error"])
    refusal: LayerError | GeoError = kind(answer["template"], **answer["params"])
    return refusal


def asked_rows(plan: Plan) -> tuple[int, ...]:
    """Give the rows that are like withdrawn records, which somebody has to say something of."""
    if not isinstance(plan.refusal, ConsentError):
        return ()
    return tuple(map(int, str(plan.refusal.params["rows"]).split(", ")))


def accept(handed: Handed, outline: Outline, space: Workspace) -> SourceEntry:
    """
    Keep the file in the workspace, with what was said of its rows, and name it in the manifest.

    Raises
    ------
    WorkspaceError
        If the source has a snapshot of that day already.
    """
    entry = outline.entry
    told = {"who": rights.whoever_asks().name, "source": entry.id, "date": entry.snapshot_on}
    with _on_disk(handed) as path, journal.act(space.folder, journal.ADDED, **told):
        remember(space, None, outline.answers)
        workspaces.add(workspaces.load(space.folder), entry, path)  # as it is now: others may have added
    return entry


def rebuild(space: Workspace) -> str:
    """Build the map in a process of its own. Return its error message, empty if it did not fail."""
    environment = {**os.environ, "LINDERO_LANG": i18n.current()}
    done = subprocess.run(  # noqa: S603  our own program, with the workspace that is served
        [sys.executable, "-m", "lindero.app.cli", "build", str(space.folder.resolve())],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    progress = i18n._("Building") + ": "  # lines that a long build writes
    said = [line for line in done.stderr.splitlines() if not line.startswith(progress)]
    return "" if done.returncode == 0 else "\n".join(said).strip()


def safe_name(name: str) -> str:
    """Give a file's name without folders and without anything odd; its ending stays, if it is a plain one."""
    last = PureWindowsPath(name.replace("/", "\\")).name.lower()
    ending = _SUFFIX.search(last)
    suffix = ending[0] if ending else ""
    return slug(last.removesuffix(suffix))[:_LONGEST_NAME] + suffix


@contextmanager
def _on_disk(handed: Handed) -> Generator[Path]:
    """
    Lay the file down for as long as it is read: what is refused leaves nothing behind.

    It may be one that is not to be on any disk, handed over by mistake: where there is room it lies in memory alone.
    """
    with scratch(in_memory(len(handed.content))) as folder:
        path = folder / safe_name(handed.name)
        path.write_bytes(handed.content)
        yield path


class Worker:
    """Keeps the process that reads; one question at a time, and a new process after one that died."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def ask(self, question: Mapping[str, object], name: str) -> dict[str, Any]:
        """Ask about a file that users know as `name`; if the process dies of it, the answer is that refusal."""
        with self._lock:
            process = self._started()
            if process.stdin is None or process.stdout is None:
                raise AssertionError
            try:
                process.stdin.write(json.dumps(question) + "\n")
                process.stdin.flush()
                return dict(json.loads(process.stdout.readline(_LONGEST_ANSWER)))
            except (OSError, ValueError):
                self._stop()
                error = out_of_memory(name)
                return {"error": type(error).__name__, "template": error.template, "params": error.params}

    def _started(self) -> "subprocess.Popen[str]":
        if self._process is None or self._process.poll() is not None:
            self._stop()
            self._process = subprocess.Popen(  # noqa: S603  ourselves
                self._command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
            )
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


@cache
def worker() -> Worker:
    """Give the one that reads for this server."""
    return Worker(COMMAND)
