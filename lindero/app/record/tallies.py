"""How often: attacks by year, act and sector; people attacked by gender, identity and nation, counted apart."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from lindero.app.record.incidents import ALL_COUNTRIES, Record
from lindero.app.text.codes import word
from lindero.app.text.countries import country_name
from lindero.app.text.i18n import _, ngettext, number
from lindero.layers.model.parse_values import is_missing


@dataclass(frozen=True)
class Killed:
    """People of whom it is told that they were killed (None: of no killing is it told), and killings left out."""

    people: int | None
    unstated: int


def people_killed(attacks: pd.DataFrame) -> Killed:
    """Add up the people killed; 0 where no killing is on record, and never those attacked in the same event."""
    of_killings = attacks[attacks["is_killing"] | attacks["killed"].notna()]
    stated = of_killings["killed"].dropna()
    people = int(stated.sum()) if len(stated) or of_killings.empty else None
    return Killed(people, len(of_killings) - len(stated))


def total(people: "pd.Series[int]") -> Any:
    """Add up numbers of people; missing where none is stated."""
    return people.sum(min_count=1)


def by_year(attacks: pd.DataFrame) -> pd.DataFrame:
    """
    Count attacks by year.

    Columns: `year`, `killings` and `others` (events), `attacks`, `people` (attacked) and `killed`, both where it is
    stated, and missing in a year of which nobody states it. Every year between the first and the last has a row;
    attacks without a date are in none.
    """
    columns = ["year", "killings", "others", "attacks", "people", "killed"]
    dated = attacks.dropna(subset=["year"])
    if dated.empty:
        return pd.DataFrame(columns=columns)
    by_year = dated.groupby("year")
    grouped = by_year.agg(killings=("is_killing", "sum"), attacks=("id", "size"), people=("people", total))
    killed = pd.Series({year: people_killed(of_it).people for year, of_it in by_year}, dtype="Int64")
    years = range(int(dated["year"].min()), int(dated["year"].max()) + 1)
    table = grouped.assign(killed=killed).astype("Int64").reindex(years, fill_value=0).rename_axis("year").reset_index()
    return table.assign(others=table["attacks"] - table["killings"])[columns]


def by_act(attacks: pd.DataFrame) -> pd.DataFrame:
    """Count attacks by act, in words; an attack with two acts counts under both."""
    return _counted(attacks.explode("types")["types"])


def by_sector(attacks: pd.DataFrame) -> pd.DataFrame:
    """Count attacks by sector, in words."""
    return _counted(attacks["sector"])


def by_gender(record: Record) -> pd.DataFrame:
    """Count people attacked by gender, in words: `code`, `attacks` (events), `people` (where it is stated)."""
    return _people(record.victims, "gender")


def by_identity(record: Record) -> pd.DataFrame:
    """Count people attacked by identity; who is a leader and indigenous counts under both."""
    return _people(record.victims.explode("identity"), "identity")


def by_people(record: Record) -> pd.DataFrame:
    """Count people attacked by people or nation, where it is stated."""
    return _people(record.victims.dropna(subset=["people"]), "people", in_words=False)


def _counted(codes: "pd.Series[str]") -> pd.DataFrame:
    counted = codes.fillna("unknown").value_counts().rename_axis("code").reset_index(name="attacks")
    return counted.assign(code=counted["code"].map(word))


def _people(victims: pd.DataFrame, column: str, *, in_words: bool = True) -> pd.DataFrame:
    groups = victims.assign(code=victims[column].fillna("unknown"))
    table = groups.groupby("code", as_index=False).agg(attacks=("incident_id", "nunique"), people=("count", total))
    table = table.sort_values(["people", "attacks"], ascending=False, ignore_index=True).astype({"people": "Int64"})
    return table.assign(code=table["code"].map(word)) if in_words else table


def people_text(people: object) -> str:
    """Give a number of people in figures, or say that nobody states it."""
    return _("not stated") if is_missing(people) else number(int(str(people)))


def missing_note(text: str, count: int) -> str:
    """Return the note under a figure of how many records do not state what it counts; empty if all do."""
    return text.format(n=number(count)) if count else ""


def unknowns_text(attacks: pd.DataFrame) -> str:
    """Say what the numbers do not hold: dates, numbers of people and regions that nobody stated."""
    missing = {
        _("{n} without a date"): attacks["year"].isna().sum(),
        _("{n} without the number of people"): attacks["people"].isna().sum(),
        _("{n} killings without the number of people killed"): people_killed(attacks).unstated,
        _("{n} without a known region"): attacks["region_code"].isna().sum(),
    }
    return ", ".join(text.format(n=int(count)) for text, count in missing.items() if count)


def country_text(country: str) -> str:
    """Return the name of a country, or of all of them."""
    return _("all countries") if country in {"", ALL_COUNTRIES} else country_name(country)


def attacks_label(country: str) -> str:
    """Return what a number of attacks is called, by the country that they are counted in."""
    return _("Attacks on record in {country}").format(country=country_text(country))


def without_country_text(record: Record, country: str) -> str:
    """Return how many attacks of the whole record have no known country, where those of one country are shown."""
    unknown = record.attacks["country"].isna().sum()
    if country == ALL_COUNTRIES or not unknown:
        return ""
    text = ngettext(
        "{n} attack without a known country is not counted here.",
        "{n} attacks without a known country are not counted here.",
        unknown,
    )
    return text.format(n=number(unknown))
