"""Rivers of the operator's own: lines that a workspace keeps, and what its manifest says of each set of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd

from lindero.layers.errors import N_, SourceError
from lindero.layers.reference import base_data
from lindero.layers.workspace.manifest_file import sha256
from lindero.layers.workspace.manifest_tables import FileTable


@dataclass(frozen=True)
class Entry:
    """One `[[rivers]]` of a manifest: lines, whose they are, of when (ISO 8601 or empty), and how far off they lie."""

    id: str
    title: str = ""
    publisher: str = ""
    licence: str = ""
    dated_on: str = ""
    accuracy_m: float = 0.0
    coverage: str = ""  # codes of countries and regions, with commas; empty: the convex hull of the lines
    sha256: str = ""

    @property
    def file(self) -> str:
        """Where the lines are kept, from the workspace's folder."""
        return f"rivers/{self.id}.parquet"


TABLE = FileTable(
    "rivers",
    Entry,
    malformed=N_("{path}: each [[rivers]] wants {names}; lindero rivers add writes it"),
    unknown=N_("there are no rivers {id}; there are {known}"),
    taken=N_("there are rivers {id} already; name others with --id"),
    gone=N_("the rivers {id} are gone, or not as they were added"),
)


def add(folder: Path, lines: gpd.GeoDataFrame, entry: Entry) -> Entry:
    """
    Keep lines in OGC:CRS84 in a workspace, and name them in the manifest; given back with the hash of the file.

    Raises
    ------
    WorkspaceError
        If the workspace has some of that id, or cannot be written.
    """

    def write(path: Path) -> Entry:
        lines.to_parquet(path)
        return replace(entry, sha256=sha256(path))

    return TABLE.add(folder, entry, write, reserved={source.id for source in base_data.sources()})


def hold_date(text: str) -> str:
    """
    Return a date as it is kept, ISO 8601; empty if it is not stated.

    Raises
    ------
    SourceError
        If it is not a date.
    """
    try:
        return dt.date.fromisoformat(text).isoformat() if text else ""
    except ValueError as error:
        raise SourceError(N_("{text} is not a date; dates look like 2024-01-31"), text=text) from error


def lines(folder: Path, entry: Entry) -> gpd.GeoDataFrame:
    """
    Return the lines in OGC:CRS84, without attributes.

    Raises
    ------
    GoneError
        If they are not there, as they were added.
    """
    TABLE.check_whole(folder, entry)
    return gpd.read_parquet(folder / entry.file)
