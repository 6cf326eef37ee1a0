"""
The key of the vault: made slowly from a passphrase, and shown nowhere.

DuckDB makes its key from a passphrase by one fast hash, which a graphics card tries billions of times a second. Here
scrypt stands before it, with a salt of the vault's own.
"""

import base64
import ctypes
import hashlib
import json
import os
import secrets
import stat
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lindero.layers.disk.builds import sync, write_whole
from lindero.layers.errors import N_, KeyNotGivenError, VaultError

SHORTEST = 12  # letters: scrypt is slow, but not slow enough for a word
ENVIRONMENT = "LINDERO_VAULT_KEY"
SALT_FILE = "salt.json"
SALT_BYTES = 16
KEY_BYTES = 32
COST = {"n": 2**16, "r": 8, "p": 1}  # 64 MB and some 0.2 s for each guess
_MEMORY = 256 * 1024**2
_OF_OTHERS = 0o077
_PR_SET_DUMPABLE = 4  # of Linux's prctl


@dataclass(frozen=True)
class Key:
    """The key that DuckDB is given; it is never printed."""

    secret: str = field(repr=False)


def make_salt(folder: Path) -> None:
    """Write down a new vault's salt and what each guess shall cost; without this file the passphrase opens nothing."""
    write_whole(folder / SALT_FILE, json.dumps(_new_salt()) + "\n")


def derive(passphrase: str, folder: Path) -> Key:
    """
    Make the key from the passphrase, in the normal form of its letters (NFC).

    Raises
    ------
    VaultError
        If the vault's salt is gone or unreadable.
    MemoryError
        If there is too little memory for it.
    """
    return _key(unicodedata.normalize("NFC", passphrase), _salts(folder)[0], folder)


def candidates(passphrase: str, folder: Path) -> Iterator[Key]:
    """
    Give the keys that a passphrase may stand for, the likeliest first.

    Until November 2026 its letters were taken as a keyboard gave them; and a change of the key that was cut short
    leaves several salts, of which one is the vault's.
    """
    forms = dict.fromkeys(
        [unicodedata.normalize("NFC", passphrase), passphrase, unicodedata.normalize("NFD", passphrase)]
    )
    for form in forms:
        for salt in _salts(folder):
            yield _key(form, salt, folder)


def begin_change(passphrase: str, folder: Path) -> Key:
    """Make the key of a vault that is to get a new one, with a new salt that is written down beside the old one."""
    salts = [*_salts(folder), _new_salt()]
    _write_salts(folder, salts)
    return _key(unicodedata.normalize("NFC", passphrase), salts[-1], folder)


def settle(folder: Path, *, changed: bool) -> None:
    """Keep the new salt alone if the vault was written with it, else those that there were before."""
    *before, new = _salts(folder)
    _write_salts(folder, [new] if changed else before)


def _new_salt() -> dict[str, object]:
    return {"salt": secrets.token_hex(SALT_BYTES), **COST}


def _write_salts(folder: Path, salts: list[dict[str, object]]) -> None:
    first, *rest = salts
    write_whole(folder / SALT_FILE, json.dumps({**first, **({"others": rest} if rest else {})}) + "\n")


def _salts(folder: Path) -> list[dict[str, object]]:
    """Read the salt of a vault, and those of changes that were cut short, if there were."""
    try:
        content = json.loads(folder.joinpath(SALT_FILE).read_text(encoding="utf-8"))
        found = [
            {"salt": one["salt"], **{name: one[name] for name in COST}} for one in (content, *content.get("others", ()))
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _no_salt(folder) from error
    return found


def _key(passphrase: str, content: dict[str, object], folder: Path) -> Key:
    _keep_to_itself()
    try:
        salt = bytes.fromhex(str(content["salt"]))
        n, r, p = (int(str(content[name])) for name in ("n", "r", "p"))
    except (ValueError, TypeError) as error:
        raise _no_salt(folder) from error
    if not (min(n, r, p) > 0 and n > 1 and n.bit_count() == 1 and _scrypt_bytes(n, r, p) <= _MEMORY):
        raise _no_salt(folder)
    try:
        raw = hashlib.scrypt(passphrase.encode(), salt=salt, dklen=KEY_BYTES, maxmem=_MEMORY, n=n, r=r, p=p)
    except ValueError as error:  # OpenSSL's word for too little memory, as the numbers are right
        raise MemoryError from error
    return Key(base64.b64encode(raw).decode())


def _scrypt_bytes(n: int, r: int, p: int) -> int:
    """Return how much memory scrypt takes (RFC 7914)."""
    return 128 * r * (n + p + 2)


def destroy(folder: Path) -> int:
    """
    Overwrite and delete the salt of a vault, then delete its other files; return how many files those are.

    Without the salt no passphrase opens the vault. It is gone first, so that who is interrupted has done what counts.
    """
    salt = folder / SALT_FILE
    if salt.is_file():
        with salt.open("r+b") as file:
            file.write(secrets.token_bytes(salt.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        salt.unlink()
        sync(folder)
    others = [path for path in folder.rglob("*") if path.is_file() or path.is_symlink()]
    for path in others:
        path.unlink(missing_ok=True)
    sync(folder)
    return len(others)


def hold_salted(folder: Path) -> None:
    """
    Hold that what a vault's key is made with is there and readable.

    Raises
    ------
    VaultError
        If it is not: no passphrase opens the vault then.
    """
    _salts(folder)


def _no_salt(folder: Path) -> VaultError:
    return VaultError(
        N_("{file} is gone or broken: without it no key opens the vault; take it from a copy"), file=folder / SALT_FILE
    )


def configured_secret(file: Path | None, name: str = ENVIRONMENT) -> str | None:
    """
    Give the passphrase (or another secret) that a file or the environment holds by this name; None if neither does.

    The environment forgets it, so that no child of this process inherits it; its letters are wiped out where the system
    shows them to others (`/proc/PID/environ`). The shell that set it knows it as long as it runs.

    Raises
    ------
    KeyNotGivenError
        If the file cannot be read, holds nothing, or is open to other users.
    """
    if file is None:
        _wipe(name)
        return os.environ.pop(name, None) or None
    try:
        mode = file.stat().st_mode
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyNotGivenError(N_("the key cannot be read from {file}"), file=file) from error
    if os.name != "nt" and stat.S_IMODE(mode) & _OF_OTHERS:
        raise KeyNotGivenError(N_("others can read or change {file}: chmod 600 {file}, and make a new key"), file=file)
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

    def _keep_to_itself() -> None:
        """Do nothing: Windows writes no image of a process unless it is told to."""

else:
    import resource

    def _keep_to_itself() -> None:
        """
        Hold that a crash writes no image of this process, key and all, to the disk or to a pipe.

        Where the system is Linux, neither its memory nor its environment is readable for other processes of the user.
        """
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _wipe(name: str) -> None:
    """Overwrite the letters of a variable where the C library finds them: that is what the system shows of them."""
    if os.name == "nt":
        return
    library = ctypes.CDLL(None)
    library.getenv.restype = ctypes.c_void_p
    at = library.getenv(name.encode())
    if at:
        ctypes.memset(at, 0, len(ctypes.string_at(at)))
