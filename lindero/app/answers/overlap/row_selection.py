"""Selection of the rows of a layer by source, snapshot, values and place.

A choice that matches nothing on the map is refused, with a list of what the map has. An empty answer is therefore
always about rows that exist.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import ge, gt, le, lt
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely

from lindero.layers.database import map_database
from lindero.layers.database.map_database import Bounds, Connection, Source
from lindero.layers.database.queries import record_queries, redirects
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.identity import normalise_value
from lindero.layers.model.layer import Column, Layer
from lindero.layers.model.schema import CRS, LAYERS
from lindero.layers.model.vocabularies import FALLBACK, VOCABULARIES

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

_FORM = re.compile(r"\s*([A-Za-z_]\w*)\s*(<=|>=|!=|=|<|>|~)(.*)", re.DOTALL)
_ORDER_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_NUMBERS = frozenset({"DOUBLE", "INTEGER"})
_VERTICES = 4
ATTRIBUTES = (
    *("id", "source_id", "snapshot_on", "code", "name", "title", "holder", "zone", "level"),
    *("area_ha", "boundary_accuracy_m", "xmin", "ymin", "xmax", "ymax"),
)
"""The columns that decide how the rows of a layer are counted and described in an overlap."""

_MAX_VALUES = 8  # known values listed in an error message


@dataclass(frozen=True)
class Condition:
    """A condition on rows: a column, a sign (`= != < <= > >= ~`) and a value."""

    column: str
    sign: str
    value: str

    @classmethod
    def from_text(cls, text: str) -> Condition:
        """Parse a condition as typed."""
        match = _FORM.fullmatch(text)
        if match is None:
            raise AnswerError(
                N_("'{text}' does not have the form COLUMN=VALUE; the signs are = != < <= > >= and ~ (contains)"),
                text=text,
            )
        return cls(match[1], match[2], match[3].strip())

    @property
    def text(self) -> str:
        """The condition as typed."""
        return f"{self.column}{self.sign}{self.value}"

    def matches(self, values: pd.Series, column: Column) -> pd.Series[bool]:
        """Return a mask of the values that meet the condition. A missing value meets none."""
        import pandas as pd

        if self.sign == "~":
            search_text = normalise_value(self.value)
            return values.map(lambda value: search_text in normalise_value(value)).astype(bool)
        if self.sign in _ORDER_OPERATORS:
            comparable, limit = _to_comparable(values, column, self.value)
            return pd.Series(_ORDER_OPERATORS[self.sign](comparable, limit)).fillna(value=False).astype(bool)
        same = values.map(partial(_equals, text=self.value)).astype(bool)
        return same if self.sign == "=" else values.notna() & ~same


def get_layer(name: str) -> Layer:
    """Return the layer of this name."""
    if name not in LAYERS:
        raise AnswerError(
            N_("there is no layer '{name}'; choose one of: {layers}"), name=name, layers=", ".join(LAYERS)
        )
    return LAYERS[name]


@dataclass(frozen=True)
class Side:
    """One side of an overlap: a layer and a selection of its rows.

    Conditions on one column with `=` are alternatives.
    """

    layer: Layer
    tests: tuple[Condition, ...] = ()
    source_id: str = ""
    snapshot_on: dt.date | None = None
    bounds: Bounds | None = None

    @classmethod
    def from_options(cls, layer: Layer, source: str, conditions: Sequence[str], bbox: str = "") -> Side:
        """Build a selection from a source (`ID` or `ID@YYYY-MM-DD`), conditions (such as `COLUMN=VALUE`) and a box."""
        source_id, _sign, day = source.partition("@")
        tests = tuple(map(Condition.from_text, conditions))
        columns = {column.name for column in layer.columns}
        if unknown := sorted({test.column for test in tests} - columns):
            raise AnswerError(
                N_("{layer} has no column {columns}; choose from: {known}"),
                layer=layer.name,
                columns=", ".join(unknown),
                known=", ".join(sorted(columns)),
            )
        return cls(layer, tests, source_id, parse_date(day) if day else None, _parse_box(bbox) if bbox else None)

    @property
    def is_whole(self) -> bool:
        """Whether all current rows of the layer are selected."""
        return not (self.tests or self.source_id or self.bounds)

    def includes_source(self, source_id: str) -> bool:
        """Return whether the conditions allow rows of a source."""
        equal = {test.value for test in self.tests if (test.column, test.sign) == ("source_id", "=")}
        excluded = {test.value for test in self.tests if (test.column, test.sign) == ("source_id", "!=")}
        return (not equal or source_id in equal) and source_id not in excluded

    def read(self, con: Connection, *, with_geometry: bool = True) -> gpd.GeoDataFrame:
        """Read the rows, each event once. With a named source, rows are as that source states them.

        Without geometry, only the columns in `ATTRIBUTES` and in the conditions are read, which takes a tenth of the
        memory. Rows in a bounding box are always read with geometry.
        """
        rows = self._read_source(con, with_geometry=with_geometry or self.bounds is not None)
        if self.bounds is not None and len(rows):
            west, south, east, north = self.bounds
            rows = rows.cx[west:east, south:north]
            if rows.empty:
                raise AnswerError(
                    N_("no row of {layer} is inside that bounding box; check WEST,SOUTH,EAST,NORTH"),
                    layer=self.layer.name,
                )
        columns = {column.name: column for column in self.layer.columns}
        tests = [_resolve_id(con, self.layer, test) for test in self.tests]
        for name in dict.fromkeys(test.column for test in tests):
            rows = _filter_column(rows, columns[name], [test for test in tests if test.column == name], self.layer)
        return rows

    def read_shapes(self, con: Connection, rows: pd.DataFrame) -> gpd.GeoDataFrame:
        """Read some rows, which `read` returned without geometry, with their geometry and in the same order."""
        import geopandas as gpd

        ids: list[str] = rows["id"].tolist()
        if not ids:
            return gpd.GeoDataFrame(rows, geometry=[], crs=CRS)
        values = self._source_values()
        shapes = map_database.read_layer(
            con,
            self.layer,
            where=values | {"id": ids},
            every_snapshot="snapshot_on" in values,
            columns=(*ATTRIBUTES, "geometry"),
        )
        return gpd.GeoDataFrame(shapes.set_index("id", drop=False).loc[ids].reset_index(drop=True))

    def _read_source(self, con: Connection, *, with_geometry: bool) -> gpd.GeoDataFrame:
        columns = None if with_geometry else {*ATTRIBUTES, *(test.column for test in self.tests)}
        if not self.source_id:
            return record_queries.read_layer_rows(con, self.layer, columns=columns)
        _check_source(
            self, [candidate for candidate in map_database.read_sources(con) if candidate.layer == self.layer.name]
        )
        values = self._source_values()
        return map_database.read_layer(
            con, self.layer, where=values, every_snapshot="snapshot_on" in values, columns=columns
        )

    def _source_values(self) -> dict[str, object]:
        """Return the values of the columns that the source or snapshot determines."""
        if not self.source_id:
            return {}
        snapshot = {} if self.snapshot_on is None else {"snapshot_on": self.snapshot_on.isoformat()}
        return {"source_id": self.source_id, **snapshot}


def bounding_boxes(rows: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Return the bounding boxes of rows as polygons in degrees; None for rows without a place."""
    boxes = np.full(len(rows), None, dtype=object)
    is_placed = rows["xmin"].notna().to_numpy()
    boxes[is_placed] = shapely.box(*rows.loc[is_placed, ["xmin", "ymin", "xmax", "ymax"]].to_numpy(dtype=float).T)
    return boxes


def check_single_source(rows: gpd.GeoDataFrame, column: str) -> None:
    """Check that a column to be summed comes from one source. Values of other sources may be of other years."""
    sources = set(rows.loc[rows[column].notna(), "source_id"]) if column in rows else set()
    if len(sources) > 1:
        raise AnswerError(
            N_(
                "several sources give {column} ({sources}), and their values may not add up; choose one of "
                "them as the source"
            ),
            column=column,
            sources=", ".join(sorted(sources)),
        )


def _resolve_id(con: Connection, layer: Layer, test: Condition) -> Condition:
    """Replace a former id in a condition by the current one."""
    if test.column != "id" or test.sign not in {"=", "!="}:
        return test
    return replace(test, value=redirects.resolve_ids(con, layer, [test.value]).get(test.value, test.value))


def _check_source(side: Side, sources: Sequence[Source]) -> None:
    days = {source.snapshot_on for source in sources if source.source_id == side.source_id}
    if days and (side.snapshot_on is None or side.snapshot_on in days):
        return
    requested = side.source_id if side.snapshot_on is None else f"{side.source_id}@{side.snapshot_on}"
    raise AnswerError(
        N_("'{wanted}' is not a source of {layer}; the sources are: {known}"),
        layer=side.layer.name,
        wanted=requested,
        known=", ".join(f"{source.source_id}@{source.snapshot_on}" for source in sources) or "-",
    )


def _filter_column(
    rows: gpd.GeoDataFrame, column: Column, tests: Sequence[Condition], layer: Layer
) -> gpd.GeoDataFrame:
    """Filter rows to those that meet the conditions on one column; raise an error if none does."""
    import pandas as pd

    values = rows[column.name] if column.name in rows else pd.Series(pd.NA, index=rows.index, dtype=object)
    is_selected = pd.Series(data=True, index=rows.index)
    alternatives = [test for test in tests if test.sign == "="]
    if alternatives:
        is_selected &= pd.concat([test.matches(values, column) for test in alternatives], axis=1).any(axis=1)
    for test in tests:
        if test.sign != "=":
            is_selected &= test.matches(values, column)
    if len(rows) and not is_selected.any():
        raise _no_match_error(layer, column, tests, values)
    return rows[is_selected].reset_index(drop=True)


def _no_match_error(layer: Layer, column: Column, tests: Sequence[Condition], values: pd.Series) -> AnswerError:
    """Build the error for conditions that no row meets.

    It says that the value is not a code, that no row states the column, or which values the column has.
    """
    tests_text = ", ".join(test.text for test in tests)
    codes = VOCABULARIES[column.vocabulary] if column.vocabulary else None
    if codes and (wrong := [test.value for test in tests if test.sign == "=" and test.value not in codes]):
        return AnswerError(
            N_("'{value}' is not a value of {column}; choose from: {codes}"),
            column=column.name,
            value=", ".join(wrong),
            codes=", ".join(codes),
        )
    stated = values.dropna()
    stated = stated[stated.astype(str) != FALLBACK.get(column.vocabulary or "", "")]
    if stated.empty:
        return AnswerError(
            N_("no row of {layer} has a value in {column}, so {asked} cannot be checked"),
            layer=layer.name,
            column=column.name,
            asked=tests_text,
        )
    return AnswerError(
        N_("no row of {layer} matches {asked}; values of {column}: {known}"),
        layer=layer.name,
        column=column.name,
        asked=tests_text,
        known=_existing_values_text(values, column),
    )


def _existing_values_text(values: pd.Series, column: Column) -> str:
    if column.type in _NUMBERS or column.type == "DATE":
        return f"{values.dropna().min()} … {values.dropna().max()}"
    counts = values.dropna().astype(str).value_counts()
    return ", ".join([*counts.index[:_MAX_VALUES], *(["…"] if len(counts) > _MAX_VALUES else [])])


def _equals(value: object, *, text: str) -> bool:
    import pandas as pd

    if isinstance(value, list) or hasattr(value, "tolist"):
        return text in [str(item) for item in value]  # type: ignore[attr-defined]
    if isinstance(value, dt.date):
        return value.strftime("%Y-%m-%d") == text
    if isinstance(value, bool):
        return str(value).lower() == text.lower()
    if isinstance(value, float):
        return str(value) == text or f"{value:g}" == text
    return not pd.isna(value) and str(value) == text  # type: ignore[call-overload]


def _to_comparable(values: pd.Series, column: Column, limit: str) -> tuple[pd.Series, object]:
    """Convert a column and a limit to numbers or dates."""
    import pandas as pd

    if column.type == "DATE":
        return pd.to_datetime(values), pd.Timestamp(parse_date(limit))
    if column.type not in _NUMBERS:
        raise AnswerError(N_("{column} has neither numbers nor dates; use =, != or ~ (contains)"), column=column.name)
    try:
        return values.astype("Float64"), float(limit)
    except ValueError as error:
        raise AnswerError(N_("'{value}' is not a number"), value=limit) from error


def parse_date(text: str) -> dt.date:
    """Parse a date of the form YYYY-MM-DD."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise AnswerError(N_("'{text}' is not a date; write it as YYYY-MM-DD"), text=text) from error


def _parse_box(text: str) -> Bounds:
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if len(values) != _VERTICES or values[0] >= values[2] or values[1] >= values[3]:
        raise AnswerError(N_("'{text}' is not a bounding box; write WEST,SOUTH,EAST,NORTH in degrees"), text=text)
    west, south, east, north = values
    return west, south, east, north
