"""Queries on incidents with their acts, victims, steps in court and protection measures, and on commitments.

Every result is about events: incidents of the current snapshots that may be shown, each once, even if several sources
report it (`layers.database.definitions`). No other module reads these tables of a map;
`tests/layers/database/test_definitions.py` checks that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import shapely

from lindero.layers.database import literals, map_database
from lindero.layers.database.definitions import EVENT_SQL, KILLED, PLACED_SQL, SHOWN_SQL, TWINS_SQL, UNPLACED_SQL
from lindero.layers.database.map_database import CURRENT, MEETS_BOX_SQL, SIDES, Bounds, Connection, run_query
from lindero.layers.database.queries import row_values
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import INCIDENTS

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


def _event_rows_sql(name: str) -> str:
    """Return SQL of the rows of a table, each assigned to its event.

    `told_in` is the incident that the row was recorded for.
    """
    return f"""(
        SELECT c.* REPLACE (coalesce(t.event_id, c.incident_id) AS incident_id), c.incident_id AS told_in
        FROM (FROM {name} WHERE {CURRENT} AND incident_id IN (SELECT id FROM incidents WHERE {SHOWN_SQL})) c
        LEFT JOIN {TWINS_SQL} t ON t.twin_id = c.incident_id
    )"""


# Nobody is counted twice: if two sources report an event, the people are those of the source that counts most.
_VICTIMS = f"""(
    SELECT * EXCLUDE (total) FROM (
        SELECT *, sum("count") OVER (PARTITION BY told_in) AS total FROM {_event_rows_sql("victims")}
    ) QUALIFY told_in = first_value(told_in) OVER (PARTITION BY incident_id ORDER BY total DESC NULLS LAST, told_in)
)"""
_PEOPLE_SQL = f"""(
    SELECT incident_id, max(people) AS people, max(killed) AS killed FROM (
        SELECT incident_id, told_in, sum("count") AS people, sum("count") FILTER (outcome = '{KILLED}') AS killed
        FROM {_event_rows_sql("victims")} GROUP BY ALL
    ) GROUP BY ALL
)"""
_CITED_SQL = f"""(
    SELECT event_id, list(sources ORDER BY id <> event_id, occurred_on, id) FILTER (sources IS NOT NULL) AS all_sources,
           list(id ORDER BY id) FILTER (id <> event_id) AS told_by
    FROM (
        SELECT i.id, i.occurred_on, i.sources, coalesce(t.event_id, i.id) AS event_id
        FROM (FROM incidents WHERE {SHOWN_SQL}) i LEFT JOIN {TWINS_SQL} t ON t.twin_id = i.id
    ) GROUP BY ALL
)"""


def read_incidents(con: Connection) -> pd.DataFrame:
    """Read the incidents by date, those without a date last.

    Returns: one row per event. As stored: `id`, `source_id`, `code`, `title` (otherwise its code or id), `occurred_on`,
    `date_precision`, `place_text`, `region`, `country`, `location_precision`, `sector`, `perpetrator_kind`, `invented`.
    Its location: `is_placed` (whether it has a geometry), `xmin`, `ymin`, `xmax`, `ymax` (degrees). Of a conflict:
    `company`, `conflict_phase`, `violent`, `in_dialogue`. Of its source:
    `source_title`, `publisher`, `url`. Of every report of it: `sources` (citations), `types` (list of acts), `told_by`
    (list of ids of other incidents accepted as the same one). Of persons: `people` (attacked) and `killed` (recorded as
    killed), both missing where no number is stated.
    """
    import pandas as pd

    rows = run_query(
        con,
        f"""
        SELECT i.id, i.source_id, i.code, coalesce(i.title, i.code, i.id) AS title, i.occurred_on, i.date_precision,
               i.place_text, i.region, i.country, i.location_precision, i.sector, i.perpetrator_kind, c.all_sources,
               i.company, i.conflict_phase, i.violent, i.in_dialogue,
               coalesce(i.invented, false) AS invented, i.xmin IS NOT NULL AS is_placed,
               i.xmin, i.ymin, i.xmax, i.ymax, s.title AS source_title, s.publisher, s.url,
               coalesce(a.types, []) AS types, coalesce(c.told_by, []) AS told_by, p.people, p.killed
        FROM (FROM incidents WHERE {EVENT_SQL}) i
        JOIN sources s ON (s.source_id, s.snapshot_on) = (i.source_id, i.snapshot_on)
        JOIN {_CITED_SQL} c ON c.event_id = i.id
        LEFT JOIN (
            SELECT incident_id, list(DISTINCT type ORDER BY type) AS types FROM {_event_rows_sql("acts")} GROUP BY ALL
        ) a ON a.incident_id = i.id
        LEFT JOIN {_PEOPLE_SQL} p ON p.incident_id = i.id
        ORDER BY i.occurred_on NULLS LAST, i.id
        """,
    )
    lists = {name: rows[name].map(list).astype(object) for name in ("types", "told_by")}
    counts = {name: rows[name].astype("Int64") for name in ("people", "killed")}
    citations = pd.Series([_join_citations(sources) for sources in rows["all_sources"]], index=rows.index, dtype=object)
    return rows.rename(columns={"all_sources": "sources"}).assign(sources=citations, **lists, **counts)


def read_event_shapes(con: Connection) -> gpd.GeoDataFrame:
    """Read the locations of the events that have one, whatever its precision.

    Returns: one row per event, sorted by id: `id` and geometry in OGC:CRS84.
    """
    import geopandas as gpd

    query = f"SELECT id, geometry FROM incidents WHERE {EVENT_SQL} AND xmin IS NOT NULL ORDER BY id"
    return gpd.GeoDataFrame.from_arrow(con.sql(query))


def read_layer_rows(
    con: Connection,
    layer: Layer,
    *,
    where: Mapping[str, object] | None = None,
    columns: Iterable[str] | None = None,
) -> gpd.GeoDataFrame:
    """Read current rows of any layer.

    Of incidents only events are read, and rows that refer to an incident are assigned to its event. An act is read once
    per event; victims are those of one report per event.

    `where`: required values by column; a list matches any of its values. `incident_id` is the id of the event. None
    selects all rows. `columns`: names of columns to read, with `id`; those that the layer does not have are ignored.
    None: all. Returns: the columns of the layer, sorted by id, with geometry in OGC:CRS84 if the layer has any. The
    `sources` of an incident are those of every report of the event.
    """
    conditions = dict(where or {})
    events = conditions.pop("incident_id", None) if layer.has_incident_id else None
    layer_rows = map_database.read_layer(con, layer, where=conditions, columns=columns)
    if layer_rows.empty:
        return layer_rows
    if layer is INCIDENTS:
        sources_by_id = read_incidents(con).set_index("id")["sources"]
        event_rows = layer_rows[layer_rows["id"].isin(sources_by_id.index)].reset_index(drop=True)
        return event_rows.assign(sources=event_rows["id"].map(sources_by_id).astype(object))
    if not layer.has_incident_id:
        return layer_rows
    table = _VICTIMS if layer.name == "victims" else _event_rows_sql(layer.name)
    query = f"SELECT id, incident_id FROM {table}"
    events_by_id = run_query(con, query).set_index("id")["incident_id"]
    event_rows = layer_rows[layer_rows["id"].isin(events_by_id.index)]
    event_rows = event_rows.assign(incident_id=event_rows["id"].map(events_by_id))
    if events is not None:
        event_rows = event_rows[event_rows["incident_id"].isin(events if isinstance(events, list) else [events])]
    return (event_rows.drop_duplicates(["incident_id", "type"]) if layer.name == "acts" else event_rows).reset_index(
        drop=True
    )


def filter_events(con: Connection, ids: list[str]) -> frozenset[str]:
    """Return those of some incident ids that are events."""
    return _filter_ids(con, ids, EVENT_SQL)


def find_events_in_box(con: Connection, bounds: Bounds) -> list[str]:
    """Return the sorted ids of the events whose bounding box intersects a box.

    `bounds`: west, south, east and north in degrees.
    """
    candidates = row_values.read_values(con, INCIDENTS, ["id"], bounds=bounds)
    return sorted(filter_events(con, [str(row["id"]) for row in candidates]))


def filter_attacks(con: Connection, ids: list[str]) -> frozenset[str]:
    """Return those of some events that are attacks: an event without any act is a conflict."""
    query = f"SELECT DISTINCT incident_id FROM {_event_rows_sql('acts')} WHERE incident_id IN (FROM asked)"
    try:
        return frozenset(id_ for (id_,) in row_values.query_texts(con, query, *ids)) if ids else frozenset()
    except (duckdb.BinderException, duckdb.CatalogException):
        return frozenset()


def filter_coarse_points(con: Connection, ids: list[str]) -> frozenset[str]:
    """Return those of some incident ids whose point stands for an area.

    Distances to such a point are meaningless.
    """
    return _filter_ids(con, ids, f"NOT coalesce({PLACED_SQL}, FALSE)")


def _filter_ids(con: Connection, ids: list[str], test: str) -> frozenset[str]:
    if not ids:
        return frozenset()
    query = f"SELECT id FROM incidents WHERE id IN (FROM asked) AND {CURRENT} AND {test}"
    return frozenset(name for (name,) in row_values.query_texts(con, query, *ids))


class IncidentPlace(NamedTuple):
    """The place of an incident: its precision, and its geometry in degrees."""

    id: str
    precision: str | None
    shape: shapely.Geometry


def read_places(con: Connection, ids: Sequence[str]) -> list[IncidentPlace]:
    """Read the locations of some incidents.

    Returns: places sorted by id, with geometries in degrees. Incidents without a location, and ids that are not
    current, are left out.
    """
    query = f"""
        SELECT id, location_precision, ST_AsWKB(geometry) FROM incidents
        WHERE id IN (FROM asked) AND geometry IS NOT NULL AND {CURRENT} ORDER BY id
    """
    rows = row_values.query_texts(con, query, *ids)
    return [IncidentPlace(id_, precision, shapely.from_wkb(shape)) for id_, precision, shape in rows]


_NAME_SQL = "trim(regexp_replace(strip_accents(lower(coalesce({}, ''))), '[^\\p{{L}}\\p{{N}}]+', ' ', 'g'))"


class ExtentCandidate(NamedTuple):
    """A district or province that an incident may have happened in, by its name or because it is around its point."""

    id: str
    shape: bytes  # WKB of the incident's own geometry
    region_id: str
    name: str
    is_named: bool  # whether the incident's text is the name of the region
    is_in_parent: bool  # whether the region's parent, or the parent of that, is the incident's region, if it has one


def find_extent_candidates(con: Connection, bounds: Bounds | None = None) -> list[ExtentCandidate]:
    """Find the regions of the map that may be the extent of each event known by its district or province, by id.

    A region without the name in the incident's text is left out if the text names another place. With `bounds`, only
    events that meet this box or have a candidate that does are read, with all their candidates.
    """
    meets = literals.fill_numbers(MEETS_BOX_SQL, dict(zip(SIDES, bounds, strict=True))) if bounds else "TRUE"
    query = f"""
        WITH areas AS (
            SELECT id AS region_id, level, name, country AS state, {meets} AS region_meets,
                   {_NAME_SQL.format("name")} AS words, {_NAME_SQL.format("parent_name")} AS parent,
                   xmin, ymin, xmax, ymax
            FROM regions WHERE {CURRENT} AND xmin IS NOT NULL AND name IS NOT NULL
        ), events AS (
            SELECT id, location_precision, {meets} AS event_meets, ST_AsWKB(geometry) AS shape,
                   (xmin + xmax) / 2 AS x, (ymin + ymax) / 2 AS y, country, place_text,
                   {_NAME_SQL.format("place_text")} AS place, {_NAME_SQL.format("region")} AS within
            FROM incidents WHERE {EVENT_SQL} AND xmin IS NOT NULL AND location_precision IN ('district', 'province')
        )
        SELECT id, shape, region_id, if(place = words, place_text, name), place = words,
               within IN ('', a.parent) OR within IN (SELECT p.parent FROM areas p WHERE p.words = a.parent)
        FROM events JOIN areas a ON level = location_precision AND coalesce(state = country, TRUE)
        WHERE words <> '' AND (place = words OR (
            x BETWEEN xmin AND xmax AND y BETWEEN ymin AND ymax
            AND (place = '' OR contains(' ' || place || ' ', ' ' || words || ' '))))
        QUALIFY bool_or(event_meets OR region_meets) OVER (PARTITION BY id)
        ORDER BY id, region_id
    """
    return [ExtentCandidate(*row) for row in _fetch_rows(con, query)]


class UnplacedGroup(NamedTuple):
    """Events without a place finer than a region that name the same region and country, counted by kind."""

    country: str | None
    region: str | None  # in the gazetteer's spelling, if the gazetteer contains it
    x: float | None  # of a point that represents the region or country
    y: float | None
    attacks: int
    killings: int  # attacks in which somebody was killed
    conflicts: int


class SourceSpan(NamedTuple):
    """The number of attacks and conflicts of one source, and the first and last date that they may have.

    A date known by its year or month covers all its days. Of a period only the first month is known.
    """

    source_id: str
    attacks: int
    conflicts: int
    first: dt.date | None
    last: dt.date | None


def count_unplaced_events(con: Connection) -> list[UnplacedGroup]:
    """Count the events that are known only by their region or country, or by neither."""
    return [
        UnplacedGroup(*row)
        for row in _fetch_rows(
            con,
            f"""
            SELECT country, if(coalesce(location_precision, 'country') = 'country', NULL, region) AS region, xmin, ymin,
                   count(*) FILTER (is_attack), count(*) FILTER (is_killing), count(*) FILTER (NOT is_attack)
            FROM (
                SELECT *, id IN (SELECT incident_id FROM {_event_rows_sql("acts")}) AS is_attack,
                       id IN (SELECT incident_id FROM {_event_rows_sql("acts")} WHERE type = 'killing') AS is_killing
                FROM incidents WHERE {EVENT_SQL} AND {UNPLACED_SQL}
            ) GROUP BY 1, 2, 3, 4 ORDER BY ALL
            """,
        )
    ]


def read_source_spans(con: Connection) -> list[SourceSpan]:
    """Count the attacks and conflicts of each source, and find their first and last possible date.

    An incident that several sources report counts for each of them.
    """
    is_month = "date_precision IN ('month', 'period')"
    return [
        SourceSpan(*row)
        for row in _fetch_rows(
            con,
            f"""
            SELECT source_id, count(*) FILTER (is_attack), count(*) FILTER (NOT is_attack),
                   min(CASE WHEN date_precision = 'year' THEN date_trunc('year', occurred_on)
                       WHEN {is_month} THEN date_trunc('month', occurred_on) ELSE occurred_on END)::DATE,
                   max(CASE WHEN date_precision = 'year' THEN make_date(year(occurred_on), 12, 31)
                       WHEN {is_month} THEN last_day(occurred_on) ELSE occurred_on END)::DATE
            FROM (
                SELECT *, id IN (SELECT incident_id FROM acts WHERE {CURRENT}) AS is_attack
                FROM incidents WHERE {SHOWN_SQL}
            ) GROUP BY source_id ORDER BY source_id
            """,
        )
    ]


def read_acts(con: Connection) -> pd.DataFrame:
    """Read the acts of violence of all events.

    Returns: one row per event and type of act: `incident_id` (of the event), `type`. Rows are sorted and distinct.
    """
    return run_query(con, f"SELECT DISTINCT incident_id, type FROM {_event_rows_sql('acts')} ORDER BY ALL")


def read_victims(con: Connection) -> pd.DataFrame:
    """Read the groups of people attacked in all events.

    If several sources report an event, its victims are those of one report, so that nobody is counted twice.

    Returns: one row per group, sorted by event: `incident_id` (of the event), `count` (missing: not stated), `outcome`,
    `gender`, `identity` (list of codes), `people`.
    """
    return run_query(
        con,
        f"""
        SELECT incident_id, "count", outcome, gender, coalesce(identity, []) AS identity, people
        FROM {_VICTIMS} ORDER BY incident_id, source_id, row_number
        """,
    )


def read_case_steps(con: Connection) -> pd.DataFrame:
    """Read the steps in court of all events, sorted by event and date.

    Returns: one row per event, date and step: `incident_id` (of the event), `dated_on`, `date_precision`, `step`,
    `court`. Steps without a date come first.
    """
    steps = con.execute(f"""
        SELECT incident_id, dated_on, date_precision, step, court
        FROM {_event_rows_sql("case_steps")} ORDER BY incident_id, dated_on NULLS FIRST, source_id, row_number
    """).df()
    return steps.drop_duplicates(["incident_id", "dated_on", "step"], ignore_index=True)


def read_protection_measures(con: Connection) -> pd.DataFrame:
    """Read the protection measures of all events, sorted by event and date of request.

    Returns: one row per measure: `incident_id` (of the event), `measure`, `provider`, `gender_responsive`,
    `collective`, `requested_on`, `granted_on`, `status`.
    """
    return con.execute(f"""
        SELECT incident_id, measure, provider, gender_responsive, collective, requested_on, granted_on, status
        FROM {_event_rows_sql("protection_measures")}
        ORDER BY incident_id, requested_on NULLS LAST, source_id, row_number
    """).df()


def read_current_ids(con: Connection) -> list[str]:
    """Read the ids of the incidents of the current snapshots, before incidents accepted as one are merged."""
    return [name for (name,) in con.execute(f"SELECT id FROM incidents WHERE {CURRENT} ORDER BY id").fetchall()]


def read_commitments(con: Connection) -> pd.DataFrame:
    """Read the commitments that the workspace adds to those of Lindero.

    Returns: one row per step, sorted by jurisdiction, instrument and date: `jurisdiction`, `instrument`, `stage`,
    `dated_on`, `date_precision`, `supersedes`, `source_url`, `verified`, `note`.
    """
    return con.execute(f"""
        SELECT jurisdiction, instrument, stage, dated_on, date_precision, supersedes, source_url, verified, note
        FROM commitments WHERE {CURRENT} ORDER BY jurisdiction, instrument, dated_on NULLS LAST, row_number
    """).df()


def _fetch_rows(con: Connection, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query; none if the map lacks the tables."""
    try:
        return con.execute(query).fetchall()
    except (duckdb.BinderException, duckdb.CatalogException):
        return []


def _join_citations(cited: object) -> str | None:
    """Join the citations of an event, each source once and that of its own record first."""
    return "; ".join(dict.fromkeys(cited)) if isinstance(cited, Iterable) else None
