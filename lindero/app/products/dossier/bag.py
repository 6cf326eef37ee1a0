"""
A folder as a bag (BagIt, RFC 8493): what is in it, with the hash of each file, and whether that still holds.

The library `bagit` 1.9.0 is not used: it writes BagIt 0.97 and accepts files beside the payload that no manifest lists,
which a dossier must not hold. Only the 20 lines that write manifests could go.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lindero.app.products.dossier import signature
from lindero.app.products.dossier.signature import SIGNATURE
from lindero.layers.errors import N_

PAYLOAD = "data"
BAGIT, INFO, MANIFEST, TAGS = "bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"
STAMP = "time-stamp.tsr"
_HEAD = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_LINE = re.compile(r"(?P<hash>[0-9a-f]{64})  (?P<name>[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*)")
_MOST_BYTES = 10_000_000  # of a manifest or a signature

CHANGED = N_("{file} is not as it was when the dossier was made")
GONE = N_("{file} is not there")
MORE = N_("{file} was not in the dossier when it was made")
NOT_UNDERSTOOD = N_("{file} cannot be understood")
NOT_SIGNED = N_("{signature} does not fit {file}: one of them was changed")


@dataclass(frozen=True)
class Fault:
    """What does not hold of a file: a sentence with {file}, in English."""

    sentence: str
    file: str


@dataclass(frozen=True)
class Checked:
    """What was found: how many files agree, who signed (a public key; None if the signature does not fit), faults."""

    files: int
    signer: str | None
    faults: tuple[Fault, ...]


def seal(
    folder: Path, key: Ed25519PrivateKey, *, today: dt.date, stamp: Callable[[bytes], bytes] | None = None
) -> None:
    """
    Write beside the payload of a folder what makes it a bag, and sign it: nothing may be changed afterwards.

    `stamp` gives the time stamp of the manifest, a file of its own.
    """
    payload = [folder / name for name in _files(folder, PAYLOAD)]
    size = sum(file.stat().st_size for file in payload)
    folder.joinpath(BAGIT).write_text(_HEAD, encoding="utf-8", newline="\n")
    info = {
        "Bag-Software-Agent": f"lindero {version('lindero')}",
        "Bagging-Date": today.isoformat(),
        "Payload-Oxum": f"{size}.{len(payload)}",
    }
    lines = "".join(f"{name}: {value}\n" for name, value in info.items())
    folder.joinpath(INFO).write_text(lines, encoding="utf-8", newline="\n")
    _manifest(folder, MANIFEST, lambda name: name.startswith(f"{PAYLOAD}/"))
    if stamp is not None:
        folder.joinpath(STAMP).write_bytes(stamp(folder.joinpath(MANIFEST).read_bytes()))
    _manifest(folder, TAGS, lambda name: not name.startswith(f"{PAYLOAD}/"))
    text = signature.sign(folder.joinpath(TAGS).read_bytes(), TAGS, key)
    folder.joinpath(SIGNATURE).write_text(text, encoding="utf-8", newline="\n")


def check(folder: Path) -> Checked:
    """Hold every file of a folder to the signature and the manifests; nothing but hashes is made of any of them."""
    by, faults = _signer(folder)
    tags, found = _read(folder, TAGS)
    faults += found
    hashes, found = _read(folder, MANIFEST)
    faults += found
    listed = {**tags, **hashes}
    there = set(_files(folder))
    for name, digest in sorted(listed.items()):
        if name not in there:
            faults.append(Fault(GONE, name))
        elif not _is_file(folder / name) or sha256_of(folder / name) != digest:
            faults.append(Fault(CHANGED, name))
    faults += [Fault(MORE, name) for name in sorted(there - listed.keys() - {TAGS, SIGNATURE})]
    faults += [Fault(GONE, name) for name in (BAGIT, INFO, MANIFEST) if name not in tags]
    return Checked(len(listed), by, tuple(dict.fromkeys(faults)))


def sha256_of(file: Path) -> str:
    """Give the SHA-256 of a file."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _signer(folder: Path) -> tuple[str | None, list[Fault]]:
    missing = [name for name in (TAGS, SIGNATURE) if not _is_file(folder / name)]
    if missing:
        return None, [Fault(GONE, name) for name in missing]
    try:
        text = _bytes(folder / SIGNATURE).decode("utf-8")
    except UnicodeDecodeError:
        return None, [Fault(NOT_UNDERSTOOD, SIGNATURE)]
    by = signature.signer(text, _bytes(folder / TAGS), TAGS)
    return by, [] if by else [Fault(NOT_SIGNED, TAGS)]


def _read(folder: Path, manifest: str) -> tuple[dict[str, str], list[Fault]]:
    """Read a manifest; a line that is none makes the whole of it not understood."""
    if not _is_file(folder / manifest):
        return {}, [Fault(GONE, manifest)]
    text = _bytes(folder / manifest).decode("utf-8", errors="replace")
    lines = [_LINE.fullmatch(line) for line in text.removesuffix("\n").split("\n")]
    found = {line["name"]: line["hash"] for line in lines if line}
    inside = manifest == MANIFEST
    if len(found) != len(lines) or any(name.startswith(f"{PAYLOAD}/") != inside for name in found):
        return {}, [Fault(NOT_UNDERSTOOD, manifest)]
    return found, []


def _manifest(folder: Path, manifest: str, is_listed: Callable[[str], bool]) -> None:
    names = [name for name in _files(folder) if is_listed(name)]
    lines = "".join(f"{sha256_of(folder / name)}  {name}\n" for name in names)
    folder.joinpath(manifest).write_text(lines, encoding="utf-8", newline="\n")


def _files(folder: Path, under: str = "") -> list[str]:
    """Name all files of a folder, links as well: what a link leads to is never read."""
    return sorted(path.relative_to(folder).as_posix() for path in _walked(folder / under))


def _walked(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            yield from _walked(path)
        else:
            yield path


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MOST_BYTES)
