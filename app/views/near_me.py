"""Near me: whose titles and whose land a place is, what lies near it, and who was attacked there."""

import pandas as pd
import streamlit as st

from app import cached, language, linked, lists, maps, page, position, told
from app.i18n import _, ngettext, number
from app.messages import explained

KM = [5, 10, 25, 50]


@st.fragment
def explore() -> None:
    language.speak()
    map_side, list_side = st.columns([3, 2], gap="medium")
    with map_side:
        written = position.ask()
        with explained():
            canvas = maps.territory(
                cached.extent(), cached.classes(), cached.version(), cached.publishers(), cached.filterable()
            )
            point = st.session_state.get("territory", {}).get("last_clicked")
            press = (point["lat"], point["lng"]) if point else None
            at = position.latest(written, press)
            chosen = maps.show(canvas, maps.Choice(point=at), key="territory", on_press=position.pressed)
    with list_side:
        if at is None:
            st.info(_("Press the map or write a place: here you then read whose ground it is and what lies near."))
            _overlaps()
            return
        within_km = st.select_slider(_("Look around, in kilometres"), KM, value=10)
        with explained():
            found = cached.near(*at, within_km=within_km)
        st.markdown(f"**{told.ground(found)}**")
        _here(found[found["distance_m"] == 0])
        seen = linked.seen(found, chosen.seen)
        _left_out(len(found) - len(seen))
        _attacks(seen[seen["layer"] == "incidents"], within_km)
        _around(seen[(seen["distance_m"] > 0) & (seen["layer"] != "incidents")], within_km)
        st.write(_("To send by SMS:"))
        st.code(told.sms(found, *at), language=None, wrap_lines=True)


def _overlaps() -> None:
    """Show what lies on whose land, for as long as no place is asked about."""
    with explained():
        pairs = cached.pairs("concessions", "communities")
    if not pairs.empty:
        st.subheader(_("Overlaps"), anchor=False)
        lists.pairs(pairs, "concessions", "communities")


def _here(here: pd.DataFrame) -> None:
    tellers = {"concessions": told.concession, "communities": told.community, "protected_areas": told.protected_area}
    lines = [
        f"- {teller(row)}"
        for layer, teller in tellers.items()
        for row in here[here["layer"] == layer].to_dict("records")
    ]
    if lines:
        st.markdown("\n".join(lines))


def _left_out(count: int) -> None:
    if count:
        text = ngettext(
            "The map's filter leaves {n} record out of the lists.",
            "The map's filter leaves {n} records out of the lists.",
            count,
        )
        st.write(text.format(n=number(count)))


def _attacks(attacks: pd.DataFrame, within_km: int) -> None:
    st.subheader(_("Attacks on record"), anchor=False)
    if attacks.empty:
        st.write(
            _("None within {km} km. That no attack is on record does not mean that there was none.").format(
                km=within_km
            )
        )
        return
    st.markdown("\n".join(f"- {told.incident(row)}" for row in attacks.to_dict("records")))


def _around(around: pd.DataFrame, within_km: int) -> None:
    st.subheader(_("Near, closest first"), anchor=False)
    if around.empty:
        st.write(_("Nothing on record within {km} km. It may be that nobody has recorded it.").format(km=within_km))
        return
    lists.near(around)


page.head(_("Near me"))
page.stop_if_empty()
explore()
