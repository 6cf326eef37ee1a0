"""Claims about rows with bounds: which may be called the highest, and which are surely among the first few.

This module is the only place of these rules. A sentence with *highest*, *largest* or *most* is made from the rows of
the table below it, by `highest_text` or with `find_highest` and `find_leading`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lindero.app.text.i18n import _, format_number, join_texts, ngettext

_MOST_LISTED = 3


@dataclass(frozen=True)
class Highest:
    """The rows that may have the highest value, by their labels, in the order of the table.

    `candidates` may have the highest value of the known rows, and no other known row can have it. `open` is the number
    of known rows without an upper bound, and `unknown` the number of rows without any bound.
    """

    known: tuple[Any, ...]
    candidates: tuple[Any, ...]
    open: int
    unknown: int

    @property
    def is_single(self) -> bool:
        """Whether one known row is above all other known rows."""
        return len(self.candidates) == 1

    @property
    def is_certain(self) -> bool:
        """Whether one row is above all other rows."""
        return self.is_single and not self.unknown

    @property
    def shown_labels(self) -> tuple[Any, ...]:
        """The rows that a sentence names: the highest, or else the first rows that are known."""
        if self.is_single:
            return self.candidates
        return (self.known if self.open else self.candidates)[:_MOST_LISTED]


def find_highest(low: "pd.Series[Any]", high: "pd.Series[Any]") -> Highest:
    """Find the rows that may have the highest value. The largest come first.

    A missing `low` means that the value is not known, a missing `high` alone that it has no upper bound.
    """
    least = low.dropna().astype(float)
    most = high.reindex(least.index).astype(float)
    ends = most.fillna(np.inf).to_numpy()
    candidates = least.index[ends >= least.max()] if len(least) else least.index
    return Highest(tuple(least.index), tuple(candidates), int(most.isna().sum()), len(low) - len(least))


def find_leading(low: "pd.Series[Any]", high: "pd.Series[Any]", most: int) -> tuple[Any, ...]:
    """Find the rows that are surely among the `most` highest, the highest first.

    A missing `low` means that the value is not known, a missing `high` alone that it has no upper bound.
    """
    ends = high.mask(low.isna()).fillna(np.inf).to_numpy(dtype=float)
    least = low.dropna().astype(float).sort_values(ascending=False, kind="stable")
    return tuple(label for label, value in least.items() if (ends >= value).sum() <= most)


def highest_text(measure: str, highest: Highest, names: Mapping[Any, object], values: Mapping[Any, str]) -> str:
    """Return a sentence on the highest value of a measure, no stronger than the bounds; empty if no value is known."""
    if not highest.known:
        return ""
    if highest.is_certain or (highest.is_single and len(highest.known) > 1):
        (label,) = highest.candidates
        text = _("{measure}: highest in {name}, with {value}.")
        if highest.unknown:
            text = _(
                "{measure}: highest in {name}, with {value}, of the {known} that are known (not known: {unknown})."
            )
        counts = {"known": format_number(len(highest.known)), "unknown": format_number(highest.unknown)}
        return text.format(measure=measure, name=names[label], value=values[label], **counts)
    text = _("{measure}: {values}. Which is highest cannot be told: {reasons}.")
    pairs = [_("{value} in {name}").format(value=values[label], name=names[label]) for label in highest.shown_labels]
    return text.format(measure=measure, values=join_texts(pairs), reasons=join_texts(_list_reasons(highest)))


def _list_reasons(highest: Highest) -> list[str]:
    """List the reasons why no row can be called the highest."""
    close = 0 if highest.open or highest.is_single else len(highest.candidates)
    texts = (
        (
            close if not highest.open else 0,
            ngettext("{n} is too close to tell apart", "{n} are too close to tell apart", close),
        ),
        (highest.open, ngettext("{n} is known only in part", "{n} are known only in part", highest.open)),
        (highest.unknown, ngettext("{n} is not known", "{n} are not known", highest.unknown)),
    )
    return [text.format(n=format_number(count)) for count, text in texts if count]
