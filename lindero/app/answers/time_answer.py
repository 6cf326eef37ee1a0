"""Answer about concessions and attacks over time: by year, and concessions granted before and after attacks."""

import datetime as dt
from collections.abc import Iterator, Sequence

import pandas as pd

from lindero.app.answers.answer import Answer, Column, Section, Table, count_figure, finding_section
from lindero.app.answers.before_after import LAYERS, TimingReport
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import Coverage
from lindero.app.answers.record.periods import Period, periods_text
from lindero.app.answers.record.tallies import attacks_label, missing_note
from lindero.app.text.escape import build_link_key, escape_markdown
from lindero.app.text.i18n import _, format_long_date, format_number
from lindero.layers.model.schema import CONCESSIONS, INCIDENTS

_REGISTER_COLUMNS = ("applied", "granted")
COUNT_COLUMNS = (*_REGISTER_COLUMNS, "attacks")


def time_answer(
    counts: pd.DataFrame,
    years: tuple[int, int],
    report: TimingReport,
    *,
    country: str,
    covered: Coverage,
    periods: Sequence[Period],
) -> Answer:
    """Build the answer for a range of years.

    `counts`: by year, as `app.answers.before_after.count_by_year` returns them.
    """
    shown = counts[counts["year"].between(*years)]
    granted_at_no_time = not covered.has_no_data(CONCESSIONS.name) and not counts["granted"].any()
    missing = [
        coverage_text.missing_data_text(covered, LAYERS),
        _("No concession on this map has a grant date.") if granted_at_no_time else "",
        _("Concessions that left the register are not counted: these numbers alone do not show a rise.")
        if shown[[*_REGISTER_COLUMNS]].sum().any()
        else "",
    ]
    notes = [
        _("An empty year means that no source covers it, not that nothing happened.")
        if shown[[*COUNT_COLUMNS]].isna().any(axis=None)
        else "",
        periods_text(periods),
    ]
    missing_text, note = (" ".join(filter(None, texts)) for texts in (missing, notes))
    by_year = Section(
        "years", _("By year"), missing_text, table=_years_table(shown, _register_date(covered)), note=note
    )
    return Answer(_("Time"), sections=(_build_finding(shown, years, country), by_year, *iter_timing_sections(report)))


def _build_finding(shown: pd.DataFrame, years: tuple[int, int], country: str) -> Section:
    """Build the finding on the concessions granted and the attacks recorded in some years, with figures."""
    first, last = years
    sums = {name: shown[name].sum(min_count=1) for name in COUNT_COLUMNS}
    texts = {name: _("not known") if pd.isna(total) else format_number(total) for name, total in sums.items()}
    text = _("From {first} to {last}, concessions granted: {granted}. Attacks on record: {attacks}.")
    finding = text.format(first=first, last=last, granted=texts["granted"], attacks=texts["attacks"])
    labels = {
        "applied": _("Concessions applied for"),
        "granted": _("Concessions granted"),
        "attacks": f"{attacks_label(country)}, {first}–{last}",
    }
    years_of = _("not known for {n} years")
    notes = {name: missing_note(years_of, int(shown[name].isna().sum())) for name in labels}
    for name in _REGISTER_COLUMNS:
        if not pd.isna(sums[name]):
            notes[name] = "; ".join(filter(None, (_("still in the register"), notes[name])))
    figures = {label: count_figure(texts[name], notes[name]) for name, label in labels.items()}
    return finding_section(escape_markdown(finding), figures=figures)


def _register_date(covered: Coverage) -> dt.date | None:
    """Return the latest reference date of the concessions; None if no source states one."""
    concession_sources = (source for source in covered.sources if source.layer == CONCESSIONS.name)
    return max((source.as_of for source in concession_sources if source.as_of), default=None)


def _years_table(shown: pd.DataFrame, until: dt.date | None) -> Table:
    columns = {
        "year": Column(_("Year")),
        "applied": Column(_("Applied for and still in the register"), "number"),
        "granted": Column(_("Granted and still in the register"), "number"),
        "attacks": Column(_("Attacks on record"), "number"),
    }
    years = shown["year"].astype(str)
    if until is not None and (until.month, until.day) != (12, 31):
        text = _("{year} (concessions to {date})").format(year=until.year, date=format_long_date(until))
        years = years.mask(shown["year"] == until.year, text)
    rows = shown.iloc[::-1].assign(year=years)
    return Table(_("Concessions and attacks by year, latest first"), columns, rows)


def iter_timing_sections(report: TimingReport) -> Iterator[Section]:
    """Yield the sections on concessions granted before and after attacks: against chance, then attack by attack."""
    title, finding = _("Concessions granted before and after an attack"), escape_markdown(report.sentence())
    limits = escape_markdown(report.limits_text())
    if report.rows.empty:
        yield Section("timing", title, finding)
        return
    sums, sides = report.timing.sums, {"before": _("twelve months before"), "after": _("twelve months after")}
    by_chance = Table(
        _("Concessions granted before and after attacks, compared with chance"),
        {
            "side": Column(_("When")),
            "observed": Column(_("Concessions granted"), "number"),
            "expected": Column(_("By chance (low – high)"), "number", between=("low", "high")),
        },
        sums.assign(side=sums["side"].map(sides), **sums[["expected", "low", "high"]].round(1)),
    )
    yield Section("timing", title, finding, table=by_chance, note=limits)
    events = Table(
        _("Attacks, and concessions granted near them before and after, latest first"),
        {
            "title": Column(_("Attack"), link="page"),
            "occurred_on": Column(_("Date"), "date"),
            "attacks": Column(_("Attacks"), "number"),
            "before": Column(_("Concessions granted in the twelve months before"), "number"),
            "after": Column(_("In the twelve months after"), "number"),
        },
        report.rows.assign(page=[build_link_key(INCIDENTS.name, str(id_)) for id_ in report.rows["id"]]),
    )
    yield Section("events", table=events)
