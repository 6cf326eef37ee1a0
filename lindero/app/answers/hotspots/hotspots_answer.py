"""The answer about hotspots: which places stand out from chance, how firmly, how to read it, and what it cannot say."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from lindero.app.answers.answer import Answer, Column, Figure, Section, Table, doubts_section, finding_section
from lindero.app.answers.hotspots.choices import Of, Over, Per
from lindero.app.answers.hotspots.question import Question
from lindero.app.answers.hotspots.report import HotspotReport
from lindero.app.text.digits import probability
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, number
from lindero.geo.stats.hotspots import COLD, HOT, NONE, UNKNOWN
from lindero.layers.errors import N_

FIRM, FAIR = 0.9, 0.5  # share of other ways to ask in which a place stays hot
ALL = ""
OF: dict[str, str] = {
    Of.INCIDENTS: N_("Attacks and conflicts"),
    Of.ATTACKS: N_("Attacks"),
    Of.VICTIMS: N_("People attacked"),
    Of.TITLES: N_("Titles"),
    Of.OVERLAP_HA: N_("Hectares of titles on community land"),
}
OVER: dict[str, str] = {
    Over.H3: N_("Cells of equal size"),
    Over.REGIONS: N_("Regions"),
    Over.PROVINCES: N_("Provinces"),
    Over.DISTRICTS: N_("Districts"),
    Over.COMMUNITIES: N_("Communities"),
}
PER: dict[str, str] = {
    ALL: N_("Nothing: counts as they are"),
    Per.COMMUNITIES: N_("The number of communities"),
    Per.AREA: N_("The area"),
    Per.POPULATION: N_("The population"),
}
RESULTS = {
    HOT: N_("more than by chance"),
    COLD: N_("less than by chance"),
    NONE: N_("as by chance"),
    UNKNOWN: N_("not tested"),
}


def hotspots_answer(report: HotspotReport, where: str = "", unknown: str = "") -> Answer:
    """Compose the answer; `where` names the area asked about, `unknown` tells of attacks without a known country."""
    doubts = (*report.doubts(), unknown)
    asked = filter(None, question_text(report.question, where))
    sections = (
        finding_section(plain(report.found()), [plain(report.clearest())], _figures(report)),
        doubts_section(map(plain, doubts)),
        Section("places", table=_places(report)),
        *_reading(),
    )
    return Answer(_("Hotspots"), plain(" · ".join(asked)), sections)


def question_text(asked: Question, where: str) -> list[str]:
    """Return what was asked, in words."""
    ends = [str(day.year) if day else "" for day in (asked.since, asked.until)]
    per = _(PER[asked.per]) if asked.per else ""
    return [_(OF[asked.of]), _(OVER[asked.over]), per, where, "–".join(ends) if any(ends) else _("all years")]


def _figures(report: HotspotReport) -> dict[str, Figure]:
    """Count the places that stand out, and those of them that stay hot however one asks."""
    hot, unknown = report.of(HOT), len(report.of(UNKNOWN))
    firm = _("{n} of them however one asks").format(n=number((hot["stability"] >= FIRM).sum()))
    return {
        _("Places compared"): Figure(
            number(len(report.rows)),
            _("{n} not tested").format(n=number(unknown)) if unknown else "",
        ),
        _("Hot: more than by chance"): Figure(number(len(hot)), firm if len(hot) else ""),
        _("Cold: less than by chance"): Figure(number(len(report.of(COLD)))),
    }


def _places(report: HotspotReport) -> Table:
    """List the places compared, hotspots first."""
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
            "q_told": Column(_("False discovery rate (q)"), by="q"),
        },
        rows.assign(
            result=rows["result"].map(lambda code: _(RESULTS[code])),
            name=rows["name"].fillna(rows["id"]),
            q_told=["" if pd.isna(q) else probability(q) for q in rows["q"]],
            firmness=[_firmness(row) for row in rows[["result", "stability"]].to_dict("records")],
            **{name: rows[name].astype(float).round(1) for name in counts},
        ),
    )


def _firmness(row: Mapping[Hashable, Any]) -> str:
    if row["result"] != HOT:
        return ""
    if row["stability"] >= FIRM:
        return _("firm: however one asks")
    return _("fairly firm") if row["stability"] >= FAIR else _("it depends on how one asks")


def _reading() -> tuple[Section, Section]:
    """Return how to read the answer, and what it cannot say."""
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
