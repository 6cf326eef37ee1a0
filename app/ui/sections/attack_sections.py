"""What the page of attacks tells of the attacks that its filter leaves: how many, where, and one by one."""

import pandas as pd
import streamlit as st

from lindero.app.record import tallies
from lindero.app.record.incidents import Record
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, ngettext, number
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
