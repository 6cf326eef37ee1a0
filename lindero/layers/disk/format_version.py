"""Format versions: a number in every manifest, vault, publication, map pointer and register of withdrawals.

A file without a number was written before November 2026 and has version 1.

Earlier versions are read, or migrated on a copy that is verified before it replaces the original
(`layers.vault.vault_file`). A map of an earlier version is built again. Later versions are refused, because unknown
content would be lost.
"""

from pathlib import Path

from lindero.layers.errors import N_, NewerError

FIRST = 1
MANIFEST, POINTER, VAULT, WITHDRAWN, PUBLICATION = 1, 1, 4, 2, 2
"""The forms that this version writes."""


def check_version(version: object, newest: int, *, file: Path) -> int:
    """Check that this version of Lindero supports the format version of a file, and return it.

    `version`: the number in the file, as a number or text. None means that the file has none: version 1. `newest`: the
    latest version that is supported, such as `VAULT`. Returns: the format version of the file, at most `newest`.
    """
    number = FIRST if version is None else int(str(version))
    if number > newest:
        raise NewerError(
            N_("{file} was written by a newer version of Lindero; update Lindero on this computer"), file=file
        )
    return number
