"""Regions on a map by the size of a measure: five classes of equally many regions, each with its own hatching."""

import folium
import geopandas as gpd
import numpy as np
import pandas as pd

from lindero.app.answers.regions import CODE
from lindero.app.text.i18n import _
from lindero.app.ui.maps import areas
from lindero.app.ui.maps.areas import Look
from lindero.app.ui.tables import region_tables

MOST = 5  # classes that a reader can tell apart
COLOR = "#5a2d82"
NONE = "none"
_HATCHINGS = ("plain", "dotted", "level", "rising", "crossed")  # the more ink, the more there is
_DEPTHS = (0.1, 0.2, 0.3, 0.45, 0.6)


def choropleth(shapes: gpd.GeoDataFrame, found: pd.DataFrame, measure: str) -> folium.Map:
    """
    Draw regions by a measure.

    Parameters
    ----------
    shapes
        Polygons in OGC:CRS84 by `region`.
    found
        Regions compared, with the measure: `region`, `name`.
    measure
        A column of `found`.
    """
    known = found.set_index(CODE)
    values = known[measure].astype(float)
    of_class, looks = classed(values, measure)
    drawn = shapes[[CODE, "geometry"]].assign(
        name=shapes[CODE].map(found.set_index(CODE)["name"]),
        said=[region_tables.said_of(known.loc[code], measure) for code in shapes[CODE]],
        look=shapes[CODE].map(of_class),
    )
    return areas.territory(drawn, looks, title=region_tables.labels()[measure], underneath=())


def classed(values: "pd.Series[float]", measure: str) -> tuple["pd.Series[str]", list[Look]]:
    """
    Put values into at most five classes of equally many (quantiles); what is 0 or unknown is a class of its own.

    Returns
    -------
    Series, list
        The class of each value under the same index; how each class is drawn, with its range as label.
    """
    some = values[values > 0].astype(float)
    if some.empty:
        return pd.Series(NONE, index=values.index), [_none()]
    cuts = np.unique(np.quantile(some, np.linspace(0, 1, MOST + 1)[1:]))
    at = pd.Series(np.searchsorted(cuts, some), index=some.index)
    looks = [_none()]
    for code, within in some.groupby(at):
        step = round((MOST - 1) * int(code) / (len(cuts) - 1)) if len(cuts) > 1 else MOST - 1
        ends = dict.fromkeys(region_tables.said(measure, end) for end in (within.min(), within.max()))
        label = " – ".join(ends)
        looks.append(Look(f"class{code}", label, COLOR, _HATCHINGS[step], _DEPTHS[step]))
    return at.map("class{}".format).reindex(values.index).fillna(NONE), looks


def _none() -> Look:
    return Look(NONE, _("none on record, or no data"), "#6b6b6b", "plain", 0.05)
