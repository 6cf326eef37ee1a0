"""Registers of withdrawn records: keyed hashes that reveal nothing of a record, copied with every backup.

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
    """A register of hashes of withdrawn records.

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
    """Create an empty register with a new salt.

    Returns: A register with a random salt of 32 bytes and a filter with 10 to 20 % of its bits set at random.

    Bloom (1970), *Space/time trade-offs in hash coding with allowable errors*, Communications of the ACM 13.
    """
    salt = secrets.token_hex(_SALT_BYTES)
    return Register(_register_name(salt), salt, create_filter(), secret)


def merge_registers(first: Registers, second: Registers) -> Registers:
    """Merge two sets of registers by name."""
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
    """Return registers with signs added."""
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
    """Return registers with hashes added that were made with the salt of the workspace.

    `hashes`: hashes in hexadecimal, as `hash_sign` returns them.
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
    """Return registers as a workspace stores them: without the salts of the vault."""
    return tuple(replace(register, salt="") if register.secret else register for register in registers)


def read_registers(workspace: Path) -> Registers:
    """Read the registers of a workspace."""
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
    """Write the registers of a workspace, without the salts of the vault.

    The file's modification time is set to a constant, so that it reveals nothing.
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
    """Return a hash of the registers that a build can query (those with a known salt).

    Returns: A SHA-256 in hexadecimal, or an empty text if there are no such registers.
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
