"""Texts for a place where the map shows nothing of a layer: none on record here, no data here, or not known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lindero.app.answers.coverage.coverage import Coverage, LayerCoverage, Verdict
from lindero.app.answers.coverage.reach import Reach, read_side_coverage
from lindero.app.answers.overlap.row_selection import Side
from lindero.app.answers.record.unplaced import ATTACKS, CONFLICTS, unplaced_text
from lindero.app.text import i18n
from lindero.app.text.codes import translate_code
from lindero.app.text.dates import reference_date_text
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _, format_number, format_share, ngettext
from lindero.layers.database.coverage import Basis, CoverageRow, Extent
from lindero.layers.database.definitions import PERSON_LAYERS
from lindero.layers.database.map_database import Connection, Source
from lindero.layers.database.queries.record_queries import SourceSpan
from lindero.layers.errors import N_
from lindero.layers.model.schema import CRS

if TYPE_CHECKING:
    import geopandas as gpd

MAX_PUBLISHERS = 4  # publishers named in a sentence
WATCHED, COMPARED = "watched", "compared"
KINDS = {
    "concessions": N_("concessions"),
    "communities": N_("community lands"),
    "protected_areas": N_("protected areas"),
    "incidents": N_("attacks or conflicts"),
    ATTACKS: N_("attacks"),
    CONFLICTS: N_("conflicts"),
    "protection_measures": N_("protection measures"),
    "consultations": N_("consultations"),
    "mining_scars": N_("mining scars"),
    "regions": N_("regions"),
    WATCHED: N_("watched places"),
    COMPARED: N_("compared places"),
    "case_steps": N_("steps in court"),
    "victims": N_("people attacked"),
    "acts": N_("acts of violence"),
}
COLUMNS = ["layer", "source_id", "publisher", "as_of", "basis", "extent", "name", "geometry"]


def layer_noun(layer: str) -> str:
    """Return the plural noun for the features of a layer, for use within a sentence."""
    return _(KINDS[layer]) if layer in KINDS else layer


def answer_sources_text(*answers: LayerCoverage) -> str:
    """Return the sources of some answers as text, each with its reference date."""
    return publishers_text([source for answer in answers for source in answer.sources])


def attribution_text(answer: LayerCoverage) -> str:
    """Return a sentence citing the sources of an answer, with their dates; empty if none covers."""
    return source_attribution_text(answer.sources) if answer.is_covered else ""


def source_attribution_text(sources: Iterable[Source]) -> str:
    """Return a sentence citing sources, each with its reference date; empty if there are none."""
    cited = list(sources)
    return _("Sources: {sources}.").format(sources=publishers_text(cited)) if cited else ""


def publishers_text(sources: Sequence[Source]) -> str:
    """Return publishers as text, each with the dates of its data, and the number of those not listed."""
    names = [f"{escape_markdown(name)}, {dates}" for name, dates in date_publishers(sources).items()]
    rest_count = len(names) - MAX_PUBLISHERS
    rest = [ngettext("{n} more", "{n} more", rest_count).format(n=format_number(rest_count))] if rest_count > 0 else []
    return "; ".join([*names[:MAX_PUBLISHERS], *rest])


def date_publishers(sources: Sequence[Source], spans: Iterable[SourceSpan] = ()) -> dict[str, str]:
    """Return the dates of each publisher's data as text, with the years of its events where `spans` has them."""
    dates_by_publisher: dict[str, dict[str, dt.date | None]] = {}
    for source in sources:
        dates_by_publisher.setdefault(source.publisher or source.title or source.source_id, {})
    for source in sorted(sources, key=lambda snapshot: snapshot.snapshot_on):  # the latest snapshot of a source counts
        name = source.publisher or source.title or source.source_id
        dates_by_publisher[name][source.source_id] = source.as_of
    ends_by_id = {span.source_id: (span.first, span.last) for span in spans}
    texts = {}
    for name, dates in dates_by_publisher.items():
        parts = [_reference_dates_text(list(dates.values()))]
        if years := [date.year for source_id in dates for date in ends_by_id.get(source_id, ()) if date]:
            text = _("events from {first} to {last}") if min(years) < max(years) else _("events of {first}")
            parts.append(text.format(first=min(years), last=max(years)))
        texts[name] = ", ".join(parts)
    return texts


def _reference_dates_text(dates: Sequence[dt.date | None]) -> str:
    known = sorted({date for date in dates if date is not None})
    if len(known) < 2:  # noqa: PLR2004
        return reference_date_text(known[0] if known else None)
    text = _("as of {first} to {last}")
    return text.format(first=i18n.format_long_date(known[0]), last=i18n.format_long_date(known[-1]))


def no_data_text(answers: Iterable[LayerCoverage]) -> str:
    """Return sentences on the layers without data at a place, or with unknown coverage; empty if all are covered."""
    parts = [part for answer in answers for part in answer.parts or (answer,)]
    sentences = []
    for verdict, text in (
        (Verdict.NO_DATA, N_("This map has no data on {kinds} here.")),
        (
            Verdict.NOT_KNOWN,
            N_("It is not known whether there are {kinds} here: no source states that it covers this place."),
        ),
        (
            Verdict.NO_PLACE,
            N_("Its location is not recorded, so it is not known whether there are {kinds} on or near its land."),
        ),
    ):
        layers = [layer_noun(answer.layer) for answer in parts if answer.verdict is verdict]
        if layers:
            sentences.append(_(text).format(kinds=_join_with_or(layers)))
    return " ".join(sentences)


def none_found_text(answer: LayerCoverage) -> str:
    """Return a sentence saying that nothing of a layer was found, as far as the coverage allows.

    For incidents there is one sentence per kind. A kind is left out if records of it without an exact place may be
    there. The number of such records follows.
    """
    if answer.parts:
        open_parts = [part for part in answer.parts if not part.is_covered]
        kind_texts = [
            partial_coverage_text(part) if _may_have_unplaced(answer, part) else none_found_text(part)
            for part in answer.parts
            if part.is_covered
        ]
        return " ".join(filter(None, (no_data_text(open_parts), *kind_texts, unplaced_text(answer.unplaced))))
    if not answer.is_covered:
        return no_data_text([answer])
    values = {
        "kinds": layer_noun(answer.layer),
        "source": answer_sources_text(answer),
        "share": format_share(answer.share, decimals=0),
    }
    if answer.is_whole:
        return _("No {kinds} on record here ({source}).").format(**values)
    text = _(
        "This map has data on {share} of this area ({source}), with no {kinds} on record there. It has no "
        "data on the rest."
    )
    return text.format(**values)


def _may_have_unplaced(answer: LayerCoverage, part: LayerCoverage) -> bool:
    """Return whether records of a kind without an exact place may be where an answer is for."""
    return bool(answer.unplaced.filter_kind(part.layer))


def no_change_text(answer: LayerCoverage, values: Mapping[str, object]) -> str:
    """Return a sentence saying that nothing in a register changed near a place, as far as both snapshots cover it."""
    if not answer.is_covered:
        return f"{values['title']}: {no_data_text([answer])}"
    text = _("{title}: no changes within {km} km between {since} and {until}.").format(**values)
    return " ".join(filter(None, (text, partial_coverage_text(answer))))


def partial_coverage_text(answer: LayerCoverage, found: float = 0.0) -> str:
    """Return a sentence saying that only part of an area is covered, or none of it; empty if it is covered completely.

    `found` is the share of the area that features of the layer take. For incidents, the text includes the number of
    records without an exact place that may be there.
    """
    if answer.parts:
        return " ".join(filter(None, (*map(partial_coverage_text, answer.parts), unplaced_text(answer.unplaced))))
    if answer.is_whole:
        return ""
    if answer.verdict is Verdict.NO_PLACE:
        return no_data_text([answer])
    if not answer.is_covered:
        text = _("It is not known whether there are more {kinds} here: no source states that it covers this place.")
        return text.format(kinds=layer_noun(answer.layer))
    text = _("This map has data on {kinds} for only {share} of this area.")
    return text.format(kinds=layer_noun(answer.layer), share=covered_part_text(answer.share, found))


def covered_part_text(covered: float, found: float = 0.0, *, decimals: int = 0) -> str:
    """Return the share of an area with data, never below the share that was found there."""
    if not (covered > found or covered == found == 0.0):  # found outside the stated coverage, or none is stated
        return _("an unknown part")
    return format_share(covered, decimals=decimals if round(covered, decimals + 2) >= found else 1)


def reach_text(covered: Reach) -> str:
    """Return a sentence on the data of a layer on the land of other features; empty if it covers all."""
    return " ".join(
        filter(None, (_feature_coverage_text(covered), missing_places_text(covered.feature_layer, covered.no_place)))
    )


def compared_reach_text(both: Reach) -> str:
    """Return a sentence on the data that two snapshots have on the land of features; empty if both cover all."""
    if both.is_whole or not both.features:
        return missing_places_text(both.feature_layer, both.no_place)
    names = {
        "kinds": layer_noun(both.layer),
        "features": format_number(both.features),
        "of": layer_noun(both.feature_layer),
    }
    if both.features > 1:
        text = _("Data on {kinds} in both files compared, for {features} {of}: {told}.")
        return text.format(**names, told=_join_counts(both))
    if both.is_covered:
        return _("Only for part of this area do both files compared have data on {kinds}.").format(**names)
    if both.no_data:
        return _("At least one of the files compared has no data on {kinds} here.").format(**names)
    return _("It is not known whether both files compared cover this area.")


def missing_places_text(layer: str, count: int) -> str:
    """Return a sentence on the number of features without a place; empty if all have one."""
    if not count:
        return ""
    text = ngettext(
        "{layer}: {n} has no recorded location. It is listed, but nothing is measured for it.",
        "{layer}: {n} have no recorded location. They are listed, but nothing is measured for them.",
        count,
    )
    return text.format(n=format_number(count), layer=translate_code(layer))


def _feature_coverage_text(covered: Reach) -> str:
    if covered.whole == covered.features or covered.layer == covered.feature_layer:
        return ""
    if covered.features == 1:
        return _single_feature_text(covered)
    names = {
        "features": format_number(covered.features),
        "of": layer_noun(covered.feature_layer),
        "kinds": layer_noun(covered.layer),
    }
    if covered.no_data == covered.features:
        return _("This map has no data on {kinds} in the area of these {features} {of}.").format(**names)
    if covered.not_known == covered.features:
        text = _("It is not known whether there are {kinds} in the area of these {features} {of}: no source covers it.")
        return text.format(**names)
    text = _(
        "This map's data on {kinds} for {features} {of}: {told}. Where the data is not complete, there may "
        "be some that the map does not show."
    )
    return text.format(**names, told=_join_counts(covered))


def _join_counts(covered: Reach) -> str:
    """Return the numbers of features by how complete their data is."""
    parts = (
        (covered.whole, N_("complete for {n}")),
        (covered.part, N_("partial for {n}")),
        (covered.no_data, N_("missing for {n}")),
        (covered.not_known, N_("not known for {n}")),
    )
    return "; ".join(_(text).format(n=format_number(count)) for count, text in parts if count)


def _single_feature_text(covered: Reach) -> str:
    if covered.is_covered:
        return _("This map has data on {kinds} for only part of this area.").format(kinds=layer_noun(covered.layer))
    return no_data_text([LayerCoverage(covered.layer, Verdict.NO_DATA if covered.no_data else Verdict.NOT_KNOWN)])


def nothing_on_land_text(reaches: Sequence[Reach]) -> str:
    """Return a sentence saying that some layers have nothing on the land of other features, as far as data goes."""
    texts = [
        _("no {kinds} on record").format(kinds=layer_noun(covered.layer)) for covered in reaches if covered.is_covered
    ]
    finding = _("In these areas: {none}.").format(none=", ".join(texts)) if texts else ""
    return " ".join(filter(None, (finding, *map(reach_text, reaches))))


def no_overlap_text(both: Sequence[Reach]) -> str:
    """Return a sentence saying that two layers do not overlap, as far as the map has data of both."""
    if any(covered.no_place and not covered.features for covered in both):
        return ""
    if all(covered.is_whole for covered in both):
        return _("The two layers do not overlap.")
    if any(covered.is_covered for covered in both):
        return _("No overlap is on record where this map has data on both.")
    return _("It is not known whether they overlap: this map has no place with data on both.")


def count_text(count: float, covered: Reach) -> str:
    """Return a count of a layer's features on the land of other features, as text.

    A zero is replaced by words where the map cannot know it.
    """
    if count or covered.is_whole:
        return format_number(count)
    if covered.is_covered:
        return _("nothing where there is data")
    return _("no data here") if covered.no_data == covered.features else _("not known")


def missing_data_text(covered: Coverage, layers: Iterable[str]) -> str:
    """Return a sentence on the layers that the map has no data of at all; empty if it has some of each."""
    return missing_layers_text([layer for layer in layers if covered.has_no_data(layer)])


def missing_layers_text(layers: Sequence[str]) -> str:
    """Return a sentence saying that the map has no data at all of some layers; empty if there are none."""
    if not layers:
        return ""
    missing = _join_with_or([layer_noun(layer) for layer in layers])
    return _("This map has no data at all on {kinds}, so it says nothing about them.").format(kinds=missing)


def source_area_text(covered: Coverage, source: Source) -> str:
    """Return the area where a source has data, as text, and whether it is declared or derived from rows."""
    rows = [row for row in covered.select_rows(source.layer) if row.source_id == source.source_id]
    if all(row.geometry is None for row in rows):
        return _("not known")
    if declared := [row for row in rows if row.basis == Basis.DECLARED]:
        return _("{places} (declared)").format(places=", ".join(dict.fromkeys(str(row.name) for row in declared)))
    if source.layer in PERSON_LAYERS:
        places = sorted({str(row.name) for row in rows})
        rest = [
            ngettext("{n} more", "{n} more", len(places) - MAX_PUBLISHERS).format(
                n=format_number(len(places) - MAX_PUBLISHERS)
            )
        ]
        listed = places[:MAX_PUBLISHERS] + (rest if len(places) > MAX_PUBLISHERS else [])
        return _("not stated; its rows are in {places}").format(places=", ".join(listed))
    partial = {row.place for row in rows if row.extent == Extent.POSSIBLE}
    names_by_place = {row.place: str(row.name) for row in rows}
    whole = sorted(name for code, name in names_by_place.items() if code not in partial)
    parts = sorted(name for code, name in names_by_place.items() if code in partial)
    names = [*whole, _("part of {name}").format(name=", ".join(parts))] if parts else whole
    return _("{places} (from its rows)").format(places=", ".join(names))


def source_period_text(covered: Coverage, source: Source) -> str:
    """Return the period that a source covers, as declared or by the dates of its rows; empty if no date is known."""
    span = next((candidate for candidate in covered.spans if candidate.source_id == source.source_id), None)
    first = source.covers_from or (span.first if span else None)
    last = source.covers_to or (span.last if span else None)
    if first is None or last is None:
        return ""
    is_declared = source.covers_from or source.covers_to
    text = _("{first} to {last} (declared)") if is_declared else _("{first} to {last} (from its rows)")
    return text.format(first=i18n.format_long_date(first), last=i18n.format_long_date(last))


def _join_with_or(texts: Sequence[str]) -> str:
    return i18n.join_texts(list(texts), style="or")


# The table exported with a layer: where its sources have data, and as of which date.


def coverage_table(con: Connection, side: Side) -> gpd.GeoDataFrame:
    """Return the areas where the sources of a layer have data: one row per area, and one for a source that states none.

    Columns: `layer`, `source_id`, `publisher`, `as_of` (missing if not stated), `basis` (declared, proposed), `extent`
    (covered, possible), `name` of the area, polygons in OGC:CRS84.
    """
    import geopandas as gpd
    import pandas as pd

    side_coverage = read_side_coverage(con, side)
    coverage_rows = pd.DataFrame(side_coverage.select_rows(side.layer.name), columns=CoverageRow._fields)
    records = [
        {"layer": side.layer.name, "source_id": source.source_id, "publisher": source.publisher, "as_of": source.as_of}
        for source in side_coverage.sources
        if source.layer == side.layer.name or source.source_id in set(coverage_rows["source_id"])
    ]
    sources = pd.DataFrame(records, columns=COLUMNS[:4])
    rows = sources.merge(coverage_rows[["source_id", *COLUMNS[4:]]], on="source_id", how="left")
    return gpd.GeoDataFrame(rows[COLUMNS], geometry="geometry", crs=CRS)


def coverage_path(output: Path) -> Path:
    """Return the path of the coverage file for an export format with only one table."""
    return output.with_name(f"{output.stem}.coverage.geojson")
