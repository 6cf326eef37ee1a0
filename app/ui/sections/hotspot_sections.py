"""What the page of hotspots tells beside its map: a few figures, how to read them, and what they cannot say."""

import streamlit as st

from lindero.app.answers.hotspots.report import HotspotReport
from lindero.app.text.i18n import _, number
from lindero.app.ui.frame.page import Figures
from lindero.geo.stats.hotspots import COLD, HOT, UNKNOWN

FIRM = 0.9  # share of other ways to ask in which a place stays hot


def figures(report: HotspotReport) -> Figures:
    """Give how many places stand out, and how many of them however one asks."""
    hot, unknown = report.of(HOT), len(report.of(UNKNOWN))
    firm = _("{n} of them however one asks").format(n=number((hot["stability"] >= FIRM).sum()))
    return {
        _("Places compared"): (
            number(len(report.rows)),
            _("{n} not tested").format(n=number(unknown)) if unknown else "",
        ),
        _("Hot: more than by chance"): (number(len(hot)), firm if len(hot) else ""),
        _("Cold: less than by chance"): number(len(report.of(COLD))),
    }


def read_so() -> None:
    """Say how to read the answer, and what it cannot say."""
    st.header(_("How to read this"), anchor=False)
    reading = [
        _(
            "Each place is taken together with those around it: one is hot if they have far more than they would by "
            "chance."
        ),
        _(
            "Expected is what they would have if all places were alike, or alike for each of what it is counted "
            "against."
        ),
        _(
            "Of the places called hot, one in twenty or fewer is so by chance alone. Firm is what stays hot when "
            "cells, neighbours and the unknown places of events are chosen otherwise."
        ),
    ]
    st.markdown("\n".join(f"- {line}" for line in reading))
    st.header(_("What it cannot say"), anchor=False)
    limits = [
        _("It counts what is on record. Where people are afraid to report, or nobody asks, there is less on record."),
        _("A place that is not hot is not a safe place."),
        _("It does not say why, nor that titles and attacks in one place have to do with each other."),
    ]
    st.markdown("\n".join(f"- {line}" for line in limits))
