"""Answer about hotspots: the places that differ from chance, how firm this is, how to read it, and its limits."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from lindero.app.answers.answer import Answer, Column, Figure, Section, Table, doubts_section, finding_section
from lindero.app.answers.hotspots.choices import PLACE_KIND_NAMES, QUANTITY_NAMES, RateBase
from lindero.app.answers.hotspots.question import Question
from lindero.app.answers.hotspots.report import HotspotReport
from lindero.app.text.digits import format_probability
from lindero.app.text.escape import escape_markdown
from lindero.app.text.home_country import level_name
from lindero.app.text.i18n import _, current_language, format_number
from lindero.geo.stats.hotspots import COLD, HIGH, HOT, NONE, UNKNOWN
from lindero.layers.errors import N_

FIRM, FAIR = 0.9, 0.5  # share of alternative settings in which the place stays hot
ALL = ""
DENOMINATOR_NAMES: dict[str, str] = {
    ALL: N_("Nothing: plain counts"),
    RateBase.COMMUNITIES: N_("The number of communities"),
    RateBase.AREA: N_("The area"),
    RateBase.POPULATION: N_("The population"),
}
RESULTS = {
    HOT: N_("more than expected"),
    HIGH: N_("high, but chance cannot be ruled out"),
    COLD: N_("less than expected"),
    NONE: N_("about as expected"),
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
        place_kind_name(question.over),
        per,
        area_name,
        "–".join(ends) if any(ends) else _("all years"),
    ]


def _figures(report: HotspotReport) -> dict[str, Figure]:
    """Count the places that differ from chance, and the hotspots that stay hot under alternative settings."""
    hot, unknown = report.select_result(HOT), len(report.select_result(UNKNOWN))
    firm = _("{n} of them under almost any settings").format(n=format_number((hot["stability"] >= FIRM).sum()))
    return {
        _("Places compared"): Figure(
            format_number(len(report.rows)),
            _("{n} not tested").format(n=format_number(unknown)) if unknown else "",
        ),
        _("Hot: more than expected"): Figure(format_number(len(hot)), firm if len(hot) else ""),
        _("High, but chance cannot be ruled out"): Figure(format_number(len(report.select_result(HIGH)))),
        _("Cold: less than expected"): Figure(format_number(len(report.select_result(COLD)))),
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
            "observed": Column(_("Recorded here and nearby"), "number", between=("observed_low", "observed_high")),
            "expected": Column(_("Expected here and nearby"), "number"),
            "count": Column(_("Recorded here"), "number"),
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
        return _("firm: under almost any settings")
    return _("fairly firm") if row["stability"] >= FAIR else _("it depends on the settings")


def _reading_sections() -> tuple[Section, Section]:
    """Return the sections on how to read the answer and on its limits."""
    reading = (
        _(
            "Each place is compared together with its neighbours. It is hot if together they have far "
            "more than expected by chance. It is high, but not hot, if chance alone has such places now and "
            "then among so many."
        ),
        _(
            "The expected number assumes that all places are alike: the same number in each, or the same "
            "rate per community, hectare or inhabitant."
        ),
        _(
            "Of the hot places, one in twenty or fewer is hot by chance alone. A firm place stays hot "
            "when cells, neighbours and the unknown locations of events are chosen differently."
        ),
    )
    limits = (
        _("This counts only what is on record. Where people are afraid to report, or nobody asks, less is recorded."),
        _("A place that is not hot is not a safe place."),
        _("It does not explain why, or show that concessions and attacks in the same place are connected."),
    )
    return (
        Section("reading", _("How to read this"), lines=reading),
        Section("limits", _("Limits"), lines=limits),
    )


def place_kind_name(kind: str) -> str:
    """Return the name of a kind of place, as the country of the map calls it."""
    return level_name(kind, current_language()) or _(PLACE_KIND_NAMES[kind])
