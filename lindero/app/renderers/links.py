"""Where the rows of tables lead: addresses of this map's own pages, each opened on what a row is about."""

from collections.abc import Iterable
from urllib.parse import quote_plus

import pandas as pd

from lindero.app.answers.changes.watchlist import REGION
from lindero.app.answers.commitments import COUNTRY
from lindero.app.answers.place.topic_search import HOLDER
from lindero.app.current import map_layers

PAGES = {"communities": "community", "incidents": "case"}  # the layers whose rows have a page of their own
OPENED = {REGION: ("browse", "region"), COUNTRY: ("commitments", "id")}  # what is no row: the page, and its parameter


def page(view: str, values: Iterable[object], *, param: str = "id") -> list[str]:
    """Give for each value the address of a page opened on it, relative to the first page; nothing for none."""
    return ["" if pd.isna(value) else f"{view}?{param}={quote_plus(str(value))}" for value in values]  # type: ignore[call-overload]


def of_layer(layer: str, ids: Iterable[object]) -> list[str]:
    """Give for each id of a layer the address of its page, if rows of the layer have one."""
    kept = list(ids)
    return page(PAGES[layer], kept) if layer in PAGES else [""] * len(kept)


def holders(spellings: Iterable[object]) -> list[str]:
    """Give for each spelling of a holder the address of its page, if it holds a concession of this map."""
    codes = map_layers.codes_of_holders()
    return page("holder", [codes.get(str(one)) for one in spellings])


def address(kind: str, id_: str) -> str:
    """Return the address of the page of a thing, as `app.text.escape.Address` does."""
    if kind in OPENED:
        view, param = OPENED[kind]
        return page(view, [id_], param=param)[0]
    (found,) = holders([id_]) if kind == HOLDER else of_layer(kind, [id_])
    return found
