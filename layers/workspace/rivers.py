"""Rivers of the operator's own: lines that a workspace keeps, and what its manifest says of each set of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import geopandas as gpd

from lindero.layers.disk.builds import put_in_place
from lindero.layers.disk.scratch import scratch
from lindero.layers.errors import N_, GoneError, SourceError, WorkspaceError
from lindero.layers.reference import base_data
from lindero.layers.workspace import manifest_tables
from lindero.layers.workspace.links import hold_inside
from lindero.layers.workspace.manifest_file import changed_manifest, sha256, slug
from lindero.layers.workspace.manifest_text import append_entry

FOLDER = "rivers"
TABLE = "rivers"


@dataclass(frozen=True)
class Entry:
    """One `[[rivers]]` of a manifest: lines, whose they are, of when (ISO 8601 or empty), and how far off they lie."""

    id: str
    title: str
    publisher: str
    licence: str
    dated_on: str
    accuracy_m: float
    coverage: str  # codes of countries and regions, with commas; empty: the convex hull of the lines
    sha256: str

    @property
    def file(self) -> str:
        """Where the lines are kept, from the workspace's folder."""
        return f"{FOLDER}/{self.id}.parquet"


def listed(folder: Path) -> tuple[Entry, ...]:
    """
    Give the sets of rivers of a workspace, in the order in which they were added.

    Raises
    ------
    WorkspaceError
        If one is not understood, or leads out of the workspace.
    """
    return manifest_tables.entries(folder, TABLE, _entry)


def add(folder: Path, lines: gpd.GeoDataFrame, entry: Entry) -> Entry:
    """
    Keep lines in OGC:CRS84 in a workspace, and name them in the manifest; given back with the hash of the file.

    Raises
    ------
    WorkspaceError
        If the workspace has some of that id, or cannot be written.
    """
    target = folder / entry.file
    with changed_manifest(folder) as document:
        taken = {source.id for source in base_data.sources()}
        if entry.id in taken | manifest_tables.ids(document, TABLE):
            raise WorkspaceError(N_("there are rivers {id} already; name others with --id"), id=entry.id)
        target.parent.mkdir(exist_ok=True)
        hold_inside(folder, [FOLDER])
        with scratch(target.parent) as coming:
            lines.to_parquet(coming / target.name)
            values = asdict(entry) | {"sha256": sha256(coming / target.name)}
            put_in_place(coming / target.name, target)
        append_entry(document, TABLE, values)
    return Entry(**values)


def remove(folder: Path, id_: str) -> Entry:
    """
    Take a set of rivers out of a workspace, with its file.

    Raises
    ------
    WorkspaceError
        If there is none of that id.
    """
    entries = {entry.id: entry for entry in listed(folder)}
    if id_ not in entries:
        names = ", ".join(entries) or "–"
        raise WorkspaceError(N_("there are no rivers {id}; there are {known}"), id=id_, known=names)
    manifest_tables.take_out(folder, TABLE, entries[id_])
    return entries[id_]


def hold_date(text: str) -> str:
    """
    Give a day as it is kept, ISO 8601; empty if it is not stated.

    Raises
    ------
    SourceError
        If it is no day.
    """
    try:
        return dt.date.fromisoformat(text).isoformat() if text else ""
    except ValueError as error:
        raise SourceError(N_("{text} is no day; days look like 2024-01-31"), text=text) from error


def hold_whole(folder: Path, entry: Entry) -> None:
    """
    Hold that the lines are there, as they were added.

    Raises
    ------
    GoneError
        If they are not.
    """
    if not manifest_tables.is_whole(folder, entry):
        raise GoneError(N_("the rivers {id} are gone, or not as they were added"), id=entry.id)


def lines(folder: Path, entry: Entry) -> gpd.GeoDataFrame:
    """
    Give the lines in OGC:CRS84, without attributes.

    Raises
    ------
    GoneError
        As `hold_whole`.
    """
    hold_whole(folder, entry)
    return gpd.read_parquet(folder / entry.file)


def _entry(raw: object, path: Path) -> Entry:
    names = Entry.__dataclass_fields__
    values = dict(raw) if isinstance(raw, Mapping) else {}
    accuracy = values.get("accuracy_m")
    is_one = isinstance(accuracy, int | float) and not isinstance(accuracy, bool) and accuracy > 0
    is_one = is_one and all(isinstance(values.get(name), str) for name in names if name != "accuracy_m")
    if not is_one or not values["id"] or slug(values["id"]) != values["id"]:
        raise WorkspaceError(
            N_("{path}: each [[rivers]] wants {names}; lindero rivers add writes it"),
            path=path,
            names=", ".join(names),
        )
    return Entry(**{name: values[name] for name in names})
