"""The answer about the need for protection: known killings, and need and protection side by side."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from lindero.app.answers.answer import (
    Answer,
    Column,
    Figure,
    Section,
    Table,
    count_figure,
    doubts_section,
    finding_section,
)
from lindero.app.answers.changes.watchlist import REGION
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.protection import needs_text
from lindero.app.answers.protection.needs import COMMUNITY, Needs
from lindero.app.answers.ranking.weights import rank_label
from lindero.app.answers.record.tallies import attacks_label, count_killed_people, people_text
from lindero.app.answers.regions import elsewhere_text
from lindero.app.text.codes import translate_code
from lindero.app.text.escape import build_link_key, escape_markdown
from lindero.app.text.i18n import _, format_number
from lindero.layers.model.schema import COMMUNITIES


def level_name(level: str) -> str:
    """Return the name of the compared regions or communities."""
    return translate_code("communities" if level == COMMUNITY else f"{level}s")


def need_answer(needs: Needs, *, country: str = "", lacking: str = "") -> Answer:
    """Build the answer about missing protection, in the reader's language.

    `country`: the country of the attacks (ISO 3166-1 alpha-2); empty for all countries.
    """
    few = _("Few recorded attacks may mean that there were few, or that few could be recorded.")
    return Answer(
        _("Where is protection missing?"),
        level_name(needs.question.level),
        (
            finding_section(
                escape_markdown(needs_text.summarize_needs(needs)),
                [escape_markdown(needs_text.protection_text(needs))],
                _need_figures(needs, country),
            ),
            doubts_section(map(escape_markdown, needs_text.list_caveats(needs))),
            Section("need", table=_need_table(needs)),
            Section("protection", table=_protection_table(needs)),
            Section(
                "limits",
                note=" ".join(filter(None, (escape_markdown(needs_text.population_sources_text(needs)), lacking, few))),
            ),
        ),
    )


def _need_figures(needs: Needs, country: str) -> Mapping[str, Figure]:
    rows = needs.rows
    if needs.question.level == COMMUNITY or rows.empty:
        return {}  # one attack may be near several communities: sums would count it twice
    of_attacks = _("of {n} attacks").format(n=people_text(rows["attacks"].sum(min_count=1)))
    attacks, elsewhere = needs.attacks, elsewhere_text(needs.uncounted_attacks, needs.question.level)
    killed = count_killed_people(attacks)
    people = _("people killed: {n}").format(
        n=needs_text.killed_text({"killings": 1, "killings_unstated": killed.unstated, "people_killed": killed.people})
    )
    return {
        attacks_label(country): count_figure(format_number(len(attacks)), elsewhere)
        if len(attacks)
        else _sum_figure(rows["attacks"], ""),
        _("Of these, killings"): Figure(format_number(attacks["is_killing"].sum()), people)
        if attacks["is_killing"].any()
        else _sum_figure(rows["killings"], ""),
        _("Cases without an outcome"): _sum_figure(rows["without_outcome"], of_attacks),
        _("Attacks without a measure"): _sum_figure(rows["without_measure"], of_attacks),
    }


def _sum_figure(counts: "pd.Series[int]", sure: str) -> Figure:
    """Return a sum and how certain it is.

    With missing values the sum is a lower bound, and a 0 counts as unknown.
    """
    total, unknown = counts.sum(min_count=1), int(counts.isna().sum())
    if not unknown:
        return count_figure(people_text(total), sure)
    text = _("not known for {n} of {all}").format(n=format_number(unknown), all=format_number(len(counts)))
    is_nothing = pd.isna(total) or not total
    return Figure(_("not known") if is_nothing else _("at least {n}").format(n=format_number(total)), text)


def _need_table(needs: Needs) -> Table:
    """List regions or communities by need, the greatest first.

    Ranks and the land under concession have ranges.
    """
    rows, rate = _add_names_and_links(needs), {}
    if needs.per is not None:
        rows = rows.join(needs_text.rate_bounds(needs)[["value", "low", "high"]].round(1))
        label = _("{what} (95% interval)").format(what=needs_text.rate_label(needs))
        rate = {"value": Column(label, "number", between=("low", "high"))}
    of_one = len(needs.weights) == 1
    is_part = is_covered_in_part(rows)
    rows = rows.assign(
        killed=[needs_text.killed_text(row) for row in rows.to_dict("records")],
        basis=["" if of_one else _rank_basis(indicators) for indicators in rows["rank_by"].where(rows["rank"].notna())],
        extent=[_extent_text(row) if part else "" for row, part in zip(rows.to_dict("records"), is_part, strict=True)],
        share_low=rows["share_low"].mask(is_part),
    )
    columns = {
        "name": Column(_("Name"), link="page"),
        "rank": Column(rank_label(rows), "number", note="basis", between=("rank_low", "rank_high")),
        "attacks": Column(_("Attacks on record"), "number"),
        "killings": Column(_("Of these, killings (people killed)"), "number", note="killed"),
        "without_outcome": Column(_("Cases without an outcome"), "number"),
        "without_measure": Column(_("Attacks without a measure"), "number"),
        "share": Column(
            _("Land under concession (at least – at most)"),
            "share",
            note="extent",
            between=("share_low", "share_high"),
        ),
    }
    return Table(_table_caption(needs), columns | rate, rows)


def _add_names_and_links(needs: Needs) -> pd.DataFrame:
    kind = COMMUNITIES.name if needs.question.level == COMMUNITY else REGION
    pages = [build_link_key(kind, str(id_)) for id_ in needs.rows["id"]]
    return needs.rows.assign(name=needs.rows["name"].fillna(needs.rows["id"]), page=pages)


def _rank_basis(indicators: Any) -> str:
    """Return the only indicator known of a row, if the ranking uses several; otherwise an empty text."""
    if pd.isna(indicators) or " " in indicators:
        return ""
    return _("by {what} alone").format(what=needs_text.inline_label(indicators))


def is_covered_in_part(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Return whether each share under concession is a lower bound.

    The map then has data of concessions on a part of the ground only.
    """
    return rows["share"].notna() & rows["share_high"].isna()


def _extent_text(row: Mapping[Hashable, Any]) -> str:
    part = coverage_text.covered_part_text(row["covered"], row["share"])
    return _("at least: the map has data on {part} of it").format(part=part)


def _table_caption(needs: Needs) -> str:
    if needs.ranked_rows.empty:
        return _("What is known of each, not in order of need")
    if not needs.is_by_attacks:
        return _("Ranked by {what} alone").format(what=needs_text.indicator_names(needs))
    return _("Ranked by {what}").format(what=needs_text.indicator_names(needs))


def _protection_table(needs: Needs) -> Table:
    """List the protection asked for and granted, and for whom, in the same order as the needs."""
    columns = {
        "name": Column(_("Name"), link="page"),
        "asked": Column(_("Measures requested"), "number"),
        "granted": Column(_("Granted"), "number"),
        "refused": Column(_("Refused"), "number"),
        "for_women": Column(_("Granted, gender-responsive"), "number"),
        "for_groups": Column(_("Granted, collective"), "number"),
        "on_women": Column(_("Attacks on women"), "number"),
        "on_indigenous": Column(_("Attacks on indigenous people"), "number"),
        "population": Column(_("Inhabitants"), "number"),
    }
    of_regions = {} if needs.per is None else {"communities": Column(_("Communities"), "number")}
    return Table(
        _("Protection requested and granted, in the same order"), columns | of_regions, _add_names_and_links(needs)
    )
