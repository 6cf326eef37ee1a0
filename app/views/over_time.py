"""Time: titles and attacks by year, on small maps, and titles granted before and after attacks near them."""

import streamlit as st

from lindero.app.answers import before_after
from lindero.app.answers.usual import TIMING_KM, TIMING_SEED
from lindero.app.current import cached_answers, map_layers
from lindero.app.current.selection import Choice
from lindero.app.output import provenance
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _
from lindero.app.ui import page, year_sections
from lindero.app.ui.charts import year_charts
from lindero.app.ui.error_message import explained
from lindero.app.ui.maps import areas, map_view
from lindero.app.ui.tables import answer_tables, lists

DISTANCES = [5, 10, 25, 50]
SHOWN_YEARS = 11

page.head(_("Time"))
page.stop_if_empty()
with explained():
    counts = cached_answers.by_year()
if counts.empty:
    st.info(" ".join(filter(None, (_("Nothing on this map has a date."), map_layers.lacking(before_after.LAYERS)))))
    st.stop()
first, last = int(counts["year"].min()), int(counts["year"].max())
chosen = (max(first, last - SHOWN_YEARS), last)
if first < last:
    chosen = st.slider(_("Years"), first, last, chosen, key="years", bind="query-params")
seen = counts[counts["year"].between(*chosen)]

st.subheader(_("By year"), anchor=False)
year_sections.counted(seen, counts)
lists.download(seen, "by-year.csv")
with explained():
    spots = cached_answers.spots(chosen)
if spots.empty:
    st.write(_("In these years nothing with a place is on record."))
else:
    names = {"concessions": _("Titles granted"), "incidents": _("Attacks")}
    year_charts.small_maps(spots, names, chosen)
told = _("On the map, “{filter}” leaves what was applied for, granted or happened in some years.")
st.write(told.format(filter=_("Show only")))
canvas = areas.whole_map()
map_view.show(canvas, Choice(), key="time", height=400)

st.subheader(_("Titles granted before and after an attack"), anchor=False)
km = _("Within how many kilometres")
within_km = st.select_slider(km, DISTANCES, key="km", bind="query-params", value=TIMING_KM)
with explained():
    report = cached_answers.timing(within_km)
st.markdown(plain(report.said()))
if not report.rows.empty:
    answer_tables.sums_by_chance(report.timing.sums)
    answer_tables.before_and_after(report.rows)
provenance.shown(
    provenance.Made(
        method="timing",
        parameters={name: value for name, value in report.settings.items() if name != "seed"},
        seed=TIMING_SEED,
        sources=provenance.taken(map_layers.sources(), before_after.LAYERS),
        command=report.command(),
        coverage=[report.covered.as_dict()],
        limits=[_("It does not say that one caused the other: both may follow from something else.")],
    ),
    report.rows,
)
