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

GEOMETRY = "geometry"
LONGEST = 4_000  # characters of a filter
LONGEST_PATTERN = 200  # characters of the pattern of a LIKE
DEEPEST = 30  # nested brackets
COMPARISONS = {"=": "=", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
Value = str | float | bool
_HALF_CHARACTER = re.compile(r"[\ud800-\udfff]")
_VERTICES = 4  # numbers of a box
_PART = re.compile(r"(?P<wild>[%_]+)|(?:\\(?P<escaped>.)|(?P<letter>[^\\%_]))", re.DOTALL)  # of the pattern of a LIKE
_LAST_DAY = """CASE date_precision WHEN 'day' THEN occurred_on WHEN 'month' THEN last_day(occurred_on)
               ELSE make_date(year(occurred_on)::INTEGER, 12, 31) END"""  # the latest date that an event may have


@dataclass(frozen=True)
class Condition:
    """An SQL condition with the values of its parameters."""

    sql: str = "true"
    parameters: Mapping[str, object] = field(default_factory=dict)


@dataclass
class ConditionWriter:
    """A builder of SQL conditions on columns of known types.

    `to_degrees` reprojects a geometry of the filter to OGC:CRS84, the CRS of the table.
    """

    types: Mapping[str, str]
    to_degrees: Callable[[BaseGeometry], BaseGeometry] = lambda drawn: drawn
    parameters: dict[str, object] = field(default_factory=dict)

    def quote_column(self, name: str) -> str:
        """Return a column as a quoted SQL name. Raise AnswerError if it is not published."""
        if name not in self.types:
            raise AnswerError(
                N_("'{name}' cannot be used here; these can: {known}"), name=name, known=", ".join(self.types)
            )
        return f'"{name}"'

    def compare(self, name: str, sign: str, value: Value, *, folded: bool = False) -> str:
        """Return the condition that compares a column with a value; `folded` ignores case."""
        if folded:
            return f"lower({self.quote_column(name)}) {COMPARISONS[sign]} lower({self._text_parameter(name, value)})"
        return f"{self.quote_column(name)} {COMPARISONS[sign]} {self._typed_parameter(name, value)}"

    def match_any(self, name: str, values: Sequence[Value]) -> str:
        """Return the condition that a column equals one of `values`."""
        if not values:
            raise AnswerError(N_("IN needs at least one value"))
        return f"{self.quote_column(name)} IN ({', '.join(self._typed_parameter(name, value) for value in values)})"

    def match_range(self, name: str, low: Value, high: Value) -> str:
        """Return the condition that a column is between two values, both included."""
        first, last = self._typed_parameter(name, low), self._typed_parameter(name, high)
        return f"{self.quote_column(name)} BETWEEN {first} AND {last}"

    def match_pattern(self, name: str, pattern: Value, *, folded: bool = False) -> str:
        r"""Return the condition that a text matches `pattern`: `%` is any letters, `_` one letter, `\` escapes either.

        DuckDB's own LIKE backtracks: a pattern such as `%_%_%_%~` can take hours. Its regular expressions do not.
        """
        column, expression = self.quote_column(name), self._text_parameter(name, _pattern_to_regex(pattern))
        return f"regexp_full_match({column}, {expression}, '{'si' if folded else 's'}')"

    def match_null(self, name: str) -> str:
        """Return the condition that a column is NULL."""
        return f"{self.quote_column(name)} IS NULL"

    def match_dates(self, begin: str, since: dt.date | None, until: dt.date | None) -> str:
        """Return the condition that a row falls between two dates, both included.

        Rows without a date always match.
        """
        last_date = _LAST_DAY if "date_precision" in self.types else self.quote_column(begin)
        not_before = f"{last_date} >= {self._add_parameter(since)}" if since else "true"
        not_after = f"{self.quote_column(begin)} <= {self._add_parameter(until)}" if until else "true"
        return f"({self.quote_column(begin)} IS NULL OR ({not_before} AND {not_after}))"

    def match_geometry(self, shape: BaseGeometry) -> str:
        """Return the condition that the geometry of a row intersects a shape.

        Raise AnswerError if the shape is invalid or not on the Earth.
        """
        try:
            west, south, east, north = (degrees_shape := self.to_degrees(shape)).bounds
            is_place = bool(shapely.is_valid(degrees_shape)) and all(map(math.isfinite, (west, south, east, north)))
        except (ValueError, shapely.errors.GEOSException):
            is_place = False
        if not is_place:
            raise AnswerError(N_("the shape of the filter is not on Earth or crosses itself; correct its coordinates"))
        box = f"xmax >= {self._add_parameter(west)} AND xmin <= {self._add_parameter(east)}"
        box += f" AND ymax >= {self._add_parameter(south)} AND ymin <= {self._add_parameter(north)}"
        return (
            f"({box} AND ST_Intersects(geometry, ST_GeomFromWKB({self._add_parameter(shapely.to_wkb(degrees_shape))})))"
        )

    def _add_parameter(self, value: object) -> str:
        name = f"f{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"

    def _text_parameter(self, name: str, value: Value) -> str:
        if self.types.get(name, "VARCHAR") != "VARCHAR" or not _is_text(value):
            raise AnswerError(N_("{name} is not a text field, or '{value}' is not text"), name=name, value=value)
        return self._add_parameter(value)

    def _typed_parameter(self, name: str, value: Value) -> str:
        """Add a value as a parameter of the column's type; a text is never silently taken for a date or a number."""
        kind = self.types.get(name, "VARCHAR")
        try:
            converted = _PARSERS[kind](value)
        except (ValueError, TypeError, OverflowError) as error:
            raise AnswerError(N_("'{value}' is not a valid value of {name}"), value=value, name=name) from error
        return self._add_parameter(converted)


def _pattern_to_regex(pattern: Value) -> Value:
    """Convert the pattern of a LIKE to a regular expression."""
    if not isinstance(pattern, str):
        return pattern  # refused later, with the name of its column
    if len(pattern) > LONGEST_PATTERN:
        raise AnswerError(N_("the pattern of LIKE is longer than {count} characters"), count=LONGEST_PATTERN)
    parts = [*_PART.finditer(pattern)]
    if sum(len(part[0]) for part in parts) < len(pattern):
        raise AnswerError(N_("the pattern of LIKE ends with a backslash that escapes nothing"))
    return "".join(
        _wildcards_to_regex(part["wild"]) if part["wild"] else re.escape(part["escaped"] or part[0]) for part in parts
    )


def _wildcards_to_regex(wildcards: str) -> str:
    """Convert a run of `%` and `_` to a regular expression for exactly, or at least, as many letters."""
    letters = len(wildcards.replace("%", ""))
    return f".{{{letters},}}" if "%" in wildcards else f".{{{letters}}}"


def check_length(filter_text: str) -> None:
    """Check that a filter is not longer than allowed."""
    if len(filter_text) > LONGEST:
        raise AnswerError(N_("the filter is longer than {count} characters"), count=LONGEST)


def negate(sql: str, *, is_denied: bool = True) -> str:
    """Negate a condition if `is_denied`."""
    return f"(NOT {sql})" if is_denied else sql


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
