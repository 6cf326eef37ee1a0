"""Who may pass: which incidents a build keeps out, and why. What nobody vouched for as public stays out."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd

from lindero.layers.consent import withdrawal
from lindero.layers.consent.tombstones import Registers
from lindero.layers.consent.withdrawal import LIKE, SURE, Signs
from lindero.layers.database.definitions import PUBLIC_RECORD, is_public

WITHHELD = "needs_the_vault"
WITHDRAWN = "consent_withdrawn"
LIKE_WITHDRAWN = "like_withdrawn"


@dataclass(frozen=True)
class Stopped:
    """Rows that do not pass, and why."""

    rows: pd.Index
    reason: str


@dataclass(frozen=True)
class Answer:
    """What somebody said of a record that is like a withdrawn one: that it is the same, or another's."""

    signs: Signs
    is_same: bool
    is_public: bool


@dataclass(frozen=True)
class Gate:
    """
    What is kept out.

    `into_vault` lets every visibility pass; a map takes public record alone. `same` and `another` are the numbers of
    rows of which somebody said so; `answers` is what was said of those that were met.
    """

    registers: Registers = ()
    into_vault: bool = False
    same: frozenset[int] = frozenset()
    another: frozenset[int] = frozenset()
    answers: list[Answer] = field(default_factory=list, compare=False)

    @property
    def asks(self) -> bool:
        """Whether anything was ever withdrawn: else rows need not give their signs."""
        return bool(self.registers)

    def stopped(self, incidents: pd.DataFrame) -> Iterator[Stopped]:
        """Give the incidents (with `visibility`, and as `withdrawal.signs` wants them) that do not pass, and why."""
        gone = pd.Index([])
        if self.asks and not incidents.empty:
            found = withdrawal.verdicts(incidents, withdrawal.of_registers(self.registers))
            numbers = incidents["row_number"]
            like = found == LIKE
            is_same, is_another = like & numbers.isin(self.same), like & numbers.isin(self.another)
            self._note(incidents[is_same | is_another])
            withdrawn = incidents.index[(found == SURE) | is_same]
            unsure = incidents.index[like & ~is_same & ~is_another]
            yield Stopped(withdrawn, reason=WITHDRAWN)
            yield Stopped(unsure, reason=LIKE_WITHDRAWN)
            gone = withdrawn.append(unsure)
        if not self.into_vault:
            rest = incidents.drop(index=gone)
            yield Stopped(rest.index[~is_public(rest)], reason=WITHHELD)

    def _note(self, incidents: pd.DataFrame) -> None:
        for row in incidents.to_dict("records"):
            signs = withdrawal.signs({str(name): value for name, value in row.items()})
            self.answers.append(Answer(signs, row["row_number"] in self.same, row.get("visibility") == PUBLIC_RECORD))
