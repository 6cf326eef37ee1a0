"""
Atom feeds of what is new on somebody's ground: one entry for each change, told once.

RFC 4287. A feed holds names and codes, no coordinates, and no address of another machine. The ids are made from what
they stand for, so that a feed reader recognises an entry however often the map is built.
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
from lindero.app.answers.changes.watchlist import Watched
from lindero.app.answers.coverage import coverage_text
from lindero.app.text import change_text, i18n
from lindero.app.text.codes import word
from lindero.app.text.i18n import _, date
from lindero.layers.database.map_database import Connection

ATOM = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"
MOST = 500  # entries, the latest; what is older is on the page
_TELLS_ACT = ("new", "status")  # changes that tell of an application or a grant
_OURS = uuid.uuid5(uuid.NAMESPACE_URL, "tag:lindero,2026:feed")
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, Char


def atom(
    con: Connection, watched: Sequence[Watched], reports: Iterable[ChangeReport], dated: DatedReport | None = None
) -> bytes:
    """
    Write the feed of communities and regions, in the language spoken.

    What no snapshot covers is said, or an empty feed would say that nothing happened.

    Parameters
    ----------
    watched
        What the feed is of; several make one feed.
    reports
        Every snapshot held against the one before it, the latest first
        (`app.answers.changes.register_changes.successive`).
    dated
        Acts of the last months by the dates of the register, for what no comparison of snapshots has told.
    """
    every = list(reports)
    acts = _dated_rows(dated, watched, every) if dated else []
    gaps = [
        (report, sentence)
        for report in every
        if (sentence := coverage_text.reach(watchlist.reach(con, report, watched)))
    ]
    lacks = [] if every or acts else [_("Nothing can be told: of no register does the map hold two snapshots.")]
    feed = ET.Element("feed", {"xmlns": ATOM, "xml:lang": i18n.current()})
    names = ", ".join(each.name for each in watched)
    _text(feed, "title", _("What is new: {name}").format(name=names))
    if sentences := dict.fromkeys([*lacks, *(f"{report.after.title}: {sentence}" for report, sentence in gaps)]):
        _text(feed, "subtitle", " ".join(sentences))
    _text(feed, "id", _id("feed", *sorted(each.key for each in watched)))
    days = [report.after.snapshot_on for report in every] + [row["dated_on"].date() for row in acts]
    _text(feed, "updated", _instant(max(days, default=dt.date.min)))
    _text(ET.SubElement(feed, "author"), "name", "Lindero")
    if len(watched) == 1:
        ET.SubElement(feed, "link", {"rel": "self", "href": file_name(watched[0]), "type": MEDIA_TYPE})
    entries = ((report, row) for report in every for row in _rows(report, watched))
    for _number, (report, row) in zip(range(MOST), entries, strict=False):
        _entry(feed, report, row)
    for row in acts[:MOST]:
        _dated_entry(feed, row)
    for report, sentence in gaps:
        _gap(feed, report, sentence)
    ET.indent(feed, " ")
    written: bytes = ET.tostring(feed, encoding="UTF-8", xml_declaration=True)
    return written


def file_name(watched: Watched) -> str:
    """Give the name of a feed's file: its code, percent-encoded."""
    return f"{quote(watched.key.rpartition('/')[2], safe='')}.atom"


def _rows(report: ChangeReport, watched: Sequence[Watched]) -> list[dict[Hashable, Any]]:
    codes = report.rows["change"].rename("code")
    rows = change_text.table(report.rows).join(codes)
    return rows[watchlist.concerning(report, watched)].to_dict("records")


def _entry(feed: ET.Element, report: ChangeReport, row: Mapping[Hashable, Any]) -> None:
    entry = ET.SubElement(feed, "entry")
    record = row["after_id"] if pd.notna(row["after_id"]) else row["before_id"]
    name = row["name"] if pd.notna(row["name"]) else record
    _text(entry, "title", f"{name}: {row['change']}")
    _text(entry, "id", _id(report.after.source_id, report.after.snapshot_on, row["code"], _as_before(report, row)))
    _text(entry, "updated", _instant(report.after.snapshot_on))
    ET.SubElement(entry, "category", {"term": str(row["code"])})
    lines = [change_text.line(row)]
    if row["holder"]:
        lines.append(_("Holder: {holder}").format(holder=row["holder"]))
    since, until = (date(each.snapshot_on) for each in (report.before, report.after))
    dated = _("{source}, from {since} to {until}.").format(source=report.after.title, since=since, until=until)
    _text(entry, "content", "\n".join([*lines, dated])).set("type", "text")


def _dated_rows(
    dated: DatedReport, watched: Sequence[Watched], reports: Iterable[ChangeReport]
) -> list[dict[Hashable, Any]]:
    """Return the dated acts on watched ground, without those that a comparison reports: new, or of a new status."""
    rows = dated.rows[watchlist.on_watched_ground(dated, watched)]
    told = {id_ for report in reports for id_ in report.rows.loc[report.rows["change"].isin(_TELLS_ACT), "after_id"]}
    return rows[~rows["id"].isin(told)].to_dict("records")


def _dated_entry(feed: ET.Element, row: Mapping[Hashable, Any]) -> None:
    """Add the entry of one act, which has the same id in every build."""
    entry = ET.SubElement(feed, "entry")
    name = row["name"] if pd.notna(row["name"]) else row["id"]
    _text(entry, "title", f"{name}: {word(row['act'])}")
    _text(entry, "id", _id("dated", row["act"], row["id"], row["dated_on"].date()))
    _text(entry, "updated", _instant(row["dated_on"].date()))
    ET.SubElement(entry, "category", {"term": str(row["act"])})
    _text(entry, "content", change_text.dated_line(row)).set("type", "text")


def _gap(feed: ET.Element, report: ChangeReport, sentence: str) -> None:
    """Tell once of each snapshot that it does not hold all of the ground: most feed readers show entries alone."""
    entry = ET.SubElement(feed, "entry")
    _text(entry, "title", _("{source}: not all of this is covered").format(source=report.after.title))
    _text(entry, "id", _id(report.after.source_id, report.after.snapshot_on, "coverage", feed.findtext("id")))
    _text(entry, "updated", _instant(report.after.snapshot_on))
    ET.SubElement(entry, "category", {"term": "coverage"})
    _text(entry, "content", sentence).set("type", "text")


def _as_before(report: ChangeReport, row: Mapping[Hashable, Any]) -> str:
    """Give the record's id with the day of its snapshot, as entries named it at first: each is told once, for good."""
    is_there = pd.notna(row["after_id"])
    source, _sign, code = str(row["after_id"] if is_there else row["before_id"]).partition("/")
    return f"{source}/{(report.after if is_there else report.before).snapshot_on}/{code}"


def _text(parent: ET.Element, name: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, name)
    element.text = _NO_XML.sub("\ufffd", text)
    return element


def _id(*parts: object) -> str:
    return f"urn:uuid:{uuid.uuid5(_OURS, '/'.join(map(str, parts)))}"


def _instant(day: dt.date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
