"""Errors of the machine (full disk, missing permission, too little memory) as messages that people can act on."""

import errno

import duckdb

from lindero.layers.database import integrity
from lindero.layers.errors import N_, LayerError, MachineError

REFUSALS = (OSError, MemoryError, duckdb.OutOfMemoryException, *integrity.DAMAGE)
"""What is raised then, here and in the database."""

_DISK_FULL = N_("there is not enough space on the disk: {what}")
_READ_ONLY = N_("the disk is read-only: {what}")
_NOT_PERMITTED = N_("this user does not have permission for that: {what}")
_DISK_FAILURE = N_("the disk failed to read or write: {what}")
_MEMORY = N_("this computer does not have enough free memory for that; close other programs")
_SENTENCES = {
    errno.ENOSPC: _DISK_FULL,
    errno.EDQUOT: _DISK_FULL,
    errno.EFBIG: _DISK_FULL,
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _NOT_PERMITTED,
    errno.EPERM: _NOT_PERMITTED,
    errno.EIO: _DISK_FAILURE,
    errno.ENOMEM: _MEMORY,
}
_DATABASE_ERRORS = {
    "no space left": _DISK_FULL,
    "disk quota": _DISK_FULL,
    "file too large": _DISK_FULL,
    "read-only": _READ_ONLY,
    "permission denied": _NOT_PERMITTED,
    "input/output error": _DISK_FAILURE,
    "cannot allocate": _MEMORY,
}


def to_layer_error(fault: BaseException) -> LayerError | None:
    """Convert an error of the machine to a LayerError with a clear message."""
    if isinstance(fault, MemoryError | duckdb.OutOfMemoryException) or "out of memory" in str(fault).lower():
        return MachineError(_MEMORY)  # Arrow raises an OSError without a number for this
    if isinstance(fault, OSError):
        sentence = _SENTENCES.get(fault.errno or 0)  # for a copy, `filename2` is the target, which has no space left
        return (
            None
            if sentence is None
            else MachineError(sentence, what=fault.filename2 or fault.filename or fault.strerror)
        )
    if isinstance(fault, integrity.DAMAGE):
        why = str(fault).partition("\n")[0]
        sentence = next((template for words, template in _DATABASE_ERRORS.items() if words in why.lower()), None)
        return integrity.to_damage_error(fault) if sentence is None else MachineError(sentence, what=why)
    return None
