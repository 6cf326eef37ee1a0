"""
Which records are one that was withdrawn: surely, perhaps, or not, by the signs that a record gives of itself.

Surely: it is the same in all that it holds, or in when, where and what; or its source gives it the same id and one more
sign agrees. Perhaps: one sign agrees alone. An id alone may be a row's number, a day and a place another's. What is
perhaps the same is asked about; who says that it is another's has that kept, too.
"""

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Mapping

import pandas as pd

from lindero.layers.consent.tombstones import Registers
from lindero.layers.model import identity
from lindero.layers.model.identity import MARK, plain
from lindero.layers.model.parse_values import is_missing

SURE, LIKE = "sure", "like"
NAME, ANOTHER, WHOLE = "name", "another", "whole"
_OWN, _ID, _CONTENT = "own", "own id", "content"
_WHEN_WHERE, _WHEN_WHAT, _WHERE_WHAT = "when and where", "when and what", "where and what"
_PARTS = (_WHEN_WHERE, _WHEN_WHAT, _WHERE_WHAT)
_OLD_CONTENT = ("occurred_on", "place_text", "region", "title")
_WORDS = 3  # in a title that tells one case from another
Signs = dict[str, str]
IsWithdrawn = Callable[[str, str], bool]


def whole(fields: str) -> str:
    """Give all that a received row holds (`fields` as JSON), whatever the order of its fields and the accents."""
    return "\x1f".join(sorted(filter(None, map(_plain_number, json.loads(fields).values()))))


def signs(row: Mapping[str, object]) -> Signs:
    """
    Give the signs of a record by their kind.

    Parameters
    ----------
    row
        `id`, `source_id`, `occurred_on`, `place_text`, `title`, and `whole` (as the function gives it) if it is known.
    """
    when, where, what = identity.attributes_of(pd.Series(dict(row)))
    telling = what if tells(what) else ""
    own = own_id(row)
    found = {
        _OWN: f"{row['source_id']}\x1f{own}" if own else "",
        _ID: own,
        _CONTENT: f"{when}\x1f{where}\x1f{what}" if when and where and what else "",
        _WHEN_WHERE: f"{when}\x1f{where}" if when and where else "",
        _WHEN_WHAT: f"{when}\x1f{what}" if when and telling else "",
        _WHERE_WHAT: f"{where}\x1f{what}" if where and telling else "",
        WHOLE: "" if is_missing(row.get(WHOLE)) else str(row.get(WHOLE)),
        NAME: identity.steady(str(row["id"])),
    }
    return {kind: text for kind, text in found.items() if text}


def tells(title: object) -> bool:
    """Whether a title has enough words to tell one case from another."""
    return len(plain(title).split()) >= _WORDS


def in_clear(found: Signs, *, public: bool) -> list[tuple[str, str]]:
    """Give the signs that may stand beside their salt: of private records not those that are soon found by trying."""
    left_out = () if public else (_WHEN_WHERE,)
    if not public and not found.keys() & {_WHEN_WHAT, _WHERE_WHAT}:
        left_out = (*left_out, _CONTENT, *((NAME,) if MARK in found.get(NAME, "") else ()))  # a fingerprint of it
    return [(kind, text) for kind, text in found.items() if kind not in left_out]


def _old_signs(row: Mapping[str, object]) -> list[tuple[str, str, str]]:
    """Give the signs of until November 2026 (kind, text) and what they say when they are met."""
    content = "\x1f".join(_old_plain(row.get(name)) for name in _OLD_CONTENT)
    of_row = ("id", f"{row['source_id']}/{row.get('row_number')}", LIKE)  # a row's number: it may be another's by now
    own = ("id", identity.steady(str(row["id"])), SURE)
    return [("content", content, SURE), own if own_id(row) else of_row]


def _old_plain(value: object) -> str:
    if is_missing(value):
        return ""
    text = value.isoformat()[:10] if isinstance(value, dt.date) else str(value)
    return re.sub(r"\W+", " ", text).strip().casefold()


def own_id(row: Mapping[str, object]) -> str:
    """Give the id that the source itself gave a record; empty if it gave none."""
    source, id_ = str(row["source_id"]), identity.steady(str(row["id"]))
    own = id_.removeprefix(f"{source}/").split(MARK)[0]
    number = str(row.get("row_number", ""))
    return "" if identity.old(str(row["id"])) and own.rpartition("#")[2] == number else own


def verdicts(incidents: pd.DataFrame, is_withdrawn: IsWithdrawn) -> "pd.Series[str]":
    """
    Tell of each record of one snapshot whether it is one that was withdrawn.

    Parameters
    ----------
    incidents
        As `signs` wants each row.
    known
        Whether a sign (kind and text) is of a withdrawn record.

    Returns
    -------
    Series
        SURE, LIKE or "" for each row.
    """
    rows = [{str(name): value for name, value in row.items()} for row in incidents.to_dict("records")]
    every = [signs(row) for row in rows]
    contents = pd.Series([one.get(_CONTENT, str(at)) for at, one in enumerate(every)], dtype=object)
    twins = contents.duplicated(keep=False)
    verdicts_by_row = [
        ""
        if is_withdrawn(*another(one))
        else _old_verdict(row, is_withdrawn) or _verdict(one, is_withdrawn, has_twin=bool(twin))
        for row, one, twin in zip(rows, every, twins, strict=True)
    ]
    return pd.Series(verdicts_by_row, index=incidents.index, dtype=object)


def was_withdrawn(incident_id: str, is_withdrawn: IsWithdrawn) -> bool:
    """Tell whether a record was withdrawn by this id."""
    steady = identity.steady(incident_id)
    return is_withdrawn(NAME, steady) or is_withdrawn("id", steady)  # the latter until November 2026


def of_registers(registers: Registers) -> IsWithdrawn:
    """Ask registers whether a sign is of a withdrawn record."""
    return lambda kind, text: any(register.holds(kind, text) for register in registers)


def shared(found: Signs, others: Iterable[Signs]) -> Signs:
    """Give the signs of a record without its content where another's is the same: it would be sure of the wrong one."""
    contents = {other.get(_CONTENT) for other in others}
    return {kind: text for kind, text in found.items() if kind != _CONTENT or text not in contents}


def another(found: Signs) -> tuple[str, str]:
    """Give the sign by which somebody said that a record is another's."""
    return ANOTHER, found.get(WHOLE) or "\x1e".join(found.get(kind, "") for kind in (_OWN, _CONTENT, *_PARTS))


def _verdict(found: Signs, is_withdrawn: IsWithdrawn, *, has_twin: bool) -> str:
    met = {kind for kind, text in found.items() if is_withdrawn(kind, text)}
    if WHOLE in met or (_CONTENT in met and not has_twin):
        return SURE
    says_too_little = not found.keys() & {*_PARTS, _CONTENT}
    if _OWN in met and (met & {*_PARTS, _CONTENT} or says_too_little):
        return SURE
    return LIKE if met - {NAME} else ""


def _old_verdict(row: Mapping[str, object], is_withdrawn: IsWithdrawn) -> str:
    met = {verdict for kind, text, verdict in _old_signs(row) if is_withdrawn(kind, text)}
    return SURE if SURE in met else LIKE if met else ""


def _plain_number(value: object) -> str:
    return plain(int(value) if isinstance(value, float) and value.is_integer() else value)
