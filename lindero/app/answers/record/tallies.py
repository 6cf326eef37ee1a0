"""Counts of attacks by year, act and sector, and of people attacked by gender, identity and nation."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from lindero.app.answers.record.incidents import ALL_COUNTRIES, Record
from lindero.app.text.codes import translate_code
from lindero.app.text.countries import country_name
from lindero.app.text.i18n import _, format_number, ngettext
from lindero.layers.model.parse_values import is_missing


@dataclass(frozen=True)
class KilledCount:
    """The number of people reported killed.

    `people` is None if killings are recorded but none states a number. `unstated` is the number of killings without
    one.
    """

    people: int | None
    unstated: int


def count_killed_people(attacks: pd.DataFrame) -> KilledCount:
    """Sum the people killed: 0 if no killing is recorded. Other people attacked in the same event are not counted."""
    killings = attacks[attacks["is_killing"] | attacks["killed"].notna()]
    stated = killings["killed"].dropna()
    people = int(stated.sum()) if len(stated) or killings.empty else None
    return KilledCount(people, len(killings) - len(stated))


def sum_people(people: "pd.Series[int]") -> Any:
    """Sum numbers of people; missing if none is stated."""
    return people.sum(min_count=1)


def count_by_year(attacks: pd.DataFrame) -> pd.DataFrame:
    """Count attacks by year.

    Columns: `year`, `killings` and `others` (events), `attacks`, `people` (attacked) and `killed`. The last two are
    sums of the stated numbers, missing in a year without any. Every year between the first and the last has a row.
    Attacks without a date are left out.
    """
    columns = ["year", "killings", "others", "attacks", "people", "killed"]
    dated = attacks.dropna(subset=["year"])
    if dated.empty:
        return pd.DataFrame(columns=columns)
    yearly = dated.groupby("year")
    grouped = yearly.agg(killings=("is_killing", "sum"), attacks=("id", "size"), people=("people", sum_people))
    killed = pd.Series({year: count_killed_people(year_attacks).people for year, year_attacks in yearly}, dtype="Int64")
    years = range(int(dated["year"].min()), int(dated["year"].max()) + 1)
    table = grouped.assign(killed=killed).astype("Int64").reindex(years, fill_value=0).rename_axis("year").reset_index()
    return table.assign(others=table["attacks"] - table["killings"])[columns]


def count_by_act(attacks: pd.DataFrame) -> pd.DataFrame:
    """Count attacks by act, with translated codes. An attack with two acts is counted under both."""
    return _count_codes(attacks.explode("types")["types"])


def count_by_sector(attacks: pd.DataFrame) -> pd.DataFrame:
    """Count attacks by sector, with translated codes."""
    return _count_codes(attacks["sector"])


def count_by_gender(record: Record) -> pd.DataFrame:
    """Count people attacked by gender: `code` (translated), `attacks` (events), `people` (where stated)."""
    return _count_people(record.victims, "gender")


def count_by_identity(record: Record) -> pd.DataFrame:
    """Count people attacked by identity. A person who is a leader and indigenous is counted under both."""
    return _count_people(record.victims.explode("identity"), "identity")


def count_by_people(record: Record) -> pd.DataFrame:
    """Count people attacked by people or nation, where it is stated."""
    return _count_people(record.victims.dropna(subset=["people"]), "people", in_words=False)


def _count_codes(codes: "pd.Series[str]") -> pd.DataFrame:
    counts = codes.fillna("unknown").value_counts().rename_axis("code").reset_index(name="attacks")
    return counts.assign(code=counts["code"].map(translate_code))


def _count_people(victims: pd.DataFrame, column: str, *, in_words: bool = True) -> pd.DataFrame:
    groups = victims.assign(code=victims[column].fillna("unknown"))
    table = groups.groupby("code", as_index=False).agg(attacks=("incident_id", "nunique"), people=("count", sum_people))
    table = table.sort_values(["people", "attacks"], ascending=False, ignore_index=True).astype({"people": "Int64"})
    return table.assign(code=table["code"].map(translate_code)) if in_words else table


def people_text(people: object) -> str:
    """Format a number of people, or return "not stated"."""
    return _("not stated") if is_missing(people) else format_number(int(str(people)))


def missing_note(text: str, count: int) -> str:
    """Return the note under a figure on how many records do not state its value; empty if all do."""
    return text.format(n=format_number(count)) if count else ""


def unknowns_text(attacks: pd.DataFrame) -> str:
    """Describe the missing values of attacks: dates, numbers of people and regions."""
    unstated = count_killed_people(attacks).unstated
    killings = ngettext(
        "{n} killing without the number of people killed",
        "{n} killings without the number of people killed",
        unstated,
    )
    missing = {
        _("{n} without a date"): attacks["year"].isna().sum(),
        _("{n} without the number of people"): attacks["people"].isna().sum(),
        killings: unstated,
        _("{n} without a known region"): attacks["region_code"].isna().sum(),
    }
    return ", ".join(text.format(n=int(count)) for text, count in missing.items() if count)


def country_text(country: str) -> str:
    """Return the name of a country, or "all countries"."""
    return _("all countries") if country in {"", ALL_COUNTRIES} else country_name(country)


def attacks_label(country: str) -> str:
    """Return the label for a number of attacks in a country."""
    return _("Attacks on record in {country}").format(country=country_text(country))


def unknown_country_text(record: Record, country: str) -> str:
    """Return the number of attacks without a known country as text; empty if all countries are shown."""
    unknown = record.attacks["country"].isna().sum()
    if country == ALL_COUNTRIES or not unknown:
        return ""
    text = ngettext(
        "{n} attack without a known country is not counted here.",
        "{n} attacks without a known country are not counted here.",
        unknown,
    )
    return text.format(n=format_number(unknown))
