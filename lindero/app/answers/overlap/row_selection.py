"""
Which rows of a layer a question is about: by source, snapshot, values and place.

What names nothing on the map is refused, with what there is: an answer of "nothing" is given of rows alone that were
asked for properly.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import ge, gt, le, lt
from typing import TYPE_CHECKING, Any

from lindero.layers.database import map_database
from lindero.layers.database.map_database import Bounds, Connection, Source
from lindero.layers.database.queries import record_queries, redirects
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.identity import plain
from lindero.layers.model.layer import Column, Layer
from lindero.layers.model.schema import LAYERS
from lindero.layers.model.vocabularies import FALLBACK, VOCABULARIES

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

_FORM = re.compile(r"\s*([A-Za-z_]\w*)\s*(<=|>=|!=|=|<|>|~)(.*)", re.DOTALL)
_ORDERED: dict[str, Callable[[Any, Any], Any]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_NUMBERS = frozenset({"DOUBLE", "INTEGER"})
_CORNERS = 4
_LISTED = 8  # values that are named where another was asked for


@dataclass(frozen=True)
class Test:
    """One condition that a row is held to: a column, a sign (`= != < <= > >= ~`) and a value."""

    column: str
    sign: str
    value: str

    @classmethod
    def of(cls, text: str) -> Test:
        """
        Read a condition as it is typed.

        Raises
        ------
        AnswerError
            If it is not of that form.
        """
        found = _FORM.fullmatch(text)
        if found is None:
            raise AnswerError(
                N_("{text} is not of the form COLUMN=VALUE; signs are = != < <= > >= and ~ (contains)"), text=text
            )
        return cls(found[1], found[2], found[3].strip())

    @property
    def typed(self) -> str:
        """The condition as it is typed."""
        return f"{self.column}{self.sign}{self.value}"

    def held(self, values: pd.Series, column: Column) -> pd.Series[bool]:
        """Tell which values meet it; one that is not known meets none."""
        import pandas as pd

        if self.sign == "~":
            wanted = plain(self.value)
            return values.map(lambda value: wanted in plain(value)).astype(bool)
        if self.sign in _ORDERED:
            comparable, limit = _comparable(values, column, self.value)
            return pd.Series(_ORDERED[self.sign](comparable, limit)).fillna(value=False).astype(bool)
        same = values.map(partial(_is, wanted=self.value)).astype(bool)
        return same if self.sign == "=" else values.notna() & ~same


def layer_of(name: str) -> Layer:
    """
    Give the layer of this name.

    Raises
    ------
    AnswerError
        If there is none.
    """
    if name not in LAYERS:
        raise AnswerError(N_("there is no layer {name}; there are {layers}"), name=name, layers=", ".join(LAYERS))
    return LAYERS[name]


@dataclass(frozen=True)
class Side:
    """One side of an overlap: a layer, and which of its rows. Conditions on one column with `=` are alternatives."""

    layer: Layer
    tests: tuple[Test, ...] = ()
    source_id: str = ""
    snapshot_on: dt.date | None = None
    bounds: Bounds | None = None

    @classmethod
    def named(cls, layer: Layer, source: str, where: Sequence[str], bbox: str = "") -> Side:
        """
        Choose rows by source (`ID` or `ID@YYYY-MM-DD`), conditions (`COLUMN=VALUE` and others) and a box.

        Raises
        ------
        AnswerError
            If a choice is not of its form, or names a column that the layer does not have.
        """
        source_id, _sign, day = source.partition("@")
        tests = tuple(map(Test.of, where))
        columns = {column.name for column in layer.columns}
        if unknown := sorted({test.column for test in tests} - columns):
            raise AnswerError(
                N_("{layer} has no column {columns}; it has {known}"),
                layer=layer.name,
                columns=", ".join(unknown),
                known=", ".join(sorted(columns)),
            )
        return cls(layer, tests, source_id, parse_date(day) if day else None, _box(bbox) if bbox else None)

    @property
    def is_whole(self) -> bool:
        """Whether all rows of the layer that the map shows are meant."""
        return not (self.tests or self.source_id or self.bounds)

    def takes_source(self, source_id: str) -> bool:
        """Tell whether the conditions leave rows of a source."""
        equal = {test.value for test in self.tests if (test.column, test.sign) == ("source_id", "=")}
        other = {test.value for test in self.tests if (test.column, test.sign) == ("source_id", "!=")}
        return (not equal or source_id in equal) and source_id not in other

    def read(self, con: Connection) -> gpd.GeoDataFrame:
        """
        Read the rows, each event once; of a source that is named, as that source tells them.

        Raises
        ------
        AnswerError
            If the map has no such source or snapshot, or no row is like that: with what there is.
        """
        rows = self._of_source(con)
        if self.bounds is not None and len(rows):
            west, south, east, north = self.bounds
            rows = rows.cx[west:east, south:north]
            if rows.empty:
                raise AnswerError(N_("no row of {layer} lies in that box"), layer=self.layer.name)
        columns = {column.name: column for column in self.layer.columns}
        tests = [_followed(con, self.layer, test) for test in self.tests]
        for name in dict.fromkeys(test.column for test in tests):
            rows = _meeting(rows, columns[name], [test for test in tests if test.column == name], self.layer)
        return rows

    def _of_source(self, con: Connection) -> gpd.GeoDataFrame:
        if not self.source_id:
            return record_queries.rows(con, self.layer)
        _check_source(self, [each for each in map_database.read_sources(con) if each.layer == self.layer.name])
        chosen = {"source_id": self.source_id}
        if self.snapshot_on is not None:
            chosen["snapshot_on"] = self.snapshot_on.isoformat()
        return map_database.read_layer(con, self.layer, where=chosen, every_snapshot=self.snapshot_on is not None)


def one_series(rows: gpd.GeoDataFrame, column: str) -> None:
    """
    Hold that a column which is to be added up is told by one source alone: others may be of other years.

    Raises
    ------
    AnswerError
        If several sources tell it. One of them is to be named.
    """
    sources = set(rows.loc[rows[column].notna(), "source_id"]) if column in rows else set()
    if len(sources) > 1:
        raise AnswerError(
            N_("{column} is told by {sources}, which need not be parts of one whole: name one of them as the source"),
            column=column,
            sources=", ".join(sorted(sources)),
        )


def _followed(con: Connection, layer: Layer, test: Test) -> Test:
    """Follow an id of before to the one of now."""
    if test.column != "id" or test.sign not in {"=", "!="}:
        return test
    return replace(test, value=redirects.led(con, layer, [test.value]).get(test.value, test.value))


def _check_source(side: Side, sources: Sequence[Source]) -> None:
    days = {each.snapshot_on for each in sources if each.source_id == side.source_id}
    if days and (side.snapshot_on is None or side.snapshot_on in days):
        return
    wanted = side.source_id if side.snapshot_on is None else f"{side.source_id}@{side.snapshot_on}"
    raise AnswerError(
        N_("{layer} has no source {wanted}; it has {known}"),
        layer=side.layer.name,
        wanted=wanted,
        known=", ".join(f"{each.source_id}@{each.snapshot_on}" for each in sources) or "-",
    )


def _meeting(rows: gpd.GeoDataFrame, column: Column, tests: Sequence[Test], layer: Layer) -> gpd.GeoDataFrame:
    """Keep the rows that meet the conditions on one column; refuse if none does."""
    import pandas as pd

    values = rows[column.name] if column.name in rows else pd.Series(pd.NA, index=rows.index, dtype=object)
    kept = pd.Series(data=True, index=rows.index)
    alternatives = [test for test in tests if test.sign == "="]
    if alternatives:
        kept &= pd.concat([test.held(values, column) for test in alternatives], axis=1).any(axis=1)
    for test in tests:
        if test.sign != "=":
            kept &= test.held(values, column)
    if len(rows) and not kept.any():
        raise _none(layer, column, tests, values)
    return rows[kept].reset_index(drop=True)


def _none(layer: Layer, column: Column, tests: Sequence[Test], values: pd.Series) -> AnswerError:
    """Say why no row is like that: the value is no code, the column is never stated, or it holds other values."""
    tests_text = ", ".join(test.typed for test in tests)
    codes = VOCABULARIES[column.vocabulary] if column.vocabulary else None
    if codes and (wrong := [test.value for test in tests if test.sign == "=" and test.value not in codes]):
        return AnswerError(
            N_("{column} knows no {value}; it knows {codes}"),
            column=column.name,
            value=", ".join(wrong),
            codes=", ".join(codes),
        )
    stated = values.dropna()
    stated = stated[stated.astype(str) != FALLBACK.get(column.vocabulary or "", "")]
    if stated.empty:
        return AnswerError(
            N_("no row of {layer} states {column}: it cannot be told which are {asked}"),
            layer=layer.name,
            column=column.name,
            asked=tests_text,
        )
    return AnswerError(
        N_("no row of {layer} is {asked}; {column} is {known}"),
        layer=layer.name,
        column=column.name,
        asked=tests_text,
        known=_values_there(values, column),
    )


def _values_there(values: pd.Series, column: Column) -> str:
    if column.type in _NUMBERS or column.type == "DATE":
        return f"{values.dropna().min()} … {values.dropna().max()}"
    found = values.dropna().astype(str).value_counts()
    return ", ".join([*found.index[:_LISTED], *(["…"] if len(found) > _LISTED else [])])


def _is(value: object, *, wanted: str) -> bool:
    import pandas as pd

    if isinstance(value, list) or hasattr(value, "tolist"):
        return wanted in [str(one) for one in value]  # type: ignore[attr-defined]
    if isinstance(value, dt.date):
        return value.strftime("%Y-%m-%d") == wanted
    if isinstance(value, bool):
        return str(value).lower() == wanted.lower()
    if isinstance(value, float):
        return str(value) == wanted or f"{value:g}" == wanted
    return not pd.isna(value) and str(value) == wanted  # type: ignore[call-overload]


def _comparable(values: pd.Series, column: Column, limit: str) -> tuple[pd.Series, object]:
    """Give a column and a limit as numbers or days."""
    import pandas as pd

    if column.type == "DATE":
        return pd.to_datetime(values), pd.Timestamp(parse_date(limit))
    if column.type not in _NUMBERS:
        raise AnswerError(
            N_("{column} holds no numbers and no dates: ask with =, != or ~ (contains)"), column=column.name
        )
    try:
        return values.astype("Float64"), float(limit)
    except ValueError as error:
        raise AnswerError(N_("{value} is no number"), value=limit) from error


def parse_date(text: str) -> dt.date:
    """
    Return the date that a text of the form YYYY-MM-DD states.

    Raises
    ------
    AnswerError
        If it is not of that form.
    """
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise AnswerError(N_("{text} is no date of the form YYYY-MM-DD"), text=text) from error


def _box(text: str) -> Bounds:
    try:
        corners = [float(part) for part in text.split(",")]
    except ValueError:
        corners = []
    if len(corners) != _CORNERS or corners[0] >= corners[2] or corners[1] >= corners[3]:
        raise AnswerError(N_("{text} is no box: WEST,SOUTH,EAST,NORTH in degrees"), text=text)
    west, south, east, north = corners
    return west, south, east, north
