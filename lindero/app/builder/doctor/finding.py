"""The result of one check."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """The state of a checked item: in order, a note without consequences, or a problem to be solved."""

    WELL = "well"
    NOTE = "note"
    MEND = "mend"


@dataclass(frozen=True)
class Finding:
    """The result of one check.

    `check` names the checked item. `text` is a sentence in the reader's language that says what to do.
    """

    check: str
    state: State
    text: str


def report_ok(check: str, text: str) -> Finding:
    """Report that a checked item is in order."""
    return Finding(check, State.WELL, text)


def report_note(check: str, text: str) -> Finding:
    """Report something worth knowing that does no harm."""
    return Finding(check, State.NOTE, text)


def report_problem(check: str, text: str) -> Finding:
    """Report a problem and what to do about it."""
    return Finding(check, State.MEND, text)
