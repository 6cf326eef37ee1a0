"""What the page of attacks tells of the attacks that its filter leaves: how many, where, and one by one."""

import datetime as dt

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.current import cached_record, map_layers
from lindero.app.record import tallies
from lindero.app.record.cases import ENDED, against_defenders, cases, impunity, said
from lindero.app.record.incidents import Record
from lindero.app.record.measures import COUNTED, by_region
from lindero.app.text.codes import word
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, ngettext, number
from lindero.app.ui.charts import record_charts
from lindero.app.ui.frame.page import Figures
from lindero.app.ui.maps import attack_map, map_picture
from lindero.app.ui.tables import lists, record_tables


def answer(told: Record, *, apart: int) -> tuple[str, list[str], Figures]:
    """
    Say how many attacks are on record and when most were, with a few figures and what these do not hold.

    Parameters
    ----------
    apart
        How many conflicts without an attack there are besides.
    """
    attacks, killed = told.attacks, tallies.people_killed(told.attacks)
    without = {name: int(attacks[name].isna().sum()) for name in ("people", "year")}
    not_said = _("not stated of {n}")
    figures: Figures = {
        _("Attacks (events)"): (number(len(attacks)), _undated(without["year"])),
        _("Of these killings"): number(attacks["is_killing"].sum()),
        _("People attacked, where stated"): (
            tallies.stated(tallies.total(attacks["people"])),
            not_said.format(n=number(without["people"])) if without["people"] else "",
        ),
        _("Of these killed, where told"): (
            tallies.stated(killed.people),
            not_said.format(n=number(killed.unstated)) if killed.unstated else "",
        ),
    }
    missing = tallies.said(attacks)
    besides = [
        _("Of these attacks: {missing}.").format(missing=missing) if missing else "",
        ngettext("{n} conflict without an attack besides.", "{n} conflicts without an attack besides.", apart).format(
            n=number(apart)
        ),
    ]
    return _found(attacks), besides, figures


def _undated(count: int) -> str:
    return _("{n} without a date").format(n=number(count)) if count else ""


def _found(attacks: pd.DataFrame) -> str:
    text = ngettext("{n} attack is on record", "{n} attacks are on record", len(attacks)).format(n=number(len(attacks)))
    years = attacks["year"].dropna()
    when = _("{first} to {last}").format(first=int(years.min()), last=int(years.max())) if len(years) else ""
    most = [_most(years.astype(int).astype(str)), _most(attacks["region"].dropna())]
    told = _("most in {places}").format(places=", ".join(filter(None, most))) if any(most) else ""
    return plain(f"{'; '.join(filter(None, (', '.join(filter(None, (text, when))), told)))}.")


def _most(values: "pd.Series[str]") -> str:
    """Name what most attacks have, with how many; nothing if several have as many."""
    counts = values.value_counts()
    if counts.empty or (counts == counts.iloc[0]).sum() > 1:
        return ""
    return f"{counts.index[0]} ({number(counts.iloc[0])})"


def where(attacks: pd.DataFrame) -> None:
    """Draw attacks on a map, each as exactly as it is known, and list the areas."""
    st.header(_("Where, as exactly as it is known"), anchor=False)
    map_picture.show(
        attack_map.shapes(attacks),
        attack_map.looks(),
        title=_("Attacks"),
        finding=_found(attacks),
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
    record_tables.regions(attack_map.by_area(attacks))


def listed(attacks: pd.DataFrame) -> None:
    """List attacks, each of which leads to its page, and offer them as a file."""
    record_tables.attacks(attacks)
    latest_first = record_tables.told_attacks(attacks)
    lists.download(latest_first.drop(columns=["types", "told_by"]), "attacks.csv")


# What the page of attacks tells of their cases: what became of them, and who was protected.


def outcomes(told: Record) -> None:
    """Tell how the cases of attacks ended, by act and by region, and what came of accusations of defenders."""
    st.header(_("What became of the cases"), anchor=False)
    if lacking := map_layers.lacking(["case_steps"]):
        st.write(lacking)
        return
    of_cases = cases(told, today=dt.datetime.now(dt.UTC).date())
    by_act = impunity(told, of_cases, by="act")
    st.markdown("\n".join(f"- {said(row, row['group'])}" for row in by_act.to_dict("records")))
    record_tables.endings(by_act, _("Act"))
    of_regions = cached_record.known_of(impunity(told, of_cases, by="region"), "case_steps", ENDED)
    record_tables.endings(of_regions, _("Region"), fold=_("The same by region"))
    record_charts.accused(against_defenders(of_cases))


def protection(told: Record) -> None:
    """Tell what measures protected those attacked, by region."""
    st.header(_("Protection"), anchor=False)
    if lacking := map_layers.lacking(["protection_measures"]):
        st.write(lacking)
        return
    record_tables.measures(cached_record.known_of(by_region(told), "protection_measures", COUNTED))


# The filters of the page of attacks.


def chosen(told: Record) -> tuple[Record, list[str]]:
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
