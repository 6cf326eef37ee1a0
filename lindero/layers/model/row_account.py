"""
What became of each row received: it is kept, or it is rejected for a reason; with what was mended and noticed in it.

Reading, checking and placing a source's rows each give such an account, and a source's own joins them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache

import pandas as pd

REJECTED = ("row", "reason", "detail", "received")
REPAIRED = ("row", "repair", "detail")
FOUND = ("row", "finding", "column_name", "detail")


def joined(frames: Sequence[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    """Join frames of rows accounted for, in their order: these columns first, and what others they have."""
    filled = [frame for frame in frames if not frame.empty]
    if filled:
        frame = pd.concat(filled, ignore_index=True).astype({"row": "int64"})
        whole = frame.assign(**{name: None for name in columns if name not in frame})
        return whole[[*columns, *whole.columns.difference(list(columns))]]
    return _none(columns).copy()


@cache
def _none(columns: tuple[str, ...]) -> pd.DataFrame:
    """Give a frame of no rows: most accounts of a source are such."""
    return pd.DataFrame({name: pd.Series(dtype="int64" if name == "row" else "object") for name in columns})


class RowAccount:
    """
    What became of every row: all that were received are either kept or in `rejects`.

    `rejects` (row, reason, detail, received) has a row once, for the first reason; `repairs` (row, repair, detail; of
    geometry `area_change_ha`) is what was mended, and `findings` (row, finding, column_name, detail) what was noticed
    in a row, or (row 0) in all.
    """

    def __init__(self) -> None:
        self._rejects: list[pd.DataFrame] = []
        self._repairs: list[pd.DataFrame] = []
        self._findings: list[pd.DataFrame] = []

    @property
    def rejects(self) -> pd.DataFrame:
        """The rows that are not kept, each once, with the first reason."""
        return joined(self._rejects, REJECTED).drop_duplicates("row", ignore_index=True)

    @property
    def repairs(self) -> pd.DataFrame:
        """What was mended, also in rows that were rejected later."""
        return joined(self._repairs, REPAIRED)

    @property
    def findings(self) -> pd.DataFrame:
        """What was noticed."""
        return joined(self._findings, FOUND)

    def note(
        self,
        *,
        rejects: pd.DataFrame | None = None,
        repairs: pd.DataFrame | None = None,
        findings: pd.DataFrame | None = None,
    ) -> None:
        """Add what another account, or a check of many rows, says."""
        for noted, new in ((self._rejects, rejects), (self._repairs, repairs), (self._findings, findings)):
            if new is not None and not new.empty:
                noted.append(new)

    def mend(self, rows: Collection[int], repair: str, detail: object = None) -> None:
        """Note one repair of several rows; `detail` is one for all, or a list with one for each."""
        self.note(repairs=pd.DataFrame({"row": list(rows), "repair": repair, "detail": detail}))

    def without(self, rows: pd.DataFrame, gone: pd.Index, reason: str) -> pd.DataFrame:
        """Reject the rows `gone` for a reason, and give the others."""
        if not len(gone):
            return rows
        self.note(rejects=pd.DataFrame({"row": gone, "reason": reason, "detail": None}))
        return rows.drop(index=gone)
