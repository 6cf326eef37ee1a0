"""The lists of the page on which regions are compared."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from lindero.app.answers.coverage.coverage import WHOLE
from lindero.app.text import i18n
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, number, percent
from lindero.app.ui.tables import columns, links

OF_A_REGION = ("conceded_share", "conceded_ha")  # measures that are less where only a part of a region is covered
OF_MEASURES = ("women_share", "groups_share")
SHARES = ("conceded_share", "women_share", "groups_share")
MEASURES = (
    "conceded_share",
    "conceded_ha",
    "concessions",
    "communities_touched",
    "attacks",
    "measures_granted",
    "women_share",
    "groups_share",
)


def labels() -> dict[str, str]:
    """Give what each measure is called."""
    return {
        "conceded_share": _("Share of the region under concession"),
        "conceded_ha": _("Hectares under concession, counted once"),
        "concessions": _("Concessions"),
        "communities_touched": _("Communities with concessions on their land"),
        "attacks": _("Attacks on record"),
        "measures_granted": _("Protection measures granted"),
        "women_share": _("Of these gender-responsive"),
        "groups_share": _("Of these for groups"),
    }


def by_measure(found: pd.DataFrame, measure: str) -> pd.DataFrame:
    """
    Put the regions with most of a measure first; of measures granted, add the shares for women and for groups.

    A share of a region is ranked where the map has data of all of it; regions of which it has some follow.
    """
    granted = found["measures_granted"].astype(float).where(found["measures_granted"].fillna(0) > 0)
    shared = found.assign(
        women_share=found["measures_for_women"] / granted, groups_share=found["measures_for_groups"] / granted
    )
    half = (shared["concessions_covered"] < WHOLE) & (measure in OF_A_REGION)
    order = shared.assign(half=half).sort_values(
        ["half", measure, "name"], ascending=[True, False, True], na_position="last", ignore_index=True
    )
    return order.drop(columns="half")


def half_covered(found: pd.DataFrame) -> str:
    """Say of which regions the map has data of concessions for a part only: their shares are of all of the region."""
    half = found[found["concessions_covered"] < WHOLE]
    if half.empty:
        return ""
    pairs = zip(half["name"], half["concessions_covered"], strict=True)
    names = ", ".join(f"{plain(name)} ({percent(share, decimals=0)})" for name, share in pairs)
    text = _("Of some regions the map has data of concessions for a part only, so they come last: {names}.")
    return text.format(names=names)


def said_of(row: "pd.Series[Any]", measure: str) -> str:
    """Say the value of a measure of a region: of no measures granted there is no share."""
    if measure in OF_MEASURES and pd.notna(row["measures_granted"]) and row["measures_granted"] == 0:
        return _("none granted")
    return measure_text(measure, row[measure])


def measure_text(measure: str, value: float) -> str:
    """Say the value of a measure."""
    if pd.isna(value):
        return _("no data here")
    return percent(value) if measure in SHARES else number(value)


def first_of(found: pd.DataFrame, measure: str, label: str = "") -> str:
    """
    Say which region has most of a measure, of regions as `ranked` orders them; empty if of none it is known.

    With a label, the sentence names the measure by it.
    """
    measured = found.dropna(subset=[measure])
    if measured.empty:
        return ""
    text = _("{measure}: most in {name}, with {value}.") if label else _("Most in {name}: {value}.")
    return text.format(
        measure=label, name=measured.iloc[0]["name"], value=measure_text(measure, measured.iloc[0][measure])
    )


def regions(found: pd.DataFrame, level: str) -> None:
    """List regions of a level in the order given; each leads to what lies in it."""
    inside = [f"{address}&level={level}" for address in links.page("browse", found["region"], param="region")]
    columns.table(
        found.assign(
            conceded_ha=found["conceded_ha"].round(0),
            page=inside,
            part=found["concessions_covered"].map(_part),
        ),
        key=f"regions-{level}",
        alt=_("Regions, ranked"),
        name=columns.text(_("Region"), link="page"),
        conceded_share=columns.share(_("Share under concession"), note="part"),
        conceded_ha=columns.number(_("Hectares under concession")),
        concessions=columns.number(_("Concessions")),
        communities=columns.number(_("Communities")),
        communities_touched=columns.number(_("Of these with concessions on their land")),
        attacks=columns.number(_("Attacks on record")),
        measures_granted=columns.number(_("Protection measures granted")),
        women_share=columns.share(_("Of these gender-responsive")),
        groups_share=columns.share(_("Of these for groups")),
    )


def _part(covered: float) -> str:
    if covered >= WHOLE:
        return ""
    text = _("the map has data of {part} of it")
    return text.format(part=_("an unknown part") if pd.isna(covered) else percent(covered, decimals=0))


def side_by_side(found: pd.DataFrame, chosen: Sequence[str]) -> None:
    """Compare regions in a table, one column for each."""
    rows = found.set_index("region").loc[list(chosen)]
    told = {code: [said_of(row, measure) for measure in MEASURES] for code, row in rows.iterrows()}
    columns.table(
        pd.DataFrame({"measure": [labels()[measure] for measure in MEASURES], **told}),
        alt=i18n.listed([str(name) for name in rows["name"]]),
        measure=columns.text(_("What is on record")),
        more={str(code): columns.text(str(name)) for code, name in rows["name"].items()},
    )


def communities(found: pd.DataFrame) -> None:
    """List the communities of a region, the most covered first."""
    columns.table(
        found.assign(area_ha=found["area_ha"].round(0), page=links.page("community", found["id"])),
        alt=_("Communities, the most covered first"),
        name=columns.text(_("Community"), link="page"),
        people=columns.text(_("People")),
        area_ha=columns.number(_("Land (ha)")),
        titles=columns.number(_("Titles on it")),
        share=columns.share(_("Share under concession")),
    )
