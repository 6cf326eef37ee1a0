"""What a map says where it shows nothing of a layer: none on record here, no data of this here, or not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lindero.app.answers.coverage.coverage import Coverage, LayerCoverage, Verdict
from lindero.app.answers.coverage.reach import Reach, coverage_of_side
from lindero.app.answers.overlap.row_selection import Side
from lindero.app.record.unplaced import ATTACKS, CONFLICTS, unplaced_text
from lindero.app.text import i18n
from lindero.app.text.codes import word
from lindero.app.text.dates import as_of
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, ngettext, number, percent
from lindero.layers.database.coverage import Basis, Extent, Row
from lindero.layers.database.definitions import OF_PERSONS
from lindero.layers.database.map_database import Connection, Source
from lindero.layers.errors import N_
from lindero.layers.model.schema import CRS

if TYPE_CHECKING:
    import geopandas as gpd

NAMED = 4  # publishers in a sentence
WATCHED, COMPARED = "watched", "compared"
KINDS = {
    "concessions": N_("concessions"),
    "communities": N_("lands of communities"),
    "protected_areas": N_("protected areas"),
    "incidents": N_("attacks or conflicts"),
    ATTACKS: N_("attacks"),
    CONFLICTS: N_("conflicts"),
    "protection_measures": N_("protection measures"),
    "consultations": N_("consultations"),
    "mining_scars": N_("mining scars"),
    "regions": N_("regions"),
    WATCHED: N_("places watched"),
    COMPARED: N_("places compared"),
    "case_steps": N_("steps in court"),
    "victims": N_("people attacked"),
    "acts": N_("acts of violence"),
}
COLUMNS = ["layer", "source_id", "publisher", "as_of", "basis", "extent", "name", "geometry"]


def kinds(layer: str) -> str:
    """Name what a layer holds, many of them, in the middle of a sentence."""
    return _(KINDS[layer]) if layer in KINDS else layer


def by(*answers: LayerCoverage) -> str:
    """Name the sources of some answers, each with the day that it stands for."""
    return publishers_text([source for answer in answers for source in answer.sources])


def according_to(answer: LayerCoverage) -> str:
    """Say by which sources, and of what day, an answer is; nothing if none covers."""
    return according_to_sources(answer.sources) if answer.is_covered else ""


def according_to_sources(sources: Iterable[Source]) -> str:
    """Say by which sources something is told, each with the day that it stands for; nothing if by none."""
    cited = list(sources)
    return _("According to: {sources}.").format(sources=publishers_text(cited)) if cited else ""


def publishers_text(sources: Sequence[Source]) -> str:
    """Name publishers, each with the latest day that they stand for, and how many more there are."""
    latest: dict[str, Source] = {}
    for source in sorted(sources, key=lambda one: one.snapshot_on):
        latest[source.publisher or source.title or source.source_id] = source
    names = [f"{plain(name)}, {as_of(source.as_of)}" for name, source in latest.items()]
    more = len(names) - NAMED
    rest = [ngettext("{n} more", "{n} more", more).format(n=number(more))] if more > 0 else []
    return "; ".join([*names[:NAMED], *rest])


def no_data_text(answers: Iterable[LayerCoverage]) -> str:
    """Say of which layers a place has no data, and of which it is not known; nothing if all are covered."""
    every = [part for answer in answers for part in answer.parts or (answer,)]
    sentences = []
    for verdict, text in (
        (Verdict.NO_DATA, N_("This map has no data of {kinds} here.")),
        (
            Verdict.NOT_KNOWN,
            N_("Whether there are {kinds} here is not known: no source says that it covers this."),
        ),
        (
            Verdict.NO_PLACE,
            N_("No place is on record of it: whether there are {kinds} on its land, or near it, cannot be told."),
        ),
    ):
        layers = [kinds(answer.layer) for answer in every if answer.verdict is verdict]
        if layers:
            sentences.append(_(text).format(kinds=_either(layers)))
    return " ".join(sentences)


def none(answer: LayerCoverage) -> str:
    """
    Say that nothing of a layer was found at a place or over an area, as far as that can be said.

    Of incidents this is said kind by kind, and never of a kind of which records without an exact place may lie there:
    how many these are is said after it.
    """
    if answer.parts:
        open_parts = [part for part in answer.parts if not part.is_covered]
        said = [partly(part) if _may_lie_here(answer, part) else none(part) for part in answer.parts if part.is_covered]
        return " ".join(filter(None, (no_data_text(open_parts), *said, unplaced_text(answer.unplaced))))
    if not answer.is_covered:
        return no_data_text([answer])
    values = {"kinds": kinds(answer.layer), "source": by(answer), "share": percent(answer.share, decimals=0)}
    if answer.is_whole:
        return _("No {kinds} on record here ({source}).").format(**values)
    text = _("No {kinds} on record in the {share} of it that this map has data of ({source}), and no data of the rest.")
    return text.format(**values)


def _may_lie_here(answer: LayerCoverage, part: LayerCoverage) -> bool:
    """Return whether records of a kind without an exact place may lie where an answer is for."""
    return bool(answer.unplaced.only(part.layer))


def unchanged(answer: LayerCoverage, values: Mapping[str, object]) -> str:
    """Say that of a register nothing changed round a place between two days, as far as both snapshots can say so."""
    if not answer.is_covered:
        return f"{values['title']}: {no_data_text([answer])}"
    text = _("{title}: nothing within {km} km between {since} and {until}.").format(**values)
    return " ".join(filter(None, (text, partly(answer))))


def partly(answer: LayerCoverage) -> str:
    """
    Say beside what was found that only a part of an area is covered, or none; nothing if it is whole.

    Of incidents it also says how many without an exact place may lie there.
    """
    if answer.parts:
        return " ".join(filter(None, (*map(partly, answer.parts), unplaced_text(answer.unplaced))))
    if answer.is_whole:
        return ""
    if answer.verdict is Verdict.NO_PLACE:
        return no_data_text([answer])
    if not answer.is_covered:
        text = _("Whether there are more {kinds} here is not known: no source says that it covers this.")
        return text.format(kinds=kinds(answer.layer))
    text = _("This map has data of {kinds} for {share} of it only.")
    return text.format(kinds=kinds(answer.layer), share=percent(answer.share, decimals=0))


def reach(one: Reach) -> str:
    """Say how far the map has data of a layer on the ground of other features; nothing if on all of it."""
    return " ".join(filter(None, (_reach(one), without_place(one.of, one.no_place))))


def without_place(layer: str, count: int) -> str:
    """Say how many of a layer have no place on record; nothing if all have one."""
    if not count:
        return ""
    text = ngettext(
        "{layer}: {n} has no place on record; it is listed, and nothing is measured of it.",
        "{layer}: {n} have no place on record; they are listed, and nothing is measured of them.",
        count,
    )
    return text.format(n=number(count), layer=word(layer))


def _reach(one: Reach) -> str:
    if one.whole == one.features or one.layer == one.of:
        return ""
    if one.features == 1:
        return _of_one(one)
    names = {"features": number(one.features), "of": kinds(one.of), "kinds": kinds(one.layer)}
    if one.no_data == one.features:
        return _("This map has no data of {kinds} on the ground of these {features} {of}.").format(**names)
    if one.not_known == one.features:
        text = _("Whether there are {kinds} on the ground of these {features} {of} is not known: no source covers it.")
        return text.format(**names)
    parts = (
        (one.whole, N_("on all of the ground of {n}")),
        (one.part, N_("on a part of the ground of {n}")),
        (one.no_data, N_("on none of the ground of {n}")),
        (one.not_known, N_("of {n} it is not known")),
    )
    sentence = "; ".join(_(text).format(n=number(count)) for count, text in parts if count)
    text = _("Of {features} {of}, this map has data of {kinds}: {told}. Where it has none, some may be there unseen.")
    return text.format(**names, told=sentence)


def _of_one(one: Reach) -> str:
    if one.is_covered:
        return _("This map has data of {kinds} for a part of it only.").format(kinds=kinds(one.layer))
    return no_data_text([LayerCoverage(one.layer, Verdict.NO_DATA if one.no_data else Verdict.NOT_KNOWN)])


def none_of(every: Sequence[Reach]) -> str:
    """Say that nothing of some layers lies on the ground of other features, as far as the map has data there."""
    seen = [_("no {kinds} on record").format(kinds=kinds(one.layer)) for one in every if one.is_covered]
    found = _("On their ground: {none}.").format(none=", ".join(seen)) if seen else ""
    return " ".join(filter(None, (found, *map(reach, every))))


def no_overlap(both: Sequence[Reach]) -> str:
    """Say that two layers share no ground on record, as far as the map has data of both and their places."""
    if any(one.no_place and not one.features for one in both):
        return ""
    if all(one.is_whole for one in both):
        return _("No overlap: the two layers share no ground.")
    if any(one.is_covered for one in both):
        return _("No overlap is on record where this map has data of both.")
    return _("Whether they overlap is not known: nowhere does this map have data of both.")


def figure(count: float, one: Reach) -> str:
    """Give a count of what was found of a layer on the ground of other features; no 0 that the map cannot know."""
    if count or one.is_whole:
        return number(count)
    if one.is_covered:
        return _("none where there is data")
    return _("no data here") if one.no_data == one.features else _("not known")


def lacking(found: Coverage, layers: Iterable[str]) -> str:
    """Say of which layers the map has no data at all; nothing if it has some of each."""
    return lacks([layer for layer in layers if found.lacks(layer)])


def lacks(layers: Sequence[str]) -> str:
    """Say that the map has no data at all of some layers; nothing if they are none."""
    if not layers:
        return ""
    missing = _either([kinds(layer) for layer in layers])
    return _("This map has no data of {kinds} at all: it says nothing of them.").format(kinds=missing)


def of_source(found: Coverage, source: Source) -> str:
    """Say where a source has data, and how that is known."""
    rows = [row for row in found.of(source.layer) if row.source_id == source.source_id]
    if all(row.geometry is None for row in rows):
        return _("not known")
    if declared := [row for row in rows if row.basis == Basis.DECLARED]:
        return _("{places} (declared)").format(places=", ".join(dict.fromkeys(str(row.name) for row in declared)))
    if source.layer in OF_PERSONS:
        places = sorted({str(row.name) for row in rows})
        more = [ngettext("{n} more", "{n} more", len(places) - NAMED).format(n=number(len(places) - NAMED))]
        listed = places[:NAMED] + (more if len(places) > NAMED else [])
        return _("not stated; its rows are in {places}").format(places=", ".join(listed))
    partial = {row.place for row in rows if row.extent == Extent.POSSIBLE}
    names_by_place = {row.place: str(row.name) for row in rows}
    whole = sorted(name for code, name in names_by_place.items() if code not in partial)
    parts = sorted(name for code, name in names_by_place.items() if code in partial)
    names = [*whole, _("part of {name}").format(name=", ".join(parts))] if parts else whole
    return _("{places} (by its rows)").format(places=", ".join(names))


def days_of_source(found: Coverage, source: Source) -> str:
    """Return of which days a source tells, as declared or by the dates of its rows; nothing where no date is known."""
    span = next((one for one in found.spans if one.source_id == source.source_id), None)
    first = source.covers_from or (span.first if span else None)
    last = source.covers_to or (span.last if span else None)
    if first is None or last is None:
        return ""
    is_declared = source.covers_from or source.covers_to
    text = _("{first} to {last} (declared)") if is_declared else _("{first} to {last} (by its rows)")
    return text.format(first=i18n.date(first), last=i18n.date(last))


def _either(texts: Sequence[str]) -> str:
    return i18n.listed(list(texts), style="or")


# Where the sources of an exported layer have data, and as of when: a table that goes with the file.


def coverage_table(con: Connection, side: Side) -> gpd.GeoDataFrame:
    """
    Give where the sources of a layer have data: a row for each area, and one for a source that says nothing of it.

    Columns: `layer`, `source_id`, `publisher`, `as_of` (missing where nobody stated it), `basis` (declared, proposed),
    `extent` (covered, possible), `name` of the area, polygons in OGC:CRS84.
    """
    import geopandas as gpd
    import pandas as pd

    found = coverage_of_side(con, side)
    own = pd.DataFrame(found.of(side.layer.name), columns=Row._fields)
    records = [
        {"layer": side.layer.name, "source_id": one.source_id, "publisher": one.publisher, "as_of": one.as_of}
        for one in found.sources
        if one.layer == side.layer.name or one.source_id in set(own["source_id"])
    ]
    sources = pd.DataFrame(records, columns=COLUMNS[:4])
    rows = sources.merge(own[["source_id", *COLUMNS[4:]]], on="source_id", how="left")
    return gpd.GeoDataFrame(rows[COLUMNS], geometry="geometry", crs=CRS)


def beside(output: Path) -> Path:
    """Name the file that goes with an exported one which can hold one table alone."""
    return output.with_name(f"{output.stem}.coverage.geojson")
