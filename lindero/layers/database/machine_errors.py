"""Errors of the machine (full disk, missing permission, too little memory) as messages that people can act on."""

import errno

import duckdb

from lindero.layers.database import integrity
from lindero.layers.errors import N_, LayerError, MachineError

REFUSALS = (OSError, MemoryError, duckdb.OutOfMemoryException, *integrity.DAMAGE)
"""What is raised then, here and in the database."""

_FULL = N_("there is no room left on the disk: {what}")
_READ_ONLY = N_("the disk can only be read: {what}")
_FORBIDDEN = N_("this user may not do that there: {what}")
_FAILING = N_("the disk fails: {what}")
_MEMORY = N_("this machine has too little memory free for that")
_SENTENCES = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.EIO: _FAILING,
    errno.ENOMEM: _MEMORY,
}
_SAID_BY_DATABASE = {
    "no space left": _FULL,
    "disk quota": _FULL,
    "file too large": _FULL,
    "read-only": _READ_ONLY,
    "permission denied": _FORBIDDEN,
    "input/output error": _FAILING,
    "cannot allocate": _MEMORY,
}


def to_layer_error(fault: BaseException) -> LayerError | None:
    """
    Convert an error of the machine to a LayerError with a clear message.

    Returns None for any other error, which is a bug.
    """
    if isinstance(fault, MemoryError | duckdb.OutOfMemoryException) or "out of memory" in str(fault).lower():
        return MachineError(_MEMORY)  # Arrow says it in an OSError that has no number
    if isinstance(fault, OSError):
        sentence = _SENTENCES.get(fault.errno or 0)  # a copy names its source first, then where there is no room
        return (
            None
            if sentence is None
            else MachineError(sentence, what=fault.filename2 or fault.filename or fault.strerror)
        )
    if isinstance(fault, integrity.DAMAGE):
        why = str(fault).partition("\n")[0]
        sentence = next((template for words, template in _SAID_BY_DATABASE.items() if words in why.lower()), None)
        return integrity.to_damage_error(fault) if sentence is None else MachineError(sentence, what=why)
    return None
