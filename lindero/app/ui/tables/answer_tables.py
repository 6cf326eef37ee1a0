"""The lists of the pages that analyse: where density is highest, what came before and after."""

import pandas as pd

from lindero.app.record.commitments_text import country_names
from lindero.app.renderers import columns, links
from lindero.app.text.i18n import _


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
