"""Hotspots: where more is on record than chance would put there, in plain numbers, and how firm that is."""

import streamlit as st

from lindero.app.answers.hotspots.events import LAYERS_OF
from lindero.app.current import cached_answers
from lindero.app.output import provenance
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, number
from lindero.app.ui import page
from lindero.app.ui.charts import hotspot_ranges, kde_chart
from lindero.app.ui.error_message import explained
from lindero.app.ui.forms import hotspot_form
from lindero.app.ui.maps import legends, map_picture
from lindero.app.ui.tables import answer_tables, lists

page.head(_("Hotspots"))
page.stop_if_empty()
question = hotspot_form.ask()
bar = st.empty()
with explained():
    report = cached_answers.hotspots(question, lambda *step: hotspot_form.tell(bar, *step))
bar.empty()
st.markdown(f"**{plain(report.said())}**")
drawn = legends.hotspots(report)
layers = [layer.name for layer in LAYERS_OF[report.question.of]]
title = _("Compared with chance")
map_picture.show(drawn, legends.heat(), title=title, finding=report.said(), layers=layers, key="hotspots")
hotspot_ranges.show(report)
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
