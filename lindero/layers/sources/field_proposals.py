"""
What the fields of an unknown file may hold: proposals, by their names and by what is in them.

A proposal is never taken by itself. `is_sure` says whether one may be accepted with all others: a name that fits, or
values that only one column can have. What is a mere possibility is for a person to decide, with three values to see.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from rapidfuzz import fuzz

from lindero.layers.errors import N_
from lindero.layers.model.layer import Column, Layer, Shape
from lindero.layers.model.parse_dates import form_of
from lindero.layers.model.parse_values import converter, is_missing, text
from lindero.layers.model.schema import LAYERS
from lindero.layers.read.formats.detect import Format
from lindero.layers.read.reader import Received
from lindero.layers.sources.mapping import LATITUDE, LONGITUDE, plain, tells_nothing, wanted_columns

SYNONYMS = Path(__file__).with_name("synonyms.toml")
NAMED, AREAS, DATES, CODES = (
    N_("by its name"),
    N_("its hectares are those of the map"),
    N_("it holds dates"),
    N_("each row has its own"),
)
DRAWN = N_("as drawings name what is in them")
_HANDLE, _LAYER = "EntityHandle", "Layer"  # as GDAL names them
_SAMPLES = 3
_OTHER_UNIT = re.compile(r"\b(km ?2|kms?|m ?2|mts? ?2|metros|acres?|km²|m²)\b")
_ALIKE = 88  # of 100: a name that fits
_MOST_ROWS = 2_000  # looked at
_READABLE = 0.95  # of the values, for a field to be of a type
_AREA_SHARE, _AREA_TOLERANCE = 0.8, 0.05
_LONGEST_CODE = 40
_FEWEST_ROWS = 3  # from which content tells anything
_FEWEST_OF_A_PREFIX = 3  # fields
_NEVER = frozenset({"id", "invented", "boundary_accuracy_m"})
_KINDS = Path(__file__).with_name("kinds.toml")
_FILES_WORD, _FIELDS_WORD, _COLUMN = 3.0, 1.0, 1.0
_SHARED = frozenset({"code", "name", "area_official_ha", "status", "sources", "country", "region", "type", "zone"})
_OF_POINTS = frozenset({Shape.POINT, Shape.SITE, Shape.PLACE, Shape.NONE})


@dataclass(frozen=True)
class Proposal:
    """A field for a column: why, how well it fits (0 to 100), and three of its values."""

    column: str
    field: str
    why: str
    score: float
    samples: tuple[str, ...]
    is_sure: bool


def propose(
    layer: Layer, received: Received, filled: Mapping[str, str], *, area_ha: pd.Series | None = None
) -> list[Proposal]:
    """
    Propose fields for the columns of `layer` that are not filled yet, the best first; each field and column once.

    Parameters
    ----------
    filled
        The columns that are filled already, with their fields.
    area_ha
        Areas of the rows' geometry in hectares, indexed by row number; None if they cannot be told.
    """
    rows = received.rows.head(_MOST_ROWS)
    free = [str(name) for name in rows.columns if name not in filled.values()]
    open_columns = [c for c in wanted_columns(layer) if c.name not in filled and c.name not in _NEVER]
    if received.geometry is None and layer.has_geometry:
        open_columns += [Column(name, "DOUBLE") for name in (LONGITUDE, LATITUDE) if name not in filled]
    names = {column.name for column in open_columns}
    found = [
        *(one for one in of_a_drawing(received) if one.column in names and one.field in free),
        *_by_name(open_columns, free, rows),
        *_by_area(open_columns, free, rows, area_ha),
        *_by_content(open_columns, free, rows),
    ]
    return _each_once(found)


def of_a_drawing(received: Received) -> list[Proposal]:
    """
    Propose what a DXF drawing says of what is in it: its handle as code, its layer as name.

    A handle stays as long as the drawing does. A layer may name many, and is a name for sure where each has its own.
    """
    rows = received.rows.head(_MOST_ROWS)
    if received.format is not Format.DXF or not {_HANDLE, _LAYER} <= {*rows.columns} or rows.empty:
        return []
    own, layers = bool(rows[_HANDLE].is_unique), rows[_LAYER].nunique()
    handle = _proposal("code", _HANDLE, DRAWN, 100, rows, is_sure=own)
    layer = _proposal("name", _LAYER, DRAWN, 60, rows, is_sure=layers == len(rows))
    return [handle, layer] if layers > 1 else [handle]


@cache
def _synonyms() -> Mapping[str, tuple[str, ...]]:
    with SYNONYMS.open("rb") as file:
        return {column: tuple(names) for column, names in tomllib.load(file).items()}


def _by_name(columns: Iterable[Column], fields: list[str], rows: pd.DataFrame) -> Iterable[Proposal]:
    prefix = _shared_prefix(fields)
    for column in columns:
        names = (column.name.replace("_", " "), *_synonyms().get(column.name, ()))
        for name in fields:
            bare = words(name).removeprefix(prefix)
            score = max(_alike(spelt, one) for one in names for spelt in {words(name), bare})
            if column.name == "area_official_ha" and _OTHER_UNIT.search(words(name)):
                continue
            if score >= _ALIKE and _is_of(column, rows[name]):
                yield _proposal(column.name, name, NAMED, score, rows, is_sure=True)


def _shared_prefix(fields: Iterable[str]) -> str:
    """Give the word, with its blank, that most fields begin with and that means nothing: `dm ` of dm_NOME, dm_FASE."""
    first = Counter(words(name).split()[0] for name in fields if " " in words(name))
    vocabulary = {
        word for column, names in _synonyms().items() for name in (column, *names) for word in plain(name).split()
    }
    word, count = next(iter(first.most_common(1)), ("", 0))
    return f"{word} " if count >= _FEWEST_OF_A_PREFIX and 2 * count > first.total() and word not in vocabulary else ""


def _by_area(
    columns: Iterable[Column], fields: Iterable[str], rows: pd.DataFrame, area_ha: pd.Series | None
) -> Iterable[Proposal]:
    if area_ha is None or not any(column.name == "area_official_ha" for column in columns):
        return
    areas = area_ha.reindex(rows.index)
    for name in fields:
        numbers = _numbers(rows[name])
        both = numbers.notna() & (areas > 0)
        if both.sum() >= _FEWEST_ROWS:
            share = float((abs(numbers[both] / areas[both] - 1) <= _AREA_TOLERANCE).mean())
            if share >= _AREA_SHARE:
                yield _proposal("area_official_ha", name, AREAS, 90 + 10 * share, rows, is_sure=True)


def _by_content(columns: list[Column], fields: list[str], rows: pd.DataFrame) -> Iterable[Proposal]:
    """Propose what values alone suggest: a person is to decide."""
    if len(rows) < _FEWEST_ROWS:
        return
    dates = [column for column in columns if column.type == "DATE"]
    for name in fields:
        if dates and _holds_dates(rows[name]):
            yield _proposal(dates[0].name, name, DATES, 50, rows, is_sure=False)
        elif any(column.name == "code" for column in columns) and _holds_codes(rows[name]):
            yield _proposal("code", name, CODES, 40, rows, is_sure=False)


def _each_once(found: Iterable[Proposal]) -> list[Proposal]:
    """Keep the best proposal of each field and of each column."""
    kept: list[Proposal] = []
    for one in sorted(found, key=lambda proposal: (-proposal.is_sure, -proposal.score)):
        if not any(one.column == other.column or one.field == other.field for other in kept):
            kept.append(one)
    return kept


def words(name: str) -> str:
    """Give a field's name as words: FecDenuncio and FEC_DENUNCIO as `fec denuncio`."""
    spaced = "".join(
        f" {letter}" if letter.isupper() and before.islower() else letter
        for before, letter in zip(" " + name, name, strict=False)
    )
    return plain("".join(letter if letter.isalnum() else " " for letter in spaced))


def _alike(name: str, synonym: str) -> float:
    """Compare words; short ones must be equal, since every second word is like `cod`."""
    short = 4
    if min(len(name), len(synonym)) <= short:
        return 100.0 if name == synonym else 0.0
    return float(fuzz.token_sort_ratio(name, synonym))


def _is_of(column: Column, values: pd.Series) -> bool:
    """Whether the values can be of the column's type; an empty field can be of none."""
    stated = values[~values.map(is_missing)]
    if stated.empty or tells_nothing(column.name, values):
        return False
    if column.type == "VARCHAR" or column.several:
        return True
    form = form_of(stated) if column.type == "DATE" else None
    if form is not None and form.days_first is None:  # 05/06/2016 is a date in whichever order, which is asked later
        form = replace(form, days_first=True)
    convert = converter(column.type, stated, form=form)
    return sum(_converts(convert, value) for value in stated) >= _READABLE * len(stated)


def _converts(convert: object, value: object) -> bool:
    try:
        convert(value)  # type: ignore[operator]  # as `converter` gives it
    except (ValueError, OverflowError, TypeError):
        return False
    return True


def _numbers(values: pd.Series) -> pd.Series:
    convert = converter("DOUBLE", values)
    numbers = [convert(value) if not is_missing(value) and _converts(convert, value) else np.nan for value in values]
    return pd.Series(numbers, index=values.index, dtype="float64")


def _holds_dates(values: pd.Series) -> bool:
    """Whether a field holds dates as such; numbers, which could be years or anything, do not count."""
    stated = values[~values.map(is_missing)]
    written = stated.map(
        lambda value: not isinstance(value, int | float | np.number) and not str(value).strip().isdigit()
    )
    return bool(len(stated) >= _FEWEST_ROWS and written.all()) and _is_of(Column("", "DATE"), stated)


def _holds_codes(values: pd.Series) -> bool:
    """Whether each row has a short value of its own, which is more than its number."""
    codes = values.map(text)
    if codes.isna().any() or codes.duplicated().any() or (codes.str.len() > _LONGEST_CODE).any():
        return False
    counted = [str(start + number) for start in (0, 1) for number in range(len(codes))]
    is_counted = list(codes) in (counted[: len(codes)], counted[len(codes) :])
    return not is_counted and bool(codes.str.contains(r"\d").all()) and not bool(codes.str.contains(r"[.,]\d+$").any())


def _proposal(column: str, field: str, why: str, score: float, rows: pd.DataFrame, *, is_sure: bool) -> Proposal:
    values = rows[field].dropna().map(str).drop_duplicates().head(_SAMPLES)
    return Proposal(column, field, why, score, tuple(value[:40] for value in values), is_sure)


# Which layer an unknown file is likely to hold: by its words, its kind of geometry, and the columns that it fills.


@dataclass(frozen=True)
class Likely:
    """A layer, how much speaks for it (more is likelier), and the fields that would fill its columns."""

    layer: str
    score: float
    proposals: tuple[Proposal, ...]


def likely_layers(received: Received, names: Iterable[str]) -> list[Likely]:
    """Give the layers that a file may hold, the likeliest first; `names` are those of the file and of its layer."""
    shapes = _shapes(received)
    titled = {word for name in names for word in _phrases(name)}
    fields = {word for name in received.rows for word in _phrases(str(name))}
    found = []
    for layer, kind_words in _kinds().items():
        if not _may_be(LAYERS[layer].shape, shapes):
            continue
        proposals = tuple(one for one in propose(LAYERS[layer], received, {}) if one.is_sure)
        own = sum(_COLUMN for one in proposals if one.column not in _SHARED)
        score = _FILES_WORD * bool(titled & kind_words) + _FIELDS_WORD * len(fields & kind_words) + own
        if score:
            found.append(Likely(layer, score, proposals))
    return sorted(found, key=lambda one: (-one.score, -len(one.proposals)))


@cache
def _kinds() -> Mapping[str, frozenset[str]]:
    with _KINDS.open("rb") as file:
        return {layer: frozenset(map(plain, kind_words)) for layer, kind_words in tomllib.load(file).items()}


def _phrases(name: str) -> set[str]:
    """Give the words of a name, alone and two or three together."""
    each = words(name).split()
    return {" ".join(each[at : at + count]) for count in (1, 2, 3) for at in range(len(each))}


def _shapes(received: Received) -> set[str]:
    if received.geometry is None:
        return set()
    return {str(kind).removeprefix("Multi") for kind in received.geometry.geom_type.dropna().unique()}


def _may_be(shape: Shape, shapes: set[str]) -> bool:
    if not shapes or shapes <= {"Point"}:
        return shape in _OF_POINTS
    return shape is not Shape.POINT
