"""
Which restricted records are surely distinct cases of distinct people, so that no count of them is too high.

Two records are suspected to be one case if `layers.check.same_incidents` proposes them (they are of two sources) and
more than the region and a near day speaks for it, or if one source tells both in the same words. They are suspected to
be of one person if they share a telephone or identity number, or a name. What is suspected is counted once; what may be
a case that is public or confidential is not counted at all. Whoever knows better says so (`lindero vault duplicates`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pandas as pd

from lindero.app.record.incidents import incidents_of
from lindero.layers.check.same_incidents import propose
from lindero.layers.database.map_database import Connection
from lindero.layers.model.identity import plain
from lindero.layers.publish import leak_words, published_database

RESTRICTED = "restricted"
_TELLING = frozenset({"same_day", "same_act", "alike_words"})  # reasons; a region and a near day are shared by many
_DIGITS = 8  # of an identity number; telephones have more, and are compared by their last
Pair = tuple[str, str]


@dataclass(frozen=True)
class Cases:
    """
    `distinct`: ids of restricted records to be counted.

    `copies`: how many are suspected to be one with another that is counted; `known_otherwise`: with a case that is
    public or confidential.
    """

    distinct: frozenset[str]
    copies: int
    known_otherwise: int


@dataclass(frozen=True)
class Likeness:
    """How many restricted records of a source may be of a case that is told already, by where: each counts once."""

    in_vault: int
    on_map: int
    in_source: int


def likeness(private: Connection, on_map: pd.DataFrame | None, source_id: str) -> Likeness:
    """Count the restricted records of a source in a vault that may be of one case or person with others."""
    incidents = joint_incidents(private, on_map)
    sources = incidents.set_index("id")["source_id"]
    visibilities = published_database.visibilities(private)
    in_vault, restricted = set(visibilities.index), set(visibilities.index[visibilities == RESTRICTED])
    met: dict[str, set[str]] = {"vault": set(), "map": set(), "source": set()}
    for pair in counted_pairs(private, incidents):
        for one, other in (pair, pair[::-1]):
            if sources[one] == source_id and one in restricted:
                where = "map" if other not in in_vault else "source" if sources[other] == source_id else "vault"
                met[where].add(one)
    return Likeness(len(met["vault"]), len(met["map"]), len(met["source"]))


def counted_pairs(private: Connection, incidents: pd.DataFrame) -> dict[Pair, list[str]]:
    """Give the suspected pairs that matter to a count: those with a restricted record in them."""
    restricted = set(incidents.loc[incidents["visibility"] == RESTRICTED, "id"])
    return {pair: why for pair, why in suspected_pairs(private, incidents).items() if restricted & set(pair)}


def cases(private: Connection, on_map: pd.DataFrame | None) -> Cases:
    """Choose the restricted records of a vault that are surely distinct, among each other and from the map's."""
    incidents = joint_incidents(private, on_map)
    pairs = suspected_pairs(private, incidents)
    neighbours: dict[str, set[str]] = {}
    for left, right in pairs:
        neighbours.setdefault(left, set()).add(right)
        neighbours.setdefault(right, set()).add(left)
    restricted = incidents[incidents["visibility"] == RESTRICTED]
    barred = set(incidents["id"]) - set(restricted["id"])
    near_barred = {name for name in restricted["id"] if neighbours.get(name, set()) & barred}
    # The largest source first: what another tells is added only where it cannot be the same.
    sizes = restricted["source_id"].map(restricted["source_id"].value_counts())
    largest_first = restricted.assign(size=sizes).sort_values(
        ["size", "source_id", "id"], ascending=[False, True, True]
    )
    chosen: set[str] = set()
    for name in largest_first["id"]:
        if name not in near_barred and not neighbours.get(name, set()) & chosen:
            chosen.add(name)
    return Cases(frozenset(chosen), len(restricted) - len(near_barred) - len(chosen), len(near_barred))


def joint_incidents(private: Connection, on_map: pd.DataFrame | None) -> pd.DataFrame:
    """Give the incidents of a vault and a map as `layers.check.same_incidents` compares them, with their visibility."""
    own = incidents_of(private)
    strictest = published_database.visibilities(private)
    twins = {twin: event for event, others in zip(own["id"], own["told_by"], strict=True) for twin in others}
    merged = strictest.groupby([twins.get(name, name) for name in strictest.index]).agg(_strictest)
    own = own.assign(visibility=own["id"].map(merged))
    if on_map is None or on_map.empty:
        return own
    public = on_map[~on_map["id"].isin(own["id"])].assign(visibility="public_record")
    return pd.concat([own, public], ignore_index=True) if len(own) else public


def suspected_pairs(private: Connection, incidents: pd.DataFrame) -> dict[Pair, list[str]]:
    """Give the pairs of incidents that may be one case, or of one person, and why; none that was decided to be two."""
    found = propose(incidents)
    pairs = {
        (left, right): reasons
        for left, right, reasons in zip(found["left_id"], found["right_id"], found["reasons"], strict=True)
        if _TELLING & set(reasons)
    }
    restricted = incidents[incidents["visibility"] == RESTRICTED]
    pairs |= {pair: ["same_words"] for pair in _paired(_same_words(restricted))}
    fields = published_database.received_fields(private)
    marked = ((mark, name) for name in restricted["id"] for mark in _marks(fields.get(name, {})))
    pairs |= {pair: ["same_person"] for pair in _paired(marked)}
    decided = published_database.apart(private)
    return {pair: reasons for pair, reasons in pairs.items() if frozenset(pair) not in decided}


def _strictest(visibilities: "pd.Series[str]") -> str:
    """Give what holds of a case that several records tell: what the most careful of them says."""
    values = set(visibilities)
    return values.pop() if len(values) == 1 else "confidential"


def _same_words(rows: pd.DataFrame) -> Iterator[tuple[object, str]]:
    """Give what a source tells of each incident: when, where, what."""
    for row in rows.to_dict("records"):
        words = plain(row["title"]) if row["title"] not in {row["id"], row["code"]} else "", plain(row["place_text"])
        if any(words):
            yield (row["source_id"], plain(row["occurred_on"]), *words), row["id"]


def _marks(fields: dict[str, object]) -> Iterator[tuple[str, str]]:
    """Give what may tell a person in the fields of a row as received: long numbers, and names of two words."""
    for field, value in fields.items():
        yield from (
            ("number", number[-_DIGITS:]) for number in leak_words.numbers(str(value)) if len(number) >= _DIGITS
        )
        words = plain(value)
        if " " in words and leak_words.is_of_persons(field):
            yield "name", words


def _paired(marked: Iterable[tuple[object, str]]) -> Iterator[Pair]:
    """Pair all that share a mark."""
    by_mark: dict[object, list[str]] = {}
    for mark, name in marked:
        by_mark.setdefault(mark, []).append(name)
    for names in by_mark.values():
        yield from ((left, right) for at, left in enumerate(names) for right in names[at + 1 :] if left != right)
