"""Selection of the restricted records that are surely distinct cases, so that no count is too high.

Two records of different sources are suspected to be one case if `layers.check.same_incidents` proposes them for more
reasons than the region and a near date. Two records of one source are suspected if they have the same words. Records
are suspected to be of one person if they share a telephone or identity number, or a name. Suspected records are counted
once. A record that may be a public or confidential case is not counted at all. A person can decide otherwise (`lindero
vault duplicates`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pandas as pd

from lindero.app.answers.record.incidents import read_incidents
from lindero.layers.check.same_incidents import propose_pairs
from lindero.layers.database.map_database import Connection
from lindero.layers.model.identity import normalise_value
from lindero.layers.publish import leak_words, published_database

RESTRICTED = "restricted"
_DECISIVE_REASONS = frozenset(
    {"same_day", "same_act", "alike_words"}
)  # reasons that count: many share a region or a near date
_DIGITS = 8  # of an identity number; telephone numbers are longer, and are compared by their last digits
Pair = tuple[str, str]


@dataclass(frozen=True)
class DistinctCases:
    """The restricted records to count.

    `distinct` are their ids. `copies` is the number of records suspected to be the same as a counted one.
    `known_otherwise` is the number of records suspected to be a public or confidential case.
    """

    distinct: frozenset[str]
    copies: int
    known_otherwise: int


@dataclass(frozen=True)
class PossibleDuplicates:
    """The number of restricted records of a source that may duplicate another record, by the place of that record.

    Within each place, a record is counted once.
    """

    in_vault: int
    on_map: int
    in_source: int


def count_possible_duplicates(private: Connection, on_map: pd.DataFrame | None, source_id: str) -> PossibleDuplicates:
    """Count the restricted records of a source in a vault that may be of the same case or person as others."""
    incidents = join_incidents(private, on_map)
    sources = incidents.set_index("id")["source_id"]
    visibilities = published_database.read_visibilities(private)
    in_vault, restricted = set(visibilities.index), set(visibilities.index[visibilities == RESTRICTED])
    ids_by_place: dict[str, set[str]] = {"vault": set(), "map": set(), "source": set()}
    for pair in find_relevant_pairs(private, incidents):
        for record_id, other_id in (pair, pair[::-1]):
            if sources[record_id] == source_id and record_id in restricted:
                place = "map" if other_id not in in_vault else "source" if sources[other_id] == source_id else "vault"
                ids_by_place[place].add(record_id)
    return PossibleDuplicates(len(ids_by_place["vault"]), len(ids_by_place["map"]), len(ids_by_place["source"]))


def find_relevant_pairs(private: Connection, incidents: pd.DataFrame) -> dict[Pair, list[str]]:
    """Return the suspected pairs that affect a count: those with a restricted record."""
    restricted = set(incidents.loc[incidents["visibility"] == RESTRICTED, "id"])
    return {
        pair: reasons for pair, reasons in find_suspected_pairs(private, incidents).items() if restricted & set(pair)
    }


def select_distinct_cases(private: Connection, on_map: pd.DataFrame | None) -> DistinctCases:
    """Select the restricted records of a vault that are surely distinct from each other and from the map's records."""
    incidents = join_incidents(private, on_map)
    pairs = find_suspected_pairs(private, incidents)
    neighbours: dict[str, set[str]] = {}
    for left, right in pairs:
        neighbours.setdefault(left, set()).add(right)
        neighbours.setdefault(right, set()).add(left)
    restricted = incidents[incidents["visibility"] == RESTRICTED]
    barred = set(incidents["id"]) - set(restricted["id"])
    near_barred = {name for name in restricted["id"] if neighbours.get(name, set()) & barred}
    # The largest source first: a record of another source is added only where it cannot be the same case.
    sizes = restricted["source_id"].map(restricted["source_id"].value_counts())
    largest_first = restricted.assign(size=sizes).sort_values(
        ["size", "source_id", "id"], ascending=[False, True, True]
    )
    chosen: set[str] = set()
    for name in largest_first["id"]:
        if name not in near_barred and not neighbours.get(name, set()) & chosen:
            chosen.add(name)
    return DistinctCases(frozenset(chosen), len(restricted) - len(near_barred) - len(chosen), len(near_barred))


def join_incidents(private: Connection, on_map: pd.DataFrame | None) -> pd.DataFrame:
    """Return the incidents of a vault and a map with their visibility.

    `layers.check.same_incidents` compares them.
    """
    vault_incidents = read_incidents(private)
    strictest = published_database.read_visibilities(private)
    twins = {
        twin: event
        for event, duplicates in zip(vault_incidents["id"], vault_incidents["told_by"], strict=True)
        for twin in duplicates
    }
    merged = strictest.groupby([twins.get(name, name) for name in strictest.index]).agg(_strictest_visibility)
    vault_incidents = vault_incidents.assign(visibility=vault_incidents["id"].map(merged))
    if on_map is None or on_map.empty:
        return vault_incidents
    public = on_map[~on_map["id"].isin(vault_incidents["id"])].assign(visibility="public_record")
    return pd.concat([vault_incidents, public], ignore_index=True) if len(vault_incidents) else public


def find_suspected_pairs(private: Connection, incidents: pd.DataFrame) -> dict[Pair, list[str]]:
    """Return the pairs of incidents that may be one case or of one person, with the reasons.

    Pairs that a person decided are different are left out.
    """
    proposals = propose_pairs(incidents)
    pairs = {
        (left, right): reasons
        for left, right, reasons in zip(proposals["left_id"], proposals["right_id"], proposals["reasons"], strict=True)
        if _DECISIVE_REASONS & set(reasons)
    }
    restricted = incidents[incidents["visibility"] == RESTRICTED]
    pairs |= {pair: ["same_words"] for pair in _pair_by_mark(_iter_word_marks(restricted))}
    fields = published_database.read_received_fields(private)
    person_marks = ((mark, name) for name in restricted["id"] for mark in _iter_person_marks(fields.get(name, {})))
    pairs |= {pair: ["same_person"] for pair in _pair_by_mark(person_marks)}
    different_pairs = published_database.read_different_pairs(private)
    return {pair: reasons for pair, reasons in pairs.items() if frozenset(pair) not in different_pairs}


def _strictest_visibility(visibilities: "pd.Series[str]") -> str:
    """Return the visibility of a case with several records: theirs if all agree, else confidential."""
    values = set(visibilities)
    return values.pop() if len(values) == 1 else "confidential"


def _iter_word_marks(rows: pd.DataFrame) -> Iterator[tuple[object, str]]:
    """Yield the words of each incident as a mark (source, date, title, place), with its id."""
    for row in rows.to_dict("records"):
        words = (
            normalise_value(row["title"]) if row["title"] not in {row["id"], row["code"]} else "",
            normalise_value(row["place_text"]),
        )
        if any(words):
            yield (row["source_id"], normalise_value(row["occurred_on"]), *words), row["id"]


def _iter_person_marks(fields: dict[str, object]) -> Iterator[tuple[str, str]]:
    """Yield values of a received row that may identify a person.

    These are long numbers, and names of two or more words in fields about persons.
    """
    for field, value in fields.items():
        yield from (
            ("number", number[-_DIGITS:]) for number in leak_words.extract_numbers(str(value)) if len(number) >= _DIGITS
        )
        words = normalise_value(value)
        if " " in words and leak_words.is_of_persons(field):
            yield "name", words


def _pair_by_mark(mark_pairs: Iterable[tuple[object, str]]) -> Iterator[Pair]:
    """Yield all pairs of records that share a mark."""
    by_mark: dict[object, list[str]] = {}
    for mark, name in mark_pairs:
        by_mark.setdefault(mark, []).append(name)
    for names in by_mark.values():
        yield from ((left, right) for index, left in enumerate(names) for right in names[index + 1 :] if left != right)
