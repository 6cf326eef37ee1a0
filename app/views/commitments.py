"""Commitments: what a state promised, how that stands, and what happened since."""

import streamlit as st

from lindero.app.answers import coverage_text
from lindero.app.current import cached_record
from lindero.app.record import commitments_text
from lindero.app.text.i18n import _, ngettext, number
from lindero.app.ui import page
from lindero.app.ui.error_message import explained
from lindero.app.ui.tables import record_tables

page.head(_("Commitments"))
with explained():
    record = cached_record.record()
    promises = cached_record.promises()
names = commitments_text.country_names(promises["country"])
country = page.chosen(_("Country"), commitments_text.most_attacked_first(promises, names), names.__getitem__)
regions = commitments_text.regions_of(country, record)
region = st.selectbox(
    _("What happened since in"), ["", *regions], format_func=lambda code: regions.get(code, names[country])
)
with explained():
    standing = cached_record.commitments(country, region)

st.write(
    _(
        "Nothing here says that a promise was kept or broken: it stands as its sources tell, and beside it stands what "
        "is on this map since."
    )
)
if not commitments_text.has_attacks(record, country, region):
    none = coverage_text.none(cached_record.answer_in(country, region))
    st.info(f"{none} {_('That none is on record does not mean that there was none.')}")
record_tables.promises(standing)
if undated := commitments_text.undated(record, country, region):
    told = ngettext("{n} attack without a date is not counted.", "{n} attacks without a date are not counted.", undated)
    st.write(told.format(n=number(undated)))
if not (standing["kind"] == "national").any():
    st.write(
        _("No measure of the state's own to protect defenders is on record here. Whether there is one was not checked.")
    )

st.subheader(_("Notes and sources"), anchor=False)
st.markdown(commitments_text.notes(standing))
st.subheader(_("Countries side by side"), anchor=False)
record_tables.countries(promises, names)
