"""The answer about missing protection: who needs it most, and need and protection side by side."""

from collections.abc import Mapping
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
from lindero.app.answers.protection import needs_text
from lindero.app.answers.protection.needs import COMMUNITY, Needs
from lindero.app.answers.ranking.weights import rank_label
from lindero.app.answers.regions import elsewhere_text
from lindero.app.record.tallies import attacks_label, people_text
from lindero.app.text.codes import word
from lindero.app.text.escape import key, plain
from lindero.app.text.i18n import _, number, percent
from lindero.layers.model.schema import COMMUNITIES

_OF_KILLINGS = ["killings", "killings_unstated", "people_killed"]


def level_name(level: str) -> str:
    """Return the name of what is compared."""
    return word("communities" if level == COMMUNITY else f"{level}s")


def need_answer(found: Needs, *, country: str = "", lacking: str = "") -> Answer:
    """
    Compose the answer about missing protection, in the reader's language.

    Parameters
    ----------
    country
        Whose attacks are counted: ISO 3166-1 alpha-2, or empty for all countries.
    lacking
        The layers that the map has no data of, in a sentence.
    """
    few = _("Few attacks on record may mean few attacks, or that few could be recorded.")
    return Answer(
        _("Where is protection missing?"),
        level_name(found.question.level),
        (
            finding_section(
                plain(needs_text.first(found)),
                [plain(needs_text.there(found)), plain(needs_text.firm(found))],
                _figures(found, country),
            ),
            doubts_section(map(plain, needs_text.besides(found))),
            Section("need", table=_need_table(found)),
            Section("protection", table=_protection_table(found)),
            Section("limits", note=" ".join(filter(None, (plain(needs_text.people(found)), lacking, few)))),
        ),
    )


def _figures(found: Needs, country: str) -> Mapping[str, Figure]:
    rows = found.rows
    if found.question.level == COMMUNITY or rows.empty:
        return {}  # one attack may be near several communities: sums would count it twice
    of_attacks = _("of {n} attacks").format(n=people_text(rows["attacks"].sum(min_count=1)))
    killed = needs_text.killed(rows[_OF_KILLINGS].sum(min_count=1).to_dict())
    every = rows["attacks"].sum() + found.elsewhere
    elsewhere = elsewhere_text(found.elsewhere, found.question.level)
    return {
        attacks_label(country): count_figure(number(every), elsewhere) if every else _sum(rows["attacks"], ""),
        _("Of these killings"): _sum(rows["killings"], _("people killed: {n}").format(n=killed)),
        _("Cases without an outcome"): _sum(rows["without_outcome"], of_attacks),
        _("Attacks without a measure"): _sum(rows["without_measure"], of_attacks),
    }


def _sum(counts: "pd.Series[int]", sure: str) -> Figure:
    """Return a sum and how sure it is: where some are not known it is a least one, and a 0 is not known either."""
    total, unknown = counts.sum(min_count=1), int(counts.isna().sum())
    if not unknown:
        return count_figure(people_text(total), sure)
    text = _("not known of {n} of {all}").format(n=number(unknown), all=number(len(counts)))
    is_nothing = pd.isna(total) or not total
    return Figure(_("not known") if is_nothing else _("at least {n}").format(n=number(total)), text)


def _need_table(found: Needs) -> Table:
    """List who needs protection, the greatest need first, with the ranges of ranks and of land under concession."""
    rows, rate = _named(found), {}
    if found.per is not None:
        rows["attacks_rate"] = rows["attacks_rate"].astype(float).round(1)
        rate = {"attacks_rate": Column(_("Attacks {per}").format(per=needs_text.per(found)), "number")}
    of_one = len(found.weights) == 1
    is_part = is_covered_in_part(rows)
    rows = rows.assign(
        killed=[needs_text.killed(row) for row in rows.to_dict("records")],
        basis=["" if of_one else _rank_basis(by) for by in rows["rank_by"].where(rows["rank"].notna())],
        extent=[_extent(covered) if part else "" for covered, part in zip(rows["covered"], is_part, strict=True)],
        share_low=rows["share_low"].mask(is_part),
    )
    columns = {
        "name": Column(_("Name"), link="page"),
        "rank": Column(rank_label(rows), "number", note="basis", between=("rank_low", "rank_high")),
        "attacks": Column(_("Attacks on record"), "number"),
        "killings": Column(_("Of these killings (people killed)"), "number", note="killed"),
        "without_outcome": Column(_("Cases without an outcome"), "number"),
        "without_measure": Column(_("Attacks without a measure"), "number"),
        "share": Column(
            _("Land under concession (at least – at most)"),
            "share",
            note="extent",
            between=("share_low", "share_high"),
        ),
    }
    return Table(_caption(found), columns | rate, rows)


def _named(found: Needs) -> pd.DataFrame:
    kind = COMMUNITIES.name if found.question.level == COMMUNITY else REGION
    pages = [key(kind, str(id_)) for id_ in found.rows["id"]]
    return found.rows.assign(name=found.rows["name"].fillna(found.rows["id"]), page=pages)


def _rank_basis(indicators: Any) -> str:
    """Return the indicator that a rank rests on where one alone of several is known of the row."""
    if pd.isna(indicators) or " " in indicators:
        return ""
    return _("by {what} alone").format(what=needs_text.inside(indicators))


def is_covered_in_part(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Return whether at least so much land is under concession, because the map has data of a part of the ground."""
    return rows["share"].notna() & rows["share_high"].isna()


def _extent(covered: float) -> str:
    return _("at least: the map has data of {part} of it").format(part=percent(covered, decimals=0))


def _caption(found: Needs) -> str:
    if found.ranked.empty:
        return _("What is known of each, in no order of need")
    if not found.is_by_attacks:
        return _("Ranked by {what} alone").format(what=needs_text.weighed(found))
    return _("Who needs protection, the greatest need first")


def _protection_table(found: Needs) -> Table:
    """List what protection was asked for and given, for whom, in the same order."""
    columns = {
        "name": Column(_("Name"), link="page"),
        "asked": Column(_("Measures asked for"), "number"),
        "granted": Column(_("Granted"), "number"),
        "refused": Column(_("Refused"), "number"),
        "for_women": Column(_("Granted, gender-responsive"), "number"),
        "for_groups": Column(_("Granted to groups"), "number"),
        "on_women": Column(_("Attacks on women"), "number"),
        "on_indigenous": Column(_("Attacks on indigenous people"), "number"),
        "population": Column(_("Inhabitants"), "number"),
    }
    of_regions = {} if found.per is None else {"communities": Column(_("Communities"), "number")}
    return Table(_("Protection asked for and given, in the same order"), columns | of_regions, _named(found))
