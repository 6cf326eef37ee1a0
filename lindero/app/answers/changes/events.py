"""Events: what a reader is told about one concession, place or court case, once.

An event combines all changes of one record between two snapshots. Its id is the same in every later build, so that
nobody is told twice. Only published columns of registers that are not about persons are used.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any

import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from lindero.app.answers.changes import watchlist
from lindero.app.answers.changes.event_places import (
    EventPlace,
    RecordPair,
    group_places,
    read_current_places,
    read_pair,
    select_affected_places,
    to_text,
)
from lindero.app.answers.changes.new_ground import EarlierGround, find_applications, find_earlier_grounds, group_rivals
from lindero.app.answers.changes.register_changes import ChangeReport, compare_all_snapshots, list_registers
from lindero.app.answers.changes.register_dates import MONTHS, DatedReport, dated_report
from lindero.app.answers.registers import published_title
from lindero.geo.registers import name_matching
from lindero.layers.database import map_database
from lindero.layers.database.definitions import PERSON_LAYERS
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_queries, record_queries
from lindero.layers.model.parse_values import is_missing
from lindero.layers.model.schema import CASE_STEPS, CONCESSIONS, INCIDENTS, REGIONS
from lindero.layers.reference import base_data
from lindero.layers.services.catalogue import lists_only_in_force

EVENT_KINDS = ("new", "holder", "status", "boundary", "gone", "renumbered", "expired", "case", "deadline")
"""Kinds of events, the most important first. An event has the first kind among its changes."""
DEADLINE_DAYS = 90  # an event tells the end of a term this many days before it
EVERYTHING = "everything"
_ID_BYTES = 10


@dataclass(frozen=True)
class Event:
    """Something that happened to one record of a register, or a step of a court case.

    `record_id` and `source_id` identify them in the map and are not published. `dated_on` is the date of the later
    snapshot, or the date that is stated; `since` is the date of the earlier snapshot. `before` and `after` are the
    values of a change of `kind`, and `also` has the other changes by kind. If `is_beyond`, the other snapshot has no
    data there: the record may not be new, or may still exist. `later_ids` are the ids that the event had before its
    later snapshot was added, if that came after a snapshot of a later date. `earlier_geometry` is the shape before a
    boundary moved, which is not published. `is_in_force_only` says that the register drops what is no longer in force.
    """

    id: str
    kind: str
    record_id: str
    layer: str
    name: str
    holder: str = ""
    dated_on: dt.date | None = None
    since: dt.date | None = None
    source_id: str = ""
    source_title: str = ""
    publisher: str = ""
    places: tuple[EventPlace, ...] = ()
    before: str = ""
    after: str = ""
    gained_ha: float | None = None
    lost_ha: float | None = None
    area_ha: float | None = None
    is_beyond: bool = False
    geometry: BaseGeometry | None = field(default=None, compare=False, repr=False)
    earlier_geometry: BaseGeometry | None = field(default=None, compare=False, repr=False)
    is_invented: bool = False
    is_in_force_only: bool = False
    also: Mapping[str, tuple[str, str]] = field(default_factory=dict, hash=False)
    date_precision: str = ""
    applied_on: dt.date | None = None  # if a new concession is not known to be more than an application
    earlier_ground: EarlierGround | None = None  # of a new concession that has any
    rivals: tuple[str, ...] = ()  # the names of the other applications of the same date for the same ground
    lands_without_data: tuple[str, ...] = ()  # layers of places that the map has no data on where the record is
    later_ids: tuple[str, ...] = field(default=(), compare=False, repr=False)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of all changes of the event, the most important first."""
        return self.kind, *self.also


def list_register_events(
    con: Connection, since: dt.date | None, today: dt.date, *, reports: Iterable[ChangeReport] | None = None
) -> list[Event]:
    """List the events of the registers, the latest first.

    These are the changes between consecutive snapshots, the terms of concessions that ended or will soon end, and the
    applications and grants of registers with only one snapshot.

    `since`: only snapshots, acts and ends of terms dated later. None: all snapshots, and the dates of the last 12
    months. A snapshot may be received long after its date: who tells events should compare ids with what was told.
    `today`: the current date. Terms that end in the next 90 days are `deadline` events. `reports`: the comparisons of
    snapshots later than `since`, if they were computed before.
    """
    sources = _read_sources(con)
    changed = [
        event
        for report in (compare_all_snapshots(con, since) if reports is None else reports)
        if report.after.layer not in PERSON_LAYERS
        for event in list_change_events(con, report, sources)
    ]
    events = [*changed, *list_term_events(con, since, today), *_list_single_snapshot_acts(con, since, today)]
    return sorted(events, key=lambda event: (event.dated_on or dt.date.min, event.id), reverse=True)


def list_change_events(con: Connection, report: ChangeReport, sources: "pd.DataFrame | None" = None) -> Iterator[Event]:
    """Yield one event per record that changed between two snapshots, in the order of the report."""
    source = _source_fields(_read_sources(con) if sources is None else sources, report.after.source_id)
    records: dict[RecordPair, list[int]] = defaultdict(list)
    rows = report.rows.to_dict("records")
    for position, row in enumerate(rows):
        if row["change"] in EVENT_KINDS:
            records[read_pair(row, "before_id", "after_id")].append(position)
    earlier_grounds, applications = find_earlier_grounds(con, report), find_applications(con, report)
    shapes, earlier_shapes = report.shapes.geometry.to_numpy(), report.shapes["earlier_geometry"].to_numpy()
    places, lands_without_data = group_places(report.touched), _list_lands_without_data(report.verdicts)
    changes = {key: {rows[position]["change"] for position in positions} for key, positions in records.items()}
    moved = {
        key: shapely.symmetric_difference(earlier_shapes[positions[0]], shapes[positions[0]])
        for key, positions in records.items()
        if changes[key] == {"boundary"}
    }
    places |= select_affected_places(con, places, moved)
    later = [
        snapshot.snapshot_on
        for snapshot in map_database.read_sources(con)
        if snapshot.source_id == report.after.source_id and snapshot.snapshot_on > report.after.snapshot_on
    ]
    for (before_id, after_id), positions in records.items():
        ordered = sorted((rows[position] for position in positions), key=lambda row: EVENT_KINDS.index(row["change"]))
        first, record_id, kind = ordered[0], after_id or before_id, ordered[0]["change"]
        before, after = read_pair(first, "before", "after")
        gained_ha, lost_ha = (
            next((float(row[side]) for row in ordered if not is_missing(row[side])), None)
            for side in ("gained_ha", "lost_ha")
        )
        ids = [
            _event_id(report.after.source_id, record_id, kind, after, day) for day in (report.after.snapshot_on, *later)
        ]
        yield Event(
            ids[0],
            kind,
            record_id,
            report.after.layer,
            to_text(first["name"]),
            to_text(first["holder"]),
            report.after.snapshot_on,
            report.before.snapshot_on,
            **source,
            places=places.get((before_id, after_id), ()),
            before=before,
            after=after,
            gained_ha=gained_ha,
            lost_ha=lost_ha,
            area_ha={"new": gained_ha, "gone": lost_ha}.get(kind),
            is_beyond=not is_missing(first["beyond"]) and bool(first["beyond"]),
            geometry=shapes[positions[0]],
            earlier_geometry=earlier_shapes[positions[0]] if "boundary" in changes[before_id, after_id] else None,
            also={row["change"]: read_pair(row, "before", "after") for row in ordered[1:]},
            applied_on=applications.get(record_id) if kind == "new" else None,
            earlier_ground=earlier_grounds.get(record_id) if kind == "new" else None,
            lands_without_data=lands_without_data[positions[0]],
            later_ids=tuple(ids[1:]),
        )


def list_term_events(con: Connection, since: dt.date | None, today: dt.date) -> list[Event]:
    """List the terms of current concessions that ended after `since`, or will end within 90 days."""
    dates = map_queries.read_dates(con, CONCESSIONS, ("expires_on",)).dropna(subset=["expires_on"])
    ends_on = pd.to_datetime(dates["expires_on"])
    first = pd.Timestamp(since) if since else pd.Timestamp(today) - pd.DateOffset(months=MONTHS)
    last = pd.Timestamp(today) + pd.Timedelta(days=DEADLINE_DAYS)
    is_near = (ends_on > min(first, pd.Timestamp(today))) & (ends_on <= last)
    rows = map_database.read_layer(con, CONCESSIONS, where={"id": dates.loc[is_near, "id"].tolist()})
    rows = rows[(rows["status"] != "expired") | (pd.to_datetime(rows["expires_on"]) > pd.Timestamp(today))]
    days = [pd.Timestamp(value).date() for value in rows["expires_on"]]
    kinds = ["deadline" if day > today else "expired" for day in days]
    return _list_dated_events(con, rows.assign(kind=kinds, dated_on=days, after=""))


def list_act_events(con: Connection, report: DatedReport) -> list[Event]:
    """List the applications and grants of a report by the dates of registers, in its order."""
    rows = report.rows.rename(columns={"act": "after"}).assign(
        kind="new", source_id=report.rows["id"].str.split("/", n=1).str[0], dated_on=report.rows["dated_on"].dt.date
    )
    names, shapes = report.rows["name"].fillna(report.rows["id"]).to_list(), report.shapes.to_numpy()
    rivals: list[tuple[str, ...]] = [()] * len(rows)
    for group in group_rivals(report.rows, shapes):
        for position in group:
            rivals[position] = tuple(names[other] for other in group if other != position)
    bare = _list_lands_without_data(report.verdicts)
    told = {"rivals": pd.Series(rivals, index=rows.index), "lands_without_data": pd.Series(bare, index=rows.index)}
    return _list_dated_events(con, rows.assign(geometry=shapes, **told))


def _list_single_snapshot_acts(con: Connection, since: dt.date | None, today: dt.date) -> list[Event]:
    """List the applications and grants in the last months of registers that have only one snapshot."""
    registers = [register for register in list_registers(con) if register.snapshots[-1].layer == CONCESSIONS.name]
    single = [register.source_id for register in registers if len(register.snapshots) == 1]
    if not single:
        return []
    report = dated_report(con, since=since and since + dt.timedelta(days=1), until=today if since else None)
    is_single = report.rows["id"].str.split("/", n=1).str[0].isin(single).to_numpy(dtype=bool)
    return list_act_events(con, report.select(is_single))


def list_case_events(con: Connection) -> list[Event]:
    """List the steps of public court cases, the latest first."""
    steps = record_queries.read_case_steps(con)
    incidents = map_database.read_layer(con, INCIDENTS).set_index("id") if len(steps) else pd.DataFrame()
    codes = base_data.load_region_codes()
    events, titles = list[tuple[tuple[object, ...], Event]](), defaultdict[tuple[object, ...], set[str]](set)
    for step in steps[steps["incident_id"].isin(incidents.index)].to_dict("records"):
        incident = incidents.loc[step["incident_id"]]
        title, region, country = (to_text(incident.get(name)) for name in ("title", "region", "country"))
        code = codes.get((country, region), "")
        day = None if is_missing(step["dated_on"]) else pd.Timestamp(step["dated_on"]).date()
        occurred_on = to_text(incident.get("occurred_on"))
        about = occurred_on, country, region, to_text(incident.get("place_text")), "" if occurred_on and day else title
        parts = CASE_STEPS.name, "/".join(about), "case", step["step"], day or ""
        titles[parts].add(title)
        event = Event(
            "",
            "case",
            step["incident_id"],
            INCIDENTS.name,
            title,
            dated_on=day,
            source_title=to_text(incident.get("sources")),
            places=(EventPlace(REGIONS.name, code, region),) if code else (),
            before=to_text(step["court"]),
            after=step["step"],
            is_invented=bool(incident.get("invented")),
            date_precision=to_text(step["date_precision"]),
        )
        events.append((parts, event))
    ids = [_event_id(*parts, *([event.name] if len(titles[parts]) > 1 else [])) for parts, event in events]
    distinct = {id_: replace(event, id=id_) for id_, (_parts, event) in zip(ids, events, strict=True)}.values()
    return sorted(distinct, key=lambda event: (event.dated_on or dt.date.min, event.id), reverse=True)


def filter_events(
    con: Connection, events: Iterable[Event], area_keys: Sequence[str], polygon: str = "", kinds: Sequence[str] = ()
) -> list[Event]:
    """Return the events in some areas, of some kinds.

    `area_keys`: keys of watched places (`answers.changes.watchlist`): an event in any of them is returned. `polygon`:
    the reader's own area, as WKT in degrees. `kinds`: codes of `EVENT_KINDS`; empty for all.
    """
    chosen = [event for event in events if not kinds or set(kinds) & set(event.kinds)]
    if EVERYTHING in area_keys:
        return chosen
    keys = {watchlist.resolve_key(con, key)[0] or key for key in area_keys}
    holders = {name_matching.key(key.partition("/")[2]) for key in keys if key.startswith(f"{watchlist.HOLDER}/")}
    codes = [key.partition("/")[2] for key in keys if key.startswith(f"{watchlist.REGION}/")]
    ground = watchlist.join_ground(codes, [shapely.from_wkt(polygon)] if polygon else [])
    is_inside = watchlist.mask_in_ground([event.geometry for event in chosen], ground) | watchlist.mask_in_ground(
        [event.earlier_geometry for event in chosen], ground
    )
    return [
        event
        for event, inside in zip(chosen, is_inside, strict=True)
        if inside
        or not keys.isdisjoint(_list_keys(event))
        or (holders and not holders.isdisjoint(name_matching.key(name) for name in _list_holders(event)))
    ]


def rank_events(events: Iterable[Event], area_keys: Sequence[str] = ()) -> list[Event]:
    """Sort events by what matters to the reader of some areas.

    Events without doubt come first, then those with most certain hectares on the reader's land, then the most important
    kind, then the latest.
    """
    keys = set(area_keys)

    def certain_ha(event: Event) -> float:
        places = [place for place in event.places if place.key in keys] or event.places
        return max((place.certain_ha or 0.0 for place in places), default=0.0)

    def sort_key(event: Event) -> tuple[object, ...]:
        day = event.dated_on or dt.date.min
        return event.is_beyond, -certain_ha(event), EVENT_KINDS.index(event.kind), -day.toordinal(), event.id

    return sorted(events, key=sort_key)


def _list_dated_events(con: Connection, rows: pd.DataFrame) -> list[Event]:
    """List one event per row of concessions with `kind`, `dated_on` and `after`."""
    if rows.empty:
        return []
    sources, places = _read_sources(con), read_current_places(con, set(rows["id"]))
    return [
        Event(
            _event_id(row["source_id"], row["id"], row["kind"], row["after"], row["dated_on"]),
            row["kind"],
            row["id"],
            CONCESSIONS.name,
            to_text(row["name"]),
            to_text(row["holder"]),
            row["dated_on"],
            **_source_fields(sources, row["source_id"]),
            places=places.get(row["id"], ()),
            after=row["after"],
            area_ha=None if is_missing(row["area_ha"]) else float(row["area_ha"]),
            geometry=row["geometry"],
            applied_on=row["dated_on"] if row["after"] == "applied" else None,
            rivals=row.get("rivals", ()),
            lands_without_data=row.get("lands_without_data", ()),
        )
        for row in rows.to_dict("records")
    ]


def _list_lands_without_data(verdicts: "Mapping[str, pd.DataFrame]") -> list[tuple[str, ...]]:
    """Return for each record the layers of places that the map has no data on there."""
    is_bare = {layer: (verdict["share"] == 0).tolist() for layer, verdict in verdicts.items()}
    return [
        tuple(layer for layer, is_missing_there in zip(is_bare, flags, strict=True) if is_missing_there)
        for flags in zip(*is_bare.values(), strict=True)
    ]


def _list_keys(event: Event) -> Iterator[str]:
    """Yield the keys of an event's places, and of its record if that is a place."""
    yield from (place.key for place in event.places)
    if event.layer in watchlist.KINDS_BY_LAYER:
        yield f"{watchlist.KINDS_BY_LAYER[event.layer]}/{event.record_id}"


def _list_holders(event: Event) -> Iterator[str]:
    """Yield the holder of an event and, if the holder changed, the former one."""
    yield event.holder
    yield event.before if event.kind == "holder" else event.also.get("holder", ("", ""))[0]


def _read_sources(con: Connection) -> pd.DataFrame:
    """Read the current snapshot of each source, by source id."""
    sources = map_database.read_table(con, "sources")
    return sources[sources["is_current"]].drop_duplicates("source_id").set_index("source_id")


def _source_fields(sources: pd.DataFrame, source_id: str) -> dict[str, Any]:
    """Return what an event says about its source. A title that is only a file's name is not published."""
    source = sources.loc[source_id]
    publisher = to_text(source["publisher"])
    title, url = to_text(source["title"]), to_text(source["url"])
    return {
        "source_id": source_id,
        "source_title": published_title(source["title"], source["file_name"], str(source["layer"]), publisher),
        "publisher": publisher,
        "is_invented": bool(source["invented"]),
        "is_in_force_only": lists_only_in_force(source_id, url, title, publisher),
    }


def _event_id(*parts: object) -> str:
    return blake2b("\x1f".join(map(str, parts)).encode(), digest_size=_ID_BYTES).hexdigest()
