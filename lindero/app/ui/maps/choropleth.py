"""
Regions on a map by the size of a measure: at most five classes with round bounds, each with its own hatching.

Bounds are round numbers and not the measure's own quantiles: they mean something for six regions as for sixty, and stay
where they are when a region is added. What is 0, and what is not known, are classes of their own.
"""

import math
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from lindero.app.answers.regions import CODE
from lindero.app.text.i18n import _, number, percent
from lindero.app.ui.maps.areas import Look
from lindero.app.ui.tables import region_tables

MOST = 5  # classes that a reader can tell apart
Drawn = tuple[gpd.GeoDataFrame, list[Look]]
Values = npt.NDArray[np.float64]
COLOR = "#5a2d82"
NONE, UNKNOWN, PART = "none", "unknown", "part"
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)  # of round numbers, times a power of ten
LADDER = (1.0, 2.0, 5.0)
SKEWED = 0.6  # share of the values in one of the even classes, from which on uneven ones tell more
_HATCHINGS = ("plain", "level", "rising", "upright", "crossed")  # the more ink, the more there is
_DEPTHS = (0.1, 0.2, 0.3, 0.45, 0.6)


def choropleth(shapes: gpd.GeoDataFrame, found: pd.DataFrame, measure: str) -> Drawn:
    """
    Draw regions by a measure: areas and looks as `app.ui.maps.areas.territory` takes them.

    Parameters
    ----------
    shapes
        Polygons in OGC:CRS84 by `region`.
    found
        Regions compared, with the measure: `region`, `name`.
    measure
        A column of `found`.
    """
    by_code = found.set_index(CODE)
    told = pd.Series({code: region_tables.said_of(row, measure) for code, row in by_code.iterrows()}, dtype=object)
    return regions_map(
        shapes,
        by_code.assign(said=told),
        by_code[measure].astype(float),
        said=bounds_said(is_share=measure in region_tables.SHARES),
        is_part=by_code["is_part"],
    )


def bounds_said(*, is_share: bool) -> Callable[[float], str]:
    """Give what writes the bounds of classes, with no more decimals than a round number needs."""

    def said(bound: float) -> str:
        shown = bound * 100 if is_share else bound
        decimals = next(at for at in range(13) if math.isclose(round(shown, at), shown))
        return percent(bound, decimals=decimals) if is_share else number(bound, decimals=decimals)

    return said


def regions_map(
    shapes: gpd.GeoDataFrame,
    about: pd.DataFrame,
    values: "pd.Series[float]",
    *,
    said: Callable[[float], str],
    is_part: "pd.Series[bool]",
) -> Drawn:
    """
    Draw regions by values: areas and looks as `app.ui.maps.areas.territory` takes them.

    Parameters
    ----------
    shapes
        Polygons in OGC:CRS84 by `region`.
    about
        By region's code: `name`, and `said`, the value in words.
    values
        By region's code; missing where not known.
    said
        Writes a bound of a class.
    is_part
        By region's code: whether the value is a least one, because the map has data of a part of the region. Where
        other regions are known whole, these are grey.
    """
    is_grey = is_part if not is_part[values.notna()].all() else is_part & False
    of_class, looks = classes(values.mask(is_grey), said)
    of_class = of_class.mask(is_grey, PART)
    if is_grey.any():
        looks.append(Look(PART, _("at least so much: data of a part of it"), "#6b6b6b", "rising", 0.2))
    told = shapes[[CODE, "geometry"]].assign(
        name=shapes[CODE].map(about["name"]),
        said=shapes[CODE].map(about["said"]),
        look=shapes[CODE].map(of_class),
    )
    return told, looks


def classes(values: "pd.Series[float]", said: Callable[[float], str]) -> tuple["pd.Series[str]", list[Look]]:
    """
    Put values into at most five classes between round bounds, the lower one included.

    Returns
    -------
    Series, list
        The class of each value under the same index; how each class is drawn, with its bounds as label.
    """
    of_class = pd.Series(UNKNOWN, index=values.index).mask(values == 0, NONE)
    looks = [
        Look(UNKNOWN, _("no data"), "#6b6b6b", "dotted", 0.05),
        Look(NONE, _("none on record"), "#6b6b6b", "plain", 0.05),
    ]
    is_some = (values > 0).to_numpy(dtype=bool)
    some: Values = np.asarray(values, dtype=np.float64)[is_some]
    if not len(some):
        return of_class, looks
    bounds = round_bounds(some)
    at = _at(some, bounds)
    last = len(bounds) - 2
    for code in range(last + 1):
        step = round((MOST - 1) * code / last) if last else MOST - 1
        label = f"{said(bounds[code])} – {said(bounds[code + 1])}"
        looks.append(Look(f"class{code}", label, COLOR, _HATCHINGS[step], _DEPTHS[step]))
    codes = of_class.to_numpy(dtype=object)
    codes[is_some] = [f"class{code}" for code in at]
    return pd.Series(codes, index=values.index), looks


def round_bounds(values: Values) -> list[float]:
    """
    Give at most six round bounds around values above 0: evenly apart from 0 on, or 1, 2, 5, 10 … if most are small.

    The first is at most the least value, the last at least the greatest.
    """
    highest = float(values.max())
    step = _rounded_up(highest / MOST)
    even = [_clean(step * at) for at in range(math.ceil(round(highest / step, 9)) + 1)]
    power = math.floor(math.log10(highest)) + 1
    ladder = [_clean(rung * 10.0**at) for at in range(power - 4, power + 1) for rung in LADDER]
    top = next(at for at, bound in enumerate(ladder) if bound >= highest)
    uneven = [0.0, *ladder[max(top - MOST + 1, 0) : top + 1]]
    largest = _fullest(values, even)
    return uneven if largest > SKEWED and _fullest(values, uneven) < largest else even


def _fullest(values: Values, bounds: list[float]) -> float:
    """Give the share of the values that the fullest class holds."""
    return float(np.bincount(_at(values, bounds)).max() / len(values))


def _at(values: Values, bounds: list[float]) -> npt.NDArray[np.int64]:
    return np.clip(np.searchsorted(bounds, values, side="right") - 1, 0, len(bounds) - 2)


def _rounded_up(least: float) -> float:
    tens = 10.0 ** math.floor(math.log10(least))
    return next(_clean(step * tens) for step in STEPS if _clean(step * tens) >= least)


def _clean(value: float) -> float:
    return float(f"{value:.12g}")
