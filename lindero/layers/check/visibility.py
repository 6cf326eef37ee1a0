"""The visibility check of a build: which incidents are left out, and why.

An incident is left out unless it is marked as public.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd

from lindero.layers.consent import withdrawal
from lindero.layers.consent.tombstones import Registers
from lindero.layers.consent.withdrawal import LIKE, SURE, Signs
from lindero.layers.database.definitions import PUBLIC_RECORD, is_public

WITHHELD = "needs_the_vault"
CONSENT_WITHDRAWN = "consent_withdrawn"
LIKE_WITHDRAWN = "like_withdrawn"


@dataclass(frozen=True)
class WithheldRows:
    """Rows that are left out, and the reason."""

    rows: pd.Index
    reason: str


@dataclass(frozen=True)
class WithdrawalDecision:
    """A person's decision about a record similar to a withdrawn one: the same record, or another."""

    signs: Signs
    is_same: bool
    is_public: bool


@dataclass(frozen=True)
class Gate:
    """A filter of incidents by visibility and consent.

    `into_vault` lets every visibility pass; a map accepts public records only. `same` and `another` are the numbers of
    rows about which a person decided. `answers` collects the decisions about rows that were found.
    """

    registers: Registers = ()
    into_vault: bool = False
    same: frozenset[int] = frozenset()
    another: frozenset[int] = frozenset()
    answers: list[WithdrawalDecision] = field(default_factory=list, compare=False)

    @property
    def has_withdrawals(self) -> bool:
        """Whether any record was ever withdrawn. If not, rows do not need their comparison signs."""
        return bool(self.registers)

    def find_withheld(self, incidents: pd.DataFrame) -> Iterator[WithheldRows]:
        """Yield the incidents that are left out, with the reason.

        The incidents need `visibility` and the columns that `withdrawal.signs` uses.
        """
        withdrawn_or_unsure = pd.Index([])
        if self.has_withdrawals and not incidents.empty:
            verdicts = withdrawal.compute_verdicts(incidents, withdrawal.build_lookup(self.registers))
            numbers = incidents["row_number"]
            is_similar = verdicts == LIKE
            is_same, is_another = is_similar & numbers.isin(self.same), is_similar & numbers.isin(self.another)
            self._record_decisions(incidents[is_same | is_another])
            withdrawn = incidents.index[(verdicts == SURE) | is_same]
            unsure = incidents.index[is_similar & ~is_same & ~is_another]
            yield WithheldRows(withdrawn, reason=CONSENT_WITHDRAWN)
            yield WithheldRows(unsure, reason=LIKE_WITHDRAWN)
            withdrawn_or_unsure = withdrawn.append(unsure)
        if not self.into_vault:
            rest = incidents.drop(index=withdrawn_or_unsure)
            yield WithheldRows(rest.index[~is_public(rest)], reason=WITHHELD)

    def _record_decisions(self, incidents: pd.DataFrame) -> None:
        for row in incidents.to_dict("records"):
            signs = withdrawal.build_signs({str(name): value for name, value in row.items()})
            self.answers.append(
                WithdrawalDecision(signs, row["row_number"] in self.same, row.get("visibility") == PUBLIC_RECORD)
            )
