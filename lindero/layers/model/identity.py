"""Permanent ids of records: the source and its own code, or a fingerprint of the content where there is no code.

An id contains neither the date of the snapshot nor the row number, so the same record has the same id in the next file
of its source. A row of a table is identified by its id and the date of its snapshot; both together are a version.

A fingerprint can be found by trying possible contents. It identifies records of the map. Where it could expose a
person, hash it with a secret (`layers.consent.tombstones`).
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

from lindero.layers.model.accents import strip_accents
from lindero.layers.model.layer import Layer
from lindero.layers.model.parse_values import is_missing, parse_text
from lindero.layers.model.schema import INCIDENTS

if TYPE_CHECKING:
    import pandas as pd

SNAPSHOT_SEPARATOR = "@"  # between an id and the date of a snapshot
MARK = "~"  # before a fingerprint
COMPARED_COLUMNS = (
    "occurred_on",
    "place_text",
    "title",
)  # attributes that identify an incident: when, where, what; not `region`, which is looked up and may change
_DAY = len("2026-01-01")
_DIGITS = 12  # hexadecimal digits of a fingerprint: the chance that any two of a million records are equal is 0.2 %
_DIGITS_TO_TELL_APART = 6
_COARSE_DEG, _FINE_DEG = 0.1, 0.001  # rounding of the centre of a place: with a name, and without one
_OLD_ID = re.compile(r"^([^/]+)/(\d{4}-\d{2}-\d{2})/(.+)$", re.DOTALL)


@dataclass(frozen=True)
class OldId:
    """An id of the old form, `SOURCE/DATE/CODE` or `SOURCE/DATE/ROW`, split into its parts."""

    source_id: str
    snapshot_on: dt.date
    code: str  # with `#` and the row number if the code repeats; only the row number if there is no code

    @property
    def row_number(self) -> int | None:
        """The row number, if the code looks like one; None otherwise."""
        number = self.code.rpartition("#")[2]
        return int(number) if number.isdecimal() else None


def build_versions(rows: pd.DataFrame, side: str = "") -> pd.Series[str]:
    """Return the version of each row: `ID@YYYY-MM-DD`.

    `rows`: A frame with the columns `id` and `snapshot_on` (date, timestamp or text), each after the prefix. `side`:
    prefix of the two columns: `left_` for `left_id`. Empty: no prefix. Returns: versions with the index of `rows`.
    """
    return rows[f"{side}id"].astype(str) + SNAPSHOT_SEPARATOR + rows[f"{side}snapshot_on"].astype(str).str[:_DAY]


def split_version(version: str) -> tuple[str, str]:
    """Split a version into its id and its date.

    `version`: A text of the form `ID@YYYY-MM-DD`; the form is not checked.
    """
    return version[: -_DAY - len(SNAPSHOT_SEPARATOR)], version[-_DAY:]


def split_versions(rows: pd.DataFrame, *sides: str) -> pd.DataFrame:
    """Split the versions in columns of rows into ids and dates.

    `rows`: A frame whose column `id`, after each prefix, contains versions (`ID@YYYY-MM-DD`). It is not changed.
    `sides`: prefixes of the columns, such as `left_`. If none are given, the column is `id`. Returns: the rows with
    `id` (without the date) and `snapshot_on` (text, YYYY-MM-DD) after each prefix.
    """
    split_columns: dict[str, pd.Series] = {}
    for side in sides or ("",):
        version = rows[f"{side}id"].astype(str)
        split_columns |= {
            f"{side}id": version.str[: -_DAY - len(SNAPSHOT_SEPARATOR)],
            f"{side}snapshot_on": version.str[-_DAY:],
        }
    return rows.assign(**split_columns)


def parse_old_id(id_: str) -> OldId | None:
    """Parse an id of the old form; None if it is not one."""
    match = _OLD_ID.match(id_)
    try:
        return OldId(match[1], dt.date.fromisoformat(match[2]), match[3]) if match else None
    except ValueError:  # a month over 12
        return None


def remove_date(id_: str) -> str:
    """Remove the date of the snapshot from an id of the old form; return other ids unchanged.

    `id_`: an id, such as `SOURCE/DATE/CODE`. Returns: `SOURCE/CODE`, or the same id.
    """
    old_id = parse_old_id(id_)
    return id_ if old_id is None else f"{old_id.source_id}/{old_id.code}"


def normalise_value(value: object) -> str:
    """Normalise a value for comparison: without accents, case, punctuation and extra spaces."""
    if is_missing(value):
        return ""
    if isinstance(value, list | tuple | np.ndarray):
        return " ".join(sorted(map(normalise_value, value)))
    if isinstance(value, dt.date):  # also a Timestamp
        return value.strftime("%Y-%m-%d")
    return re.sub(r"[\W_]+", " ", strip_accents(str(value))).strip().casefold()


def normalise_attributes(incident: pd.Series) -> tuple[str, ...]:
    """Return the normalised values of the attributes that identify an incident.

    `incident`: A row with any of the columns in `COMPARED_COLUMNS`: `occurred_on`, `place_text`, `title`. Returns: one
    value per attribute, as `normalise_value` returns it; empty where missing.
    """
    return tuple(normalise_value(incident.get(name)) for name in COMPARED_COLUMNS)


def assign_ids(layer: Layer, rows: pd.DataFrame, *, source_id: str) -> pd.Series[str]:
    """Return an id for each row of a snapshot, unique in the snapshot.

    The code is the `code`, or else the `id` in the file. Incidents keep the `id` in the file, because acts and victims
    refer to it. Where a code repeats, a few digits of the fingerprint follow it. Only rows with identical content are
    numbered by their order, and then it does not matter which row gets which number.

    `rows`: typed columns of the layer as they are stored, with geometry in degrees if the layer has any.
    """
    as_received = _read_texts(rows, "id") if layer is INCIDENTS else _read_texts(rows, "")
    code = _read_texts(rows, "code").fillna(_read_texts(rows, "id"))
    row_ids = as_received.fillna(f"{source_id}/" + code)
    without_code = row_ids.isna()
    if without_code.any():
        row_ids[without_code] = f"{source_id}/{MARK}" + _identifying_content(layer, rows[without_code]).map(
            _fingerprint
        )
    return _make_unique(row_ids, layer, rows, by_content=without_code)


def _read_texts(rows: pd.DataFrame, column: str) -> pd.Series[str]:
    import pandas as pd

    empty = pd.Series(pd.NA, index=rows.index, dtype=object)
    return rows[column].map(parse_text).astype(object) if column in rows else empty


def _identifying_content(layer: Layer, rows: pd.DataFrame) -> pd.Series[str]:
    """Return the content from which the ids of rows without a code are derived.

    Of incidents it is the attributes in `COMPARED_COLUMNS`, of other rows their name and location.
    """
    names = COMPARED_COLUMNS if layer is INCIDENTS else ("name",) if "name" in layer.names else ()
    name_texts = _join_columns(rows, names)
    if layer.has_geometry and layer is not INCIDENTS:
        return name_texts + _rounded_centres(rows, name_texts.str.strip("\x1f") != "")
    return name_texts if names else _full_content(layer, rows)


def _full_content(layer: Layer, rows: pd.DataFrame) -> pd.Series[str]:
    """Return all values of each row, and its geometry to the last digit."""
    import geopandas as gpd
    import pandas as pd

    own_columns = [column.name for column in layer.own_columns]
    if not isinstance(rows, gpd.GeoDataFrame):
        return _join_columns(rows, own_columns)
    return _join_columns(rows, own_columns) + pd.Series(
        shapely.to_wkb(rows.geometry.normalize(), hex=True), rows.index
    ).fillna("")


def _join_columns(rows: pd.DataFrame, names: Iterable[str]) -> pd.Series[str]:
    import pandas as pd

    columns = [rows[name].map(normalise_value) for name in names if name in rows]
    return pd.Series(["\x1f".join(row) for row in zip(*columns, strict=True)] or "", index=rows.index, dtype=object)


def _rounded_centres(rows: pd.DataFrame, has_name: pd.Series[bool]) -> pd.Series[str]:
    """Return the rounded centre of each row's bounding box as text.

    It is rounded to a coarser step where the row also has a name.
    """
    import geopandas as gpd
    import pandas as pd

    if not isinstance(rows, gpd.GeoDataFrame):
        return pd.Series("", index=rows.index, dtype=object)
    box = rows.geometry.bounds
    step = pd.Series(np.where(has_name, _COARSE_DEG, _FINE_DEG), rows.index)
    lon, lat = ((box[f"min{axis}"] + box[f"max{axis}"]) / 2 / step for axis in "xy")
    centre_texts = [f"\x1f{x:.0f} {y:.0f}" for x, y in zip(lon.to_list(), lat.to_list(), strict=True)]
    return pd.Series(centre_texts, index=rows.index, dtype=object)


def _make_unique(
    row_ids: pd.Series[str], layer: Layer, rows: pd.DataFrame, *, by_content: pd.Series[bool]
) -> pd.Series[str]:
    """Append a suffix to each repeated id, so that all ids are unique.

    The suffix comes from the name and location of the row, then from its full content, then from a number.
    """
    if row_ids.is_unique:
        return row_ids
    for content in (_identifying_content, _full_content):
        repeated = row_ids.duplicated(keep=False)
        if content is _identifying_content:
            repeated &= ~by_content  # their ids contain it already
        if repeated.any():
            fingerprints = content(layer, rows[repeated]).map(_fingerprint).str[:_DIGITS_TO_TELL_APART]
            row_ids = row_ids.where(~repeated, row_ids + MARK + fingerprints.reindex(row_ids.index).fillna(""))
    number = row_ids.groupby(row_ids).cumcount()
    return row_ids.where(number == 0, row_ids + MARK + (number + 1).astype(str))


def _fingerprint(content: str) -> str:
    return blake2b(content.encode(), digest_size=16).hexdigest()[:_DIGITS]
