"""Where protection is missing, in sentences: who needs it most, how firm that is, and what is not known."""

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import pandas as pd

from lindero.app.answers.defaults import DEPARTMENT, Per
from lindero.app.answers.protection.needs import COMMUNITY, KM, LABELS, Needs
from lindero.app.answers.ranking.weights import left_out, names, one_indicator
from lindero.app.answers.regions import PROVINCE
from lindero.app.text.i18n import _, listed, ngettext, number
from lindero.geo.stats.ranking import Dull
from lindero.layers.model.parse_values import is_missing

Row = Mapping[Hashable, Any]


def besides(found: Needs) -> list[str]:
    """Return what the ranking leaves out: what is not known, what does not weigh, and the attacks counted nowhere."""
    is_told = len(found.weights) > 1  # else `firm` says that one decides alone
    dull = {name: why for name, why in found.left.items() if is_told and why is not Dull.UNKNOWN}
    sentences = (_not_known(found), unranked_text(found), left_out(dull, LABELS), beyond(found))
    return [sentence for sentence in sentences if sentence]


def first(found: Needs) -> str:
    """Return in words who needs protection most, or by what the rows are ranked where the attacks are not known."""
    if found.rows.empty:
        return _("There is nothing on this map that could be compared.")
    if found.ranked.empty:
        return _("Not enough is known to rank them: neither attacks nor land under concession.")
    row = found.ranked.iloc[0].to_dict()
    if len(found.ranked) == 1:
        return _("Only {name} can be ranked: where protection is missing most cannot be said.").format(name=row["name"])
    if not found.is_by_attacks:
        text = _("Attacks on record do not tell them apart. By {what} alone, {name} comes first.")
        return text.format(what=weighed(found), name=row["name"])
    return _("Protection is missing most in {name}: {attacks}.").format(name=row["name"], attacks=attacks(row, found))


def weighed(found: Needs) -> str:
    """Return the names of the indicators that the rows are ranked by."""
    return _list_of(found.weights)


def _list_of(indicators: Iterable[str]) -> str:
    return listed([inside(name) for name in indicators])


def inside(indicator: str) -> str:
    """Return the name of an indicator as it is written inside a sentence."""
    label = _(LABELS[indicator])
    return label[:1].lower() + label[1:]


def there(found: Needs) -> str:
    """Say what is known of the cases and measures of who needs protection most; empty if fewer than two are ranked."""
    if len(found.ranked) <= 1:
        return ""
    row = found.ranked.iloc[0].to_dict()
    told = {
        "without_measure": _("{n} of them without a protection measure on record"),
        "without_outcome": _("{n} cases without an outcome on record"),
    }
    known = [text.format(n=number(int(row[name]))) for name, text in told.items() if not is_missing(row[name])]
    return _("There: {what}.").format(what=", ".join(known)) if known else ""


def firm(found: Needs) -> str:
    """Say how firm the rank of who needs it most is; empty if fewer than two are ranked."""
    if len(found.ranked) <= 1:
        return ""
    alone = one_indicator(found.weights, LABELS)
    tried = [*([] if alone else [_("other weights")]), *_chance(found)]
    if not tried:
        return alone
    row = found.ranked.iloc[0].to_dict()
    text = _("Its rank is {low} to {high} of {count} in nine of ten trials with {tried}.")
    if row["rank_low"] == row["rank_high"]:
        text = _("It keeps this rank, among {count}, in nine of ten trials with {tried}.")
    low, high = (number(row[name]) for name in ("rank_low", "rank_high"))
    sentence = text.format(low=low, high=high, count=number(len(found.ranked)), tried=listed(tried))
    return " ".join(filter(None, (sentence, alone)))


def _chance(found: Needs) -> list[str]:
    """Name what is tried by chance besides weights: attacks of unknown region, and what is not known of some rows."""
    text = ngettext(
        "the {n} attack of unknown region placed by chance",
        "the {n} attacks of unknown region placed by chance",
        found.dealt,
    )
    dealt = [text.format(n=number(found.dealt))] if found.dealt else []
    return [*dealt, *([_("any value of what is not known")] if found.has_gaps else [])]


def _not_known(found: Needs) -> str:
    """Return the names of the indicators that are known of none, or of too few, of the rows."""
    missing = [name for name, why in found.left.items() if why is Dull.UNKNOWN]
    if not missing or found.ranked.empty:
        return ""
    return _("Not known of most, and so not counted: {what}.").format(what=_list_of(missing))


def attacks(row: Row, found: Needs) -> str:
    """Say how many attacks are on record, and how many that is for how many people or communities."""
    if is_missing(row["attacks"]):
        return _("the attacks are not known")
    count = int(row["attacks"])
    sentence = ngettext("{n} attack on record", "{n} attacks on record", count).format(n=number(count))
    if found.question.level == COMMUNITY:
        return _("{attacks} within {km} km").format(attacks=sentence, km=KM)
    if found.per is None or is_missing(row["attacks_rate"]):
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
    """Return the names of the rows of which nothing that weighs is known."""
    rows = found.unranked
    if rows.empty or found.ranked.empty:
        return ""
    text = ngettext(
        "{n} is not ranked, because this is not known of it ({what}): {names}.",
        "{n} are not ranked, because this is not known of them ({what}): {names}.",
        len(rows),
    )
    return text.format(n=number(len(rows)), what=weighed(found), names=names(rows))


def beyond(found: Needs) -> str:
    """Return in words how many attacks of the country are counted at none of the rows."""
    if not found.elsewhere or (found.elsewhere == found.dealt and len(found.ranked) > 1):  # `firm` names these
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
