"""Sections that the answers about communities, holders and regions share."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from lindero.app.answers.answer import Column, Section, Table, not_listed
from lindero.app.answers.changes.changes_answer import changes_answer
from lindero.app.answers.changes.near_place import latest
from lindero.app.answers.changes.register_changes import change_reports, registers
from lindero.app.answers.changes.watchlist import Watched
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import LayerCoverage
from lindero.app.answers.place import near_incidents
from lindero.app.output.provenance import sources_of
from lindero.app.text import i18n
from lindero.app.text.codes import title_text, word
from lindero.app.text.dates import as_of, when
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, number
from lindero.geo.geometry.units import M_PER_KM
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.model.schema import CONCESSIONS

MOST_LISTED = 24  # attacks, and changes of a register
Row = Mapping[Hashable, Any]


def titles_table(con: Connection, pairs: pd.DataFrame, *, lands: bool = False) -> Table:
    """
    List concessions with the land that they share: holder, state, dates, hectares, share, certainty, consultations.

    Parameters
    ----------
    pairs
        As `layers.database.queries.map_queries.pairs` gives them, with `consultations` where these are of communities.
    lands
        Whether the name of the land stands in each row, instead of the holder of the title.
    """
    about = map_database.read_layer(con, CONCESSIONS, where={"id": list(pairs["left_id"])}).set_index("id")
    titles = about.loc[pairs["left_id"]].to_dict("records")
    every = list(zip(pairs.to_dict("records"), titles, strict=True))
    rows = pairs.assign(
        at=[str(at) for at in range(1, len(pairs) + 1)],
        title=[_called(row["left_name"], title["code"], row["left_id"]) for row, title in every],
        whose=[
            _known(row["right_name"], row["right_id"]) if lands else _known(row["left_holder"], _("nobody named"))
            for row, _title in every
        ],
        state=[state(title) for _row, title in every],
        certainty=pairs["certainty"].map(word),
    )
    columns = {
        "at": Column("#", width=0.5),
        "title": Column(_("Concession"), width=2.6),
        "whose": Column(_("Land") if lands else _("Holder"), width=2.4),
        "state": Column(_("State"), width=2.0),
        "area_ha": Column(_("Shared hectares"), "number", width=1.2),
        "share_of_right": Column(_("Share of the land"), "share", width=1.1),
        "certainty": Column(_("Certainty"), width=1.1),
    }
    if "consultations" in pairs:
        columns["consultations"] = Column(_("Consultations on record"), width=1.7)
    return Table(_("Overlapping pairs, largest first"), columns, rows)


def state(title: Row) -> str:
    """Say in what state a concession is, and since when."""
    status = word(title["status"])
    if pd.notna(title["granted_on"]):
        return _("{state}; granted on {date}").format(state=status, date=_day(title["granted_on"]))
    if pd.notna(title["applied_on"]):
        return _("{state}; applied for on {date}").format(state=status, date=_day(title["applied_on"]))
    return _("{state}; date not known").format(state=status)


def protected_areas(pairs: pd.DataFrame, answer: LayerCoverage) -> Section:
    """List the protected areas that share ground with a land, or say what can be said where none does."""
    title = word("protected_areas")
    if pairs.empty:
        return Section("protected_areas", title, note=coverage_text.none(answer))
    columns = {
        "right_name": Column(_("Name"), width=3),
        "area_ha": Column(_("Shared hectares"), "number"),
        "share_of_left": Column(_("Share of the land"), "share"),
        "certainty": Column(_("Certainty")),
    }
    rows = pairs.assign(
        right_name=pairs["right_name"].fillna(pairs["right_id"]), certainty=pairs["certainty"].map(word)
    )
    table = Table(_("Overlapping pairs, largest first"), columns, rows)
    return Section("protected_areas", title, table=table, note=coverage_text.partly(answer))


def news(con: Connection, watched: Watched) -> list[Section]:
    """Return what changed on a land since the snapshot before the current one, register by register, in lines."""
    reports = latest(registers(con), lambda since, until: change_reports(con, since=since, until=until)[0])
    sections = changes_answer(con, reports, [watched]).sections
    titles = [_("What is new"), *[""] * (len(sections) - 1)]
    return [section.in_lines(title, MOST_LISTED) for title, section in zip(titles, sections, strict=True)]


def attacks(rows: Sequence[Mapping[str, Any]], answer: LayerCoverage, km: int) -> Section:
    """List attacks and conflicts no finer than a publication shows them, or say what can be said where none is."""
    title = _("Attacks and conflicts on record within {km} km of its land").format(km=km)
    if not rows:
        absent = _("That none is on record does not mean that there was none.")
        return Section("incidents", title, note=f"{coverage_text.none(answer)} {absent}")
    lines = (*(plain(_attack(row)) for row in rows[:MOST_LISTED]), *not_listed(len(rows) - MOST_LISTED))
    coarse = _("Places are told no finer than in a published map: by areas of some 11 km or larger.")
    note = " ".join(filter(None, (coarse, coverage_text.partly(answer))))
    return Section("incidents", title, near_incidents.summary(rows, km), lines=lines, note=note)


def closing(con: Connection, layers: Sequence[str], limits: Sequence[str]) -> list[Section]:
    """Return the sources with their days, the method in five lines, and what the answer does not say."""
    return [
        Section("sources", _("Sources"), table=_sources(con, layers)),
        Section("method", _("Method"), lines=_method()),
        Section("limits", _("What this does not say"), lines=(*limits, *_not_said())),
    ]


def day_of_map(con: Connection, layers: Sequence[str]) -> str:
    """Say of what day the newest register of some layers is."""
    days = [one.as_of for one in sources_of(map_database.read_sources(con), layers) if one.as_of]
    return as_of(max(days)) if days else _("date not stated")


def footer(con: Connection, name: str, layers: Sequence[str]) -> str:
    """Return what stands at the foot of each page: of whom, and of what day the data are."""
    return _("Lindero · {name} · data {date}").format(name=name, date=day_of_map(con, layers))


def is_invented(con: Connection) -> str:
    """Say so if anything on the map is invented."""
    if not any(one.invented and one.is_current for one in map_database.read_sources(con)):
        return ""
    return _("Invented data: this map is a demonstration. What is marked as invented is no claim about the world.")


def _sources(con: Connection, layers: Sequence[str]) -> Table:
    columns = {
        "title": Column(_("Source"), width=3),
        "layer": Column(_("Layer"), width=1.6),
        "publisher": Column(_("Publisher"), width=2.2),
        "as_of": Column(_("As of"), width=1.8),
        "retrieved_on": Column(_("Received on"), "date", width=1.6),
    }
    rows = [
        {
            "title": one.title or one.source_id,
            "layer": word(one.layer),
            "publisher": one.publisher,
            "as_of": as_of(one.as_of),
            "retrieved_on": one.retrieved_on,
        }
        for one in sources_of(map_database.read_sources(con), layers)
    ]
    return Table(_("Sources"), columns, pd.DataFrame(rows, columns=list(columns)))


def _method() -> tuple[str, ...]:
    return (
        _("Boundaries are those that the sources gave; hectares are true areas on the ellipsoid."),
        _("Gross adds the overlaps up, title by title; the footprint counts each piece of ground once."),
        _("Certain is what remains where both boundaries are drawn in by their accuracies; a sliver may be an error."),
        _("A change is told by comparing two snapshots of one register, record by record."),
        _("The same figures are given by the commands of Lindero, which is free software, from the same files."),
    )


def _not_said() -> tuple[str, ...]:
    return (
        _("It does not say whether a concession is lawful, nor what somebody intends."),
        _("A consultation that is not on record may have been held; nor does it follow that one was owed."),
        _("No data is not none: where no source covers, the map cannot know."),
    )


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
