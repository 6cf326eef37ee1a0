"""Who may pass: which incidents a build keeps out, and why. What nobody vouched for as public stays out."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from layers.definitions import is_public
from layers.tombstones import NONE, Tombstones

WITHHELD = "needs_the_vault"
WITHDRAWN = "consent_withdrawn"


@dataclass(frozen=True)
class Stopped:
    """Rows that do not pass, and why."""

    rows: pd.Index
    reason: str


@dataclass(frozen=True)
class Gate:
    """
    What is kept out.

    `into_vault` lets every visibility pass; a map takes public record alone.
    """

    tombstones: tuple[Tombstones, ...] = (NONE,)
    into_vault: bool = False

    def stopped(self, incidents: pd.DataFrame) -> Iterator[Stopped]:
        """Give the incidents (rows with `id` and `visibility`) that do not pass, each once, with the reason."""
        withdrawn = pd.Series(data=False, index=incidents.index)
        for tombstones in self.tombstones:
            withdrawn |= tombstones.met(incidents)
        yield Stopped(incidents.index[withdrawn], reason=WITHDRAWN)
        if not self.into_vault:
            yield Stopped(incidents.index[~withdrawn & ~is_public(incidents)], reason=WITHHELD)
