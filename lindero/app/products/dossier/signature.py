"""The operator's key: made once, kept from others, and what it signs and others check (Ed25519, RFC 8032)."""

import hashlib
import json
import os
import re
import stat
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from platformdirs import user_data_path

from lindero.layers.disk.builds import sync
from lindero.layers.errors import N_, AnswerError, KeyNotGivenError

SIGNATURE = "signature.json"
_OF_OTHERS = 0o077
_OWN = 0o600
_GROUP = 4
_KEY, _SIGNED = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{128}")


def usual_file() -> Path:
    """Name where the key lies unless another file is named: among the user's own data, in no workspace."""
    return user_data_path("lindero", appauthor=False) / "signing-key.pem"


def make(file: Path) -> str:
    """
    Make a key in a new file for its owner alone; gives the public half.

    Raises
    ------
    AnswerError
        If the file is there already, or cannot be written: a key that has signed is never overwritten.
    """
    key = Ed25519PrivateKey.generate()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWN)
        with os.fdopen(descriptor, "wb") as out:
            out.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        sync(file)
    except FileExistsError as error:
        raise AnswerError(N_("{file} is there already: a key that has signed is not overwritten"), file=file) from error
    except OSError as error:
        raise AnswerError(N_("{file} cannot be written: {why}"), file=file, why=error.strerror) from error
    return public(key)


def load(file: Path) -> Ed25519PrivateKey:
    """
    Read a key.

    Raises
    ------
    KeyNotGivenError
        If there is none, it is no such key, or others can read or change it.
    """
    try:
        mode = file.stat().st_mode
        text = file.read_bytes()
    except OSError as error:
        raise KeyNotGivenError(N_("there is no key to sign with in {file}: lindero keys init"), file=file) from error
    if os.name != "nt" and stat.S_IMODE(mode) & _OF_OTHERS:
        raise KeyNotGivenError(N_("others can read or change {file}: chmod 600 {file}, and make a new key"), file=file)
    try:
        key = load_pem_private_key(text, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyNotGivenError(N_("{file} holds no key"), file=file) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyNotGivenError(N_("{file} holds no key"), file=file)
    return key


def public(key: Ed25519PrivateKey) -> str:
    """Give the public half of a key: 64 hexadecimal digits."""
    return key.public_key().public_bytes_raw().hex()


def fingerprint(public_key: str) -> str:
    """Give what people compare of a public key: 32 digits of its SHA-256, in groups of four."""
    digits = hashlib.sha256(bytes.fromhex(public_key)).hexdigest()[:32]
    return " ".join(digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP))


def sign(message: bytes, name: str, key: Ed25519PrivateKey) -> str:
    """Sign the bytes of a file of that name; the text has one form alone, so that no byte of it can be another."""
    return _form(name, public(key), key.sign(message).hex())


def signer(text: str, message: bytes, name: str) -> str | None:
    """Give the public key that signed the bytes of a file of that name; None if the signature does not fit."""
    try:
        content = json.loads(text)
        by, signature = str(content["public_key"]), str(content["signature"])
        if text != _form(name, by, signature) or not (_KEY.fullmatch(by) and _SIGNED.fullmatch(signature)):
            return None
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(by)).verify(bytes.fromhex(signature), message)
    except (ValueError, KeyError, TypeError, InvalidSignature, RecursionError):
        return None
    return by


def _form(name: str, public_key: str, signature: str) -> str:
    content = {"algorithm": "Ed25519", "of": name, "public_key": public_key, "signature": signature}
    return json.dumps(content, indent=1) + "\n"
