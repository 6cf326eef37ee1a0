"""Conditions of a filter as SQL.

Only published columns can be used in a filter. The values that they are compared with are always parameters.
"""

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import shapely
from shapely.geometry.base import BaseGeometry

from lindero.layers.errors import N_, AnswerError

Value = str | float | bool
_HALF_CHARACTER = re.compile(r"[\ud800-\udfff]")
_VERTICES = 4  # numbers of a box
_LAST_DAY = """CASE date_precision WHEN 'day' THEN occurred_on WHEN 'month' THEN last_day(occurred_on)
               ELSE make_date(year(occurred_on)::INTEGER, 12, 31) END"""  # the latest date that an event may have


@dataclass(frozen=True)
class Condition:
    """An SQL condition with the values of its parameters."""

    sql: str = "true"
    parameters: Mapping[str, object] = field(default_factory=dict)


@dataclass
class ConditionWriter:
    """A builder of SQL conditions on columns of known types."""

    types: Mapping[str, str]
    parameters: dict[str, object] = field(default_factory=dict)

    def quote_column(self, name: str) -> str:
        """Return a column as a quoted SQL name. Raise AnswerError if it is not published."""
        if name not in self.types:
            raise AnswerError(
                N_("'{name}' cannot be used here; these can: {known}"), name=name, known=", ".join(self.types)
            )
        return f'"{name}"'

    def match_value(self, name: str, value: Value) -> str:
        """Return the condition that a column equals a value."""
        return f"{self.quote_column(name)} = {self._typed_parameter(name, value)}"

    def match_dates(self, begin: str, since: dt.date | None, until: dt.date | None) -> str:
        """Return the condition that a row falls between two dates, both included.

        Rows without a date always match.
        """
        last_date = _LAST_DAY if "date_precision" in self.types else self.quote_column(begin)
        not_before = f"{last_date} >= {self._add_parameter(since)}" if since else "true"
        not_after = f"{self.quote_column(begin)} <= {self._add_parameter(until)}" if until else "true"
        return f"({self.quote_column(begin)} IS NULL OR ({not_before} AND {not_after}))"

    def match_geometry(self, shape: BaseGeometry) -> str:
        """Return the condition that the geometry of a row intersects a shape in OGC:CRS84.

        Raise AnswerError if the shape is not on the Earth.
        """
        west, south, east, north = shape.bounds
        if not all(map(math.isfinite, (west, south, east, north))):
            raise AnswerError(N_("the box is not on Earth; correct its coordinates"))
        box = f"xmax >= {self._add_parameter(west)} AND xmin <= {self._add_parameter(east)}"
        box += f" AND ymax >= {self._add_parameter(south)} AND ymin <= {self._add_parameter(north)}"
        return f"({box} AND ST_Intersects(geometry, ST_GeomFromWKB({self._add_parameter(shapely.to_wkb(shape))})))"

    def _add_parameter(self, value: object) -> str:
        name = f"f{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"

    def _typed_parameter(self, name: str, value: Value) -> str:
        """Add a value as a parameter of the column's type; a text is never silently taken for a date or a number."""
        kind = self.types.get(name, "VARCHAR")
        try:
            converted = _PARSERS[kind](value)
        except (ValueError, TypeError, OverflowError) as error:
            raise AnswerError(N_("'{value}' is not a valid value of {name}"), value=value, name=name) from error
        return self._add_parameter(converted)


def build_box(numbers: Sequence[float]) -> BaseGeometry:
    """Return the box of west, south, east and north as a geometry.

    If west is greater than east, the box crosses the antimeridian and is split in two.

    `numbers`: west, south, east and north, in degrees where the box may cross the antimeridian.
    """
    if len(numbers) != _VERTICES or not all(map(math.isfinite, numbers)) or numbers[1] > numbers[3]:
        raise ValueError(numbers)
    west, south, east, north = numbers
    if west > east:
        return shapely.union_all([shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)])
    return shapely.MultiPoint([(west, south), (east, north)]).envelope  # a point if all vertices are equal


def _parse_date(value: Value) -> dt.date:
    return dt.date.fromisoformat(str(value)[:10])


def _parse_number(value: Value) -> float:
    if isinstance(value, bool) or not math.isfinite(parsed := float(value)):
        raise ValueError(value)
    return parsed


def _parse_boolean(value: Value) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _is_text(value: Value) -> bool:
    """Return whether a value is text that the database accepts: JSON may contain half a surrogate pair."""
    return isinstance(value, str) and not _HALF_CHARACTER.search(value)


def _parse_text(value: Value) -> str:
    if not _is_text(value):
        raise TypeError(value)
    return str(value)


_PARSERS: dict[str, Callable[[Value], object]] = {
    "DATE": _parse_date,
    "DOUBLE": _parse_number,
    "INTEGER": _parse_number,
    "BOOLEAN": _parse_boolean,
    "VARCHAR": _parse_text,
}
