"""What one region holds: its provinces, its communities, and the way to each community's page."""

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.answers.answer import Figure, Section, count_figure, finding_section
from lindero.app.answers.commitments import promises_section
from lindero.app.answers.defaults import DEPARTMENT
from lindero.app.answers.regions import COUNTED, PROVINCE, elsewhere_text
from lindero.app.current import cached_record, map_layers, open_map
from lindero.app.products.brief import region as region_brief
from lindero.app.products.pocket.about import Subject
from lindero.app.record.tallies import attacks_label
from lindero.app.renderers import streamlit_page
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, number
from lindero.app.ui.downloads import brief_download, pack_download
from lindero.app.ui.error_message import explained
from lindero.app.ui.frame import page
from lindero.app.ui.frame.page import Figures
from lindero.app.ui.tables import region_tables


def answer(ranked: pd.DataFrame, measure: str, level: str) -> Section:
    """Say which region comes first, what the order leaves out, and a few figures of all of them."""
    labels = region_tables.labels()
    unknown = _("{measure}: known of none of them.").format(measure=labels[measure])
    first = region_tables.first_of(ranked, measure, labels[measure]) or unknown
    lacking = map_layers.lacking(COUNTED)
    besides = [region_tables.partly_covered(ranked), lacking]
    told = {name: labels[name] for name in ("conceded_ha", "communities_touched", "attacks", "measures_granted")}
    sums = {name: (_sum(ranked[name]), _unknown(ranked[name])) for name in told}
    told["attacks"] = attacks_label(open_map.country())
    with explained():
        every = len(map_layers.record_in(open_map.country()).attacks)
    if elsewhere := elsewhere_text(every - int(ranked["attacks"].sum()), level):
        sums["attacks"] = (number(every), elsewhere)
    figures: Figures = {
        label: (Figure if name == "conceded_ha" else count_figure)(*sums[name]) for name, label in told.items()
    }
    return finding_section(plain(first), besides, figures)


def _sum(values: "pd.Series[float]") -> str:
    total = values.sum(min_count=1)
    return _("no data") if pd.isna(total) else number(total)


def _unknown(values: "pd.Series[float]") -> str:
    unknown = int(values.isna().sum())
    return _("not known of {n} of {all}").format(n=number(unknown), all=number(len(values))) if unknown else ""


def inside(ranked: pd.DataFrame, level: str, measure: str, told: DeltaGenerator) -> None:
    """Tell of one region what lies in it and what its state promised; `told` is as `page.chosen` takes it."""
    names = dict(zip(ranked["region"], ranked["name"], strict=True))
    st.header(_("Inside one region"), anchor=False)
    code = page.chosen(_("Region"), list(names), names.__getitem__, param="region", among=level, told=told)
    with explained():
        region(level, code, measure)
    brief_download.offer(lambda con: region_brief.brief(con, code), code)
    pack_download.offer(Subject.REGION, code)
    promises(str(ranked.set_index("region")["country"][code]))


def two(ranked: pd.DataFrame, level: str, told: DeltaGenerator) -> None:
    """Let the reader put two regions side by side, where there are two; `told` is as `page.chosen` takes it."""
    names = dict(zip(ranked["region"], ranked["name"], strict=True))
    if len(names) == 1:
        return
    st.header(_("Two regions side by side"), anchor=False)
    sides = st.columns(2)
    with sides[0]:
        one = page.chosen(_("The first"), list(names), names.__getitem__, param="one", among=level, told=told)
    with sides[1]:
        others = [code for code in names if code != one]
        among = f"{level}/{one}"
        other = page.chosen(_("The second"), others, names.__getitem__, param="other", among=among, told=told)
    region_tables.side_by_side(ranked, [one, other])


def region(level: str, code: str, measure: str) -> None:
    """List a department's provinces and a region's communities, and lead to them."""
    if level == DEPARTMENT and PROVINCE in map_layers.levels():
        provinces = map_layers.regions(PROVINCE)
        provinces = provinces[provinces["parent"] == code]
        if not provinces.empty:
            st.write(_("Its provinces:"))
            region_tables.regions(region_tables.by_measure(provinces, measure), PROVINCE)
    communities = map_layers.communities_in(level, code)
    if communities.empty:
        nobody = _("No community's land on record lies in it. That does not mean that nobody lives there.")
        st.write(map_layers.lacking(["communities"]) or nobody)
        return
    st.write(_("Its communities, the most covered first:"))
    region_tables.communities(communities)


def promises(country: str) -> None:
    """Show what a state promised, how that stands, and the attacks on record since."""
    with explained():
        streamlit_page.show(promises_section(cached_record.commitments(country, "")))
