"""The exposure of one community in sentences that can be read aloud."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from lindero.app.answers.answer import Figure
from lindero.app.answers.coverage.coverage import WHOLE
from lindero.app.answers.ranking.exposure import FIRM, ExposureReport
from lindero.app.text.codes import word
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, number, percent
from lindero.geo.stats.ranking import TOP


def land(row: Mapping[Hashable, Any]) -> str:
    """Describe how much of a community's land is under title, between which bounds, and its rank."""
    is_ranged = pd.notna(row["rank_low"])  # one indicator alone gives no range
    words = {
        "name": plain(str(row["name"])),
        "recognition": word(row["recognition"]),
        "rank": number(row["rank"]),
        "low": number(row["rank_low"]) if is_ranged else "",
        "high": number(row["rank_high"]) if is_ranged else "",
    }
    if not is_ranged:
        sentences = [_("**{name}** ({recognition}): rank {rank}.").format(**words)]
    elif row["rank_low"] == row["rank_high"]:
        sentences = [_("**{name}** ({recognition}): almost always rank {rank}, whatever the weights.").format(**words)]
    else:
        sentences = [_("**{name}** ({recognition}): rank {rank}; {low} to {high} under other weights.").format(**words)]
    if pd.isna(row["share"]):
        sentences.append(_("Its land is not drawn on this map: what part of it is under title cannot be said."))
        return " ".join(sentences)
    measured = {name: percent(row[name]) for name in ("share", "share_low", "share_high")}
    text = _("{share} of its land is under title, at least {share_low} and at most {share_high} as boundaries may err.")
    sentences.append(text.format(**measured))
    if row["concessions_covered"] < WHOLE:
        part = _("This map has data of concessions for {share} of its land only.")
        sentences.append(part.format(share=percent(row["concessions_covered"])))
    counts = {"titles": _count(row["titles"]), "consultations": _count(row["consultations_on_record"])}
    sentences.append(_("Titles on it: {titles}; consultations on record: {consultations}.").format(**counts))
    if pd.notna(row["protected_share"]):
        sentences.append(
            _("{protected_share} of it lies in protected areas.").format(
                protected_share=percent(row["protected_share"])
            )
        )
    return " ".join(sentences)


def near(row: Mapping[Hashable, Any]) -> str:
    """Tell how many titles and attacks lie within each distance of its land."""
    line = _("within {km} km: titles {titles}, attacks on record whose place is known {attacks}")
    sentences = [
        line.format(km=km, titles=_count(row[f"titles_within_{km}_km"]), attacks=_count(row[f"attacks_within_{km}_km"]))
        for km in (5, 10, 25)
    ]
    return "\n".join(f"- {each}" for each in sentences)


def _count(value: Any) -> str:
    """Write a count; where the map has no data of it there, say so."""
    return _("no data here") if pd.isna(value) else number(value)


def years(attacks: pd.DataFrame) -> pd.DataFrame:
    """Give the attacks near a community by year, every year between the first and the last: `year`, `attacks`."""
    dated = attacks.dropna(subset="year").set_index("year")["attacks"]
    every = range(int(dated.index.min()), int(dated.index.max()) + 1) if len(dated) else range(0)
    return pd.DataFrame({"year": [str(year) for year in every], "attacks": [int(dated.get(year, 0)) for year in every]})


def besides(report: ExposureReport) -> list[str]:
    """Return what has to be read with the first rank, as Markdown."""
    steady = "" if report.alone() else report.steady()
    return [plain(text) for text in (report.firm(), report.besides(), steady) if text]


def figures(report: ExposureReport) -> dict[str, Figure]:
    """Return a few figures of all communities ranked, each with how sure it is."""
    rows = report.rows
    low, high = ((rows[name] * rows["land_ha"]).sum() for name in ("share_low", "share_high"))
    unknown, left = int(rows["titles"].isna().sum()), len(report.unranked) + len(report.unmeasured)
    first = rows[rows["rank"] <= TOP]
    firm = _("{firm} of them in nine of ten other ways to weigh")
    return {
        _("Communities compared"): Figure(
            number(len(rows)), _("{n} not ranked").format(n=number(left)) if left else ""
        ),
        _("With titles on their land"): Figure(
            number((rows["titles"] > 0).sum()),
            _("not known of {n}").format(n=number(unknown)) if unknown else "",
        ),
        _("Hectares under title, added up"): Figure(
            number(rows["title_ha"].sum()),
            _("{low} to {high}").format(low=number(low), high=number(high)),
        ),
        _("First by these weights"): Figure(
            number(len(first)),
            "" if report.alone() else firm.format(firm=number((first["in_top_ten"] >= FIRM).sum())),
        ),
    }
