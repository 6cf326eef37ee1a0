"""Sentences about a named area: the number of concessions, the share that they cover, and the largest holders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from lindero.app.answers.claims import find_leading
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import LayerCoverage
from lindero.app.answers.place.place_report import (
    COUNT_ROOM,
    PHRASE_ROOM,
    GroundText,
    Row,
    SmsPart,
    count_part,
    incident_parts,
    join_sentences,
    join_sms_parts,
    name_part,
    source_part,
)
from lindero.app.answers.place.topic_search import HOLDER
from lindero.app.text import i18n
from lindero.app.text.escape import escape_markdown, format_link
from lindero.app.text.i18n import _, format_number, format_share, ngettext
from lindero.geo.geometry.units import M_PER_KM
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, INCIDENTS, PROTECTED_AREAS

if TYPE_CHECKING:
    from lindero.app.answers.overlap.named_area import AreaPart, AreaReport

MAX_NAMES = 3  # holders, or lands under a concession, named in a verdict
ALL = 0.9995  # share from which an area is fully covered: 99.95 % would be written as 100 %
APPROXIMATE_KM = 10  # around a place that is known to some kilometres
SMALL_HA = 10  # hectares below which a decimal is written


def summarize_area(report: AreaReport, answers: Mapping[str, LayerCoverage]) -> GroundText:
    """Return the finding about an area: concessions on it, their share of it, and their largest holders.

    `answers`: the coverage of each layer over the area, by layer (`Spot.coverage`).
    """
    concessions, protected = answers[CONCESSIONS.name], answers[PROTECTED_AREAS.name]
    is_concession = report.area.layer == CONCESSIONS.name
    main_coverage = answers[COMMUNITIES.name] if is_concession else concessions
    verdict = _concession_finding(report, main_coverage) if is_concession else _area_finding(report, main_coverage)
    holders = "" if is_concession else _holders_text(report.parts)
    has_statement = main_coverage.is_covered or report.parts
    sources = coverage_text.answer_sources_text(*(answer for answer in (main_coverage, protected) if answer.is_covered))
    return GroundText(
        verdict,
        join_sentences(
            holders,
            shared_land_text(report.shared),
            works_text(report.works),
            _protected_text(report, protected),
            coverage_text.partial_coverage_text(main_coverage) if has_statement and not main_coverage.is_whole else "",
            _("Sources: {sources}.").format(sources=sources) if sources else "",
        ),
    )


def format_sms(
    report: AreaReport,
    incidents: Sequence[Row],
    answers: Mapping[str, LayerCoverage],
    within_km: float,
    *,
    mark: str = "",
) -> str:
    """Write the finding about an area as one SMS: name, concessions, share, largest holders, attacks, register."""
    land, concessions = report.land, answers[CONCESSIONS.name]
    text = ngettext("{n} concession", "{n} concessions", land.titles)
    count = count_part(text, land.titles, concessions)
    if report.area.layer == CONCESSIONS.name:
        count = SmsPart(_("{ha} ha").format(ha=_format_ha(land.area_ha or 0.0)), COUNT_ROOM)
    elif land.titles and land.share is not None:
        covered = _("{concessions}, {share} covered").format(
            concessions=text.format(n=format_number(land.titles)), share=format_share(land.share, decimals=0)
        )
        count = SmsPart(covered, PHRASE_ROOM)
    return join_sms_parts(
        [
            SmsPart(mark, COUNT_ROOM),
            name_part(report.area.name),
            count,
            *(name_part(part.name) for part in report.parts[:MAX_NAMES] if part.name),
            *incident_parts(incidents, answers["incidents"], within_km),
            source_part(concessions),
        ]
    )


def summarize_surroundings(rows: Sequence[Row], within_km: float, answers: Mapping[str, LayerCoverage]) -> GroundText:
    """Return the concessions and communities around a place known to some kilometres, instead of those at a point.

    `rows` are those within `within_km`, and `answers` the coverage there.
    """
    km, near = _surroundings(rows, within_km)
    titles, lands = near[CONCESSIONS.name], near[COMMUNITIES.name]
    count = ngettext("{n} concession", "{n} concessions", len(titles)).format(n=format_number(len(titles)))
    names = [
        _("{name} (holder: {holder})").format(
            name=escape_markdown(str(row["name"] or row["id"])),
            holder=escape_markdown(str(row["holder"] or _("name not recorded"))),
        )
        for row in titles
    ]
    are_largest = _are_largest([row["area_ha"] for row in titles])
    names_text = _("The largest: {names}") if are_largest else _("Among them: {names}")
    communities = [escape_markdown(str(row["name"])) for row in lands if row["name"]]
    texts = (
        _("{count} within {km} km").format(count=count, km=km)
        if titles
        else coverage_text.none_found_text(answers[CONCESSIONS.name]),
        names_text.format(names=_join_first(names)) if names else "",
    )
    return GroundText(
        join_sentences(_("Only the approximate location of this place is known"), *texts),
        join_sentences(
            _("Communities within {km} km: {names}").format(km=km, names=_join_first(communities))
            if communities
            else coverage_text.none_found_text(answers[COMMUNITIES.name]),
            coverage_text.attribution_text(answers[CONCESSIONS.name]),
        ),
    )


def format_surroundings_sms(
    rows: Sequence[Row], name: str, answers: Mapping[str, LayerCoverage], within_km: float, *, mark: str = ""
) -> str:
    """Write the surroundings of a place that is known to some kilometres for one SMS."""
    km, near = _surroundings(rows, within_km)
    titles = near[CONCESSIONS.name]
    count = ngettext("{n} concession", "{n} concessions", len(titles)).format(n=format_number(len(titles)))
    holders = dict.fromkeys(str(row["holder"]) for row in titles if row["holder"])
    counted = SmsPart(_("{count} within {km} km").format(count=count, km=km), PHRASE_ROOM)
    return join_sms_parts(
        [
            SmsPart(mark, COUNT_ROOM),
            name_part(name),
            counted if titles else count_part("{n}", 0, answers[CONCESSIONS.name]),
            *map(name_part, list(holders)[:MAX_NAMES]),
            *incident_parts([row for row in rows if row["layer"] == INCIDENTS.name], answers["incidents"], within_km),
            source_part(answers[CONCESSIONS.name]),
        ]
    )


def _surroundings(rows: Sequence[Row], within_km: float) -> tuple[str, dict[str, list[Row]]]:
    """Return the distance around an approximate place as text, and the rows within it by layer, the largest first."""
    km = min(within_km, APPROXIMATE_KM)
    layers: dict[str, list[Row]] = {CONCESSIONS.name: [], COMMUNITIES.name: []}
    for row in rows:
        if row["layer"] in layers and row["distance_m"] <= km * M_PER_KM:
            layers[row["layer"]].append(row)
    layers[CONCESSIONS.name].sort(key=lambda row: -(row["area_ha"] or 0.0))
    return format_number(km), layers


def works_text(works: Mapping[str, tuple[str, ...]]) -> str:
    """Return how many tailings deposits and plants are among some concessions, with up to three names of each."""
    counted = {
        "tailings": lambda n: ngettext("{n} tailings deposit", "{n} tailings deposits", n),
        "processing_plant": lambda n: ngettext("{n} processing plant", "{n} processing plants", n),
    }
    texts = []
    for kind, names in works.items():
        count = counted[kind](len(names)).format(n=format_number(len(names)))
        names_text = ", ".join(map(escape_markdown, names)) if len(names) <= MAX_NAMES else ""
        texts.append(f"{count} ({names_text})" if names_text else count)
    return _("Among them: {works}").format(works=i18n.join_texts(texts)) if texts else ""


def _area_finding(report: AreaReport, answer: LayerCoverage) -> str:
    land = report.land
    name = format_link(escape_markdown(report.area.name), report.area.layer, next(iter(report.area.ids), ""))
    is_land = report.area.layer == COMMUNITIES.name
    if not (land.titles or land.points):
        if not answer.is_whole:
            return f"{name}: {coverage_text.none_found_text(answer)}"
        none = (
            _("No concession is recorded on the land of {name}.")
            if is_land
            else _("No concession is recorded in {name}.")
        )
        return none.format(name=name)
    return join_sentences(
        _count_text(land.titles, name, is_land=is_land), _covered_share_text(report), _point_only_text(land.points)
    )


def _count_text(titles: int, name: str, *, is_land: bool) -> str:
    if not titles:
        return name
    text = (
        ngettext("{n} concession is on the land of {name}", "{n} concessions are on the land of {name}", titles)
        if is_land
        else ngettext("{n} concession is in {name}", "{n} concessions are in {name}", titles)
    )
    return text.format(n=format_number(titles), name=name)


def _covered_share_text(report: AreaReport) -> str:
    land = report.land
    if not land.titles:
        return ""
    if land.share is None or land.area_ha is None:
        return _("The area of its land is not recorded")
    values = {"share": format_share(land.share), "ha": _format_ha(land.footprint_ha), "whole": _format_ha(land.area_ha)}
    if land.share >= ALL:
        text = ngettext(
            "It covers all of it ({ha} of {whole} ha)", "They cover all of it ({ha} of {whole} ha)", land.titles
        )
    else:
        text = ngettext(
            "It covers {share} of it ({ha} of {whole} ha)", "They cover {share} of it ({ha} of {whole} ha)", land.titles
        )
    return text.format(**values)


def _point_only_text(count: int) -> str:
    """Return how many concessions are known only by a point, without hectares; empty if there are none."""
    text = ngettext(
        "{n} concession there is recorded only as a point; its hectares are not known",
        "{n} concessions there are recorded only as points; their hectares are not known",
        count,
    )
    return text.format(n=format_number(count)) if count else ""


def _concession_finding(report: AreaReport, answer: LayerCoverage) -> str:
    """Return the size of a concession, and the communities that own land within it."""
    name = escape_markdown(report.area.name)
    size = _("{name} is a concession of {ha} ha").format(name=name, ha=_format_ha(report.land.area_ha or 0.0))
    if not report.parts:
        none = (
            _("It is not on the land of a recorded community")
            if answer.is_whole
            else coverage_text.none_found_text(answer)
        )
        return join_sentences(size, none)
    lands = _join_first(
        [
            _("{name} ({ha} ha, {share} of its land)").format(
                name=_part_name(part, COMMUNITIES.name),
                ha=_format_ha(part.footprint_ha),
                share=format_share(part.share),
            )
            if part.share is not None
            else _("{name} ({ha} ha)").format(name=_part_name(part, COMMUNITIES.name), ha=_format_ha(part.footprint_ha))
            for part in report.parts
        ]
    )
    return join_sentences(size, _("It is on the land of {lands}").format(lands=lands))


def _holders_text(parts: Sequence[AreaPart]) -> str:
    if not parts:
        return ""
    text = _("{name} ({ha} ha)")
    if len(parts) == 1 and not parts[0].name:
        return _("Holder: not recorded")
    names = [text.format(name=_part_name(part, HOLDER), ha=_format_ha(part.footprint_ha)) for part in parts]
    heading = ngettext("Only holder: {names}", "Largest holders: {names}", len(parts))
    if not _are_largest([part.footprint_ha for part in parts]):
        heading = _("Holders: {names}")
    return heading.format(names=_join_first(names))


def _are_largest(values: Sequence[float | None]) -> bool:
    """Return whether the values that a sentence names, the first `MAX_NAMES`, are surely the largest of all."""
    sizes = pd.Series([float("nan") if value is None else value for value in values], dtype=float)
    leading = find_leading(sizes, sizes, MAX_NAMES)
    return set(leading) >= set(range(min(len(sizes), MAX_NAMES)))


def _part_name(part: AreaPart, kind: str) -> str:
    if part.name:
        return format_link(escape_markdown(part.name), kind, part.id or part.name)
    return _("a community without a name") if kind == COMMUNITIES.name else _("name not recorded")


def _join_first(texts: list[str]) -> str:
    """Join at most `MAX_NAMES` texts, followed by the number of the others."""
    more = len(texts) - MAX_NAMES
    rest = [ngettext("{n} more", "{n} more", more).format(n=format_number(more))] if more > 0 else []
    return i18n.join_texts([*texts[:MAX_NAMES], *rest])


def shared_land_text(shared: Sequence[AreaPart]) -> str:
    """Return how many hectares of a land are also recorded as the land of other communities; empty if none are."""
    if not shared:
        return ""
    text = _("{name} ({ha} ha)")
    names = [text.format(name=_part_name(part, COMMUNITIES.name), ha=_format_ha(part.footprint_ha)) for part in shared]
    return _("Part of it is also on record as land of {names}").format(names=_join_first(names))


def _protected_text(report: AreaReport, answer: LayerCoverage) -> str:
    if PROTECTED_AREAS.name not in report.ids or report.area.layer == PROTECTED_AREAS.name:  # not measured for a region
        return ""
    if report.protected:
        names = _join_first([escape_markdown(name) for name in report.protected])
        return _("It overlaps protected areas: {names}").format(names=names)
    return _("It does not overlap a recorded protected area") if answer.is_whole else ""


def _format_ha(value: float) -> str:
    return format_number(value, decimals=0 if not 0 < value < SMALL_HA else 1 if value >= SMALL_HA / 100 else 2)
