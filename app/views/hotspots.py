"""Hotspots: where more is on record than chance would put there, in plain numbers, and how firm that is."""

import streamlit as st

from lindero.app.current import cached_answers
from lindero.app.current.selection import Choice
from lindero.app.output import provenance
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, number
from lindero.app.ui import page
from lindero.app.ui.charts import kde_chart
from lindero.app.ui.error_message import explained
from lindero.app.ui.forms import hotspot_form
from lindero.app.ui.maps import areas, legends, map_view
from lindero.app.ui.tables import answer_tables, lists

page.head(_("Hotspots"))
page.stop_if_empty()
question = hotspot_form.ask()
with explained(), st.spinner(_("Counting, and asking in many other ways: this may take a minute …")):
    report = cached_answers.hotspots(question)
st.markdown(f"**{plain(report.said())}**")
drawn = legends.hotspots(report)
canvas = areas.territory(drawn, legends.heat(), title=_("Compared with chance"))
map_view.show(canvas, Choice(), key="hotspots")
if len(drawn) < len(report.rows):
    told = _("{count} places where nothing was counted are not drawn; the downloaded rows hold all.")
    st.write(told.format(count=number(len(report.rows) - len(drawn))))
answer_tables.hotspots(report)
lists.download(report.rows.drop(columns="geometry"), "hotspots.csv")

st.subheader(_("How to read this"), anchor=False)
reading = [
    _("Each place is taken together with those around it: one is hot if they have far more than they would by chance."),
    _("Expected is what they would have if all places were alike, or alike for each of what it is counted against."),
    _(
        "Of the places called hot, one in twenty or fewer is so by chance alone. Firm is what stays hot when cells, "
        "neighbours and the unknown places of events are chosen otherwise."
    ),
]
st.markdown("\n".join(f"- {line}" for line in reading))
st.subheader(_("What it cannot say"), anchor=False)
limits = [
    _("It counts what is on record. Where people are afraid to report, or nobody asks, there is less on record."),
    _("A place that is not hot is not a safe place."),
    _("It does not say why, nor that titles and attacks in one place have to do with each other."),
]
st.markdown("\n".join(f"- {line}" for line in limits))
provenance.shown(report.made, report.rows)

kde_chart.below(question)
