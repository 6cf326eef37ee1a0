"""The log for the operator: start, served map, refused requests, and failures. Searched places are never logged.

Lindero's own lines are sentences. Of messages of other code (Streamlit, uvicorn, Python), only the code location and
the kind of error are logged. Their texts contain addresses, places and rows. A repeated message is logged ten times a
minute at most.
"""

import contextvars
import logging
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from lindero.app.serving.streamlit_host.inside import set_up_loggers
from lindero.app.text import i18n
from lindero.app.text.i18n import _
from lindero.layers.errors import N_, make_printable

MOST_A_MINUTE = 10
_LOGGER = logging.getLogger("lindero")
_ROOT = Path(__file__).parents[3]
_language: list[str] = [i18n.SOURCE_LANGUAGE]
_REPETITION_NOTE = N_("(this message is written at most {count} times a minute)")


def start_logging() -> None:
    """Start logging to the standard error, in the current language.

    This replaces the handlers of Streamlit and uvicorn.
    """
    _language[:] = [i18n.current_language()]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter())
    handler.addFilter(RateFilter())

    def set_up(logger: logging.Logger) -> None:
        logger.handlers[:] = [handler]

    for logger in (logging.getLogger(), _LOGGER):
        set_up(logger)
    set_up_loggers(set_up)
    _LOGGER.propagate = False
    _LOGGER.setLevel(logging.INFO)


def log_event(template: str, **params: object) -> None:
    """Log an event.

    `template` is marked for translation. It must not name a place that a reader looked at.
    """
    _LOGGER.info(
        template, extra={"told": {name: make_printable(value) for name, value in params.items()}}, stacklevel=2
    )


class LineFormatter(logging.Formatter):
    """A formatter for the time in UTC and the event on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a log record as one line."""
        timestamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        text = _format_event(record) if record.name == _LOGGER.name else _format_location(record)
        return f"{timestamp} {text}"


class RateFilter(logging.Filter):
    """A filter that limits how often each location in the code is logged per minute."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._heard: dict[tuple[str, int], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to log a record. The last record of a minute says that more may follow."""
        place = record.pathname, record.lineno
        since, count = self._heard.get(place, (self._now(), 0))
        if self._now() - since >= 60:  # noqa: PLR2004  seconds of a minute
            since, count = self._now(), 0
        self._heard[place] = since, count + 1
        record.is_last = count + 1 == MOST_A_MINUTE
        return count < MOST_A_MINUTE


def _format_event(record: logging.LogRecord) -> str:
    context = contextvars.copy_context()
    context.run(i18n.set_language, _language[0])
    sentence = context.run(_, record.msg).format(**getattr(record, "told", {}))
    if not getattr(record, "is_last", False):
        return sentence
    return f"{sentence} {context.run(_, _REPETITION_NOTE).format(count=MOST_A_MINUTE)}"


def _format_location(record: logging.LogRecord) -> str:
    """Return the location where a record was logged, and for an error its kind and the path through our own code."""
    location = f"{record.levelname} {record.name}:{record.lineno}"
    if not record.exc_info or record.exc_info[0] is None:
        return location
    frames = [frame for frame in traceback.extract_tb(record.exc_info[2]) if _is_own_file(frame.filename)]
    steps = " > ".join(f"{Path(step.filename).relative_to(_ROOT).as_posix()}:{step.lineno}" for step in frames)
    return f"{location} {record.exc_info[0].__name__} {steps}".rstrip()


def _is_own_file(file: str) -> bool:
    path = Path(file)
    return path.is_relative_to(_ROOT) and path.relative_to(_ROOT).parts[0] in {"app", "geo", "layers", "machine"}
