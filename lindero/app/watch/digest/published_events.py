"""Events as they may leave the machine: only what `lindero publish` would publish, under hashed ids.

Each text of an event is taken from the publication again where the record is in it. An event of a layer, a source or a
column that is not published is left out.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd

from lindero.app.answers.changes.event_places import EventPlace
from lindero.app.answers.changes.events import Event
from lindero.app.media.site.select import PEOPLE_SOURCE, Publication
from lindero.layers.database.definitions import PERSON_LAYERS
from lindero.layers.model.parse_values import is_missing
from lindero.layers.model.schema import REGIONS
from lindero.layers.publish.rules import PUBLISHED
from lindero.layers.reference import base_data

CASE = "case"
_COLUMNS = {"holder": "holder", "status": "status", "expired": "expires_on", "deadline": "expires_on"}
_TEXTS = ("name", "holder")


def publish_events(
    pub: Publication, events: Iterable[Event], new_id: Callable[[str], str]
) -> Iterator[tuple[str, Event]]:
    """Yield the events that may be told, each with its own id first, and with published values only."""
    rows_by_layer = {name: rows.set_index("id") for name, rows in pub.layers.items()}
    sources = pub.sources.drop_duplicates("source_id", keep="last").set_index("source_id")
    for event in events:
        values = (
            _find_case(pub, rows_by_layer, event) if event.kind == CASE else _find_record(pub, rows_by_layer, event)
        )
        if values is None:
            continue
        source_id = str(pub.new_sources.get(event.source_id, PEOPLE_SOURCE))
        if event.kind != CASE:
            values |= {
                "source_title": to_text(sources.loc[source_id, "title"]),
                "publisher": to_text(sources.loc[source_id, "publisher"]),
            }
        places = tuple(_publish_places(pub, rows_by_layer, event.places))
        values |= {"later_ids": (), "earlier_geometry": None, "source_id": source_id, "places": places}
        yield event.id, replace(event, **values, id=new_id(event.id))


def _find_record(pub: Publication, rows_by_layer: Mapping[str, pd.DataFrame], event: Event) -> dict[str, Any] | None:
    """Return the published values of a record of a register, with its code as its id.

    None if its register, or the column that the event is about, is not published. A record that is gone has the values
    of its last snapshot.
    """
    columns = PUBLISHED.get(event.layer, ())
    is_published = event.layer in pub.layers and event.layer not in PERSON_LAYERS and event.source_id in pub.new_sources
    if not is_published or _COLUMNS.get(event.kind, "id") not in ("id", *columns):
        return None
    _source, _slash, code = event.record_id.partition("/")
    values: dict[str, Any] = {name: getattr(event, name) if name in columns else "" for name in _TEXTS}
    values |= {
        "record_id": f"{pub.new_sources[event.source_id]}/{'' if code.startswith('~') else code}",  # ~: a hash
        "also": {kind: sides for kind, sides in event.also.items() if _COLUMNS.get(kind, "id") in ("id", *columns)},
    }
    new_id = pub.new_ids.get(event.layer, pd.Series(dtype=object)).get(event.record_id)
    if new_id is None:
        return values
    row = rows_by_layer[event.layer].loc[new_id]
    return values | {name: to_text(row[name]) for name in _TEXTS if name in row}


def _find_case(pub: Publication, rows_by_layer: Mapping[str, pd.DataFrame], event: Event) -> dict[str, Any] | None:
    """Return the published title and sources of a court case; None if this step of it is not in the publication."""
    steps = pub.layers.get("case_steps", pd.DataFrame(columns=["incident_id", "step", "court"]))
    steps = steps[(steps["incident_id"] == event.record_id) & (steps["step"] == event.after)]
    if event.before not in {to_text(court) for court in steps["court"]}:
        return None
    row = rows_by_layer["incidents"].loc[event.record_id]
    values = {"name": to_text(row["title"]), "source_title": to_text(row["sources"]), "record_id": "", "holder": ""}
    return {**values, "publisher": "", "geometry": None, "also": {}}


def _publish_places(
    pub: Publication, rows_by_layer: Mapping[str, pd.DataFrame], places: Iterable[EventPlace]
) -> Iterator[EventPlace]:
    """Yield the places that are published, with their published id and name. The names of regions are open data."""
    for place in places:
        if place.layer == REGIONS.name and place.id in region_names():
            yield replace(place, name=region_names()[place.id])
        new_id = pub.new_ids.get(place.layer, pd.Series(dtype=object)).get(place.id)
        if place.layer not in PERSON_LAYERS and new_id is not None:
            yield replace(place, id=new_id, name=to_text(rows_by_layer[place.layer].loc[new_id, "name"]))


@cache
def region_names() -> dict[str, str]:
    """Return the names of the regions of the open base data, by code."""
    regions = base_data.load_regions()
    return dict(zip(regions["code"], regions["name"], strict=True))


def to_text(value: object) -> str:
    """Return a value as text; empty if it is missing."""
    return "" if is_missing(value) else str(value)
