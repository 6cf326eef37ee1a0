"""A map and a table that select each other, and that both follow the map's filter."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from lindero.app.current import map_layers
from lindero.app.current.selection import Choice, Feature, Filter, Selection
from lindero.app.renderers.html_table import Marks
from lindero.app.ui.maps import areas, map_view
from lindero.app.ui.maps.areas import Over
from lindero.layers.database.map_database import Bounds

MOST_MARKED = 500  # features; beyond them a map would be all mark
_KEPT, _PRESSED, _ORDER, _BY_PRESS = "kept", "pressed", "order", "by press"
Id = tuple[Hashable, ...]


@dataclass(frozen=True)
class Linked:
    """What map and table show: the rows that the filter leaves, those selected, and what was chosen on the map."""

    rows: pd.DataFrame
    selected: pd.DataFrame
    selection: Selection


def map_with_table(
    rows: pd.DataFrame,
    of: Mapping[str, str],
    table: Callable[[pd.DataFrame, Marks], object],
    *,
    key: str,
    bounds: Bounds | None = None,
    height: int = 420,
    marked: tuple[Feature, ...] = (),
    over: Over | None = None,
    is_drawn_far_out: bool = False,
) -> Linked:
    """
    Draw a map, and under it a table of its features, that select each other.

    A row whose button is pressed in the table is marked on the map and brought into view, and pressed again no longer.
    A press on the map selects the rows of what lies there and puts them first. What the map's own filter leaves out is
    left out of the table, too. Call it in an `st.fragment`, in which `app.current.spoken.speak` comes first: each
    choice runs the fragment again, and the map stays.

    Parameters
    ----------
    rows
        One row for each row of the table, in its order. The columns of `of` together are unique.
    of
        Which column holds the ids of which layer, as `{"left_id": "concessions", "right_id": "communities"}`.
    table
        Draws the table: gets the rows to show, and those marked, such as
        `lambda rows, marks: streamlit_page.table(pairs_table(rows, left, right), marks)`. It keeps the rows' order.
    bounds
        What the map shows at first: west, south, east and north in degrees; by default everything.
    marked
        Features that are marked as long as no row is selected, such as the land that a holder's titles touch.
    over
        Areas drawn over the map.
    is_drawn_far_out
        Whether each row is a spot on the map where that only counts; the rows then have `xmin`, `ymin`, `xmax`, `ymax`.

    Returns
    -------
    Linked
        What is shown and selected in this run, for sums and downloads beside it.
    """
    chosen = map_view.chosen(f"{key}-map")
    left = rows[_seen(rows, of, chosen.seen)]
    first = int(_touched(left, of, chosen.features).sum())
    shown = _pressed_first(left, of, chosen.features)
    positions, by_press = _selected(shown, of, chosen.features, key)
    selected = shown.iloc[positions]
    features = _features(selected, of) or marked[:MOST_MARKED]
    canvas = areas.whole_map(bounds, over)
    into_view = None if by_press or selected.empty else _bounds(features)
    far = _middles(shown) if is_drawn_far_out else ()
    map_view.show(canvas, Choice(marked=features, bounds=into_view, far=far), key=f"{key}-map", height=height)
    table(shown, Marks(frozenset(positions), first, partial(_turn, key), key=f"{key}-table"))
    return Linked(shown, selected, chosen)


def visible_rows(rows: Sequence[Mapping[Any, Any]], by: Filter) -> Sequence[Mapping[Any, Any]]:
    """Leave of rows with `layer` and `id` those that a map's filter leaves, for a list beside the map."""
    if by.is_open or not rows:
        return rows
    drawn = map_layers.drawn(Feature(row["layer"], row["id"]) for row in rows)
    gone = set(drawn.loc[~by.keeps(drawn), ["layer", "id"]].itertuples(index=False, name=None))
    return [row for row in rows if (row["layer"], row["id"]) not in gone]


def _seen(rows: pd.DataFrame, of: Mapping[str, str], seen: Filter) -> pd.Series:
    """Tell which rows the filter leaves: those all of whose features are seen."""
    kept = pd.Series(data=True, index=rows.index)
    if seen.is_open:
        return kept
    for column, layer in of.items():
        drawn = map_layers.drawn(Feature(layer, one) for one in rows[column].dropna().unique())
        kept &= ~rows[column].isin(drawn.loc[~seen.keeps(drawn), "id"])
    return kept


def _pressed_first(rows: pd.DataFrame, of: Mapping[str, str], features: tuple[Feature, ...]) -> pd.DataFrame:
    touched = _touched(rows, of, features)
    return pd.concat([rows[touched], rows[~touched]]) if touched.any() else rows


def _touched(rows: pd.DataFrame, of: Mapping[str, str], features: tuple[Feature, ...]) -> pd.Series:
    """Tell which rows lie where the map was pressed: with all their features, or, if there is none, with any."""
    at_all = [rows[column].isin([one.id for one in features if one.layer == layer]) for column, layer in of.items()]
    every = pd.concat(at_all, axis=1)
    return every.all(axis=1) if every.all(axis=1).any() else every.any(axis=1)


def _selected(
    shown: pd.DataFrame, of: Mapping[str, str], features: tuple[Feature, ...], key: str
) -> tuple[list[int], bool]:
    """
    Give the positions of the selected rows, and whether a press on the map selected them.

    A selection is kept by ids: rows change their places when the filter or a press changes.
    """
    kept = st.session_state.setdefault(f"{key}-linked", {_KEPT: [], _PRESSED: (), _ORDER: [], _BY_PRESS: False})
    order = pd.MultiIndex.from_frame(shown[list(of)])
    if features != kept[_PRESSED]:
        positions = list(range(int(_touched(shown, of, features).sum())))
        kept[_BY_PRESS] = True
    else:
        positions = [int(at) for at in order.isin(kept[_KEPT]).nonzero()[0]] if kept[_KEPT] else []
    ids: list[Id] = order.tolist()
    kept.update({_KEPT: [ids[at] for at in positions], _PRESSED: features, _ORDER: ids})
    return positions, bool(kept[_BY_PRESS])


def _turn(key: str, position: int) -> None:
    """Select the row at a position of the table last shown, or no longer; called before the page runs again."""
    kept = st.session_state[f"{key}-linked"]
    if 0 <= position < len(kept[_ORDER]):
        one = kept[_ORDER][position]
        kept[_KEPT] = [each for each in kept[_KEPT] if each != one] if one in kept[_KEPT] else [*kept[_KEPT], one]
        kept[_BY_PRESS] = False


def _features(rows: pd.DataFrame, of: Mapping[str, str]) -> tuple[Feature, ...]:
    named = (Feature(layer, one) for column, layer in of.items() for one in rows[column].dropna())
    return tuple(dict.fromkeys(named))[:MOST_MARKED]


def _middles(rows: pd.DataFrame) -> tuple[tuple[float, float], ...]:
    """Give latitude and longitude of the middle of each row's box, to some ten metres."""
    placed = rows.dropna(subset=["xmin"])
    lat, lon = ((placed[f"{axis}min"] + placed[f"{axis}max"]).div(2).round(4) for axis in ("y", "x"))
    return tuple(dict.fromkeys(zip(lat.tolist(), lon.tolist(), strict=True)))


def _bounds(features: tuple[Feature, ...]) -> Bounds | None:
    drawn = map_layers.drawn(features).dropna(subset=["xmin"]) if features else pd.DataFrame()
    if drawn.empty:
        return None
    west, south = (float(drawn[name].min()) for name in ("xmin", "ymin"))
    east, north = (float(drawn[name].max()) for name in ("xmax", "ymax"))
    return west, south, east, north
