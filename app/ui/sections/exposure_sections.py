"""What the page of exposure tells of one community."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.answers.ranking import exposure_text
from lindero.app.answers.ranking.exposure import ExposureReport
from lindero.app.text.i18n import _
from lindero.app.ui.charts import year_charts
from lindero.app.ui.frame import page
from lindero.app.ui.tables import answer_tables


def one_community(report: ExposureReport, told: DeltaGenerator) -> None:
    """Tell of one community what makes up its exposure; `told` is as `page.chosen` takes it."""
    st.header(_("One community"), anchor=False)
    names = dict(zip(report.rows["id"], report.rows["name"].fillna(report.rows["id"]), strict=True))
    community = page.chosen(_("Community"), list(names), names.__getitem__, layer="communities", told=told)
    row = report.rows.set_index("id", drop=False).loc[[community]].to_dict("records")[0]
    st.markdown(exposure_text.land(row))
    st.markdown(exposure_text.near(row))
    parts = report.parts[report.parts["id"] == community]
    if not parts.empty:
        for by, column in zip(("kind", "status"), st.columns(2), strict=True):
            with column:
                answer_tables.parts(parts[parts["by"] == by], by)
    years = exposure_text.years(report.attacks[report.attacks["id"] == community])
    if not years.empty:
        year_charts.attacks(years, _("Attacks on record within 25 km"), name="attacks-near-by-year")
