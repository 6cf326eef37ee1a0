"""
Registers of withdrawn records: keyed hashes that reveal nothing of a record, copied with every backup.

A register is a Bloom filter (Bloom 1970) of keyed hashes, of fixed size. It reveals neither how many records were
withdrawn nor when: it starts with a random share of its bits set, so neither its size nor its fill ratio shows how many
hashes were added. While it is less than half full, one in a billion lookups of an absent hash gives a false match.

The file in a workspace contains registers with their salts, so that a build can query them without a key. Whoever has
the workspace and guesses a record's id or exact content can learn that it was withdrawn. The vault has the same
registers and one more whose salt is only in the vault. The workspace stores that one, too, without its salt, so that a
vault restored from a copy learns about later withdrawals.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lindero.layers.disk import format_version
from lindero.layers.disk.builds import write_atomically
from lindero.layers.errors import N_, WithdrawalsError

FILE = "withdrawn.json"
_CHECKSUM = "sha256"
_SALT_BYTES = 32
_MAX_FILL = 0.5  # share of set bits at which a new filter is started, before false positives become likely
BITS = 2**19  # bits per filter
_HASHES = 26  # hashes of 19 bits each, all from one SHA-512
_INITIAL_FILL = 0.10, 0.20  # minimum and maximum share of bits that are set at random at the start


@dataclass(frozen=True)
class BloomFilter:
    """A Bloom filter: its bits, eight in a byte."""

    content: bytes

    def __contains__(self, text: str) -> bool:
        return all(self.content[position >> 3] >> (position & 7) & 1 for position in _bit_positions(text))

    @property
    def fill_ratio(self) -> float:
        """The share of bits that are set, 0 to 1."""
        return int.from_bytes(self.content).bit_count() / BITS

    def add_texts(self, texts: Iterable[str]) -> "BloomFilter":
        """Return the filter with some texts added."""
        content = bytearray(self.content)
        for text in texts:
            for position in _bit_positions(text):
                content[position >> 3] |= 1 << (position & 7)
        return BloomFilter(bytes(content))

    def __or__(self, other: "BloomFilter") -> "BloomFilter":
        return BloomFilter((int.from_bytes(self.content) | int.from_bytes(other.content)).to_bytes(BITS // 8))


def create_filter() -> BloomFilter:
    """Create an empty filter, with a random share of its bits set."""
    random = np.random.default_rng(secrets.randbits(128))
    return BloomFilter(np.packbits(random.random(BITS) < random.uniform(*_INITIAL_FILL)).tobytes())


def _bit_positions(text: str) -> list[int]:
    number = int.from_bytes(hashlib.sha512(text.encode()).digest())
    return [number >> 19 * i & BITS - 1 for i in range(_HASHES)]


@dataclass(frozen=True)
class Register:
    """
    A register of hashes of withdrawn records.

    `salt` is empty where it is unknown (that of a vault, without its key). If `secret`, the salt must never leave the
    vault.
    """

    name: str
    salt: str
    hashes: BloomFilter
    secret: bool = False

    def contains(self, kind: str, text: str) -> bool:
        """Return whether a sign was added. Always False without the salt."""
        return bool(self.salt) and hash_sign(self.salt, kind, text) in self.hashes

    def add_signs(self, signs: Iterable[tuple[str, str]]) -> "Register":
        """Return the register with some signs (kind and text) added."""
        return replace(self, hashes=self.hashes.add_texts(hash_sign(self.salt, *sign) for sign in signs))


Registers = tuple[Register, ...]


def hash_sign(salt: str, kind: str, text: str) -> str:
    """Hash a sign of a record with a salt (hexadecimal)."""
    return hmac.new(bytes.fromhex(salt), f"{kind}\x1f{text}".encode(), "sha256").hexdigest()


def create_register(*, secret: bool = False) -> Register:
    """
    Create an empty register with a new salt.

    Parameters
    ----------
    secret
        Whether it belongs to a vault, so that its salt is never stored outside of that.

    Returns
    -------
    Register
        A register with a random salt of 32 bytes and a filter with 10 to 20 % of its bits set at random.

    References
    ----------
    Bloom (1970), *Space/time trade-offs in hash coding with allowable errors*, Communications of the ACM 13.

    Examples
    --------
    >>> register = create_register()
    >>> len(bytes.fromhex(register.salt)), 0.09 < register.hashes.fill_ratio < 0.21
    (32, True)
    >>> register.contains("name", "source/1")
    False
    >>> register.add_signs([("name", "source/1")]).contains("name", "source/1")
    True
    """
    salt = secrets.token_hex(_SALT_BYTES)
    return Register(_register_name(salt), salt, create_filter(), secret)


def merge_registers(first: Registers, second: Registers) -> Registers:
    """
    Merge two sets of registers by name.

    Parameters
    ----------
    first, second
        Registers, such as those of a vault and of its workspace. The names in a set are unique.

    Returns
    -------
    tuple of Register
        One register per name, sorted by name. It contains the hashes of both, and a salt if either has it. It is
        secret if either is secret.

    Examples
    --------
    >>> register = Register("a", "00", BloomFilter(bytes(BITS // 8)))
    >>> stored = Register("a", "", BloomFilter(bytes(BITS // 8)), secret=True)
    >>> [(merged.name, merged.salt, merged.secret) for merged in merge_registers((register,), (stored,))]
    [('a', '00', True)]
    """
    by_name = {register.name: register for register in first}
    for register in second:
        if (existing := by_name.get(register.name)) is not None:
            salt = existing.salt or register.salt
            hashes = existing.hashes | register.hashes
            by_name[register.name] = Register(existing.name, salt, hashes, existing.secret or register.secret)
        else:
            by_name[register.name] = register
    return tuple(by_name[name] for name in sorted(by_name))


def insert_signs(
    registers: Registers, clear_signs: Iterable[tuple[str, str]], secret_signs: Iterable[tuple[str, str]]
) -> Registers:
    """
    Return registers with signs added.

    Parameters
    ----------
    registers
        Registers of a vault or workspace. They are not changed.
    clear_signs
        Kind and text of signs that may be stored beside their salt. If no register is usable, a new one is created.
    secret_signs
        Kind and text of signs for a secret register. If no secret register has a known salt, they are dropped.

    Returns
    -------
    tuple of Register
        The registers, sorted by name. A register is usable if its salt is known and less than half of its bits are
        set.

    Examples
    --------
    >>> register = Register("a", "00", BloomFilter(bytes(BITS // 8)))
    >>> (updated,) = insert_signs((register,), [("name", "source/1")], [("own id", "1")])
    >>> updated.contains("name", "source/1"), updated.contains("own id", "1")
    (True, False)
    """
    by_name = {register.name: register for register in registers}
    for secret, signs in ((False, [*clear_signs]), (True, [*secret_signs])):
        usable = [
            candidate
            for candidate in registers
            if candidate.salt and candidate.secret is secret and candidate.hashes.fill_ratio < _MAX_FILL
        ]
        if signs and (usable or not secret or any(candidate.secret and candidate.salt for candidate in registers)):
            register = (usable[0] if usable else create_register(secret=secret)).add_signs(signs)
            by_name[register.name] = register
    return tuple(by_name[name] for name in sorted(by_name))


def insert_hashes(registers: Registers, hashes: Iterable[str]) -> Registers:
    """
    Return registers with hashes added that were made with the salt of the workspace.

    Parameters
    ----------
    registers
        Registers of a vault or workspace. They are not changed.
    hashes
        Hashes in hexadecimal, as `hash_sign` returns them.

    Returns
    -------
    tuple of Register
        The registers in their order. The hashes are added to each register that is not secret.

    Examples
    --------
    >>> register = Register("a", "00", BloomFilter(bytes(BITS // 8)))
    >>> (updated,) = insert_hashes((register,), [hash_sign("00", "id", "source/1")])
    >>> updated.contains("id", "source/1"), register.contains("id", "source/1")
    (True, False)
    """
    new_hashes = [*hashes]
    return tuple(
        register
        if register.secret
        else replace(register, hashes=register.hashes.add_texts(new_hashes))
        if new_hashes
        else register
        for register in registers
    )


def remove_secret_salts(registers: Registers) -> Registers:
    """
    Return registers as a workspace stores them: without the salts of the vault.

    Parameters
    ----------
    registers
        Registers of a vault or workspace. They are not changed.

    Returns
    -------
    tuple of Register
        The registers in their order. Secret registers have an empty salt.

    Examples
    --------
    >>> register = Register("a", "00", BloomFilter(bytes(BITS // 8)))
    >>> vault_register = Register("b", "01", BloomFilter(bytes(BITS // 8)), secret=True)
    >>> [stored.salt for stored in remove_secret_salts((register, vault_register))]
    ['00', '']
    """
    return tuple(replace(register, salt="") if register.secret else register for register in registers)


def read_registers(workspace: Path) -> Registers:
    """
    Read the registers of a workspace.

    Parameters
    ----------
    workspace
        The folder of the workspace.

    Returns
    -------
    tuple of Register
        The registers as stored. Those of a vault have no salt. Empty if no record was ever withdrawn.

    Raises
    ------
    WorkspaceError
        If the file cannot be read or is damaged: a build without it would bring back withdrawn records.
    NewerError
        If a newer version of Lindero wrote the file.

    Examples
    --------
    >>> read_registers(folder)
    ()
    >>> write_registers(folder, (create_register().add_signs([("name", "source/1")]),))
    >>> (register,) = read_registers(folder)
    >>> register.contains("name", "source/1"), register.contains("name", "source/2")
    (True, False)
    """
    path = workspace / FILE
    content = _read_content(path)
    try:
        if content is None:
            return ()
        if "format" not in content:
            return (_parse_format_1(content),)
        format_version.check_version(content["format"], format_version.WITHDRAWN, file=path)
        return tuple(_parse_register(entry) for entry in content["registers"])
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise _unreadable_error(path) from error


def write_registers(workspace: Path, registers: Registers) -> None:
    """
    Write the registers of a workspace, without the salts of the vault.

    The file's modification time is set to a constant, so that it reveals nothing.

    Parameters
    ----------
    workspace
        The folder of the workspace. Its file of registers is replaced.
    registers
        All registers of the workspace. Salts of secret registers are left out.

    Raises
    ------
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> empty = BloomFilter(bytes(BITS // 8))
    >>> write_registers(folder, (Register("a", "00", empty), Register("b", "01", empty, secret=True)))
    >>> [(register.name, register.salt, register.secret) for register in read_registers(folder)]
    [('a', '00', False), ('b', '', True)]
    >>> (folder / FILE).stat().st_mtime
    0.0
    """
    entries = [
        {
            "name": register.name,
            "salt": register.salt,
            "secret": register.secret,
            "hashes": base64.b64encode(register.hashes.content).decode(),
        }
        for register in remove_secret_salts(registers)
    ]
    path = workspace / FILE
    content: dict[str, object] = {"format": format_version.WITHDRAWN, "registers": entries}
    write_atomically(path, json.dumps({**content, _CHECKSUM: _checksum(content)}, indent=1) + "\n")
    os.utime(path, (0, 0))


def registers_fingerprint(workspace: Path) -> str:
    """
    Return a hash of the registers that a build can query (those with a known salt).

    Parameters
    ----------
    workspace
        The folder of the workspace.

    Returns
    -------
    str
        A SHA-256 in hexadecimal, or an empty text if there are no such registers.

    Raises
    ------
    WorkspaceError
        If the file of registers cannot be read or is damaged.
    NewerError
        If a newer version of Lindero wrote the file.

    Examples
    --------
    A secret register does not change the fingerprint, because a build cannot query it.

    >>> registers_fingerprint(folder)
    ''
    >>> register = Register("a", "00", BloomFilter(bytes(BITS // 8)))
    >>> write_registers(folder, (register,))
    >>> (fingerprint := registers_fingerprint(folder))[:16]
    'fc960348b3643055'
    >>> write_registers(folder, (register, create_register(secret=True)))
    >>> registers_fingerprint(folder) == fingerprint
    True
    """
    lines = [
        f"{register.name} {register.salt} {register.hashes.content.hex()}"
        for register in read_registers(workspace)
        if register.salt
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest() if lines else ""


def _read_content(path: Path) -> dict[str, Any] | None:
    """Read the file and verify its checksum. Files written before 29 November 2026 have none."""
    if not path.exists():
        return None
    try:
        content = dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise _unreadable_error(path) from error
    checksum = content.pop(_CHECKSUM, None)
    if checksum is not None and checksum != _checksum(content):
        raise WithdrawalsError(
            N_("{file} is damaged. Without it, withdrawn records would come back. Restore this file from a backup"),
            file=path,
        )
    return content


def _checksum(content: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _unreadable_error(path: Path) -> WithdrawalsError:
    return WithdrawalsError(N_("{file} cannot be read. Without it, withdrawn records would come back"), file=path)


def _parse_register(entry: dict[str, object]) -> Register:
    content = base64.b64decode(str(entry["hashes"]), validate=True)
    if len(content) != BITS // 8:
        raise ValueError(len(content))
    salt = str(entry["salt"])
    bytes.fromhex(salt)
    return Register(str(entry["name"]), salt, BloomFilter(content), bool(entry["secret"]))


def _parse_format_1(content: dict[str, object]) -> Register:
    """Convert the list of hashes and dates that was written until November 2026 to a register."""
    salt, entries = str(content["salt"]), content["withdrawn"]
    if not isinstance(entries, list):
        raise TypeError(entries)
    return Register(_register_name(salt), salt, create_filter().add_texts(str(entry["hash"]) for entry in entries))


def _register_name(salt: str) -> str:
    return hashlib.sha256(f"name of {salt}".encode()).hexdigest()[:16]
