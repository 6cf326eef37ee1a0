"""The parts of the pages of the record, page by page: attacks with their cases, attacks over time, commitments."""

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.answers.attacks import found_text
from lindero.app.answers.defaults import TIMING_KM
from lindero.app.current import open_map
from lindero.app.current.selection import Choice
from lindero.app.record import commitments_text
from lindero.app.record.incidents import Record
from lindero.app.renderers import columns
from lindero.app.text.codes import word
from lindero.app.text.i18n import _, ngettext, number
from lindero.app.ui.charts import year_charts
from lindero.app.ui.frame import page
from lindero.app.ui.maps import areas, attack_map, map_picture, map_view

DISTANCES = [5, 10, 25, 50]
SHOWN_YEARS = 11


def attacks_map(attacks: pd.DataFrame, country: str) -> None:
    """Draw attacks on a map, each as exactly as it is known, and list the areas."""
    st.header(_("Where, as exactly as it is known"), anchor=False)
    map_picture.show(
        attack_map.shapes(attacks),
        attack_map.looks(),
        title=_("Attacks"),
        finding=found_text(attacks, country),
        layers=["incidents", "acts"],
        key="attacks",
        underneath=[],
    )
    if beyond := attack_map.beyond(attacks):
        text = ngettext(
            "{n} attack is known by its country alone, and is on no map.",
            "{n} attacks are known by their country alone, and are on no map.",
            beyond,
        )
        st.write(text.format(n=number(beyond)))
    columns.table(
        attack_map.by_area(attacks),
        alt=_("Attacks by region"),
        fold=columns.of_picture(),
        region=columns.text(_("Region")),
        attacks=columns.number(_("Attacks")),
        by_area=columns.number(_("Of these known by the region alone")),
        people=columns.number(_("People attacked")),
    )


# The filters of the page of attacks.


def filtered_attacks(told: Record) -> tuple[Record, list[str]]:
    """Let the reader choose years, acts, sectors and regions; gives the attacks left, and what was chosen."""
    attacks = told.attacks
    left, right = st.columns(2)
    kept, years = _in_years(attacks, left)
    regions = sorted(attacks["region"].dropna().unique())
    acts = sorted({code for types in attacks["types"] for code in types}, key=word)
    sectors = sorted(attacks["sector"].dropna().unique(), key=word)
    wanted_regions = right.multiselect(_("Regions"), regions, key="regions", placeholder=_("all"))
    wanted_acts = left.multiselect(_("Acts"), acts, format_func=word, key="acts", placeholder=_("all"))
    wanted_sectors = right.multiselect(_("Sectors"), sectors, format_func=word, key="sectors", placeholder=_("all"))
    if wanted_acts:
        kept &= attacks["types"].map(lambda types: bool(set(types) & set(wanted_acts))).astype(bool)
    if wanted_sectors:
        kept &= attacks["sector"].isin(wanted_sectors)
    if wanted_regions:
        kept &= attacks["region"].isin(wanted_regions)
    said = [
        years,
        ", ".join(map(word, wanted_acts)) or _("all acts"),
        ", ".join(map(word, wanted_sectors)) or _("all sectors"),
        ", ".join(wanted_regions) or _("all regions"),
    ]
    return told.of(attacks.loc[kept, "id"]), said


def _in_years(attacks: pd.DataFrame, column: DeltaGenerator) -> tuple["pd.Series[bool]", str]:
    years = attacks["year"].dropna()
    if years.nunique() < 2:  # noqa: PLR2004  nothing to choose between
        return pd.Series(data=True, index=attacks.index), _("all years")
    first, last = int(years.min()), int(years.max())
    low, high = column.slider(_("Years"), first, last, (first, last), key="years")
    inside = attacks["year"].between(low, high).fillna(value=False).astype(bool)
    if (low, high) == (first, last):
        return inside | attacks["year"].isna(), _("all years")
    return inside, f"{low}–{high}"


# What the page of time tells of each year.


def ask_years(counts: pd.DataFrame) -> tuple[tuple[int, int], int]:
    """Let the reader choose years, of those that anything is of, and how far from attacks titles are looked for."""
    first, last = int(counts["year"].min()), int(counts["year"].max())
    chosen = (max(first, last - SHOWN_YEARS), last)
    if first < last:
        chosen = st.slider(_("Years"), first, last, chosen, key="years", bind="query-params")
    km = _("Within how many kilometres")
    return chosen, int(st.select_slider(km, DISTANCES, key="km", bind="query-params", value=TIMING_KM))


def years_picture(spots: pd.DataFrame, years: tuple[int, int]) -> None:
    """Draw a small map of each year, and a large one of all."""
    if spots.empty:
        st.write(_("None of the titles granted and attacks of these years has both a date and a place on the map."))
    else:
        names = {"concessions": _("Titles granted"), "incidents": _("Attacks")}
        year_charts.small_maps(spots, names, years)
    told = _("On the map, “{filter}” leaves what was applied for, granted or happened in some years.")
    st.write(told.format(filter=_("Show only")))
    map_view.show(areas.whole_map(), Choice(), key="time", height=400)


def ask_country(
    promises: pd.DataFrame, record: Record, names: dict[str, str], told: DeltaGenerator
) -> tuple[str, str, str]:
    """
    Let the reader choose a country, and a region in which to look; gives their codes, and what both are called.

    `told` is as `app.ui.frame.page.chosen` takes it.
    """
    countries = commitments_text.most_attacked_first(promises, names, own=open_map.country())
    country = page.chosen(_("Country"), countries, names.__getitem__, told=told)
    regions = commitments_text.regions_of(country, record)
    region = st.selectbox(
        _("What happened since in"), ["", *regions], format_func=lambda code: regions.get(code, names[country])
    )
    return country, region, f"{regions[region]}, {names[country]}" if region else names[country]
