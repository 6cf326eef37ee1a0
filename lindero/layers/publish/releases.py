"""The vault's records of publications: the counts behind the last one, and whether it was put in place.

A publication is recorded before its folder is put in place, and settled afterwards. If the process dies in between, the
next run compares the record with the folder.
"""

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path

from lindero.layers.database.map_database import Connection
from lindero.layers.disk.builds import write_atomically
from lindero.layers.publish.rules import Anchor, Basis, Cell

FILE = "published.json"  # beside the vault, to detect a vault that was restored from before a publication
_NUMBERS = ("anchors", "released_sizes")


@dataclass(frozen=True)
class Release:
    """A publication. `mark` is the hash of its description, which contains the hashes of all its other files."""

    mark: str
    published_on: dt.date
    folder: Path


def find_pending_release(con: Connection) -> Release | None:
    """Return the publication that was recorded but not settled."""
    row = con.execute("SELECT mark, published_on, folder FROM releases WHERE NOT is_settled").fetchone()
    return None if row is None else Release(row[0], row[1], Path(row[2]))


def is_known_release(con: Connection, mark: str) -> bool:
    """Return whether a publication was made from this vault."""
    return con.execute("SELECT 1 FROM releases WHERE mark = ?", [mark]).fetchone() is not None


def read_last_mark(workspace: Path) -> str | None:
    """Return the mark of the last publication of a workspace, from the file beside the vault."""
    try:
        return str(json.loads(workspace.joinpath(FILE).read_text(encoding="utf-8"))["mark"]) or None
    except FileNotFoundError:
        return ""
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_last_mark(workspace: Path, mark: str) -> None:
    """Store the mark of the last publication beside the vault."""
    write_atomically(workspace / FILE, json.dumps({"mark": mark}) + "\n")


def has_no_release(con: Connection) -> bool:
    """Return whether the vault has no record of any publication."""
    return con.execute("SELECT 1 FROM releases UNION ALL SELECT 1 FROM anchors LIMIT 1").fetchone() is None


def read_basis(con: Connection) -> Basis:
    """Read the counts behind the numbers of the last settled publication.

    Returns: empty if nothing was published. Its `sizes` are None if an early version of Lindero did not store them.
    """
    # Anchors without a release were written by a version of Lindero that recorded neither releases nor sizes.
    condition = "release IS NULL OR release IN (SELECT mark FROM releases WHERE is_settled)"
    rows = con.execute(f"SELECT place, year, count, is_shown, release FROM anchors WHERE {condition}").fetchall()  # noqa: S608
    sizes = con.execute(f"SELECT place, year, count FROM released_sizes WHERE {condition}").fetchall()  # noqa: S608
    anchors = {_parse_cell(place, year): Anchor(count, is_shown) for place, year, count, is_shown, _ in rows}
    is_noted = all(release is not None for *_, release in rows)
    return Basis(anchors, {_parse_cell(place, year): count for place, year, count in sizes} if is_noted else None)


def record_release(con: Connection, release: Release, release_basis: Basis) -> None:
    """Record a publication that is about to be put in place, and the counts behind its numbers.

    `release`: the publication. It stays pending until `settle_release`.
    """
    con.execute(
        "INSERT INTO releases VALUES (?, ?, ?, false)", [release.mark, release.published_on, str(release.folder)]
    )
    anchors = [
        [_format_cell(cell), cell[2], anchor.count, anchor.is_shown, release.mark]
        for cell, anchor in release_basis.anchors.items()
    ]
    sizes = [[_format_cell(cell), cell[2], size, release.mark] for cell, size in (release_basis.sizes or {}).items()]
    if anchors:
        con.executemany("INSERT INTO anchors (place, year, count, is_shown, release) VALUES (?, ?, ?, ?, ?)", anchors)
    if sizes:
        con.executemany("INSERT INTO released_sizes VALUES (?, ?, ?, ?)", sizes)


def settle_release(con: Connection, mark: str) -> None:
    """Settle a recorded publication that is in place, and delete the counts of earlier ones."""
    for table in _NUMBERS:
        con.execute(f"DELETE FROM {table} WHERE release IS DISTINCT FROM ?", [mark])  # noqa: S608
    con.execute("UPDATE releases SET is_settled = true WHERE mark = ?", [mark])


def delete_release(con: Connection, mark: str) -> None:
    """Delete the record of a publication that was never put in place."""
    for table in _NUMBERS:
        con.execute(f"DELETE FROM {table} WHERE release = ?", [mark])  # noqa: S608
    con.execute("DELETE FROM releases WHERE mark = ?", [mark])


def _format_cell(cell: Cell) -> str:
    return f"{cell[0]}\t{cell[1]}"


def _parse_cell(place: str, year: int | None) -> Cell:
    department, province = place.split("\t")
    return department, province, year
