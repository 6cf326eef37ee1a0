"""A filter on overlap pairs by size, certainty and name, the same for the page and the command."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from lindero.layers.errors import N_, AnswerError
from lindero.layers.reference.name_index import normalise_name

CERTAINTIES = ("certain", "possible", "sliver")
_NAMES = ("left_name", "right_name", "left_holder", "right_holder")


@dataclass(frozen=True)
class PairFilter:
    """A filter on overlap pairs.

    `least_share` (0 to 1) is the minimum share of either side, and `least_ha` the minimum shared area. `certainties`
    are codes, all if empty. A name or a holder must contain `contains`; accents and case are ignored.
    """

    least_share: float = 0.0
    least_ha: float = 0.0
    certainties: Sequence[str] = ()
    contains: str = ""

    def apply(self, pairs: pd.DataFrame) -> pd.DataFrame:
        """Return the pairs that pass, in their order."""
        passes = pairs[["share_of_left", "share_of_right"]].max(axis=1).ge(self.least_share)
        passes &= pairs["area_ha"].ge(self.least_ha)
        if self.certainties:
            passes &= pairs["certainty"].isin(self.certainties)
        return pairs[passes & _names_contain(pairs, self.contains)]

    def options(self) -> list[str]:
        """Return the options of `lindero overlaps` for the same filter."""
        pairs = [("--min-share", f"{self.least_share:g}")] if self.least_share else []
        pairs += [("--min-ha", f"{self.least_ha:g}")] if self.least_ha else []
        pairs += [("--certainty", code) for code in self.certainties]
        pairs += [("--contains", self.contains)] if self.contains else []
        return [part for option in pairs for part in option]


ALL_PAIRS = PairFilter()


def check_names_exist(text: str, sides: Iterable[pd.DataFrame]) -> None:
    """Check that some name or holder in the rows of either side contains a text."""
    search_text = normalise_name(text)
    names = [rows[name] for rows in sides for name in ("name", "holder") if name in rows]
    if search_text and not any(
        values.dropna().map(normalise_name).str.contains(search_text, regex=False).any() for values in names
    ):
        raise AnswerError(N_("'{text}' is not in a name or holder of these layers; check the spelling"), text=text)


def _names_contain(pairs: pd.DataFrame, text: str) -> "pd.Series[bool]":
    search_text = normalise_name(text)
    if not search_text:
        return pd.Series(data=True, index=pairs.index)
    names = pairs[[name for name in _NAMES if name in pairs]].fillna("").astype(str).agg(" | ".join, axis=1)
    return names.map(normalise_name).str.contains(search_text, regex=False)
