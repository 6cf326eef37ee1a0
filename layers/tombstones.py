"""
What keeps a withdrawn record out: hashes that hold nothing of it.

A hash of an id says, to one who has the workspace and guesses the id, that it was withdrawn; the received file, which
lies beside it, says more. A hash of what a record tells (when, where, what) could be found by trying dates and places:
such hashes are kept in the vault alone.
"""

import datetime as dt
import hmac
import json
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from layers.artefact import write_whole
from layers.errors import N_, WorkspaceError

FILE = "withdrawn.json"
_SALT_BYTES = 32
_SNAPSHOT = re.compile(r"/\d{4}-\d{2}-\d{2}/")
_TOLD = ("occurred_on", "place_text", "region", "title")
_ENOUGH = 3  # of these, to say that two records are one


@dataclass(frozen=True)
class Tombstones:
    """The hashes of a workspace, or of its vault, and the salt that they were made with."""

    salt: str
    hashes: frozenset[str]

    @property
    def fingerprint(self) -> str:
        """What a build depends on."""
        return "\n".join(sorted(self.hashes))

    def of_id(self, incident_id: str) -> str:
        """Hash an id, whichever snapshot of its source it stands in."""
        return self._hashed("id", _SNAPSHOT.sub("/", incident_id, count=1))

    def of_content(self, row: pd.Series) -> str | None:
        """Hash what a record tells, so that it does not come back under another id; None if that is too little."""
        told = [_normal(row.get(name)) for name in _TOLD]
        if sum(bool(text) for text in told) < _ENOUGH:
            return None
        return self._hashed("content", "\x1f".join(told))

    def met(self, incidents: pd.DataFrame) -> pd.Series:
        """Tell of each incident (a row with `id`) whether it was withdrawn."""
        if not self.hashes or incidents.empty:
            return pd.Series(data=False, index=incidents.index)
        by_id = incidents["id"].map(lambda given: self.of_id(str(given)) in self.hashes)
        by_content = incidents.apply(lambda row: self.of_content(row) in self.hashes, axis="columns")
        return (by_id | by_content).astype(bool)

    def _hashed(self, kind: str, text: str) -> str:
        return hmac.new(bytes.fromhex(self.salt), f"{kind}\x1f{text}".encode(), "sha256").hexdigest()


NONE = Tombstones("", frozenset())


def read(workspace: Path) -> Tombstones:
    """
    Read the tombstones of a workspace.

    Raises
    ------
    WorkspaceError
        If they cannot be read: a build without them would bring back what was withdrawn.
    """
    path = workspace / FILE
    if not path.exists():
        return NONE
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return Tombstones(str(told["salt"]), frozenset(str(one["hash"]) for one in told["withdrawn"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkspaceError(N_("{file} cannot be read: what was withdrawn would come back"), file=path) from error


def salt_of(workspace: Path) -> str:
    """Give the salt of a workspace's tombstones, made when it is first needed."""
    known = read(workspace)
    if not known.salt:
        known = Tombstones(secrets.token_hex(_SALT_BYTES), frozenset())
        _write(workspace, known.salt, [])
    return known.salt


def add(workspace: Path, incident_id: str, today: dt.date) -> None:
    """Keep an incident out of every build from here on."""
    known = Tombstones(salt_of(workspace), read(workspace).hashes)
    if (hashed := known.of_id(incident_id)) not in known.hashes:
        listed = json.loads(workspace.joinpath(FILE).read_text(encoding="utf-8"))["withdrawn"]
        _write(workspace, known.salt, [*listed, {"hash": hashed, "on": today.isoformat()}])


def _write(workspace: Path, salt: str, listed: list[dict[str, str]]) -> None:
    told = {"salt": salt, "withdrawn": sorted(listed, key=lambda one: one["hash"])}
    write_whole(workspace / FILE, json.dumps(told, indent=1) + "\n")


def _normal(value: object) -> str:
    if value is None or value != value:  # noqa: PLR0124  NaN
        return ""
    text = str(pd.Timestamp(str(value)).date()) if isinstance(value, pd.Timestamp | dt.date) else str(value)
    return re.sub(r"\W+", " ", text).strip().casefold()
