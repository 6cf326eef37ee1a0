"""What the page of time tells of each year."""

import pandas as pd
import streamlit as st

from lindero.app.answers import before_after
from lindero.app.answers.usual import TIMING_KM
from lindero.app.current import map_layers
from lindero.app.current.selection import Choice
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, number
from lindero.app.ui.charts import year_charts
from lindero.app.ui.frame.page import Figures
from lindero.app.ui.maps import areas, map_view
from lindero.app.ui.tables import answer_tables
from lindero.layers.model.schema import CONCESSIONS

DISTANCES = [5, 10, 25, 50]
SHOWN_YEARS = 11
COUNTED = ("applied", "granted", "attacks")


def asked(counts: pd.DataFrame) -> tuple[tuple[int, int], int]:
    """Let the reader choose years, of those that anything is of, and how far from attacks titles are looked for."""
    first, last = int(counts["year"].min()), int(counts["year"].max())
    chosen = (max(first, last - SHOWN_YEARS), last)
    if first < last:
        chosen = st.slider(_("Years"), first, last, chosen, key="years", bind="query-params")
    km = _("Within how many kilometres")
    return chosen, int(st.select_slider(km, DISTANCES, key="km", bind="query-params", value=TIMING_KM))


def answer(seen: pd.DataFrame, years: tuple[int, int]) -> tuple[str, list[str], Figures]:
    """Say how many titles were granted and how many attacks are on record in some years; with figures of them."""
    sums = {name: seen[name].sum(min_count=1) for name in COUNTED}
    told = {name: _("an unknown number") if pd.isna(total) else number(total) for name, total in sums.items()}
    text = _("{first} to {last}: titles granted: {granted}; attacks on record: {attacks}.")
    finding = text.format(first=years[0], last=years[1], granted=told["granted"], attacks=told["attacks"])
    labels = {
        "applied": _("Titles applied for"),
        "granted": _("Titles granted"),
        "attacks": _("Attacks on record"),
    }
    unknown = {name: int(seen[name].isna().sum()) for name in COUNTED}
    years_of = _("not known of {n} years")
    figures: Figures = {
        label: (told[name], years_of.format(n=number(unknown[name])) if unknown[name] else "")
        for name, label in labels.items()
    }
    return plain(finding), [], figures


def pictured(spots: pd.DataFrame, years: tuple[int, int]) -> None:
    """Draw a small map of each year, and a large one of all."""
    if spots.empty:
        st.write(_("In these years nothing with a place is on record."))
    else:
        names = {"concessions": _("Titles granted"), "incidents": _("Attacks")}
        year_charts.small_maps(spots, names, years)
    told = _("On the map, “{filter}” leaves what was applied for, granted or happened in some years.")
    st.write(told.format(filter=_("Show only")))
    map_view.show(areas.whole_map(), Choice(), key="time", height=400)


def counted(seen: pd.DataFrame, every: pd.DataFrame) -> None:
    """List the counts of the years seen, and say what those of every year cannot tell, layer by layer."""
    answer_tables.by_year(seen)
    if lacking := map_layers.lacking(before_after.LAYERS):
        st.write(lacking)
    if not map_layers.lacking([CONCESSIONS.name]) and not every["granted"].any():
        st.write(_("No title on this map says when it was granted."))
    if seen[["applied", "granted", "attacks"]].isna().any(axis=None):
        st.write(_("Where a year is empty, nobody knows: no source says that it stands for that year."))
