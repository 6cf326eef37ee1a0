"""An empty table of a layer's columns, to be filled in by hand and read back without a mapping."""

from collections.abc import Mapping
from dataclasses import dataclass

from lindero.layers.model.layer import Layer
from lindero.layers.model.vocabularies import VOCABULARIES
from lindero.layers.sources.mapping import LATITUDE, LONGITUDE

_NEVER_FILLED = frozenset({"invented", "area_ha"})


@dataclass(frozen=True)
class Template:
    """A header line, and the codes that each coded column takes."""

    header: str
    codes: Mapping[str, tuple[str, ...]]


def template(layer: Layer) -> Template:
    """
    Give the header of a layer's table: `id` where other tables refer to it, its own columns, then coordinates.

    Columns that a build computes are left out.
    """
    named = ["id"] if layer.name in {"incidents", "communities", "concessions"} else []
    own = [column for column in layer.own if column.name not in _NEVER_FILLED]
    places = [LATITUDE, LONGITUDE] if layer.has_geometry else []
    header = ",".join([*named, *(column.name for column in own), *places])
    codes = {column.name: VOCABULARIES[column.vocabulary] for column in own if column.vocabulary}
    return Template(header, codes)
