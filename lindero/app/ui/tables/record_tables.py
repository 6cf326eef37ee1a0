"""The lists of the record's pages: attacks, who was attacked, how cases ended, measures, promises."""

import pandas as pd

from lindero.app.answers.attacks import told_attacks
from lindero.app.renderers import columns, links
from lindero.app.text.codes import word
from lindero.app.text.i18n import _


def conflicts(rows: pd.DataFrame) -> None:
    """List conflicts with the company that their source names, the latest first."""
    phases = rows["conflict_phase"].map(word, na_action="ignore")
    columns.table(
        told_attacks(rows.assign(phase=phases)).assign(page=lambda told: links.of_layer("incidents", told["id"])),
        alt=_("Conflicts, the latest first"),
        title=columns.text(_("Title"), link="page"),
        company=columns.text(_("Company")),
        phase=columns.text(_("Phase of the conflict")),
        on=columns.text(_("Date"), by="occurred_on"),
        acts=columns.text(_("Acts")),
        place=columns.text(_("Place")),
        publisher=columns.text(_("Source")),
    )


def may_be_same(rows: pd.DataFrame, titles: dict[str, str]) -> None:
    """List pairs of incidents that may be one, with the reasons."""
    columns.table(
        rows.assign(
            left=rows["left_id"].map(titles),
            right=rows["right_id"].map(titles),
            reasons=[", ".join(map(word, reasons)) for reasons in rows["reasons"]],
            left_page=links.of_layer("incidents", rows["left_id"]),
            right_page=links.of_layer("incidents", rows["right_id"]),
        ),
        alt=_("Pairs that may be the same incident"),
        left=columns.text(_("One source"), link="left_page"),
        right=columns.text(_("Another source"), link="right_page"),
        score=columns.share(_("Likeness")),
        reasons=columns.text(_("Why")),
    )


def regions(rows: pd.DataFrame) -> None:
    """List the areas of the map: regions with the attacks known to lie in them."""
    columns.table(
        rows,
        alt=_("Attacks by region"),
        fold=columns.of_picture(),
        region=columns.text(_("Region")),
        attacks=columns.number(_("Attacks")),
        by_area=columns.number(_("Of these known by the region alone")),
        people=columns.number(_("People attacked")),
    )
