"""Derivation of the vault's key from a passphrase, by a slow hash. The key is never displayed.

DuckDB derives its key from a passphrase by one fast hash, which a graphics card can try billions of times a second.
Therefore scrypt is applied first, with a salt of the vault's own.
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

from lindero.layers.disk.builds import sync, write_atomically
from lindero.layers.errors import N_, KeyNotGivenError, VaultError

SHORTEST = 12  # letters: scrypt is slow, but not slow enough to protect a single word
ENVIRONMENT = "LINDERO_VAULT_KEY"
SALT_FILE = "salt.json"
SALT_BYTES = 16
KEY_BYTES = 32
COST = {"n": 2**16, "r": 8, "p": 1}  # 64 MB and about 0.2 s for each guess
_MEMORY = 256 * 1024**2
_GROUP_AND_OTHERS = 0o077
_PR_SET_DUMPABLE = 4  # an option of Linux's prctl


@dataclass(frozen=True)
class Key:
    """The key that DuckDB receives; it is never printed."""

    secret: str = field(repr=False)


def create_salt(folder: Path) -> None:
    """Create the salt and scrypt parameters of a new vault. Without this file the passphrase cannot open it."""
    write_atomically(folder / SALT_FILE, json.dumps(_new_salt()) + "\n")


def derive_key(passphrase: str, folder: Path) -> Key:
    """Derive the key from the passphrase, normalised to NFC.

    This takes about 0.2 s and 64 MB. It also prevents memory dumps of this process.

    Returns: the key that DuckDB receives. Its text is not shown by `repr`.

    Percival (2009), *Stronger key derivation via sequential memory-hard functions*, BSDCan.
    """
    return _compute_key(unicodedata.normalize("NFC", passphrase), _read_salts(folder)[0], folder)


def iter_candidate_keys(passphrase: str, folder: Path) -> Iterator[Key]:
    """Yield the keys that a passphrase may stand for, the most likely first.

    Until November 2026 a passphrase was not normalised. A key change that was interrupted leaves several salts, only
    one of them in use.

    Yields: A key to try. Each takes about 0.2 s, so stop at the first that opens the vault.
    """
    spellings = dict.fromkeys(
        [unicodedata.normalize("NFC", passphrase), passphrase, unicodedata.normalize("NFD", passphrase)]
    )
    for spelling in spellings:
        for salt in _read_salts(folder):
            yield _compute_key(spelling, salt, folder)


def start_key_change(passphrase: str, folder: Path) -> Key:
    """Derive a new key for a vault, with a new salt that is stored beside the old one."""
    salts = [*_read_salts(folder), _new_salt()]
    _write_salts(folder, salts)
    return _compute_key(unicodedata.normalize("NFC", passphrase), salts[-1], folder)


def finish_key_change(folder: Path, *, changed: bool) -> None:
    """Finish a key change: keep only the new salt if the vault was written with it, otherwise the previous ones."""
    *previous, new = _read_salts(folder)
    _write_salts(folder, [new] if changed else previous)


def _new_salt() -> dict[str, object]:
    return {"salt": secrets.token_hex(SALT_BYTES), **COST}


def _write_salts(folder: Path, salts: list[dict[str, object]]) -> None:
    first, *rest = salts
    write_atomically(folder / SALT_FILE, json.dumps({**first, **({"others": rest} if rest else {})}) + "\n")


def _read_salts(folder: Path) -> list[dict[str, object]]:
    """Read the salt of a vault, and those of interrupted key changes."""
    try:
        content = json.loads(folder.joinpath(SALT_FILE).read_text(encoding="utf-8"))
        salts = [
            {"salt": entry["salt"], **{name: entry[name] for name in COST}}
            for entry in (content, *content.get("others", ()))
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _missing_salt_error(folder) from error
    return salts


def _compute_key(passphrase: str, content: dict[str, object], folder: Path) -> Key:
    _protect_memory()
    try:
        salt = bytes.fromhex(str(content["salt"]))
        n, r, p = (int(str(content[name])) for name in ("n", "r", "p"))
    except (ValueError, TypeError) as error:
        raise _missing_salt_error(folder) from error
    if not (min(n, r, p) > 0 and n > 1 and n.bit_count() == 1 and _scrypt_bytes(n, r, p) <= _MEMORY):
        raise _missing_salt_error(folder)
    try:
        raw = hashlib.scrypt(passphrase.encode(), salt=salt, dklen=KEY_BYTES, maxmem=_MEMORY, n=n, r=r, p=p)
    except ValueError as error:  # OpenSSL reports too little memory like this; the parameters are valid
        raise MemoryError from error
    return Key(base64.b64encode(raw).decode())


def _scrypt_bytes(n: int, r: int, p: int) -> int:
    """Return the memory in bytes that scrypt needs (RFC 7914)."""
    return 128 * r * (n + p + 2)


def destroy_vault(folder: Path) -> int:
    """Overwrite and delete the salt of a vault, then delete its other files.

    Without the salt no passphrase opens the vault. It is deleted first, so that even an interrupted run makes the vault
    unreadable.
    """
    salt = folder / SALT_FILE
    if salt.is_file():
        with salt.open("r+b") as file:
            file.write(secrets.token_bytes(salt.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        salt.unlink()
        sync(folder)
    other_files = [path for path in folder.rglob("*") if path.is_file() or path.is_symlink()]
    for path in other_files:
        path.unlink(missing_ok=True)
    sync(folder)
    return len(other_files)


def check_salt(folder: Path) -> None:
    """Check that the vault's salt exists and is readable."""
    _read_salts(folder)


def _missing_salt_error(folder: Path) -> VaultError:
    return VaultError(
        N_("{file} is missing or damaged. Without it, no key opens the vault; restore it from a backup"),
        file=folder / SALT_FILE,
    )


def read_secret(file: Path | None, name: str = ENVIRONMENT) -> str | None:
    """Read the passphrase (or another secret) from a file or an environment variable.

    The variable is removed from the environment, so that child processes do not inherit it. Its characters are
    overwritten where the system shows them to others (`/proc/PID/environ`). The shell that set it still knows it.
    """
    if file is None:
        _wipe_variable(name)
        return os.environ.pop(name, None) or None
    try:
        mode = file.stat().st_mode
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyNotGivenError(N_("the key cannot be read from {file}"), file=file) from error
    if os.name != "nt" and stat.S_IMODE(mode) & _GROUP_AND_OTHERS:
        raise KeyNotGivenError(
            N_("other users can read or change {file}; run chmod 600 {file} and make a new key"), file=file
        )
    if not text:
        raise KeyNotGivenError(N_("{file} does not contain a key"), file=file)
    return text


def check_passphrase(passphrase: str) -> str:
    """Check that a new passphrase is long enough, and return it.

    `passphrase`: the new passphrase; it needs at least `SHORTEST` characters.
    """
    if len(passphrase) < SHORTEST:
        raise KeyNotGivenError(
            N_("the key must have at least {count} characters; five words chosen with dice make a good key"),
            count=SHORTEST,
        )
    return passphrase


if sys.platform == "win32":

    def _protect_memory() -> None:
        """Return without effect: Windows writes no memory dump of a process unless it is configured to."""

else:
    import resource

    def _protect_memory() -> None:
        """Prevent a crash from writing an image of this process, with the key, to the disk or to a pipe.

        Where the system is Linux, neither its memory nor its environment is readable for other processes of the user.
        """
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _wipe_variable(name: str) -> None:
    """Overwrite the value of an environment variable in memory, where the system shows it to other processes."""
    if os.name == "nt":
        return
    library = ctypes.CDLL(None)
    library.getenv.restype = ctypes.c_void_p
    address = library.getenv(name.encode())
    if address:
        ctypes.memset(address, 0, len(ctypes.string_at(address)))
