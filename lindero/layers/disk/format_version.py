"""
The form that something is written in: a number in every manifest, vault, publication, pointer to a map and register.

What has none was written before November 2026 and is of form 1.

An earlier form is read, or migrated on a copy that is proved before it takes the place (`layers.vault.vault_file`); a
map of an earlier form is built anew. A later form is refused: what this version does not know of it would be lost.
"""

from pathlib import Path

from lindero.layers.errors import N_, NewerError

FIRST = 1
MANIFEST, POINTER, VAULT, WITHDRAWN, PUBLICATION = 1, 1, 4, 2, 2
"""The forms that this version writes."""


def hold_known(found: object, newest: int, *, file: Path) -> int:
    """
    Hold that the form of a file is one that this version knows; returns it.

    Raises
    ------
    NewerError
        If a newer version of Lindero wrote it.
    ValueError
        If it is no form at all.
    """
    number = FIRST if found is None else int(str(found))
    if number > newest:
        raise NewerError(N_("{file} was written by a newer version of Lindero: update this one"), file=file)
    return number
