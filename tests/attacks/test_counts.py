"""
Attacks on the counts, by who has every release and all rules, and not the vault: what changed with one record, and what a
cell must be, over all tables that there can be.
"""

import itertools
import random

import pandas as pd
import pytest

from lindero.layers.publish.rules import (
    LEAST_CHANGED,
    OTHER_PROVINCES,
    Basis,
    K,
    count_changes,
    count_records,
    next_basis,
    published_counts,
)
from tests.amount import amount

PROVINCES = [(f"D{d}", f"P{p}") for d in range(6) for p in range(5)]
YEAR = 2024
RELEASES = amount(200, 1_800)


def one_change(records, letters, names):
    """One record more, one less, or one in another place."""
    kind = letters.choice(["add", "add", "withdraw", "move"]) if records else "add"
    after = dict(records)
    if kind != "add":
        gone = letters.choice(sorted(after))
        after.pop(gone)
    if kind != "withdraw":
        after[gone if kind == "move" else next(names)] = letters.choice(PROVINCES)
    return after


def as_rows(records):
    return pd.DataFrame([*records.values()], columns=["department", "province"]).assign(year=YEAR)


def apart(before, after):
    """How many records are there in one only, or in another place."""
    return sum(before.get(name) != after.get(name) for name in {*before, *after})


def seen_with_one(releases, *, in_batches):
    """Publish after every change: how often something was seen, and how few records had changed since it last was."""
    letters, names = random.Random(20_261_126), itertools.count()
    records, basis, cells, last, found = {}, Basis(), {}, {}, []
    for _ in range(releases):
        records = one_change(records, letters, names)
        release = count_records(as_rows(records), basis if in_batches else Basis(basis.anchors, None))
        if release.cells != cells:
            found.append(apart(last, records))
        if release.basis is not basis:
            last = records
        basis, cells = release.basis, release.cells
    return found


def test_1800_releases_of_one_change_each_never_show_what_fewer_than_five_cases_did():
    found = seen_with_one(RELEASES, in_batches=True)

    assert found
    assert min(found) >= LEAST_CHANGED


def test_the_same_attack_finds_single_records_where_numbers_are_not_held_back():
    assert min(seen_with_one(RELEASES, in_batches=False)) == 1


HIGHEST = 14  # a cell that shows 10 holds no more
UNIVERSES = [("A", "B"), ("A", OTHER_PROVINCES)]


def tables_of(names):
    """All tables that the cells of a department can have in a year."""
    sizes = itertools.product(range(HIGHEST + 1), repeat=len(names))
    return [{("D", name, YEAR): size for name, size in zip(names, each, strict=True) if size} for each in sizes]


class Bases(dict):
    """Bases by what they hold: a set of them, for who tries all tables."""

    def add(self, basis):
        self.setdefault((tuple(sorted(basis.anchors.items())), tuple(sorted((basis.sizes or {}).items()))), basis)


def feasible(seen, tables):
    """All tables that the last of a series of releases can have been made from, by who has seen each."""
    bases = Bases()
    bases.add(Basis())
    for cells in seen:
        after, possible = Bases(), []
        for basis, table in itertools.product(bases.values(), tables):
            then = next_basis(table, basis)
            if published_counts(then.anchors) == cells:
                after.add(then)
                possible.append(table)
        bases = after
    return possible


def pinned(tables, names):
    """Cells for which all tables have one number."""
    return [name for name in names if len({table.get(("D", name, YEAR), 0) for table in tables}) == 1]


@pytest.mark.parametrize("names", UNIVERSES)
def test_no_series_of_releases_leaves_one_number_alone_for_any_cell_over_all_tables(names):
    letters = random.Random(20_261_126)
    tables = tables_of(names)
    small = [table for table in tables if sum(table.values()) <= HIGHEST]
    for _ in range(amount(4, 40)):
        basis, seen = Basis(), []
        for table in letters.choices(small, k=amount(2, 3)):
            basis = next_basis(table, basis)
            seen.append(published_counts(basis.anchors))
        assert pinned(feasible(seen, tables), names) == []


@pytest.mark.parametrize("names", [*UNIVERSES, ("A", "B", OTHER_PROVINCES)])
def test_no_first_release_leaves_one_number_alone_for_any_cell_over_all_tables(names):
    by_cells = {}
    for table in tables_of(names):
        by_cells.setdefault(tuple(published_counts(next_basis(table, Basis()).anchors).items()), []).append(table)

    whole = {cells: tables for cells, tables in by_cells.items() if all(number <= 10 for _, number in cells)}
    assert len(whole) > 3
    assert [cells for cells, tables in whole.items() if pinned(tables, names)] == []


def test_what_has_changed_is_never_overstated():
    letters, names = random.Random(5), itertools.count()
    before = {next(names): letters.choice(PROVINCES) for _ in range(40)}
    for _ in range(200):
        after = before
        for _ in range(letters.randint(1, 8)):
            after = one_change(after, letters, names)
        sizes = [as_rows(records).value_counts().to_dict() for records in (before, after)]
        assert count_changes(sizes[1], sizes[0]) <= apart(before, after)
        before = after
    assert K == LEAST_CHANGED
