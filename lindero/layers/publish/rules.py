"""The rules of publication: an allow-list of columns, and counts that identify nobody.

A cell contains at least 5 records when it is counted, and its number is rounded down to a multiple of 5. A shown number
changes only when the true count has changed by at least 5. Nothing is counted again until at least 5 cases have
changed. A record is in one cell only. Nothing else is published about restricted records: every total is a sum of
published cells.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lindero.layers.model.layer import Column
from lindero.layers.model.parse_values import is_missing

if TYPE_CHECKING:
    import pandas as pd

K = 5  # minimum count of a cell, its rounding unit, and the minimum change between publications
LEAST_CHANGED = 5  # minimum cases by which two releases with different numbers must differ

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
        "code",  # number in the source's own list: it could identify the file and its sender
        *("company", "conflict_phase", "violent", "in_dialogue"),  # together these identify a single conflict
    ),
    "consultations": ("document_sha256",),  # of a document that is held locally
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
OTHER_PROVINCES = ""  # in place of a province: the department's other provinces
Cell = tuple[str, str, int | None]
"""Department, province (or `OTHER_PROVINCES`), year."""


@dataclass(frozen=True)
class Anchor:
    """The count that a cell was last published from, and whether the cell is shown."""

    count: int
    is_shown: bool


@dataclass(frozen=True)
class Basis:
    """The counts that the numbers of a release were computed from.

    `sizes` are the true counts of the finest cells (department, province or `OTHER_PROVINCES`, year). None means that a
    version of Lindero counted them that did not store them.
    """

    anchors: Mapping[Cell, Anchor] = field(default_factory=dict)
    sizes: Mapping[Cell, int] | None = field(default_factory=dict)


@dataclass(frozen=True)
class CountResult:
    """The result of counting records in cells.

    `cells` are the numbers to publish, `basis` the counts behind them, and `withheld` the number of records in no
    published cell. With `is_held_back`, fewer than `LEAST_CHANGED` cases changed, and the cells are those of the last
    release.
    """

    cells: dict[Cell, int]
    basis: Basis
    withheld: int
    is_held_back: bool


def default_title(layer: str, publisher: str) -> str:
    """Return the title of a published source whose only title is the name of its file."""
    return f"{layer.replace('_', ' ').capitalize()}, {publisher}"


def round_down(count: int) -> int:
    """Round down to a multiple of 5."""
    return count - count % K


def next_anchor(count: int, last: Anchor | None) -> Anchor:
    """Return the next anchor of a cell that has `count` records and last showed `last`."""
    last = last or Anchor(0, is_shown=False)
    if count < K:
        return Anchor(count, is_shown=False) if last.is_shown else last
    if abs(count - last.count) >= K:
        return Anchor(count, is_shown=True)
    return last


def count_changes(sizes: Mapping[Cell, int], last: Mapping[Cell, int]) -> int:
    """Return the minimum number of cases that were added, removed or moved between two sets of cell sizes."""
    differences = [sizes.get(cell, 0) - last.get(cell, 0) for cell in {*sizes, *last}]
    return max(sum(step for step in differences if step > 0), -sum(step for step in differences if step < 0))


def count_records(records: "pd.DataFrame", last: Basis) -> CountResult:
    """Count records in cells of at least 5, by province and year.

    Records of smaller cells are counted by department and year if possible, otherwise withheld.

    `records`: `department`, `province` and `year`. A record without a department is not counted.
    """
    with_department = records[records["department"].notna()]
    grouped = with_department.groupby(["department", "province", "year"], dropna=False).size()
    sizes = {_to_cell(key): int(size) for key, size in grouped.items()}
    basis = next_basis(sizes, last)
    cells = published_counts(basis.anchors)
    published_records = sum(
        size for cell, size in sizes.items() if cell in cells or (cell[0], OTHER_PROVINCES, cell[2]) in cells
    )
    return CountResult(cells, basis, len(records) - published_records, basis is last and sizes != last.sizes)


def next_basis(sizes: Mapping[Cell, int], last: Basis) -> Basis:
    """Return the basis of the next release: the last one, as long as too few cases have changed since."""
    if last.sizes is not None and count_changes(sizes, last.sizes) < LEAST_CHANGED:
        return last
    return Basis(next_anchors(sizes, last.anchors), sizes)


def next_anchors(sizes: Mapping[Cell, int], anchors: Mapping[Cell, Anchor]) -> dict[Cell, Anchor]:
    """Compute the anchor of each cell from the true counts of the finest cells and the anchors of the last release."""
    new_anchors: dict[Cell, Anchor] = {}
    remaining: dict[Cell, int] = {}
    shown = {cell for cell in anchors if cell[1] != OTHER_PROVINCES}
    for cell in sorted({*sizes, *shown}, key=_sort_key):
        size = sizes.get(cell, 0)
        department, province, year = cell
        if province != OTHER_PROVINCES:
            new_anchors[cell] = next_anchor(size, anchors.get(cell))
        if province == OTHER_PROVINCES or not new_anchors[cell].is_shown:
            others_cell = department, OTHER_PROVINCES, year
            remaining[others_cell] = remaining.get(others_cell, 0) + size
    for cell in {*remaining, *(cell for cell in anchors if cell[1] == OTHER_PROVINCES)}:
        new_anchors[cell] = next_anchor(remaining.get(cell, 0), anchors.get(cell))
    return {cell: anchor for cell, anchor in new_anchors.items() if anchor.count}


def published_counts(anchors: Mapping[Cell, Anchor]) -> dict[Cell, int]:
    """Return the number of each cell that is shown."""
    return {cell: round_down(anchors[cell].count) for cell in sorted(anchors, key=_sort_key) if anchors[cell].is_shown}


def _to_cell(key: object) -> Cell:
    parts: tuple[object, object, object] = key  # type: ignore[assignment]  # the tuple that was grouped by
    department, province, year = (None if is_missing(part) else part for part in parts)
    return str(department), str(province or OTHER_PROVINCES), None if year is None else int(str(year))


def _sort_key(cell: Cell) -> tuple[str, str, int]:
    return cell[0], cell[1], cell[2] or 0
