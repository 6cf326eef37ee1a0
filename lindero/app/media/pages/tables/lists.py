"""The lists beside the maps: the same features, for the keyboard, for screen readers and for paper."""

from collections.abc import Callable
from functools import partial

import geopandas as gpd
import pandas as pd
import streamlit as st

from lindero.app.answers.invented import mark_invented_rows
from lindero.app.media.files import export
from lindero.app.media.pages import columns
from lindero.app.media.pages.current import map_layers
from lindero.app.media.text.html_table import Marks
from lindero.app.text.codes import translate_code
from lindero.app.text.i18n import _
from lindero.app.text.substances import substance_text

MIME = {"csv": "text/csv", "geojson": "application/geo+json", "gpkg": "application/geopackage+sqlite3"}


def show_concessions(concessions: pd.DataFrame, marks: Marks | None = None) -> None:
    """List concessions, the largest first; `marks` come from `app.media.pages.maps.linked_table`."""
    rows = concessions.assign(
        kind=concessions["kind"].map(translate_code),
        status=concessions["status"].map(translate_code),
        substance=concessions["substance"].map(substance_text, na_action="ignore"),
        area_ha=concessions["area_ha"].round(1),
    )
    columns.show_table(
        rows,
        alt=_("Concessions, largest first"),
        marks=marks,
        name=columns.text_column(_("Name")),
        code=columns.text_column(_("Code")),
        kind=columns.text_column(_("Kind")),
        substance=columns.text_column(_("Substance")),
        status=columns.text_column(_("Status")),
        area_ha=columns.number_column(_("Hectares")),
        granted_on=columns.date_column(_("Granted on")),
        holder=columns.text_column(_("Holder, as written")),
    )


def offer_csv(rows: pd.DataFrame, file_name: str) -> None:
    """Offer a table as CSV. Cells that a spreadsheet would read as a formula are marked as text."""
    offer_downloads(rows, file_name.removesuffix(".csv"))


def offer_downloads(rows: pd.DataFrame, name: str, add_geometry: Callable[[], gpd.GeoDataFrame] | None = None) -> None:
    """Offer rows, if any, as CSV and, with geometry, as GeoJSON and GeoPackage. Files are written when requested.

    `add_geometry`: returns the rows with their geometry, in OGC:CRS84.
    """
    if rows.empty:
        return
    writers: dict[str, Callable[[], bytes]] = {"csv": partial(_to_bytes, lambda: rows, "csv")}
    if add_geometry is not None:
        writers["geojson"] = partial(_to_bytes, add_geometry, "geojson")
        writers["gpkg"] = partial(_to_bytes, add_geometry, "gpkg")
    labels = {
        "csv": _("Download as CSV"),
        "geojson": _("Download as GeoJSON"),
        "gpkg": _("Download as GeoPackage"),
    }
    for column, (kind, data) in zip(st.columns(3), writers.items(), strict=False):
        column.download_button(
            labels[kind], data, file_name=f"{name}.{kind}", mime=MIME[kind], on_click="ignore", key=f"{name}-{kind}"
        )


def _to_bytes(read_rows: Callable[[], pd.DataFrame], kind: str) -> bytes:
    sources = {source.source_id: source.invented for source in map_layers.sources()}
    return export.to_bytes(mark_invented_rows(read_rows(), sources), kind)
