"""The answer about attacks: when, where, what, against whom, what became of the cases, and who was protected."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence

import pandas as pd

from lindero.app.answers.answer import Answer, Column, Figure, Section, Table, count_figure, finding_section
from lindero.app.answers.coverage.coverage import Coverage
from lindero.app.answers.coverage.coverage_text import lacking
from lindero.app.record import tallies
from lindero.app.record.case_text import called, placed
from lindero.app.record.cases import ENDED, ENDINGS, against_defenders, cases, impunity, impunity_text
from lindero.app.record.incidents import Record
from lindero.app.record.measures import COUNTED, by_region
from lindero.app.record.periods import Period, periods_text
from lindero.app.record.tallies import attacks_label, country_text, missing_note
from lindero.app.text.codes import word
from lindero.app.text.countries import country_name
from lindero.app.text.dates import when
from lindero.app.text.escape import key, plain
from lindero.app.text.i18n import _, ngettext, number
from lindero.layers.model.schema import INCIDENTS

KnownOf = Callable[[pd.DataFrame, str, Sequence[str]], pd.DataFrame]


def attacks_answer(
    shown: Record,
    every: Record,
    covered: Coverage,
    *,
    country: str,
    known_of: KnownOf,
    periods: Sequence[Period],
    today: dt.date,
) -> Answer:
    """
    Compose the answer about attacks, in the reader's language.

    Parameters
    ----------
    shown, every
        The attacks that the answer is about, and the whole record.
    country
        In which they are: ISO 3166-1 alpha-2, or `ALL_COUNTRIES`.
    known_of
        Leaves missing what was counted of a layer in regions that the map has no data of.
    periods
        From when to when attacks are on record.
    """
    absence = _("Absence of data is not absence of attacks: much is never recorded.")
    return Answer(
        _("Attacks"),
        country_text(country),
        (
            _finding(shown.attacks, every, country),
            Section("list", table=_attacks_table(shown.attacks)),
            _years(tallies.by_year(shown.attacks)),
            *_what_and_who(shown),
            *_outcomes(shown, lacking(covered, ["case_steps"]), known_of, today),
            _protection(shown, lacking(covered, ["protection_measures"]), known_of),
            Section("limits", note=" ".join(filter(None, (periods_text(periods), absence)))),
        ),
    )


def _finding(attacks: pd.DataFrame, every: Record, country: str) -> Section:
    of_country = every.in_country(country)
    apart = len(of_country.incidents) - len(of_country.attacks)
    killed, missing = tallies.people_killed(attacks), tallies.unknowns_text(attacks)
    not_stated = _("not stated of {n}")
    conflicts = ngettext("{n} conflict without an attack besides.", "{n} conflicts without an attack besides.", apart)
    figures = {
        attacks_label(country): count_figure(
            number(len(attacks)), missing_note(_("{n} without a date"), attacks["year"].isna().sum())
        ),
        _("Of these killings"): count_figure(number(attacks["is_killing"].sum())),
        _("People attacked, where stated"): Figure(
            tallies.people_text(tallies.total(attacks["people"])),
            missing_note(not_stated, attacks["people"].isna().sum()),
        ),
        _("Of these killed, where told"): Figure(
            tallies.people_text(killed.people), missing_note(not_stated, killed.unstated)
        ),
    }
    besides = [
        _("Of these attacks: {missing}.").format(missing=missing) if missing else "",
        missing_note(conflicts, apart),
        tallies.without_country_text(every, country),
    ]
    return finding_section(found_text(attacks, country), besides, figures)


def found_text(attacks: pd.DataFrame, country: str) -> str:
    """Return how many attacks are on record, when the first and last were, and when and where most were."""
    count, years = len(attacks), attacks["year"].dropna()
    values = {"n": number(count), "country": country_text(country)}
    text = ngettext("{n} attack is on record in {country}.", "{n} attacks are on record in {country}.", count)
    if len(years):
        values |= {"first": str(int(years.min())), "last": str(int(years.max()))}
        text = ngettext(
            "Between {first} and {last}, {n} attack was recorded in {country}.",
            "Between {first} and {last}, {n} attacks were recorded in {country}.",
            count,
        )
    most = {
        _("The worst year was {year}."): ("year", _most(years.astype(int).astype(str))),
        _("The region with most is {region}."): ("region", _most(attacks["region"].dropna())),
    }
    told = [sentence.format(**{name: value}) for sentence, (name, value) in most.items() if value]
    return plain(" ".join([text.format(**values), *told]))


def _most(values: "pd.Series[str]") -> str:
    """Return what most attacks have, with how many; nothing if several have as many."""
    counts = values.value_counts()
    if counts.empty or (counts == counts.iloc[0]).sum() > 1:
        return ""
    return f"{counts.index[0]} ({number(counts.iloc[0])})"


def _attacks_table(attacks: pd.DataFrame) -> Table:
    """List attacks, the latest first."""
    columns = {
        "title": Column(_("Title"), link="page", width=2),
        "on": Column(_("Date"), by="occurred_on"),
        "acts": Column(_("Acts")),
        "people": Column(_("People attacked"), "number"),
        "killed": Column(_("People killed"), "number"),
        "place": Column(_("Place (how exactly known)"), note="location_precision"),
        "sector": Column(_("Sector")),
        "perpetrator_kind": Column(_("By whom")),
        "publisher": Column(_("Source")),
    }
    rows = told_attacks(attacks)
    return Table(
        _("Attacks, the latest first"), columns, rows.assign(page=[key(INCIDENTS.name, id_) for id_ in rows["id"]])
    )


def told_attacks(rows: pd.DataFrame) -> pd.DataFrame:
    """Return attacks with their codes in the reader's language, the latest first."""
    latest = rows.sort_values("occurred_on", ascending=False, na_position="last")
    days = zip(latest["occurred_on"], latest["date_precision"], strict=True)
    coded = {name: latest[name].map(word) for name in ("location_precision", "sector", "perpetrator_kind")}
    return latest.assign(
        title=[called(row) for row in latest[["title", "place_text", "region", "country"]].to_dict("records")],
        on=[when(*each) for each in days],
        acts=[", ".join(map(word, types)) for types in latest["types"]],
        place=[placed(row) for row in latest[["place_text", "region", "country"]].to_dict("records")],
        **coded,
    )


def _years(years: pd.DataFrame) -> Section:
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


def _what_and_who(shown: Record) -> Iterator[Section]:
    """Yield how often each act and sector is on record, and who was attacked."""
    both = _("An attack with two acts counts under both, so that these rows do not add up to the attacks.")
    yield Section("what", _("What, and for what"), both)
    yield _counts("acts", _("Acts"), tallies.by_act(shown.attacks))
    yield _counts("sectors", _("Sectors"), tallies.by_sector(shown.attacks))
    nobody = _("Nothing is on record of who was attacked.") if shown.victims.empty else ""
    yield Section("whom", _("Against whom"), nobody)
    whom = {
        "gender": (_("Gender"), tallies.by_gender(shown)),
        "identity": (_("Who they are"), tallies.by_identity(shown)),
        "people": (_("People or nation"), tallies.by_people(shown)),
    }
    yield from (_counts(name, label, rows) for name, (label, rows) in whom.items() if not rows.empty)


def _counts(name: str, label: str, rows: pd.DataFrame) -> Section:
    """List how often each code occurs: `code` in words, `attacks`, and where there are, `people`."""
    columns = {"code": Column(label), "attacks": Column(_("Attacks"), "number")}
    people = {"people": Column(_("People attacked"), "number")} if "people" in rows else {}
    return Section(name, table=Table(label, columns | people, rows))


def _outcomes(shown: Record, lack: str, known_of: KnownOf, today: dt.date) -> Iterator[Section]:
    """Yield how the cases of attacks ended, by act and by region, and what came of accusations of defenders."""
    title = _("What became of the cases")
    if lack:
        yield Section("outcomes", title, lack)
        return
    of_cases = cases(shown, today=today)
    by_act = impunity(shown, of_cases, by="act")
    of_regions = known_of(impunity(shown, of_cases, by="region"), "case_steps", ENDED)
    of_killings = [impunity_text(row, "killing") for row in by_act.query("group == 'killing'").to_dict("records")]
    yield Section("outcomes", title, " ".join(of_killings), table=_endings_table(by_act, _("Act")))
    table = _endings_table(of_regions, _("Region"))
    yield Section("outcomes-by-region", table=table, note=_accusations(against_defenders(of_cases)))


def _endings_table(rows: pd.DataFrame, label: str) -> Table:
    """List how cases ended, each number beside what it is counted of."""
    columns = {
        "group": Column(label),
        "attacks": Column(_("Attacks"), "number"),
        "known": Column(_("Of these with a case on record"), "number"),
        **{ending: Column(word(ending), "number") for ending in ENDINGS},
    }
    return Table(label, columns, rows.assign(group=_named(rows["group"], rows["country"])))


def _accusations(counts: Mapping[str, int]) -> str:
    """Return how the cases against defenders stand; empty if there is none."""
    ended = ", ".join(f"{word(name)}: {number(count)}" for name, count in counts.items() if name != "attacks" and count)
    text = _("Cases against defenders themselves, counted apart: {n} ({ended}).")
    return text.format(n=number(counts["attacks"]), ended=ended) if counts["attacks"] else ""


def _protection(shown: Record, lack: str, known_of: KnownOf) -> Section:
    """List protection measures by region."""
    if lack:
        return Section("protection", _("Protection"), lack)
    columns = {
        "region": Column(_("Region")),
        "attacks": Column(_("Attacks"), "number"),
        "attacks_without": Column(_("Of these without a measure on record"), "number"),
        "requested": Column(_("Measures requested"), "number"),
        "granted": Column(_("Of these granted"), "number"),
        "refused": Column(_("Of these refused"), "number"),
        "unanswered": Column(_("Of these without an answer on record"), "number"),
        "gender_responsive": Column(_("Of these gender-responsive"), "number", note="gender_stated"),
        "collective": Column(_("Of these collective"), "number", note="collective_stated"),
    }
    rows = known_of(by_region(shown), "protection_measures", COUNTED)
    stated = {name: rows[name].map(_said_of, na_action="ignore") for name in ("gender_stated", "collective_stated")}
    told = rows.assign(region=_named(rows["region"], rows["country"]), **stated)
    return Section("protection", _("Protection"), table=Table(_("Protection measures by region"), columns, told))


def _said_of(measures: float) -> str:
    return _("said of {n}").format(n=number(measures))


def _named(codes: "pd.Series[str]", countries: "pd.Series[str]") -> list[str]:
    """Return acts and regions in words; of a region that is not known its country, for rows to differ."""
    told = []
    for code, country in zip(codes, countries, strict=True):
        unknown = _("region not known")
        if pd.notna(country):
            unknown = _("{country}, region not known").format(country=country_name(country))
        told.append(word(code) if pd.notna(code) else unknown)
    return told
