"""Filters in CQL2's JSON as conditions: the same part of CQL2 as its text (`layers.features.cql_text`)."""

import json
from collections.abc import Mapping
from typing import Any

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from lindero.layers.errors import N_, AnswerError
from lindero.layers.features.condition import (
    COMPARED,
    DEEPEST,
    GEOMETRY,
    Condition,
    Value,
    Writer,
    box,
    denied,
    hold_short,
)

_MISREAD = (ValueError, TypeError, LookupError, AttributeError, RecursionError, shapely.errors.ShapelyError)


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
        return Condition(_condition(json.loads(written), writer, 0), writer.given)
    except _MISREAD as error:
        raise AnswerError(N_("the filter is not understood; docs/ogc.md says what is")) from error


def _condition(told: Any, writer: Writer, depth: int) -> str:
    if depth > DEEPEST:
        raise ValueError(depth)
    operator, args = told["op"].lower(), told["args"]
    if operator in {"and", "or"}:
        if not args:
            raise ValueError(told)
        return f"({f' {operator.upper()} '.join(_condition(one, writer, depth + 1) for one in args)})"
    if operator == "not":
        (only,) = args
        return denied(_condition(only, writer, depth + 1))
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


def _name(told: Mapping[str, Any]) -> tuple[str, bool]:
    """Give the name of a property, and whether capitals are taken no notice of."""
    if str(told.get("op", "")).lower() == "casei":
        return str(told["args"][0]["property"]), True
    return str(told["property"]), False


def _value(told: Any) -> Value:
    if isinstance(told, Mapping):
        if "op" in told:
            return _value(told["args"][0])
        return str(told.get("date") or told["timestamp"])
    if not isinstance(told, str | int | float):
        raise TypeError(told)
    return told


def _shape(told: Mapping[str, Any]) -> BaseGeometry:
    if "bbox" in told:
        return box([float(one) for one in told["bbox"]])
    drawn: BaseGeometry = shape(dict(told))
    return drawn
