"""
What may be published, and how little: an allow-list of columns, and counts from which nobody can be told.

Rules: a cell holds at least 5 when it is counted, is rounded down to a multiple of 5, and while it is shown its number
moves only when its true count has moved by at least 5. Nothing is counted anew before at least 5 cases have changed
since it last was. A record is in one cell only. Nothing else is published of restricted records: no total that was not
added up from the published cells.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from lindero.layers.model.layer import Column
from lindero.layers.model.parse_values import is_missing

K = 5  # the least that a cell may hold, its rounding, and the least that it moves
LEAST_CHANGED = 5  # cases, between two releases whose numbers differ

PUBLISHED: dict[str, tuple[str, ...]] = {
    "concessions": (
        *("code", "name", "holder", "kind", "substance", "status", "applied_on", "granted_on", "expires_on"),
        *("area_official_ha", "area_ha", "boundary_accuracy_m"),
    ),
    "protected_areas": (
        *("code", "name", "designation", "iucn_category", "governance", "status", "established_on", "zone"),
        *("area_official_ha", "area_ha", "boundary_accuracy_m"),
    ),
    "communities": (
        *("code", "name", "people", "type", "recognition", "population"),
        *("area_official_ha", "area_ha", "boundary_accuracy_m"),
    ),
    "regions": ("code", "name", "level", "parent_name", "country", "population", "area_official_ha", "area_ha"),
    "mining_scars": ("observed_on", "mined_ha", "area_ha", "boundary_accuracy_m"),
    "places": ("name", "region", "country", "population"),
    "incidents": (
        *("title", "occurred_on", "date_precision", "place_text", "region", "country", "location_precision"),
        *("sector", "perpetrator_kind", "visibility", "sources"),
    ),
    "acts": ("incident_id", "type"),
    "victims": ("incident_id", "count", "outcome", "gender", "identity", "people"),
    "case_steps": ("incident_id", "dated_on", "date_precision", "step", "court"),
    "consultations": (
        *("community_id", "concession_id", "measure", "stage", "authority", "resolution", "phase", "consent_status"),
        *("contested", "dated_on", "sources"),
    ),
    "commitments": (
        *("jurisdiction", "instrument", "stage", "dated_on", "date_precision", "supersedes", "source_url", "verified"),
        "note",
    ),
}
"""
The columns that are published of each layer, beside a new `id`. Measures of protection are not: they tell who is
guarded, by whom and how. What was received (`…_received`) is not either.
"""

NOT_PUBLISHED: dict[str, tuple[str, ...]] = {
    "regions": ("boundary_accuracy_m",),
    "mining_scars": ("area_official_ha",),
    "incidents": (
        "code",  # of the source's own list: it leads back to the file and whoever sent it
        *("company", "conflict_phase", "violent", "in_dialogue"),  # of one conflict these tell which it is
    ),
    "consultations": ("document_sha256",),  # of a document that somebody here holds
    "protection_measures": (
        *("incident_id", "measure", "provider", "gender_responsive", "collective", "requested_on", "granted_on"),
        "status",
    ),
}
"""The other columns, but for what was received: each was decided on, so that a new one is not published unseen."""

TEXT_SHOWN = ("locality", "district", "province", "region")
"""
Precisions at which the text of an incident's place is published: never more than the source vouches for. A text of an
exact place may be as exact as a point.
"""

COMMON_PUBLISHED = ("id", "source_id", "snapshot_on", "row_number", "invented")
SOURCES_PUBLISHED = (
    *("source_id", "snapshot_on", "layer", "title", "publisher", "licence", "url", "retrieved_on"),
    *("is_current", "invented", "snapshot_stated"),
    *("boundary_accuracy_m", "accuracy_basis", "accuracy_estimated_m", "crs_operation", "crs_operation_accuracy_m"),
)
COVERAGE_PUBLISHED = ("layer", "source_id", "snapshot_on", "basis", "extent", "name")
"""Of where a source has data; not what its place was called when it was declared, which may be the name of a file."""

COUNTS = (
    Column("id", required=True),
    Column("country", required=True),
    Column("department", required=True),
    Column("province"),  # empty: the department's other provinces
    Column("year", "INTEGER"),
    Column("count", "INTEGER", required=True),
)
COUNTS_TABLE = "restricted_counts"
OTHERS = ""  # in a cell's place: the department's other provinces
Cell = tuple[str, str, int | None]
"""Department, province (or `OTHERS`), year."""


@dataclass(frozen=True)
class Anchor:
    """The count that a cell was last published from, and whether it is shown."""

    count: int
    is_shown: bool


@dataclass(frozen=True)
class Basis:
    """
    What the numbers of a release were made from.

    `sizes` are the true counts of the finest cells (department, province or `OTHERS`, year); None if they were counted
    by a version of Lindero that did not note them.
    """

    anchors: Mapping[Cell, Anchor] = field(default_factory=dict)
    sizes: Mapping[Cell, int] | None = field(default_factory=dict)


@dataclass(frozen=True)
class Counted:
    """
    `cells` to publish, the `basis` that they were made from, and how many records are in no published cell.

    `is_held_back`: fewer than `LEAST_CHANGED` cases changed, so that the cells are those of the last release.
    """

    cells: dict[Cell, int]
    basis: Basis
    withheld: int
    is_held_back: bool


def untitled(layer: str, publisher: str) -> str:
    """Name a published source that has no title but that of its file."""
    return f"{layer.replace('_', ' ').capitalize()}, {publisher}"


def round_down(count: int) -> int:
    """Round down to a multiple of 5."""
    return count - count % K


def moved(count: int, last: Anchor | None) -> Anchor:
    """Decide what a cell of `count` records shows after it showed `last`."""
    last = last or Anchor(0, is_shown=False)
    if count < K:
        return Anchor(count, is_shown=False) if last.is_shown else last
    if abs(count - last.count) >= K:
        return Anchor(count, is_shown=True)
    return last


def changed(sizes: Mapping[Cell, int], last: Mapping[Cell, int]) -> int:
    """Count the cases that must have come, gone or moved, at least, for cells of these sizes to have become others."""
    steps = [sizes.get(cell, 0) - last.get(cell, 0) for cell in {*sizes, *last}]
    return max(sum(step for step in steps if step > 0), -sum(step for step in steps if step < 0))


def counted(records: pd.DataFrame, last: Basis) -> Counted:
    """
    Count records in cells of at least 5: by province and year, what is left by department and year, the rest not.

    Parameters
    ----------
    records
        `department`, `province` and `year`; a record without a department is counted nowhere.
    last
        What the last release was made from.
    """
    placed = records[records["department"].notna()]
    grouped = placed.groupby(["department", "province", "year"], dropna=False).size()
    sizes = {_cell(key): int(size) for key, size in grouped.items()}
    basis = following(sizes, last)
    cells = published_counts(basis.anchors)
    inside = sum(size for cell, size in sizes.items() if cell in cells or (cell[0], OTHERS, cell[2]) in cells)
    return Counted(cells, basis, len(records) - inside, basis is last and sizes != last.sizes)


def following(sizes: Mapping[Cell, int], last: Basis) -> Basis:
    """Give what the next release is made from: the last one's basis as long as too few cases have changed since."""
    if last.sizes is not None and changed(sizes, last.sizes) < LEAST_CHANGED:
        return last
    return Basis(released(sizes, last.anchors), sizes)


def released(sizes: Mapping[Cell, int], anchors: Mapping[Cell, Anchor]) -> dict[Cell, Anchor]:
    """Decide from the true counts of the finest cells, and the anchors of the last release, what each cell shows."""
    new: dict[Cell, Anchor] = {}
    left: dict[Cell, int] = {}
    shown = {cell for cell in anchors if cell[1] != OTHERS}
    for cell in sorted({*sizes, *shown}, key=_order):
        size = sizes.get(cell, 0)
        department, province, year = cell
        if province != OTHERS:
            new[cell] = moved(size, anchors.get(cell))
        if province == OTHERS or not new[cell].is_shown:
            rest = department, OTHERS, year
            left[rest] = left.get(rest, 0) + size
    for cell in {*left, *(cell for cell in anchors if cell[1] == OTHERS)}:
        new[cell] = moved(left.get(cell, 0), anchors.get(cell))
    return {cell: anchor for cell, anchor in new.items() if anchor.count}


def published_counts(anchors: Mapping[Cell, Anchor]) -> dict[Cell, int]:
    """Give the number of each cell that is shown."""
    return {cell: round_down(anchors[cell].count) for cell in sorted(anchors, key=_order) if anchors[cell].is_shown}


def _cell(key: object) -> Cell:
    parts: tuple[object, object, object] = key  # type: ignore[assignment]  # the tuple that was grouped by
    department, province, year = (None if is_missing(part) else part for part in parts)
    return str(department), str(province or OTHERS), None if year is None else int(str(year))


def _order(cell: Cell) -> tuple[str, str, int]:
    return cell[0], cell[1], cell[2] or 0
