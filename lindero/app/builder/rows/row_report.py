"""The account of every row of a source: kept, repaired or rejected, with findings."""

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

from lindero.app.builder.freshness import source_description
from lindero.geo import area_ha
from lindero.geo.geometry.projection import is_polygonal
from lindero.layers.check.visibility import WithdrawalDecision
from lindero.layers.database.definitions import PERSON_LAYERS
from lindero.layers.model.row_account import RowAccount
from lindero.layers.model.schema import CRS, REFUSED, TABLES
from lindero.layers.read.reader import ReceivedLayer
from lindero.layers.read.sandbox.client import repair_polygons
from lindero.layers.sources.mapping import FieldMapping
from lindero.layers.workspace.manifest_file import SourceEntry

_COLUMNS = [column.name for column in REFUSED]


@dataclass(frozen=True)
class IngestedSource:
    """The result of reading one source: rows by layer, its own row in `sources`, and the account of its rows."""

    entry: SourceEntry
    mapping: FieldMapping
    received: ReceivedLayer
    tables: Mapping[str, pd.DataFrame]
    source: pd.DataFrame
    rejects: pd.DataFrame
    repairs: pd.DataFrame
    findings: pd.DataFrame
    refused: pd.DataFrame = field(default_factory=pd.DataFrame)  # rejects by name, with their likely ground
    answers: tuple[WithdrawalDecision, ...] = ()  # decisions about rows that are similar to withdrawn ones


def file_name(entry: SourceEntry) -> str:
    """Return the name of a source's file for messages; the id of a source without a file."""
    return Path(entry.file).name or entry.id


def serialize_fields(received: ReceivedLayer) -> pd.DataFrame:
    """Return every field of every row as it was read: `row_number`, `fields` (JSON)."""
    read_values = {number: row.dropna().to_dict() for number, row in received.rows.iterrows()}
    if received.geometry is not None:
        for number, shape in received.geometry.items():
            if shape is not None:
                read_values[number]["geometry"] = shapely.to_wkt(shape, rounding_precision=-1)
    rejects = received.account.rejects
    unread = dict(zip(rejects["row"], rejects["received"], strict=True))
    row_values = read_values | {number: {"received": text} for number, text in unread.items()}
    return pd.DataFrame(
        {
            "row_number": list(row_values),
            "fields": [json.dumps(row, ensure_ascii=False, default=str) for row in row_values.values()],
        }
    )


class SourceAccount(RowAccount):
    """The account of every row of a source, from reading to the map."""

    def __init__(self, entry: SourceEntry, received: ReceivedLayer, mapping: FieldMapping) -> None:
        super().__init__()
        self.entry, self.received, self.mapping = entry, received, mapping
        self.accuracy: Mapping[str, object] = {}  # of its boundaries, for the source's own row

    def close(self, tables: Mapping[str, pd.DataFrame]) -> IngestedSource:
        """Build the result of a source from its account.

        The source's own row is built, and the source's id is added to each reject, repair and finding.
        """
        rejects = self._add_source_keys("rejects", self.rejects)
        repairs = self._add_source_keys("repairs", self.repairs)
        if len(rejects):
            unread = self.received.account.rejects.set_index("row")["received"]
            rejects["row_received"] = [self._row_text(number, unread) for number in rejects["row_number"]]
            repairs = repairs[~repairs["row_number"].isin(rejects["row_number"])]
        findings = self._add_source_keys("findings", self.findings)
        return IngestedSource(
            self.entry,
            self.mapping,
            self.received,
            tables,
            self._source_row(tables, rejects, repairs),
            rejects,
            repairs,
            findings,
        )

    def _add_source_keys(self, table: str, entries: pd.DataFrame) -> pd.DataFrame:
        if entries.empty:
            return _empty_table(table).copy()
        columns = [column.name for column in TABLES[table]]
        renamed = entries.rename(columns={"row": "row_number", "received": "row_received"})
        return renamed.assign(source_id=self.entry.id, snapshot_on=self.entry.snapshot_on).reindex(columns=columns)

    def _row_text(self, number: int, unread: "pd.Series[str]") -> str | None:
        """Return a rejected row as text. Return None for data about people."""
        if self.entry.layer in PERSON_LAYERS:
            return None
        rows = self.received.rows
        if number not in rows.index:
            return str(unread.loc[number])
        return str(rows.loc[number].to_json(force_ascii=False, date_format="iso", default_handler=str))

    def _source_row(
        self, tables: Mapping[str, pd.DataFrame], rejects: pd.DataFrame, repairs: pd.DataFrame
    ) -> pd.DataFrame:
        entry, received = self.entry, self.received
        row = {
            "source_id": entry.id,
            "snapshot_on": entry.snapshot_on,
            "layer": entry.layer,
            **source_description(entry),
            "file_name": Path(entry.file).name,
            "sha256": entry.sha256,
            "format": received.format.value,
            "crs_received": entry.crs or (received.crs.to_string() if received.crs else None),
            "encoding": received.encoding,
            "rows_read": received.row_count,
            "rows_kept": len(tables[entry.layer]),
            "rows_repaired": repairs["row_number"].nunique(),
            "rows_rejected": len(rejects),
            "invented": entry.invented,
            "snapshot_stated": entry.snapshot_stated,
            **self.accuracy,
        }
        return pd.DataFrame([row])


# The refused rows of a source, as they are kept: their names, and their likely ground.


def build_refused_rows(
    ingested: IngestedSource, rows: pd.DataFrame, received_geometry: gpd.GeoSeries | None
) -> gpd.GeoDataFrame:
    """Build the table of a source's refused rows. It is empty for data about people, because those rows are not stored.

    `received_geometry`: their geometry in OGC:CRS84 as received. Returns: the columns of `layers.model.schema.REFUSED`.
    `geometry` is the likely reading of the received geometry, if there is one, and `area_ha` its area in hectares.
    """
    if ingested.entry.layer in PERSON_LAYERS or ingested.rejects.empty:
        return gpd.GeoDataFrame(_empty_refused_rows().copy())
    numbers = pd.Index(ingested.rejects["row_number"].astype("int64"))
    shapes = gpd.GeoSeries() if received_geometry is None else received_geometry
    likely = _read_likely_shapes(gpd.GeoSeries(shapes.reindex(numbers)), file_name(ingested.entry))
    about = rows.reindex(index=numbers, columns=["code", "name", "area_official_ha"])
    reasons = ingested.rejects.set_index(numbers)[["source_id", "snapshot_on", "row_number", "reason", "detail"]]
    frame = reasons.join(about).assign(layer=ingested.entry.layer, area_ha=area_ha(likely))
    return gpd.GeoDataFrame(frame, geometry=likely, crs=CRS)[_COLUMNS].reset_index(drop=True)


@cache
def _empty_refused_rows() -> gpd.GeoDataFrame:
    """Return the empty table of a source without refused rows. It is created once."""
    return gpd.GeoDataFrame(columns=_COLUMNS, geometry="geometry", crs=CRS)


@cache
def _empty_table(table: str) -> pd.DataFrame:
    """Return an empty table of rejects, repairs or findings. It is created once per table."""
    return pd.DataFrame(columns=[column.name for column in TABLES[table]])


def _may_have_ground(shape: BaseGeometry | None) -> bool:
    """Return whether a received geometry is a polygon on the earth."""
    if shape is None or not np.isfinite(shapely.get_coordinates(shape)).all() or not is_polygonal(np.array([shape]))[0]:
        return False
    west, south, east, north = shape.bounds
    return not (shape.is_empty or west < -180 or east > 180 or south < -90 or north > 90)  # noqa: PLR2004  degrees


def _read_likely_shapes(shapes: gpd.GeoSeries, name: str) -> gpd.GeoSeries:
    """Read the rings of refused rows as the standard defines them. A shape without any area becomes None."""
    received = shapes[[_may_have_ground(shape) for shape in shapes]]
    repaired = repair_polygons(np.asarray(received, dtype=object), received.index, name)
    grounds = np.array([*(polygon.ground for polygon in repaired), None], dtype=object)[:-1]
    grounds[shapely.is_empty(grounds)] = None
    return gpd.GeoSeries(gpd.GeoSeries(grounds, index=received.index, crs=CRS).reindex(shapes.index))
