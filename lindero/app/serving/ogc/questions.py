"""Parsing and validation of the request parameters of `/ogc`."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from lindero.app.serving.ogc.contents import Collection
from lindero.geo.geometry.crs import DEGREES, LATITUDE_FIRST, WEB_MERCATOR
from lindero.layers.database.queries.condition import Condition, ConditionWriter, build_box
from lindero.layers.errors import N_, AnswerError

COUNT, MOST = 100, 2_000  # features of a page: by default, and at most
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
SYSTEMS = {
    CRS84: DEGREES,
    "http://www.opengis.net/def/crs/EPSG/0/4326": LATITUDE_FIRST,
    "http://www.opengis.net/def/crs/EPSG/0/3857": WEB_MERCATOR,
}
"""Reference systems that positions are asked for and given in, by the address that OGC names them with."""

PAGE_PARAMETERS = ("f", "limit", "offset", "bbox", "bbox-crs", "crs", "datetime")
_BOX_3D_NUMBERS = 6  # numbers of a box with heights


@dataclass(frozen=True)
class PageRequest:
    """A requested page of features."""

    where: Condition
    count: int
    after: int
    crs: str


def parse_page_request(parameters: Mapping[str, str], collection: Collection) -> PageRequest:
    """Parse the parameters of a request for a page of features."""
    check_parameters(parameters, [*PAGE_PARAMETERS, *collection.columns])
    writer = ConditionWriter(collection.columns)
    tests = []
    if text := parameters.get("bbox"):
        tests.append(writer.match_geometry(to_crs84(_parse_box(text), crs=parse_crs(parameters, "bbox-crs"))))
    tests += [_equality_condition(writer, name, parameters[name]) for name in collection.columns if name in parameters]
    if (text := parameters.get("datetime")) is not None:
        since, until = _parse_interval(text)
        tests += [writer.match_dates(collection.time, since, until)] if collection.time else []
    count = _parse_integer(parameters, "limit", COUNT, least=1)
    return PageRequest(
        Condition(" AND ".join(tests) or "true", writer.parameters),
        min(count, MOST),
        _parse_integer(parameters, "offset", 0, least=0),
        parse_crs(parameters),
    )


def check_parameters(parameters: Mapping[str, str], allowed: list[str]) -> None:
    """Check that all parameters are known. Ignoring one would answer another query."""
    if unknown := sorted(parameters.keys() - set(allowed)):
        raise AnswerError(
            N_("'{name}' cannot be used here; these can: {known}"), name=unknown[0], known=", ".join(allowed)
        )
    if parameters.get("f", "json") != "json":
        raise AnswerError(N_("'{value}' is not a valid value of {name}"), value=parameters["f"], name="f")


def to_crs84(geometry: BaseGeometry, *, crs: str) -> BaseGeometry:
    """Transform a geometry from a CRS, given by its address, to OGC:CRS84."""
    transformed: BaseGeometry = _transform(geometry, SYSTEMS[crs], DEGREES)
    return transformed


def transform_crs84(shapes: np.ndarray, crs: str) -> np.ndarray:
    """Transform geometries from OGC:CRS84 to a CRS, given by its address, in the axis order of that CRS."""
    transformed: np.ndarray = _transform(shapes, DEGREES, SYSTEMS[crs])
    return transformed


def _transform(geometry: Any, old: str, new: str) -> Any:
    """Transform coordinates in the axis order of each CRS."""
    if old == new:
        return geometry
    transformer = pyproj.Transformer.from_crs(old, new)
    return shapely.transform(
        geometry, lambda coordinates: np.column_stack(transformer.transform(coordinates[:, 0], coordinates[:, 1]))
    )


def parse_crs(parameters: Mapping[str, str], name: str = "crs") -> str:
    """Return the address of the CRS in a parameter. `crs` is the CRS of the response."""
    address = parameters.get(name, CRS84)
    if address not in SYSTEMS:
        raise AnswerError(N_("'{value}' is not a valid value of {name}"), value=address, name=name)
    return address


def _parse_box(text: str) -> BaseGeometry:
    try:
        numbers = [float(part) for part in text.split(",")]
        return build_box([*numbers[:2], *numbers[3:5]] if len(numbers) == _BOX_3D_NUMBERS else numbers)
    except ValueError as error:
        raise AnswerError(N_("'{value}' is not a valid value of {name}"), value=text, name="bbox") from error


def _equality_condition(writer: ConditionWriter, name: str, text: str) -> str:
    kind = writer.types[name]
    if kind == "BOOLEAN":
        if text not in {"true", "false"}:
            raise AnswerError(N_("'{value}' is not a valid value of {name}"), value=text, name=name)
        return writer.match_value(name, text == "true")
    return writer.match_value(name, text)


def _parse_interval(text: str) -> tuple[dt.date | None, dt.date | None]:
    """Parse a date or an interval of dates, with either end possibly open."""
    begin, _sign, end = text.partition("/") if "/" in text else (text, "", text)
    try:
        since, until = _parse_end(begin), _parse_end(end)
    except ValueError as error:
        raise AnswerError(N_("'{value}' is not a valid value of {name}"), value=text, name="datetime") from error
    if (since and until and since > until) or since is until is None:
        raise AnswerError(N_("'{value}' is not a valid value of {name}"), value=text, name="datetime")
    return since, until


def _parse_end(text: str) -> dt.date | None:
    return None if text in {"", ".."} else dt.datetime.fromisoformat(text).date()


def _parse_integer(parameters: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    text = parameters.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= least):  # noqa: PLR2004
        raise AnswerError(N_("'{value}' is not a valid value of {name}"), value=text, name=name)
    return int(text)
