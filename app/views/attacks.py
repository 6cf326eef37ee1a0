"""Attacks: where, as exactly as it is known; when; what; against whom; and what became of the cases."""

import streamlit as st

from lindero.app.answers import coverage_text
from lindero.app.current import cached_record, map_layers
from lindero.app.output import provenance
from lindero.app.record import case_text, tallies
from lindero.app.text.i18n import _, ngettext, number
from lindero.app.ui import case_sections, page
from lindero.app.ui.charts import record_charts
from lindero.app.ui.error_message import explained
from lindero.app.ui.forms import attack_filter
from lindero.app.ui.maps import areas, attack_map, map_view
from lindero.app.ui.tables import lists, record_tables

page.head(_("Attacks"))
page.stop_if_empty()
with explained():
    record = cached_record.record()
    same = cached_record.may_be_same()
lacking = map_layers.lacking(["incidents", "acts"])
if record.attacks.empty:
    st.info(lacking or _("No attack is on this map. That none is on record does not mean that there was none."))
    st.stop()
told = attack_filter.chosen(record)
attacks = told.attacks
if attacks.empty:
    st.info(_("No attack on record is like that: allow more years, acts, sectors or regions."))
    st.stop()

page.figures(
    {
        _("Attacks (events)"): number(len(attacks)),
        _("Of these killings"): number(attacks["is_killing"].sum()),
        _("People attacked, where stated"): tallies.stated(tallies.total(attacks["people"])),
        _("Of these killed, where told"): tallies.stated(tallies.people_killed(attacks).people),
        _("Conflicts without an attack"): number(len(record.incidents) - len(record.attacks)),
    }
)
if missing := tallies.said(attacks):
    st.write(_("Of these attacks: {missing}.").format(missing=missing))

st.subheader(_("Where, as exactly as it is known"), anchor=False)
map_view.show(
    areas.territory(attack_map.shapes(attacks), attack_map.looks(), title=_("Attacks"), underneath=[]),
    map_view.Choice(),
    key="attacks",
)
if beyond := attack_map.beyond(attacks):
    text = ngettext(
        "{n} attack is known by its country alone, and is on no map.",
        "{n} attacks are known by their country alone, and are on no map.",
        beyond,
    )
    st.write(text.format(n=number(beyond)))
record_tables.regions(attack_map.by_area(attacks))
record_tables.attacks(attacks)
latest_first = record_tables.told_attacks(attacks)
lists.download(latest_first.drop(columns=["types", "told_by"]), "attacks.csv")
names = dict(zip(latest_first["id"], case_text.names(latest_first), strict=True))
case = st.selectbox(_("Read one case"), list(names), format_func=names.__getitem__)
page.link("case", _("Open this case"), {"id": case})

record_charts.timeline(tallies.by_year(attacks))
record_charts.what_and_who(told)

case_sections.outcomes(told)
case_sections.protection(told)
record_charts.proposals(same, record)
st.write(coverage_text.told_by(provenance.taken(map_layers.sources(), ["incidents"])))
st.write(_("Absence of data is not absence of attacks: much is never recorded."))
