"""The lists of the pages that analyse: what changed, how exposed, what is hot, what came before and after."""

import pandas as pd

from lindero.app.answers.ranking.weights import rank_label
from lindero.app.record.commitments_text import country_names
from lindero.app.renderers import columns, links
from lindero.app.text.codes import word
from lindero.app.text.i18n import _


def exposure(rows: pd.DataFrame) -> None:
    """List communities by their exposure (`app.answers.ranking.exposure`); near is within its farthest ring."""
    told = rows.assign(
        name=rows["name"].fillna(rows["id"]),
        page=links.page("community", rows["id"]),
    )
    columns.table(
        told,
        alt=_("Communities by exposure, the most exposed first"),
        name=columns.text(_("Community"), link="page"),
        rank=columns.number(rank_label(rows), between=("rank_low", "rank_high")),
        share=columns.share(_("Land under title (at least – at most)"), between=("share_low", "share_high")),
        title_ha=columns.number(_("Hectares of ground, counted once")),
        titles=columns.number(_("Titles on the land")),
        consultations_on_record=columns.number(_("Consultations on record")),
        titles_within_25_km=columns.number(_("Titles within {km} km").format(km=25)),
        titles_along_river_within_25_km=columns.number(_("Titles along the same river, within {km} km").format(km=25)),
        attacks_within_25_km=columns.number(_("Attacks within {km} km").format(km=25)),
        protected_share=columns.share(_("Land in protected areas")),
    )


def parts(rows: pd.DataFrame, by: str) -> None:
    """List the parts of a community's land under title, by `kind` or by `status`."""
    columns.table(
        rows.assign(code=rows["code"].map(word), title_ha=rows["title_ha"].round(1)),
        alt=_("Parts of the land under title, which add up to it"),
        code=columns.text({"kind": _("By kind of title"), "status": _("By status of title")}[by]),
        title_ha=columns.number(_("Hectares of ground, counted once")),
    )


def thick(rows: pd.DataFrame) -> None:
    """List regions by how thick it gets in them, the highest first, as `app.answers.hotspots.kde` gives them."""
    columns.table(
        rows.assign(country=rows["country"].map(country_names(rows["country"]))),
        alt=_("Regions by the highest density in them"),
        fold=columns.of_picture(),
        name=columns.text(_("Region")),
        country=columns.text(_("Country")),
        highest=columns.share(_("Highest in it")),
    )


def by_year(rows: pd.DataFrame) -> None:
    """List titles and attacks by year, the latest first."""
    columns.table(
        rows.iloc[::-1].assign(year=rows["year"].astype(str)),
        alt=_("Titles and attacks by year, the latest first"),
        year=columns.text(_("Year")),
        applied=columns.number(_("Titles applied for")),
        granted=columns.number(_("Titles granted")),
        attacks=columns.number(_("Attacks on record")),
    )


def sums_by_chance(rows: pd.DataFrame) -> None:
    """List the titles granted before and after attacks beside what chance would give."""
    sides = {"before": _("twelve months before"), "after": _("twelve months after")}
    columns.table(
        rows.assign(side=rows["side"].map(sides), **rows[["expected", "low", "high"]].round(1)),
        alt=_("Titles granted before and after attacks, beside what chance would give"),
        side=columns.text(_("When")),
        observed=columns.number(_("Titles granted")),
        expected=columns.number(_("By chance (at least – at most)"), between=("low", "high")),
    )


def before_and_after(rows: pd.DataFrame) -> None:
    """Show the events, the latest first, with the titles granted near them before and after."""
    columns.table(
        rows.assign(page=links.of_layer("incidents", rows["id"])),
        alt=_("Attacks with the titles granted near them before and after, the latest first"),
        title=columns.text(_("Attack"), link="page"),
        occurred_on=columns.date(_("Date")),
        attacks=columns.number(_("Attacks")),
        before=columns.number(_("Titles granted in the twelve months before")),
        after=columns.number(_("In the twelve months after")),
    )
