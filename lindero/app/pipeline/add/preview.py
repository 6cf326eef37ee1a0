"""What would become of a received file, as far as a page shows it: small, and plain enough to be sent as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from lindero.app.pipeline.add.plan import read_fields
from lindero.app.pipeline.rows.row_report import Ingested
from lindero.layers.check.visibility import Answer
from lindero.layers.database.definitions import OF_PERSONS
from lindero.layers.model.schema import CRS
from lindero.layers.workspace.manifest_file import SourceEntry

MOST_DRAWN = 2_000  # rows
_MOST_VERTICES = 2_000_000  # of all rows that are drawn, but for the first
_ROWS_NAMED = 8
_SAMPLES = 3
_COUNTS = ("rows_read", "rows_kept", "rows_repaired", "rows_rejected")
_LISTED = ("name", "title", "code", "holder", "place_text", "area_ha")
_KINDS = (("reason", "rejects"), ("repair", "repairs"), ("finding", "findings"))


@dataclass(frozen=True)
class Noticed:
    """How many rows were rejected (`column` is reason), repaired or found odd in one way, and the first of them."""

    column: str
    kind: str
    count: int
    first: Sequence[int]


@dataclass(frozen=True)
class Filled:
    """A column, the field of the file that fills it, and a few of its values (of people none)."""

    column: str
    field: str
    samples: Sequence[str]


@dataclass(frozen=True)
class Outline:
    """
    The entry that the file would have, the account of its rows, its fields, and its first rows with geometry.

    `answers` are what was said of rows that are like withdrawn records, to be kept when the file is.
    """

    entry: SourceEntry
    counts: Mapping[str, int]
    noticed: Sequence[Noticed]
    fields: Sequence[Filled]
    constants: Mapping[str, str]
    rows: int
    drawn: gpd.GeoDataFrame  # row_number, id, geometry (degrees) and what there is of `_LISTED`
    answers: tuple[Answer, ...] = ()


def preview(taken: Ingested) -> Outline:
    """Give the outline of what was planned."""
    fields = read_fields(taken)
    rows = taken.tables[taken.entry.layer]
    return Outline(
        taken.entry,
        {name: int(taken.source[name].iloc[0]) for name in _COUNTS},
        _noticed(taken),
        [Filled(column, field, _samples(taken, field)) for column, field in fields.items()],
        {name: str(value) for name, value in taken.mapping.constants.items() if name not in fields},
        len(rows),
        _drawn(rows),
        taken.answers,
    )


def as_plain_values(outline: Outline) -> dict[str, object]:
    """Give an outline as plain values."""
    drawn = outline.drawn
    listed = pd.DataFrame(drawn.drop(columns="geometry"))
    return {
        "entry": {**asdict(outline.entry)},
        "counts": outline.counts,
        "noticed": [asdict(one) for one in outline.noticed],
        "fields": [asdict(one) for one in outline.fields],
        "constants": outline.constants,
        "rows": outline.rows,
        "drawn": json.loads(listed.to_json(orient="split", index=False, date_format="iso")),
        "answers": [asdict(one) for one in outline.answers],
        "geometry": shapely.to_wkb(drawn.geometry.to_numpy(), hex=True).tolist(),
    }


def outline_of(values: Mapping[str, Any]) -> Outline:
    """Read what `told` gave."""
    given = dict(values)
    listed, geometry = pd.DataFrame(**given.pop("drawn")), shapely.from_wkb(given.pop("geometry"))
    read: dict[str, Any] = {
        "entry": SourceEntry(**given.pop("entry")),
        "noticed": [Noticed(**one) for one in given.pop("noticed")],
        "fields": [Filled(**one) for one in given.pop("fields")],
        "drawn": gpd.GeoDataFrame(listed, geometry=geometry, crs=CRS),
        "answers": tuple(Answer(**one) for one in given.pop("answers")),
    }
    return Outline(**given, **read)


def _noticed(taken: Ingested) -> list[Noticed]:
    return [
        Noticed(column, str(kind), len(some), some["row_number"].head(_ROWS_NAMED).astype(int).tolist())
        for column, table in _KINDS
        for kind, some in getattr(taken, table).groupby(column, sort=True)
    ]


def _samples(taken: Ingested, field: str) -> list[str]:
    if taken.entry.layer in OF_PERSONS:
        return []
    values = taken.received.rows[field].dropna().drop_duplicates().head(_SAMPLES)
    return [str(value)[:40] for value in values]


def _drawn(rows: pd.DataFrame) -> gpd.GeoDataFrame:
    """Give the first rows that have a place, fewer where their outlines are long."""
    if not isinstance(rows, gpd.GeoDataFrame):
        return gpd.GeoDataFrame({"row_number": [], "id": []}, geometry=[], crs=CRS)
    shown = rows[rows.geometry.notna()].head(MOST_DRAWN)
    before = shapely.get_num_coordinates(shown.geometry.to_numpy()).cumsum()
    shown = shown[(before <= _MOST_VERTICES) | (before == before[:1])]
    columns = ["row_number", "id", *(name for name in _LISTED if name in shown)]
    return gpd.GeoDataFrame(shown[columns], geometry=shown.geometry)
