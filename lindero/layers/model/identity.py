"""
What a record is called for good: its source and its own code, or a fingerprint of what it tells where it has none.

An id holds neither the day of the snapshot nor the number of the row, so that the next file of the same source gives
the same record the same id. A row of a table is named by its id and the day of its snapshot together.

A fingerprint can be found by trying what a record may tell. It names records of the map; where that alone would give
somebody away, hash it with a secret (`layers.consent.tombstones`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
import shapely

from lindero.layers.model.accents import without_accents
from lindero.layers.model.layer import Layer
from lindero.layers.model.parse_values import is_missing, text
from lindero.layers.model.schema import INCIDENTS

if TYPE_CHECKING:
    import pandas as pd

AT = "@"  # between an id and the day of a snapshot
MARK = "~"  # before a fingerprint
TOLD = (
    "occurred_on",
    "place_text",
    "title",
)  # of an incident: when, where, what; `region` is looked up, and may change
_DAY = len("2026-01-01")
_DIGITS = 12  # of a fingerprint: among a million records one in a hundred million pairs is alike
_DIGITS_TO_TELL_APART = 6
_COARSE_DEG, _FINE_DEG = 0.1, 0.001  # of the middle of a place: beside a name, and without one
_OLD = re.compile(r"^([^/]+)/(\d{4}-\d{2}-\d{2})/(.+)$", re.DOTALL)


@dataclass(frozen=True)
class OldId:
    """An id as it was until now, `SOURCE/DATE/CODE` or `SOURCE/DATE/ROW`, taken apart."""

    source_id: str
    snapshot_on: dt.date
    code: str  # with `#` and the number of the row where it repeats; the number alone where there is none

    @property
    def row_number(self) -> int | None:
        """The number of the row, where the id held one; a code may look like one, too."""
        number = self.code.rpartition("#")[2]
        return int(number) if number.isdecimal() else None


def versions(rows: pd.DataFrame, side: str = "") -> pd.Series[str]:
    """
    Name rows of several snapshots: `ID@YYYY-MM-DD`.

    `side` is what stands before the names of the columns `id` and `snapshot_on`: `left_` for those of `left_id`.
    """
    return rows[f"{side}id"].astype(str) + AT + rows[f"{side}snapshot_on"].astype(str).str[:_DAY]


def apart(version: str) -> tuple[str, str]:
    """Give the id and the day (YYYY-MM-DD) that a version is named by."""
    return version[: -_DAY - len(AT)], version[-_DAY:]


def of_versions(rows: pd.DataFrame, *sides: str) -> pd.DataFrame:
    """Give rows whose `id` (or `left_id` and others, by `sides`) names versions the id and the day apart."""
    apart: dict[str, pd.Series] = {}
    for side in sides or ("",):
        named = rows[f"{side}id"].astype(str)
        apart |= {f"{side}id": named.str[: -_DAY - len(AT)], f"{side}snapshot_on": named.str[-_DAY:]}
    return rows.assign(**apart)


def old(id_: str) -> OldId | None:
    """Take an id of the old form apart; None if it is of no such form."""
    found = _OLD.match(id_)
    try:
        return OldId(found[1], dt.date.fromisoformat(found[2]), found[3]) if found else None
    except ValueError:  # a month over 12
        return None


def steady(id_: str) -> str:
    """Give an id without the day of its snapshot, as ids held one until now."""
    found = old(id_)
    return id_ if found is None else f"{found.source_id}/{found.code}"


def plain(value: object) -> str:
    """Give what is told without accents, case, punctuation and blanks that come and go; dates as YYYY-MM-DD."""
    if is_missing(value):
        return ""
    if isinstance(value, list | tuple | np.ndarray):
        return " ".join(sorted(map(plain, value)))
    if isinstance(value, dt.date):  # a Timestamp is one
        return value.strftime("%Y-%m-%d")
    return re.sub(r"[\W_]+", " ", without_accents(str(value))).strip().casefold()


def attributes_of(incident: pd.Series) -> tuple[str, ...]:
    """Give what an incident tells (`TOLD`) as `plain` does; "" for what it does not."""
    return tuple(plain(incident.get(name)) for name in TOLD)


def ids(layer: Layer, rows: pd.DataFrame, *, source_id: str) -> pd.Series[str]:
    """
    Give each row of a snapshot its id, which no other row of it bears.

    The code is the `code`, else the `id` of the file. Of incidents the file's own `id` stays as received, because acts
    and victims refer to it. Where a code repeats, a few digits of the fingerprint follow it. Only rows that tell the
    same to the letter are told apart by their order, and then it does not matter which is which.

    Parameters
    ----------
    rows
        Typed columns of the layer, perhaps with geometry in degrees, as they are kept.
    """
    as_received = _texts(rows, "id") if layer is INCIDENTS else _texts(rows, "")
    code = _texts(rows, "code").fillna(_texts(rows, "id"))
    named = as_received.fillna(f"{source_id}/" + code)
    lacking = named.isna()
    if lacking.any():
        named[lacking] = f"{source_id}/{MARK}" + _content(layer, rows[lacking]).map(_fingerprint)
    return _told_apart(named, layer, rows, by_content=lacking)


def _texts(rows: pd.DataFrame, column: str) -> pd.Series[str]:
    import pandas as pd

    nothing = pd.Series(pd.NA, index=rows.index, dtype=object)
    return rows[column].map(text).astype(object) if column in rows else nothing


def _content(layer: Layer, rows: pd.DataFrame) -> pd.Series[str]:
    """Give what names each row that has no code: of incidents what they tell, of others their name and ground."""
    names = TOLD if layer is INCIDENTS else ("name",) if "name" in layer.names else ()
    has_name = _joined(rows, names)
    if layer.has_geometry and layer is not INCIDENTS:
        return has_name + _middles(rows, has_name.str.strip("\x1f") != "")
    return has_name if names else _everything(layer, rows)


def _everything(layer: Layer, rows: pd.DataFrame) -> pd.Series[str]:
    """Give all that a row tells, and its ground to the last digit."""
    import geopandas as gpd
    import pandas as pd

    own = [column.name for column in layer.own]
    if not isinstance(rows, gpd.GeoDataFrame):
        return _joined(rows, own)
    return _joined(rows, own) + pd.Series(shapely.to_wkb(rows.geometry.normalize(), hex=True), rows.index).fillna("")


def _joined(rows: pd.DataFrame, names: Iterable[str]) -> pd.Series[str]:
    import pandas as pd

    columns = [rows[name].map(plain) for name in names if name in rows]
    return pd.Series(["\x1f".join(row) for row in zip(*columns, strict=True)] or "", index=rows.index, dtype=object)


def _middles(rows: pd.DataFrame, has_name: pd.Series[bool]) -> pd.Series[str]:
    """Give the middle of each row's box, coarser where there is a name beside it."""
    import geopandas as gpd
    import pandas as pd

    if not isinstance(rows, gpd.GeoDataFrame):
        return pd.Series("", index=rows.index, dtype=object)
    box = rows.geometry.bounds
    step = pd.Series(np.where(has_name, _COARSE_DEG, _FINE_DEG), rows.index)
    lon, lat = ((box[f"min{axis}"] + box[f"max{axis}"]) / 2 / step for axis in "xy")
    written = [f"\x1f{x:.0f} {y:.0f}" for x, y in zip(lon.to_list(), lat.to_list(), strict=True)]
    return pd.Series(written, index=rows.index, dtype=object)


def _told_apart(
    named: pd.Series[str], layer: Layer, rows: pd.DataFrame, *, by_content: pd.Series[bool]
) -> pd.Series[str]:
    """Put after ids that repeat what tells the rows apart: name and ground, then all that they tell, then a number."""
    if named.is_unique:
        return named
    for content in (_content, _everything):
        again = named.duplicated(keep=False)
        if content is _content:
            again &= ~by_content  # they are named by it already
        if again.any():
            prints = content(layer, rows[again]).map(_fingerprint).str[:_DIGITS_TO_TELL_APART]
            named = named.where(~again, named + MARK + prints.reindex(named.index).fillna(""))
    number = named.groupby(named).cumcount()
    return named.where(number == 0, named + MARK + (number + 1).astype(str))


def _fingerprint(content: str) -> str:
    return blake2b(content.encode(), digest_size=16).hexdigest()[:_DIGITS]
