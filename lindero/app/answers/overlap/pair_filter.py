"""Which pairs of an overlap are wanted: large, certain, and of some name; the same on the page and by the command."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from lindero.layers.errors import N_, AnswerError
from lindero.layers.reference.name_index import normalise

CERTAINTIES = ("certain", "possible", "sliver")
_NAMES = ("left_name", "right_name", "left_holder", "right_holder")


@dataclass(frozen=True)
class PairFilter:
    """
    A filter on overlap pairs.

    `least_share` (0 to 1) is of either side, `least_ha` of the shared ground; `certainties` are codes, all if empty;
    a name or a holder contains `contains`, whatever its accents and case.
    """

    least_share: float = 0.0
    least_ha: float = 0.0
    certainties: Sequence[str] = ()
    contains: str = ""

    def of(self, pairs: pd.DataFrame) -> pd.DataFrame:
        """Return the pairs that pass, in their order."""
        kept = pairs[["share_of_left", "share_of_right"]].max(axis=1).ge(self.least_share)
        kept &= pairs["area_ha"].ge(self.least_ha)
        if self.certainties:
            kept &= pairs["certainty"].isin(self.certainties)
        return pairs[kept & _names_contain(pairs, self.contains)]

    def options(self) -> list[str]:
        """Return the options of `lindero overlaps` that ask for the same."""
        pairs = [("--min-share", f"{self.least_share:g}")] if self.least_share else []
        pairs += [("--min-ha", f"{self.least_ha:g}")] if self.least_ha else []
        pairs += [("--certainty", code) for code in self.certainties]
        pairs += [("--contains", self.contains)] if self.contains else []
        return [part for option in pairs for part in option]


EVERY = PairFilter()


def hold_named(text: str, sides: Iterable[pd.DataFrame]) -> None:
    """
    Hold that some name or holder of the rows of either side contains a text.

    Raises
    ------
    AnswerError
        If none does: that no pair is so would be no finding.
    """
    wanted = normalise(text)
    names = [rows[name] for rows in sides for name in ("name", "holder") if name in rows]
    if wanted and not any(values.dropna().map(normalise).str.contains(wanted, regex=False).any() for values in names):
        raise AnswerError(N_("no name and no holder of these layers contains {text}"), text=text)


def _names_contain(pairs: pd.DataFrame, text: str) -> "pd.Series[bool]":
    wanted = normalise(text)
    if not wanted:
        return pd.Series(data=True, index=pairs.index)
    names = pairs[[name for name in _NAMES if name in pairs]].fillna("").astype(str).agg(" | ".join, axis=1)
    return names.map(normalise).str.contains(wanted, regex=False)
