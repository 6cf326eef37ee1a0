"""Files that go with a digest: dates for a calendar, outlines of the touched concessions for a phone, and a feed."""

import datetime as dt
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import icalendar

from lindero.app.answers.changes.event_text import event_sentence, event_title
from lindero.app.answers.changes.feed import write_feed
from lindero.app.answers.invented import warning_text
from lindero.app.media.files.files import write_layers
from lindero.app.text.i18n import _
from lindero.app.watch.digest.digest import Digest
from lindero.layers.model.schema import CONCESSIONS, CRS

_DATED_KINDS = {"expired", "deadline"}


def format_dates(digest: Digest) -> bytes:
    """Return a calendar (iCalendar) of the ends of terms and of the next digest, all as whole days."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Lindero//Lindero//EN")
    calendar.add("version", "2.0")
    for event in digest.events:
        if event.dated_on and not _DATED_KINDS.isdisjoint(event.kinds):
            calendar.add_component(_entry(digest, event.id, event.dated_on, event_title(event), event_sentence(event)))
    if digest.next_on:
        title = _("Next notice: {places}").format(places=", ".join(digest.places))
        text = _("If it does not arrive on this date, ask the person who sends it to you.")
        calendar.add_component(_entry(digest, digest.id, digest.next_on, title, text))
    return bytes(calendar.to_ical())


def _entry(digest: Digest, id_: str, date: dt.date, title: str, text: str) -> icalendar.Event:
    entry = icalendar.Event()
    entry.add("uid", f"{id_}@lindero.invalid")
    entry.add("dtstamp", dt.datetime.combine(digest.until, dt.time(), dt.UTC))
    entry.add("dtstart", date)
    entry.add("summary", title)
    entry.add("description", " ".join(filter(None, [warning_text() if digest.is_invented else "", text])))
    entry.add("transp", "TRANSPARENT")
    return entry


def format_places(digest: Digest) -> bytes | None:
    """Return the outlines of the touched concessions as KML for phones; None if there are none."""
    outlines = {
        event: event.geometry
        for event in digest.events
        if event.layer == CONCESSIONS.name and event.geometry is not None and not event.geometry.is_empty
    }
    if not outlines:
        return None
    told = list(outlines)
    columns = {
        "name": [event_title(event) for event in told],
        "holder": [event.holder for event in told],
        "description": [event_sentence(event) for event in told],
    }
    rows = gpd.GeoDataFrame(columns, geometry=list(outlines.values()), crs=CRS)
    terms = sorted({f"{event.source_title} ({event.publisher})" for event in told})
    terms += [warning_text()] if digest.is_invented else []
    with TemporaryDirectory() as folder:
        file = Path(folder) / "places.kml"
        write_layers({CONCESSIONS.name: rows}, "kml-phone", file, terms=terms)
        return file.read_bytes()


def format_feed(digest: Digest) -> bytes:
    """Return the events of a digest as an Atom feed. Its id is the same for all digests of a watch."""
    return write_feed(
        ", ".join(digest.places),
        digest.events,
        recency=digest.recency,
        updated=digest.until,
        key=digest.watch_id,
        notes=[warning_text() if digest.is_invented else "", digest.gaps],
    )
