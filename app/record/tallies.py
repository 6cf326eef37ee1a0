"""How often: attacks by year, act and sector; people attacked by gender, identity and nation, counted apart."""

import pandas as pd

from app.record.counted import Record
from app.wording.i18n import _
from app.wording.words import word


def by_year(attacks: pd.DataFrame) -> pd.DataFrame:
    """
    Count attacks by year: `year`, `killings` and `others` (events), `attacks`, `people` (attacked, where it is stated).

    Every year between the first and the last has a row; attacks without a date are in none.
    """
    dated = attacks.dropna(subset=["year"])
    if dated.empty:
        return pd.DataFrame(columns=["year", "killings", "others", "attacks", "people"])
    grouped = dated.groupby("year").agg(
        killings=("is_killing", "sum"), attacks=("id", "size"), people=("people", "sum")
    )
    years = range(int(dated["year"].min()), int(dated["year"].max()) + 1)
    table = grouped.reindex(years, fill_value=0).rename_axis("year").reset_index().astype(int)
    return table.assign(others=table["attacks"] - table["killings"])[
        ["year", "killings", "others", "attacks", "people"]
    ]


def by_act(attacks: pd.DataFrame) -> pd.DataFrame:
    """Count attacks by act, in words; an attack with two acts counts under both."""
    return _counted(attacks.explode("types")["types"])


def by_sector(attacks: pd.DataFrame) -> pd.DataFrame:
    """Count attacks by sector, in words."""
    return _counted(attacks["sector"])


def by_gender(told: Record) -> pd.DataFrame:
    """Count people attacked by gender, in words: `code`, `attacks` (events), `people` (where it is stated)."""
    return _people(told.victims, "gender")


def by_identity(told: Record) -> pd.DataFrame:
    """Count people attacked by identity; who is a leader and indigenous counts under both."""
    return _people(told.victims.explode("identity"), "identity")


def by_people(told: Record) -> pd.DataFrame:
    """Count people attacked by people or nation, where it is stated."""
    return _people(told.victims.dropna(subset=["people"]), "people", in_words=False)


def _counted(codes: "pd.Series[str]") -> pd.DataFrame:
    counted = codes.fillna("unknown").value_counts().rename_axis("code").reset_index(name="attacks")
    return counted.assign(code=counted["code"].map(word))


def _people(victims: pd.DataFrame, column: str, *, in_words: bool = True) -> pd.DataFrame:
    groups = victims.assign(code=victims[column].fillna("unknown"))
    table = groups.groupby("code", as_index=False).agg(attacks=("incident_id", "nunique"), people=("count", "sum"))
    table = table.sort_values(["people", "attacks"], ascending=False, ignore_index=True).astype({"people": "Int64"})
    return table.assign(code=table["code"].map(word)) if in_words else table


def said(attacks: pd.DataFrame) -> str:
    """Say what the numbers do not hold: dates, numbers of people and regions that nobody stated."""
    missing = {
        _("{n} without a date"): attacks["year"].isna().sum(),
        _("{n} without the number of people"): attacks["people"].isna().sum(),
        _("{n} without a known region"): attacks["region_code"].isna().sum(),
    }
    return ", ".join(text.format(n=int(count)) for text, count in missing.items() if count)
