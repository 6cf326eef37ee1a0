"""The filters of the page of overlaps."""

import streamlit as st

from lindero.app.answers.overlap.pair_filter import CERTAINTIES, PairFilter
from lindero.app.text.codes import word
from lindero.app.text.i18n import _, number, percent
from lindero.app.ui.frame import linked


def chosen() -> PairFilter:
    """Let the reader leave out pairs that are small, unsure or of other names."""
    share, area, sure = st.columns(3)
    least = share.slider(_("Least share of either (%)"), 0, 100, 0, key="share", bind="query-params") / 100
    least_ha = area.number_input(
        _("Least shared hectares"), min_value=0.0, value=0.0, step=10.0, format="%.0f", key="ha", bind="query-params"
    )
    with sure:
        certainties = linked.several(_("Certainty"), CERTAINTIES, word, param="certainty", usual=CERTAINTIES[:2])
    label = _("Only where a name or holder contains")
    named = st.text_input(label, autocomplete="off", key="named", bind="query-params")
    return PairFilter(least, least_ha, tuple(certainties), named)


def choices_text(wanted: PairFilter) -> list[str]:
    """Say which pairs are left, part by part."""
    told = [", ".join(map(word, wanted.certainties)) or _("every certainty")]
    if wanted.least_share:
        told.append(_("at least {share} of either").format(share=percent(wanted.least_share, decimals=0)))
    if wanted.least_ha:
        told.append(_("at least {n} ha").format(n=number(wanted.least_ha)))
    if wanted.contains:
        told.append(_("name or holder contains “{text}”").format(text=wanted.contains))
    return told
