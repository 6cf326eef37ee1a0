"""Density maps of the events that the hotspots page counts. They are pictures, not tests."""

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from lindero.app.answers.hotspots.events import Events
from lindero.app.answers.hotspots.question import Question, question_area
from lindero.geo.stats.kde import KdeInput, prepare_kde
from lindero.layers.reference import base_data


@dataclass(frozen=True)
class DensityMap:
    """A density map of one bandwidth.

    `levels` are those of `geo.stats.kde.Density.levels`. `regions`, the highest first, has the columns `name`,
    `country` (alpha-2) and `highest`: the density maximum in the region, as a share of the overall maximum.
    """

    bandwidth_km: float
    levels: gpd.GeoDataFrame
    regions: pd.DataFrame


@dataclass(frozen=True)
class DensityOptions:
    """The bandwidths that can be drawn, and the precision of places.

    The smallest is `least_km`; `rule_km` is the one of Silverman's rule.
    """

    least_km: float
    rule_km: float
    events: int
    imprecise: int
    nowhere: int


def density_options(question: Question, events: Events) -> DensityOptions:
    """Return the bandwidths that can be drawn for the events of a question."""
    kde_input = _prepare_events(question, events)
    return DensityOptions(
        kde_input.min_bandwidth_km,
        kde_input.silverman_bandwidth_km,
        len(events.weights),
        events.imprecise,
        events.nowhere,
    )


def draw_density(question: Question, events: Events, *, bandwidth_km: float) -> DensityMap:
    """Draw the density map of a question's events, in its region and period. `over` and `per` have no effect."""
    density = _prepare_events(question, events).density(bandwidth_km=bandwidth_km)
    regions = base_data.load_regions().set_index("code")
    highest = density.max_by_area(regions.geometry)
    region_rows = regions.loc[highest.index, ["name", "country"]].assign(highest=highest)
    ordered = region_rows.sort_values(["highest", "name"], ascending=[False, True], ignore_index=True)
    return DensityMap(bandwidth_km, density.levels(), pd.DataFrame(ordered))


def _prepare_events(question: Question, events: Events) -> KdeInput:
    area = question_area(question, events) if question.within else None
    return prepare_kde(events.supports, events.weights, within=area)
