"""Sources and limits: where everything on the map comes from, what became of it, and what the map cannot say."""

import streamlit as st

from lindero.app.current import map_layers
from lindero.app.text.codes import word
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _
from lindero.app.ui import refused_rows
from lindero.app.ui.downloads import citation
from lindero.app.ui.error_message import explained
from lindero.app.ui.forms import describe_form
from lindero.app.ui.frame import order, page
from lindero.app.ui.sections.limits import limits
from lindero.app.ui.tables import lists
from lindero.layers.reference import base_data

page.head(_("Sources and limits"))
with explained():
    sources = map_layers.sources()
    account = map_layers.account()
    unknown = map_layers.unknown()
    covered = map_layers.coverage()
if sources:
    found = lists.found_of_sources(sources)
    order.say(order.parts("finding")[0], found)
st.header(_("What this map is made of"), anchor=False)
st.write(_("Every row received was kept or rejected: the numbers add up, or there would be no map."))
if sources:
    lists.sources(sources, covered)
    lists.download(lists.of_sources(sources, covered), "sources.csv")
else:
    st.info(_("This map has no sources yet."))
describe_form.describe_sources()

st.header(_("What was rejected, repaired and noticed"), anchor=False)
if account.empty:
    st.write(_("Nothing: every row was kept as it came."))
else:
    lists.account(account)
    st.write(_("`lindero report` names every row, with what was received."))

with explained():
    refused_rows.table()

st.header(_("What it cannot say"), anchor=False)
st.markdown("\n".join(f"- {limit}" for limit in limits(unknown)))
st.header(_("The background"), anchor=False)
told = ([source.title, source.publisher, word(source.licence)] for source in base_data.sources())
st.markdown("\n".join(f"- {' · '.join(map(plain, parts))}" for parts in told))
if sources:
    citation.show(found.finding, [source for source in sources if source.is_current])
