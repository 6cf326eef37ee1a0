"""Links from rows of tables to the pages of this map that describe the row."""

from collections.abc import Iterable
from urllib.parse import quote_plus

import pandas as pd

from lindero.app.answers.changes.watchlist import REGION
from lindero.app.answers.commitments import COUNTRY
from lindero.app.answers.place.topic_search import HOLDER
from lindero.app.media.pages.current import map_layers

PAGES = {"communities": "community", "incidents": "case"}  # layers with a page for each row
PAGES_BY_KIND = {
    REGION: ("browse", "region"),
    COUNTRY: ("commitments", "id"),
}  # not rows: the page, and its parameter


def build_addresses(view: str, values: Iterable[object], *, param: str = "id") -> list[str]:
    """Return for each value the address of a page about it, relative to the first page; empty for a missing value."""
    return ["" if pd.isna(value) else f"{view}?{param}={quote_plus(str(value))}" for value in values]  # type: ignore[call-overload]


def layer_addresses(layer: str, ids: Iterable[object]) -> list[str]:
    """Return the address of the page of each id of a layer; empty if rows of the layer have no page."""
    id_list = list(ids)
    return build_addresses(PAGES[layer], id_list) if layer in PAGES else [""] * len(id_list)


def holder_addresses(spellings: Iterable[object]) -> list[str]:
    """Return the address of the page of each holder by spelling; empty if it holds no concession of this map."""
    codes = map_layers.holder_codes()
    return build_addresses("holder", [codes.get(str(spelling)) for spelling in spellings])


def resolve_address(kind: str, id_: str) -> str:
    """Return the address of the page about a feature or topic. It is an `app.text.escape.Address`."""
    if kind in PAGES_BY_KIND:
        view, param = PAGES_BY_KIND[kind]
        return build_addresses(view, [id_], param=param)[0]
    (result,) = holder_addresses([id_]) if kind == HOLDER else layer_addresses(kind, [id_])
    return result
