"""The filters of the page of overlaps."""

import streamlit as st

from lindero.app.answers.overlap.pair_filter import CERTAINTIES, PairFilter
from lindero.app.media.pages.frame import linked
from lindero.app.text.codes import translate_code
from lindero.app.text.i18n import _, format_number, format_share


def ask_filter() -> PairFilter:
    """Show controls for a filter by share, area, certainty and name."""
    share, area, sure = st.columns(3)
    least = share.slider(_("Minimum share of either area (%)"), 0, 100, 0, key="share", bind="query-params") / 100
    least_ha = area.number_input(
        _("Minimum shared hectares"), min_value=0.0, value=0.0, step=10.0, format="%.0f", key="ha", bind="query-params"
    )
    with sure:
        certainties = linked.select_several(
            _("Certainty"), CERTAINTIES, translate_code, param="certainty", usual=CERTAINTIES[:2]
        )
    label = _("Only names or holders that contain")
    text = st.text_input(label, autocomplete="off", key="named", bind="query-params")
    return PairFilter(least, least_ha, tuple(certainties), text)


def choices_text(pair_filter: PairFilter) -> list[str]:
    """Return the conditions of a filter in words, one by one."""
    conditions = [", ".join(map(translate_code, pair_filter.certainties)) or _("any certainty")]
    if pair_filter.least_share:
        conditions.append(
            _("at least {share} of either area").format(share=format_share(pair_filter.least_share, decimals=0))
        )
    if pair_filter.least_ha:
        conditions.append(_("at least {n} ha").format(n=format_number(pair_filter.least_ha)))
    if pair_filter.contains:
        conditions.append(_("name or holder contains “{text}”").format(text=pair_filter.contains))
    return conditions
