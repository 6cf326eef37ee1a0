"""Answer about attacks: dates, places, acts, victims, the outcome of cases, and protection."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence

import pandas as pd

from lindero.app.answers.answer import (
    Answer,
    Column,
    Figure,
    Section,
    Table,
    count_figure,
    doubts_section,
    finding_section,
)
from lindero.app.answers.claims import find_highest
from lindero.app.answers.coverage.coverage import Coverage
from lindero.app.answers.coverage.coverage_text import missing_data_text
from lindero.app.answers.record import tallies
from lindero.app.answers.record.case_text import incident_place, incident_title
from lindero.app.answers.record.cases import (
    ENDINGS,
    OUTCOME_COLUMNS,
    count_case_outcomes,
    count_cases_against_defenders,
    impunity_text,
    summarize_cases,
)
from lindero.app.answers.record.incidents import Record
from lindero.app.answers.record.measures import COUNT_COLUMNS, count_by_region
from lindero.app.answers.record.periods import Period, periods_text
from lindero.app.answers.record.tallies import attacks_label, country_text, missing_note
from lindero.app.text.codes import translate_code
from lindero.app.text.countries import country_name
from lindero.app.text.dates import format_partial_date
from lindero.app.text.escape import build_link_key, escape_markdown
from lindero.app.text.i18n import _, format_number, ngettext
from lindero.layers.model.schema import INCIDENTS

KnownOf = Callable[[pd.DataFrame, str, Sequence[str]], pd.DataFrame]

_UNSEEN = ""  # a year or a region that no attack is known to be of


def attacks_answer(
    shown: Record,
    full_record: Record,
    covered: Coverage,
    *,
    country: str,
    mask_unknown: KnownOf,
    periods: Sequence[Period],
    today: dt.date,
) -> Answer:
    """Build the answer about attacks, in the reader's language.

    `country`: the country: ISO 3166-1 alpha-2, or `ALL_COUNTRIES`.
    """
    absence = _("A lack of data does not mean a lack of attacks: many are never recorded.")
    return Answer(
        _("Attacks"),
        country_text(country),
        (
            *_finding_sections(shown.attacks, full_record, country),
            Section("list", table=_attacks_table(shown.attacks)),
            _years_section(tallies.count_by_year(shown.attacks)),
            *_iter_count_sections(shown),
            *_iter_outcome_sections(shown, missing_data_text(covered, ["case_steps"]), mask_unknown, today),
            _protection_section(shown, missing_data_text(covered, ["protection_measures"]), mask_unknown),
            Section("limits", note=" ".join(filter(None, (periods_text(periods), absence)))),
        ),
    )


def _finding_sections(attacks: pd.DataFrame, full_record: Record, country: str) -> tuple[Section, Section]:
    of_country = full_record.filter_country(country)
    conflict_count = len(of_country.incidents) - len(of_country.attacks)
    killed, missing = tallies.count_killed_people(attacks), tallies.unknowns_text(attacks)
    not_stated = _("not stated for {n}")
    conflicts = ngettext(
        "There is also {n} conflict without an attack.",
        "There are also {n} conflicts without an attack.",
        conflict_count,
    )
    figures = {
        attacks_label(country): count_figure(
            format_number(len(attacks)), missing_note(_("{n} without a date"), attacks["year"].isna().sum())
        ),
        _("Of these, killings"): count_figure(format_number(attacks["is_killing"].sum())),
        _("People attacked, where stated"): Figure(
            tallies.people_text(tallies.sum_people(attacks["people"])),
            missing_note(not_stated, attacks["people"].isna().sum()),
        ),
        _("People killed, where stated"): Figure(
            tallies.people_text(killed.people), missing_note(not_stated, killed.unstated)
        ),
    }
    doubts = [
        _("Of these attacks: {missing}.").format(missing=missing) if missing else "",
        missing_note(conflicts, conflict_count),
        tallies.unknown_country_text(full_record, country),
    ]
    return finding_section(finding_text(attacks, country), figures=figures), doubts_section(doubts)


def finding_text(attacks: pd.DataFrame, country: str) -> str:
    """Return sentences on the number of attacks, the first and last year, and the years and regions with most."""
    count, years = len(attacks), attacks["year"].dropna()
    dated = len(years)
    values = {"n": format_number(count), "country": country_text(country)}
    text = ngettext("{n} attack is on record in {country}.", "{n} attacks are on record in {country}.", count)
    if dated:
        values |= {"dated": format_number(dated), "first": str(int(years.min())), "last": str(int(years.max()))}
        text = ngettext(
            "Between {first} and {last}, {n} attack was recorded in {country}.",
            "Between {first} and {last}, {n} attacks were recorded in {country}.",
            count,
        )
    if 0 < dated < count:
        text = _("{n} attacks are on record in {country}; those with a date ({dated}) are from {first} to {last}.")
    most_texts = (
        _most_frequent_text(
            attacks["year"].astype("string"),
            _("The year with the most attacks on record is {values}."),
            _("By year: {values}; date not known: {unknown}."),
        ),
        _most_frequent_text(
            attacks["region"],
            _("The region with the most attacks is {values}."),
            _("By region: {values}; region not known: {unknown}."),
        ),
    )
    return escape_markdown(" ".join([text.format(**values), *filter(None, most_texts)]))


def _most_frequent_text(values: "pd.Series[str]", certain: str, open_text: str) -> str:
    """Return the most frequent value with its count, or the first few if values that are not known may change it."""
    counts, unknown = values.value_counts().astype(float), int(values.isna().sum())
    unseen = pd.Series({_UNSEEN: 0.0}) if unknown else pd.Series(dtype=float)  # all unknown may have another value
    least = pd.concat([counts, unseen])
    highest = find_highest(least, least + unknown)
    if counts.empty or (not highest.is_single and not unknown):
        return ""
    labels = [f"{label} ({format_number(counts[str(label)])})" for label in highest.shown_labels if label != _UNSEEN]
    text = certain if highest.is_single else open_text
    return text.format(values=", ".join(labels), unknown=format_number(unknown))


def _attacks_table(attacks: pd.DataFrame) -> Table:
    """Build a table of attacks, the latest first."""
    columns = {
        "title": Column(_("Title"), link="page", width=2),
        "on": Column(_("Date"), sort_column="occurred_on"),
        "acts": Column(_("Acts")),
        "people": Column(_("People attacked"), "number"),
        "killed": Column(_("People killed"), "number"),
        "place": Column(_("Place (and its precision)"), note="location_precision"),
        "sector": Column(_("Sector")),
        "perpetrator_kind": Column(_("By whom")),
        "publisher": Column(_("Source")),
    }
    rows = translate_attacks(attacks)
    return Table(
        _("Attacks, latest first"),
        columns,
        rows.assign(page=[build_link_key(INCIDENTS.name, id_) for id_ in rows["id"]]),
    )


def translate_attacks(rows: pd.DataFrame) -> pd.DataFrame:
    """Return attacks with their codes in the reader's language, the latest first."""
    latest = rows.sort_values("occurred_on", ascending=False, na_position="last")
    days = zip(latest["occurred_on"], latest["date_precision"], strict=True)
    translated = {
        name: latest[name].map(translate_code) for name in ("location_precision", "sector", "perpetrator_kind")
    }
    return latest.assign(
        title=[incident_title(row) for row in latest[["title", "place_text", "region", "country"]].to_dict("records")],
        on=[format_partial_date(*date_and_precision) for date_and_precision in days],
        acts=[", ".join(map(translate_code, types)) for types in latest["types"]],
        place=[incident_place(row) for row in latest[["place_text", "region", "country"]].to_dict("records")],
        **translated,
    )


def _years_section(years: pd.DataFrame) -> Section:
    if years.empty:
        return Section("years", _("When"), _("No attack on record has a date."))
    columns = {
        "year": Column(_("Year")),
        "attacks": Column(_("Attacks"), "number"),
        "killings": Column(_("Killings"), "number"),
        "others": Column(_("Other attacks"), "number"),
        "people": Column(_("People attacked"), "number"),
        "killed": Column(_("People killed"), "number"),
    }
    return Section("years", _("When"), table=Table(_("Attacks by year"), columns, years.astype({"year": str})))


def _iter_count_sections(shown: Record) -> Iterator[Section]:
    """Yield the sections on the acts and sectors of attacks, and on who was attacked."""
    both = _("An attack with two acts is counted under both, so these rows do not add up to the number of attacks.")
    yield Section("what", _("What happened, and in which sector"), both)
    yield _counts_section("acts", _("Acts"), tallies.count_by_act(shown.attacks))
    yield _counts_section("sectors", _("Sectors"), tallies.count_by_sector(shown.attacks))
    nobody = _("Nothing is recorded about the people attacked.") if shown.victims.empty else ""
    yield Section("whom", _("Who was attacked"), nobody)
    whom = {
        "gender": (_("Gender"), tallies.count_by_gender(shown)),
        "identity": (_("Who they are"), tallies.count_by_identity(shown)),
        "people": (_("People or nation"), tallies.count_by_people(shown)),
    }
    yield from (_counts_section(name, label, rows) for name, (label, rows) in whom.items() if not rows.empty)


def _counts_section(name: str, label: str, rows: pd.DataFrame) -> Section:
    """Build a section that counts each code: `code` as text, `attacks`, and `people` if there is such a column."""
    columns = {"code": Column(label), "attacks": Column(_("Attacks"), "number")}
    people = {"people": Column(_("People attacked"), "number")} if "people" in rows else {}
    return Section(name, table=Table(label, columns | people, rows))


def _iter_outcome_sections(
    shown: Record, missing_text: str, mask_unknown: KnownOf, today: dt.date
) -> Iterator[Section]:
    """Yield the sections on the outcome of cases, by act and by region, and on accusations of defenders."""
    title = _("What happened to the cases")
    if missing_text:
        yield Section("outcomes", title, missing_text)
        return
    case_rows = summarize_cases(shown, today=today)
    by_act = count_case_outcomes(shown, case_rows, group_by="act")
    region_rows = mask_unknown(count_case_outcomes(shown, case_rows, group_by="region"), "case_steps", OUTCOME_COLUMNS)
    killing_texts = [impunity_text(row, "killing") for row in by_act.query("group == 'killing'").to_dict("records")]
    yield Section("outcomes", title, " ".join(killing_texts), table=_endings_table(by_act, _("Act")))
    table = _endings_table(region_rows, _("Region"))
    yield Section("outcomes-by-region", table=table, note=_accusations_text(count_cases_against_defenders(case_rows)))


def _endings_table(rows: pd.DataFrame, label: str) -> Table:
    """Build a table of the outcomes of cases, with the totals that they are counted from."""
    columns = {
        "group": Column(label),
        "attacks": Column(_("Attacks"), "number"),
        "known": Column(_("Of these, with a case on record"), "number"),
        **{ending: Column(translate_code(ending), "number") for ending in ENDINGS},
    }
    return Table(label, columns, rows.assign(group=_name_groups(rows["group"], rows["country"])))


def _accusations_text(counts: Mapping[str, int]) -> str:
    """Return a sentence on the cases against defenders and their outcomes; empty if there are none."""
    ended = ", ".join(
        f"{translate_code(name)}: {format_number(count)}"
        for name, count in counts.items()
        if name != "attacks" and count
    )
    text = _("Cases against the defenders themselves (counted separately): {n} ({ended}).")
    return text.format(n=format_number(counts["attacks"]), ended=ended) if counts["attacks"] else ""


def _protection_section(shown: Record, missing_text: str, mask_unknown: KnownOf) -> Section:
    """Build the section on protection measures by region."""
    if missing_text:
        return Section("protection", _("Protection"), missing_text)
    columns = {
        "region": Column(_("Region")),
        "attacks": Column(_("Attacks"), "number"),
        "attacks_without": Column(_("Of these, without a measure on record"), "number"),
        "requested": Column(_("Measures requested"), "number"),
        "granted": Column(_("Of these, granted"), "number"),
        "refused": Column(_("Of these, refused"), "number"),
        "unanswered": Column(_("Of these, without an answer on record"), "number"),
        "gender_responsive": Column(_("Of these, gender-responsive"), "number", note="gender_stated"),
        "collective": Column(_("Of these, collective"), "number", note="collective_stated"),
    }
    rows = mask_unknown(count_by_region(shown), "protection_measures", COUNT_COLUMNS)
    stated = {
        name: rows[name].map(_stated_count_text, na_action="ignore") for name in ("gender_stated", "collective_stated")
    }
    translated = rows.assign(region=_name_groups(rows["region"], rows["country"]), **stated)
    return Section("protection", _("Protection"), table=Table(_("Protection measures by region"), columns, translated))


def _stated_count_text(measures: float) -> str:
    return _("stated for {n}").format(n=format_number(measures))


def _name_groups(codes: "pd.Series[str]", countries: "pd.Series[str]") -> list[str]:
    """Return acts and regions as text. For an unknown region it has the country, so that rows differ."""
    names = []
    for code, country in zip(codes, countries, strict=True):
        unknown = _("region not known")
        if pd.notna(country):
            unknown = _("{country}, region not known").format(country=country_name(country))
        names.append(translate_code(code) if pd.notna(code) else unknown)
    return names
