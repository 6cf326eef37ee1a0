"""Near me: whose titles and whose land a place is, what lies near it, and who was attacked there."""

import streamlit as st

from app.current import cached, kept
from app.screen import here, linked, lists, maps, page, position
from app.wording import language
from app.wording.i18n import _
from app.wording.messages import explained

KM = [5, 10, 25, 50]


@st.fragment
def explore() -> None:
    language.speak()
    map_side, told_side = st.columns([3, 2], gap="medium")
    with map_side:
        written = position.ask()
        with explained():
            canvas = maps.territory(
                cached.extent(),
                cached.classes(),
                kept.version(),
                cached.publishers(),
                cached.filterable(),
                last_zoom=kept.last_zoom(),
            )
            press = position.press()
            at = position.latest(written, press)
            point_of = (at.latitude, at.longitude) if at is not None else None
            position.keep(press)
            chosen = maps.show(canvas, maps.Choice(point=point_of), key="territory", on_press=position.pressed)
    if at is None:
        told_side.info(_("Press the map or write a place: here you then read whose ground it is and what lies near."))
        overlaps()
        return
    with told_side, explained():
        within_km = st.select_slider(_("Look around, in kilometres"), KM, value=10)
        found = cached.near(at.latitude, at.longitude, within_km=within_km)
        here.whose(found, at, within_km)
    seen = linked.seen(found, chosen.seen)
    here.left_out(len(found) - len(seen))
    here.incidents(seen, at.latitude, at.longitude, within_km)
    here.around(seen, at.latitude, at.longitude, within_km)
    with explained():
        here.changed(at.latitude, at.longitude, within_km)
    here.made_by(at, within_km)


def overlaps() -> None:
    """Show what lies on whose land, for as long as no place is asked about."""
    with explained():
        pairs = cached.pairs("concessions", "communities")
    if not pairs.empty:
        st.subheader(_("Overlaps"), anchor=False)
        lists.pairs(pairs, "concessions", "communities")


page.head(_("Near me"))
page.stop_if_empty()
position.recall()
explore()
