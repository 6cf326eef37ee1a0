"""Text about commitments, beside their tables."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from lindero.app.answers.record.incidents import Record
from lindero.app.text.countries import country_name
from lindero.app.text.dates import format_partial_date
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _, format_number, ngettext
from lindero.app.text.pack_texts import translate_pack_text


def country_names(codes: "pd.Series[str]") -> dict[str, str]:
    """Return the names of countries by code, in the reader's language."""
    return {code: country_name(code) for code in codes.unique()}


def sort_countries(promises: pd.DataFrame, names: dict[str, str], *, own_country: str = "") -> list[str]:
    """Sort countries: the map's own first, then by number of attacks on the map, then by name."""
    order = promises.assign(name=promises["country"].map(names), is_own=promises["country"] == own_country)
    return order.sort_values(["is_own", "attacks", "name"], ascending=[False, False, True])["country"].tolist()


def list_attacked_regions(country: str, record: Record) -> dict[str, str]:
    """Return the names of the regions of a country with recorded attacks, by code."""
    attacks = record.attacks[record.attacks["country"] == country].dropna(subset=["region_code"])
    pairs = attacks[["region_code", "region"]].drop_duplicates().sort_values("region")
    return dict(zip(pairs["region_code"], pairs["region"], strict=True))


def undated_text(attacks: pd.DataFrame) -> str:
    """Return the number of attacks without a date, which no "since" can count, as text; empty if all have one."""
    count = int(attacks["occurred_on"].isna().sum())
    text = ngettext("{n} attack without a date is not counted.", "{n} attacks without a date are not counted.", count)
    return text.format(n=format_number(count)) if count else ""


def since_note(row: Mapping[Hashable, Any]) -> str:
    """Return a note if the record of attacks begins after a promise or ends before it, else an empty text."""
    promised, first, last = row["promised_on"], row["counted_from"], row["counted_to"]
    if pd.isna(promised) or pd.isna(last):
        return ""
    if last < promised and pd.isna(row["attacks_since"]):
        return _("not known: the record of attacks ends on {date}").format(date=format_partial_date(last, "day"))
    if first > promised and pd.notna(row["attacks_since"]):
        return _("counted from {date}, when the record begins").format(date=format_partial_date(first, "day"))
    return ""


def commitment_notes(standing: pd.DataFrame) -> tuple[str, ...]:
    """Return the notes and sources of each commitment."""
    lines = []
    for row in standing.to_dict("records"):
        sentences = [f"{escape_markdown(translate_pack_text(text))}." for text in row["notes"]]
        if row["verified"] not in {"yes", "copy"}:
            sentences.append(_("Disputed.") if row["verified"] == "disputed" else _("Not fully verified."))
        urls = [f"`{url}`" for url in row["source_urls"] if "`" not in url]
        lines.append(f"**{escape_markdown(translate_pack_text(row['instrument']))}**. " + " ".join([*sentences, *urls]))
    return tuple(lines)
