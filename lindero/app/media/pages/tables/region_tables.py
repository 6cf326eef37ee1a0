"""The lists of the page on which regions are compared."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from lindero.app.answers.claims import find_highest, highest_text
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import WHOLE_SHARE
from lindero.app.media.pages import columns, links
from lindero.app.text import i18n
from lindero.app.text.i18n import _, format_number, format_share, ngettext

COVERAGE_COLUMNS = {  # column with the coverage of the layer that a measure counts
    **dict.fromkeys(("conceded_share", "conceded_ha", "concessions", "communities_touched"), "concessions_covered"),
    "attacks": "incidents_covered",
    **dict.fromkeys(("measures_granted", "women_share", "groups_share"), "protection_measures_covered"),
}
MEASURE_SHARES = ("women_share", "groups_share")
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


def measure_labels() -> dict[str, str]:
    """Return the label of each measure."""
    return {
        "conceded_share": _("Share of the region under concession"),
        "conceded_ha": _("Hectares under concession, each counted once"),
        "concessions": _("Concessions"),
        "communities_touched": _("Communities with concessions on their land"),
        "attacks": _("Attacks on record"),
        "measures_granted": _("Protection measures granted"),
        "women_share": _("Of these, gender-responsive"),
        "groups_share": _("Of these, collective"),
    }


def rank_regions(table: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Sort regions by a measure; for measures granted, add the shares for women and for groups.

    The value of a region with data of a part (`is_part`) is a lower bound. Regions without a value (`is_unknown`) come
    last.
    """
    granted = table["measures_granted"].astype(float).where(table["measures_granted"].fillna(0) > 0)
    measured = table.assign(
        women_share=table["measures_for_women"] / granted, groups_share=table["measures_for_groups"] / granted
    )
    is_part = (measured[COVERAGE_COLUMNS[measure]] < WHOLE_SHARE) & measured[measure].notna()
    return measured.assign(is_part=is_part, is_unknown=measured[measure].isna()).sort_values(
        ["is_unknown", measure, "name"], ascending=[True, False, True], ignore_index=True
    )


def partial_coverage_text(ranked: pd.DataFrame) -> str:
    """Return in words how many regions the map has data of only a part of."""
    part = int(ranked["is_part"].sum())
    if not part:
        return ""
    if part == (~ranked["is_unknown"]).sum():
        return _("The data covers only part of each region: each value is at least the one shown.")
    text = ngettext(
        "For {n} region, the data covers only a part: its value is at least the one shown.",
        "For {n} regions, the data covers only a part: their values are at least those shown.",
        part,
    )
    return text.format(n=format_number(part))


def region_value_text(row: "pd.Series[Any]", measure: str) -> str:
    """Return the value of a measure of a region in words; without measures granted there is no share."""
    if measure in MEASURE_SHARES and pd.notna(row["measures_granted"]) and row["measures_granted"] == 0:
        return _("none granted")
    text = measure_text(measure, row[measure])
    if not row.get("is_part", default=False) or pd.isna(row[measure]):
        return text
    return (_("{n} of those on record") if measure in MEASURE_SHARES else _("at least {n}")).format(n=text)


def measure_text(measure: str, value: float) -> str:
    """Format the value of a measure."""
    if pd.isna(value):
        return _("no data here")
    return format_share(value) if measure in SHARES else format_number(value)


def highest_region_text(ranked: pd.DataFrame, measure: str, *, unplaced: int = 0) -> str:
    """Return a sentence on the regions with the highest values, from regions ranked by `rank_regions`.

    It is empty if no region has a value. `unplaced` is the number of attacks without a known region.
    """
    low = ranked[measure].astype(float)
    spare = 1 - ranked["concessions_covered"] if measure == "conceded_share" else unplaced * (measure == "attacks")
    if measure in MEASURE_SHARES:  # a share of the measures on record bounds nothing
        low = low.mask(ranked["is_part"])
    values = dict(enumerate(region_value_text(row, measure) for _id, row in ranked.iterrows()))
    highest = find_highest(low, (low + spare).mask(ranked["is_part"]))
    return highest_text(measure_labels()[measure], highest, dict(enumerate(ranked["name"])), values)


def show_regions(ranked: pd.DataFrame, level: str) -> None:
    """List regions of a level in their given order; regions without data are listed apart."""
    is_unknown = ranked["is_unknown"].to_numpy(dtype=bool)
    groups = (
        ("", _("Regions, largest known value first"), ~is_unknown),
        ("-unknown", _("Not ranked: no data"), is_unknown),
    )
    for key, caption, chosen in groups:
        if chosen.any():
            _show_group(ranked[chosen].reset_index(drop=True), caption, level, key=key)


def _show_group(group: pd.DataFrame, caption: str, level: str, *, key: str) -> None:
    inside = [
        f"{address}&level={level}" for address in links.build_addresses("browse", group["region"], param="region")
    ]
    columns.show_table(
        group.assign(
            conceded_ha=group["conceded_ha"].round(0),
            page=inside,
            part=[partial_note(row) for row in group.to_dict("records")],
        ),
        key=f"regions-{level}{key}",
        alt=caption,
        name=columns.text_column(_("Region"), link="page"),
        conceded_share=columns.share_column(_("Share under concession"), note="part"),
        conceded_ha=columns.number_column(_("Hectares under concession")),
        concessions=columns.number_column(_("Concessions")),
        communities=columns.number_column(_("Communities")),
        communities_touched=columns.number_column(_("Of these, with concessions on their land")),
        attacks=columns.number_column(_("Attacks on record")),
        measures_granted=columns.number_column(_("Protection measures granted")),
        women_share=columns.share_column(_("Of these, gender-responsive")),
        groups_share=columns.share_column(_("Of these, collective")),
    )


def partial_note(row: Mapping[Hashable, Any]) -> str:
    """Return that a share under concession is a minimum, with the part of the region that the data covers."""
    covered, found = row["concessions_covered"], row["conceded_share"]
    if covered >= WHOLE_SHARE or pd.isna(found):
        return ""
    part = coverage_text.covered_part_text(covered, found)
    return _("at least: the map has data on {part} of it").format(part=part)


def compare_regions(ranked: pd.DataFrame, chosen: Sequence[str]) -> None:
    """Compare regions in a table with one column per region."""
    rows = ranked.set_index("region").loc[list(chosen)]
    texts = {code: [region_value_text(row, measure) for measure in MEASURES] for code, row in rows.iterrows()}
    columns.show_table(
        pd.DataFrame({"measure": [measure_labels()[measure] for measure in MEASURES], **texts}),
        alt=i18n.join_texts([str(name) for name in rows["name"]]),
        measure=columns.text_column(_("Recorded data")),
        more={str(code): columns.text_column(str(name)) for code, name in rows["name"].items()},
    )


def show_communities(rows: pd.DataFrame) -> None:
    """List the communities of a region, those with the largest share under concession first."""
    columns.show_table(
        rows.assign(area_ha=rows["area_ha"].round(0), page=links.build_addresses("community", rows["id"])),
        alt=_("Communities, most covered first"),
        name=columns.text_column(_("Community"), link="page"),
        people=columns.text_column(_("People")),
        area_ha=columns.number_column(_("Land (ha)")),
        titles=columns.number_column(_("Concessions on it")),
        share=columns.share_column(_("Share under concession")),
    )
