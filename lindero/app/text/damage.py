"""Damage on the disk that does not prevent an answer. It is logged once for the operator."""

import logging

from lindero.app.text.error_advice import error_text
from lindero.layers.errors import DamagedError, DamagedMapError

_log = logging.getLogger("lindero")
_reported_files: set[str] = set()


def log_damage(error: DamagedMapError | DamagedError) -> None:
    """Log what is damaged, once per process. The answer is read from the map itself, which takes longer."""
    message = error_text(error)
    if message not in _reported_files:
        _reported_files.add(message)
        _log.warning(message)
