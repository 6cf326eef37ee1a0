"""
Atom feeds (RFC 4287) of changes on watched land, with one entry per change.

A feed contains names and codes, but no coordinates and no address of another machine. Entry ids are derived from their
subject. A feed reader therefore recognises an entry however often the map is built.
"""

import datetime as dt
import re
import uuid
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pandas as pd

from lindero.app.answers.changes import watchlist
from lindero.app.answers.changes.register_changes import ChangeReport
from lindero.app.answers.changes.register_dates import DatedReport
from lindero.app.answers.changes.watchlist import WatchedPlace
from lindero.app.answers.coverage import coverage_text
from lindero.app.output.invented import invented_data_text
from lindero.app.text import change_text, i18n
from lindero.app.text.codes import translate_code
from lindero.app.text.i18n import _, format_long_date
from lindero.layers.database.map_database import Connection

ATOM = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"
MAX_ENTRIES = 500  # latest entries of each kind; older ones are only on the page
_ACT_CHANGES = ("new", "status")  # changes that report an application or a grant
_FEED_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "tag:lindero,2026:feed")
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # not XML 1.0 characters (Char)


def write_feed(
    con: Connection, watched: Sequence[WatchedPlace], reports: Iterable[ChangeReport], dated: DatedReport | None = None
) -> bytes:
    """
    Write the feed of communities and regions, in the current language.

    The feed says which snapshots do not cover the land. Otherwise an empty feed would mean that nothing happened.

    Parameters
    ----------
    watched
        The communities and regions of the feed; several make one feed.
    reports
        Comparisons of every snapshot with the one before it, the latest first
        (`app.answers.changes.register_changes.compare_all_snapshots`).
    dated
        Acts of the last months by the dates of the register, for acts that no snapshot comparison reports.
    """
    comparisons = list(reports)
    acts = _find_unreported_acts(dated, watched, comparisons) if dated else []
    gaps = [
        (report, sentence)
        for report in comparisons
        if (sentence := coverage_text.reach_text(watchlist.measure_reach(con, report, watched)))
    ]
    lacks = (
        []
        if comparisons or acts
        else [_("Changes cannot be shown: the map does not have two snapshots of any register.")]
    )
    feed = ET.Element("feed", {"xmlns": ATOM, "xml:lang": i18n.current_language()})
    names = ", ".join(place.name for place in watched)
    _add_text(feed, "title", _("What is new: {name}").format(name=names))
    told_gaps = [f"{report.after.title}: {sentence}" for report, sentence in gaps]
    if subtitle := " ".join(filter(None, dict.fromkeys([invented_data_text(con), *lacks, *told_gaps]))):
        _add_text(feed, "subtitle", subtitle)
    _add_text(feed, "id", _id("feed", *sorted(place.key for place in watched)))
    days = [report.after.snapshot_on for report in comparisons] + [row["dated_on"].date() for row in acts]
    _add_text(feed, "updated", _format_instant(max(days, default=dt.date.min)))
    _add_text(ET.SubElement(feed, "author"), "name", "Lindero")
    if len(watched) == 1:
        ET.SubElement(feed, "link", {"rel": "self", "href": feed_file_name(watched[0]), "type": MEDIA_TYPE})
    entries = ((report, row) for report in comparisons for row in _changes_to_rows(report, watched))
    for _number, (report, row) in zip(range(MAX_ENTRIES), entries, strict=False):
        _add_change_entry(feed, report, row)
    for row in acts[:MAX_ENTRIES]:
        _add_act_entry(feed, row)
    for report, sentence in gaps:
        _add_coverage_entry(feed, report, sentence)
    ET.indent(feed, " ")
    written: bytes = ET.tostring(feed, encoding="UTF-8", xml_declaration=True)
    return written


def feed_file_name(watched: WatchedPlace) -> str:
    """Return the file name of a feed: its percent-encoded code."""
    return f"{quote(watched.key.rpartition('/')[2], safe='')}.atom"


def _changes_to_rows(report: ChangeReport, watched: Sequence[WatchedPlace]) -> list[dict[Hashable, Any]]:
    codes = report.rows["change"].rename("code")
    rows = change_text.translate_changes(report.rows).join(codes)
    return rows[watchlist.is_watched_change(report, watched)].to_dict("records")


def _add_change_entry(feed: ET.Element, report: ChangeReport, row: Mapping[Hashable, Any]) -> None:
    entry = ET.SubElement(feed, "entry")
    record = row["after_id"] if pd.notna(row["after_id"]) else row["before_id"]
    name = row["name"] if pd.notna(row["name"]) else record
    _add_text(entry, "title", f"{name}: {row['change']}")
    _add_text(
        entry, "id", _id(report.after.source_id, report.after.snapshot_on, row["code"], _format_record_id(report, row))
    )
    _add_text(entry, "updated", _format_instant(report.after.snapshot_on))
    ET.SubElement(entry, "category", {"term": str(row["code"])})
    lines = [change_text.format_change(row)]
    if row["holder"]:
        lines.append(_("Holder: {holder}").format(holder=row["holder"]))
    since, until = (format_long_date(snapshot.snapshot_on) for snapshot in (report.before, report.after))
    dated = _("{source}, from {since} to {until}.").format(source=report.after.title, since=since, until=until)
    _add_text(entry, "content", "\n".join([*lines, dated])).set("type", "text")


def _find_unreported_acts(
    dated: DatedReport, watched: Sequence[WatchedPlace], reports: Iterable[ChangeReport]
) -> list[dict[Hashable, Any]]:
    """
    Return the dated acts on watched land as rows.

    Acts that a snapshot comparison reports, as a new record or a new status, are left out.
    """
    rows = dated.rows[watchlist.is_watched_act(dated, watched)]
    reported_ids = {
        id_ for report in reports for id_ in report.rows.loc[report.rows["change"].isin(_ACT_CHANGES), "after_id"]
    }
    return rows[~rows["id"].isin(reported_ids)].to_dict("records")


def _add_act_entry(feed: ET.Element, row: Mapping[Hashable, Any]) -> None:
    """Add the entry of one act. Its id is the same in every build."""
    entry = ET.SubElement(feed, "entry")
    name = row["name"] if pd.notna(row["name"]) else row["id"]
    _add_text(entry, "title", f"{name}: {translate_code(row['act'])}")
    _add_text(entry, "id", _id("dated", row["act"], row["id"], row["dated_on"].date()))
    _add_text(entry, "updated", _format_instant(row["dated_on"].date()))
    ET.SubElement(entry, "category", {"term": str(row["act"])})
    _add_text(entry, "content", change_text.format_dated_act(row)).set("type", "text")


def _add_coverage_entry(feed: ET.Element, report: ChangeReport, sentence: str) -> None:
    """
    Add one entry per snapshot that does not cover all of the watched land.

    An entry is needed because most feed readers show only entries, not the subtitle.
    """
    entry = ET.SubElement(feed, "entry")
    _add_text(entry, "title", _("{source}: does not cover all of this area").format(source=report.after.title))
    _add_text(entry, "id", _id(report.after.source_id, report.after.snapshot_on, "coverage", feed.findtext("id")))
    _add_text(entry, "updated", _format_instant(report.after.snapshot_on))
    ET.SubElement(entry, "category", {"term": "coverage"})
    _add_text(entry, "content", sentence).set("type", "text")


def _format_record_id(report: ChangeReport, row: Mapping[Hashable, Any]) -> str:
    """
    Return the record's id with its snapshot date, in the form used by the first feeds.

    The form must not change, so that feed readers show each entry only once.
    """
    is_there = pd.notna(row["after_id"])
    source, _sign, code = str(row["after_id"] if is_there else row["before_id"]).partition("/")
    return f"{source}/{(report.after if is_there else report.before).snapshot_on}/{code}"


def _add_text(parent: ET.Element, name: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, name)
    element.text = _NO_XML.sub("\ufffd", text)
    return element


def _id(*parts: object) -> str:
    return f"urn:uuid:{uuid.uuid5(_FEED_NAMESPACE, '/'.join(map(str, parts)))}"


def _format_instant(day_date: dt.date) -> str:
    return f"{day_date.isoformat()}T00:00:00Z"
