"""The lists of the page on which regions are compared."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from lindero.app.answers.coverage.coverage import WHOLE
from lindero.app.renderers import columns, links
from lindero.app.text import i18n
from lindero.app.text.i18n import _, ngettext, number, percent

COVERED = {  # the column that says how much of a region the map has the data of that a measure is counted of
    **dict.fromkeys(("conceded_share", "conceded_ha", "concessions", "communities_touched"), "concessions_covered"),
    "attacks": "incidents_covered",
    **dict.fromkeys(("measures_granted", "women_share", "groups_share"), "protection_measures_covered"),
}
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

    A region is ranked where the map has data of all of it. Regions of which it has data of a part (`is_part`) follow:
    they have at least so much. Regions of which the measure is not known (`is_unknown`) come last.
    """
    granted = found["measures_granted"].astype(float).where(found["measures_granted"].fillna(0) > 0)
    shared = found.assign(
        women_share=found["measures_for_women"] / granted, groups_share=found["measures_for_groups"] / granted
    )
    is_part = (shared[COVERED[measure]] < WHOLE) & shared[measure].notna()
    return shared.assign(is_part=is_part, is_unknown=shared[measure].isna()).sort_values(
        ["is_unknown", "is_part", measure, "name"], ascending=[True, True, False, True], ignore_index=True
    )


def partly_covered(found: pd.DataFrame) -> str:
    """Return in words how many regions the map has data of only a part of."""
    part = int(found["is_part"].sum())
    if not part:
        return ""
    if part == (~found["is_unknown"]).sum():
        return _("The map has data of only a part of each region: each has at least so much.")
    text = ngettext(
        "{n} region has at least so much, because the map has data of only a part of it; it is listed apart.",
        "{n} regions have at least so much, because the map has data of only a part of them; they are listed apart.",
        part,
    )
    return text.format(n=number(part))


def said_of(row: "pd.Series[Any]", measure: str) -> str:
    """Say the value of a measure of a region: of no measures granted there is no share."""
    if measure in OF_MEASURES and pd.notna(row["measures_granted"]) and row["measures_granted"] == 0:
        return _("none granted")
    is_part = bool(row.get("is_part", default=False)) and pd.notna(row[measure])
    return _at_least(measure_text(measure, row[measure]), is_part=is_part)


def measure_text(measure: str, value: float) -> str:
    """Say the value of a measure."""
    if pd.isna(value):
        return _("no data here")
    return percent(value) if measure in SHARES else number(value)


def _at_least(text: str, *, is_part: bool) -> str:
    return _("at least {n}").format(n=text) if is_part else text


def first_of(found: pd.DataFrame, measure: str, label: str = "") -> str:
    """
    Say which region has most of a measure, of regions as `ranked` orders them; empty if of none it is known.

    With a label, the sentence names the measure by it.
    """
    measured = found.dropna(subset=[measure])
    if measured.empty:
        return ""
    first = measured.iloc[0]
    text = _("{measure}: most in {name}, with {value}.") if label else _("Most in {name}: {value}.")
    return text.format(measure=label, name=first["name"], value=said_of(first, measure))


def regions(found: pd.DataFrame, level: str) -> None:
    """List regions of a level in the order given, those of which the map has data of a part only apart."""
    is_part, is_unknown = (found[name].to_numpy(dtype=bool) for name in ("is_part", "is_unknown"))
    part = _("At least so much: the map has data of only a part of these regions")
    groups = (
        ("", _("Regions, ranked"), ~is_part & ~is_unknown),
        ("-part", part, is_part),
        ("-unknown", _("Not ranked: this is not known of them"), is_unknown),
    )
    for key, caption, chosen in groups:
        if chosen.any():
            _regions(found[chosen].reset_index(drop=True), caption, level, key=key)


def _regions(found: pd.DataFrame, caption: str, level: str, *, key: str) -> None:
    inside = [f"{address}&level={level}" for address in links.page("browse", found["region"], param="region")]
    columns.table(
        found.assign(
            conceded_ha=found["conceded_ha"].round(0),
            page=inside,
            part=found["concessions_covered"].map(_part),
        ),
        key=f"regions-{level}{key}",
        alt=caption,
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
