"""
What may be published, and how little: an allow-list of columns, and counts from which nobody can be told.

Rules: a cell holds at least 5, is rounded down to a multiple of 5, and between two releases its true count has moved by
at least 5 or the cell stays as it was. A record is in one cell only. Nothing else is published of restricted records:
no total that was not added up from the published cells.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from layers.layer import Column
from layers.values import is_missing

K = 5  # the least that a cell may hold, its rounding, and the least that it moves

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
    "regions": ("code", "name", "level", "parent_name", "country", "area_official_ha", "area_ha"),
    "mining_scars": ("observed_on", "mined_ha", "area_ha", "boundary_accuracy_m"),
    "places": ("name", "region", "country", "population"),
    "incidents": (
        *("title", "occurred_on", "date_precision", "place_text", "region", "country", "location_precision"),
        *("sector", "perpetrator_kind", "visibility", "sources"),
    ),
    "acts": ("incident_id", "type"),
    "victims": ("incident_id", "count", "outcome", "gender", "identity", "people"),
    "case_steps": ("incident_id", "dated_on", "date_precision", "step", "court"),
    "consultations": ("community_id", "concession_id", "consent_status", "dated_on"),
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
    "incidents": ("code",),  # of the source's own list: it leads back to the file and whoever sent it
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
)
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
class Counted:
    """`cells` to publish, the `anchors` of the release, and how many records are in no published cell."""

    cells: dict[Cell, int]
    anchors: dict[Cell, Anchor]
    withheld: int


def rounded(count: int) -> int:
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


def counted(records: pd.DataFrame, anchors: Mapping[Cell, Anchor]) -> Counted:
    """
    Count records in cells of at least 5: by province and year, what is left by department and year, the rest not.

    Parameters
    ----------
    records
        `department`, `province` and `year`; a record without a department is counted nowhere.
    anchors
        Of the last release.
    """
    placed = records[records["department"].notna()]
    sizes = {
        _cell(key): int(size)
        for key, size in placed.groupby(["department", "province", "year"], dropna=False).size().items()
    }
    new: dict[Cell, Anchor] = {}
    left: dict[Cell, int] = {}
    known = {cell for cell in anchors if cell[1] != OTHERS}
    for cell in sorted({*sizes, *known}, key=_order):
        size = sizes.get(cell, 0)
        department, province, year = cell
        if province != OTHERS:
            new[cell] = moved(size, anchors.get(cell))
        if province == OTHERS or not new[cell].is_shown:
            rest = department, OTHERS, year
            left[rest] = left.get(rest, 0) + size
    for cell in {*left, *(cell for cell in anchors if cell[1] == OTHERS)}:
        new[cell] = moved(left.get(cell, 0), anchors.get(cell))
    shown = {cell: rounded(new[cell].count) for cell in sorted(new, key=_order) if new[cell].is_shown}
    inside = sum(sizes.get(cell, 0) if cell[1] != OTHERS else left.get(cell, 0) for cell in shown)
    kept = {cell: anchor for cell, anchor in new.items() if anchor.count}
    return Counted(shown, kept, len(records) - inside)


def _cell(key: object) -> Cell:
    parts: tuple[object, object, object] = key  # type: ignore[assignment]  # the tuple that was grouped by
    department, province, year = (None if is_missing(part) else part for part in parts)
    return str(department), str(province or OTHERS), None if year is None else int(str(year))


def _order(cell: Cell) -> tuple[str, str, int]:
    return cell[0], cell[1], cell[2] or 0
