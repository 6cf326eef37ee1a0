"""Matching of records with withdrawn ones: certain, possible or none, by the signs of a record.

A sign is a normalised text that identifies a record, such as its id, or its date and place. A match is certain if the
whole row agrees, or date, place and title together, or the source's own id and one more sign. A match is possible if
only one sign agrees: an id may be a mere row number, and another event may have the same date and place. A person
decides about possible matches; the decision that a record is another one is stored, too.
"""

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Mapping

import pandas as pd

from lindero.layers.consent.tombstones import Registers
from lindero.layers.model import identity
from lindero.layers.model.identity import MARK, normalise_value
from lindero.layers.model.parse_values import is_missing

SURE, LIKE = "sure", "like"
NAME, ANOTHER, WHOLE = "name", "another", "whole"
_OWN, _ID, _CONTENT = "own", "own id", "content"
_WHEN_WHERE, _WHEN_WHAT, _WHERE_WHAT = "when and where", "when and what", "where and what"
_PARTS = (_WHEN_WHERE, _WHEN_WHAT, _WHERE_WHAT)
_OLD_CONTENT = ("occurred_on", "place_text", "region", "title")
_WORDS = 3  # minimum words in a title that distinguishes one case from another
Signs = dict[str, str]
IsWithdrawn = Callable[[str, str], bool]


def normalise_row(fields: str) -> str:
    """Return all values of a received row, normalised and independent of the order of fields.

    Returns: the values without case, accents and punctuation, sorted, with unit separators (U+001F) between them.
    Missing values are left out.
    """
    return "\x1f".join(sorted(filter(None, map(_normalise_number, json.loads(fields).values()))))


def build_signs(row: Mapping[str, object]) -> Signs:
    """Return the signs of a record by kind.

    `row`: `id`, `source_id`, `occurred_on`, `place_text`, `title`, and `whole` (from `normalise_row`) if it is known.
    """
    date, place, title = identity.normalise_attributes(pd.Series(dict(row)))
    specific_title = title if is_specific_title(title) else ""
    source_key = own_id(row)
    signs_by_kind = {
        _OWN: f"{row['source_id']}\x1f{source_key}" if source_key else "",
        _ID: source_key,
        _CONTENT: f"{date}\x1f{place}\x1f{title}" if date and place and title else "",
        _WHEN_WHERE: f"{date}\x1f{place}" if date and place else "",
        _WHEN_WHAT: f"{date}\x1f{title}" if date and specific_title else "",
        _WHERE_WHAT: f"{place}\x1f{title}" if place and specific_title else "",
        WHOLE: "" if is_missing(row.get(WHOLE)) else str(row.get(WHOLE)),
        NAME: identity.remove_date(str(row["id"])),
    }
    return {kind: text for kind, text in signs_by_kind.items() if text}


def is_specific_title(title: object) -> bool:
    """Return whether a title has enough words to distinguish one case from another."""
    return len(normalise_value(title).split()) >= _WORDS


def select_clear_signs(signs_by_kind: Signs, *, public: bool) -> list[tuple[str, str]]:
    """Return the signs that may be stored beside their salt.

    Of private records, signs that are easily guessed are left out.

    `signs_by_kind`: the signs of a record, from `build_signs`.
    """
    left_out = () if public else (_WHEN_WHERE,)
    if not public and not signs_by_kind.keys() & {_WHEN_WHAT, _WHERE_WHAT}:
        left_out = (
            *left_out,
            _CONTENT,
            *((NAME,) if MARK in signs_by_kind.get(NAME, "") else ()),
        )  # such a name contains a fingerprint of the content
    return [(kind, text) for kind, text in signs_by_kind.items() if kind not in left_out]


def _old_signs(row: Mapping[str, object]) -> list[tuple[str, str, str]]:
    """Return the signs used until November 2026: kind, text, and the verdict if they match."""
    content = "\x1f".join(_old_normalise(row.get(name)) for name in _OLD_CONTENT)
    row_sign = ("id", f"{row['source_id']}/{row.get('row_number')}", LIKE)  # rows may have been renumbered since
    id_sign = ("id", identity.remove_date(str(row["id"])), SURE)
    return [("content", content, SURE), id_sign if own_id(row) else row_sign]


def _old_normalise(value: object) -> str:
    if is_missing(value):
        return ""
    text = value.isoformat()[:10] if isinstance(value, dt.date) else str(value)
    return re.sub(r"\W+", " ", text).strip().casefold()


def own_id(row: Mapping[str, object]) -> str:
    """Return the id that the source itself gave a record; empty if it gave none."""
    source, id_ = str(row["source_id"]), identity.remove_date(str(row["id"]))
    own_part = id_.removeprefix(f"{source}/").split(MARK)[0]
    number = str(row.get("row_number", ""))
    return "" if identity.parse_old_id(str(row["id"])) and own_part.rpartition("#")[2] == number else own_part


def compute_verdicts(incidents: pd.DataFrame, is_withdrawn: IsWithdrawn) -> "pd.Series[str]":
    """Return the verdict for each record of one snapshot: whether it is a withdrawn one.

    `incidents`: the columns that `build_signs` needs.
    """
    rows = [{str(name): value for name, value in row.items()} for row in incidents.to_dict("records")]
    all_signs = [build_signs(row) for row in rows]
    contents = pd.Series(
        [record_signs.get(_CONTENT, str(position)) for position, record_signs in enumerate(all_signs)], dtype=object
    )
    twins = contents.duplicated(keep=False)
    verdicts_by_row = [
        ""
        if is_withdrawn(*decision_sign(record_signs))
        else _old_verdict(row, is_withdrawn) or _verdict(record_signs, is_withdrawn, has_twin=bool(twin))
        for row, record_signs, twin in zip(rows, all_signs, twins, strict=True)
    ]
    return pd.Series(verdicts_by_row, index=incidents.index, dtype=object)


def was_withdrawn(incident_id: str, is_withdrawn: IsWithdrawn) -> bool:
    """Return whether a record with this id was withdrawn.

    `is_withdrawn`: A function of kind and text of a sign, from `build_lookup`.
    """
    undated_id = identity.remove_date(incident_id)
    return is_withdrawn(NAME, undated_id) or is_withdrawn("id", undated_id)  # "id" was used until November 2026


def build_lookup(registers: Registers) -> IsWithdrawn:
    """Return a function that looks up signs of withdrawn records in registers."""
    return lambda kind, text: any(register.contains(kind, text) for register in registers)


def drop_shared_content(signs_by_kind: Signs, other_signs: Iterable[Signs]) -> Signs:
    """Return the signs of a record, without its content sign if another record has the same.

    Otherwise the match with that record would be certain, and wrong.

    `signs_by_kind`: the signs of the record, from `build_signs`. They are not changed.
    """
    contents = {candidate.get(_CONTENT) for candidate in other_signs}
    return {kind: text for kind, text in signs_by_kind.items() if kind != _CONTENT or text not in contents}


def decision_sign(signs_by_kind: Signs) -> tuple[str, str]:
    """Return the sign that stores a person's decision that a record is another one.

    `signs_by_kind`: the signs of the record, from `build_signs`.
    """
    return ANOTHER, signs_by_kind.get(WHOLE) or "\x1e".join(
        signs_by_kind.get(kind, "") for kind in (_OWN, _CONTENT, *_PARTS)
    )


def _verdict(signs_by_kind: Signs, is_withdrawn: IsWithdrawn, *, has_twin: bool) -> str:
    matches = {kind for kind, text in signs_by_kind.items() if is_withdrawn(kind, text)}
    if WHOLE in matches or (_CONTENT in matches and not has_twin):
        return SURE
    has_few_signs = not signs_by_kind.keys() & {*_PARTS, _CONTENT}
    if _OWN in matches and (matches & {*_PARTS, _CONTENT} or has_few_signs):
        return SURE
    return LIKE if matches - {NAME} else ""


def _old_verdict(row: Mapping[str, object], is_withdrawn: IsWithdrawn) -> str:
    met = {verdict for kind, text, verdict in _old_signs(row) if is_withdrawn(kind, text)}
    return SURE if SURE in met else LIKE if met else ""


def _normalise_number(value: object) -> str:
    return normalise_value(int(value) if isinstance(value, float) and value.is_integer() else value)
