"""
The key of the vault: made slowly from a passphrase, and shown nowhere.

DuckDB makes its key from a passphrase by one fast hash, which a graphics card tries billions of times a second. Here
scrypt stands before it, with a salt of the vault's own.
"""

import base64
import hashlib
import json
import os
import secrets
import sys
from dataclasses import dataclass, field
from pathlib import Path

from layers.artefact import write_whole
from layers.errors import N_, KeyNotGivenError, VaultError

SHORTEST = 12  # letters: scrypt is slow, but not slow enough for a word
ENVIRONMENT = "LINDERO_VAULT_KEY"
SALT_FILE = "salt.json"
SALT_BYTES = 16
KEY_BYTES = 32
COST = {"n": 2**16, "r": 8, "p": 1}  # 64 MB and some 0.2 s for each guess
_MEMORY = 256 * 1024**2


@dataclass(frozen=True)
class Key:
    """The key that DuckDB is given; it is never printed."""

    secret: str = field(repr=False)


def make_salt(folder: Path) -> None:
    """Write down a new vault's salt and what each guess shall cost; without this file the passphrase opens nothing."""
    told = {"salt": secrets.token_hex(SALT_BYTES), **COST}
    write_whole(folder / SALT_FILE, json.dumps(told) + "\n")


def derived(passphrase: str, folder: Path) -> Key:
    """
    Make the key from the passphrase.

    Raises
    ------
    VaultError
        If the vault's salt is gone or unreadable.
    """
    try:
        told = json.loads(folder.joinpath(SALT_FILE).read_text(encoding="utf-8"))
        salt, cost = bytes.fromhex(told["salt"]), {name: int(told[name]) for name in COST}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise VaultError(
            N_("{file} is gone or broken: without it no key opens the vault; take it from a copy"),
            file=folder / SALT_FILE,
        ) from error
    _leave_no_core()
    raw = hashlib.scrypt(passphrase.encode(), salt=salt, dklen=KEY_BYTES, maxmem=_MEMORY, **cost)
    return Key(base64.b64encode(raw).decode())


def given(file: Path | None) -> str | None:
    """
    Give the passphrase that a file or the environment holds; None if it is to be asked for.

    The environment forgets it, so that no child of this process inherits it.

    Raises
    ------
    KeyNotGivenError
        If the file cannot be read or holds nothing.
    """
    if file is None:
        return os.environ.pop(ENVIRONMENT, None) or None
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyNotGivenError(N_("the key cannot be read from {file}"), file=file) from error
    if not text:
        raise KeyNotGivenError(N_("{file} holds no key"), file=file)
    return text


def checked_new(passphrase: str) -> str:
    """
    Hold that a new passphrase is long enough.

    Raises
    ------
    KeyNotGivenError
        If it is not.
    """
    if len(passphrase) < SHORTEST:
        raise KeyNotGivenError(
            N_("a key needs at least {count} letters; five words picked by dice are good"), count=SHORTEST
        )
    return passphrase


if sys.platform == "win32":

    def _leave_no_core() -> None:
        """Do nothing: Windows writes none unless it is told to."""

else:
    import resource

    def _leave_no_core() -> None:
        """Hold that a crash writes no image of this process, key and all, to the disk."""
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
