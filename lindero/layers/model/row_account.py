"""The account of received rows: each one is kept, or rejected for a reason, with its repairs and findings.

Reading, validating and locating the rows of a source each return such an account. They are merged into the account of
the source.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache

import pandas as pd

REJECTED = ("row", "reason", "detail", "received")
REPAIRED = ("row", "repair", "detail")
FINDING_COLUMNS = ("row", "finding", "column_name", "detail")


def concat_frames(frames: Sequence[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    """Concatenate frames of an account in order: `columns` first, then any other columns."""
    nonempty = [frame for frame in frames if not frame.empty]
    if nonempty:
        frame = pd.concat(nonempty, ignore_index=True).astype({"row": "int64"})
        complete = frame.assign(**{name: None for name in columns if name not in frame})
        return complete[[*columns, *complete.columns.difference(list(columns))]]
    return _empty_frame(columns).copy()


@cache
def _empty_frame(columns: tuple[str, ...]) -> pd.DataFrame:
    """Return an empty frame with some columns, cached because most frames of an account are empty."""
    return pd.DataFrame({name: pd.Series(dtype="int64" if name == "row" else "object") for name in columns})


class RowAccount:
    """An account of received rows: every row is either kept or listed in `rejects`.

    `rejects` (row, reason, detail, received) has a row once, for the first reason. `repairs` (row, repair, detail; for
    geometry `area_change_ha`) lists repairs. `findings` (row, finding, column_name, detail) lists observations about a
    row, or about the whole file (row 0).
    """

    def __init__(self) -> None:
        self._rejects: list[pd.DataFrame] = []
        self._repairs: list[pd.DataFrame] = []
        self._findings: list[pd.DataFrame] = []

    @property
    def rejects(self) -> pd.DataFrame:
        """The rejected rows, each once, with the first reason."""
        return concat_frames(self._rejects, REJECTED).drop_duplicates("row", ignore_index=True)

    @property
    def repairs(self) -> pd.DataFrame:
        """The repairs, including those of rows that were rejected later."""
        return concat_frames(self._repairs, REPAIRED)

    @property
    def findings(self) -> pd.DataFrame:
        """The observations about rows or the file."""
        return concat_frames(self._findings, FINDING_COLUMNS)

    def add(
        self,
        *,
        rejects: pd.DataFrame | None = None,
        repairs: pd.DataFrame | None = None,
        findings: pd.DataFrame | None = None,
    ) -> None:
        """Add rejects, repairs and findings of another account, or of a check of many rows."""
        for noted, new in ((self._rejects, rejects), (self._repairs, repairs), (self._findings, findings)):
            if new is not None and not new.empty:
                noted.append(new)

    def add_repairs(self, rows: Collection[int], repair: str, detail: object = None) -> None:
        """Add one repair of several rows; `detail` is one value for all, or a list with one for each."""
        self.add(repairs=pd.DataFrame({"row": list(rows), "repair": repair, "detail": detail}))

    def reject_rows(self, rows: pd.DataFrame, rejected: pd.Index, reason: str) -> pd.DataFrame:
        """Reject the rows `gone` for a reason, and return the others."""
        if not len(rejected):
            return rows
        self.add(rejects=pd.DataFrame({"row": rejected, "reason": reason, "detail": None}))
        return rows.drop(index=rejected)
