"""
What the vault knows of its publications: what the numbers of the last were made from, and whether it came to its place.

A publication is noted before its folder takes its place and settled afterwards, so that whoever dies in between leaves
a note that the next run can compare with the folder.
"""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from layers.privacy import Anchor, Cell
from layers.store import Connection


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


def anchors(con: Connection) -> dict[Cell, Anchor]:
    """Read what the numbers of the last settled publication were made from."""
    # Anchors without a release are of a version of Lindero that noted none.
    rows = con.execute("""
        SELECT place, year, count, is_shown FROM anchors
        WHERE release IS NULL OR release IN (SELECT mark FROM releases WHERE is_settled)
    """).fetchall()
    return {(*place.split("\t"), year): Anchor(count, shown) for place, year, count, shown in rows}


def note(con: Connection, release: Release, made_from: dict[Cell, Anchor]) -> None:
    """Note a publication that is about to take its place, and what its numbers were made from."""
    con.execute(
        "INSERT INTO releases VALUES (?, ?, ?, false)", [release.mark, release.published_on, str(release.folder)]
    )
    rows = [
        [f"{cell[0]}\t{cell[1]}", cell[2], anchor.count, anchor.is_shown, release.mark]
        for cell, anchor in made_from.items()
    ]
    if rows:
        con.executemany("INSERT INTO anchors (place, year, count, is_shown, release) VALUES (?, ?, ?, ?, ?)", rows)


def settle(con: Connection, mark: str) -> None:
    """Let a noted publication be the last: it is in its place."""
    con.execute("DELETE FROM anchors WHERE release IS DISTINCT FROM ?", [mark])
    con.execute("UPDATE releases SET is_settled = true WHERE mark = ?", [mark])


def drop(con: Connection, mark: str) -> None:
    """Forget a noted publication: it never came to its place."""
    con.execute("DELETE FROM anchors WHERE release = ?", [mark])
    con.execute("DELETE FROM releases WHERE mark = ?", [mark])
