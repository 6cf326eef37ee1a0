"""The published layers in a GeoPackage: rows, and how a GIS shows them, in the language of whoever publishes."""

import sqlite3
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from lindero.app.output.files import plain
from lindero.app.output.formats import qgis
from lindero.app.text.codes import word
from lindero.app.text.i18n import _
from lindero.layers.errors import N_, PublishError
from lindero.layers.formats import geopackage_style
from lindero.layers.model.parse_values import is_missing
from lindero.layers.model.schema import LAYERS
from lindero.layers.publish.rules import COMMON_PUBLISHED, PUBLISHED


def write(rows: pd.DataFrame, path: Path, name: str, terms: list[str]) -> None:
    """
    Write a table into the GeoPackage at `path`; a layer of ours opens drawn, with columns and codes in words.

    Parameters
    ----------
    terms
        Whose the layer is, a line for each source.

    Raises
    ------
    PublishError
        If it cannot be written.
    """
    flat = plain(rows)
    for column in flat:
        if flat[column].dtype == object:  # of several kinds, such as dates and nothing
            flat[column] = [None if is_missing(value) else str(value) for value in flat[column]]
    geometry = {} if isinstance(rows, gpd.GeoDataFrame) else {"geometry_type": None}
    try:
        pyogrio.write_dataframe(flat, path, layer=name, driver="GPKG", **geometry)
        if name in LAYERS and isinstance(flat, gpd.GeoDataFrame):
            geopackage_style.write(path, name, qgis.dress(flat, LAYERS[name], terms))
    except (DataSourceError, DataLayerError, FeatureError, sqlite3.Error) as error:
        raise PublishError(N_("{folder} cannot be written: {why}"), folder=path.parent, why=error) from error


def terms(sources: pd.DataFrame, layer: str) -> list[str]:
    """Say of each published source of a layer whose it is, of what day and on what terms: a line each."""
    told = _("{title}. {publisher}, {date}. Licence: {licence}. {url}")
    return [
        told.format(
            title=one.title,
            publisher=one.publisher,
            date=one.snapshot_on if one.snapshot_stated else _("date not stated"),
            licence=word(one.licence),
            url="" if is_missing(one.url) else one.url,
        ).strip()
        for one in sources[sources["layer"] == layer].itertuples()
    ]


def said() -> str:
    """Give what a GeoPackage of no rows and no sources says in the language spoken: words that are nobody's secret."""
    texts = []
    for name, columns in PUBLISHED.items():
        empty = gpd.GeoDataFrame(columns=[*COMMON_PUBLISHED, *columns, "geometry"], geometry="geometry")
        dress = qgis.dress(empty, LAYERS[name])
        texts += [dress.title, dress.qml, dress.metadata, *dress.titles.values()]
    return "\n".join(texts)
