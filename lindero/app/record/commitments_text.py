"""What is said of commitments besides their tables."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from lindero.app.record.incidents import Record
from lindero.app.text.commitment_names import instrument, note
from lindero.app.text.countries import country_name
from lindero.app.text.dates import when
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, ngettext, number


def country_names(codes: "pd.Series[str]") -> dict[str, str]:
    """Name countries by their code, in the reader's language."""
    return {code: country_name(code) for code in codes.unique()}


def most_attacked_first(promises: pd.DataFrame, names: dict[str, str], *, own: str = "") -> list[str]:
    """Order countries: the map's own, if it has one, then those with most attacks on the map, then by name."""
    order = promises.assign(name=promises["country"].map(names), is_own=promises["country"] == own)
    return order.sort_values(["is_own", "attacks", "name"], ascending=[False, False, True])["country"].tolist()


def regions_of(country: str, record: Record) -> dict[str, str]:
    """Give the regions of a country in which an attack is on record, by name."""
    attacks = record.attacks[record.attacks["country"] == country].dropna(subset=["region_code"])
    pairs = attacks[["region_code", "region"]].drop_duplicates().sort_values("region")
    return dict(zip(pairs["region_code"], pairs["region"], strict=True))


def undated_text(attacks: pd.DataFrame) -> str:
    """Return how many attacks have no date, which no "since" can hold; empty if all have one."""
    count = int(attacks["occurred_on"].isna().sum())
    text = ngettext("{n} attack without a date is not counted.", "{n} attacks without a date are not counted.", count)
    return text.format(n=number(count)) if count else ""


def since_note(row: Mapping[Hashable, Any]) -> str:
    """Return where the record of attacks begins after a promise, or ends before it; nothing if it does neither."""
    promised, first, last = row["promised_on"], row["counted_from"], row["counted_to"]
    if pd.isna(promised) or pd.isna(last):
        return ""
    if last < promised and pd.isna(row["attacks_since"]):
        return _("not known: the record of attacks ends on {date}").format(date=when(last, "day"))
    if first > promised and pd.notna(row["attacks_since"]):
        return _("counted from {date}, where the record begins").format(date=when(first, "day"))
    return ""


def notes(standing: pd.DataFrame) -> tuple[str, ...]:
    """Return for each commitment what is to be known of it, and where it is told."""
    lines = []
    for row in standing.to_dict("records"):
        sentences = [f"{plain(note(text))}." for text in row["notes"]]
        if row["verified"] != "yes":
            sentences.append(_("Disputed.") if row["verified"] == "disputed" else _("Not verified in full."))
        cited = [f"`{url}`" for url in row["source_urls"] if "`" not in url]
        lines.append(f"**{plain(instrument(row['instrument']))}**. " + " ".join([*sentences, *cited]))
    return tuple(lines)
