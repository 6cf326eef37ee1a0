"""The latest check of each source of a workspace, in `watch/checks.json`.

A missing row, an empty answer, a failed answer and a closed register are four different results. Only a complete check
without a file put aside may report that a record is gone.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from lindero.layers.disk.builds import acquire_lock
from lindero.layers.watch.watch_folder import WATCH_FOLDER, private_folder, write_private

CHECKS_FILE = "checks.json"
COMPLETE, EMPTY, INCOMPLETE, REFUSED, UNREACHABLE, CLOSED = RESULTS = (
    "complete",
    "empty",
    "incomplete",
    "refused",
    "unreachable",
    "closed",
)
CURRENT, LATE, FAILING, ASIDE = HEALTH_STATES = ("current", "late", "failing", "aside")
_LATE_RHYTHMS = 2  # a source that missed one date is not late yet


@dataclass(frozen=True)
class SourceCheck:
    """The latest check of a source.

    `rows_expected` is the service's own count. `newest_on` is the newest date that the source itself states. `failures`
    counts the failed checks since the last complete one, at `complete_at`. `aside` is the name of the snapshot that
    was put aside, empty if there is none. `reason` says why, or why the check failed: an English template, for a
    sentence in the language of its reader with the values of `params`.
    """

    source_id: str
    checked_at: dt.datetime
    result: str
    rows_expected: int | None = None
    rows_received: int | None = None
    newest_on: dt.date | None = None
    reason: str = ""
    failures: int = 0
    complete_at: dt.datetime | None = None
    aside: str = ""
    params: Mapping[str, object] = field(default_factory=dict)


def read_checks(folder: Path) -> dict[str, SourceCheck]:
    """Read the latest check of each source.

    Returns: `SourceCheck` by source id. Empty if nothing was checked yet, or the file is damaged: then every source is
    due.
    """
    try:
        stored = json.loads(folder.joinpath(WATCH_FOLDER, CHECKS_FILE).read_text(encoding="utf-8"))
        return {str(name): _parse_check(str(name), values) for name, values in stored.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def store_check(folder: Path, check: SourceCheck) -> None:
    """Store the latest check of a source, in place of its earlier one."""
    path = private_folder(folder) / CHECKS_FILE
    with path.with_name(f".{CHECKS_FILE}.lock").open("a", encoding="utf-8") as lock:
        acquire_lock(lock.fileno(), wait=True)
        checks = read_checks(folder) | {check.source_id: check}
        values = {name: asdict(stored) for name, stored in sorted(checks.items())}
        write_private(path, json.dumps(values, default=str, ensure_ascii=False, indent=1))


def health(check: SourceCheck, now: dt.datetime, rhythm_days: int) -> str:
    """Return the health state of a source.

    Returns: one of `HEALTH_STATES`: `aside` if a snapshot waits for the operator, `failing` if the latest check failed,
    `late` if the last complete check is older than two rhythms, else `current`.
    """
    if check.aside:
        return ASIDE
    if check.failures or check.result != COMPLETE:
        return FAILING
    is_late = check.complete_at is None or now - check.complete_at > dt.timedelta(days=_LATE_RHYTHMS * rhythm_days)
    return LATE if is_late else CURRENT


def _parse_check(name: str, values: dict[str, str]) -> SourceCheck:
    known = {key: value for key, value in values.items() if key in SourceCheck.__dataclass_fields__}
    times = {key: dt.datetime.fromisoformat(known[key]) for key in ("checked_at", "complete_at") if known.get(key)}
    newest_on = dt.date.fromisoformat(known["newest_on"]) if known.get("newest_on") else None
    return SourceCheck(**{**known, **times, "newest_on": newest_on, "source_id": name})  # type: ignore[arg-type]
