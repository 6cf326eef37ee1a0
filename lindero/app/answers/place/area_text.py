"""What is on a named area, in sentences: how many concessions, how much of it they cover, and who holds most of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import LayerCoverage
from lindero.app.answers.place.place_report import Ground, count_or_gap, join_for_sms, join_sentences, near_parts
from lindero.app.answers.place.topic_search import HOLDER
from lindero.app.text import i18n
from lindero.app.text.escape import bare, link, plain
from lindero.app.text.i18n import _, ngettext, number, percent
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, PROTECTED_AREAS

if TYPE_CHECKING:
    from lindero.app.answers.overlap.named_area import AreaReport, Part

NAMED = 3  # holders, or lands under a concession, that a verdict names
ALL = 0.9995  # from which share an area is covered whole: 99.95 % would be written as 100 %
SMALL_HA = 10  # below which hectares are written with a decimal


def finding(report: AreaReport, answers: Mapping[str, LayerCoverage]) -> Ground:
    """
    Say in short sentences how many concessions are on an area and how much of it they cover; then who holds them.

    Parameters
    ----------
    answers
        What the map can say of each layer over the area (`Spot.coverage`).
    """
    concessions, protected = answers[CONCESSIONS.name], answers[PROTECTED_AREAS.name]
    is_concession = report.area.layer == CONCESSIONS.name
    own = answers[COMMUNITIES.name] if is_concession else concessions
    verdict = _of_concession(report, own) if is_concession else _of_area(report, own)
    holders = "" if is_concession else _holders(report.parts)
    said = own.is_covered or report.parts
    sources = coverage_text.by(*(answer for answer in (own, protected) if answer.is_covered))
    return Ground(
        verdict,
        join_sentences(
            holders,
            _protected(report, protected),
            coverage_text.partly(own) if said and not own.is_whole else "",
            _("According to: {sources}.").format(sources=sources) if sources else "",
        ),
    )


def message(report: AreaReport, incidents: int, answers: Mapping[str, LayerCoverage]) -> str:
    """
    Write what is on an area for one SMS: its name, the concessions and what they cover, attacks near, the holders.

    Parameters
    ----------
    incidents
        How many attacks and conflicts are on record on it and near.
    answers
        As for `finding`; that for incidents is of all within the distance.
    """
    land = report.land
    count = ngettext("{n} concession", "{n} concessions", land.titles).format(n=number(land.titles))
    if report.area.layer == CONCESSIONS.name:
        count = _("{ha} ha").format(ha=_ha(land.area_ha or 0.0))
    elif not land.titles:
        answer = answers[CONCESSIONS.name]  # short where a part is not covered: attacks need their room
        count = (
            bare(coverage_text.none(answer))
            if not answer.is_covered or answer.is_whole
            else count_or_gap("", 0, answer)
        )
    elif land.share is not None:
        count = _("{concessions}, {share} of it").format(concessions=count, share=percent(land.share, decimals=0))
    names = [part.name for part in report.parts[:NAMED] if part.name]
    sources = bare(coverage_text.by(*(answer for answer in answers.values() if answer.is_covered)))
    told = near_parts(incidents, answers["incidents"])
    return join_for_sms([report.area.name, count, *told, *names, sources])


def _of_area(report: AreaReport, answer: LayerCoverage) -> str:
    land = report.land
    name = link(plain(report.area.name), report.area.layer, next(iter(report.area.ids), ""))
    is_land = report.area.layer == COMMUNITIES.name
    if not (land.titles or land.points):
        if not answer.is_whole:
            return f"{name}: {coverage_text.none(answer)}"
        none = (
            _("No concession on record is on the land of {name}.")
            if is_land
            else _("No concession on record is in {name}.")
        )
        return none.format(name=name)
    return join_sentences(_count(land.titles, name, is_land=is_land), _cover(report), _points(land.points))


def _count(titles: int, name: str, *, is_land: bool) -> str:
    if not titles:
        return name
    text = (
        ngettext("{n} concession is on the land of {name}", "{n} concessions are on the land of {name}", titles)
        if is_land
        else ngettext("{n} concession is in {name}", "{n} concessions are in {name}", titles)
    )
    return text.format(n=number(titles), name=name)


def _cover(report: AreaReport) -> str:
    land = report.land
    if not land.titles:
        return ""
    if land.share is None or land.area_ha is None:
        return _("The size of its land is not recorded")
    values = {"share": percent(land.share), "ha": _ha(land.footprint_ha), "whole": _ha(land.area_ha)}
    if land.share >= ALL:
        text = ngettext(
            "It covers all of it ({ha} of {whole} ha)", "They cover all of it ({ha} of {whole} ha)", land.titles
        )
    else:
        text = ngettext(
            "It covers {share} of it ({ha} of {whole} ha)", "They cover {share} of it ({ha} of {whole} ha)", land.titles
        )
    return text.format(**values)


def _points(count: int) -> str:
    """Return in words how many concessions are known by a point alone, which have no hectares here."""
    text = ngettext(
        "{n} concession is known there by a point alone; its hectares are not known",
        "{n} concessions are known there by a point alone; their hectares are not known",
        count,
    )
    return text.format(n=number(count)) if count else ""


def _of_concession(report: AreaReport, answer: LayerCoverage) -> str:
    """Return in words how large a concession is and on which communities' land."""
    name = plain(report.area.name)
    size = _("{name} is a concession of {ha} ha").format(name=name, ha=_ha(report.land.area_ha or 0.0))
    if not report.parts:
        none = _("It is on no community's land on record") if answer.is_whole else coverage_text.none(answer)
        return join_sentences(size, none)
    lands = _named(
        [
            _("{name} ({ha} ha, {share} of its land)").format(
                name=_part(part, COMMUNITIES.name), ha=_ha(part.footprint_ha), share=percent(part.share)
            )
            if part.share is not None
            else _("{name} ({ha} ha)").format(name=_part(part, COMMUNITIES.name), ha=_ha(part.footprint_ha))
            for part in report.parts
        ]
    )
    return join_sentences(size, _("It is on the land of {lands}").format(lands=lands))


def _holders(parts: Sequence[Part]) -> str:
    if not parts:
        return ""
    text = _("{name} ({ha} ha)")
    names = [text.format(name=_part(part, HOLDER), ha=_ha(part.footprint_ha)) for part in parts]
    return ngettext("Only holder: {names}", "Largest holders: {names}", len(parts)).format(names=_named(names))


def _part(part: Part, kind: str) -> str:
    return link(plain(part.name), kind, part.id or part.name) if part.name else _("nobody named")


def _named(texts: list[str]) -> str:
    """List at most `NAMED`, and say how many more there are."""
    more = len(texts) - NAMED
    rest = [ngettext("{n} more", "{n} more", more).format(n=number(more))] if more > 0 else []
    return i18n.listed([*texts[:NAMED], *rest])


def _protected(report: AreaReport, answer: LayerCoverage) -> str:
    if PROTECTED_AREAS.name not in report.ids or report.area.layer == PROTECTED_AREAS.name:  # of a region not measured
        return ""
    if report.protected:
        names = _named([plain(name) for name in report.protected])
        return _("It shares ground with protected areas: {names}").format(names=names)
    return _("None of it is in a protected area on record") if answer.is_whole else ""


def _ha(value: float) -> str:
    return number(value, decimals=0 if not 0 < value < SMALL_HA else 1 if value >= SMALL_HA / 100 else 2)
