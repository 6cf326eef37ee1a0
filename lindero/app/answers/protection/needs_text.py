"""Sentences about the need for protection: known killings and measures, the ranking, and gaps in the data."""

from collections.abc import Hashable, Iterable, Mapping
from math import isnan, nan
from typing import Any

import pandas as pd

from lindero.app.answers.claims import find_highest, highest_text
from lindero.app.answers.defaults import DEPARTMENT, RateBase
from lindero.app.answers.protection.needs import COMMUNITY, KM, LABELS, Needs
from lindero.app.answers.ranking.weights import MAX_NAMES, join_row_names, left_out_text, single_indicator_text
from lindero.app.answers.regions import PROVINCE
from lindero.app.text.i18n import _, format_number, format_share, join_texts, ngettext
from lindero.geo.stats.poisson import poisson_interval
from lindero.geo.stats.ranking import Uninformative
from lindero.layers.model.parse_values import is_missing

Row = Mapping[Hashable, Any]


def list_caveats(needs: Needs) -> list[str]:
    """Return sentences on how stable the ranking is, and on what it leaves out.

    These are unknown indicators, rows without a rank, indicators that do not affect the order, and attacks counted
    nowhere.
    """
    has_several = len(needs.weights) > 1  # otherwise `stability_text` says that one indicator decides
    uninformative = {name: why for name, why in needs.left.items() if has_several and why is not Uninformative.UNKNOWN}
    sentences = (
        stability_text(needs),
        _unknown_indicators_text(needs),
        unranked_text(needs),
        left_out_text(uninformative, LABELS),
        elsewhere_attacks_text(needs),
    )
    return [sentence for sentence in sentences if sentence]


def summarize_needs(needs: Needs) -> str:
    """Return the known killings, or else attacks or land, by row, and what is not known of them."""
    if needs.rows.empty:
        return _("This map has nothing to compare.")
    rates = rate_bounds(needs)
    if rates["value"].fillna(0).any():
        return " ".join(filter(None, (_rates_text(needs, rates), _uncounted_text(needs))))
    if needs.rows["share"].isna().all():
        return _("There is not enough data to rank them: neither the attacks nor the land under concession is known.")
    rows = needs.rows.sort_values("share", ascending=False)
    is_part = rows["share_high"].isna()
    texts = [
        _("at least {n}").format(n=format_share(share)) if part else format_share(share)
        for share, part in zip(rows["share"].fillna(0), is_part, strict=True)
    ]
    highest = find_highest(rows["share_low"], rows["share_high"])
    label = LABELS["share"]
    text = highest_text(_(label), highest, _row_names(rows), dict(zip(rows.index, texts, strict=True)))
    return " ".join((_("Recorded attacks do not distinguish them."), text))


def counted_event(needs: Needs) -> str:
    """Return the kind of event that the answer is about: killings if any is known, else attacks."""
    return "killings" if needs.attacks["is_killing"].any() else "attacks"


def _select_events(needs: Needs) -> pd.DataFrame:
    return needs.attacks[needs.attacks["is_killing"] | (counted_event(needs) == "attacks")]


def rate_bounds(needs: Needs) -> pd.DataFrame:
    """Return the known killings, or else attacks, of each row, per people or communities if these are known.

    Columns: `count`, `value`, its exact Poisson interval `low` and `high`, and `most`, as if all events without a place
    were in the row. The largest values come first.
    """
    counts, base = needs.rows[counted_event(needs)].astype(float), pd.Series(1.0, index=needs.rows.index)
    if needs.per is not None:
        inhabitants = needs.rows["population" if needs.per is RateBase.PEOPLE else "communities"].astype(float)
        base = inhabitants.where(inhabitants > 0) / float(needs.unit or 1)
    unplaced = int((~_select_events(needs)["is_placed"]).sum())
    ends = [
        (nan,) * 3 if isnan(count) else (*poisson_interval(int(count)), poisson_interval(int(count) + unplaced)[1])
        for count in counts
    ]
    bounds = pd.DataFrame(ends, index=counts.index, columns=["low", "high", "most"]).assign(value=counts)
    rates = bounds.div(base, axis=0).assign(count=counts)
    return rates.sort_values("value", ascending=False, kind="stable")


def rate_label(needs: Needs) -> str:
    """Return what `rate_bounds` counts, in words, with the span of years."""
    label = _("Known killings") if counted_event(needs) == "killings" else _("Known attacks")
    if needs.question.level == COMMUNITY:
        label = _("{attacks} within {km} km").format(attacks=label, km=KM)
    elif needs.per is not None:
        label = _("{what} {per}").format(what=label, per=rate_unit_text(needs))
    return ", ".join(filter(None, (label, years_text(_select_events(needs)))))


def years_text(attacks: pd.DataFrame) -> str:
    """Return the first and the last year of attacks, and how many have no date."""
    years = attacks["year"]
    dated = years.dropna().astype(int)
    span = "–".join(dict.fromkeys([str(dated.min()), str(dated.max())])) if len(dated) else ""
    undated = int(years.isna().sum())
    return ", ".join(filter(None, (span, _("{n} without a date").format(n=undated) if undated else "")))


def _rates_text(needs: Needs, rates: pd.DataFrame) -> str:
    text = "{value} ({events})" if needs.per is None else "{value} ({events}, {low} – {high})"
    texts = {
        label: text.format(
            events=_count_text(needs, int(row["count"])),
            **{name: format_number(row[name], decimals=1) for name in ("value", "low", "high")},
        )
        for label, row in rates.dropna().iterrows()
    }
    return highest_text(rate_label(needs), find_highest(rates["low"], rates["most"]), _row_names(needs.rows), texts)


def _count_text(needs: Needs, count: int) -> str:
    text = (
        ngettext("{n} killing", "{n} killings", count)
        if counted_event(needs) == "killings"
        else ngettext("{n} attack", "{n} attacks", count)
    )
    return text.format(n=format_number(count))


def _row_names(rows: pd.DataFrame) -> dict[Hashable, str]:
    return rows["name"].fillna(rows["id"]).to_dict()


def _uncounted_text(needs: Needs) -> str:
    """Return how many of the killings, or else attacks, are counted in no row; empty if none."""
    events = _select_events(needs)
    uncounted = int((~events["is_counted"]).sum())
    text = _("Not placed in any of them: {n} of {events}.")
    return text.format(n=format_number(uncounted), events=_count_text(needs, len(events))) if uncounted else ""


def protection_text(needs: Needs) -> str:
    """Return how many attacks have no measure on record, of those of which this is known."""
    if needs.rows.empty:
        return ""
    known = needs.rows.dropna(subset=["without_measure"])
    if known.empty:
        return _("What protection was given is not known.")
    if needs.question.level == COMMUNITY:
        return ""  # one attack may be near several communities: sums would count it twice
    text = _("No protection measure is on record for {n} of {all} attacks.").format(
        n=format_number(known["without_measure"].sum()), all=format_number(known["attacks"].sum())
    )
    unknown = int(needs.rows.loc[needs.rows["without_measure"].isna(), "attacks"].sum()) + needs.uncounted_attacks
    rest = _("Measures for the other {n} are not known.").format(n=format_number(unknown)) if unknown else ""
    return " ".join(filter(None, (text, rest)))


def indicator_names(needs: Needs) -> str:
    """Return the names of the indicators that the rows are ranked by."""
    return _join_indicators(needs.weights)


def _join_indicators(indicators: Iterable[str]) -> str:
    return join_texts([inline_label(name) for name in indicators])


def inline_label(indicator: str) -> str:
    """Return the name of an indicator as it is written inside a sentence."""
    label = _(LABELS[indicator])
    return label[:1].lower() + label[1:]


def stability_text(needs: Needs) -> str:
    """Return which rows may rank first by all indicators; empty if fewer than two rows are ranked."""
    ranked = needs.ranked_rows
    if len(ranked) <= 1:
        return ""
    single_indicator = single_indicator_text(needs.weights, LABELS)
    variations = [*([] if single_indicator else [_("other weights")]), *_variation_texts(needs)]
    if not variations:
        return single_indicator
    first = find_highest(-ranked["rank_high"].astype(float), -ranked["rank_low"].astype(float)).candidates
    names = [_row_names(ranked)[label] for label in first]
    text = _("In the ranking by {what}, {names} is first of {count} in nine of ten trials with {tried}.")
    if len(names) > 1:
        text = _(
            "In the ranking by {what}, one of these may be first of {count}, by nine of ten trials with {tried}: "
            "{names}."
        )
    sentence = text.format(
        what=indicator_names(needs),
        names=join_texts([*names[:MAX_NAMES], *(["…"] if len(names) > MAX_NAMES else [])]),
        count=format_number(len(ranked)),
        tried=join_texts(variations),
    )
    return " ".join(filter(None, (sentence, single_indicator)))


def _variation_texts(needs: Needs) -> list[str]:
    """List the variations besides weights: attacks in an unknown region, and missing values."""
    text = ngettext(
        "{n} attack without a known region placed at random",
        "{n} attacks without a known region placed at random",
        needs.distributed_attacks,
    )
    dealt_texts = [text.format(n=format_number(needs.distributed_attacks))] if needs.distributed_attacks else []
    return [*dealt_texts, *([_("any possible value of the missing data")] if needs.has_gaps else [])]


def _unknown_indicators_text(needs: Needs) -> str:
    """Return the names of the indicators that are known of too few rows."""
    missing = [name for name, why in needs.left.items() if why is Uninformative.UNKNOWN]
    if not missing or needs.ranked_rows.empty:
        return ""
    return _("Not used, because they are not known for most: {what}.").format(what=_join_indicators(missing))


def attack_count_text(row: Row, needs: Needs) -> str:
    """Return the number of recorded attacks, and their rate per people or communities."""
    if is_missing(row["attacks"]):
        return _("the attacks are not known")
    count = int(row["attacks"])
    sentence = ngettext("{n} attack on record", "{n} attacks on record", count).format(n=format_number(count))
    if needs.question.level == COMMUNITY:
        return _("{attacks} within {km} km").format(attacks=sentence, km=KM)
    if needs.per is None or is_missing(row["attacks_rate"]):
        return sentence
    return _("{attacks} ({rate} {per})").format(
        attacks=sentence, rate=format_number(row["attacks_rate"], decimals=1), per=rate_unit_text(needs)
    )


def rate_unit_text(needs: Needs) -> str:
    """Return the unit of a rate as text, such as `for 100,000 people`; empty without rates."""
    if needs.per is None:
        return ""
    text = _("per {n} people") if needs.per is RateBase.PEOPLE else _("per {n} communities")
    return text.format(n=format_number(needs.unit or 0))


def killed_text(row: Row) -> str:
    """Return the number of people killed. It is a lower bound if a killing does not state the number."""
    if is_missing(row["killings"]):
        return _("not known")
    unstated = int(row["killings_unstated"])
    if is_missing(row["people_killed"]):
        return _("not stated")
    if not unstated:
        return format_number(row["people_killed"])
    return _("at least {n}").format(n=format_number(row["people_killed"]))


def unranked_text(needs: Needs) -> str:
    """Return the names of the rows that have none of the weighted indicators."""
    rows = needs.unranked_rows
    if rows.empty or needs.ranked_rows.empty:
        return ""
    text = ngettext(
        "{n} is not ranked, because its data is missing ({what}): {names}.",
        "{n} are not ranked, because their data is missing ({what}): {names}.",
        len(rows),
    )
    return text.format(n=format_number(len(rows)), what=indicator_names(needs), names=join_row_names(rows))


def elsewhere_attacks_text(needs: Needs) -> str:
    """Return the number of attacks in the country that are counted at none of the rows."""
    if not needs.uncounted_attacks or (
        needs.uncounted_attacks == needs.distributed_attacks and len(needs.ranked_rows) > 1
    ):  # in `stability_text`
        return ""
    texts = {
        DEPARTMENT: ngettext(
            "{n} attack is outside all of them, or its region is not known.",
            "{n} attacks are outside all of them, or their region is not known.",
            needs.uncounted_attacks,
        ),
        PROVINCE: ngettext(
            "{n} attack is outside all of them, or its province is not known.",
            "{n} attacks are outside all of them, or their province is not known.",
            needs.uncounted_attacks,
        ),
        COMMUNITY: ngettext(
            "{n} attack is not near any of them, or its location is not known well enough.",
            "{n} attacks are not near any of them, or their location is not known well enough.",
            needs.uncounted_attacks,
        ),
    }
    return texts[needs.question.level].format(n=format_number(needs.uncounted_attacks))


def population_sources_text(needs: Needs) -> str:
    """Return the sources of the population counts used for rates; empty without such rates."""
    if needs.per is not RateBase.PEOPLE:
        return ""
    populated_rows = needs.rows.dropna(subset=["population"])
    sources = populated_rows[["population_source", "counted_on"]].drop_duplicates()
    lines = [_format_population_source(row) for row in sources.to_dict("records")]
    return _("Population figures: {sources}.").format(sources="; ".join(lines)) if lines else ""


def _format_population_source(row: Row) -> str:
    count_date = row["counted_on"]
    return f"{row['population_source']} ({count_date.year})" if pd.notna(count_date) else str(row["population_source"])
