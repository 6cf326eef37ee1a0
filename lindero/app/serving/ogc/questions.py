"""What somebody asks `/ogc` for: the parameters of an address, read and held to what there is."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from lindero.app.serving.ogc.contents import Collection
from lindero.app.serving.ogc.cql_text import read_json, read_text
from lindero.geo.geometry.crs import DEGREES, LATITUDE_FIRST, WEB_MERCATOR
from lindero.layers.database.queries.condition import Condition, Writer, box
from lindero.layers.errors import N_, AnswerError

COUNT, MOST = 100, 2_000  # features of a page: if nobody says, and at most
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
SYSTEMS = {
    CRS84: DEGREES,
    "http://www.opengis.net/def/crs/EPSG/0/4326": LATITUDE_FIRST,
    "http://www.opengis.net/def/crs/EPSG/0/3857": WEB_MERCATOR,
}
"""Reference systems that positions are asked for and given in, by the address that OGC names them with."""

LANGUAGES = {"cql2-text": read_text, "cql2-json": read_json}
OF_PAGES = ("f", "limit", "offset", "bbox", "bbox-crs", "crs", "datetime", "filter", "filter-lang", "filter-crs")
_WITH_HEIGHTS = 6  # numbers of a box


@dataclass(frozen=True)
class Question:
    """A page of features that is asked for."""

    where: Condition
    count: int
    after: int
    crs: str


def question(parameters: Mapping[str, str], collection: Collection) -> Question:
    """
    Read the parameters of a page of features.

    Raises
    ------
    AnswerError
        If one of them is unknown, or is not understood.
    """
    hold_known(parameters, [*OF_PAGES, *collection.columns])
    values: dict[str, object] = {}
    tests = []
    if written := parameters.get("bbox"):
        placed = Writer(collection.columns, partial(in_degrees, crs=crs_of(parameters, "bbox-crs")), values)
        tests.append(placed.meets(_box(written)))
    writer = Writer(collection.columns, partial(in_degrees, crs=crs_of(parameters, "filter-crs")), values)
    tests += [_equal(writer, name, parameters[name]) for name in collection.columns if name in parameters]
    if (written := parameters.get("datetime")) is not None:
        since, until = _days(written)
        tests += [writer.during(collection.time, since, until)] if collection.time else []
    if (written := parameters.get("filter")) is not None:
        tests.append(_filtered(parameters.get("filter-lang", "cql2-text"), written, writer))
    count = _whole(parameters, "limit", COUNT, least=1)
    return Question(
        Condition(" AND ".join(tests) or "true", values),
        min(count, MOST),
        _whole(parameters, "offset", 0, least=0),
        crs_of(parameters),
    )


def hold_known(parameters: Mapping[str, str], allowed: list[str]) -> None:
    """
    Hold that only parameters are given that are understood: one overlooked would answer another question.

    Raises
    ------
    AnswerError
        If there is another.
    """
    if unknown := sorted(parameters.keys() - set(allowed)):
        raise AnswerError(
            N_("{name} cannot be asked for here; these can: {known}"), name=unknown[0], known=", ".join(allowed)
        )
    if parameters.get("f", "json") != "json":
        raise AnswerError(N_("{value} is no value that {name} can have"), value=parameters["f"], name="f")


def in_degrees(drawn: BaseGeometry, *, crs: str) -> BaseGeometry:
    """Give a shape of a reference system, by its address, in OGC:CRS84."""
    placed: BaseGeometry = _moved(drawn, SYSTEMS[crs], DEGREES)
    return placed


def in_system(shapes: np.ndarray, crs: str) -> np.ndarray:
    """Give shapes in OGC:CRS84 in a reference system, by its address, axes in its own order."""
    moved: np.ndarray = _moved(shapes, DEGREES, SYSTEMS[crs])
    return moved


def _moved(drawn: Any, old: str, new: str) -> Any:
    """Transform coordinates, in the order that each system says itself."""
    if old == new:
        return drawn
    transformer = pyproj.Transformer.from_crs(old, new)
    return shapely.transform(drawn, lambda at: np.column_stack(transformer.transform(at[:, 0], at[:, 1])))


def crs_of(parameters: Mapping[str, str], name: str = "crs") -> str:
    """
    Give the reference system, by its address, that a parameter names: `crs` that of the positions asked for.

    Raises
    ------
    AnswerError
        If it is not offered.
    """
    named = parameters.get(name, CRS84)
    if named not in SYSTEMS:
        raise AnswerError(N_("{value} is no value that {name} can have"), value=named, name=name)
    return named


def _box(written: str) -> BaseGeometry:
    try:
        numbers = [float(one) for one in written.split(",")]
        return box([*numbers[:2], *numbers[3:5]] if len(numbers) == _WITH_HEIGHTS else numbers)
    except ValueError as error:
        raise AnswerError(N_("{value} is no value that {name} can have"), value=written, name="bbox") from error


def _equal(writer: Writer, name: str, written: str) -> str:
    kind = writer.types[name]
    if kind == "BOOLEAN":
        if written not in {"true", "false"}:
            raise AnswerError(N_("{value} is no value that {name} can have"), value=written, name=name)
        return writer.compare(name, "=", written == "true")
    return writer.compare(name, "=", written)


def _days(written: str) -> tuple[dt.date | None, dt.date | None]:
    """Read a day or an interval of days, of which either end may be open."""
    begin, _sign, end = written.partition("/") if "/" in written else (written, "", written)
    try:
        since, until = _end(begin), _end(end)
    except ValueError as error:
        raise AnswerError(N_("{value} is no value that {name} can have"), value=written, name="datetime") from error
    if (since and until and since > until) or (since is until is None and "/" not in written):
        raise AnswerError(N_("{value} is no value that {name} can have"), value=written, name="datetime")
    return since, until


def _end(written: str) -> dt.date | None:
    return None if written in {"", ".."} else dt.datetime.fromisoformat(written).date()


def _filtered(language: str, written: str, writer: Writer) -> str:
    if language not in LANGUAGES:
        raise AnswerError(N_("{value} is no value that {name} can have"), value=language, name="filter-lang")
    return LANGUAGES[language](written, writer).sql


def _whole(parameters: Mapping[str, str], name: str, else_: int, *, least: int) -> int:
    written = parameters.get(name)
    if written is None:
        return else_
    if not (written.isascii() and written.isdigit() and len(written) < 10 and int(written) >= least):  # noqa: PLR2004
        raise AnswerError(N_("{value} is no value that {name} can have"), value=written, name=name)
    return int(written)
