"""Several spellings of one holder: `Minera Ejemplo S.A.C.`, `MINERA EJEMPLO SAC`, `Minera Ejmplo S.A.C.`."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from lindero.geo.registers import name_matching

_SEVERAL = re.compile(r"\s+[-–/]\s+|[,;]\s+")  # between companies that a conflict names together
_BEFORE_NAME = re.compile(r"^(CIA|EMPRESA)(?=.{4})")  # prefixes that one register writes and another omits


@dataclass(frozen=True)
class Holder:
    """A holder: the spelling with most concessions, all its spellings, and the number of concessions."""

    name: str
    spellings: tuple[str, ...]
    concessions: int

    @property
    def code(self) -> str:
        """A hash of the name for links. Many holders are persons, and their names must not appear in addresses."""
        return hashlib.sha256(name_matching.strip_legal_form(name_matching.key(self.name)).encode()).hexdigest()[:12]


def group_spellings(holders: pd.DataFrame) -> list[Holder]:
    """Group spellings of one holder by the rule of `geo.registers.name_matching`, which changes of holder use too.

    `holders`: `holder` as written and `concessions`, the number of them. Returns: the holder with most concessions
    first. Its `spellings` list the grouped spellings, so that readers can check them.
    """
    ordered = holders.sort_values(["concessions", "holder"], ascending=[False, True], ignore_index=True)
    spellings_by_group: defaultdict[int, list[tuple[str, int]]] = defaultdict(
        list
    )  # not a frame per holder: most have one spelling
    group_numbers = name_matching.group_names(ordered["holder"])
    for group_number, written, count in zip(group_numbers, ordered["holder"], ordered["concessions"], strict=True):
        spellings_by_group[group_number].append((written, int(count)))
    grouped = [
        Holder(rows[0][0], tuple(written for written, _count in rows), sum(count for _written, count in rows))
        for rows in spellings_by_group.values()
    ]
    return sorted(grouped, key=lambda holder: (-holder.concessions, holder.name))


def map_spellings(holders: list[Holder]) -> dict[str, str]:
    """Return the main name of each spelling."""
    return {written: holder.name for holder in holders for written in holder.spellings}


def find_conflicts(incidents: pd.DataFrame, spellings: Sequence[str]) -> pd.DataFrame:
    """Return the conflicts with a holder in `company`, by the rule that groups spellings.

    Legal forms, and *Compañía* and *Empresa* before a name, are ignored. Each of several companies in one text is
    compared. `company` keeps the original text, so that readers can check the match.
    """
    names = {_normalise_name(spelling) for spelling in spellings}
    is_match = incidents["company"].map(
        lambda companies: any(_is_any_respelling(part, names) for part in _split_companies(companies))
    )
    return incidents[is_match.astype(bool)]


def _split_companies(value: object) -> list[str]:
    return [] if pd.isna(value) else [str(value), *_SEVERAL.split(str(value))]  # type: ignore[call-overload]


def _is_any_respelling(company: str, names: set[str]) -> bool:
    ours = _normalise_name(company)
    return bool(ours) and any(name_matching.is_respelling(ours, theirs) for theirs in names)


def _normalise_name(name: str) -> str:
    return _BEFORE_NAME.sub("", name_matching.key(name))
