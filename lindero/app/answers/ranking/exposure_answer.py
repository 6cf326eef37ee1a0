"""The answer about exposure: the most exposed community, the stability of its rank, and the ranking."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import pandas as pd

from lindero.app.answers.answer import Answer, Column, Figure, Section, Table, doubts_section, finding_section
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import WHOLE_SHARE
from lindero.app.answers.overlap.land import choice_names
from lindero.app.answers.ranking.exposure import KM
from lindero.app.answers.ranking.exposure_report import FIRM, ExposureReport
from lindero.app.answers.ranking.weights import rank_label
from lindero.app.text.codes import translate_code
from lindero.app.text.escape import build_link_key, escape_markdown
from lindero.app.text.i18n import _, format_number, format_share
from lindero.geo.stats.ranking import TOP
from lindero.layers.model.schema import COMMUNITIES


def exposure_answer(report: ExposureReport) -> Answer:
    """Build the answer about all communities, in the reader's language.

    If no community is ranked, the finding is the only section.
    """
    first, title = report.summarize(), _("Most affected communities")
    if report.rows.empty:
        finding = first or " ".join(report.list_caveats())
        return Answer(title, sections=(finding_section(escape_markdown(finding)),))
    rank_range = report.rank_stability_text()
    is_single = bool(report.single_indicator_text())  # then both texts begin with it
    besides, doubts = (rank_range, []) if is_single else (report.stability_text(), [rank_range])
    return Answer(
        title,
        sections=(
            finding_section(escape_markdown(first), [escape_markdown(besides)], _exposure_figures(report)),
            doubts_section(map(escape_markdown, [*doubts, *report.list_caveats()])),
            Section("ranking", table=_ranking_table(report.rows)),
        ),
    )


def community_sections(report: ExposureReport, community: str) -> tuple[Section, ...]:
    """Build the sections on the exposure of one community.

    They are on its land, on concessions and attacks near it, and on the parts of its land under concession.
    """
    row = report.rows[report.rows["id"] == community].to_dict("records")[0]
    parts = report.parts[report.parts["id"] == community]
    split = {"kind": _("By kind of concession"), "status": _("By status of concession")} if len(parts) else {}
    tables = (
        Section(dimension, table=_parts_table(parts[parts["by"] == dimension], label))
        for dimension, label in split.items()
    )
    return Section("community", finding=_land_text(row), lines=(*_ground_lines(row), *_nearby_lines(row))), *tables


def _ranking_table(rows: pd.DataFrame) -> Table:
    """List the communities, the most exposed first. Columns of width 0 are not printed."""
    km = 25  # radius of the farthest ring
    return Table(
        _("Communities by exposure, most exposed first"),
        {
            "name": Column(_("Community"), link="page", width=2),
            "rank": Column(rank_label(rows), "number", between=("rank_low", "rank_high")),
            "share": Column(
                _("Land under concession (at least – at most)"), "share", between=("share_low", "share_high"), width=1.5
            ),
            "title_ha": Column(_("Hectares, each counted once"), "number"),
            "titles": Column(_("Concessions on the land"), "number"),
            "consultations_on_record": Column(_("Consultations on record"), "number", width=1.5),
            "titles_within_25_km": Column(_("Concessions within {km} km").format(km=km), "number"),
            "titles_along_river_within_25_km": Column(
                _("Concessions along the same river, within {km} km").format(km=km), "number", width=0
            ),
            "attacks_within_25_km": Column(_("Attacks within {km} km").format(km=km), "number"),
            "protected_share": Column(_("Land in protected areas"), "share", width=0),
        },
        rows.assign(
            name=rows["id"].map(choice_names(rows.rename(columns={"land_ha": "area_ha"}))),
            page=[build_link_key(COMMUNITIES.name, id_) for id_ in rows["id"]],
        ),
    )


def _parts_table(rows: pd.DataFrame, label: str) -> Table:
    return Table(
        _("Parts that add up to the land under concession"),
        {"code": Column(label), "title_ha": Column(_("Hectares, each counted once"), "number")},
        rows.assign(code=rows["code"].map(translate_code), title_ha=rows["title_ha"].round(1)),
    )


def _land_text(row: Mapping[Hashable, Any]) -> str:
    """Return the share of a community's land under concession, with its range, and its rank."""
    is_ranged = pd.notna(row["rank_low"])  # one indicator alone gives no range
    words = {
        "name": escape_markdown(str(row["name"])),
        "recognition": translate_code(row["recognition"]),
        "rank": format_number(row["rank"]),
        "low": format_number(row["rank_low"]) if is_ranged else "",
        "high": format_number(row["rank_high"]) if is_ranged else "",
    }
    if not is_ranged:
        sentences = [_("**{name}** ({recognition}): rank {rank}.").format(**words)]
    elif row["rank_low"] == row["rank_high"]:
        sentences = [_("**{name}** ({recognition}): almost always rank {rank}, whatever the weights.").format(**words)]
    else:
        sentences = [_("**{name}** ({recognition}): rank {rank}; {low} to {high} with other weights.").format(**words)]
    if pd.isna(row["share"]):
        sentences.append(_("Its land is not drawn on this map, so the share under concession is not known."))
        return " ".join(sentences)
    measured = {name: format_share(row[name]) for name in ("share", "share_low", "share_high")}
    text = _(
        "{share} of its land is under concession: at least {share_low} and at most {share_high}, given the "
        "accuracy of the boundaries."
    )
    sentences.append(text.format(**measured))
    if row["concessions_covered"] < WHOLE_SHARE:
        part = _("This map has data on concessions for only {share} of its land.")
        known = coverage_text.covered_part_text(row["concessions_covered"], row["share"], decimals=1)
        sentences.append(part.format(share=known))
    return " ".join(sentences)


def _ground_lines(row: Mapping[Hashable, Any]) -> Iterator[str]:
    """Yield the number of concessions on a community's land, of consultations, and the share in protected areas."""
    if pd.isna(row["share"]):
        return
    counts = {"titles": _format_count(row["titles"]), "consultations": _format_count(row["consultations_on_record"])}
    yield _("concessions on its land: {titles}; recorded consultations: {consultations}").format(**counts)
    if pd.notna(row["protected_share"]):
        share = format_share(row["protected_share"])
        yield _("in protected areas: {share} of its land").format(share=share)


def _nearby_lines(row: Mapping[Hashable, Any]) -> tuple[str, ...]:
    """Return the number of concessions and attacks within each distance of a community's land."""
    line = _("within {km} km, concessions: {titles}; attacks recorded at a known place: {attacks}")
    return tuple(
        line.format(
            km=km,
            titles=_format_count(row[f"titles_within_{km}_km"]),
            attacks=_format_count(row[f"attacks_within_{km}_km"]),
        )
        for km in KM
    )


def _format_count(value: Any) -> str:
    """Format a count, or the text for missing data."""
    return _("no data here") if pd.isna(value) else format_number(value)


def count_attacks_by_year(attacks: pd.DataFrame) -> pd.DataFrame:
    """Count the attacks near a community by year: `year`, `attacks`.

    Every year between the first and the last is included.
    """
    dated = attacks.dropna(subset="year").set_index("year")["attacks"]
    years = range(int(dated.index.min()), int(dated.index.max()) + 1) if len(dated) else range(0)
    return pd.DataFrame({"year": [str(year) for year in years], "attacks": [int(dated.get(year, 0)) for year in years]})


def _exposure_figures(report: ExposureReport) -> dict[str, Figure]:
    """Return the main figures on all ranked communities, each with its uncertainty."""
    rows = report.rows
    low, high = ((rows[name] * rows["land_ha"]).sum() for name in ("share_low", "share_high"))
    unknown, left = int(rows["titles"].isna().sum()), len(report.unranked) + len(report.unmeasured)
    first = rows[rows["rank"] <= TOP]
    firm = _("{firm} of them in nine of ten trials with other weights")
    return {
        _("Communities compared"): Figure(
            format_number(len(rows)), _("{n} not ranked").format(n=format_number(left)) if left else ""
        ),
        _("With concessions on their land"): Figure(
            format_number((rows["titles"] > 0).sum()),
            _("not known for {n}").format(n=format_number(unknown)) if unknown else "",
        ),
        _("Hectares under concession, added up"): Figure(
            format_number(rows["title_ha"].sum()),
            _("{low} to {high}").format(low=format_number(low), high=format_number(high)),
        ),
        _("First with these weights"): Figure(
            format_number(len(first)),
            ""
            if report.single_indicator_text()
            else firm.format(firm=format_number((first["in_top_ten"] >= FIRM).sum())),
        ),
    }
