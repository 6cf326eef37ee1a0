"""Regions on a map by a measure: at most five classes with round bounds, each with its own hatching.

Bounds are round numbers, not quantiles of the measure. They are meaningful for six regions as for sixty, and stay the
same when a region is added. 0 and unknown values are separate classes.
"""

import math
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from lindero.app.answers.regions import CODE
from lindero.app.media.design import GREY
from lindero.app.media.pages.maps.areas import Look
from lindero.app.media.pages.tables import region_tables
from lindero.app.text.i18n import _, format_number, format_share

MAX_CLASSES = 5  # classes that readers can distinguish
ShapesAndLooks = tuple[gpd.GeoDataFrame, list[Look]]
Values = npt.NDArray[np.float64]
COLOR = "#5a2d82"
NONE, UNKNOWN, PART = "none", "unknown", "part"
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)  # round numbers, times a power of ten
LADDER = (1.0, 2.0, 5.0)
SKEWED_SHARE = 0.6  # share of the values in one equal class from which unequal classes are clearer
_HATCHINGS = ("plain", "level", "rising", "upright", "crossed")  # more ink for higher values
_DEPTHS = (0.1, 0.2, 0.3, 0.45, 0.6)


def choropleth(shapes: gpd.GeoDataFrame, regions: pd.DataFrame, measure: str) -> ShapesAndLooks:
    """Classify regions by a measure; return areas and looks for `app.media.pages.maps.areas.build_areas_map`.

    `shapes`: polygons in OGC:CRS84 by `region`. `regions`: compared regions with the measure: `region`, `name`.
    `measure`: A column of `regions`.
    """
    by_code = regions.set_index(CODE)
    texts = pd.Series(
        {code: region_tables.region_value_text(row, measure) for code, row in by_code.iterrows()}, dtype=object
    )
    return classify_regions(
        shapes,
        by_code.assign(said=texts),
        by_code[measure].astype(float),
        format_bound=bound_formatter(is_share=measure in region_tables.SHARES),
        is_part=by_code["is_part"],
    )


def bound_formatter(*, is_share: bool) -> Callable[[float], str]:
    """Return a formatter of class bounds that uses no more decimals than a round number needs."""

    def format_number_bound(bound: float) -> str:
        shown = bound * 100 if is_share else bound
        decimals = next(digits for digits in range(13) if math.isclose(round(shown, digits), shown))
        return format_share(bound, decimals=decimals) if is_share else format_number(bound, decimals=decimals)

    return format_number_bound


def classify_regions(
    shapes: gpd.GeoDataFrame,
    about: pd.DataFrame,
    values: "pd.Series[float]",
    *,
    format_bound: Callable[[float], str],
    is_part: "pd.Series[bool]",
) -> ShapesAndLooks:
    """Classify regions by values; return areas and looks for `app.media.pages.maps.areas.build_areas_map`.

    `shapes`: polygons in OGC:CRS84 by `region`. `about`: by region code: `name`, and `said`, the value in words.
    """
    is_grey = is_part if not is_part[values.notna()].all() else is_part & False
    class_codes, looks = classify_values(values.mask(is_grey), format_bound)
    class_codes = class_codes.mask(is_grey, PART)
    if is_grey.any():
        looks.append(Look(PART, _("at least this much (partial data)"), GREY, "rising", 0.2))
    areas = shapes[[CODE, "geometry"]].assign(
        name=shapes[CODE].map(about["name"]),
        said=shapes[CODE].map(about["said"]),
        look=shapes[CODE].map(class_codes),
    )
    return areas, looks


def classify_values(
    values: "pd.Series[float]", format_bound: Callable[[float], str]
) -> tuple["pd.Series[str]", list[Look]]:
    """Classify values into at most five classes between round bounds; the lower bound is included."""
    class_codes = pd.Series(UNKNOWN, index=values.index).mask(values == 0, NONE)
    looks = [
        Look(UNKNOWN, _("no data"), GREY, "dotted", 0.05),
        Look(NONE, _("none recorded"), GREY, "plain", 0.05),
    ]
    is_positive = (values > 0).to_numpy(dtype=bool)
    positive: Values = np.asarray(values, dtype=np.float64)[is_positive]
    if not len(positive):
        return class_codes, looks
    bounds = round_bounds(positive)
    positions = _class_positions(positive, bounds)
    last = len(bounds) - 2
    for code in range(last + 1):
        step = round((MAX_CLASSES - 1) * code / last) if last else MAX_CLASSES - 1
        label = f"{format_bound(bounds[code])} – {format_bound(bounds[code + 1])}"
        looks.append(Look(f"class{code}", label, COLOR, _HATCHINGS[step], _DEPTHS[step]))
    codes = class_codes.to_numpy(dtype=object)
    codes[is_positive] = [f"class{code}" for code in positions]
    return pd.Series(codes, index=values.index), looks


def round_bounds(values: Values) -> list[float]:
    """Return at most six round bounds around positive values.

    They are equally spaced from 0, or 1, 2, 5, 10 … if most values are small. The first is at most the minimum, the
    last at least the maximum.
    """
    highest = float(values.max())
    step = _round_up(highest / MAX_CLASSES)
    equal_bounds = [_round_digits(step * exponent) for exponent in range(math.ceil(round(highest / step, 9)) + 1)]
    power = math.floor(math.log10(highest)) + 1
    ladder = [_round_digits(rung * 10.0**exponent) for exponent in range(power - 4, power + 1) for rung in LADDER]
    top = next(exponent for exponent, bound in enumerate(ladder) if bound >= highest)
    ladder_bounds = [0.0, *ladder[max(top - MAX_CLASSES + 1, 0) : top + 1]]
    largest = _largest_class_share(values, equal_bounds)
    return (
        ladder_bounds
        if largest > SKEWED_SHARE and _largest_class_share(values, ladder_bounds) < largest
        else equal_bounds
    )


def _largest_class_share(values: Values, bounds: list[float]) -> float:
    """Return the share of the values in the fullest class."""
    return float(np.bincount(_class_positions(values, bounds)).max() / len(values))


def _class_positions(values: Values, bounds: list[float]) -> npt.NDArray[np.int64]:
    return np.clip(np.searchsorted(bounds, values, side="right") - 1, 0, len(bounds) - 2)


def _round_up(least: float) -> float:
    tens = 10.0 ** math.floor(math.log10(least))
    return next(_round_digits(step * tens) for step in STEPS if _round_digits(step * tens) >= least)


def _round_digits(value: float) -> float:
    return float(f"{value:.12g}")
