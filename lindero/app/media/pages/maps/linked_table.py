"""A map and a table with a shared selection, both filtered by the map's filter."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from lindero.app.media.pages.current import map_layers
from lindero.app.media.pages.current.selection import Choice, Feature, Filter, Selection
from lindero.app.media.pages.maps import areas, map_view
from lindero.app.media.pages.maps.areas import AreaOverlay
from lindero.app.media.text.html_table import Marks
from lindero.layers.database.map_database import Bounds

MOST_MARKED = 500  # features: more marks would cover the map
_KEPT, _PRESSED, _ORDER, _BY_PRESS = "kept", "pressed", "order", "by press"
Id = tuple[Hashable, ...]


@dataclass(frozen=True)
class LinkedRows:
    """The state of a map and its table: the rows after the filter, the selected rows, and the choices on the map."""

    rows: pd.DataFrame
    selected_rows: pd.DataFrame
    selection: Selection


def show_map_with_table(
    rows: pd.DataFrame,
    id_columns: Mapping[str, str],
    table: Callable[[pd.DataFrame, Marks], object],
    *,
    key: str,
    bounds: Bounds | None = None,
    height: int = 420,
    marked: tuple[Feature, ...] = (),
    over: AreaOverlay | None = None,
    is_drawn_far_out: bool = False,
) -> LinkedRows:
    """Show a map, and under it a table of its features, with a shared selection.

    A row selected in the table is marked on the map and brought into view; a second press deselects it. A press on the
    map selects the rows of the features there and moves them to the top. Rows excluded by the map's filter are excluded
    from the table. Call it in an `st.fragment` that first calls `app.media.pages.current.spoken.set_reader_language`:
    each choice runs the fragment again, and the map stays.

    `rows`: one row for each row of the table, in its order. The columns of `id_columns` together are unique. `table`:
    shows the table: it is called with the rows to show and the marks, such as `lambda rows, marks:
    streamlit_page.table(pairs_table(rows, left, right), marks)`. It keeps the order of rows. `bounds`: the initial
    view: west, south, east and north in degrees; by default everything. `is_drawn_far_out`: whether each row is a spot
    at zooms at which the map only counts; the rows then have `xmin`, `ymin`, `xmax`, `ymax`.
    """
    chosen = map_view.current_selection(f"{key}-map")
    visible = rows[_visible_mask(rows, id_columns, chosen.seen)]
    pressed_count = int(_pressed_mask(visible, id_columns, chosen.features).sum())
    shown = _sort_by_press(visible, id_columns, chosen.features)
    positions, by_press = _selected_positions(shown, id_columns, chosen.features, key)
    selected = shown.iloc[positions]
    features = _row_features(selected, id_columns) or marked[:MOST_MARKED]
    canvas = areas.build_full_map(bounds, over)
    into_view = None if by_press or selected.empty else _feature_bounds(features)
    spots = _box_centers(shown) if is_drawn_far_out else ()
    map_view.show_map(canvas, Choice(marked=features, bounds=into_view, far=spots), key=f"{key}-map", height=height)
    table(shown, Marks(frozenset(positions), pressed_count, partial(_toggle_row, key), key=f"{key}-table"))
    return LinkedRows(shown, selected, chosen)


def filter_visible_rows(rows: Sequence[Mapping[Any, Any]], map_filter: Filter) -> Sequence[Mapping[Any, Any]]:
    """Filter rows with `layer` and `id` by a map's filter, for a list beside the map."""
    if map_filter.is_open or not rows:
        return rows
    features = map_layers.describe_features(Feature(row["layer"], row["id"]) for row in rows)
    hidden = set(features.loc[~map_filter.visible_mask(features), ["layer", "id"]].itertuples(index=False, name=None))
    return [row for row in rows if (row["layer"], row["id"]) not in hidden]


def _visible_mask(rows: pd.DataFrame, id_columns: Mapping[str, str], map_filter: Filter) -> pd.Series:
    """Return a mask of the rows with all features visible under the filter."""
    is_visible = pd.Series(data=True, index=rows.index)
    if map_filter.is_open:
        return is_visible
    for column, layer in id_columns.items():
        features = map_layers.describe_features(Feature(layer, id_) for id_ in rows[column].dropna().unique())
        is_visible &= ~rows[column].isin(features.loc[~map_filter.visible_mask(features), "id"])
    return is_visible


def _sort_by_press(rows: pd.DataFrame, id_columns: Mapping[str, str], features: tuple[Feature, ...]) -> pd.DataFrame:
    is_pressed = _pressed_mask(rows, id_columns, features)
    return pd.concat([rows[is_pressed], rows[~is_pressed]]) if is_pressed.any() else rows


def _pressed_mask(rows: pd.DataFrame, id_columns: Mapping[str, str], features: tuple[Feature, ...]) -> pd.Series:
    """Return a mask of the rows with all features at the pressed point; if there is none, of rows with any."""
    masks = [
        rows[column].isin([feature.id for feature in features if feature.layer == layer])
        for column, layer in id_columns.items()
    ]
    pressed = pd.concat(masks, axis=1)
    return pressed.all(axis=1) if pressed.all(axis=1).any() else pressed.any(axis=1)


def _selected_positions(
    shown: pd.DataFrame, id_columns: Mapping[str, str], features: tuple[Feature, ...], key: str
) -> tuple[list[int], bool]:
    """Return the positions of the selected rows, and whether a press on the map selected them.

    A selection is stored by id, because rows move when the filter or a press changes.
    """
    state = st.session_state.setdefault(f"{key}-linked", {_KEPT: [], _PRESSED: (), _ORDER: [], _BY_PRESS: False})
    order = pd.MultiIndex.from_frame(shown[list(id_columns)])
    if features != state[_PRESSED]:
        positions = list(range(int(_pressed_mask(shown, id_columns, features).sum())))
        state[_BY_PRESS] = True
    else:
        positions = [int(position) for position in order.isin(state[_KEPT]).nonzero()[0]] if state[_KEPT] else []
    ids: list[Id] = order.tolist()
    state.update({_KEPT: [ids[position] for position in positions], _PRESSED: features, _ORDER: ids})
    return positions, bool(state[_BY_PRESS])


def _toggle_row(key: str, position: int) -> None:
    """Toggle the selection of the row at a position of the table last shown; called before the page runs again."""
    state = st.session_state[f"{key}-linked"]
    if 0 <= position < len(state[_ORDER]):
        row_id = state[_ORDER][position]
        state[_KEPT] = (
            [id_ for id_ in state[_KEPT] if id_ != row_id] if row_id in state[_KEPT] else [*state[_KEPT], row_id]
        )
        state[_BY_PRESS] = False


def _row_features(rows: pd.DataFrame, id_columns: Mapping[str, str]) -> tuple[Feature, ...]:
    features = (Feature(layer, id_) for column, layer in id_columns.items() for id_ in rows[column].dropna())
    return tuple(dict.fromkeys(features))[:MOST_MARKED]


def _box_centers(rows: pd.DataFrame) -> tuple[tuple[float, float], ...]:
    """Return latitude and longitude of the center of each row's bounding box, rounded to about ten metres."""
    located = rows.dropna(subset=["xmin"])
    lat, lon = ((located[f"{axis}min"] + located[f"{axis}max"]).div(2).round(4) for axis in ("y", "x"))
    return tuple(dict.fromkeys(zip(lat.tolist(), lon.tolist(), strict=True)))


def _feature_bounds(features: tuple[Feature, ...]) -> Bounds | None:
    described = map_layers.describe_features(features).dropna(subset=["xmin"]) if features else pd.DataFrame()
    if described.empty:
        return None
    west, south = (float(described[name].min()) for name in ("xmin", "ymin"))
    east, north = (float(described[name].max()) for name in ("xmax", "ymax"))
    return west, south, east, north
