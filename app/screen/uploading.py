"""
A file that an operator hands over in the browser: what would become of it, and, if accepted, a new snapshot.

The same reader and the same rules as `lindero add`. The file's content comes from the browser and its name is made
safe: no path of the reader's is ever used. The map is built by a process of its own, as `lindero build` does.
"""

import datetime as dt
import os
import re
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from app.intake.account import Ingested
from app.intake.adding import Wishes, planned
from app.intake.proposing import accepted, looked_into
from app.wording import i18n
from geo import GeoError
from layers import workspace as workspaces
from layers.errors import LayerError
from layers.scratch import in_memory, scratch
from layers.sources.proposals import Proposal
from layers.workspace import SourceEntry, Workspace, slug

ROOT = Path(__file__).parents[2]
LARGEST_MB = 200
_SUFFIX = re.compile(r"\.[a-z0-9]{1,10}$")
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Handed:
    """A file as the browser gave it."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Plan:
    """What would become of the file: rows by layer and their account, or why it is refused."""

    proposals: tuple[Proposal, ...]
    taken: Ingested | None = None
    refusal: LayerError | GeoError | None = None


def proposed(handed: Handed, wishes: Wishes, space: Workspace) -> Plan:
    """Read the file and propose fields for what is not mapped yet; nothing is kept."""
    try:
        with _on_disk(handed) as path:
            return Plan(tuple(looked_into(path, wishes, space)[1]))
    except (LayerError, GeoError) as error:
        return Plan((), refusal=error)


def plan(handed: Handed, wishes: Wishes, space: Workspace, chosen: tuple[Proposal, ...]) -> Plan:
    """Read the file as a build would, with the proposals that were chosen; nothing is kept."""
    try:
        with _on_disk(handed) as path:
            told, proposals = looked_into(path, wishes, space)
            return Plan(tuple(proposals), planned(str(path), accepted(told, list(chosen)), space, today=_today()))
    except (LayerError, GeoError) as error:
        return Plan(chosen, refusal=error)


def accept(handed: Handed, taken: Ingested, space: Workspace) -> SourceEntry:
    """
    Keep the file in the workspace and name it in the manifest.

    Raises
    ------
    WorkspaceError
        If the source has a snapshot of that day already.
    """
    with _on_disk(handed) as path:
        workspaces.add(workspaces.load(space.folder), taken.entry, path)  # as it is now: others may have added
    return taken.entry


def rebuild(space: Workspace) -> str:
    """Build the map in a process of its own; gives what it said if it failed, else nothing."""
    environment = {**os.environ, "LINDERO_LANG": i18n.current()}
    done = subprocess.run(  # noqa: S603  our own program, with the workspace that is served
        [sys.executable, "-m", "app.cli", "build", str(space.folder.resolve())],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stderr.strip()


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


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()
