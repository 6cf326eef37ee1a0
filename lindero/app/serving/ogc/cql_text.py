"""Parsers of CQL2 filters, as text and as JSON.

The supported part of CQL2 is: comparisons, `IN`, `BETWEEN`, `LIKE`, `IS NULL`, `AND`, `OR`, `NOT`, `CASEI`, and
`S_INTERSECTS` with the geometry.

No library is used, because foreign input must not stop the server. `cql2` 0.6.0 takes twice as long for each further
open bracket (20 take a second), and overflows the stack of the process at 3,000. `pygeofilter` 0.4.0 refuses `NOT NOT`
and a quote within a text, and depends on six packages.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, NoReturn, TypeVar

import shapely
from shapely.geometry import GeometryCollection, shape
from shapely.geometry.base import BaseGeometry

from lindero.layers.database.queries.condition import (
    COMPARISONS,
    DEEPEST,
    GEOMETRY,
    Condition,
    ConditionWriter,
    Value,
    build_box,
    check_length,
    negate,
)
from lindero.layers.errors import N_, AnswerError

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>'(?:[^']|'')*') | (?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)
    | (?P<quoted>"[^"]+") | (?P<word>[A-Za-z_]\w*) | (?P<sign><>|<=|>=|[=<>(),])
    )""",
    re.VERBOSE,
)
_SHAPES = {
    name.upper(): name for name in ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")
}
_MAX_NESTED_BRACKETS = 3  # brackets inside those of a geometry, at most
_PARSE_ERRORS = (ValueError, TypeError, LookupError, AttributeError, RecursionError, shapely.errors.ShapelyError)

Parsed = TypeVar("Parsed")


def parse_cql_text(text: str, writer: ConditionWriter) -> Condition:
    """Parse a filter in the text form of CQL2."""
    check_length(text)
    reader = _Parser(text, writer)
    sql = reader.parse_disjunction(0)
    reader.expect_end()
    return Condition(sql, writer.parameters)


class _Token(NamedTuple):
    kind: str
    text: str
    begin: int


class _Parser:
    """A recursive-descent parser of a filter's text. The condition writer builds the SQL."""

    def __init__(self, written: str, writer: ConditionWriter) -> None:
        self.written, self.writer, self.at = written, writer, 0

    def parse_disjunction(self, depth: int) -> str:
        """Parse conditions joined by OR."""
        if depth > DEEPEST:
            self._fail()
        parts = [self._parse_conjunction(depth)]
        while self._accept("OR"):
            parts.append(self._parse_conjunction(depth))
        return f"({' OR '.join(parts)})"

    def expect_end(self) -> None:
        """Check that nothing is left."""
        if self.written[self.at :].strip():
            self._fail()

    def _parse_conjunction(self, depth: int) -> str:
        parts = [self._parse_condition(depth)]
        while self._accept("AND"):
            parts.append(self._parse_condition(depth))
        return f"({' AND '.join(parts)})"

    def _parse_condition(self, depth: int) -> str:
        if self._accept("NOT"):
            return negate(self._parse_condition(depth + 1)) if depth < DEEPEST else self._fail()
        if self._accept("("):
            inside = self.parse_disjunction(depth + 1)
            self._expect(")")
            return inside
        if self._accept("S_INTERSECTS"):
            return self._parse_intersects()
        return self._parse_comparison()

    def _parse_intersects(self) -> str:
        self._expect("(")
        if self._parse_name() != GEOMETRY:
            self._fail()
        self._expect(",")
        geometry = self._parse_geometry()
        self._expect(")")
        return self.writer.match_geometry(geometry)

    def _parse_comparison(self) -> str:
        folded = self._accept("CASEI")
        if folded:
            self._expect("(")
        name = self._parse_name()
        if folded:
            self._expect(")")
        if self._accept("IS"):
            is_denied = self._accept("NOT")
            self._expect("NULL")
            return negate(self.writer.match_null(name), is_denied=is_denied)
        is_denied = self._accept("NOT")
        if self._accept("LIKE"):
            return negate(self.writer.match_pattern(name, self._parse_value(), folded=folded), is_denied=is_denied)
        if self._accept("IN"):
            return negate(self._parse_in_list(name), is_denied=is_denied)
        if self._accept("BETWEEN"):
            low = self._parse_value()
            self._expect("AND")
            return negate(self.writer.match_range(name, low, self._parse_value()), is_denied=is_denied)
        token = self._next_token()
        if is_denied or token.text not in COMPARISONS:
            self._fail()
        return self.writer.compare(name, token.text, self._parse_value(), folded=folded)

    def _parse_in_list(self, name: str) -> str:
        self._expect("(")
        return self.writer.match_any(name, self._parse_list(self._parse_value))

    def _parse_name(self) -> str:
        token = self._next_token()
        if token.kind not in {"word", "quoted"}:
            self._fail()
        return token.text.strip('"')

    def _parse_value(self) -> Value:
        token = self._next_token()
        match token.kind, token.text.upper():
            case "text", _:
                return token.text[1:-1].replace("''", "'")
            case "number", _:
                return float(token.text)
            case "word", "TRUE" | "FALSE" as truth:
                return truth == "TRUE"
            case "word", "DATE" | "TIMESTAMP" | "CASEI":
                self._expect("(")
                inside = self._parse_value()
                self._expect(")")
                return inside
        return self._fail()

    def _parse_geometry(self, depth: int = 0) -> BaseGeometry:
        """Parse a geometry in well-known text, or a bounding box."""
        kind = self._next_token().text.upper()
        for ordinates in ("Z", "M", "ZM"):
            self._accept(ordinates)
        try:
            if kind == "GEOMETRYCOLLECTION" and depth < DEEPEST:
                self._expect("(")
                return GeometryCollection(self._parse_list(lambda: self._parse_geometry(depth + 1)))
            if kind == "BBOX":
                return build_box(self._parse_ordinates())
            return self._build_geometry(_SHAPES[kind], self._parse_positions(0))
        except _PARSE_ERRORS:
            self._fail()

    def _build_geometry(self, kind: str, positions: Any) -> BaseGeometry:
        if kind == "Point":
            (positions,) = positions
        if kind == "MultiPoint":  # each position may be in brackets
            positions = [position[0] if isinstance(position[0], list) else position for position in positions]
        geometry: BaseGeometry = shape({"type": kind, "coordinates": positions})
        return geometry

    def _parse_positions(self, depth: int) -> list[Any]:
        """Parse positions in brackets, or nested lists of them."""
        if depth > _MAX_NESTED_BRACKETS:
            self._fail()
        self._expect("(")
        return self._parse_list(
            lambda: self._parse_positions(depth + 1) if self._is_next("(") else self._parse_position()
        )

    def _parse_position(self) -> list[float]:
        numbers = []
        while (match := _TOKEN.match(self.written, self.at)) is not None and match.lastgroup == "number":
            numbers.append(float(self._next_token().text))
        return numbers if len(numbers) > 1 else self._fail()

    def _parse_ordinates(self) -> list[float]:
        self._expect("(")
        return self._parse_list(lambda: float(self._next_token().text))

    def _parse_list(self, read: Callable[[], Parsed]) -> list[Parsed]:
        """Parse items separated by commas, up to the closing bracket."""
        items = [read()]
        while self._accept(","):
            items.append(read())
        self._expect(")")
        return items

    def _next_token(self) -> _Token:
        match = _TOKEN.match(self.written, self.at)
        if match is None or match.lastgroup is None:
            self._fail()
        self.at = match.end()
        return _Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup))

    def _accept(self, word: str) -> bool:
        """Skip a word or sign if it comes next. Return whether it did."""
        if is_next := self._is_next(word):
            self._next_token()
        return is_next

    def _is_next(self, word: str) -> bool:
        match = _TOKEN.match(self.written, self.at)
        kind = match.lastgroup if match is not None else None
        return match is not None and kind in {"word", "sign"} and match[kind].upper() == word

    def _expect(self, word: str) -> None:
        if not self._accept(word):
            self._fail()

    def _fail(self) -> NoReturn:
        raise AnswerError(
            N_("the filter could not be parsed at character {at}; docs/ogc.md describes the syntax"), at=self.at
        )


# Filters in CQL2's JSON form as conditions: the same part of CQL2 as in `app.serving.ogc.cql_text`.


def parse_cql_json(text: str, writer: ConditionWriter) -> Condition:
    """Parse a filter in the JSON form of CQL2."""
    check_length(text)
    try:
        return Condition(_convert_condition(json.loads(text), writer, 0), writer.parameters)
    except _PARSE_ERRORS as error:
        raise AnswerError(N_("the filter could not be parsed; docs/ogc.md describes the syntax")) from error


def _convert_condition(document: Any, writer: ConditionWriter, depth: int) -> str:
    if depth > DEEPEST:
        raise ValueError(depth)
    operator, args = document["op"].lower(), document["args"]
    if operator in {"and", "or"}:
        if not args:
            raise ValueError(document)
        return f"({f' {operator.upper()} '.join(_convert_condition(argument, writer, depth + 1) for argument in args)})"
    if operator == "not":
        (only,) = args
        return negate(_convert_condition(only, writer, depth + 1))
    if operator == "s_intersects":
        prop, geometry = args
        if prop["property"] != GEOMETRY:
            raise ValueError(prop)
        return writer.match_geometry(_convert_geometry(geometry))
    return _convert_comparison(operator, args, writer)


def _convert_comparison(operator: str, args: Any, writer: ConditionWriter) -> str:
    name, folded = _parse_property(args[0])
    match operator:
        case "isnull":
            (_only,) = args
            return writer.match_null(name)
        case "like":
            return writer.match_pattern(name, _convert_value(args[1]), folded=folded)
        case "in":
            return writer.match_any(name, [_convert_value(item) for item in args[1]])
        case "between":
            _prop, low, high = args
            return writer.match_range(name, _convert_value(low), _convert_value(high))
    _prop, value = args
    if operator not in COMPARISONS:
        raise ValueError(operator)
    return writer.compare(name, operator, _convert_value(value), folded=folded)


def _parse_property(document: Mapping[str, Any]) -> tuple[str, bool]:
    """Return the name of a property, and whether case is ignored (CASEI)."""
    if str(document.get("op", "")).lower() == "casei":
        return str(document["args"][0]["property"]), True
    return str(document["property"]), False


def _convert_value(document: Any) -> Value:
    if isinstance(document, Mapping):
        if "op" in document:
            return _convert_value(document["args"][0])
        return str(document.get("date") or document["timestamp"])
    if not isinstance(document, str | int | float):
        raise TypeError(document)
    return document


def _convert_geometry(document: Mapping[str, Any]) -> BaseGeometry:
    if "bbox" in document:
        return build_box([float(number) for number in document["bbox"]])
    geometry: BaseGeometry = shape(dict(document))
    return geometry
