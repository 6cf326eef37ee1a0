"""The lists beside the maps: the same things, for the keyboard, for screen readers and for paper."""

from collections.abc import Callable
from functools import partial

import geopandas as gpd
import pandas as pd
import streamlit as st

from lindero.app.output import export
from lindero.app.renderers import columns
from lindero.app.renderers.html_table import Marks
from lindero.app.text.codes import word
from lindero.app.text.i18n import _
from lindero.app.text.substances import substance_text

MIME = {"csv": "text/csv", "geojson": "application/geo+json", "gpkg": "application/geopackage+sqlite3"}


def titles(found: pd.DataFrame, marks: Marks | None = None) -> None:
    """List concessions, largest first; `marks` as `app.ui.maps.linked_table` gives it."""
    rows = found.assign(
        kind=found["kind"].map(word),
        status=found["status"].map(word),
        substance=found["substance"].map(substance_text, na_action="ignore"),
        area_ha=found["area_ha"].round(1),
    )
    columns.table(
        rows,
        alt=_("Concessions, largest first"),
        marks=marks,
        name=columns.text(_("Name")),
        code=columns.text(_("Code")),
        kind=columns.text(_("Kind")),
        substance=columns.text(_("For what")),
        status=columns.text(_("State")),
        area_ha=columns.number(_("Hectares")),
        granted_on=columns.date(_("Granted on")),
        holder=columns.text(_("Holder, as written")),
    )


def download(found: pd.DataFrame, file_name: str) -> None:
    """Offer a table as CSV; a cell that a spreadsheet would take for a formula is marked as text."""
    downloads(found, file_name.removesuffix(".csv"))


def downloads(found: pd.DataFrame, name: str, drawn: Callable[[], gpd.GeoDataFrame] | None = None) -> None:
    """
    Offer rows, if any, as CSV and, with geometry, as GeoJSON and GeoPackage, written only when they are asked for.

    Parameters
    ----------
    name
        Of the files, without its ending.
    drawn
        Gives the rows with what is to be drawn of them, in OGC:CRS84.
    """
    if found.empty:
        return
    offered: dict[str, Callable[[], bytes]] = {"csv": partial(export.as_bytes, found, "csv")}
    if drawn is not None:
        offered["geojson"] = lambda: export.as_bytes(drawn(), "geojson")
        offered["gpkg"] = lambda: export.as_bytes(drawn(), "gpkg")
    labels = {
        "csv": _("Download as CSV"),
        "geojson": _("Download as GeoJSON"),
        "gpkg": _("Download as GeoPackage"),
    }
    for column, (kind, data) in zip(st.columns(3), offered.items(), strict=False):
        column.download_button(
            labels[kind], data, file_name=f"{name}.{kind}", mime=MIME[kind], on_click="ignore", key=f"{name}-{kind}"
        )
