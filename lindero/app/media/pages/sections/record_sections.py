"""The parts of the pages of the record: attacks with their cases, attacks over time, commitments."""

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.answers.attacks import finding_text
from lindero.app.answers.defaults import TIMING_KM
from lindero.app.answers.record import commitments_text
from lindero.app.answers.record.incidents import Record
from lindero.app.media.pages import columns
from lindero.app.media.pages.charts import year_charts
from lindero.app.media.pages.current import open_map
from lindero.app.media.pages.current.selection import Choice
from lindero.app.media.pages.frame import page
from lindero.app.media.pages.maps import areas, attack_map, map_picture, map_view
from lindero.app.text.codes import translate_code
from lindero.app.text.i18n import _, format_number, ngettext

DISTANCES = [5, 10, 25, 50]
SHOWN_YEARS = 11


def show_attacks_map(attacks: pd.DataFrame, country: str) -> None:
    """Draw attacks on a map at their recorded precision, and list the areas."""
    st.header(_("Where, as precisely as known"), anchor=False)
    map_picture.show_map_with_picture(
        attack_map.build_shapes(attacks),
        attack_map.attack_looks(),
        title=_("Attacks"),
        finding=finding_text(attacks, country),
        layers=["attacks", "acts"],
        key="attacks",
        underneath=[],
    )
    if unmapped := attack_map.count_unmapped_attacks(attacks):
        text = ngettext(
            "Only the country of {n} attack is known; it is not on the map.",
            "Only the country of {n} attacks is known; they are not on the map.",
            unmapped,
        )
        st.write(text.format(n=format_number(unmapped)))
    columns.show_table(
        attack_map.count_by_area(attacks),
        alt=_("Attacks by region"),
        fold=columns.fold_label(),
        region=columns.text_column(_("Region")),
        attacks=columns.number_column(_("Attacks")),
        by_area=columns.number_column(_("Of these, only the region known")),
        people=columns.number_column(_("People attacked")),
    )


# The filters of the page of attacks.


def ask_attack_filter(record: Record) -> tuple[Record, list[str]]:
    """Show controls for years, acts, sectors and regions; return the filtered record, and the choices in words."""
    attacks = record.attacks
    left, right = st.columns(2)
    is_selected, years = _ask_years_mask(attacks, left)
    regions = sorted(attacks["region"].dropna().unique())
    acts = sorted({code for types in attacks["types"] for code in types}, key=translate_code)
    sectors = sorted(attacks["sector"].dropna().unique(), key=translate_code)
    wanted_regions = right.multiselect(_("Regions"), regions, key="regions", placeholder=_("all"))
    wanted_acts = left.multiselect(_("Acts"), acts, format_func=translate_code, key="acts", placeholder=_("all"))
    wanted_sectors = right.multiselect(
        _("Sectors"), sectors, format_func=translate_code, key="sectors", placeholder=_("all")
    )
    if wanted_acts:
        is_selected &= attacks["types"].map(lambda types: bool(set(types) & set(wanted_acts))).astype(bool)
    if wanted_sectors:
        is_selected &= attacks["sector"].isin(wanted_sectors)
    if wanted_regions:
        is_selected &= attacks["region"].isin(wanted_regions)
    choices = [
        years,
        ", ".join(map(translate_code, wanted_acts)) or _("all acts"),
        ", ".join(map(translate_code, wanted_sectors)) or _("all sectors"),
        ", ".join(wanted_regions) or _("all regions"),
    ]
    return record.filter(attacks.loc[is_selected, "id"]), choices


def _ask_years_mask(attacks: pd.DataFrame, column: DeltaGenerator) -> tuple["pd.Series[bool]", str]:
    years = attacks["year"].dropna()
    if years.nunique() < 2:  # noqa: PLR2004  nothing to choose between
        return pd.Series(data=True, index=attacks.index), _("all years")
    first, last = int(years.min()), int(years.max())
    low, high = column.slider(_("Years"), first, last, (first, last), key="years")
    is_in_years = attacks["year"].between(low, high).fillna(value=False).astype(bool)
    if (low, high) == (first, last):
        return is_in_years | attacks["year"].isna(), _("all years")
    return is_in_years, f"{low}–{high}"


# The parts of the page over time that show single years.


def ask_years(counts: pd.DataFrame) -> tuple[tuple[int, int], int]:
    """Show controls for a span of years among those with data, and for the distance to attacks in kilometres."""
    first, last = int(counts["year"].min()), int(counts["year"].max())
    span = (max(first, last - SHOWN_YEARS), last)
    if first < last:
        span = st.slider(_("Years"), first, last, span, key="years", bind="query-params")
    label = _("Distance to attacks (km)")
    return span, int(st.select_slider(label, DISTANCES, key="km", bind="query-params", value=TIMING_KM))


def show_years(spots: pd.DataFrame, years: tuple[int, int]) -> None:
    """Draw a small map of each year, and a large one of all."""
    if spots.empty:
        st.write(_("No concession granted or attack in these years has both a date and a place on the map."))
    else:
        names = {"concessions": _("Concessions granted"), "incidents": _("Attacks")}
        year_charts.draw_small_maps(spots, names, years)
    text = _("On the map, use “{filter}” to see only the concessions and events of certain years.")
    st.write(text.format(filter=_("Show only")))
    map_view.show_map(areas.build_full_map(), Choice(), key="time", height=400)


def ask_country_and_region(
    promises: pd.DataFrame, record: Record, names: dict[str, str], container: DeltaGenerator
) -> tuple[str, str, str]:
    """Show controls for a country and a region; return their codes, and the label of both.

    `container` is passed to `app.media.pages.frame.page.select_option`.
    """
    countries = commitments_text.sort_countries(promises, names, own_country=open_map.country())
    country = page.select_option(_("Country"), countries, names.__getitem__, container=container)
    regions = commitments_text.list_attacked_regions(country, record)
    region = st.selectbox(
        _("Count attacks since then in"), ["", *regions], format_func=lambda code: regions.get(code, names[country])
    )
    return country, region, f"{regions[region]}, {names[country]}" if region else names[country]
