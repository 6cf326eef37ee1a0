"""An empty table of a layer's columns, to be filled in by hand and read back without a mapping."""

from collections.abc import Mapping
from dataclasses import dataclass

from lindero.layers.model.layer import Layer
from lindero.layers.model.vocabularies import VOCABULARIES
from lindero.layers.sources.mapping import LATITUDE, LONGITUDE

_NEVER_FILLED = frozenset({"invented", "area_ha"})


@dataclass(frozen=True)
class Template:
    """An empty table of a layer, to be filled in by hand: a header line, and the codes of each coded column."""

    header: str
    codes: Mapping[str, tuple[str, ...]]


def build_template(layer: Layer) -> Template:
    """Build a layer's header: `id` if other tables refer to it, own columns that no build computes, and coordinates."""
    id_columns = ["id"] if layer.name in {"incidents", "communities", "concessions"} else []
    own_columns = [column for column in layer.own_columns if column.name not in _NEVER_FILLED]
    coordinate_names = [LATITUDE, LONGITUDE] if layer.has_geometry else []
    header = ",".join([*id_columns, *(column.name for column in own_columns), *coordinate_names])
    codes = {column.name: VOCABULARIES[column.vocabulary] for column in own_columns if column.vocabulary}
    return Template(header, codes)
