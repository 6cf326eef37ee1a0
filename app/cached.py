"""
What the pages show, read from the current map and kept for as long as it is the current one.

What is kept is shared by all readers: nothing that tells where somebody looked is kept, and no page changes a frame.
"""

from collections.abc import Callable
from functools import lru_cache
from math import cos, radians
from typing import TypeVar

import pandas as pd

from app import served
from geo import near as nearest
from layers import questions, store
from layers.errors import NotBuiltError
from layers.schema import LAYERS
from layers.store import WORLD, Bounds

KM_PER_DEGREE = 110.5  # of latitude, at least
_KEPT = 64
Answer = TypeVar("Answer")
_COLUMNS = ("id", "name", "holder", "kind", "substance", "status", "granted_on", "people", "title", "occurred_on")


def version() -> str:
    """Name of the current map."""
    return served.current().version


def version_or_none() -> str | None:
    """Name of the current map, or None while there is none."""
    try:
        return version()
    except NotBuiltError:
        return None


def counts() -> dict[str, int]:
    """Number of features of every layer that the map draws."""
    return _asked(questions.counts)


def classes() -> list[str]:
    """Codes of what there is to be seen on the map: layers, and for concessions their kinds, most frequent first."""
    kinds = _asked(questions.kinds)
    return [*kinds, *(name for name, count in counts().items() if count and name != "concessions")]


def extent() -> Bounds | None:
    """West, south, east and north of everything on the map, in degrees."""
    return _asked(questions.extent)


def invented() -> bool:
    """Tell whether anything on the map is invented."""
    return _asked(questions.invented)


def sources() -> pd.DataFrame:
    """Every snapshot of every source, with publisher, licence and what became of its rows."""
    return _asked(store.read_table, "sources")


def publishers() -> str:
    """Who published what is on the map, in one line."""
    current = sources().query("is_current")
    return ", ".join(dict.fromkeys(current["publisher"].dropna()))


def pairs(left: str, right: str) -> pd.DataFrame:
    """Overlaps of two layers, largest first, as `layers.questions.pairs` gives them."""
    return _asked(questions.pairs, left, right)


def near(lat: float, lon: float, *, within_km: float) -> pd.DataFrame:
    """
    List what lies within a distance of a point, nearest first; asked anew every time, and kept nowhere.

    Columns: `layer`, `id`, `name`, `holder`, `kind`, `substance`, `status`, `granted_on`, `people`, `title`,
    `occurred_on`, `distance_m` (0 inside), `direction`.
    """
    con, found = served.current().cursor(), []
    for name in questions.SHOWN:
        features = store.read_layer(con, LAYERS[name], bounds=_around(lat, lon, within_km))
        if name == "incidents":
            features = features[features["visibility"].isin(["public_record", "restricted"])]
        places = nearest(lon, lat, features, within_km=within_km)
        known = features.reindex(columns=_COLUMNS)
        found.append(places.merge(known, on="id").assign(layer=name))
    listed = pd.concat(found, ignore_index=True)
    return listed.sort_values(["distance_m", "layer", "id"], ignore_index=True)


def _around(lat: float, lon: float, km: float) -> Bounds:
    high = km / KM_PER_DEGREE
    narrowing = cos(radians(min(abs(lat) + high, 90)))
    wide = high / narrowing if narrowing > high / 180 else 360.0
    if abs(lon) + wide > 180:  # noqa: PLR2004  past the antimeridian
        return WORLD[0], lat - high, WORLD[2], lat + high
    return lon - wide, lat - high, lon + wide, lat + high


def _asked(question: Callable[..., Answer], *about: str) -> Answer:
    answer: Answer = _kept(version(), question, *about)  # type: ignore[assignment]  # what the question gives
    return answer


@lru_cache(maxsize=_KEPT)
def _kept(_version: str, question: Callable[..., object], *about: str) -> object:
    return question(served.current().cursor(), *about)
