"""What is new in the registers: two snapshots of a source, and whose ground each change touches."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import coverage_of
from lindero.app.answers.coverage.reach import Reach, in_both, reach_from
from lindero.app.answers.overlap.row_selection import Side
from lindero.app.text.dates import as_of
from lindero.app.text.i18n import _, date, number
from lindero.geo.near.points_inside import points_inside
from lindero.geo.registers.diff import CHANGES, Changes, changes
from lindero.layers.database import coverage, map_database
from lindero.layers.database.coverage import Extent
from lindero.layers.database.map_database import Source
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.identity import versions
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import COMMUNITIES, CRS, LAYERS, OVERLAP_PAIRS, PROTECTED_AREAS

COLUMNS = ("source_id", "change", "name", "holder", "before_id", "after_id", "before", "after")
_RECORD = ["before_id", "after_id"]
_VERSION = ("id", "snapshot_on")
_NEEDED = {"code", "name", "area_ha"}  # what a layer must have for its records to be recognised


@dataclass(frozen=True)
class Register:
    """A source whose records can be recognised from one snapshot to another: its snapshots, by date."""

    snapshots: tuple[Source, ...]

    @property
    def source_id(self) -> str:
        """Its id."""
        return self.snapshots[-1].source_id

    @property
    def title(self) -> str:
        """What its publisher calls it."""
        return self.snapshots[-1].title or self.source_id


@dataclass(frozen=True)
class ChangeReport:
    """
    What changed in one source, from the snapshot `before` to the snapshot `after`.

    `rows` are those of `geo.registers.diff` with `source_id`, the record's `name` and `holder` as it is or last was,
    and the names of the `communities` and `protected_areas` that it lies or lay on. `touched` has one row per record
    and feature touched: `before_id`, `after_id`, `layer`, `id`, `name`, `before_ha`, `after_ha`. `shapes` are the
    records of `rows`, row for row, as they are or last were.
    """

    before: Source
    after: Source
    changes: Changes
    rows: pd.DataFrame
    touched: pd.DataFrame
    shapes: gpd.GeoDataFrame
    verdicts: Mapping[str, pd.DataFrame]  # how far communities and protected areas are covered there, row for row
    sources: tuple[Source, ...]  # of these

    def head(self) -> dict[str, object]:
        """Give the counts as JSON holds them."""
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
            "new_on_community_land": self.known_on_community_land(),
            "new_beyond": self.beyond("new"),
            "gone_beyond": self.beyond("gone"),
        }

    def of(self, seen: npt.NDArray[np.bool_]) -> "ChangeReport":
        """Keep some of the rows; of what could not be told, the counts stay those of the whole register."""
        few = replace(self.changes, rows=self.changes.rows[seen])
        verdicts = {layer: found[seen] for layer, found in self.verdicts.items()}
        return replace(self, changes=few, rows=self.rows[seen], shapes=self.shapes[seen], verdicts=verdicts)

    @property
    def covered(self) -> tuple[Reach, ...]:
        """How far the map has data of communities and of protected areas on the ground of what changed."""
        of = {layer: tuple(each for each in self.sources if each.layer == layer) for layer in self.verdicts}
        return tuple(
            reach_from(found, layer, of=self.after.layer, sources=of[layer]) for layer, found in self.verdicts.items()
        )

    def new_on_community_land(self) -> int:
        """Count the new records that share ground with a community."""
        return int(((self.rows["change"] == "new") & (self.rows["communities"] != "")).sum())

    def known_on_community_land(self) -> int | None:
        """Give that count; None where it is 0 and the map has no data of communities on all of that ground."""
        return self.new_on_community_land() or (0 if self._land.is_whole or not self.changes.count("new") else None)

    @property
    def _land(self) -> Reach:
        return next(one for one in self.covered if one.layer == COMMUNITIES.name)

    def on_ground(self) -> npt.NDArray[np.bool_]:
        """Tell which rows share ground with a community or a protected area."""
        return np.asarray((self.rows[COMMUNITIES.name] != "") | (self.rows[PROTECTED_AREAS.name] != ""), dtype=bool)

    def counted(self, *, on: Reach | None = None) -> str:
        """
        Return what is new and gone in one sentence.

        `on` is how far both snapshots have data on the ground that the rows were chosen by.
        """
        title = self.after.title or self.after.source_id
        if self._says_nothing(on):
            return f"{title}: {coverage_text.reach(on)}" if on else ""
        return _("{source}, {since} to {until}: {new} new ({on_land}), {gone} gone.").format(
            source=title,
            since=date(self.before.snapshot_on),
            until=date(self.after.snapshot_on),
            on_land=self._said_of_land(),
            new=number(self.changes.count("new")),
            gone=number(self.changes.count("gone")),
        )

    def otherwise(self, *, on: Reach | None = None) -> str:
        """Give how those that stayed changed in one sentence; `on` as for `counted`."""
        if self._says_nothing(on):
            return ""
        return _(
            "Of those that stayed: {renumbered} renumbered, {holder} with another holder, {holder_respelt} with a "
            "holder spelt otherwise, {status} with another status, {boundary} with another boundary."
        ).format(**{change: number(self.changes.count(change)) for change in CHANGES})

    def doubts(self, *, on: Reach | None = None) -> str:
        """Say what the counts may take for a change, and what they do not know; `on` as for `counted`."""
        if self._says_nothing(on):
            return ""
        sentences = []
        if self.beyond("new") + self.beyond("gone"):
            doubt = _(
                "{new} of the new and {gone} of the gone lie where the other snapshot has no data: these may be newly "
                "covered, or covered no longer."
            )
            sentences.append(doubt.format(new=number(self.beyond("new")), gone=number(self.beyond("gone"))))
        if self.changes.status_not_stated:
            doubt = _("{count} records do not state their status in both: whether it changed cannot be told.")
            sentences.append(doubt.format(count=number(self.changes.status_not_stated)))
        sentences += [coverage_text.reach(each) for each in (*self.covered, *([] if on is None else [on]))]
        return " ".join(filter(None, sentences))

    def _says_nothing(self, on: Reach | None) -> bool:
        return on is not None and not on.is_covered and self.rows.empty

    def _said_of_land(self) -> str:
        count = self.known_on_community_land()
        if count is None:
            return _("whether on community land is not known: no data of all their ground")
        return _("{on_land} of them on community land").format(on_land=number(count))

    def beyond(self, change: str) -> int:
        """Count the records new or gone that lie where the other snapshot has no data."""
        rows = self.changes.rows
        return int((rows.loc[rows["change"] == change, "beyond"] == True).sum())  # noqa: E712  it may be missing


def covered_in_both(con: map_database.Connection, report: ChangeReport, shapes: gpd.GeoSeries) -> pd.DataFrame:
    """Give how far both snapshots of a report have data on some ground, as `Coverage.over_each` does."""
    before, after = (
        coverage_of(con, {(each.source_id, each.snapshot_on)}).over_each(each.layer, shapes)
        for each in (report.before, report.after)
    )
    return in_both(before, after)


def registers(con: map_database.Connection) -> list[Register]:
    """Give the sources whose records can be recognised from one snapshot to another, with their snapshots."""
    found: dict[str, list[Source]] = {}
    for each in _known(con):
        found.setdefault(each.source_id, []).append(each)
    return [Register(tuple(snapshots)) for snapshots in found.values()]


def change_reports(
    con: map_database.Connection, *, since: str, until: str = "", source: str = ""
) -> list[ChangeReport]:
    """
    Hold one snapshot of sources against an earlier one.

    Parameters
    ----------
    since
        A date (the latest snapshot on or before it is the earlier one) or a snapshot, `ID@YYYY-MM-DD`.
    until
        The later snapshot, named in the same way; the current one if empty.
    source
        Only the source of this id.

    Raises
    ------
    AnswerError
        If no source has two such snapshots, or `since` or `until` is neither a date nor a snapshot.

    Returns
    -------
    list
        One report for each source; none where no snapshot is later than `since`.
    """
    first, last = _Point.of(since), _Point.of(until)
    wanted = {name for name in (first.source_id, last.source_id, source) if name}
    chosen_registers = [register for register in registers(con) if wanted <= {register.source_id}]
    several = [register for register in chosen_registers if len(register.snapshots) > 1]
    steps = [(register, after) for register in several if (after := last.latest(register.snapshots))]
    later = [(register, after) for register, after in steps if first.day is None or after.snapshot_on > first.day]
    pairs = [
        (before, after)
        for register, after in later
        if (before := first.latest([each for each in register.snapshots if each.snapshot_on < after.snapshot_on]))
    ]
    if not pairs and (later or not steps):
        raise _no_two(_known(con), since)
    return [_report(con, before, after) for before, after in pairs]


def none_later(con: map_database.Connection, since: str) -> str:
    """Say that no register has a snapshot later than a day."""
    snapshots = ", ".join(f"{each.title} ({as_of(each.snapshots[-1].as_of)})" for each in registers(con))
    text = _("Nothing is later than {since}. The latest snapshot of each register: {known}.")
    return text.format(since=since, known=snapshots)


def successive(con: map_database.Connection) -> list[ChangeReport]:
    """Hold every snapshot of every register against the one before it, the latest first."""
    steps = [step for register in registers(con) for step in pairwise(register.snapshots)]
    latest_first = sorted(steps, key=lambda step: step[1].snapshot_on, reverse=True)
    return [_report(con, before, after) for before, after in latest_first]


@dataclass(frozen=True)
class _Point:
    """Where one side of a comparison stands: a snapshot named, a day, or now."""

    day: dt.date | None
    source_id: str = ""

    @classmethod
    def of(cls, text: str) -> "_Point":
        named, _sign, day = text.rpartition("@")
        try:
            return cls(dt.date.fromisoformat(day) if text else None, named)
        except ValueError as error:
            raise AnswerError(N_("{text} is no date of the form YYYY-MM-DD"), text=day) from error

    def latest(self, snapshots: Sequence[Source]) -> Source | None:
        """Give the snapshot that is meant, of those of one source by date."""
        if self.day is None:
            return snapshots[-1] if snapshots else None
        if self.source_id:
            return next((each for each in snapshots if each.snapshot_on == self.day), None)
        return next((each for each in reversed(snapshots) if each.snapshot_on <= self.day), None)


def _known(con: map_database.Connection) -> list[Source]:
    return [each for each in map_database.read_sources(con) if LAYERS[each.layer].names >= _NEEDED]


def _no_two(sources: Sequence[Source], since: str) -> AnswerError:
    snapshots = ", ".join(f"{each.source_id}@{each.snapshot_on}" for each in sources)
    return AnswerError(
        N_("no source has an earlier snapshot of {since} to compare; the map holds {snapshots}"),
        since=since,
        snapshots=snapshots,
    )


def _report(con: map_database.Connection, before: Source, after: Source) -> ChangeReport:
    layer = LAYERS[after.layer]
    sides = [Side.named(layer, f"{each.source_id}@{each.snapshot_on}", []).read(con) for each in (before, after)]
    stored = coverage.read_rows(con)
    ground = [_covered(stored, each) for each in (before, after)]
    found = changes(*sides, covered_before=ground[0], covered_after=ground[1])
    touched = _touched(con, layer, found.rows, (before, after), sides)
    about = pd.concat(dict(zip(_RECORD, [side.set_index("id") for side in sides], strict=True)))
    latest = about.reindex(_latest(found.rows))
    rows = found.rows.assign(
        source_id=after.source_id,
        name=latest["name"].to_numpy(),
        holder=latest["holder"].to_numpy() if "holder" in latest else None,
    )
    for other in (COMMUNITIES, PROTECTED_AREAS):
        names = touched[touched["layer"] == other.name].groupby(_RECORD, dropna=False)["name"].agg("; ".join)
        rows = rows.merge(names.rename(other.name).reset_index(), on=_RECORD, how="left")
        rows[other.name] = rows[other.name].fillna("")
    first = ["source_id", "change", "name", "holder"]
    named = {"id": latest.index.get_level_values(1), "snapshot_on": latest["snapshot_on"].to_numpy()}
    drawn = gpd.GeoDataFrame(named, geometry=latest["geometry"].to_numpy(), crs=CRS)
    now = coverage_of(con)
    verdicts = {one.name: now.over_each(one.name, drawn.geometry) for one in (COMMUNITIES, PROTECTED_AREAS)}
    rows = rows[[*first, *rows.columns.drop(first)]]
    return ChangeReport(before, after, found, rows, touched, drawn, verdicts, now.sources)


def _covered(rows: Sequence[coverage.Row], snapshot: Source) -> shapely.Geometry | None:
    """Give the ground where a snapshot has data; None if nobody knows, or anywhere may be."""
    key = snapshot.source_id, snapshot.layer, snapshot.snapshot_on
    own = [row for row in rows if (row.source_id, row.layer, row.snapshot_on) == key and row.extent == Extent.COVERED]
    drawn = [row.geometry for row in own if row.geometry is not None]
    return shapely.union_all(drawn) if drawn else None


def _latest(rows: pd.DataFrame) -> pd.MultiIndex:
    """Say of each change in which snapshot its record is looked up, and under which id: where it is, or last was."""
    is_there = rows["after_id"].notna()
    side = np.where(is_there, "after_id", "before_id")
    return pd.MultiIndex.from_arrays([side, rows["after_id"].where(is_there, rows["before_id"])])


def _touched(
    con: map_database.Connection,
    layer: Layer,
    rows: pd.DataFrame,
    snapshots: tuple[Source, Source],
    grounds: Sequence[gpd.GeoDataFrame],
) -> pd.DataFrame:
    """List what the changed records share ground with, before and after; `grounds` are both snapshots."""
    found = [
        pd.DataFrame({name: pd.Series(dtype=object) for name in [*_RECORD, "layer", "id", "name"]})
        .assign(before_ha=pd.Series(dtype=float), after_ha=pd.Series(dtype=float))
    ]  # fmt: skip
    records = rows[_RECORD].drop_duplicates()
    for other in (COMMUNITIES, PROTECTED_AREAS):
        pairs = _pairs(con, layer, other)
        others = map_database.read_layer(con, other)
        pairs = pairs[versions(pairs).isin(versions(others))]
        names = others.set_index("id")
        label = names["name"].fillna(names.index.to_series()).astype(str)
        sides = [
            records.merge(_of(pairs, snapshot).rename(columns={"own_id": side, "area_ha": hectares}), on=side)
            for side, hectares, snapshot in zip(_RECORD, ("before_ha", "after_ha"), snapshots, strict=True)
        ]
        both = sides[0].merge(sides[1], on=[*_RECORD, "id"], how="outer")
        both = both.fillna({"before_ha": 0, "after_ha": 0})
        at_points = _by_points(records, grounds, others)
        both = pd.concat([both, at_points], ignore_index=True) if len(at_points) else both
        found.append(both.assign(layer=other.name, name=both["id"].map(label)))
    some = [one for one in found if not one.empty] or found[:1]
    return pd.concat(some, ignore_index=True).reindex(columns=found[0].columns)


def _by_points(records: pd.DataFrame, grounds: Sequence[gpd.GeoDataFrame], others: gpd.GeoDataFrame) -> pd.DataFrame:
    """List where a changed record, or what it touches, is known by a point in the other's ground: without hectares."""
    sides = [
        records.merge(points_inside(own, others)[["left_id", "right_id"]].set_axis([side, "id"], axis=1), on=side)
        for side, own in zip(_RECORD, grounds, strict=True)
    ]
    return pd.concat(sides, ignore_index=True).drop_duplicates()


def _pairs(con: map_database.Connection, layer: Layer, other: Layer) -> pd.DataFrame:
    """Give the build's overlaps of two layers, whichever is the left one: ids and days of both, and `area_ha`."""
    names, sides = (layer.name, other.name), ("left_", "right_")
    if names not in OVERLAP_PAIRS:
        names, sides = (other.name, layer.name), ("right_", "left_")
    columns = {f"{side}{name}": to + name for side, to in zip(sides, ("own_", ""), strict=True) for name in _VERSION}
    return map_database.read_overlaps(con, *names, every_snapshot=True).rename(columns=columns)[
        [*columns.values(), "area_ha"]
    ]


def _of(pairs: pd.DataFrame, snapshot: Source) -> pd.DataFrame:
    """Keep the pairs of one snapshot: `own_id`, `id`, `area_ha`."""
    own = pairs["own_snapshot_on"].astype(str).str[:10] == str(snapshot.snapshot_on)
    return pairs.loc[own, ["own_id", "id", "area_ha"]]
