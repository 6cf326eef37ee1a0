"""Snapshots that were put aside in `watch/aside/SOURCE/`, until the operator accepts or discards them."""

import datetime as dt
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from lindero.app.builder.add.absence import find_newest_date
from lindero.app.builder.add.plan import ReceivedFile, plan_source
from lindero.app.builder.add.store_plan import store_plan
from lindero.app.builder.services import FetchedFile, merge_source_options
from lindero.layers.disk.builds import sync
from lindero.layers.errors import N_, EntryError
from lindero.layers.watch.source_checks import COMPLETE, SourceCheck, read_checks, store_check
from lindero.layers.watch.watch_folder import WATCH_FOLDER, private_folder, write_private
from lindero.layers.workspace.manifest_file import Workspace, file_sha256, list_parts

ASIDE_FOLDER = "aside"
_NOTE = "aside.json"


@dataclass(frozen=True)
class AsideSnapshot:
    """A snapshot that was put aside: its file, the files beside it, its hash, its date, and the check that found it."""

    path: Path
    beside: tuple[Path, ...]
    sha256: str
    snapshot_on: str
    service: str
    url: str
    result: str
    reason: str
    params: Mapping[str, object]


def put_aside(space: Workspace, fetched: FetchedFile, check: SourceCheck) -> None:
    """Copy a fetched file to the folder of its source, in place of an earlier one that was put aside."""
    folder = private_folder(space.folder, ASIDE_FOLDER)
    new, target = folder / f".{fetched.options.id}.new", folder / fetched.options.id
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    for file in (*list_parts(fetched.path), *fetched.beside):
        shutil.copyfile(file, new / file.name)
    note = {
        "file": fetched.path.name,
        "beside": [file.name for file in fetched.beside],
        "sha256": file_sha256(fetched.path),
        "snapshot_on": check.aside,
        "service": fetched.kind,
        "url": fetched.url,
        "result": check.result,
        "reason": check.reason,
        "params": check.params,
    }
    write_private(new / _NOTE, json.dumps(note, default=str, ensure_ascii=False, indent=1))
    shutil.rmtree(target, ignore_errors=True)
    new.rename(target)
    sync(folder)


def read_aside(space: Workspace, source_id: str) -> AsideSnapshot | None:
    """Read the snapshot of a source that was put aside; None if there is none."""
    folder = space.folder / WATCH_FOLDER / ASIDE_FOLDER / source_id
    try:
        note = json.loads(folder.joinpath(_NOTE).read_text(encoding="utf-8"))
        texts = {name: str(note[name]) for name in ("sha256", "snapshot_on", "service", "url", "result", "reason")}
        return AsideSnapshot(
            path=folder / note["file"],
            beside=tuple(folder / name for name in note["beside"]),
            params=note.get("params", {}),
            **texts,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def accept_aside(space: Workspace, source_id: str) -> Workspace:
    """Add the snapshot of a source that was put aside to the workspace, because the operator agrees."""
    stored = _require_aside(space, source_id)
    latest = max((entry for entry in space.sources if entry.id == source_id), key=lambda entry: entry.snapshot_on)
    options = replace(merge_source_options(latest), snapshot_on=stored.snapshot_on, retrieved_on=stored.snapshot_on)
    plan = plan_source(ReceivedFile(stored.path), options, space, today=dt.date.fromisoformat(stored.snapshot_on))
    entry = replace(plan.entry, service=stored.service, url=stored.url)
    changed = store_plan(space, plan, entry, stored.path, beside=stored.beside)
    if check := read_checks(space.folder).get(source_id):
        newest_on = find_newest_date(plan, dt.date.fromisoformat(stored.snapshot_on))
        done = replace(check, result=COMPLETE, reason="", params={}, failures=0, newest_on=newest_on)
        store_check(space.folder, replace(done, aside="", complete_at=check.checked_at))
    delete_aside(space, source_id)
    return changed


def discard_aside(space: Workspace, source_id: str) -> None:
    """Delete the snapshot of a source that was put aside. The source stays as it is until its next check."""
    _require_aside(space, source_id)
    if check := read_checks(space.folder).get(source_id):
        store_check(space.folder, replace(check, aside=""))
    delete_aside(space, source_id)


def delete_aside(space: Workspace, source_id: str) -> None:
    """Delete the snapshot of a source that was put aside, if there is one."""
    shutil.rmtree(space.folder / WATCH_FOLDER / ASIDE_FOLDER / source_id, ignore_errors=True)


def _require_aside(space: Workspace, source_id: str) -> AsideSnapshot:
    stored = read_aside(space, source_id) if source_id in {entry.id for entry in space.sources} else None
    if stored is None:
        raise EntryError(N_("no snapshot of the source {id} was put aside"), id=source_id)
    return stored
