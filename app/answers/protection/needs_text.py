"""Where protection is missing, in sentences: who needs it most, how firm that is, and what is not known."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from lindero.app.answers.defaults import DEPARTMENT, Per
from lindero.app.answers.protection.needs import COMMUNITY, KM, LABELS, Needs
from lindero.app.answers.ranking.weights import left_out, names
from lindero.app.answers.regions import PROVINCE
from lindero.app.text.i18n import _, ngettext, number
from lindero.layers.model.parse_values import is_missing

Row = Mapping[Hashable, Any]


def summary(found: Needs) -> str:
    """Say who needs protection most by these weights, and what that rests on."""
    return " ".join(filter(None, (first(found), there(found), firm(found), besides(found))))


def besides(found: Needs) -> str:
    """Say what the ranking leaves out: who is not ranked, what does not weigh, which attacks are counted nowhere."""
    return " ".join(filter(None, (unranked_text(found), left_out(found.left, LABELS), beyond(found))))


def first(found: Needs) -> str:
    """Say who needs protection most."""
    if found.rows.empty:
        return _("There is nothing on this map that could be compared.")
    if found.ranked.empty:
        return _("None can be ranked: what weighs is not known of any of them.")
    row = found.ranked.iloc[0].to_dict()
    if len(found.ranked) == 1:
        return _("Only {name} can be ranked: where protection is missing most cannot be said.").format(name=row["name"])
    return _("Protection is missing most in {name}: {attacks}.").format(name=row["name"], attacks=attacks(row, found))


def there(found: Needs) -> str:
    """Say what else weighs of who needs protection most; empty if fewer than two are ranked."""
    if len(found.ranked) <= 1:
        return ""
    row = found.ranked.iloc[0].to_dict()
    return _("There: {measures}, {cases}.").format(
        measures=_of_attacks(row["without_measure"], _("{n} of them without a protection measure on record")),
        cases=_of_attacks(row["without_outcome"], _("{n} cases without an outcome on record")),
    )


def firm(found: Needs) -> str:
    """Say how firm the rank of who needs it most is; empty if fewer than two are ranked."""
    if len(found.ranked) <= 1:
        return ""
    row = found.ranked.iloc[0].to_dict()
    text = _("Under other weights its rank is {low} to {high} of {count} in nine draws of ten.")
    if row["rank_low"] == row["rank_high"]:
        text = _("It is so by almost all other weights, too, among {count}.")
    low, high = (number(row[name]) for name in ("rank_low", "rank_high"))
    return text.format(low=low, high=high, count=number(len(found.ranked)))


def attacks(row: Row, found: Needs) -> str:
    """Say how many attacks are on record, and how many that is for how many people or communities."""
    if is_missing(row["attacks"]):
        return _("the attacks are not known")
    count = int(row["attacks"])
    sentence = ngettext("{n} attack on record", "{n} attacks on record", count).format(n=number(count))
    if found.per is None:
        return _("{attacks} within {km} km").format(attacks=sentence, km=KM)
    if is_missing(row["attacks_rate"]):
        return sentence
    return _("{attacks} ({rate} {per})").format(
        attacks=sentence, rate=number(row["attacks_rate"], decimals=1), per=per(found)
    )


def per(found: Needs) -> str:
    """Say what a rate is of."""
    if found.per is None:
        return ""
    text = _("for {n} people") if found.per is Per.PEOPLE else _("for {n} communities")
    return text.format(n=number(found.unit or 0))


def killed(row: Row) -> str:
    """Say how many people are told to have been killed, and of how many killings nobody tells a number."""
    if is_missing(row["killings"]):
        return _("not known")
    unstated = int(row["killings_unstated"])
    if is_missing(row["people_killed"]):
        return _("not stated")
    if not unstated:
        return number(row["people_killed"])
    return _("at least {n}").format(n=number(row["people_killed"]))


def unranked_text(found: Needs) -> str:
    """Name those of which something that weighs is not known."""
    rows = found.unranked
    if rows.empty or found.ranked.empty:
        return ""
    text = ngettext(
        "{n} is not ranked, for something that weighs is not known of it: {names}.",
        "{n} are not ranked, for something that weighs is not known of them: {names}.",
        len(rows),
    )
    return text.format(n=number(len(rows)), names=names(rows))


def beyond(found: Needs) -> str:
    """Say how many attacks are counted nowhere."""
    if not found.elsewhere:
        return ""
    where = {
        DEPARTMENT: ngettext(
            "{n} attack is in none of them, or nobody knows in which.",
            "{n} attacks are in none of them, or nobody knows in which.",
            found.elsewhere,
        ),
        PROVINCE: ngettext(
            "{n} attack is in none of them, or not known to a province.",
            "{n} attacks are in none of them, or not known to a province.",
            found.elsewhere,
        ),
        COMMUNITY: ngettext(
            "{n} attack is near none of them, or its place is not known well enough.",
            "{n} attacks are near none of them, or their place is not known well enough.",
            found.elsewhere,
        ),
    }
    return where[found.question.level].format(n=number(found.elsewhere))


def people(found: Needs) -> str:
    """Say whose count of people the rates rest on; empty if there is none."""
    if found.per is not Per.PEOPLE:
        return ""
    counted = found.rows.dropna(subset=["population"])
    stated = counted[["population_source", "counted_on"]].drop_duplicates()
    lines = [_counted(row) for row in stated.to_dict("records")]
    return _("People as counted by: {sources}.").format(sources="; ".join(lines)) if lines else ""


def _counted(row: Row) -> str:
    day = row["counted_on"]
    return f"{row['population_source']} ({day.year})" if pd.notna(day) else str(row["population_source"])


def _of_attacks(count: object, text: str) -> str:
    return text.format(n=_("an unknown number") if is_missing(count) else number(int(str(count))))
