"""
What a filter asks, as a condition in SQL.

Only columns that are offered are asked for, and what a filter compares them with is always a parameter.
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
DEEPEST = 30  # brackets within brackets
COMPARED = {"=": "=", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
Value = str | float | bool
_HALF_CHARACTER = re.compile(r"[\ud800-\udfff]")
_CORNERS = 4  # numbers of a box
_PART = re.compile(r"(?P<wild>[%_]+)|(?:\\(?P<escaped>.)|(?P<letter>[^\\%_]))", re.DOTALL)  # of the pattern of a LIKE
_LAST_DAY = """CASE date_precision WHEN 'day' THEN occurred_on WHEN 'month' THEN last_day(occurred_on)
               ELSE make_date(year(occurred_on)::INTEGER, 12, 31) END"""  # that something may have happened


@dataclass(frozen=True)
class Condition:
    """A condition in SQL, and the values of its parameters."""

    sql: str = "true"
    parameters: Mapping[str, object] = field(default_factory=dict)


@dataclass
class Writer:
    """
    Writes conditions on columns of known types.

    `to_degrees` gives a shape of the filter in OGC:CRS84, the reference system of the table.
    """

    types: Mapping[str, str]
    to_degrees: Callable[[BaseGeometry], BaseGeometry] = lambda drawn: drawn
    parameters: dict[str, object] = field(default_factory=dict)

    def column(self, name: str) -> str:
        """Give a column that is offered as SQL."""
        if name not in self.types:
            raise AnswerError(
                N_("{name} cannot be asked for here; these can: {known}"), name=name, known=", ".join(self.types)
            )
        return f'"{name}"'

    def compare(self, name: str, sign: str, value: Value, *, folded: bool = False) -> str:
        """Compare a column with a value; `folded` takes no notice of capitals."""
        if folded:
            return f"lower({self.column(name)}) {COMPARED[sign]} lower({self._text(name, value)})"
        return f"{self.column(name)} {COMPARED[sign]} {self._typed(name, value)}"

    def among(self, name: str, values: Sequence[Value]) -> str:
        """Return the condition that a column equals one of `values`."""
        if not values:
            raise AnswerError(N_("IN needs at least one value"))
        return f"{self.column(name)} IN ({', '.join(self._typed(name, value) for value in values)})"

    def between(self, name: str, low: Value, high: Value) -> str:
        """Tell whether a column lies between two values, or is one of them."""
        return f"{self.column(name)} BETWEEN {self._typed(name, low)} AND {self._typed(name, high)}"

    def like(self, name: str, pattern: Value, *, folded: bool = False) -> str:
        r"""
        Return the condition that a text matches `pattern`: `%` is any letters, `_` one, `\` escapes either.

        DuckDB's own LIKE backtracks: one pattern such as `%_%_%_%~` can take hours. Its regular expressions do not.
        """
        column, expression = self.column(name), self._text(name, _expression(pattern))
        return f"regexp_full_match({column}, {expression}, '{'si' if folded else 's'}')"

    def nothing(self, name: str) -> str:
        """Tell whether a column holds nothing."""
        return f"{self.column(name)} IS NULL"

    def during(self, begin: str, since: dt.date | None, until: dt.date | None) -> str:
        """Tell whether what is dated lies within days, both of them included; what has no date does."""
        last = _LAST_DAY if "date_precision" in self.types else self.column(begin)
        after = f"{last} >= {self._put(since)}" if since else "true"
        before = f"{self.column(begin)} <= {self._put(until)}" if until else "true"
        return f"({self.column(begin)} IS NULL OR ({after} AND {before}))"

    def meets(self, drawn: BaseGeometry) -> str:
        """Tell whether the geometry meets a shape."""
        try:
            west, south, east, north = (placed := self.to_degrees(drawn)).bounds
            is_place = bool(shapely.is_valid(placed)) and all(map(math.isfinite, (west, south, east, north)))
        except (ValueError, shapely.errors.GEOSException):
            is_place = False
        if not is_place:
            raise AnswerError(N_("the shape of the filter is none that lies on the Earth, or crosses itself"))
        box = f"xmax >= {self._put(west)} AND xmin <= {self._put(east)}"
        box += f" AND ymax >= {self._put(south)} AND ymin <= {self._put(north)}"
        return f"({box} AND ST_Intersects(geometry, ST_GeomFromWKB({self._put(shapely.to_wkb(placed))})))"

    def _put(self, value: object) -> str:
        name = f"f{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"

    def _text(self, name: str, value: Value) -> str:
        if self.types.get(name, "VARCHAR") != "VARCHAR" or not _is_text(value):
            raise AnswerError(N_("{name} is no text, or {value} is none"), name=name, value=value)
        return self._put(value)

    def _typed(self, name: str, value: Value) -> str:
        """Put a value as one of the column's type, so that no text is taken for a day or a number unseen."""
        kind = self.types.get(name, "VARCHAR")
        try:
            read = _READ[kind](value)
        except (ValueError, TypeError, OverflowError) as error:
            raise AnswerError(N_("{value} is no value that {name} can have"), value=value, name=name) from error
        return self._put(read)


def _expression(pattern: Value) -> Value:
    """
    Convert the pattern of a LIKE to a regular expression.

    Raises
    ------
    AnswerError
        If the pattern is too long, or ends with a backslash that escapes nothing.
    """
    if not isinstance(pattern, str):
        return pattern  # which is refused with the name of its column
    if len(pattern) > LONGEST_PATTERN:
        raise AnswerError(N_("the pattern of LIKE is longer than {count} characters"), count=LONGEST_PATTERN)
    parts = [*_PART.finditer(pattern)]
    if sum(len(part[0]) for part in parts) < len(pattern):
        raise AnswerError(N_("the pattern of LIKE ends with a backslash that escapes nothing"))
    return "".join(_wildcard(part["wild"]) if part["wild"] else re.escape(part["escaped"] or part[0]) for part in parts)


def _wildcard(written: str) -> str:
    """Convert a run of `%` and `_`: together they stand for at least, or exactly, so many letters."""
    letters = len(written.replace("%", ""))
    return f".{{{letters},}}" if "%" in written else f".{{{letters}}}"


def hold_short(written: str) -> None:
    """Hold that a filter is no longer than it may be."""
    if len(written) > LONGEST:
        raise AnswerError(N_("the filter is longer than {count} characters"), count=LONGEST)


def negate(sql: str, *, is_denied: bool = True) -> str:
    """Turn a condition round, if it is denied."""
    return f"(NOT {sql})" if is_denied else sql


def box(numbers: Sequence[float]) -> BaseGeometry:
    """
    Give the box of west, south, east and north; of a west beyond the east, the two at the edges of the map.

    Raises
    ------
    ValueError
        If these are no four numbers of a box.
    """
    if len(numbers) != _CORNERS or not all(map(math.isfinite, numbers)) or numbers[1] > numbers[3]:
        raise ValueError(numbers)
    west, south, east, north = numbers
    if west > east:
        return shapely.union_all([shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)])
    return shapely.MultiPoint([(west, south), (east, north)]).envelope  # a point where all are one


def _day(value: Value) -> dt.date:
    return dt.date.fromisoformat(str(value)[:10])


def _number(value: Value) -> float:
    if isinstance(value, bool) or not math.isfinite(read := float(value)):
        raise ValueError(value)
    return read


def _truth(value: Value) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _is_text(value: Value) -> bool:
    """Return whether a value is a text that the database can take: JSON may hold half a character."""
    return isinstance(value, str) and not _HALF_CHARACTER.search(value)


def _word(value: Value) -> str:
    if not _is_text(value):
        raise TypeError(value)
    return str(value)


_READ: dict[str, Callable[[Value], object]] = {
    "DATE": _day,
    "DOUBLE": _number,
    "INTEGER": _number,
    "BOOLEAN": _truth,
    "VARCHAR": _word,
}
