"""
What whoever runs the server reads: when it began, on which map, who was refused, what failed. Never who looked where.

A line of ours is a sentence. Of what others write (Streamlit, uvicorn, Python) there is the place in the code and the
kind of error alone: their words hold addresses, places and rows. Whoever repeats one thing is heard ten times a minute.
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
from lindero.layers.errors import N_, printable

MOST_A_MINUTE = 10
_OWN = logging.getLogger("lindero")
_ROOT = Path(__file__).parents[3]
_language: list[str] = [i18n.SOURCE_LANGUAGE]
_SILENCED = N_("(the same is written {count} times a minute at most)")


def begin() -> None:
    """Write to the standard error from here on, in the language spoken now, whatever Streamlit and uvicorn set up."""
    _language[:] = [i18n.current()]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Line())
    handler.addFilter(Patience())

    def set_up(logger: logging.Logger) -> None:
        logger.handlers[:] = [handler]

    for logger in (logging.getLogger(), _OWN):
        set_up(logger)
    set_up_loggers(set_up)
    _OWN.propagate = False
    _OWN.setLevel(logging.INFO)


def event(template: str, **params: object) -> None:
    """Write what happened; `template` is marked for translation, and names no place that anybody looked at."""
    _OWN.info(template, extra={"told": {name: printable(value) for name, value in params.items()}}, stacklevel=2)


class Line(logging.Formatter):
    """The time in UTC and what happened, on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line of a record."""
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        text = _sentence(record) if record.name == _OWN.name else _whereabouts(record)
        return f"{at} {text}"


class Patience(logging.Filter):
    """Lets each place in the code be heard a few times a minute."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._heard: dict[tuple[str, int], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether to write a record; the last that is written says that there are more."""
        place = record.pathname, record.lineno
        since, count = self._heard.get(place, (self._now(), 0))
        if self._now() - since >= 60:  # noqa: PLR2004  seconds of a minute
            since, count = self._now(), 0
        self._heard[place] = since, count + 1
        record.is_last = count + 1 == MOST_A_MINUTE
        return count < MOST_A_MINUTE


def _sentence(record: logging.LogRecord) -> str:
    context = contextvars.copy_context()
    context.run(i18n.use, _language[0])
    sentence = context.run(_, record.msg).format(**getattr(record, "told", {}))
    if not getattr(record, "is_last", False):
        return sentence
    return f"{sentence} {context.run(_, _SILENCED).format(count=MOST_A_MINUTE)}"


def _whereabouts(record: logging.LogRecord) -> str:
    """Say where something was written down, and of an error its kind and the way to it through our own code."""
    at = f"{record.levelname} {record.name}:{record.lineno}"
    if not record.exc_info or record.exc_info[0] is None:
        return at
    way = [frame for frame in traceback.extract_tb(record.exc_info[2]) if _is_own(frame.filename)]
    steps = " > ".join(f"{Path(step.filename).relative_to(_ROOT).as_posix()}:{step.lineno}" for step in way)
    return f"{at} {record.exc_info[0].__name__} {steps}".rstrip()


def _is_own(file: str) -> bool:
    path = Path(file)
    return path.is_relative_to(_ROOT) and path.relative_to(_ROOT).parts[0] in {"app", "geo", "layers", "machine"}
