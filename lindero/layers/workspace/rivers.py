"""River networks that the operator adds: lines in the workspace, and the area that each set covers completely."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from lindero.layers.errors import N_, SourceError
from lindero.layers.reference import base_data
from lindero.layers.workspace.manifest_file import file_sha256
from lindero.layers.workspace.manifest_tables import FileTable


@dataclass(frozen=True)
class RiverEntry:
    """A `[[rivers]]` of a manifest: a set of lines with its publisher, date (ISO 8601 or empty) and accuracy."""

    id: str
    title: str = ""
    publisher: str = ""
    licence: str = ""
    dated_on: str = ""
    accuracy_m: float = 0.0
    coverage: str = ""  # codes of countries and regions, separated by commas; empty: the convex hull of the lines
    sha256: str = ""

    @property
    def file(self) -> str:
        """The path of the lines, from the workspace's folder."""
        return f"rivers/{self.id}.parquet"


@dataclass(frozen=True, eq=False)
class RiverNetwork:
    """The lines of one set of rivers, its entry, and the area (OGC:CRS84) in which it is complete."""

    entry: RiverEntry
    lines: gpd.GeoDataFrame
    ground: shapely.Geometry


TABLE = FileTable(
    "rivers",
    RiverEntry,
    malformed_message=N_("{path}: each [[rivers]] needs {names}; use lindero rivers add to write it"),
    unknown_message=N_("there is no river network '{id}'; the workspace has {known}"),
    empty_message=N_("there is no river network '{id}'; the workspace has no river networks yet"),
    taken_message=N_("a river network named {id} already exists; choose another name with --id"),
    gone_message=N_("the file of the river network {id} is missing or has changed since it was added"),
)


def add_rivers(folder: Path, lines: gpd.GeoDataFrame, entry: RiverEntry) -> RiverEntry:
    """Store lines in a workspace and add them to the manifest.

    `lines`: frame of lines in OGC:CRS84. `entry`: the new entry. Its `id` is in the form of `to_slug`, and its
    `accuracy_m` above 0. Its `sha256` is ignored.
    """

    def write_lines(path: Path) -> RiverEntry:
        lines.to_parquet(path)
        return replace(entry, sha256=file_sha256(path))

    return TABLE.add_entry(folder, entry, write_lines, reserved={source.id for source in base_data.load_sources()})


def check_date(text: str) -> str:
    """Check a date and return it in ISO 8601.

    `text`: A date like 2024-01-31, or an empty text.
    """
    try:
        return dt.date.fromisoformat(text).isoformat() if text else ""
    except ValueError as error:
        raise SourceError(N_("'{text}' is not a date; write it like 2024-01-31"), text=text) from error


def read_lines(folder: Path, entry: RiverEntry) -> gpd.GeoDataFrame:
    """Read the lines of an entry in OGC:CRS84, without attributes."""
    TABLE.check_file(folder, entry)
    return gpd.read_parquet(folder / entry.file)


def check_codes(coverage: str) -> str:
    """Check codes of countries and regions (PE, PE-CAJ), separated by commas."""
    codes = [code.strip().upper() for code in coverage.split(",") if code.strip()]
    existing = {*base_data.load_countries()["code"], *base_data.load_regions()["code"]}
    if unknown_codes := [code for code in codes if code not in existing]:
        raise SourceError(N_("'{code}' is not the ISO 3166 code of a country or region"), code=unknown_codes[0])
    return ",".join(codes)


def load_networks(folder: Path) -> tuple[RiverNetwork, ...]:
    """Load the rivers that the operator added to a workspace, in the order in which they were added.

    Returns: lines and covered areas in OGC:CRS84; empty if the operator added no rivers.
    """
    return tuple(_load_network(folder, entry) for entry in TABLE.read_entries(folder))


def _load_network(folder: Path, entry: RiverEntry) -> RiverNetwork:
    lines = read_lines(folder, entry)
    codes = entry.coverage.split(",") if entry.coverage else []
    areas = pd.concat([frame[["code", "geometry"]] for frame in (base_data.load_countries(), base_data.load_regions())])
    shapes = areas.loc[areas["code"].isin(codes), "geometry"].to_numpy()
    ground = shapely.union_all(shapes) if codes else shapely.union_all(lines.geometry.to_numpy()).convex_hull
    return RiverNetwork(entry, lines, ground)
