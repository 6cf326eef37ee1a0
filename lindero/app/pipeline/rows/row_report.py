"""What became of every row of a source: kept, repaired or rejected, and what was noticed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from lindero.app.pipeline.freshness import description
from lindero.geo import area_ha
from lindero.geo.geometry.projection import is_polygonal
from lindero.layers.check.visibility import Answer
from lindero.layers.database.definitions import OF_PERSONS
from lindero.layers.model.row_account import RowAccount
from lindero.layers.model.schema import CRS, REFUSED, TABLES
from lindero.layers.read.reader import Received
from lindero.layers.sources.mapping import FieldMapping
from lindero.layers.workspace.manifest_file import SourceEntry

_COLUMNS = [column.name for column in REFUSED]


@dataclass(frozen=True)
class Ingested:
    """What one source gives the map: rows by layer, its own row in `sources`, and the account of its rows."""

    entry: SourceEntry
    mapping: FieldMapping
    received: Received
    tables: Mapping[str, pd.DataFrame]
    source: pd.DataFrame
    rejects: pd.DataFrame
    repairs: pd.DataFrame
    findings: pd.DataFrame
    refused: pd.DataFrame = field(default_factory=pd.DataFrame)  # rejects by name, with their likely ground
    answers: tuple[Answer, ...] = ()  # what was said of rows that are like withdrawn ones


def fields_received(received: Received) -> pd.DataFrame:
    """Give every field of every row as it was read: `row_number`, `fields` (JSON)."""
    kept = {number: row.dropna().to_dict() for number, row in received.rows.iterrows()}
    if received.geometry is not None:
        for number, shape in received.geometry.items():
            if shape is not None:
                kept[number]["geometry"] = shapely.to_wkt(shape, rounding_precision=-1)
    rejects = received.account.rejects
    unread = dict(zip(rejects["row"], rejects["received"], strict=True))
    told = kept | {number: {"received": text} for number, text in unread.items()}
    return pd.DataFrame(
        {
            "row_number": list(told),
            "fields": [json.dumps(row, ensure_ascii=False, default=str) for row in told.values()],
        }
    )


class SourceAccount(RowAccount):
    """What became of every row of a source, from reading to its place on the map."""

    def __init__(self, entry: SourceEntry, received: Received, mapping: FieldMapping) -> None:
        super().__init__()
        self.entry, self.received, self.mapping = entry, received, mapping
        self.accuracy: Mapping[str, object] = {}  # of its boundaries, as the source's own row tells it

    def closed(self, tables: Mapping[str, pd.DataFrame]) -> Ingested:
        """Close the account: the source's own row, and each reject, repair and finding with the source's name."""
        rejects = self._named("rejects", self.rejects)
        repairs = self._named("repairs", self.repairs)
        if len(rejects):
            unread = self.received.account.rejects.set_index("row")["received"]
            rejects["row_received"] = [self._as_received(number, unread) for number in rejects["row_number"]]
            repairs = repairs[~repairs["row_number"].isin(rejects["row_number"])]
        findings = self._named("findings", self.findings)
        return Ingested(
            self.entry,
            self.mapping,
            self.received,
            tables,
            self._source(tables, rejects, repairs),
            rejects,
            repairs,
            findings,
        )

    def _named(self, table: str, noted: pd.DataFrame) -> pd.DataFrame:
        if noted.empty:
            return _nothing(table).copy()
        columns = [column.name for column in TABLES[table]]
        named = noted.rename(columns={"row": "row_number", "received": "row_received"})
        return named.assign(source_id=self.entry.id, snapshot_on=self.entry.snapshot_on).reindex(columns=columns)

    def _as_received(self, number: int, unread: "pd.Series[str]") -> str | None:
        """Write down a rejected row; nothing of people, also where the row could not be told apart into fields."""
        if self.entry.layer in OF_PERSONS:
            return None
        rows = self.received.rows
        if number not in rows.index:
            return str(unread.loc[number])
        return str(rows.loc[number].to_json(force_ascii=False, date_format="iso", default_handler=str))

    def _source(self, tables: Mapping[str, pd.DataFrame], rejects: pd.DataFrame, repairs: pd.DataFrame) -> pd.DataFrame:
        entry, received = self.entry, self.received
        row = {
            "source_id": entry.id,
            "snapshot_on": entry.snapshot_on,
            "layer": entry.layer,
            **description(entry),
            "file_name": Path(entry.file).name,
            "sha256": entry.sha256,
            "format": received.format.value,
            "crs_received": entry.crs or (received.crs.to_string() if received.crs else None),
            "encoding": received.encoding,
            "rows_read": received.rows_read,
            "rows_kept": len(tables[entry.layer]),
            "rows_repaired": repairs["row_number"].nunique(),
            "rows_rejected": len(rejects),
            "invented": entry.invented,
            "snapshot_stated": entry.snapshot_stated,
            **self.accuracy,
        }
        return pd.DataFrame([row])


# What is kept of the rows of a source that were refused: who they are, and the ground that they may be about.


def refused_rows(taken: Ingested, rows: pd.DataFrame, drawn: gpd.GeoSeries | None) -> gpd.GeoDataFrame:
    """
    Give the refused rows of a source; none of people, of whom nothing is kept that was refused.

    Parameters
    ----------
    rows
        All rows of the source as they were mapped, under their numbers.
    drawn
        Their geometry in OGC:CRS84 as it was received.

    Returns
    -------
    GeoDataFrame
        The columns of `layers.model.schema.REFUSED`; `geometry` is the likely reading of what was drawn, if there is
        one, and `area_ha` its hectares.
    """
    if taken.entry.layer in OF_PERSONS or taken.rejects.empty:
        return gpd.GeoDataFrame(_none_refused().copy())
    numbers = pd.Index(taken.rejects["row_number"].astype("int64"))
    shapes = [None] * len(numbers) if drawn is None else list(drawn.reindex(numbers))
    likely = gpd.GeoSeries(np.array([*map(_likely, shapes), None], dtype=object)[:-1], index=numbers, crs=CRS)
    about = rows.reindex(index=numbers, columns=["code", "name", "area_official_ha"])
    told = taken.rejects.set_index(numbers)[["source_id", "snapshot_on", "row_number", "reason", "detail"]]
    frame = told.join(about).assign(layer=taken.entry.layer, area_ha=area_ha(likely))
    return gpd.GeoDataFrame(frame, geometry=likely, crs=CRS)[_COLUMNS].reset_index(drop=True)


@cache
def _none_refused() -> gpd.GeoDataFrame:
    """Give the frame of a source that lost no row, as most do."""
    return gpd.GeoDataFrame(columns=_COLUMNS, geometry="geometry", crs=CRS)


@cache
def _nothing(table: str) -> pd.DataFrame:
    """Give a table without rows: what most sources tell of their rejects, repairs and findings."""
    return pd.DataFrame(columns=[column.name for column in TABLES[table]])


def _likely(shape: BaseGeometry | None) -> BaseGeometry | None:
    """Read a boundary that crosses itself as the standard reads rings; None where that leaves no ground."""
    if shape is None or not np.isfinite(shapely.get_coordinates(shape)).all() or not is_polygonal(np.array([shape]))[0]:
        return None
    west, south, east, north = shape.bounds
    if shape.is_empty or west < -180 or east > 180 or south < -90 or north > 90:  # noqa: PLR2004  degrees
        return None
    parts = shapely.get_parts(shapely.make_valid(shape, method="structure", keep_collapsed=False))
    ground = [part for part in parts if part.geom_type == "Polygon" and part.area > 0]
    return shapely.union_all(ground) if ground else None
