"""Holder: one company across the spellings of its name, its titles, and whose land they lie on."""

import streamlit as st

from app.analysis import made
from app.current import cached, recorded
from app.screen import holder_shown, page
from app.wording.i18n import _
from app.wording.messages import explained

TOUCHED = ("communities", "protected_areas")

page.head(_("Holder"))
page.stop_if_empty()
with explained():
    holders = {holder.code: holder for holder in cached.holders()}
if not holders:
    st.info(_("No concession on this map names its holder."))
    st.stop()
holder = holders[page.chosen(_("Holder"), list(holders), lambda code: holders[code].name)]
spellings = holder_shown.spellings(holder)
if not spellings:
    st.info(_("Leave at least one spelling."))
    st.stop()
with explained():
    titles = cached.titles(spellings)
    laid = {
        layer: recorded.with_consultations(cached.pairs("concessions", layer), "concessions", layer)
        for layer in TOUCHED
    }
touched = {layer: pairs[pairs["left_id"].isin(titles["id"])] for layer, pairs in laid.items()}

holder_shown.sums(titles, touched)
holder_shown.titles_and_lands(titles, touched)
holder_shown.lands(touched)
named = [part for spelling in spellings for part in ("--left-where", f"holder={spelling}")]
made.shown(
    made.Made(
        method="overlaps",
        parameters={"spellings": spellings},
        sources=made.taken(cached.sources(), ["concessions", *TOUCHED]),
        command=["lindero", "overlaps", "concessions", "communities", *named, "--format", "json"],
        limits=[
            _("Names that look alike were taken for one holder: see the spellings, and take them apart if need be."),
            _(
                "The command gives what lies on communities' land; with protected_areas instead of communities, what "
                "lies in those."
            ),
        ],
    )
)
