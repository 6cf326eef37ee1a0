"""The salt of a workspace. Ids that leave the machine are hashed with it, so that they reveal no source and no name."""

import hashlib
import secrets
from pathlib import Path

from lindero.layers.watch.watch_folder import private_folder, write_private

SALT_FILE = "salt"
_SALT_BYTES, _ID_BYTES = 32, 8


def read_salt(folder: Path) -> bytes:
    """
    Read the salt of a workspace. It is created once; without it, every id would be new to its readers.

    Parameters
    ----------
    folder
        The folder of the workspace.

    Returns
    -------
    bytes
        32 random bytes.

    Examples
    --------
    >>> len(read_salt(folder)), read_salt(folder) == read_salt(folder)
    (32, True)
    """
    path = private_folder(folder) / SALT_FILE
    if not path.exists():
        write_private(path, secrets.token_hex(_SALT_BYTES))
    return bytes.fromhex(path.read_text(encoding="utf-8"))


def hash_id(salt: bytes, *parts: str) -> str:
    """
    Return an id that is the same for the same parts and the same salt, and reveals neither.

    Parameters
    ----------
    salt
        The salt of the workspace.
    parts
        What the id stands for.

    Returns
    -------
    str
        16 hexadecimal digits.

    Examples
    --------
    >>> hash_id(b"a", "mining/1"), hash_id(b"b", "mining/1")
    ('ee6ede83e88a0e7c', 'fd348f68b5cb1dc0')
    """
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=_ID_BYTES, key=salt).hexdigest()
