"""What one region holds: its provinces, its communities, and the way to each community's page."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.answers.answer import Figure, Section, count_figure, finding_section
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.defaults import DEPARTMENT
from lindero.app.answers.regions import COUNTED, PROVINCE, elsewhere_text
from lindero.app.current import cached_record, map_layers, open_map
from lindero.app.products.brief import region as region_brief
from lindero.app.products.pocket.about import Subject
from lindero.app.record.commitments_text import since_note
from lindero.app.record.tallies import attacks_label
from lindero.app.text.codes import word
from lindero.app.text.commitment_names import instrument
from lindero.app.text.dates import when
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, ngettext, number
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
    st.header(_("What the state promised, and what happened since"), anchor=False)
    with explained():
        commitments(str(ranked.set_index("region")["country"][code]))


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


def commitments(country: str, region: str = "") -> None:
    """List what a state promised, how that stands, and the attacks on record since."""
    found = cached_record.commitments(country, region) if country else pd.DataFrame()
    if found.empty:
        st.write(_("No commitment of this state is on record."))
        return
    lines = [f"- **{plain(instrument(row['instrument']))}**: {_standing(row)}" for row in found.to_dict("records")]
    st.markdown("\n".join(lines))
    text = _(
        "Commitments made: {made}. Of these in force or ratified: {kept}. So the state says: whether it keeps them is "
        "for the reader to judge by what happened since."
    )
    kept = int(found["state"].isin(["in_force", "ratified"]).sum())
    st.write(text.format(made=int((found["state"] != "not_joined").sum()), kept=kept))
    st.write(coverage_text.partly(cached_record.answer_in(country, region)))


def _standing(row: Mapping[Hashable, Any]) -> str:
    state = word(row["state"])
    told = f"{state} ({when(row['state_on'], row['state_precision'])})" if pd.notna(row["state_on"]) else state
    note = since_note(row)
    if pd.isna(row["attacks_since"]):
        return _("{standing}; attacks since then: {note}").format(standing=told, note=note) if note else told
    return " ".join(filter(None, (_counted_since(row, told), f"({note})" if note else "")))


def _counted_since(row: Mapping[Hashable, Any], told: str) -> str:
    since = int(row["attacks_since"])
    if row["state"] == "promised" and row["state_on"] == row["promised_on"]:
        text = ngettext(
            "{standing}, and since then {n} attack on record in the whole country",
            "{standing}, and since then {n} attacks on record in the whole country",
            since,
        )
        return text.format(standing=told, n=number(since))
    text = ngettext(
        "{standing}; promised ({date}), and since then {n} attack on record in the whole country",
        "{standing}; promised ({date}), and since then {n} attacks on record in the whole country",
        since,
    )
    return text.format(standing=told, date=when(row["promised_on"], row["promised_precision"]), n=number(since))
