"""A folder as a bag (BagIt, RFC 8493): manifests with the hash of each file, and their verification.

The library `bagit` 1.9.0 is not used. It writes BagIt 0.97 and accepts files next to the payload that no manifest
lists, which a dossier must not contain. It would replace only the 20 lines that write manifests.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lindero.app.media.court import signature
from lindero.app.media.court.signature import SIGNATURE
from lindero.layers.errors import N_

PAYLOAD = "data"
BAGIT, INFO, MANIFEST, TAGS = "bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"
STAMP = "time-stamp.tsr"
_HEAD = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_LINE = re.compile(r"(?P<hash>[0-9a-f]{64})  (?P<name>[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*)")
_MOST_BYTES = 10_000_000  # of a manifest or a signature

FILE_CHANGED = N_("{file} has changed since the dossier was made")
FILE_MISSING = N_("{file} is missing")
FILE_ADDED = N_("{file} was not in the dossier when it was made")
NOT_UNDERSTOOD = N_("{file} could not be parsed")
NOT_SIGNED = N_("{signature} does not match {file}: one of the two was changed")


@dataclass(frozen=True)
class Fault:
    """A fault of a file: an English sentence with the placeholder {file}, and the file."""

    sentence: str
    file: str


@dataclass(frozen=True)
class BagCheck:
    """The result of verifying a bag.

    `files` is the number of files in the manifests. `signer` is the public key that signed; None if the signature does
    not match.
    """

    files: int
    signer: str | None
    faults: tuple[Fault, ...]


def seal_bag(
    folder: Path, key: Ed25519PrivateKey, *, today: dt.date, stamp: Callable[[bytes], bytes] | None = None
) -> None:
    """Turn a folder with a payload into a signed bag. Afterwards nothing may be changed.

    `stamp` returns the time stamp of the manifest, which is written as a file.
    """
    payload = [folder / name for name in _list_files(folder, PAYLOAD)]
    size = sum(file.stat().st_size for file in payload)
    folder.joinpath(BAGIT).write_text(_HEAD, encoding="utf-8", newline="\n")
    info = {
        "Bag-Software-Agent": f"lindero {version('lindero')}",
        "Bagging-Date": today.isoformat(),
        "Payload-Oxum": f"{size}.{len(payload)}",
    }
    lines = "".join(f"{name}: {value}\n" for name, value in info.items())
    folder.joinpath(INFO).write_text(lines, encoding="utf-8", newline="\n")
    _write_manifest(folder, MANIFEST, lambda name: name.startswith(f"{PAYLOAD}/"))
    if stamp is not None:
        folder.joinpath(STAMP).write_bytes(stamp(folder.joinpath(MANIFEST).read_bytes()))
    _write_manifest(folder, TAGS, lambda name: not name.startswith(f"{PAYLOAD}/"))
    text = signature.sign(folder.joinpath(TAGS).read_bytes(), TAGS, key)
    folder.joinpath(SIGNATURE).write_text(text, encoding="utf-8", newline="\n")


def check_bag(folder: Path) -> BagCheck:
    """Verify every file in the folder against the signed manifests. Files are only hashed, never parsed."""
    signer, faults = _verify_signature(folder)
    tags, manifest_faults = _read_manifest(folder, TAGS)
    faults += manifest_faults
    hashes, manifest_faults = _read_manifest(folder, MANIFEST)
    faults += manifest_faults
    listed = {**tags, **hashes}
    present = set(_list_files(folder))
    for name, digest in sorted(listed.items()):
        if name not in present:
            faults.append(Fault(FILE_MISSING, name))
        elif not _is_file(folder / name) or file_sha256(folder / name) != digest:
            faults.append(Fault(FILE_CHANGED, name))
    faults += [Fault(FILE_ADDED, name) for name in sorted(present - listed.keys() - {TAGS, SIGNATURE})]
    faults += [Fault(FILE_MISSING, name) for name in (BAGIT, INFO, MANIFEST) if name not in tags]
    return BagCheck(len(listed), signer, tuple(dict.fromkeys(faults)))


def file_sha256(file: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _verify_signature(folder: Path) -> tuple[str | None, list[Fault]]:
    missing = [name for name in (TAGS, SIGNATURE) if not _is_file(folder / name)]
    if missing:
        return None, [Fault(FILE_MISSING, name) for name in missing]
    try:
        text = _read_bytes(folder / SIGNATURE).decode("utf-8")
    except UnicodeDecodeError:
        return None, [Fault(NOT_UNDERSTOOD, SIGNATURE)]
    public_key = signature.find_signer(text, _read_bytes(folder / TAGS), TAGS)
    return public_key, [] if public_key else [Fault(NOT_SIGNED, TAGS)]


def _read_manifest(folder: Path, manifest: str) -> tuple[dict[str, str], list[Fault]]:
    """Read a manifest. If any line is malformed, the whole manifest is rejected."""
    if not _is_file(folder / manifest):
        return {}, [Fault(FILE_MISSING, manifest)]
    text = _read_bytes(folder / manifest).decode("utf-8", errors="replace")
    lines = [_LINE.fullmatch(line) for line in text.removesuffix("\n").split("\n")]
    hashes = {line["name"]: line["hash"] for line in lines if line}
    is_payload = manifest == MANIFEST
    if len(hashes) != len(lines) or any(name.startswith(f"{PAYLOAD}/") != is_payload for name in hashes):
        return {}, [Fault(NOT_UNDERSTOOD, manifest)]
    return hashes, []


def _write_manifest(folder: Path, manifest: str, is_listed: Callable[[str], bool]) -> None:
    names = [name for name in _list_files(folder) if is_listed(name)]
    lines = "".join(f"{file_sha256(folder / name)}  {name}\n" for name in names)
    folder.joinpath(manifest).write_text(lines, encoding="utf-8", newline="\n")


def _list_files(folder: Path, subfolder: str = "") -> list[str]:
    """List all files in a folder by their path. Symbolic links are listed but never followed."""
    return sorted(path.relative_to(folder).as_posix() for path in _walk_files(folder / subfolder))


def _walk_files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            yield from _walk_files(path)
        else:
            yield path


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _read_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MOST_BYTES)
