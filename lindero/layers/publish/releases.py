"""
What the vault knows of its publications: what the numbers of the last were made from, and whether it came to its place.

A publication is noted before its folder takes its place and settled afterwards, so that whoever dies in between leaves
a note that the next run can compare with the folder.
"""

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path

from lindero.layers.database.map_database import Connection
from lindero.layers.disk.builds import write_whole
from lindero.layers.publish.rules import Anchor, Basis, Cell

FILE = "published.json"  # beside the vault, so that a vault from a copy of before a publication is noticed
_NUMBERS = ("anchors", "released_sizes")


@dataclass(frozen=True)
class Release:
    """A publication: `mark` is the hash of its description, which names the hash of every other file of it."""

    mark: str
    published_on: dt.date
    folder: Path


def pending(con: Connection) -> Release | None:
    """Give the publication that was noted and not settled, if there is one."""
    row = con.execute("SELECT mark, published_on, folder FROM releases WHERE NOT is_settled").fetchone()
    return None if row is None else Release(row[0], row[1], Path(row[2]))


def is_known(con: Connection, mark: str) -> bool:
    """Tell whether a publication was made from this vault."""
    return con.execute("SELECT 1 FROM releases WHERE mark = ?", [mark]).fetchone() is not None


def last_published(workspace: Path) -> str:
    """Return the mark of the last publication that was made with the vault of a workspace; empty if none is known."""
    try:
        return str(json.loads(workspace.joinpath(FILE).read_text(encoding="utf-8"))["mark"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def note_published(workspace: Path, mark: str) -> None:
    """Note beside the vault which publication was the last."""
    write_whole(workspace / FILE, json.dumps({"mark": mark}) + "\n")


def is_first(con: Connection) -> bool:
    """Return whether the vault knows of no publication."""
    return con.execute("SELECT 1 FROM releases UNION ALL SELECT 1 FROM anchors LIMIT 1").fetchone() is None


def basis(con: Connection) -> Basis:
    """Read what the numbers of the last settled publication were made from."""
    # Anchors without a release are of a version of Lindero that noted neither releases nor sizes.
    of_last = "release IS NULL OR release IN (SELECT mark FROM releases WHERE is_settled)"
    rows = con.execute(f"SELECT place, year, count, is_shown, release FROM anchors WHERE {of_last}").fetchall()  # noqa: S608
    sizes = con.execute(f"SELECT place, year, count FROM released_sizes WHERE {of_last}").fetchall()  # noqa: S608
    anchors = {_cell(place, year): Anchor(count, is_shown) for place, year, count, is_shown, _ in rows}
    is_noted = all(release is not None for *_, release in rows)
    return Basis(anchors, {_cell(place, year): count for place, year, count in sizes} if is_noted else None)


def note(con: Connection, release: Release, made_from: Basis) -> None:
    """Note a publication that is about to take its place, and what its numbers were made from."""
    con.execute(
        "INSERT INTO releases VALUES (?, ?, ?, false)", [release.mark, release.published_on, str(release.folder)]
    )
    anchors = [
        [_place(cell), cell[2], anchor.count, anchor.is_shown, release.mark]
        for cell, anchor in made_from.anchors.items()
    ]
    sizes = [[_place(cell), cell[2], size, release.mark] for cell, size in (made_from.sizes or {}).items()]
    if anchors:
        con.executemany("INSERT INTO anchors (place, year, count, is_shown, release) VALUES (?, ?, ?, ?, ?)", anchors)
    if sizes:
        con.executemany("INSERT INTO released_sizes VALUES (?, ?, ?, ?)", sizes)


def settle(con: Connection, mark: str) -> None:
    """Let a noted publication be the last: it is in its place."""
    for table in _NUMBERS:
        con.execute(f"DELETE FROM {table} WHERE release IS DISTINCT FROM ?", [mark])  # noqa: S608
    con.execute("UPDATE releases SET is_settled = true WHERE mark = ?", [mark])


def drop(con: Connection, mark: str) -> None:
    """Forget a noted publication: it never came to its place."""
    for table in _NUMBERS:
        con.execute(f"DELETE FROM {table} WHERE release = ?", [mark])  # noqa: S608
    con.execute("DELETE FROM releases WHERE mark = ?", [mark])


def _place(cell: Cell) -> str:
    return f"{cell[0]}\t{cell[1]}"


def _cell(place: str, year: int | None) -> Cell:
    department, province = place.split("\t")
    return department, province, year
