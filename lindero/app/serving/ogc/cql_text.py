"""
Filters in CQL2's text as conditions.

Of CQL2: comparisons, `IN`, `BETWEEN`, `LIKE`, `IS NULL`, `AND`, `OR`, `NOT`, `CASEI`, and `S_INTERSECTS` with the
geometry.

No library parses it, because what a stranger sends must not stop the server. `cql2` 0.6.0 takes twice as long for each
further open bracket (20 take a second) and overflows the stack of the process at 3,000. `pygeofilter` 0.4.0 refuses
`NOT NOT` and a quote within a text, and brings six packages.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, NoReturn, TypeVar

import shapely
from shapely.geometry import GeometryCollection, shape
from shapely.geometry.base import BaseGeometry

from lindero.layers.database.queries.condition import (
    COMPARED,
    DEEPEST,
    GEOMETRY,
    Condition,
    Value,
    Writer,
    box,
    hold_short,
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
_NESTED = 3  # brackets within those of a shape
_MISREAD = (ValueError, TypeError, LookupError, AttributeError, RecursionError, shapely.errors.ShapelyError)

Read = TypeVar("Read")


def read_text(written: str, writer: Writer) -> Condition:
    """
    Read a filter in CQL2's text.

    Raises
    ------
    AnswerError
        If it is none, asks for what is not offered, or is too long or too deep.
    """
    hold_short(written)
    reader = _Reader(written, writer)
    sql = reader.either(0)
    reader.end()
    return Condition(sql, writer.parameters)


class _Token(NamedTuple):
    kind: str
    text: str
    begin: int


class _Reader:
    """Reads a filter's text from left to right, and has the writer write what it reads."""

    def __init__(self, written: str, writer: Writer) -> None:
        self.written, self.writer, self.at = written, writer, 0

    def either(self, depth: int) -> str:
        """Read conditions joined by OR."""
        if depth > DEEPEST:
            self._fail()
        parts = [self._both(depth)]
        while self._takes("OR"):
            parts.append(self._both(depth))
        return f"({' OR '.join(parts)})"

    def end(self) -> None:
        """Hold that nothing is left."""
        if self.written[self.at :].strip():
            self._fail()

    def _both(self, depth: int) -> str:
        parts = [self._one(depth)]
        while self._takes("AND"):
            parts.append(self._one(depth))
        return f"({' AND '.join(parts)})"

    def _one(self, depth: int) -> str:
        if self._takes("NOT"):
            return negate(self._one(depth + 1)) if depth < DEEPEST else self._fail()
        if self._takes("("):
            inside = self.either(depth + 1)
            self._need(")")
            return inside
        if self._takes("S_INTERSECTS"):
            return self._meets()
        return self._of_column()

    def _meets(self) -> str:
        self._need("(")
        if self._name() != GEOMETRY:
            self._fail()
        self._need(",")
        drawn = self._shape()
        self._need(")")
        return self.writer.meets(drawn)

    def _of_column(self) -> str:
        folded = self._takes("CASEI")
        if folded:
            self._need("(")
        name = self._name()
        if folded:
            self._need(")")
        if self._takes("IS"):
            is_denied = self._takes("NOT")
            self._need("NULL")
            return negate(self.writer.nothing(name), is_denied=is_denied)
        is_denied = self._takes("NOT")
        if self._takes("LIKE"):
            return negate(self.writer.like(name, self._value(), folded=folded), is_denied=is_denied)
        if self._takes("IN"):
            return negate(self._among(name), is_denied=is_denied)
        if self._takes("BETWEEN"):
            low = self._value()
            self._need("AND")
            return negate(self.writer.between(name, low, self._value()), is_denied=is_denied)
        token = self._next()
        if is_denied or token.text not in COMPARED:
            self._fail()
        return self.writer.compare(name, token.text, self._value(), folded=folded)

    def _among(self, name: str) -> str:
        self._need("(")
        return self.writer.among(name, self._listed(self._value))

    def _name(self) -> str:
        token = self._next()
        if token.kind not in {"word", "quoted"}:
            self._fail()
        return token.text.strip('"')

    def _value(self) -> Value:
        token = self._next()
        match token.kind, token.text.upper():
            case "text", _:
                return token.text[1:-1].replace("''", "'")
            case "number", _:
                return float(token.text)
            case "word", "TRUE" | "FALSE" as truth:
                return truth == "TRUE"
            case "word", "DATE" | "TIMESTAMP" | "CASEI":
                self._need("(")
                inside = self._value()
                self._need(")")
                return inside
        return self._fail()

    def _shape(self, depth: int = 0) -> BaseGeometry:
        """Read a shape in well-known text, or a box."""
        kind = self._next().text.upper()
        for ordinates in ("Z", "M", "ZM"):
            self._takes(ordinates)
        try:
            if kind == "GEOMETRYCOLLECTION" and depth < DEEPEST:
                self._need("(")
                return GeometryCollection(self._listed(lambda: self._shape(depth + 1)))
            if kind == "BBOX":
                return box(self._ordinates())
            return self._drawn(_SHAPES[kind], self._positions(0))
        except _MISREAD:
            self._fail()

    def _drawn(self, kind: str, positions: Any) -> BaseGeometry:
        if kind == "Point":
            (positions,) = positions
        if kind == "MultiPoint":  # each position may stand in brackets
            positions = [one[0] if isinstance(one[0], list) else one for one in positions]
        drawn: BaseGeometry = shape({"type": kind, "coordinates": positions})
        return drawn

    def _positions(self, depth: int) -> list[Any]:
        """Read positions in brackets, or lists of them."""
        if depth > _NESTED:
            self._fail()
        self._need("(")
        return self._listed(lambda: self._positions(depth + 1) if self._is_next("(") else self._position())

    def _position(self) -> list[float]:
        numbers = []
        while (found := _TOKEN.match(self.written, self.at)) is not None and found.lastgroup == "number":
            numbers.append(float(self._next().text))
        return numbers if len(numbers) > 1 else self._fail()

    def _ordinates(self) -> list[float]:
        self._need("(")
        return self._listed(lambda: float(self._next().text))

    def _listed(self, read: Callable[[], Read]) -> list[Read]:
        """Read what commas part, up to the bracket that closes it."""
        items = [read()]
        while self._takes(","):
            items.append(read())
        self._need(")")
        return items

    def _next(self) -> _Token:
        found = _TOKEN.match(self.written, self.at)
        if found is None or found.lastgroup is None:
            self._fail()
        self.at = found.end()
        return _Token(found.lastgroup, found[found.lastgroup], found.start(found.lastgroup))

    def _takes(self, word: str) -> bool:
        """Go past a word or sign if it comes next."""
        if is_next := self._is_next(word):
            self._next()
        return is_next

    def _is_next(self, word: str) -> bool:
        found = _TOKEN.match(self.written, self.at)
        kind = found.lastgroup if found is not None else None
        return found is not None and kind in {"word", "sign"} and found[kind].upper() == word

    def _need(self, word: str) -> None:
        if not self._takes(word):
            self._fail()

    def _fail(self) -> NoReturn:
        raise AnswerError(N_("the filter is not understood at character {at}; docs/ogc.md says what is"), at=self.at)


# Filters in CQL2's JSON as conditions: the same part of CQL2 as its text (`app.serving.ogc.cql_text`).


def read_json(written: str, writer: Writer) -> Condition:
    """
    Read a filter in CQL2's JSON.

    Raises
    ------
    AnswerError
        If it is none, asks for what is not offered, or is too long or too deep.
    """
    hold_short(written)
    try:
        return Condition(_condition(json.loads(written), writer, 0), writer.parameters)
    except _MISREAD as error:
        raise AnswerError(N_("the filter is not understood; docs/ogc.md says what is")) from error


def _condition(document: Any, writer: Writer, depth: int) -> str:
    if depth > DEEPEST:
        raise ValueError(depth)
    operator, args = document["op"].lower(), document["args"]
    if operator in {"and", "or"}:
        if not args:
            raise ValueError(document)
        return f"({f' {operator.upper()} '.join(_condition(one, writer, depth + 1) for one in args)})"
    if operator == "not":
        (only,) = args
        return negate(_condition(only, writer, depth + 1))
    if operator == "s_intersects":
        of, drawn = args
        if of["property"] != GEOMETRY:
            raise ValueError(of)
        return writer.meets(_shape(drawn))
    return _of_column(operator, args, writer)


def _of_column(operator: str, args: Any, writer: Writer) -> str:
    name, folded = _name(args[0])
    match operator:
        case "isnull":
            (_only,) = args
            return writer.nothing(name)
        case "like":
            return writer.like(name, _value(args[1]), folded=folded)
        case "in":
            return writer.among(name, [_value(one) for one in args[1]])
        case "between":
            _of, low, high = args
            return writer.between(name, _value(low), _value(high))
    _of, value = args
    if operator not in COMPARED:
        raise ValueError(operator)
    return writer.compare(name, operator, _value(value), folded=folded)


def _name(document: Mapping[str, Any]) -> tuple[str, bool]:
    """Give the name of a property, and whether capitals are taken no notice of."""
    if str(document.get("op", "")).lower() == "casei":
        return str(document["args"][0]["property"]), True
    return str(document["property"]), False


def _value(document: Any) -> Value:
    if isinstance(document, Mapping):
        if "op" in document:
            return _value(document["args"][0])
        return str(document.get("date") or document["timestamp"])
    if not isinstance(document, str | int | float):
        raise TypeError(document)
    return document


def _shape(document: Mapping[str, Any]) -> BaseGeometry:
    if "bbox" in document:
        return box([float(one) for one in document["bbox"]])
    drawn: BaseGeometry = shape(dict(document))
    return drawn
