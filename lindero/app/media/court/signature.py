"""The operator's signing key: its creation, storage, signatures and their verification (Ed25519, RFC 8032)."""

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
_GROUP_AND_OTHERS = 0o077
_OWNER_ONLY = 0o600
_GROUP = 4
_KEY, _SIGNED = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{128}")


def default_key_file() -> Path:
    """Return the default path of the key: in the user's data folder, outside any workspace."""
    return user_data_path("lindero", appauthor=False) / "signing-key.pem"


def create_key(file: Path) -> str:
    """Create a key in a new file that only its owner can read, and return the public key."""
    key = Ed25519PrivateKey.generate()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        with os.fdopen(descriptor, "wb") as out:
            out.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        sync(file)
    except FileExistsError as error:
        raise AnswerError(
            N_(
                "{file} already exists, and a key that has signed is never overwritten; choose another file with "
                "--signing-key"
            ),
            file=file,
        ) from error
    except OSError as error:
        raise AnswerError(N_("{file} cannot be written: {why}"), file=file, why=error.strerror) from error
    return public_key_hex(key)


def load_key(file: Path) -> Ed25519PrivateKey:
    """Load a key."""
    try:
        mode = file.stat().st_mode
        text = file.read_bytes()
    except OSError as error:
        raise KeyNotGivenError(
            N_("there is no signing key in {file}; create one with lindero keys init"), file=file
        ) from error
    if os.name != "nt" and stat.S_IMODE(mode) & _GROUP_AND_OTHERS:
        raise KeyNotGivenError(
            N_("other users can read or change {file}; run chmod 600 {file} and make a new key"), file=file
        )
    try:
        key = load_pem_private_key(text, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyNotGivenError(N_("{file} does not contain a key"), file=file) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyNotGivenError(N_("{file} does not contain a key"), file=file)
    return key


def public_key_hex(key: Ed25519PrivateKey) -> str:
    """Return the public key of a key: 64 hexadecimal digits."""
    return key.public_key().public_bytes_raw().hex()


def key_fingerprint(public_key: str) -> str:
    """Return the fingerprint of a public key for people to compare: 32 digits of its SHA-256, in groups of four."""
    digits = hashlib.sha256(bytes.fromhex(public_key)).hexdigest()[:32]
    return " ".join(digits[start : start + _GROUP] for start in range(0, len(digits), _GROUP))


def sign(message: bytes, name: str, key: Ed25519PrivateKey) -> str:
    """Sign the bytes of the named file, and return the text of the signature file.

    The text has only one valid form, so no byte of it can be changed.
    """
    return _format_signature(name, public_key_hex(key), key.sign(message).hex())


def find_signer(text: str, message: bytes, name: str) -> str | None:
    """Return the public key that signed the bytes of the named file; None if the signature does not match."""
    try:
        content = json.loads(text)
        public_key, signature = str(content["public_key"]), str(content["signature"])
        if text != _format_signature(name, public_key, signature) or not (
            _KEY.fullmatch(public_key) and _SIGNED.fullmatch(signature)
        ):
            return None
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature), message)
    except (ValueError, KeyError, TypeError, InvalidSignature, RecursionError):
        return None
    return public_key


def _format_signature(name: str, public_key: str, signature: str) -> str:
    content = {"algorithm": "Ed25519", "of": name, "public_key": public_key, "signature": signature}
    return json.dumps(content, indent=1) + "\n"
