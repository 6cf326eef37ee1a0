"""The names of a whole map in the order in which they sound: a browser loads those alone that may be meant."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from lindero.layers.reference.name_index import key, normalised, sound

Row = dict[str, Any]
_SHORTEST = 3  # letters of a word that a name is looked up by, if it has others
_KIND = {"communities": "type", "protected_areas": "", "concessions": ""}
_OTHERWISE = {"communities": "communities", "protected_areas": "protected_area", "concessions": "concession"}
_OF_TITLES = ("id", "name", "status", "kind", "area_ha")
_LAST = "~"


def heard(name: str, code: str = "") -> set[str]:
    """Give what a name is looked up by: how each of its words sounds, and the code of the register."""
    words = key(name).split()
    telling = [word for word in words if len(word) >= _SHORTEST and not word.isdigit()] or words
    return {sound(word) for word in telling} | ({key(code)} if code else set())


def names(
    kinds: Sequence[str], rows: Sequence[Row], boxes: Sequence[Sequence[float]], where: dict[str, int]
) -> Iterator[tuple[str, Row]]:
    """Give what goes by a name, once for each of the words that it is looked up by."""
    for kind, row, box in zip(kinds, rows, boxes, strict=True):
        if row.get("name") and (kind in _KIND or kind == "places"):
            entry = _place(row) if kind == "places" else _feature(kind, row, box, where)
            yield from ((word, entry) for word in heard(entry["name"], entry.get("code", "")))


def holders(kinds: Sequence[str], rows: Sequence[Row], where: dict[str, int]) -> Iterator[tuple[str, Row]]:
    """Give each holder, as the register writes it, with its titles."""
    held: dict[str, list[Row]] = defaultdict(list)
    for kind, row in zip(kinds, rows, strict=True):
        if kind == "concessions" and row.get("holder"):
            told = {column: row[column] for column in _OF_TITLES if column in row}
            lands = [
                {name: pair[name] for name in ("id", "name", "part") if name in pair} for pair in row.get("pairs", ())
            ]
            held[row["holder"]].append({**told, "part": where[row["id"]], "lands": lands})
    yield from ((normalised(name), {"name": name, "titles": titles}) for name, titles in held.items())


def in_list(row: Row) -> str:
    """Give by what a row stands in an alphabetical list; without a name last."""
    return normalised(str(row.get("name") or row.get("department") or "")) or _LAST


def _place(row: Row) -> Row:
    return {name: row[name] for name in ("name", "kind", "around", "at")}


def _feature(kind: str, row: Row, box: Sequence[float], where: dict[str, int]) -> Row:
    told = {"name": row["name"], "kind": row.get(_KIND[kind]) or _OTHERWISE[kind], "layer": kind, "id": row["id"]}
    return {
        **told,
        "code": row.get("code", ""),
        "at": row["at"],
        "box": [round(one, 4) for one in box],
        "part": where[row["id"]],
    }
