"""The contents of one region: its provinces, its communities, and links to each community's page."""

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.answers.answer import Figure, Section, count_figure, finding_section
from lindero.app.answers.commitments import promises_section
from lindero.app.answers.defaults import DEPARTMENT
from lindero.app.answers.record.tallies import attacks_label
from lindero.app.answers.regions import COUNTED_LAYERS, PROVINCE, elsewhere_text
from lindero.app.media.pages import streamlit_page
from lindero.app.media.pages.current import cached_record, map_layers, open_map
from lindero.app.media.pages.downloads import brief_download, pack_download
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.frame import page
from lindero.app.media.pages.frame.page import Figures
from lindero.app.media.pages.tables import region_tables
from lindero.app.media.paper.brief import region as region_brief
from lindero.app.media.phone.about import Subject
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _, format_number


def region_answer(ranked: pd.DataFrame, measure: str, level: str) -> Section:
    """Build the section on the ranked regions: the highest values, what is not known, and a few totals."""
    labels = region_tables.measure_labels()
    unknown = _("{measure}: no data for any of these regions.").format(measure=labels[measure])
    lacking = map_layers.missing_layers_text(COUNTED_LAYERS)
    notes = [region_tables.partial_coverage_text(ranked), lacking]
    shown_labels = {
        name: labels[name] for name in ("conceded_ha", "communities_touched", "attacks", "measures_granted")
    }
    sums = {name: (_sum_text(ranked[name]), _unknown_text(ranked[name])) for name in shown_labels}
    shown_labels["attacks"] = attacks_label(open_map.country())
    with show_errors():
        all_attacks = len(map_layers.country_record(open_map.country()).attacks)
    unplaced = all_attacks - int(ranked["attacks"].sum())
    first = region_tables.highest_region_text(ranked, measure, unplaced=unplaced) or unknown
    if elsewhere := elsewhere_text(unplaced, level):
        sums["attacks"] = (format_number(all_attacks), elsewhere)
    figures: Figures = {
        label: (Figure if name == "conceded_ha" else count_figure)(*sums[name]) for name, label in shown_labels.items()
    }
    return finding_section(escape_markdown(first), notes, figures)


def _sum_text(values: "pd.Series[float]") -> str:
    total = values.sum(min_count=1)
    if pd.isna(total):
        return _("no data")
    return _("at least {n}").format(n=format_number(total)) if values.isna().any() else format_number(total)


def _unknown_text(values: "pd.Series[float]") -> str:
    unknown = int(values.isna().sum())
    return (
        _("not known for {n} of {all}").format(n=format_number(unknown), all=format_number(len(values)))
        if unknown
        else ""
    )


def show_one_region(ranked: pd.DataFrame, level: str, measure: str, container: DeltaGenerator) -> None:
    """Show the contents of one region and its state's commitments; `container` is passed to `page.select_option`."""
    names = dict(zip(ranked["region"], ranked["name"], strict=True))
    st.header(_("Inside one region"), anchor=False)
    code = page.select_option(
        _("Region"), list(names), names.__getitem__, param="region", among=level, container=container
    )
    with show_errors():
        show_region(level, code, measure)
    brief_download.offer_brief(lambda con: region_brief.build_brief(con, code), code)
    pack_download.offer_pocket_map(Subject.REGION, code)
    show_promises(str(ranked.set_index("region")["country"][code]))


def compare_two_regions(ranked: pd.DataFrame, level: str, container: DeltaGenerator) -> None:
    """Show controls for two regions, if there are two, and compare them.

    `container` is passed to `page.select_option`.
    """
    names = dict(zip(ranked["region"], ranked["name"], strict=True))
    if len(names) == 1:
        return
    st.header(_("Compare two regions"), anchor=False)
    sides = st.columns(2)
    with sides[0]:
        first = page.select_option(
            _("The first"), list(names), names.__getitem__, param="one", among=level, container=container
        )
    with sides[1]:
        other_codes = [code for code in names if code != first]
        among = f"{level}/{first}"
        second = page.select_option(
            _("The second"), other_codes, names.__getitem__, param="other", among=among, container=container
        )
    region_tables.compare_regions(ranked, [first, second])


def show_region(level: str, code: str, measure: str) -> None:
    """List a department's provinces and a region's communities, with links to them."""
    if level == DEPARTMENT and PROVINCE in map_layers.levels():
        provinces = map_layers.compare_regions(PROVINCE)
        provinces = provinces[provinces["parent"] == code]
        if not provinces.empty:
            st.write(_("Its parts:"))
            region_tables.show_regions(region_tables.rank_regions(provinces, measure), PROVINCE)
    communities = map_layers.list_communities(level, code)
    if communities.empty:
        nobody = _("No community land is recorded here. That does not mean that nobody lives here.")
        st.write(map_layers.missing_layers_text(["communities"]) or nobody)
        return
    st.write(_("Its communities, largest share under concession first:"))
    region_tables.show_communities(communities)


def show_promises(country: str) -> None:
    """Show the commitments of a state, their status, and the attacks on record since."""
    with show_errors():
        streamlit_page.show_section(promises_section(cached_record.commitments(country, "")))
