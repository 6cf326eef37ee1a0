"""Atom feeds (RFC 4287) of events, with one entry per event.

A feed contains names and codes, but no coordinates and no address of another machine. Entry ids are derived from their
subject. A feed reader therefore recognises an entry however often the map is built.
"""

import datetime as dt
import re
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote
from xml.etree import ElementTree as ET

from lindero.app.answers.changes import watchlist
from lindero.app.answers.changes.event_text import event_sentence, event_title, recency_lines
from lindero.app.answers.changes.events import Event, filter_events
from lindero.app.answers.changes.register_changes import ChangeReport
from lindero.app.answers.changes.register_dates import ACTS
from lindero.app.answers.changes.watchlist import WatchedPlace
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.invented import invented_data_text
from lindero.app.text import i18n
from lindero.app.text.i18n import _
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, PROTECTED_AREAS

ATOM = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"
MAX_ENTRIES = 500  # latest events; older ones are only on the page
TOLD_LAYERS = (CONCESSIONS.name, COMMUNITIES.name, PROTECTED_AREAS.name)
_FEED_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "tag:lindero,2026:feed")
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # not XML 1.0 characters (Char)


@dataclass(frozen=True)
class FeedGap:
    """A sentence on land that a snapshot does not cover: most feed readers show only entries, not the subtitle."""

    source_id: str
    source_title: str
    snapshot_on: dt.date
    sentence: str


def write_feed(
    title: str,
    events: Iterable[Event],
    *,
    recency: Sequence[str],
    updated: dt.date,
    self_link: str = "",
    key: str = "",
    notes: Sequence[str] = (),
    gaps: Sequence[FeedGap] = (),
    entry_id: Callable[[Event], str] | None = None,
) -> bytes:
    """Write a feed of events in the current language."""
    feed = ET.Element("feed", {"xmlns": ATOM, "xml:lang": i18n.current_language()})
    _add_text(feed, "title", title)
    told_gaps = [f"{gap.source_title}: {gap.sentence}" for gap in gaps]
    if subtitle := " ".join(dict.fromkeys(filter(None, [*notes, *told_gaps, *(f"{line}." for line in recency)]))):
        _add_text(feed, "subtitle", subtitle)
    feed_id = _id("feed", key or title)
    _add_text(feed, "id", feed_id)
    _add_text(feed, "updated", _format_instant(updated))
    _add_text(ET.SubElement(feed, "author"), "name", "Lindero")
    if self_link:
        ET.SubElement(feed, "link", {"rel": "self", "href": self_link, "type": MEDIA_TYPE})
    for event in list(events)[:MAX_ENTRIES]:
        act = event.after if event.kind == "new" and event.after in ACTS else event.kind
        id_ = entry_id(event) if entry_id else _id("event", event.id)
        entry = _add_entry(feed, event_title(event), id_, event.dated_on or updated, act)
        _add_text(entry, "content", event_sentence(event)).set("type", "text")
    for gap in gaps:
        gap_title = _("{source}: does not cover all of this area").format(source=gap.source_title)
        id_ = _id(gap.source_id, gap.snapshot_on, "coverage", feed_id)
        entry = _add_entry(feed, gap_title, id_, gap.snapshot_on, "coverage")
        _add_text(entry, "content", gap.sentence).set("type", "text")
    ET.indent(feed, " ")
    written: bytes = ET.tostring(feed, encoding="UTF-8", xml_declaration=True)
    return written


def write_place_feed(
    con: Connection,
    watched: Sequence[WatchedPlace],
    events: Iterable[Event],
    reports: Iterable[ChangeReport],
    *,
    checked_on: Mapping[str, dt.date] | None = None,
    not_updated: Collection[str] = (),
) -> bytes:
    """Write the feed of watched places, in the current language.

    `events`: events of the registers (`app.answers.changes.events.list_register_events`). `reports`: comparisons of
    every snapshot with the one before it, the latest first
    (`app.answers.changes.register_changes.compare_all_snapshots`).
    """
    comparisons, keys = list(reports), [place.key for place in watched]
    on_land = filter_events(con, events, keys)
    gaps = [
        FeedGap(report.after.source_id, report.after.title, report.after.snapshot_on, sentence)
        for report in comparisons
        if (sentence := coverage_text.compared_reach_text(watchlist.measure_reach(con, report, watched)))
    ]
    lacks = _("Changes cannot be shown: the map does not have two snapshots of any register.")
    told = [event.dated_on for event in on_land if event.dated_on and event.kind not in {"deadline", "expired"}]
    days = [report.after.snapshot_on for report in comparisons] + told
    sources = [source for source in map_database.read_sources(con) if source.layer in TOLD_LAYERS]
    names = ", ".join(place.name for place in watched)
    return write_feed(
        _("Latest changes: {name}").format(name=names),
        on_land,
        recency=recency_lines(sources, checked_on, not_updated),
        updated=max(days, default=dt.date.min),
        self_link=feed_file_name(watched[0]) if len(watched) == 1 else "",
        key="/".join(sorted(keys)),
        notes=[invented_data_text(con), "" if comparisons or on_land else lacks],
        gaps=gaps,
        entry_id=_register_entry_id,
    )


def feed_file_name(watched: WatchedPlace) -> str:
    """Return the file name of a feed: its percent-encoded code."""
    return f"{quote(watched.key.rpartition('/')[2], safe='')}.atom"


def _register_entry_id(event: Event) -> str:
    """Return the id of the entry of an event of a register, in the form used by the first feeds.

    The form must not change, so that feed readers show each entry only once.
    """
    if event.kind == "new" and event.after in ACTS:
        return _id("dated", event.after, event.record_id, event.dated_on)
    if event.since is None:
        return _id("event", event.id)
    source, _sign, code = event.record_id.partition("/")
    snapshot_on = event.since if event.kind == "gone" else event.dated_on
    return _id(event.source_id, event.dated_on, event.kind, f"{source}/{snapshot_on}/{code}")


def _add_entry(feed: ET.Element, title: str, id_: str, day: dt.date, term: str) -> ET.Element:
    entry = ET.SubElement(feed, "entry")
    _add_text(entry, "title", title)
    _add_text(entry, "id", id_)
    _add_text(entry, "updated", _format_instant(day))
    ET.SubElement(entry, "category", {"term": term})
    return entry


def _add_text(parent: ET.Element, name: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, name)
    element.text = _NO_XML.sub("\ufffd", text)
    return element


def _id(*parts: object) -> str:
    return f"urn:uuid:{uuid.uuid5(_FEED_NAMESPACE, '/'.join(map(str, parts)))}"


def _format_instant(day_date: dt.date) -> str:
    return f"{day_date.isoformat()}T00:00:00Z"
