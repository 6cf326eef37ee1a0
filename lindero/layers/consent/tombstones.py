"""
What keeps a withdrawn record out: hashes that hold nothing of it, in registers that travel with every copy.

A register is a Bloom filter (Bloom 1970) of keyed hashes, of fixed size. It tells neither how many records were
withdrawn nor when: it begins with a random share of its bits set, so that neither its size nor how full it is says how
much was put in. Of what was not put in, it says so but for one in a billion as long as it is less than half full.

The file in a workspace holds registers with their salts, so that a build asks them without a key: who has the
workspace and guesses a record's id, or what it tells to the letter, can learn that it was withdrawn. The vault has the
same registers and one whose salt stands in the vault alone; the workspace keeps that one, too, without its salt, so
that a vault put back from a copy learns what was withdrawn since.
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
from lindero.layers.disk.builds import write_whole
from lindero.layers.errors import N_, WorkspaceError

FILE = "withdrawn.json"
_CHECKSUM = "sha256"
_SALT_BYTES = 32
_FULL = 0.5  # from here on a filter would begin to answer wrongly: another is begun
BITS = 2**19  # of a filter
_HASHES = 26  # of 19 bits each: what one SHA-512 gives
_BEGIN = 0.10, 0.20  # the least and the largest share of bits that are set at random


@dataclass(frozen=True)
class Bloom:
    """The bits of a filter, eight in a byte."""

    content: bytes

    def __contains__(self, text: str) -> bool:
        return all(self.content[at >> 3] >> (at & 7) & 1 for at in _positions(text))

    @property
    def share(self) -> float:
        """How full it is, 0 to 1."""
        return int.from_bytes(self.content).bit_count() / BITS

    def with_(self, texts: Iterable[str]) -> "Bloom":
        """Give the filter that holds these, too."""
        content = bytearray(self.content)
        for text in texts:
            for at in _positions(text):
                content[at >> 3] |= 1 << (at & 7)
        return Bloom(bytes(content))

    def __or__(self, other: "Bloom") -> "Bloom":
        return Bloom((int.from_bytes(self.content) | int.from_bytes(other.content)).to_bytes(BITS // 8))


def empty_filter() -> Bloom:
    """Make a filter that holds nothing, with a random share of its bits set."""
    random = np.random.default_rng(secrets.randbits(128))
    return Bloom(np.packbits(random.random(BITS) < random.uniform(*_BEGIN)).tobytes())


def _positions(text: str) -> list[int]:
    number = int.from_bytes(hashlib.sha512(text.encode()).digest())
    return [number >> 19 * i & BITS - 1 for i in range(_HASHES)]


@dataclass(frozen=True)
class Register:
    """
    Hashes of what was withdrawn.

    `salt` is empty where it is not known (a vault's, without its key). `secret` says that the salt is never to leave
    the vault.
    """

    name: str
    salt: str
    hashes: Bloom
    secret: bool = False

    def holds(self, kind: str, text: str) -> bool:
        """Tell whether a sign was put in."""
        return bool(self.salt) and hash_sign(self.salt, kind, text) in self.hashes

    def with_(self, signs: Iterable[tuple[str, str]]) -> "Register":
        """Give the register that holds these signs (kind and text), too."""
        return replace(self, hashes=self.hashes.with_(hash_sign(self.salt, *sign) for sign in signs))


Registers = tuple[Register, ...]


def hash_sign(salt: str, kind: str, text: str) -> str:
    """Hash a sign of a record with a salt (hexadecimal)."""
    return hmac.new(bytes.fromhex(salt), f"{kind}\x1f{text}".encode(), "sha256").hexdigest()


def new(*, secret: bool = False) -> Register:
    """Make an empty register with a salt of its own."""
    salt = secrets.token_hex(_SALT_BYTES)
    return Register(_name(salt), salt, empty_filter(), secret)


def merged(one: Registers, other: Registers) -> Registers:
    """Give what either knows, by the registers' names."""
    found = {register.name: register for register in one}
    for register in other:
        if (before := found.get(register.name)) is not None:
            salt = before.salt or register.salt
            register = Register(before.name, salt, before.hashes | register.hashes, before.secret or register.secret)  # noqa: PLW2901
        found[register.name] = register
    return tuple(found[name] for name in sorted(found))


def with_signs(
    registers: Registers, in_clear: Iterable[tuple[str, str]], in_secret: Iterable[tuple[str, str]]
) -> Registers:
    """Put signs in: those that may stand beside their salt, and those for a secret register, if there is one."""
    by_name = {register.name: register for register in registers}
    for secret, signs in ((False, [*in_clear]), (True, [*in_secret])):
        open_to = [one for one in registers if one.salt and one.secret is secret and one.hashes.share < _FULL]
        if signs and (open_to or not secret or any(one.secret and one.salt for one in registers)):
            register = (open_to[0] if open_to else new(secret=secret)).with_(signs)
            by_name[register.name] = register
    return tuple(by_name[name] for name in sorted(by_name))


def with_hashes(registers: Registers, hashes: Iterable[str]) -> Registers:
    """Put in hashes that were made with the salt of the workspace, which is in one of its registers."""
    listed = [*hashes]
    return tuple(
        one if one.secret else replace(one, hashes=one.hashes.with_(listed)) if listed else one for one in registers
    )


def without_secrets(registers: Registers) -> Registers:
    """Give registers as a workspace keeps them: without the salts that are the vault's."""
    return tuple(replace(one, salt="") if one.secret else one for one in registers)


def read(workspace: Path) -> Registers:
    """
    Read the registers of a workspace.

    Raises
    ------
    WorkspaceError
        If they cannot be read or are damaged: a build without them would bring back what was withdrawn.
    """
    path = workspace / FILE
    content = _content(path)
    try:
        if content is None:
            return ()
        if "format" not in content:
            return (_of_format_1(content),)
        format_version.hold_known(content["format"], format_version.WITHDRAWN, file=path)
        return tuple(_of_json(one) for one in content["registers"])
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise _unreadable(path) from error


def write(workspace: Path, registers: Registers) -> None:
    """Write the registers of a workspace, without the salts that are the vault's; the file's date says nothing."""
    listed = [
        {
            "name": one.name,
            "salt": one.salt,
            "secret": one.secret,
            "hashes": base64.b64encode(one.hashes.content).decode(),
        }
        for one in without_secrets(registers)
    ]
    path = workspace / FILE
    content: dict[str, object] = {"format": format_version.WITHDRAWN, "registers": listed}
    write_whole(path, json.dumps({**content, _CHECKSUM: _checksum(content)}, indent=1) + "\n")
    os.utime(path, (0, 0))


def fingerprint(workspace: Path) -> str:
    """Return a hash of what a build asks: the registers whose salts the workspace knows; empty if there are none."""
    told = [f"{one.name} {one.salt} {one.hashes.content.hex()}" for one in read(workspace) if one.salt]
    return hashlib.sha256("\n".join(told).encode()).hexdigest() if told else ""


def _content(path: Path) -> dict[str, Any] | None:
    """Read the file and verify its checksum, which files of before 29 November 2026 do not have."""
    if not path.exists():
        return None
    try:
        content = dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise _unreadable(path) from error
    written = content.pop(_CHECKSUM, None)
    if written is not None and written != _checksum(content):
        raise WorkspaceError(
            N_("{file} is damaged: what was withdrawn would come back. Take this file from a copy"), file=path
        )
    return content


def _checksum(content: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _unreadable(path: Path) -> WorkspaceError:
    return WorkspaceError(N_("{file} cannot be read: what was withdrawn would come back"), file=path)


def _of_json(one: dict[str, object]) -> Register:
    content = base64.b64decode(str(one["hashes"]), validate=True)
    if len(content) != BITS // 8:
        raise ValueError(len(content))
    salt = str(one["salt"])
    bytes.fromhex(salt)
    return Register(str(one["name"]), salt, Bloom(content), bool(one["secret"]))


def _of_format_1(content: dict[str, object]) -> Register:
    """Give the register of a list of hashes with their dates, as it was written until November 2026."""
    salt, listed = str(content["salt"]), content["withdrawn"]
    if not isinstance(listed, list):
        raise TypeError(listed)
    return Register(_name(salt), salt, empty_filter().with_(str(one["hash"]) for one in listed))


def _name(salt: str) -> str:
    return hashlib.sha256(f"name of {salt}".encode()).hexdigest()[:16]
