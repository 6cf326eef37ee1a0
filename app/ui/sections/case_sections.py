"""What the page of attacks tells of their cases: what became of them, and who was protected."""

import datetime as dt

import streamlit as st

from lindero.app.current import cached_record, map_layers
from lindero.app.record.cases import ENDED, against_defenders, cases, impunity, said
from lindero.app.record.incidents import Record
from lindero.app.record.measures import COUNTED, by_region
from lindero.app.text.i18n import _
from lindero.app.ui.charts import record_charts
from lindero.app.ui.tables import record_tables


def outcomes(told: Record) -> None:
    """Tell how the cases of attacks ended, by act and by region, and what came of accusations of defenders."""
    st.header(_("What became of the cases"), anchor=False)
    if lacking := map_layers.lacking(["case_steps"]):
        st.write(lacking)
        return
    of_cases = cases(told, today=dt.datetime.now(dt.UTC).date())
    by_act = impunity(told, of_cases, by="act")
    st.markdown("\n".join(f"- {said(row, row['group'])}" for row in by_act.to_dict("records")))
    record_tables.endings(by_act, _("Act"))
    of_regions = cached_record.known_of(impunity(told, of_cases, by="region"), "case_steps", ENDED)
    record_tables.endings(of_regions, _("Region"), fold=_("The same by region"))
    record_charts.accused(against_defenders(of_cases))


def protection(told: Record) -> None:
    """Tell what measures protected those attacked, by region."""
    st.header(_("Protection"), anchor=False)
    if lacking := map_layers.lacking(["protection_measures"]):
        st.write(lacking)
        return
    record_tables.measures(cached_record.known_of(by_region(told), "protection_measures", COUNTED))
