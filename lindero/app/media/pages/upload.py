"""The upload of a file by an operator: a preview of the result and, if accepted, a new snapshot.

The file is read with the code and rules of `lindero add`, in a separate process that may crash without harm to the
server. The content comes from the browser and the name is sanitized: no path from the reader is ever used. The map is
built in a separate process, as with `lindero build`.
"""

import json
import os
import re
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PureWindowsPath
from typing import Any

from lindero.app.builder.add.preview import PlanPreview, preview_from_dict
from lindero.app.builder.add.store_plan import mark_comparable
from lindero.app.builder.add.upload_worker import build_request, out_of_memory_error
from lindero.app.builder.consent import store_decisions
from lindero.app.media.pages.current import rights
from lindero.app.text import i18n
from lindero.geo import GeoError
from lindero.geo import errors as geo_errors
from lindero.layers import errors
from lindero.layers.disk.scratch import memory_folder, temporary_folder
from lindero.layers.errors import ConsentError, LayerError
from lindero.layers.sources.field_proposals import Proposal
from lindero.layers.vault import journal
from lindero.layers.workspace import manifest_file as workspaces
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace
from lindero.layers.workspace.source_options import SourceOptions

ROOT = Path(__file__).parents[3]
LARGEST_MB = 200
COMMAND = (sys.executable, "-m", "lindero.app.builder.add.upload_worker")
_SUFFIX = re.compile(r"\.[a-z0-9]{1,10}$")
_LONGEST_NAME = 60
_LONGEST_ANSWER = 256 * 1024**2  # letters


@dataclass(frozen=True)
class ReceivedFile:
    """A file as received from the browser."""

    name: str
    content: bytes


@dataclass(frozen=True)
class UploadPlan:
    """The planned result of an upload: rows by layer and their account, or the reason for refusal."""

    proposals: tuple[Proposal, ...]
    outline: PlanPreview | None = None
    refusal: LayerError | GeoError | None = None
    file_fields: tuple[str, ...] = ()  # of the file, if it can be read
    has_geometry: bool = True


def plan_upload(
    file: ReceivedFile, options: SourceOptions, space: Workspace, chosen: tuple[Proposal, ...] | None = None
) -> UploadPlan:
    """Read the file as a build would, with the proposals in `chosen`; nothing is stored.

    If `chosen` is None, fields are proposed for columns without a mapping.
    """
    with temporary_file(file) as path:
        answer = shared_worker().request(build_request(path, options, space.folder.resolve(), chosen), path.name)
    file_fields, has_geometry = tuple(answer.get("file_fields", ())), bool(answer.get("has_geometry", True))
    if "error" in answer:
        return UploadPlan(chosen or (), None, _decode_error(answer), file_fields, has_geometry)
    proposals = tuple(
        Proposal(**{**proposal, "samples": tuple(proposal["samples"])}) for proposal in answer["proposals"]
    )
    outline = preview_from_dict(answer["outline"]) if "outline" in answer else None
    return UploadPlan(proposals, outline, None, file_fields, has_geometry)


def _decode_error(answer: Mapping[str, Any]) -> LayerError | GeoError:
    kind = getattr(errors, answer["error"], None) or getattr(geo_errors, answer["error"])
    refusal: LayerError | GeoError = kind(answer["template"], **answer["params"])
    return refusal


def undecided_rows(plan: UploadPlan) -> tuple[int, ...]:
    """Return the row numbers that resemble withdrawn records and need a decision."""
    if not isinstance(plan.refusal, ConsentError):
        return ()
    return tuple(map(int, str(plan.refusal.params["rows"]).split(", ")))


def accept_upload(file: ReceivedFile, outline: PlanPreview, space: Workspace) -> SourceEntry:
    """Store the file in the workspace, with the decisions on its rows, and add it to the manifest."""
    entry = mark_comparable(outline.entry, space)
    details = {"who": rights.current_person().name, "source": entry.id, "date": entry.snapshot_on}
    with temporary_file(file) as path, journal.record_action(space.folder, journal.ADDED, **details):
        store_decisions(space, None, outline.answers)
        workspaces.add_source(
            workspaces.load_workspace(space.folder), entry, path
        )  # read again, because others may have added sources
    return entry


def rebuild_map(space: Workspace) -> str:
    """Build the map in a separate process. Return its error message, empty if it succeeded."""
    environment = {**os.environ, "LINDERO_LANG": i18n.current_language()}
    process = subprocess.run(  # noqa: S603  our own program, with the workspace that is served
        [sys.executable, "-m", "lindero.app.cli", "build", str(space.folder.resolve())],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    progress = i18n._("Building") + ": "  # beginning of the progress lines of a long build
    messages = [line for line in process.stderr.splitlines() if not line.startswith(progress)]
    return "" if process.returncode == 0 else "\n".join(messages).strip()


def safe_name(name: str) -> str:
    """Return a file name of letters, digits and hyphens without folders. A plain suffix is kept."""
    last = PureWindowsPath(name.replace("/", "\\")).name.lower()
    ending = _SUFFIX.search(last)
    suffix = ending[0] if ending else ""
    stem = re.sub(r"[\W_]+", "-", unicodedata.normalize("NFC", last.removesuffix(suffix))).strip("-")
    return (stem[:_LONGEST_NAME] or "source") + suffix


@contextmanager
def temporary_file(file: ReceivedFile) -> Generator[Path]:
    """Write the file to a temporary folder while it is read.

    The file may be one that must not be on any disk, uploaded by mistake. If there is room, the folder is in memory.
    """
    with temporary_folder(memory_folder(len(file.content))) as folder:
        path = folder / safe_name(file.name)
        path.write_bytes(file.content)
        yield path


class Worker:
    """The process that reads uploads. It answers one request at a time, and is started again after a crash."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def request(self, question: Mapping[str, object], name: str) -> dict[str, Any]:
        """Return the answer to a question about the file with the displayed name `name`.

        If the process crashes, the answer is an out-of-memory error.
        """
        with self._lock:
            process = self._running_process()
            if process.stdin is None or process.stdout is None:
                raise AssertionError
            try:
                process.stdin.write(json.dumps(question) + "\n")
                process.stdin.flush()
                return dict(json.loads(process.stdout.readline(_LONGEST_ANSWER)))
            except (OSError, ValueError):
                self._stop()
                error = out_of_memory_error(name)
                return {"error": type(error).__name__, "template": error.template, "params": error.params}

    def _running_process(self) -> "subprocess.Popen[str]":
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
def shared_worker() -> Worker:
    """Return the reading process of this server."""
    return Worker(COMMAND)
