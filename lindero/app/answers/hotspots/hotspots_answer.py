"""Answer about hotspots: the places that differ from chance, how firm this is, how to read it, and its limits."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from lindero.app.answers.answer import Answer, Column, Figure, Section, Table, doubts_section, finding_section
from lindero.app.answers.hotspots.choices import CountedQuantity, PlaceKind, RateBase
from lindero.app.answers.hotspots.question import Question
from lindero.app.answers.hotspots.report import HotspotReport
from lindero.app.text.digits import format_probability
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _, format_number
from lindero.geo.stats.hotspots import COLD, HOT, NONE, UNKNOWN
from lindero.layers.errors import N_

FIRM, FAIR = 0.9, 0.5  # share of other ways to ask in which a place stays hot
ALL = ""
QUANTITY_NAMES: dict[str, str] = {
    CountedQuantity.INCIDENTS: N_("Attacks and conflicts"),
    CountedQuantity.ATTACKS: N_("Attacks"),
    CountedQuantity.VICTIMS: N_("People attacked"),
    CountedQuantity.TITLES: N_("Titles"),
    CountedQuantity.OVERLAP_HA: N_("Hectares of titles on community land"),
}
PLACE_KIND_NAMES: dict[str, str] = {
    PlaceKind.H3: N_("Cells of equal size"),
    PlaceKind.REGIONS: N_("Regions"),
    PlaceKind.PROVINCES: N_("Provinces"),
    PlaceKind.DISTRICTS: N_("Districts"),
    PlaceKind.COMMUNITIES: N_("Communities"),
}
DENOMINATOR_NAMES: dict[str, str] = {
    ALL: N_("Nothing: counts as they are"),
    RateBase.COMMUNITIES: N_("The number of communities"),
    RateBase.AREA: N_("The area"),
    RateBase.POPULATION: N_("The population"),
}
RESULTS = {
    HOT: N_("more than by chance"),
    COLD: N_("less than by chance"),
    NONE: N_("as by chance"),
    UNKNOWN: N_("not tested"),
}


def hotspots_answer(report: HotspotReport, area_name: str = "", unknown: str = "") -> Answer:
    """Build the answer. `where` is the name of the area; `unknown` is a text on attacks without a known country."""
    doubts = (*report.doubts(), unknown)
    question_parts = filter(None, question_text(report.question, area_name))
    sections = (
        finding_section(escape_markdown(report.finding()), [escape_markdown(report.clearest_text())], _figures(report)),
        doubts_section(map(escape_markdown, doubts)),
        Section("places", table=_places_table(report)),
        *_reading_sections(),
    )
    return Answer(_("Hotspots"), escape_markdown(" · ".join(question_parts)), sections)


def question_text(question: Question, area_name: str) -> list[str]:
    """Return the question as a list of texts."""
    ends = [str(day.year) if day else "" for day in (question.since, question.until)]
    per = _(DENOMINATOR_NAMES[question.per]) if question.per else ""
    return [
        _(QUANTITY_NAMES[question.of]),
        _(PLACE_KIND_NAMES[question.over]),
        per,
        area_name,
        "–".join(ends) if any(ends) else _("all years"),
    ]


def _figures(report: HotspotReport) -> dict[str, Figure]:
    """Count the places that differ from chance, and the hotspots that stay hot under alternative settings."""
    hot, unknown = report.select_result(HOT), len(report.select_result(UNKNOWN))
    firm = _("{n} of them however one asks").format(n=format_number((hot["stability"] >= FIRM).sum()))
    return {
        _("Places compared"): Figure(
            format_number(len(report.rows)),
            _("{n} not tested").format(n=format_number(unknown)) if unknown else "",
        ),
        _("Hot: more than by chance"): Figure(format_number(len(hot)), firm if len(hot) else ""),
        _("Cold: less than by chance"): Figure(format_number(len(report.select_result(COLD)))),
    }


def _places_table(report: HotspotReport) -> Table:
    """Build a table of the compared places, hotspots first."""
    rows = pd.DataFrame(report.rows.drop(columns="geometry"))
    counts = ("count", "observed", "observed_low", "observed_high", "expected")
    has_regions = rows["region"].fillna("").ne("").any()
    return Table(
        _("Places compared with chance, hotspots first"),
        {
            "name": Column(_("At or near")),
            "result": Column(_("Compared with chance"), note="firmness"),
            **({"region": Column(_("Region"))} if has_regions else {}),
            "observed": Column(_("On record, here and around"), "number", between=("observed_low", "observed_high")),
            "expected": Column(_("To be expected, here and around"), "number"),
            "count": Column(_("On record here"), "number"),
            "stability": Column(_("Stays hot in"), "share"),
            "q_told": Column(_("False discovery rate (q)"), sort_column="q"),
        },
        rows.assign(
            result=rows["result"].map(lambda code: _(RESULTS[code])),
            name=rows["name"].fillna(rows["id"]),
            q_told=["" if pd.isna(q) else format_probability(q) for q in rows["q"]],
            firmness=[_firmness_text(row) for row in rows[["result", "stability"]].to_dict("records")],
            **{name: rows[name].astype(float).round(1) for name in counts},
        ),
    )


def _firmness_text(row: Mapping[Hashable, Any]) -> str:
    if row["result"] != HOT:
        return ""
    if row["stability"] >= FIRM:
        return _("firm: however one asks")
    return _("fairly firm") if row["stability"] >= FAIR else _("it depends on how one asks")


def _reading_sections() -> tuple[Section, Section]:
    """Return the sections on how to read the answer and on its limits."""
    reading = (
        _(
            "Each place is taken together with those around it: one is hot if they have far more than they would by "
            "chance."
        ),
        _(
            "Expected is what they would have if all places were alike, or alike for each of what it is counted "
            "against."
        ),
        _(
            "Of the places called hot, one in twenty or fewer is so by chance alone. Firm is what stays hot when "
            "cells, neighbours and the unknown places of events are chosen otherwise."
        ),
    )
    limits = (
        _("It counts what is on record. Where people are afraid to report, or nobody asks, there is less on record."),
        _("A place that is not hot is not a safe place."),
        _("It does not say why, nor that titles and attacks in one place have to do with each other."),
    )
    return (
        Section("reading", _("How to read this"), lines=reading),
        Section("limits", _("What it cannot say"), lines=limits),
    )
