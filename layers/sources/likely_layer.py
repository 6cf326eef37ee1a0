"""Which layer an unknown file is likely to hold: by its words, its kind of geometry, and the columns that it fills."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lindero.layers.model.layer import Shape
from lindero.layers.model.schema import LAYERS
from lindero.layers.read.reader import Received
from lindero.layers.sources.mapping import plain
from lindero.layers.sources.proposals import Proposal, propose, words

_KINDS = Path(__file__).with_name("kinds.toml")
_FILES_WORD, _FIELDS_WORD, _COLUMN = 3.0, 1.0, 1.0
_SHARED = frozenset({"code", "name", "area_official_ha", "status", "sources", "country", "region", "type", "zone"})
_OF_POINTS = frozenset({Shape.POINT, Shape.PLACE, Shape.NONE})


@dataclass(frozen=True)
class Likely:
    """A layer, how much speaks for it (more is likelier), and the fields that would fill its columns."""

    layer: str
    score: float
    proposals: tuple[Proposal, ...]


def likely_layers(received: Received, names: Iterable[str]) -> list[Likely]:
    """Give the layers that a file may hold, the likeliest first; `names` are those of the file and of its layer."""
    shapes = _shapes(received)
    titled = {word for name in names for word in _phrases(name)}
    fields = {word for name in received.rows for word in _phrases(str(name))}
    found = []
    for layer, known in _kinds().items():
        if not _may_be(LAYERS[layer].shape, shapes):
            continue
        proposals = tuple(one for one in propose(LAYERS[layer], received, {}) if one.is_sure)
        own = sum(_COLUMN for one in proposals if one.column not in _SHARED)
        score = _FILES_WORD * bool(titled & known) + _FIELDS_WORD * len(fields & known) + own
        if score:
            found.append(Likely(layer, score, proposals))
    return sorted(found, key=lambda one: (-one.score, -len(one.proposals)))


@cache
def _kinds() -> Mapping[str, frozenset[str]]:
    with _KINDS.open("rb") as file:
        return {layer: frozenset(map(plain, known)) for layer, known in tomllib.load(file).items()}


def _phrases(name: str) -> set[str]:
    """Give the words of a name, alone and two or three together."""
    each = words(name).split()
    return {" ".join(each[at : at + count]) for count in (1, 2, 3) for at in range(len(each))}


def _shapes(received: Received) -> set[str]:
    if received.geometry is None:
        return set()
    return {str(kind).removeprefix("Multi") for kind in received.geometry.geom_type.dropna().unique()}


def _may_be(shape: Shape, shapes: set[str]) -> bool:
    if not shapes or shapes <= {"Point"}:
        return shape in _OF_POINTS
    return shape is not Shape.POINT
