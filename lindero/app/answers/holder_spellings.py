"""One holder under several spellings: `Minera Ejemplo S.A.C.`, `MINERA EJEMPLO SAC`, `Minera Ejmplo S.A.C.`."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from lindero.geo.registers import name_matching

_SEVERAL = re.compile(r"\s+[-–/]\s+|[,;]\s+")  # between the companies that a conflict names together
_BEFORE_NAME = re.compile(r"^(CIA|EMPRESA)(?=.{4})")  # what one register puts before a name and another leaves out


@dataclass(frozen=True)
class Holder:
    """A holder: the spelling with most concessions, all spellings that were taken for it, and how many concessions."""

    name: str
    spellings: tuple[str, ...]
    concessions: int

    @property
    def code(self) -> str:
        """What stands for it in a link: many a holder is a person, whose name is nobody's to read in an address."""
        return hashlib.sha256(name_matching.bare(name_matching.key(self.name)).encode()).hexdigest()[:12]


def across_spellings(holders: pd.DataFrame) -> list[Holder]:
    """
    Take spellings for one holder by the rule of `geo.registers.name_matching`, as changes of holder do.

    Parameters
    ----------
    holders
        `holder` as written and `concessions`, how many.

    Returns
    -------
    list
        The holder with most concessions first. What was taken together is in `spellings`, for readers to judge.
    """
    ordered = holders.sort_values(["concessions", "holder"], ascending=[False, True], ignore_index=True)
    taken: defaultdict[int, list[tuple[str, int]]] = defaultdict(list)  # no frame for each: most have one spelling
    of_name = name_matching.groups(ordered["holder"])
    for at, written, count in zip(of_name, ordered["holder"], ordered["concessions"], strict=True):
        taken[at].append((written, int(count)))
    found = [
        Holder(rows[0][0], tuple(written for written, _count in rows), sum(count for _written, count in rows))
        for rows in taken.values()
    ]
    return sorted(found, key=lambda holder: (-holder.concessions, holder.name))


def by_spelling(holders: list[Holder]) -> dict[str, str]:
    """Give the name that each spelling goes by."""
    return {written: holder.name for holder in holders for written in holder.spellings}


def conflicts_with(incidents: pd.DataFrame, spellings: Sequence[str]) -> pd.DataFrame:
    """
    Give the conflicts of which `company` names a holder, by the rule that takes spellings together.

    Legal form, *Compañía* and *Empresa* before a name apart; of several companies named together each is tried. What
    was taken for the holder stands in `company`, as written, for readers to judge.
    """
    wanted = {_named(spelling) for spelling in spellings}
    is_meant = incidents["company"].map(lambda companies: any(_is_one(part, wanted) for part in _companies(companies)))
    return incidents[is_meant.astype(bool)]


def _companies(value: object) -> list[str]:
    return [] if pd.isna(value) else [str(value), *_SEVERAL.split(str(value))]  # type: ignore[call-overload]


def _is_one(company: str, wanted: set[str]) -> bool:
    ours = _named(company)
    return bool(ours) and any(name_matching.respelt(ours, theirs) for theirs in wanted)


def _named(name: str) -> str:
    return _BEFORE_NAME.sub("", name_matching.key(name))
