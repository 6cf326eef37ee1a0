"""One holder under several spellings: `Minera Ejemplo S.A.C.`, `MINERA EJEMPLO SAC`, `Minera Ejmplo S.A.C.`."""

import re
from collections import defaultdict
from dataclasses import dataclass

import pandas as pd
from rapidfuzz import fuzz, process

from layers.gazetteer import normalised

ALIKE = 94.0  # least likeness (rapidfuzz's ratio, 0 to 100) at which two names are taken for one: one letter in sixteen
_LEGAL_FORM = re.compile(r"\b(s ?a ?c|s ?a ?a|s ?a|s ?r ?l(tda)?|e ?i ?r ?l|s ?c ?r ?l|ltda?|inc|corp|llc|plc)\b")


@dataclass(frozen=True)
class Holder:
    """A holder: the spelling with most concessions, all spellings that were taken for it, and how many concessions."""

    name: str
    spellings: tuple[str, ...]
    concessions: int


def across_spellings(holders: pd.DataFrame) -> list[Holder]:
    """
    Take spellings for one holder where they differ in case, accents, punctuation, legal form, or a letter or two.

    Parameters
    ----------
    holders
        `holder` as written and `concessions`, how many.

    Returns
    -------
    list
        The holder with most concessions first. What was taken together is in `spellings`, for readers to judge.
    """
    spellings: dict[str, list[int]] = defaultdict(list)
    for at, written in enumerate(holders["holder"]):
        spellings[_bare(written)].append(at)
    groups: dict[str, list[int]] = {}
    for bare, rows in sorted(spellings.items(), key=lambda item: -int(holders["concessions"].iloc[item[1]].sum())):
        like = process.extractOne(bare, list(groups), scorer=fuzz.ratio, score_cutoff=ALIKE) if groups else None
        groups.setdefault(like[0] if like else bare, []).extend(rows)
    found = [_holder(holders.iloc[rows]) for rows in groups.values()]
    return sorted(found, key=lambda holder: (-holder.concessions, holder.name))


def _holder(rows: pd.DataFrame) -> Holder:
    ordered = rows.sort_values(["concessions", "holder"], ascending=[False, True])
    return Holder(ordered["holder"].iloc[0], tuple(ordered["holder"]), int(rows["concessions"].sum()))


def _bare(name: str) -> str:
    plain = normalised(name)
    return " ".join(_LEGAL_FORM.sub(" ", plain).split()) or plain
