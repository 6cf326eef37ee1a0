"""Commitments: what a state promised, how that stands, and what happened since."""

import streamlit as st

from app.current import recorded
from app.record import promised
from app.screen import page, record_lists
from app.wording.i18n import _, ngettext, number
from app.wording.messages import explained

page.head(_("Commitments"))
with explained():
    record = recorded.record()
    promises = recorded.promises()
names = promised.country_names(promises["country"])
country = page.chosen(_("Country"), promised.most_attacked_first(promises, names), names.__getitem__)
regions = promised.regions_of(country, record)
region = st.selectbox(
    _("What happened since in"), ["", *regions], format_func=lambda code: regions.get(code, names[country])
)
with explained():
    standing = recorded.commitments(country, region)

st.write(
    _(
        "Nothing here says that a promise was kept or broken: it stands as its sources tell, and beside it stands what "
        "is on this map since."
    )
)
if not promised.has_attacks(record, country, region):
    st.info(_("No attack there is on this map: that none is on record does not mean that there was none."))
record_lists.promises(standing)
if undated := promised.undated(record, country, region):
    told = ngettext("{n} attack without a date is not counted.", "{n} attacks without a date are not counted.", undated)
    st.write(told.format(n=number(undated)))
if not (standing["kind"] == "national").any():
    st.write(
        _("No measure of the state's own to protect defenders is on record here. Whether there is one was not checked.")
    )

st.subheader(_("Notes and sources"), anchor=False)
st.markdown(promised.notes(standing))
st.subheader(_("Countries side by side"), anchor=False)
record_lists.countries(promises, names)
