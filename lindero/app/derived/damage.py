"""Damage on the disk that an answer could do without: told once, in the log, for the operator."""

import logging

from lindero.app.text.error_advice import error_text
from lindero.layers.errors import DamagedError, DamagedMapError

_log = logging.getLogger("lindero")
_noticed: set[str] = set()


def notice(error: DamagedMapError | DamagedError) -> None:
    """Say what is damaged, once in the life of this process: the answer comes from the map itself, and later."""
    told = error_text(error)
    if told not in _noticed:
        _noticed.add(told)
        _log.warning(told)
