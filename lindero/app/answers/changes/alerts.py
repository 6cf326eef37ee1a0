"""Alerts for CoMapeo phones on new and changed concessions on watched land.

Alerts contain only what registers publish, and nothing about people. Holders are left out, because many are persons.
"""

import datetime as dt
import json
from collections.abc import Iterable

import shapely

from lindero.app.answers.changes.events import Event
from lindero.app.answers.defaults import AlertShape
from lindero.app.text.codes import translate_code
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, PROTECTED_AREAS

REPORTED_KINDS = ("new", "renumbered", "holder", "status", "boundary")
"""Kinds of events that are told: nobody needs to go to a concession that is gone."""
DECIMALS = 6  # of a degree: 0.1 m


def build_alerts(events: Iterable[Event], *, shape: AlertShape = AlertShape.OUTLINE) -> list[dict[str, object]]:
    """Build an alert for each new or changed concession, in the format of CoMapeo archive servers."""
    return [
        _alert(event, event.since, event.dated_on, event.geometry, shape)
        for event in events
        if event.layer == CONCESSIONS.name and event.kind in REPORTED_KINDS and not event.is_beyond
        if event.since is not None and event.dated_on is not None
        if event.geometry is not None and not event.geometry.is_empty
    ]


def _alert(
    event: Event, since: dt.date, until: dt.date, geometry: shapely.Geometry, shape: AlertShape
) -> dict[str, object]:
    code = event.record_id.partition("/")[2]
    return {
        "detectionDateStart": _format_instant(since),
        "detectionDateEnd": _format_instant(until),
        "sourceId": f"lindero/{event.source_id}/{until}/{event.kind}/{code or event.id}",
        "metadata": _properties(event, code),
        "geometry": _encode_geometry(geometry, shape),
    }


def _properties(event: Event, code: str) -> dict[str, object]:
    names = {
        layer.name: "; ".join(place.name for place in event.places if place.layer == layer.name)
        for layer in (COMMUNITIES, PROTECTED_AREAS)
    }
    properties: dict[str, object] = {
        "alert_type": f"concession_{event.kind}",
        "change": translate_code(event.kind),
        "code": code,
        "name": event.name,
        **names,
        "source": event.source_title,
    }
    if event.kind == "status":
        properties |= {"before": translate_code(event.before), "after": translate_code(event.after)}
    return {name: value for name, value in properties.items() if value}


def _encode_geometry(geometry: shapely.Geometry, shape: AlertShape) -> object:
    simplified = shapely.point_on_surface(geometry) if shape is AlertShape.POINT else geometry
    return json.loads(shapely.to_geojson(shapely.set_precision(simplified, 10**-DECIMALS, mode="pointwise")))


def _format_instant(date: dt.date) -> str:
    return f"{date.isoformat()}T00:00:00.000Z"
