"""The known kinds of files, which are recognised by their fields."""

from collections.abc import Iterable

from lindero.layers.sources.mapping import FieldMapping
from lindero.layers.sources.publishers import acled, amazon_mining_watch, global_witness, landmark, raisg, wdpa
from lindero.layers.sources.publishers.peru import communities, defensoria, inei, ingemmet, osinergmin, sernanp

# Kinds with more recognised fields are tried first: a district's file also has a province's fields.
MAPPINGS_BY_NAME: dict[str, FieldMapping] = {
    mapping.name: mapping
    for mapping in sorted(
        (
            acled.EVENTS,
            amazon_mining_watch.SCARS,
            communities.NATIVE,
            communities.PEASANT,
            communities.RESERVES,
            defensoria.CONFLICTS,
            global_witness.KILLINGS,
            inei.ZEE_DISTRICTS,
            inei.ZEE_PROVINCES,
            inei.DISTRICTS,
            inei.PROVINCES,
            inei.DEPARTMENTS,
            inei.CAPITALS,
            ingemmet.CADASTRE,
            landmark.LANDS,
            osinergmin.LOTS,
            raisg.TERRITORIES,
            sernanp.BUFFER,
            sernanp.ILLEGAL_MINING,
            sernanp.NATIONAL,
            sernanp.REGIONAL,
            sernanp.PRIVATE,
            sernanp.RESERVED,
            wdpa.WDPA,
        ),
        key=lambda mapping: -len(mapping.recognised_by),
    )
}


def find_mapping(fields: Iterable[str], *, layer: str | None = None) -> FieldMapping | None:
    """
    Return the first known mapping with all its identifying fields in the file.

    Parameters
    ----------
    fields
        The names of the file's fields, in any order. Case matters.
    layer
        Consider only mappings to the layer with this name; None for all.

    Returns
    -------
    FieldMapping or None
        Of several, the one with the most identifying fields. None if there is none.

    Examples
    --------
    >>> find_mapping(["name", "country"]) is None
    True
    >>> find_mapping(MAPPINGS_BY_NAME["wdpa"].recognised_by, layer="protected_areas").name
    'wdpa'
    """
    present = set(fields)
    matching = (m for m in MAPPINGS_BY_NAME.values() if m.recognised_by <= present and layer in {None, m.layer})
    return next(matching, None)
