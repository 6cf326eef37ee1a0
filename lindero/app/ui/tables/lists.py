"""The lists beside the maps: the same things, for the keyboard, for screen readers and for paper."""

from collections.abc import Callable
from functools import partial

import geopandas as gpd
import pandas as pd
import streamlit as st

from lindero.app.output import export
from lindero.app.record.consultation_text import COLUMN
from lindero.app.renderers import columns, links
from lindero.app.renderers.html_table import Marks
from lindero.app.text.codes import word
from lindero.app.text.i18n import _
from lindero.app.text.substances import substance_text

MIME = {"csv": "text/csv", "geojson": "application/geo+json", "gpkg": "application/geopackage+sqlite3"}


def pairs(
    found: pd.DataFrame, left: str, right: str, marks: Marks | None = None, *, of_one_right: bool = False
) -> None:
    """
    List overlapping pairs, largest first; `marks` as `app.ui.maps.linked_table` gives it.

    With `of_one_right`, all pairs are of one feature of the right layer, which the page names: its name is not
    repeated, nor is one answer about consultations.
    """
    rows = found.assign(
        left_name=found["left_name"].fillna(found["left_id"]),
        right_name=found["right_name"].fillna(found["right_id"]),
        **{name: found[name].round(1) for name in ("area_ha", "certain_ha", "possible_ha")},
        certainty=found["certainty"].map(word),
        left_page=links.of_layer(left, found["left_id"]),
        right_page=links.of_layer(right, found["right_id"]),
    )
    more = {COLUMN: columns.text(_("Consultations on record"))} if COLUMN in rows else {}
    if "concessions" in {left, right}:
        holder = f"{'left' if left == 'concessions' else 'right'}_holder"
        rows["holder_page"] = links.holders(found[holder])
        more = {holder: columns.text(_("Holder"), link="holder_page"), **more}
    other = {} if of_one_right else {"right_name": columns.text(word(right), link="right_page")}
    if of_one_right and COLUMN in rows and len(set(rows[COLUMN])) <= 1:
        del more[COLUMN]
    covered = _("{layer}: share covered")
    measures = {
        "area_ha": columns.number(_("Shared hectares (certain – possible)"), between=("certain_ha", "possible_ha")),
        "share_of_left": columns.share(covered.format(layer=word(left))),
        "share_of_right": columns.share(covered.format(layer=word(right))),
        "certainty": columns.text(_("Certainty")),
    }
    columns.table(
        rows,
        alt=_("Overlapping pairs, largest first"),
        marks=marks,
        left_name=columns.text(word(left), link="left_page"),
        more={**other, **measures, **more},
    )


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


def by_share(found: pd.DataFrame) -> pd.DataFrame:
    """Count pairs by tenths of the share of the first that the second covers."""
    tenths = (found["share_of_left"].clip(0, 0.999) * 10).astype(int)
    counted = tenths.value_counts().reindex(range(10), fill_value=0)
    return pd.DataFrame(
        {"share": [f"{tenth * 10}-{tenth * 10 + 10}" for tenth in counted.index], "pairs": counted.to_numpy()}
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
