"""Time: titles and attacks by year, on small maps, and titles granted before and after attacks near them."""

import streamlit as st

from app.analysis import made, timing
from app.current import answered, cached, kept
from app.current.selection import Choice
from app.screen import analysis_lists, lists, maps, page, years
from app.wording.i18n import _
from app.wording.messages import explained
from app.wording.text import plain

DISTANCES = [5, 10, 25, 50]
SHOWN_YEARS = 11

page.head(_("Time"))
page.stop_if_empty()
with explained():
    counts = answered.by_year()
if counts.empty:
    st.info(_("Nothing on this map has a date."))
    st.stop()
first, last = int(counts["year"].min()), int(counts["year"].max())
chosen = (max(first, last - SHOWN_YEARS), last)
if first < last:
    chosen = st.slider(_("Years"), first, last, chosen)
seen = counts[counts["year"].between(*chosen)]

st.subheader(_("By year"), anchor=False)
listed, drawn = st.columns([2, 1])
with listed:
    analysis_lists.by_year(seen)
    if not counts["granted"].any():
        st.write(_("No title on this map says when it was granted."))
    lists.download(seen, "by-year.csv")
with drawn, explained():
    spots = answered.spots(chosen)
    if spots.empty:
        st.write(_("In these years nothing with a place is on record."))
    else:
        years.small_maps(spots, {"concessions": _("Titles granted"), "incidents": _("Attacks")})
told = _("On the map, “{filter}” leaves what was applied for, granted or happened in some years.")
st.write(told.format(filter=_("Show only")))
maps.show(
    maps.territory(
        cached.extent(),
        cached.classes(),
        kept.version(),
        cached.publishers(),
        cached.filterable(),
        last_zoom=kept.last_zoom(),
    ),
    Choice(),
    key="time",
    height=400,
)

st.subheader(_("Titles granted before and after an attack"), anchor=False)
within_km = st.select_slider(_("Within how many kilometres"), DISTANCES, value=timing.KM)
with explained():
    report = answered.timing(within_km)
st.markdown(plain(report.said()))
if not report.rows.empty:
    analysis_lists.sums_by_chance(report.timing.sums)
    analysis_lists.before_and_after(report.rows)
made.shown(
    made.Made(
        method="timing",
        parameters={name: value for name, value in report.settings.items() if name != "seed"},
        seed=timing.SEED,
        sources=made.taken(cached.sources(), timing.LAYERS),
        command=report.command(),
        limits=[_("It does not say that one caused the other: both may follow from something else.")],
    ),
    report.rows,
)
