"""The answer about exposure: which community is the most exposed, how firm that is, all of them, and one of them."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from lindero.app.answers.answer import Answer, Column, Figure, Section, Table, finding_section
from lindero.app.answers.coverage.coverage import WHOLE
from lindero.app.answers.ranking.exposure import FIRM, KM, ExposureReport
from lindero.app.answers.ranking.weights import rank_label
from lindero.app.text.codes import word
from lindero.app.text.escape import key, plain
from lindero.app.text.i18n import _, number, percent
from lindero.geo.stats.ranking import TOP
from lindero.layers.model.schema import COMMUNITIES


def exposure_answer(report: ExposureReport) -> Answer:
    """Compose the answer about all communities, in the reader's language; nothing follows the finding of none."""
    first, title = report.first(), _("Most affected communities")
    if report.rows.empty:
        return Answer(title, sections=(finding_section(plain(first or report.besides())),))
    steady = "" if report.alone() else report.steady()
    besides = map(plain, (report.firm(), report.besides(), steady))
    ranking = Section("ranking", table=_ranking(report.rows))
    return Answer(title, sections=(finding_section(plain(first), besides, _figures(report)), ranking))


def community_sections(report: ExposureReport, community: str) -> tuple[Section, ...]:
    """Return what makes up the exposure of one community: its land, what lies near it, and its land under title."""
    row = report.rows[report.rows["id"] == community].to_dict("records")[0]
    parts = report.parts[report.parts["id"] == community]
    split = {"kind": _("By kind of title"), "status": _("By status of title")} if len(parts) else {}
    tables = (Section(by, table=_parts(parts[parts["by"] == by], label)) for by, label in split.items())
    return Section("community", finding=_land(row), lines=_near(row)), *tables


def _ranking(rows: pd.DataFrame) -> Table:
    """List the communities, the most exposed first; some columns on screens alone."""
    km = 25  # near is within the farthest ring
    return Table(
        _("Communities by exposure, the most exposed first"),
        {
            "name": Column(_("Community"), link="page", width=2),
            "rank": Column(rank_label(rows), "number", between=("rank_low", "rank_high")),
            "share": Column(
                _("Land under title (at least – at most)"), "share", between=("share_low", "share_high"), width=1.5
            ),
            "title_ha": Column(_("Hectares of ground, counted once"), "number"),
            "titles": Column(_("Titles on the land"), "number"),
            "consultations_on_record": Column(_("Consultations on record"), "number", width=1.5),
            "titles_within_25_km": Column(_("Titles within {km} km").format(km=km), "number"),
            "titles_along_river_within_25_km": Column(
                _("Titles along the same river, within {km} km").format(km=km), "number", width=0
            ),
            "attacks_within_25_km": Column(_("Attacks within {km} km").format(km=km), "number"),
            "protected_share": Column(_("Land in protected areas"), "share", width=0),
        },
        rows.assign(name=rows["name"].fillna(rows["id"]), page=[key(COMMUNITIES.name, id_) for id_ in rows["id"]]),
    )


def _parts(rows: pd.DataFrame, label: str) -> Table:
    return Table(
        _("Parts of the land under title, which add up to it"),
        {"code": Column(label), "title_ha": Column(_("Hectares of ground, counted once"), "number")},
        rows.assign(code=rows["code"].map(word), title_ha=rows["title_ha"].round(1)),
    )


def _land(row: Mapping[Hashable, Any]) -> str:
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


def _near(row: Mapping[Hashable, Any]) -> tuple[str, ...]:
    """Return how many titles and attacks lie within each distance of a community's land."""
    line = _("within {km} km: titles {titles}, attacks on record whose place is known {attacks}")
    return tuple(
        line.format(km=km, titles=_count(row[f"titles_within_{km}_km"]), attacks=_count(row[f"attacks_within_{km}_km"]))
        for km in KM
    )


def _count(value: Any) -> str:
    """Write a count; where the map has no data of it there, say so."""
    return _("no data here") if pd.isna(value) else number(value)


def years_of_attacks(attacks: pd.DataFrame) -> pd.DataFrame:
    """Return the attacks near a community by year, every year between the first and the last: `year`, `attacks`."""
    dated = attacks.dropna(subset="year").set_index("year")["attacks"]
    every = range(int(dated.index.min()), int(dated.index.max()) + 1) if len(dated) else range(0)
    return pd.DataFrame({"year": [str(year) for year in every], "attacks": [int(dated.get(year, 0)) for year in every]})


def _figures(report: ExposureReport) -> dict[str, Figure]:
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
