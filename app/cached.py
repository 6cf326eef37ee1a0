"""
What the pages show, read from the current map and kept for as long as it is the current one.

What is kept is shared by all readers: nothing that tells where somebody looked is kept, and no page changes a frame.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

import pandas as pd

from app import served
from app.answers import nearby
from layers import questions, store
from layers.errors import NotBuiltError
from layers.schema import LAYERS
from layers.store import Bounds

_KEPT = 64
Answer = TypeVar("Answer")
_ABOUT = (
    "name",
    "holder",
    "kind",
    "substance",
    "status",
    "applied_on",
    "granted_on",
    "area_ha",
    "people",
    "type",
    "designation",
    "zone",
    "title",
    "occurred_on",
    "date_precision",
    "location_precision",
)


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

    Columns: `layer`, `id`, `distance_m` (0 inside), `direction`, and of each what `_ABOUT` names.
    """
    layers = [LAYERS[name] for name in questions.SHOWN]
    return nearby(served.current().cursor(), lat=lat, lon=lon, within_km=within_km, layers=layers, about=_ABOUT)


def _asked(question: Callable[..., Answer], *about: str) -> Answer:
    answer: Answer = _kept(version(), question, *about)  # type: ignore[assignment]  # what the question gives
    return answer


@lru_cache(maxsize=_KEPT)
def _kept(_version: str, question: Callable[..., object], *about: str) -> object:
    return question(served.current().cursor(), *about)
