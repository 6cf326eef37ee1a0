"""Preview of adding a file, for a page. It is small and can be sent as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from lindero.app.builder.add.doubts import find_example
from lindero.app.builder.add.plan import read_fields
from lindero.app.builder.rows.row_report import IngestedSource
from lindero.layers.check.visibility import WithdrawalDecision
from lindero.layers.database.definitions import PERSON_LAYERS
from lindero.layers.model.schema import CRS
from lindero.layers.workspace.manifest_file import SourceEntry

MAX_DRAWN_ROWS = 2_000  # rows drawn, at most
_MOST_VERTICES = 2_000_000  # vertices of all drawn rows; the first row is always drawn
_ROWS_NAMED = 8
_SAMPLES = 3
_COUNTS = ("rows_read", "rows_kept", "rows_repaired", "rows_rejected")
_LIST_COLUMNS = ("name", "title", "code", "holder", "place_text", "area_ha")
_KINDS = (("reason", "rejects"), ("repair", "repairs"), ("finding", "findings"))


@dataclass(frozen=True)
class AccountGroup:
    """The rows rejected (`column` is reason), repaired or reported for one reason: their count and first numbers.

    `example` is the first detail; empty for data about people.
    """

    column: str
    kind: str
    count: int
    first: Sequence[int]
    example: str = ""


@dataclass(frozen=True)
class FilledColumn:
    """A column, the field of the file that fills it, and sample values (none for data about people)."""

    column: str
    field: str
    samples: Sequence[str]


@dataclass(frozen=True)
class PlanPreview:
    """A preview of a planned file: its manifest entry, row account, fields, and first rows with geometry.

    `answers` are the decisions about rows similar to withdrawn records. They are stored together with the file.
    """

    entry: SourceEntry
    counts: Mapping[str, int]
    noticed: Sequence[AccountGroup]
    fields: Sequence[FilledColumn]
    constants: Mapping[str, str]
    rows: int
    drawn_rows: gpd.GeoDataFrame  # row_number, id, geometry (degrees) and what there is of `_LIST_COLUMNS`
    doubt: tuple[str, Mapping[str, object]] = ("", {})  # `collect.absence.Reason` not to accept it; empty for none
    answers: tuple[WithdrawalDecision, ...] = ()


def find_group(outline: PlanPreview, finding: str) -> AccountGroup:
    """Return the rows of a preview with a finding; a group of 0 rows if there are none."""
    groups = (group for group in outline.noticed if (group.column, group.kind) == ("finding", finding))
    return next(groups, AccountGroup("finding", finding, 0, ()))


def build_preview(ingested: IngestedSource, doubt: tuple[str, Mapping[str, object]] = ("", {})) -> PlanPreview:
    """Build the preview of a plan. `doubt` is the reason that speaks against accepting it."""
    fields = read_fields(ingested)
    rows = ingested.tables[ingested.entry.layer]
    return PlanPreview(
        ingested.entry,
        {name: int(ingested.source[name].iloc[0]) for name in _COUNTS},
        _group_account(ingested),
        [FilledColumn(column, field, _sample_values(ingested, field)) for column, field in fields.items()],
        {name: str(value) for name, value in ingested.mapping.constants.items() if name not in fields},
        len(rows),
        _select_shown_rows(rows),
        doubt,
        ingested.answers,
    )


def preview_to_dict(plan_preview: PlanPreview) -> dict[str, object]:
    """Convert a preview to values that can be written as JSON."""
    shown_rows = plan_preview.drawn_rows
    attributes = pd.DataFrame(shown_rows.drop(columns="geometry"))
    return {
        "entry": {**asdict(plan_preview.entry)},
        "counts": plan_preview.counts,
        "noticed": [asdict(item) for item in plan_preview.noticed],
        "fields": [asdict(item) for item in plan_preview.fields],
        "constants": plan_preview.constants,
        "rows": plan_preview.rows,
        "doubt": [plan_preview.doubt[0], {name: _encode(value) for name, value in plan_preview.doubt[1].items()}],
        "drawn": json.loads(attributes.to_json(orient="split", index=False, date_format="iso")),
        "answers": [asdict(item) for item in plan_preview.answers],
        "geometry": shapely.to_wkb(shown_rows.geometry.to_numpy(), hex=True).tolist(),
    }


def preview_from_dict(values: Mapping[str, Any]) -> PlanPreview:
    """Build a preview from the values that `preview_to_dict` returns."""
    remaining = dict(values)
    attributes, geometry = pd.DataFrame(**remaining.pop("drawn")), shapely.from_wkb(remaining.pop("geometry"))
    converted: dict[str, Any] = {
        "entry": SourceEntry(**remaining.pop("entry")),
        "noticed": [AccountGroup(**item) for item in remaining.pop("noticed")],
        "fields": [FilledColumn(**item) for item in remaining.pop("fields")],
        "drawn_rows": gpd.GeoDataFrame(attributes, geometry=geometry, crs=CRS),
        "doubt": tuple(remaining.pop("doubt")),
        "answers": tuple(WithdrawalDecision(**item) for item in remaining.pop("answers")),
    }
    return PlanPreview(**remaining, **converted)


def _encode(value: object) -> object:
    """Return a value of a reason as JSON has it: a date as text."""
    return value if isinstance(value, int | float) else str(value)


def _group_account(ingested: IngestedSource) -> list[AccountGroup]:
    return [
        AccountGroup(
            column,
            str(kind),
            rows["row_number"].nunique(),
            rows["row_number"].drop_duplicates().head(_ROWS_NAMED).astype(int).tolist(),
            "" if ingested.entry.layer in PERSON_LAYERS else find_example(rows),
        )
        for column, table in _KINDS
        for kind, rows in getattr(ingested, table).groupby(column, sort=True)
    ]


def _sample_values(ingested: IngestedSource, field: str) -> list[str]:
    if ingested.entry.layer in PERSON_LAYERS:
        return []
    values = ingested.received.rows[field].dropna().drop_duplicates().head(_SAMPLES)
    return [str(value)[:40] for value in values]


def _select_shown_rows(rows: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the first rows with geometry, fewer if their outlines have many vertices."""
    if not isinstance(rows, gpd.GeoDataFrame):
        return gpd.GeoDataFrame({"row_number": [], "id": []}, geometry=[], crs=CRS)
    shown = rows[rows.geometry.notna()].head(MAX_DRAWN_ROWS)
    before = shapely.get_num_coordinates(shown.geometry.to_numpy()).cumsum()
    shown = shown[(before <= _MOST_VERTICES) | (before == before[:1])]
    columns = ["row_number", "id", *(name for name in _LIST_COLUMNS if name in shown)]
    return gpd.GeoDataFrame(shown[columns], geometry=shown.geometry)
