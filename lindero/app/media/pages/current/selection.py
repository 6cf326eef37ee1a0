"""The selection of a reader on a map, and the content that a page sends to its map."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from lindero.layers.database.map_database import Bounds


class Feature(NamedTuple):
    """A feature on the map: its layer and its id."""

    layer: str
    id: str


@dataclass(frozen=True)
class Choice:
    """The content that a page sends to its map: a place, features to mark, bounds, and spots.

    The bounds are shown when they change.
    """

    point: tuple[float, float] | None = None  # latitude, longitude
    marked: tuple[Feature, ...] = ()
    bounds: Bounds | None = None  # west, south, east, north in degrees
    far: tuple[tuple[float, float], ...] = ()  # latitude, longitude of marks where the map only shows counts


@dataclass(frozen=True)
class Filterable:
    """The options of the map's own filter: statuses of concessions, and the first and last year."""

    statuses: tuple[str, ...] = ()
    years: tuple[int, int] | None = None


@dataclass(frozen=True)
class Filter:
    """A reader's filter of visible features, set in the map's legend and filter. None means everything."""

    hidden: frozenset[str] = frozenset()  # codes of classes
    statuses: frozenset[str] | None = None  # selected statuses of concessions
    years: tuple[int, int] | None = None  # applies to the layers with years: concessions, scars, incidents
    undated: bool = True  # whether features without a recorded year are visible, in layers with years

    @property
    def is_open(self) -> bool:
        """Whether nothing is filtered out."""
        return not self.hidden and self.statuses is None and self.years is None and self.undated

    def visible_mask(self, features: pd.DataFrame) -> pd.Series:
        """Return a mask of the visible features, by the same rules as the map in the browser.

        `features`: `class`, `status` (missing where a layer has none), `year` (missing where none is recorded) and
        `dated` (whether the layer has years at all), from `layers.tiles.tile_query.read_map_features`.
        """
        mask = ~features["class"].isin(self.hidden)
        if self.statuses is not None:
            mask &= features["status"].isna() | features["status"].isin(self.statuses)
        if self.years is not None:
            mask &= ~features["dated"] | features["year"].isna() | features["year"].between(*self.years)
        if not self.undated:
            mask &= ~features["dated"] | features["year"].notna()
        return mask.astype(bool)


@dataclass(frozen=True)
class Selection:
    """A reader's selection on a map: the place last pressed, the features there, and the visible classes."""

    point: tuple[float, float] | None = None  # latitude, longitude
    features: tuple[Feature, ...] = ()
    seen: Filter = Filter()


def parse_selection(answer: dict[str, Any] | None) -> Selection:
    """Parse the answer of the map component: `last_clicked`, and the data that map.js adds to `last_active_drawing`."""
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
