"""Sentences about missing protection: who needs it most, how stable that rank is, and gaps in the data."""

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import pandas as pd

from lindero.app.answers.defaults import DEPARTMENT, RateBase
from lindero.app.answers.protection.needs import COMMUNITY, KM, LABELS, Needs
from lindero.app.answers.ranking.weights import join_row_names, left_out_text, single_indicator_text
from lindero.app.answers.regions import PROVINCE
from lindero.app.text.i18n import _, format_number, join_texts, ngettext
from lindero.geo.stats.ranking import Uninformative
from lindero.layers.model.parse_values import is_missing

Row = Mapping[Hashable, Any]


def list_caveats(needs: Needs) -> list[str]:
    """
    Return sentences on what the ranking leaves out.

    These are unknown indicators, rows without a rank, indicators that do not affect the order, and attacks counted
    nowhere.
    """
    has_several = len(needs.weights) > 1  # otherwise `stability_text` says that one indicator decides
    uninformative = {name: why for name, why in needs.left.items() if has_several and why is not Uninformative.UNKNOWN}
    sentences = (
        _unknown_indicators_text(needs),
        unranked_text(needs),
        left_out_text(uninformative, LABELS),
        elsewhere_attacks_text(needs),
    )
    return [sentence for sentence in sentences if sentence]


def summarize_needs(needs: Needs) -> str:
    """Return who needs protection most, or the indicators that decide if attacks do not."""
    if needs.rows.empty:
        return _("This map has nothing to compare.")
    if needs.ranked_rows.empty:
        return _("There is not enough data to rank them: neither the attacks nor the land under concession is known.")
    row = needs.ranked_rows.iloc[0].to_dict()
    if len(needs.ranked_rows) == 1:
        return _("Only {name} can be ranked, so it is not known where protection is missing most.").format(
            name=row["name"]
        )
    if not needs.is_by_attacks:
        text = _("Recorded attacks do not distinguish them. By {what} alone, {name} ranks first.")
        return text.format(what=indicator_names(needs), name=row["name"])
    return _("Protection is missing most in {name}: {attacks}.").format(
        name=row["name"], attacks=attack_count_text(row, needs)
    )


def indicator_names(needs: Needs) -> str:
    """Return the names of the indicators that the rows are ranked by."""
    return _join_indicators(needs.weights)


def _join_indicators(indicators: Iterable[str]) -> str:
    return join_texts([inline_label(name) for name in indicators])


def inline_label(indicator: str) -> str:
    """Return the name of an indicator as it is written inside a sentence."""
    label = _(LABELS[indicator])
    return label[:1].lower() + label[1:]


def top_need_text(needs: Needs) -> str:
    """Return the cases and measures of the row with the greatest need; empty if fewer than two rows are ranked."""
    if len(needs.ranked_rows) <= 1:
        return ""
    row = needs.ranked_rows.iloc[0].to_dict()
    texts = {
        "without_measure": _("{n} of them without a recorded protection measure"),
        "without_outcome": _("{n} cases without a recorded outcome"),
    }
    counts = [text.format(n=format_number(int(row[name]))) for name, text in texts.items() if not is_missing(row[name])]
    return _("There: {what}.").format(what=", ".join(counts)) if counts else ""


def stability_text(needs: Needs) -> str:
    """Return how stable the first rank is; empty if fewer than two rows are ranked."""
    if len(needs.ranked_rows) <= 1:
        return ""
    single_indicator = single_indicator_text(needs.weights, LABELS)
    variations = [*([] if single_indicator else [_("other weights")]), *_variation_texts(needs)]
    if not variations:
        return single_indicator
    row = needs.ranked_rows.iloc[0].to_dict()
    text = _("Its rank is between {low} and {high} out of {count} in nine of ten trials with {tried}.")
    if row["rank_low"] == row["rank_high"]:
        text = _("It keeps this rank, out of {count}, in nine of ten trials with {tried}.")
    low, high = (format_number(row[name]) for name in ("rank_low", "rank_high"))
    sentence = text.format(
        low=low, high=high, count=format_number(len(needs.ranked_rows)), tried=join_texts(variations)
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
