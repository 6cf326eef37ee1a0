"""One thing that was looked at, and what was found."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Whether something has to be done: nothing, nothing but to know it, or to mend it."""

    WELL = "well"
    NOTE = "note"
    MEND = "mend"


@dataclass(frozen=True)
class Finding:
    """`check` names what was looked at, `text` is a sentence in the reader's language that says what to do."""

    check: str
    state: State
    text: str


def well(check: str, text: str) -> Finding:
    """Say that something is as it should be."""
    return Finding(check, State.WELL, text)


def note(check: str, text: str) -> Finding:
    """Say what is good to know, and harms nothing."""
    return Finding(check, State.NOTE, text)


def mend(check: str, text: str) -> Finding:
    """Say what is wrong, and what to do."""
    return Finding(check, State.MEND, text)
