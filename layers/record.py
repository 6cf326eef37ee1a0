"""
What the pages and commands ask of the record: incidents, acts, people attacked, steps in court, measures, promises.

Every answer is of the current snapshots, and of incidents that may be shown (`layers.questions.PUBLIC`).
"""

import pandas as pd

from layers.questions import PUBLIC
from layers.store import CURRENT, Connection

_OF_SHOWN = f"{CURRENT} AND incident_id IN (SELECT id FROM incidents WHERE {CURRENT} AND {PUBLIC})"


def incidents(con: Connection) -> pd.DataFrame:
    """
    Incidents by date, those without one last.

    Columns: `id`, `source_id`, `code`, `title`, `occurred_on`, `date_precision`, `place_text`, `region`, `country`,
    `location_precision`, `sector`, `perpetrator_kind`, `sources`, `invented`, `is_placed` (whether it has a geometry),
    bounds, and of its source `source_title`, `publisher`, `url`.
    """
    return con.execute(f"""
        SELECT i.id, i.source_id, i.code, coalesce(i.title, i.code, i.id) AS title, i.occurred_on, i.date_precision,
               i.place_text, i.region, i.country, i.location_precision, i.sector, i.perpetrator_kind, i.sources,
               coalesce(i.invented, false) AS invented, i.xmin IS NOT NULL AS is_placed,
               i.xmin, i.ymin, i.xmax, i.ymax, s.title AS source_title, s.publisher, s.url
        FROM (FROM incidents WHERE {CURRENT} AND {PUBLIC}) i
        JOIN sources s ON (s.source_id, s.snapshot_on) = (i.source_id, i.snapshot_on)
        ORDER BY i.occurred_on NULLS LAST, i.id
    """).df()


def acts(con: Connection) -> pd.DataFrame:
    """Acts of shown incidents: `incident_id`, `type`, each once."""
    return con.execute(f"SELECT DISTINCT incident_id, type FROM acts WHERE {_OF_SHOWN} ORDER BY ALL").df()


def victims(con: Connection) -> pd.DataFrame:
    """Groups of people attacked: `incident_id`, `count` (missing: not said), `gender`, `identity` (list), `people`."""
    return con.execute(f"""
        SELECT incident_id, "count", gender, coalesce(identity, []) AS identity, people
        FROM victims WHERE {_OF_SHOWN} ORDER BY incident_id, source_id, row_number
    """).df()


def case_steps(con: Connection) -> pd.DataFrame:
    """Steps in court, by incident and date: `incident_id`, `dated_on`, `date_precision`, `step`, `court`."""
    return con.execute(f"""
        SELECT incident_id, dated_on, date_precision, step, court
        FROM case_steps WHERE {_OF_SHOWN} ORDER BY incident_id, dated_on NULLS FIRST, row_number
    """).df()


def protection_measures(con: Connection) -> pd.DataFrame:
    """
    Protection measures by incident and date of request.

    Columns: `incident_id`, `measure`, `provider`, `gender_responsive`, `collective`, `requested_on`, `granted_on`,
    `status`.
    """
    return con.execute(f"""
        SELECT incident_id, measure, provider, gender_responsive, collective, requested_on, granted_on, status
        FROM protection_measures WHERE {_OF_SHOWN} ORDER BY incident_id, requested_on NULLS LAST, row_number
    """).df()


def same_incidents(con: Connection) -> dict[str, str]:
    """Give for each incident that was accepted to be another source's the id under which both are told."""
    return dict(con.execute("SELECT incident_id, same_as FROM same_incidents ORDER BY ALL").fetchall())


def current_ids(con: Connection) -> list[str]:
    """Ids of the incidents of the current snapshots."""
    return [name for (name,) in con.execute(f"SELECT id FROM incidents WHERE {CURRENT} ORDER BY id").fetchall()]


def commitments(con: Connection) -> pd.DataFrame:
    """Commitments that the workspace itself adds to those that Lindero brings along, with the columns of the layer."""
    return con.execute(f"""
        SELECT jurisdiction, instrument, stage, dated_on, date_precision, supersedes, source_url, verified, note
        FROM commitments WHERE {CURRENT} ORDER BY jurisdiction, instrument, dated_on NULLS LAST, row_number
    """).df()
