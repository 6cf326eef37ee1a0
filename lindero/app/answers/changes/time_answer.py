"""The answer on titles and attacks over time: year by year, and titles granted before and after attacks."""

from collections.abc import Iterator, Sequence

import pandas as pd

from lindero.app.answers.answer import Answer, Column, Section, Table, count_figure, finding_section
from lindero.app.answers.before_after import LAYERS, TimingReport
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import Coverage
from lindero.app.record.periods import Period, periods_text
from lindero.app.record.tallies import attacks_label, missing_note
from lindero.app.text.escape import key, plain
from lindero.app.text.i18n import _, number
from lindero.layers.model.schema import CONCESSIONS, INCIDENTS

COUNTED = ("applied", "granted", "attacks")


def time_answer(
    counts: pd.DataFrame,
    years: tuple[int, int],
    report: TimingReport,
    *,
    country: str,
    covered: Coverage,
    periods: Sequence[Period],
) -> Answer:
    """
    Compose the answer for some years.

    Parameters
    ----------
    counts
        By year, as `app.answers.before_after.by_year` counts them.
    years
        The first and the last that are told.
    periods
        From when to when any source tells of attacks.
    """
    seen = counts[counts["year"].between(*years)]
    granted_at_no_time = not covered.lacks(CONCESSIONS.name) and not counts["granted"].any()
    notes = [
        coverage_text.lacking(covered, LAYERS),
        _("No title on this map says when it was granted.") if granted_at_no_time else "",
        _("Where a year is empty, nothing is known of it: no source covers that year.")
        if seen[[*COUNTED]].isna().any(axis=None)
        else "",
        periods_text(periods),
    ]
    by_year = Section("years", _("By year"), table=_years_table(seen), note=" ".join(filter(None, notes)))
    return Answer(_("Time"), sections=(_found(seen, years, country), by_year, *timing_sections(report)))


def _found(seen: pd.DataFrame, years: tuple[int, int], country: str) -> Section:
    """Return how many titles were granted and how many attacks are on record in some years; with figures of them."""
    first, last = years
    sums = {name: seen[name].sum(min_count=1) for name in COUNTED}
    told = {name: _("not known") if pd.isna(total) else number(total) for name, total in sums.items()}
    text = _("{first} to {last}: titles granted: {granted}; attacks on record: {attacks}.")
    finding = text.format(first=first, last=last, granted=told["granted"], attacks=told["attacks"])
    labels = {
        "applied": _("Titles applied for"),
        "granted": _("Titles granted"),
        "attacks": f"{attacks_label(country)}, {first}–{last}",
    }
    years_of = _("not known of {n} years")
    figures = {
        label: count_figure(told[name], missing_note(years_of, int(seen[name].isna().sum())))
        for name, label in labels.items()
    }
    return finding_section(plain(finding), figures=figures)


def _years_table(seen: pd.DataFrame) -> Table:
    columns = {
        "year": Column(_("Year")),
        "applied": Column(_("Titles applied for"), "number"),
        "granted": Column(_("Titles granted"), "number"),
        "attacks": Column(_("Attacks on record"), "number"),
    }
    rows = seen.iloc[::-1].assign(year=seen["year"].astype(str))
    return Table(_("Titles and attacks by year, the latest first"), columns, rows)


def timing_sections(report: TimingReport) -> Iterator[Section]:
    """Yield what was granted before and after attacks, beside chance, and then attack by attack."""
    title, finding = _("Titles granted before and after an attack"), plain(report.sentence())
    if report.rows.empty:
        yield Section("timing", title, finding)
        return
    sums, sides = report.timing.sums, {"before": _("twelve months before"), "after": _("twelve months after")}
    by_chance = Table(
        _("Titles granted before and after attacks, beside what chance would give"),
        {
            "side": Column(_("When")),
            "observed": Column(_("Titles granted"), "number"),
            "expected": Column(_("By chance (at least – at most)"), "number", between=("low", "high")),
        },
        sums.assign(side=sums["side"].map(sides), **sums[["expected", "low", "high"]].round(1)),
    )
    yield Section("timing", title, finding, table=by_chance)
    events = Table(
        _("Attacks with the titles granted near them before and after, the latest first"),
        {
            "title": Column(_("Attack"), link="page"),
            "occurred_on": Column(_("Date"), "date"),
            "attacks": Column(_("Attacks"), "number"),
            "before": Column(_("Titles granted in the twelve months before"), "number"),
            "after": Column(_("In the twelve months after"), "number"),
        },
        report.rows.assign(page=[key(INCIDENTS.name, str(id_)) for id_ in report.rows["id"]]),
    )
    yield Section("events", table=events)
