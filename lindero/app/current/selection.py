"""What a reader chooses on a map, and what a page chooses for it."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from lindero.layers.database.map_database import Bounds


class Feature(NamedTuple):
    """One feature on the map: its layer and its id."""

    layer: str
    id: str


@dataclass(frozen=True)
class Choice:
    """What a page sends to its map: a place, features to be marked, bounds to be shown when they change, and spots."""

    point: tuple[float, float] | None = None  # latitude, longitude
    marked: tuple[Feature, ...] = ()
    bounds: Bounds | None = None  # west, south, east, north in degrees
    far: tuple[tuple[float, float], ...] = ()  # latitude, longitude of what is drawn where the map only counts


@dataclass(frozen=True)
class Filterable:
    """What the map's own filter offers: states of concessions, and the years from the first to the last."""

    statuses: tuple[str, ...] = ()
    years: tuple[int, int] | None = None


@dataclass(frozen=True)
class Filter:
    """What the reader left to be seen, by the map's own legend and filter; None means everything."""

    hidden: frozenset[str] = frozenset()  # codes of classes
    statuses: frozenset[str] | None = None  # of concessions
    years: tuple[int, int] | None = None  # of what has a year at all: concessions, scars, incidents
    undated: bool = True  # whether what ought to have a year, and has none on record, is seen

    @property
    def is_open(self) -> bool:
        """Whether nothing is left out."""
        return not self.hidden and self.statuses is None and self.years is None and self.undated

    def keeps(self, drawn: pd.DataFrame) -> pd.Series:
        """
        Tell which features are seen, by the same rules as the map in the browser.

        Parameters
        ----------
        drawn
            `class`, `status` (missing where a layer has none), `year` (missing where none is on record) and
            `dated` (whether the layer has years at all), as `layers.tiles.tile_query.features_drawn` gives them.
        """
        kept = ~drawn["class"].isin(self.hidden)
        if self.statuses is not None:
            kept &= drawn["status"].isna() | drawn["status"].isin(self.statuses)
        if self.years is not None:
            kept &= ~drawn["dated"] | drawn["year"].isna() | drawn["year"].between(*self.years)
        if not self.undated:
            kept &= ~drawn["dated"] | drawn["year"].notna()
        return kept.astype(bool)


@dataclass(frozen=True)
class Selection:
    """What a reader chose on a map: the place last pressed, the features that lie there, what is left to be seen."""

    point: tuple[float, float] | None = None  # latitude, longitude
    features: tuple[Feature, ...] = ()
    seen: Filter = Filter()


def selection(answer: dict[str, Any] | None) -> Selection:
    """Read what the map's component answers: `last_clicked`, and in `last_active_drawing` what map.js adds."""
    answer = answer or {}
    pressed, drawing = answer.get("last_clicked"), answer.get("last_active_drawing") or {}
    statuses, years = drawing.get("statuses"), drawing.get("years")
    return Selection(
        point=(pressed["lat"], pressed["lng"]) if pressed else None,
        features=tuple(Feature(layer, feature_id) for layer, feature_id in drawing.get("features", [])),
        seen=Filter(
            hidden=frozenset(drawing.get("hidden", [])),
            statuses=None if statuses is None else frozenset(statuses),
            years=None if years is None else (years[0], years[1]),
            undated=drawing.get("undated", True),
        ),
    )
