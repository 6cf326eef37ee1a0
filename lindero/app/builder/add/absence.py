"""The absence contract: only a snapshot comparable with the accepted one may say that a record is gone.

Each guard compares the two snapshots and returns a reason to put the new one aside. A person then decides. A reason is
a template with its values, because it is stored, and read later in any language (`health.format_reason`). The watch,
`add`, `fetch` and the page ask `find_plan_fault`, and a build asks `find_entry_fault` about what nobody asked before.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from lindero.app.builder.add.plan import read_fields
from lindero.app.builder.rows.ingest import ingest, read_source
from lindero.app.builder.rows.row_location import Land
from lindero.app.builder.rows.row_report import IngestedSource
from lindero.geo.geometry.projection import is_polygonal
from lindero.geo.registers import name_matching
from lindero.geo.registers.displacement import BOX, Records, displacement
from lindero.geo.registers.match import match_records
from lindero.layers.check.visibility import Gate
from lindero.layers.consent import tombstones
from lindero.layers.errors import N_
from lindero.layers.model.accents import fold
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import CRS, LAYERS
from lindero.layers.reference import base_data
from lindero.layers.watch.source_checks import COMPLETE, INCOMPLETE
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace

MAX_FALL = 0.10  # share of the rows that may be missing from one snapshot to the next
MAX_REPEATED = 0.01  # share of rows with the code and the place of another row, beyond those of the accepted snapshot
MAX_DOUBLED = 0.25  # share of rows with the code or the place of another row
MIN_KEPT = 0.5  # share of the codes or places that must be in both snapshots
MIN_KEPT_LATER = 0.1  # the same of snapshots that are more than `LASTING` apart
LASTING = dt.timedelta(days=2 * 366)  # how long a register keeps its fields, its CRS and most of its records
MAX_EMPTIED = 0.5  # share of the rows whose column may become empty
MAX_BACK = dt.timedelta(days=31)  # how much earlier the newest date may be: recent rows may be withdrawn
MIN_NEWER = 3  # rows of the accepted snapshot that must be newer than the new one by more than that

_FEW_REPEATED = 10
_EDITION = re.compile(r"generaci?on|version|product|model|dataset|algorit")
_MAX_EDITIONS = 5  # distinct values of a field that names a generation or product
_DECIMALS = 5  # of a degree, about one metre
Reason = tuple[str, dict[str, object]]
"""An English template and its values: texts, counts, shares (float) and dates."""

Fault = tuple[str, Reason]
"""The result of a check, and the reason."""

_TEXTS = ("name", "holder")  # texts in which another encoding shows
_UNKNOWN = "unknown"


@dataclass(frozen=True)
class Snapshot:
    """A snapshot of a source, prepared for comparison."""

    ingested: IngestedSource

    @property
    def layer(self) -> Layer:
        """The layer of the source."""
        return LAYERS[self.ingested.entry.layer]

    @property
    def rows(self) -> pd.DataFrame:
        """The rows that the map keeps."""
        return self.ingested.tables[self.layer.name]

    @property
    def crs(self) -> pyproj.CRS:
        """The CRS that the file states; without one, the CRS in which it is read."""
        return self.ingested.received.crs or pyproj.CRS(self.ingested.entry.crs or CRS)

    @property
    def has_places(self) -> bool:
        """Whether the rows have geometry."""
        return isinstance(self.rows, gpd.GeoDataFrame) and bool(self.rows.geometry.notna().any())

    @cached_property
    def codes(self) -> pd.Series:
        """The normalised code of each row; missing where it has none."""
        if "code" not in self.rows:
            return pd.Series(index=self.rows.index, dtype=object)
        return name_matching.keys(self.rows["code"])

    @cached_property
    def places(self) -> pd.Series:
        """A hash of the rounded bounding box of each row; missing where it has no place."""
        if not self.has_places:
            return pd.Series(index=self.rows.index, dtype=object)
        box: pd.DataFrame = gpd.GeoDataFrame(self.rows).geometry.bounds.round(_DECIMALS)
        return pd.util.hash_pandas_object(box, index=False).astype(str).where(box.notna().all(axis=1))


def _is_distant(before: Snapshot, after: Snapshot) -> bool:
    """Return whether so long a time is between two snapshots that a register may have another form."""
    days = [dt.date.fromisoformat(side.ingested.entry.snapshot_on) for side in (before, after)]
    return days[1] - days[0] > LASTING


def find_plan_fault(space: Workspace, plan: IngestedSource, *, today: dt.date) -> Fault | None:
    """Return why a planned file does not continue its source; None if it does, is the first, or was accepted.

    It is compared with the snapshot before it, and the snapshot after it with the file.
    """
    if plan.entry.comparable:
        return None
    earlier, later = _find_neighbours(space, plan.entry)
    if earlier and (fault := find_fault(read_snapshot(space, earlier), plan, today=today)):
        return fault
    if later is None or find_fault(plan, read_snapshot(space, later), today=today) is None:
        return None
    text = N_(
        "The snapshot of {later}, which is in the workspace, does not continue this file of {day}. Check the date of "
        "the file, and that it is the whole register."
    )
    days = [dt.date.fromisoformat(entry.snapshot_on) for entry in (later, plan.entry)]
    return COMPLETE, (text, {"later": days[0], "day": days[1]})


def find_entry_fault(space: Workspace, entry: SourceEntry, *, today: dt.date) -> Fault | None:
    """Return why a snapshot of the manifest does not continue the one before it; None if nothing speaks against it."""
    earlier, _later = _find_neighbours(space, entry)
    if entry.comparable or earlier is None:
        return None
    return find_fault(read_snapshot(space, earlier), read_snapshot(space, entry), today=today)


def _find_neighbours(space: Workspace, entry: SourceEntry) -> tuple[SourceEntry | None, SourceEntry | None]:
    """Return the snapshots of a source before and after an entry."""
    snapshots = sorted((other for other in space.sources if other.id == entry.id), key=lambda other: other.snapshot_on)
    earlier = [other for other in snapshots if other.snapshot_on < entry.snapshot_on]
    later = [other for other in snapshots if other.snapshot_on > entry.snapshot_on]
    return earlier[-1] if earlier else None, later[0] if later else None


def read_snapshot(space: Workspace, entry: SourceEntry) -> IngestedSource:
    """Read the file of a snapshot as a build does."""
    gate = Gate(tombstones.read_registers(space.folder))
    received = read_source(entry, space.folder / entry.file, gate=gate)
    return ingest(entry, received, Land(base_data.load_countries(), space.country), gate=gate)


def find_newest_date(ingested: IngestedSource, today: dt.date) -> dt.date | None:
    """Return the newest date that a source states about its content, not after today; None if it states none."""
    dates = _row_dates(ingested, today).dropna()
    newest = [dates.max().date()] if len(dates) else []
    stated = [dt.date.fromisoformat(ingested.entry.published_on)] if ingested.entry.published_on else []
    return max([*newest, *stated], default=None)


def _row_dates(ingested: IngestedSource, today: dt.date) -> "pd.Series[pd.Timestamp]":
    """Return the newest date of each row, except when it expires and dates after today; NaT where it has none."""
    layer = LAYERS[ingested.entry.layer]
    rows = ingested.tables[layer.name]
    names = [column.name for column in layer.own_columns if column.type == "DATE" and column.name in rows]
    dates = rows[[name for name in names if name != "expires_on"]].apply(pd.to_datetime, errors="coerce")
    newest: pd.Series[pd.Timestamp] = dates.where(dates <= pd.Timestamp(today)).max(axis=1)
    return newest


def find_fault(before: IngestedSource, after: IngestedSource, *, today: dt.date) -> Fault | None:
    """Return the result and the reason to put a snapshot aside; None if it can be accepted."""
    snapshots = Snapshot(before), Snapshot(after)
    for result, guard in _GUARDS:
        if reason := guard(*snapshots):
            return result, reason
    if reason := _find_older(before, after, today):
        return COMPLETE, reason
    return None


def _find_missing_fields(before: Snapshot, after: Snapshot) -> Reason | None:
    received, filled = set(map(str, after.ingested.received.rows.columns)), read_fields(after.ingested)
    fields = {column: name for column, name in read_fields(before.ingested).items() if column not in filled}
    if _is_distant(before, after):
        fields = {column: name for column, name in fields.items() if column == "code"}
    missing = sorted(set(fields.values()) - received)
    return (N_("The new file no longer has the fields {fields}."), {"fields": ", ".join(missing)}) if missing else None


def _find_fall(before: Snapshot, after: Snapshot) -> Reason | None:
    count, earlier = len(after.rows), len(before.rows)
    if earlier - count <= max(1, MAX_FALL * earlier):
        return None
    text = N_("The new file has {count} rows and the accepted snapshot {earlier}; at most {share} may be missing.")
    return text, {"count": count, "earlier": earlier, "share": MAX_FALL}


def _find_repetition(before: Snapshot, after: Snapshot) -> Reason | None:
    both = [
        (side.codes.fillna("").astype(str) + " " + side.places.astype(str)).where(side.places.notna())
        for side in (before, after)
    ]
    count = len(after.rows)
    few = max(MAX_REPEATED * count, min(_FEW_REPEATED, MAX_DOUBLED * count))
    limits = (
        (both[0], both[1], few),
        (before.codes, after.codes, MAX_DOUBLED * count),
        (before.places, after.places, MAX_DOUBLED * count),
    )
    more = [_count_repetitions(new) - _count_repetitions(old) for old, new, _limit in limits]
    if all(extra <= limit for extra, (_old, _new, limit) in zip(more, limits, strict=True)):
        return None
    text = N_("{count} of {rows} rows are repeated: a page or the whole layer was sent twice.")
    return text, {"count": max(more), "rows": count}


def _count_repetitions(keys: pd.Series) -> int:
    return int(keys.dropna().duplicated().sum())


def _find_other_crs(before: Snapshot, after: Snapshot) -> Reason | None:
    old, new = before.crs, after.crs
    if not old.equals(new, ignore_axis_order=True) and not _is_distant(before, after):
        text = N_("The new file states the coordinate reference system {new}; the accepted snapshot states {old}.")
        return text, {"new": new.name, "old": old.name}
    if not (before.has_places and after.has_places):
        return None
    shift = displacement(_records(after), _records(before))
    if shift is None:
        return None
    text = N_("{count} rows moved {metres} m in the same direction: the coordinates are in another system.")
    return text, {"count": int(shift.agreeing_rows), "metres": round(shift.metres)}


def _records(side: Snapshot) -> Records:
    box = side.rows.geometry.bounds.set_axis(BOX, axis=1)
    return Records(box.assign(code=side.codes, area_ha=side.rows.get("area_ha", np.nan)))


def _find_other_data(before: Snapshot, after: Snapshot) -> Reason | None:
    """Find another generation or product: an edition, a kind of geometry, or other records than before."""
    old, new = before.ingested.received.rows, after.ingested.received.rows
    for name in map(str, old.columns):
        if name in new and _EDITION.search(fold(name)):
            editions = [set(frame[name].dropna().astype(str)) for frame in (old, new)]
            if all(editions) and len(editions[0]) <= _MAX_EDITIONS and not editions[0] & editions[1]:
                sides = {"new": sorted(editions[1])[:_MAX_EDITIONS], "old": sorted(editions[0])}
                text = N_("The field {field} says {new}; in the accepted snapshot it says {old}.")
                return text, {"field": name, **{side: ", ".join(texts) for side, texts in sides.items()}}
    if not (before.has_places and after.has_places):
        return None
    areas = [is_polygonal(side.rows.geometry.dropna().to_numpy()).mean() for side in (before, after)]
    if abs(areas[0] - areas[1]) > MIN_KEPT:
        return N_("The geometry is of another kind: polygons have become points, or points polygons."), {}
    has_codes = before.codes.notna().mean() > MIN_KEPT
    kept = _share_in_both(*((before.codes, after.codes) if has_codes else (before.places, after.places)))
    is_distant = _is_distant(before, after)
    if kept >= (MIN_KEPT_LATER if is_distant else MIN_KEPT):
        return None if is_distant else _find_exchanged_records(before, after)
    if has_codes and _is_renumbered(before, after):
        return N_("Most codes are new, but on the same places: the register was renumbered."), {}
    return N_("Most records of the accepted snapshot are missing: this is another generation or another data set."), {}


def _find_exchanged_records(before: Snapshot, after: Snapshot) -> Reason | None:
    """Find many records that are gone while as many others came, so that the number of rows shows no fall."""
    is_kept = [
        (old.isin(new.dropna()) & old.notna()).to_numpy(dtype=bool)
        for old, new in ((before.codes, after.codes), (before.places, after.places))
    ]
    gone, earlier = int((~is_kept[0] & ~is_kept[1]).sum()), len(before.rows)
    if gone <= max(1, MAX_FALL * earlier):
        return None
    text = N_("{count} of {earlier} records of the accepted snapshot are missing; at most {share} may be.")
    return text, {"count": gone, "earlier": earlier, "share": MAX_FALL}


def _share_in_both(old: pd.Series, new: pd.Series) -> float:
    """Return the share of the distinct old keys that are among the new ones."""
    keys = pd.Index(old.dropna().unique())
    return float(keys.isin(new).mean()) if len(keys) else 0.0


def _is_renumbered(before: Snapshot, after: Snapshot) -> bool:
    """Return whether most records are found again without their codes: by shape, name, holder and dates."""
    frames = [gpd.GeoDataFrame(side.rows)[is_polygonal(side.rows.geometry.to_numpy())] for side in (before, after)]
    if all(len(frame) and {"code", "name"} <= set(frame) for frame in frames):
        return len(match_records(*frames)) >= MIN_KEPT * len(frames[0])
    return _share_in_both(before.places, after.places) >= MIN_KEPT


def _find_other_encoding(before: Snapshot, after: Snapshot) -> Reason | None:
    if _is_distant(before, after):
        return None
    keys = (before.codes, after.codes) if before.codes.notna().any() else (before.places, after.places)
    for name in _TEXTS:
        if name not in before.rows or name not in after.rows:
            continue
        old, new = (
            side.rows[name].set_axis(key)[key.notna().to_numpy() & ~key.duplicated(keep=False).to_numpy()].dropna()
            for side, key in zip((before, after), keys, strict=True)
        )
        pairs = pd.DataFrame({"old": old, "new": new}).dropna().astype(str)
        pairs = pairs[[not text.isascii() for text in pairs["old"]]]
        if pairs.empty:
            continue
        wrong = pairs[(pairs["old"] != pairs["new"]) & (pairs["old"].map(_skeleton) == pairs["new"].map(_skeleton))]
        if len(wrong) > MIN_KEPT * len(pairs):
            text = N_("The texts are in another encoding: {old} has become {new}.")
            return text, {"old": wrong["old"].iloc[0], "new": wrong["new"].iloc[0]}
    return None


def _skeleton(text: str) -> str:
    """Return the letters and digits of a text that are the same in every encoding."""
    return "".join(sign for sign in text if sign.isascii() and sign.isalnum())


def _find_emptied_columns(before: Snapshot, after: Snapshot) -> Reason | None:
    names = [
        column.name for column in before.layer.own_columns if column.name in before.rows and column.name in after.rows
    ]
    if _is_distant(before, after):
        names = [name for name in names if name == "code"]
    emptied = [
        name for name in names if before.rows[name].notna().mean() - after.rows[name].notna().mean() > MAX_EMPTIED
    ]
    return (N_("These columns have become empty: {columns}."), {"columns": ", ".join(emptied)}) if emptied else None


def _find_unknown_statuses(before: Snapshot, after: Snapshot) -> Reason | None:
    """Find many records whose known status has become a word that is not known."""
    if not all({"status", "status_received"} <= set(side.rows) for side in (before, after)):
        return None
    old, new = (
        side.rows[["status", "status_received"]].set_axis(side.codes)[
            (side.codes.notna() & ~side.codes.duplicated(keep=False)).to_numpy()
        ]
        for side in (before, after)
    )
    pairs = old.merge(new, left_index=True, right_index=True, suffixes=("_before", "_after"))
    was_known = pairs["status_before"].notna() & (pairs["status_before"] != _UNKNOWN)
    words = pairs.loc[
        was_known
        & (pairs["status_after"] == _UNKNOWN)
        & pairs["status_received_after"].notna()
        & (pairs["status_received_after"] != _UNKNOWN),
        ["status_received_before", "status_received_after"],
    ]
    if len(words) <= max(1, MAX_FALL * len(before.rows)):
        return None
    text = N_("The status of {count} records has become a word that is not known: {old} has become {new}.")
    first = words.iloc[0].astype(str)
    return text, {"count": len(words), "old": first.iloc[0], "new": first.iloc[1]}


def _find_older(before: IngestedSource, after: IngestedSource, today: dt.date) -> Reason | None:
    old, new = (find_newest_date(side, today) for side in (before, after))
    if old is None or new is None or new >= old - MAX_BACK:
        return None
    if (_row_dates(before, today) > pd.Timestamp(new + MAX_BACK)).sum() < MIN_NEWER:  # a few dates are errors
        return None
    text = N_("The newest date of the new file is {new}, and {old} in the accepted snapshot: this is an older edition.")
    return text, {"new": new, "old": old}


_GUARDS: tuple[tuple[str, Callable[[Snapshot, Snapshot], Reason | None]], ...] = (
    (COMPLETE, _find_missing_fields),
    (INCOMPLETE, _find_fall),
    (INCOMPLETE, _find_repetition),
    (COMPLETE, _find_other_data),
    (COMPLETE, _find_other_crs),
    (COMPLETE, _find_other_encoding),
    (COMPLETE, _find_emptied_columns),
    (COMPLETE, _find_unknown_statuses),
)
