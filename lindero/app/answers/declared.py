"""Answers that are declared once. The command, its help, the page and the Python API follow from the declaration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lindero.layers.errors import N_, AnswerError

if TYPE_CHECKING:
    from lindero.app.answers.answer import Answer
    from lindero.layers.database.map_database import Connection


@dataclass(frozen=True)
class Choice:
    """A number that the reader of an answer chooses: its name, label, default and bounds."""

    name: str
    label: str
    default: float
    least: float
    most: float

    def check(self, value: float) -> float:
        """Return a value within the bounds, or raise an error."""
        if not self.least <= value <= self.most:
            raise AnswerError(
                N_("{name} must be between {least} and {most}"), name=self.name, least=self.least, most=self.most
            )
        return value


@dataclass(frozen=True)
class DeclaredAnswer:
    """An answer: its name, title, summary, method and choices, the layers that it reads, and how it is built.

    `build` takes the map and the value of each choice. `rows` is the section whose table is written as rows. The page
    draws the features of `drawn`, a layer, that these rows name by `id`. Texts are not translated yet. `docs` is the
    file and the start of the heading that document the method: its words before the colon are the name.
    """

    name: str
    title: str
    summary: str
    method: str
    docs: tuple[str, str]
    layers: tuple[str, ...]
    choices: tuple[Choice, ...]
    build: Callable[..., Answer]
    drawn: str
    rows: str = "rows"

    def ask(self, con: Connection, values: Mapping[str, float]) -> Answer:
        """Build the answer about a map. Choices without a value have their default."""
        if unknown := values.keys() - {choice.name for choice in self.choices}:
            raise AnswerError(N_("{answer} has no choice {name}"), answer=self.name, name=", ".join(sorted(unknown)))
        return self.build(
            con, **{choice.name: choice.check(values.get(choice.name, choice.default)) for choice in self.choices}
        )
