"""Sections that briefs of communities, holders and regions share."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from lindero.app.answers.changes import watchlist
from lindero.app.answers.changes.register_changes import change_reports, registers
from lindero.app.answers.changes.watchlist import Watched
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import LayerCoverage
from lindero.app.answers.place import near_incidents
from lindero.app.output.provenance import sources_of
from lindero.app.products.brief.parts import Column, Part, bullets, heading, paragraph, table
from lindero.app.record import commitments as promised
from lindero.app.record.commitments_text import since_note
from lindero.app.record.incidents import Record
from lindero.app.record.periods import periods_of
from lindero.app.text import change_text, i18n
from lindero.app.text.codes import title_text, word
from lindero.app.text.commitment_names import instrument
from lindero.app.text.dates import as_of, when
from lindero.app.text.i18n import _, date, ngettext, number, percent
from lindero.geo.geometry.units import M_PER_KM
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.model.schema import CONCESSIONS

MOST_ROWS = 24  # of a table: four pages are what people read
Row = Mapping[Hashable, Any]


def beyond(count: int, *, most: int = MOST_ROWS) -> list[Part]:
    """Say how many rows a table leaves out; the sums above it count them all."""
    if count <= most:
        return []
    text = _("The largest {shown} of {count} are listed; the sums are of all of them.")
    return paragraph(text.format(shown=number(most), count=number(count)))


def titles_on(con: Connection, pairs: pd.DataFrame, *, lands: bool = False, most: int = MOST_ROWS) -> list[Part]:
    """
    List concessions with the land that they share: holder, state, dates, hectares, share, certainty, consultations.

    Parameters
    ----------
    pairs
        As `layers.database.queries.map_queries.pairs` gives them, with `consultations` where these are of communities.
    lands
        Whether the name of the land stands in each row, instead of the holder of the title.
    most
        How many are listed, the first ones.
    """
    shown = pairs.head(most)
    about = map_database.read_layer(con, CONCESSIONS, where={"id": list(shown["left_id"])}).set_index("id")
    columns = [
        Column("#", 0.5),
        Column(_("Concession"), 2.6),
        Column(_("Land") if lands else _("Holder"), 2.4),
        Column(_("State"), 2.0),
        Column(_("Shared hectares"), 1.2, is_number=True),
        Column(_("Share of the land"), 1.1, is_number=True),
        Column(_("Certainty"), 1.1),
    ]
    has_acts = "consultations" in pairs
    rows = []
    for at, row in enumerate(shown.to_dict("records"), start=1):
        title = about.loc[row["left_id"]]
        rows.append(
            [
                str(at),
                _called(row["left_name"], title["code"], row["left_id"]),
                _known(row["right_name"], row["right_id"]) if lands else _known(row["left_holder"], _("nobody named")),
                state(title),
                number(row["area_ha"], decimals=1),
                percent(row["share_of_right"]) if pd.notna(row["share_of_right"]) else "?",
                word(row["certainty"]),
                *([row["consultations"]] if has_acts else []),
            ]
        )
    if has_acts:
        columns.append(Column(_("Consultations on record"), 1.7))
    return [table(columns, rows), *beyond(len(pairs), most=most)]


def state(title: Row) -> str:
    """Say in what state a concession is, and since when."""
    status = word(title["status"])
    if pd.notna(title["granted_on"]):
        return _("{state}; granted on {date}").format(state=status, date=_day(title["granted_on"]))
    if pd.notna(title["applied_on"]):
        return _("{state}; applied for on {date}").format(state=status, date=_day(title["applied_on"]))
    return _("{state}; date not known").format(state=status)


def protected_areas(pairs: pd.DataFrame, answer: LayerCoverage) -> list[Part]:
    """List the protected areas that share ground with a land, or say what can be said where none does."""
    head = heading(word("protected_areas"))
    if pairs.empty:
        return [head, *paragraph(coverage_text.none(answer))]
    columns = [
        Column(_("Name"), 3),
        Column(_("Shared hectares"), is_number=True),
        Column(_("Share of the land"), is_number=True),
        Column(_("Certainty")),
    ]
    rows = [
        [
            _known(row["right_name"], row["right_id"]),
            number(row["area_ha"], decimals=1),
            percent(row["share_of_left"]) if pd.notna(row["share_of_left"]) else "?",
            word(row["certainty"]),
        ]
        for row in pairs.head(MOST_ROWS).to_dict("records")
    ]
    return [head, table(columns, rows), *beyond(len(pairs)), *paragraph(coverage_text.partly(answer))]


def news(con: Connection, watched: Watched) -> list[Part]:
    """Say what changed on a land since the snapshot before the current one, register by register."""
    parts: list[Part] = [heading(_("What is new"))]
    for register in registers(con):
        if len(register.snapshots) < 2:  # noqa: PLR2004
            continue
        before = register.snapshots[-2].snapshot_on
        for report in change_reports(con, since=f"{register.source_id}@{before}", source=register.source_id):
            few = report.of(watchlist.concerning(report, [watched]))
            rows = change_text.table(few.rows).to_dict("records")
            parts += paragraph(few.sentence(called=register.title))
            parts += bullets([f"{_known(row['name'], '?')}: {change_text.line(row)}" for row in rows[:MOST_ROWS]])
    if len(parts) == 1:
        parts += paragraph(_("The map holds one snapshot of each register alone: nothing can be said to be new."))
    return parts


def promises(con: Connection, country: str, record: Record) -> list[Part]:
    """List what the state promised, how that stands, and the attacks on the record of the map since."""
    head = heading(_("What the state promised, and what happened since"))
    standing = promised.standing(promised.facts(con), country) if country else pd.DataFrame()
    if standing.empty:
        return [head, *paragraph(_("No commitment of this state is on record."))]
    sources = set(promised.here(record, country=country)["source_id"])
    periods = periods_of(con, source_ids=sources)
    found = promised.with_what_happened(standing, record, country=country, periods=periods)
    columns = [
        Column(_("Commitment"), 4),
        Column(_("State"), 1.5),
        Column(_("Since"), 1.3),
        Column(_("Attacks on record since, in the whole country"), 1.3, is_number=True),
    ]
    rows = [
        [
            instrument(row["instrument"]),
            word(row["state"]),
            when(row["state_on"], row["state_precision"]),
            " ".join(filter(None, (_since(row["attacks_since"]), since_note(row)))) or "?",
        ]
        for row in found.to_dict("records")
    ]
    return [head, table(columns, rows)]


def _since(attacks: Any) -> str:
    return "" if pd.isna(attacks) else number(int(attacks))


def attacks(rows: Sequence[Mapping[str, Any]], answer: LayerCoverage, km: int) -> list[Part]:
    """List attacks and conflicts no finer than a publication shows them, or say what can be said where none is."""
    head = heading(_("Attacks and conflicts on record within {km} km of its land").format(km=km))
    absent = _("That none is on record does not mean that there was none.")
    if not rows:
        return [head, *paragraph(coverage_text.none(answer), absent)]
    more = len(rows) - MOST_ROWS
    left = ngettext("{n} more", "{n} more", more).format(n=number(more)) if more > 0 else ""
    sentence = _("Places are told no finer than in a published map: by areas of some 11 km or larger.")
    return [
        head,
        *paragraph(near_incidents.summary(rows, km)),
        *bullets([_attack(row) for row in rows[:MOST_ROWS]]),
        *paragraph(left, sentence, coverage_text.partly(answer)),
    ]


def closing(con: Connection, layers: Sequence[str], limits: Sequence[str]) -> list[Part]:
    """Name the sources with their days, tell the method in five lines, and what the brief does not say."""
    return [heading(_("Sources")), _sources(con, layers), heading(_("Method")), *bullets(_method()),
            heading(_("What this does not say")), *bullets([*limits, *_not_said()])]  # fmt: skip


def day_of_map(con: Connection, layers: Sequence[str]) -> str:
    """Say of what day the newest register of some layers is."""
    days = [one.as_of for one in sources_of(map_database.read_sources(con), layers) if one.as_of]
    return as_of(max(days)) if days else _("date not stated")


def is_invented(con: Connection) -> str:
    """Say so if anything on the map is invented."""
    if not any(one.invented and one.is_current for one in map_database.read_sources(con)):
        return ""
    return _("Invented data: this map is a demonstration. What is marked as invented is no claim about the world.")


def _sources(con: Connection, layers: Sequence[str]) -> Part:
    columns = [
        *(Column(_("Source"), 3), Column(_("Layer"), 1.6), Column(_("Publisher"), 2.2)),
        *(Column(_("As of"), 1.8), Column(_("Received on"), 1.6)),
    ]
    rows = [
        [
            one.title or one.source_id,
            word(one.layer),
            one.publisher or "",
            as_of(one.as_of),
            date(one.retrieved_on) if one.retrieved_on else "",
        ]
        for one in sources_of(map_database.read_sources(con), layers)
    ]
    return table(columns, rows)


def _method() -> list[str]:
    return [
        _("Boundaries are those that the sources gave; hectares are true areas on the ellipsoid."),
        _("Gross adds the overlaps up, title by title; the footprint counts each piece of ground once."),
        _("Certain is what remains where both boundaries are drawn in by their accuracies; a sliver may be an error."),
        _("A change is told by comparing two snapshots of one register, record by record."),
        _("The same figures are given by the commands of Lindero, which is free software, from the same files."),
    ]


def _not_said() -> list[str]:
    return [
        _("It does not say whether a concession is lawful, nor what somebody intends."),
        _("A consultation that is not on record may have been held; nor does it follow that one was owed."),
        _("No data is not none: where no source covers, the map cannot know."),
    ]


def _attack(row: Mapping[str, Any]) -> str:
    area = _("an area of some {side} km").format(side=number(row["side_km"]))
    values = {
        "title": _known(title_text(row["title"]), word("incidents")),
        "date": when(row["occurred_on"], row["date_precision"]),
        "area": area,
        "km": number(row["area_m"] / M_PER_KM, decimals=0),
    }
    if row["area_m"] == 0:
        return _("{title}, {date}: in {area} that meets its land").format(**values)
    return _("{title}, {date}: in {area} that begins {km} km away").format(**values)


def _called(name: Any, code: Any, id_: str) -> str:
    named = _known(name, id_)
    return f"{named} ({code})" if pd.notna(code) and str(code) not in {named, ""} else named


def _known(value: Any, else_: str) -> str:
    return str(value) if value is not None and pd.notna(value) and value != "" else else_


def _day(value: Any) -> str:
    return i18n.date(pd.Timestamp(value).date())
