"""A picture of density: what is counted on the page of hotspots, drawn by where it lies thick; it tests nothing."""

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from lindero.app.answers.hotspots.events import Events
from lindero.app.answers.hotspots.question import Question, area_of
from lindero.geo.stats.kde import Placed, placed
from lindero.layers.reference import base_data


@dataclass(frozen=True)
class Picture:
    """
    A density of one bandwidth.

    `levels` as `geo.stats.kde.Density.levels` gives them. `regions`, the highest first: `name`, `country` (alpha-2) and
    `highest` (the most that the density rises to in it, as a share of its highest anywhere).
    """

    bandwidth_km: float
    levels: gpd.GeoDataFrame
    regions: pd.DataFrame


@dataclass(frozen=True)
class Offer:
    """What can be drawn: bandwidths from `least_km`, `rule_km` by the rule; and how exactly places are known."""

    least_km: float
    rule_km: float
    events: int
    imprecise: int
    nowhere: int


def offer(question: Question, events: Events) -> Offer:
    """
    Tell what can be drawn of the events that a question counts.

    Raises
    ------
    AnswerError, GeoError
        If there is nothing to draw, or no such region. A `ValueError`.
    """
    ready = _placed(question, events)
    return Offer(ready.least_km, ready.rule_km, len(events.weights), events.imprecise, events.nowhere)


def picture(question: Question, events: Events, *, bandwidth_km: float) -> Picture:
    """
    Draw the events that a question counts, in its region and years; `over` and `per` make no difference.

    Raises
    ------
    AnswerError, GeoError
        As `offer`, or if the bandwidth is too small. A `ValueError`.
    """
    found = _placed(question, events).density(bandwidth_km=bandwidth_km)
    regions = base_data.regions().set_index("code")
    highest = found.highest_in(regions.geometry)
    listed = regions.loc[highest.index, ["name", "country"]].assign(highest=highest)
    ordered = listed.sort_values(["highest", "name"], ascending=[False, True], ignore_index=True)
    return Picture(bandwidth_km, found.levels(), pd.DataFrame(ordered))


def _placed(question: Question, events: Events) -> Placed:
    within = area_of(question, events) if question.within else None
    return placed(events.supports, events.weights, within=within)
