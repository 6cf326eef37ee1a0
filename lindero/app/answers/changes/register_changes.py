"""Changes between two snapshots of a source, with the communities and protected areas that each change touches."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lindero.app.answers.changes.succession import fill_gaps
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import read_coverage
from lindero.app.answers.coverage.reach import Reach, combine_verdicts, count_reach
from lindero.app.answers.overlap.first_sight import SLIVER
from lindero.app.answers.overlap.touched_features import RECORD, list_touched_features
from lindero.app.text.dates import reference_date_text
from lindero.app.text.i18n import _, format_long_date, format_number, ngettext
from lindero.geo.registers.diff import CHANGES, Changes, changes
from lindero.geo.registers.match import unique_keys
from lindero.layers.database import coverage, map_database
from lindero.layers.database.coverage import Extent
from lindero.layers.database.map_database import Source
from lindero.layers.database.queries import snapshot_rows
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.identity import build_versions
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import COMMUNITIES, CRS, LAYERS, PROTECTED_AREAS
from lindero.layers.services.catalogue import lists_only_in_force

COLUMNS = ("source_id", "change", "name", "holder", "before_id", "after_id", "before", "after")
_REQUIRED_COLUMNS = {"code", "name", "area_ha"}  # what a layer must have for its records to be recognised


@dataclass(frozen=True)
class Register:
    """A source with records that can be recognised from one snapshot to another, and its snapshots by date."""

    snapshots: tuple[Source, ...]

    @property
    def source_id(self) -> str:
        """The id of the source."""
        return self.snapshots[-1].source_id

    @property
    def title(self) -> str:
        """The publisher's title of the source, or its id if it has none."""
        return self.snapshots[-1].title or self.source_id


@dataclass(frozen=True)
class ChangeReport:
    """The changes in one source, from the snapshot `before` to the snapshot `after`.

    `rows` are those of `geo.registers.diff` with `source_id` and the record's latest `name` and `holder`. They also
    have the names of the `communities` and `protected_areas` that the record is or was on, slivers left out. `touched`
    has one row per record and touched feature: `before_id`, `after_id`, `layer`, `id`, `name`, `before_ha`, `after_ha`,
    and `certain_ha` and `certainty` of the latest overlap, or of the one before if the latest is a sliver.
    """

    before: Source
    after: Source
    changes: Changes
    rows: pd.DataFrame
    touched: pd.DataFrame
    shapes: gpd.GeoDataFrame  # the latest features of the records, in the order of `rows`, and `earlier_geometry`
    verdicts: Mapping[str, pd.DataFrame]  # coverage of communities and protected areas, by layer, for each of `rows`
    sources: tuple[Source, ...]  # the sources of the layers in `verdicts`

    @cached_property
    def versions(self) -> "pd.Series[str]":
        """The versions of the records of `shapes`, which each question about a place compares."""
        return build_versions(self.shapes)

    @cached_property
    def moved_versions(self) -> "pd.Series[str]":
        """The earlier versions of the records with a changed boundary, for each of `rows`; missing for the others."""
        earlier = self.rows.rename(columns={"before_id": "id"})[["id"]].assign(snapshot_on=self.before.snapshot_on)
        record = pd.MultiIndex.from_frame(self.rows[list(RECORD)])
        return build_versions(earlier).where(record.isin(record[self.rows["change"] == "boundary"]))

    def head(self) -> dict[str, object]:
        """Return the counts for JSON."""
        return {
            "source_id": self.after.source_id,
            "layer": self.after.layer,
            "since": self.before.snapshot_on,
            "until": self.after.snapshot_on,
            "records_before": self.changes.records_before,
            "records_after": self.changes.records_after,
            "found_again": self.changes.found_again,
            "status_not_stated": self.changes.status_not_stated,
            "holder_not_stated": self.changes.holder_not_stated,
            **{change: self.changes.count(change) for change in CHANGES},
            "new_on_community_land": self.known_count_on_community_land(),
            "new_beyond": self.count_outside_coverage("new"),
            "gone_beyond": self.count_outside_coverage("gone"),
        }

    def select(self, is_selected: npt.NDArray[np.bool_]) -> "ChangeReport":
        """Return the report limited to some rows. Counts of unknown changes stay those of the whole register."""
        few = replace(self.changes, rows=self.changes.rows[is_selected])
        verdicts = {layer: verdict[is_selected] for layer, verdict in self.verdicts.items()}
        return replace(
            self, changes=few, rows=self.rows[is_selected], shapes=self.shapes[is_selected], verdicts=verdicts
        )

    @property
    def reaches(self) -> tuple[Reach, ...]:
        """The coverage of communities and of protected areas on the land of the changed records."""
        sources_by_layer = {
            layer: tuple(source for source in self.sources if source.layer == layer) for layer in self.verdicts
        }
        return tuple(
            count_reach(verdict, layer, feature_layer=self.after.layer, sources=sources_by_layer[layer])
            for layer, verdict in self.verdicts.items()
        )

    def count_new_on_community_land(self) -> int:
        """Count the new records that overlap a community."""
        return int(((self.rows["change"] == "new") & (self.rows["communities"] != "")).sum())

    def known_count_on_community_land(self) -> int | None:
        """Count new records that overlap a community; None if 0 and not all their land has community data."""
        return self.count_new_on_community_land() or (
            0 if self._community_reach.is_whole or not self.changes.count("new") else None
        )

    @property
    def _community_reach(self) -> Reach:
        return next(reach for reach in self.reaches if reach.layer == COMMUNITIES.name)

    def touches_land(self) -> npt.NDArray[np.bool_]:
        """Return a mask of the rows that overlap a community or a protected area."""
        return np.asarray((self.rows[COMMUNITIES.name] != "") | (self.rows[PROTECTED_AREAS.name] != ""), dtype=bool)

    def finding(self, *, on: Reach | None = None) -> str:
        """Return one sentence on new and gone records. `on` is both snapshots' coverage on the filter's land."""
        title = self.after.title or self.after.source_id
        if self._is_uninformative(on):
            return f"{title}: {coverage_text.compared_reach_text(on)}" if on else ""
        new, gone = self.changes.count("new"), self.changes.count("gone")
        return _("{source}, {since} to {until}: {new} ({on_land}), {gone}.").format(
            source=title,
            since=format_long_date(self.before.snapshot_on),
            until=format_long_date(self.after.snapshot_on),
            on_land=self._community_land_text(),
            new=ngettext("{n} new", "{n} new", new).format(n=format_number(new)),
            gone=ngettext("{n} no longer listed", "{n} no longer listed", gone).format(n=format_number(gone)),
        )

    def other_changes_text(self, *, on: Reach | None = None) -> str:
        """Return one sentence on changes of records in both snapshots. `on` is as for `finding`."""
        if self._is_uninformative(on):
            return ""
        return _(
            "Changes in records of both snapshots: code {renumbered}, holder {holder}, spelling of the "
            "holder {holder_respelt}, status {status}, boundary {boundary}."
        ).format(**{change: format_number(self.changes.count(change)) for change in CHANGES})

    def list_doubts(self, *, on: Reach | None = None) -> list[str]:
        """Return sentences on counts that may be wrong or are unknown. `on` is as for `finding`."""
        if self._is_uninformative(on):
            return []
        sentences = []
        if self.count_outside_coverage("new") + self.count_outside_coverage("gone"):
            doubt = _(
                "{new} of the new records and {gone} of those no longer listed are where the other "
                "snapshot has no data. They may not be new, or may still exist."
            )
            sentences.append(
                doubt.format(
                    new=format_number(self.count_outside_coverage("new")),
                    gone=format_number(self.count_outside_coverage("gone")),
                )
            )
        if self.changes.count("gone") and lists_only_in_force(
            self.after.source_id, self.after.url or "", self.after.title, self.after.publisher
        ):
            sentences.append(partial_register_text())
        if self.changes.status_not_stated:
            doubt = ngettext(
                "{count} record does not state its status in both snapshots, so it is not known whether it changed.",
                "{count} records do not state their status in both snapshots, so it is not known whether it changed.",
                self.changes.status_not_stated,
            )
            sentences.append(doubt.format(count=format_number(self.changes.status_not_stated)))
        sentences += [coverage_text.reach_text(reach) for reach in self.reaches]
        sentences += [coverage_text.compared_reach_text(on)] if on else []
        return list(filter(None, sentences))

    def _is_uninformative(self, on: Reach | None) -> bool:
        return on is not None and not on.is_covered and self.rows.empty

    def _community_land_text(self) -> str:
        count = self.known_count_on_community_land()
        if count is None:
            return _("not known whether on community land: the data does not cover all of their area")
        return _("{on_land} of them on community land").format(on_land=format_number(count))

    def count_outside_coverage(self, change: str) -> int:
        """Count the new or gone records that are where the other snapshot has no data."""
        rows = self.changes.rows
        return int((rows.loc[rows["change"] == change, "beyond"] == True).sum())  # noqa: E712  it may be missing


def partial_register_text() -> str:
    """Return a sentence saying that a register drops what is no longer in force, and what that leaves open."""
    return _(
        "The register lists only what is in force. It does not show why something is no longer "
        "listed, or that it has ended."
    )


def coverage_in_both(con: map_database.Connection, report: ChangeReport, shapes: gpd.GeoSeries) -> pd.DataFrame:
    """Return the coverage that both snapshots of a report have for shapes, as columns `verdict` and `share`."""
    before, after = (
        read_coverage(con, {(snapshot.source_id, snapshot.snapshot_on)}).measure_shapes(snapshot.layer, shapes)
        for snapshot in (report.before, report.after)
    )
    return combine_verdicts(before, after)


def list_registers(con: map_database.Connection) -> list[Register]:
    """List the sources with records that can be recognised from one snapshot to another, with their snapshots."""
    snapshots_by_source: dict[str, list[Source]] = {}
    for source in _list_sources(con):
        snapshots_by_source.setdefault(source.source_id, []).append(source)
    return [Register(tuple(snapshots)) for snapshots in snapshots_by_source.values()]


def change_reports(
    con: map_database.Connection, *, since: str, until: str = "", source: str = ""
) -> list[ChangeReport]:
    """Compare two snapshots of each source; return its report, or none if no snapshot is later than `since`.

    `since` is a date (the earlier snapshot is the latest one on or before it) or a snapshot, `ID@YYYY-MM-DD`. `until`
    is the later snapshot in the same form; the current one if empty. `source` is the id of the only source to compare.
    """
    first, last = _SnapshotChoice.from_text(since), _SnapshotChoice.from_text(until)
    requested_ids = {name for name in (first.source_id, last.source_id, source) if name}
    chosen_registers = [register for register in list_registers(con) if requested_ids <= {register.source_id}]
    several = [register for register in chosen_registers if len(register.snapshots) > 1]
    steps = [(register, after) for register in several if (after := last.find_snapshot(register.snapshots))]
    later = [(register, after) for register, after in steps if first.day is None or after.snapshot_on > first.day]
    pairs = [
        (before, after)
        for register, after in later
        if (
            before := first.find_snapshot(
                [snapshot for snapshot in register.snapshots if snapshot.snapshot_on < after.snapshot_on]
            )
        )
    ]
    if not pairs and (later or not steps):
        raise _no_earlier_snapshot_error(_list_sources(con), since)
    return [_report(con, before, after) for before, after in pairs]


def no_later_snapshot_text(con: map_database.Connection, since: str) -> str:
    """Return a sentence saying that no register has a snapshot later than a date."""
    snapshots = ", ".join(
        f"{register.title} ({reference_date_text(register.snapshots[-1].as_of)})" for register in list_registers(con)
    )
    text = _("No register has a snapshot later than {since}. Latest snapshot of each register: {known}.")
    return text.format(since=since, known=snapshots)


def compare_all_snapshots(con: map_database.Connection, since: dt.date | None = None) -> list[ChangeReport]:
    """Compare every snapshot of every register with the one before it, the latest first; only those after `since`."""
    steps = [
        step
        for register in list_registers(con)
        for step in pairwise(register.snapshots)
        if since is None or step[1].snapshot_on > since
    ]
    latest_first = sorted(steps, key=lambda step: step[1].snapshot_on, reverse=True)
    return [_report(con, before, after) for before, after in latest_first]


@dataclass(frozen=True)
class _SnapshotChoice:
    """One side of a comparison: a named snapshot, a date, or the current snapshot (`day` is None)."""

    day: dt.date | None
    source_id: str = ""

    @classmethod
    def from_text(cls, text: str) -> "_SnapshotChoice":
        source_id, _sign, day = text.rpartition("@")
        try:
            return cls(dt.date.fromisoformat(day) if text else None, source_id)
        except ValueError as error:
            raise AnswerError(N_("'{text}' is not a date; write it as YYYY-MM-DD"), text=day) from error

    def find_snapshot(self, snapshots: Sequence[Source]) -> Source | None:
        """Return the matching snapshot among those of one source, which are ordered by date; None if there is none."""
        if self.day is None:
            return snapshots[-1] if snapshots else None
        if self.source_id:
            return next((snapshot for snapshot in snapshots if snapshot.snapshot_on == self.day), None)
        return next((snapshot for snapshot in reversed(snapshots) if snapshot.snapshot_on <= self.day), None)


def _list_sources(con: map_database.Connection) -> list[Source]:
    return [source for source in map_database.read_sources(con) if LAYERS[source.layer].names >= _REQUIRED_COLUMNS]


def _no_earlier_snapshot_error(sources: Sequence[Source], since: str) -> AnswerError:
    snapshots = ", ".join(f"{source.source_id}@{source.snapshot_on}" for source in sources)
    return AnswerError(
        N_("no source has an earlier snapshot to compare with for {since}; the map has these snapshots: {snapshots}"),
        since=since,
        snapshots=snapshots,
    )


def _report(con: map_database.Connection, before: Source, after: Source) -> ChangeReport:
    layer = LAYERS[after.layer]
    sides, unchanged = _read_records(con, layer, before, after)
    sides[0] = fill_gaps(con, layer, sides[0], before)
    stored = coverage.read_coverage_rows(con)
    ground = [_snapshot_area(con, stored, snapshot) for snapshot in (before, after)]
    differences = changes(*sides, unchanged=unchanged, covered_before=ground[0], covered_after=ground[1])
    touched = list_touched_features(con, layer, differences.rows, (before, after), sides)
    records = pd.concat(dict(zip(RECORD, [side.set_index("id") for side in sides], strict=True)))
    latest = records.reindex(_latest_ids(differences.rows))
    rows = differences.rows.assign(
        source_id=after.source_id,
        name=latest["name"].to_numpy(),
        holder=latest["holder"].to_numpy() if "holder" in latest else None,
    )
    on_land = touched[touched["certainty"] != SLIVER]
    for land_layer in (COMMUNITIES, PROTECTED_AREAS):
        names = on_land[on_land["layer"] == land_layer.name].groupby(RECORD, dropna=False)["name"].agg("; ".join)
        named = names.rename(land_layer.name).reset_index().astype(dict.fromkeys(RECORD, object))  # ids or all missing
        rows = rows.merge(named, on=RECORD, how="left")
        rows[land_layer.name] = rows[land_layer.name].fillna("")
    first = ["source_id", "change", "name", "holder"]
    columns = {
        "id": latest.index.get_level_values(1),
        "snapshot_on": latest["snapshot_on"].to_numpy(),
        "earlier_geometry": np.asarray(sides[0].set_index("id").geometry.reindex(differences.rows["before_id"])),
    }
    shapes = gpd.GeoDataFrame(columns, geometry=latest["geometry"].to_numpy(), crs=CRS)
    current_coverage = read_coverage(con)
    verdicts = {
        coverage_layer.name: current_coverage.measure_shapes(coverage_layer.name, shapes.geometry)
        for coverage_layer in (COMMUNITIES, PROTECTED_AREAS)
    }
    rows = rows[[*first, *rows.columns.drop(first)]]
    return ChangeReport(before, after, differences, rows, touched, shapes, verdicts, current_coverage.sources)


def _read_records(
    con: map_database.Connection, layer: Layer, before: Source, after: Source
) -> tuple[list[gpd.GeoDataFrame], pd.DataFrame]:
    """Read the records of two snapshots that may have changed, and, without geometry, those that have not.

    A record has not changed if both snapshots contain it with an equal unique code, holder, status and geometry.
    """
    days = before.snapshot_on, after.snapshot_on
    rows = snapshot_rows.compare_rows(con, layer, after.source_id, days, ["holder", "status", "status_received"])
    is_unique = [unique_keys(rows[code]).notna() for code in ("before_code", "after_code")]
    is_unchanged = rows["is_equal"] & is_unique[0] & is_unique[1]
    chosen = {"source_id": after.source_id, "id": rows.loc[~is_unchanged, "id"].tolist()}
    sides = [
        map_database.read_layer(con, layer, where=chosen | {"snapshot_on": day.isoformat()}, every_snapshot=True)
        for day in days
    ]
    return sides, rows[is_unchanged]


def _snapshot_area(
    con: map_database.Connection, rows: Sequence[coverage.CoverageRow], snapshot: Source
) -> shapely.Geometry | None:
    """Return the area where a snapshot has data; the bounding box of its rows if that is unknown or may be anywhere."""
    key = snapshot.source_id, snapshot.layer, snapshot.snapshot_on
    shapes = [
        row.geometry
        for row in rows
        if (row.source_id, row.layer, row.snapshot_on) == key and row.extent == Extent.COVERED
        if row.geometry is not None
    ]
    if shapes:
        return shapely.union_all(shapes)
    extent = snapshot_rows.read_extent(con, LAYERS[snapshot.layer], snapshot.source_id, snapshot.snapshot_on)
    return shapely.box(*extent) if extent else None


def _latest_ids(rows: pd.DataFrame) -> pd.MultiIndex:
    """Return for each change the side (`after_id`, else `before_id`) and the id under which its record is looked up."""
    is_there = rows["after_id"].notna()
    side = np.where(is_there, "after_id", "before_id")
    return pd.MultiIndex.from_arrays([side, rows["after_id"].where(is_there, rows["before_id"])])
