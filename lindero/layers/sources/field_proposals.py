"""Proposals of which columns the fields of an unknown file fill, by field names and by content.

A proposal is never applied automatically. `is_sure` marks proposals that may be accepted together: a matching name, or
values that only one column can have. For other proposals a person decides, with three sample values to see.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from lindero.layers.errors import N_
from lindero.layers.model.layer import Column, Layer, Shape
from lindero.layers.model.parse_dates import detect_date_format
from lindero.layers.model.parse_values import build_converter, is_missing, parse_text
from lindero.layers.model.schema import LAYERS
from lindero.layers.read.formats.detect import Format
from lindero.layers.read.reader import ReceivedLayer
from lindero.layers.sources.field_names import (
    ASKED,
    SURE,
    compare_name,
    has_word,
    load_name_words,
    shared_prefix,
    split_words,
)
from lindero.layers.sources.mapping import LATITUDE, LONGITUDE, fillable_columns, is_all_zero, normalise_text

NAMED, AREAS, DATES, CODES = (
    N_("by its name"),
    N_("its values match the drawn hectares"),
    N_("it contains dates"),
    N_("each row has a different value"),
)
DRAWING_EVIDENCE = N_("the usual field in drawings")
_HANDLE, _LAYER = "EntityHandle", "Layer"  # as GDAL names them
_SAMPLES = 3
_OTHER_UNIT = re.compile(r"\b(km ?2|kms?|m ?2|mts? ?2|metros|acres?|km²|m²)\b")
_MOST_ROWS = 2_000  # rows examined
_MIN_PARSED_SHARE = 0.95  # minimum share of values that must convert for a field to be of a type
_AREA_SHARE, _AREA_TOLERANCE = 0.8, 0.05
_LONGEST_CODE = 40
_FEWEST_ROWS = 3  # minimum rows for conclusions from content
_EXCLUDED_COLUMNS = frozenset({"id", "invented", "boundary_accuracy_m"})
_KINDS = Path(__file__).with_name("kinds.toml")
_FILES_WORD, _FIELDS_WORD, _VALUES_WORD, _COLUMN = 3.0, 1.0, 2.0, 1.0
_ONLY_NAMED = frozenset({"incidents", "mining_scars"})  # any areas with dates fill their columns
_FEW_VALUES = 50  # values that show of what kind a file is
_COMMON_COLUMNS = frozenset(
    {"code", "name", "area_official_ha", "status", "sources", "country", "region", "type", "zone"}
)
_POINT_SHAPES = frozenset({Shape.POINT, Shape.SITE, Shape.PLACE, Shape.NONE})


@dataclass(frozen=True)
class Proposal:
    """A proposed field for a column: the reason, a score (0 to 100), and three sample values."""

    column: str
    field: str
    why: str
    score: float
    samples: tuple[str, ...]
    is_sure: bool


def propose_fields(
    layer: Layer, received: ReceivedLayer, filled: Mapping[str, str], *, area_ha: pd.Series | None = None
) -> list[Proposal]:
    """Propose fields for the columns of `layer` that are not filled yet, best first; each field and column once.

    `area_ha`: areas of the rows' geometry in hectares, indexed by row number; None if they are unknown.
    """
    rows = received.rows.head(_MOST_ROWS)
    free = [str(name) for name in rows.columns if name not in filled.values()]
    open_columns = [c for c in fillable_columns(layer) if c.name not in filled and c.name not in _EXCLUDED_COLUMNS]
    if received.geometry is None and layer.has_geometry:
        open_columns += [Column(name, "DOUBLE") for name in (LONGITUDE, LATITUDE) if name not in filled]
    names = {column.name for column in open_columns}
    proposals = [
        *(
            proposal
            for proposal in propose_for_drawing(received)
            if proposal.column in names and proposal.field in free
        ),
        *_propose_by_name(open_columns, free, rows),
        *_propose_by_area(open_columns, free, rows, area_ha),
        *_propose_by_content(open_columns, free, rows),
    ]
    return _keep_best(proposals)


def propose_for_drawing(received: ReceivedLayer) -> list[Proposal]:
    """Propose the handle of a DXF drawing's entities as code, and their layer as name.

    A handle is stable as long as the drawing exists. A layer may contain many entities; it is a sure name only if each
    entity has its own.

    Returns: for `code`, and for `name` if there are several layers. Empty for other formats, and for a drawing without
    handles or layers.
    """
    rows = received.rows.head(_MOST_ROWS)
    if received.format is not Format.DXF or not {_HANDLE, _LAYER} <= {*rows.columns} or rows.empty:
        return []
    is_unique, layers = bool(rows[_HANDLE].is_unique), rows[_LAYER].nunique()
    handle = _build_proposal("code", _HANDLE, DRAWING_EVIDENCE, 100, rows, is_sure=is_unique)
    layer = _build_proposal("name", _LAYER, DRAWING_EVIDENCE, 60, rows, is_sure=layers == len(rows))
    return [handle, layer] if layers > 1 else [handle]


def _propose_by_name(columns: Iterable[Column], fields: list[str], rows: pd.DataFrame) -> Iterable[Proposal]:
    prefix = shared_prefix(fields)
    for column in columns:
        for name in fields:
            if column.name == "area_official_ha" and _OTHER_UNIT.search(split_words(name)):
                continue
            if column.name == "code" and not _may_be_codes(name, rows[name]):
                continue
            score = compare_name(column.name, name, prefix)
            if score < ASKED or (score < SURE and _has_codes(rows[name])):
                continue
            if _fits_type(column, rows[name]):
                is_sure = score >= SURE and _fits_meaning(column, name, fields, rows[name])
                yield _build_proposal(column.name, name, NAMED, score, rows, is_sure=is_sure)


def _fits_meaning(column: Column, name: str, fields: Iterable[str], values: pd.Series) -> bool:
    """Return whether nothing in the values, or in the other fields, speaks against what the name says."""
    if column.name == "code":
        return not values.map(parse_text).dropna().duplicated().any()
    if column.name == "kind":
        sectors = tuple(load_name_words()["sectors"])
        texts = [normalise_text(value) for value in values.dropna().unique()]
        return all(any(word.startswith(sectors) for word in text.split()) for text in texts)
    if split_words(name) in load_name_words()["states"]:
        is_plural = name.casefold().endswith("s")  # several states of a country, and never of a concession
        return not is_plural and any(has_word(other, "first_level") for other in fields)
    return True


def _propose_by_area(
    columns: Iterable[Column], fields: Iterable[str], rows: pd.DataFrame, area_ha: pd.Series | None
) -> Iterable[Proposal]:
    if area_ha is None or not any(column.name == "area_official_ha" for column in columns):
        return
    areas = area_ha.reindex(rows.index)
    for name in fields:
        numbers = _to_numbers(rows[name])
        has_both = numbers.notna() & (areas > 0)
        if has_both.sum() >= _FEWEST_ROWS:
            share = float((abs(numbers[has_both] / areas[has_both] - 1) <= _AREA_TOLERANCE).mean())
            if share >= _AREA_SHARE:
                score = 90 + 10 * share - has_word(name, "measured")
                yield _build_proposal("area_official_ha", name, AREAS, score, rows, is_sure=True)


def _propose_by_content(columns: list[Column], fields: list[str], rows: pd.DataFrame) -> Iterable[Proposal]:
    """Yield proposals that rest on values alone; a person must decide about them."""
    if len(rows) < _FEWEST_ROWS:
        return
    dates = [column for column in columns if column.type == "DATE"]
    for name in fields:
        if has_word(name, "edits"):
            continue
        if dates and _has_dates(rows[name]):
            yield _build_proposal(dates[0].name, name, DATES, 50, rows, is_sure=False)
        elif (
            any(column.name == "code" for column in columns)
            and _may_be_codes(name, rows[name])
            and _has_codes(rows[name])
        ):
            yield _build_proposal("code", name, CODES, 40, rows, is_sure=False)


def _keep_best(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Select the best proposal for each field and each column."""
    best: list[Proposal] = []
    for candidate in sorted(proposals, key=lambda proposal: (-proposal.is_sure, -proposal.score)):
        if not any(candidate.column == better.column or candidate.field == better.field for better in best):
            best.append(candidate)
    return best


def _may_be_codes(name: str, values: pd.Series) -> bool:
    """Return whether a field may have a code of each row: it is not a measure, and few of its values repeat."""
    texts = values.map(parse_text).dropna()
    is_measure = has_word(name, "measures") and not texts.str.contains(r"[^\W\d]").any()
    return not is_measure and 2 * texts.nunique() > len(texts)


def _fits_type(column: Column, values: pd.Series) -> bool:
    """Return whether the values fit the column's type; an empty field fits none."""
    present = values[~values.map(is_missing)]
    if present.empty or is_all_zero(column.name, values):
        return False
    if column.type == "VARCHAR" or column.several:
        return True
    form = detect_date_format(present) if column.type == "DATE" else None
    if form is not None and form.days_first is None:  # 05/06/2016 is a date in either order, which is asked later
        form = replace(form, days_first=True)
    convert = build_converter(column.type, present, date_format=form)
    return sum(_is_convertible(convert, value) for value in present) >= _MIN_PARSED_SHARE * len(present)


def _is_convertible(convert: object, value: object) -> bool:
    try:
        convert(value)  # type: ignore[operator]  # from `build_converter`
    except (ValueError, OverflowError, TypeError):
        return False
    return True


def _to_numbers(values: pd.Series) -> pd.Series:
    convert = build_converter("DOUBLE", values)
    numbers = [
        convert(value) if not is_missing(value) and _is_convertible(convert, value) else np.nan for value in values
    ]
    return pd.Series(numbers, index=values.index, dtype="float64")


def _has_dates(values: pd.Series) -> bool:
    """Return whether a field contains dates.

    Plain numbers do not count, because they could be years or anything else.
    """
    present = values[~values.map(is_missing)]
    written = present.map(
        lambda value: not isinstance(value, int | float | np.number) and not str(value).strip().isdigit()
    )
    return bool(len(present) >= _FEWEST_ROWS and written.all()) and _fits_type(Column("", "DATE"), present)


def _has_codes(values: pd.Series) -> bool:
    """Return whether each row has a distinct short code that is not just a running number."""
    codes = values.map(parse_text)
    if codes.isna().any() or codes.duplicated().any() or (codes.str.len() > _LONGEST_CODE).any():
        return False
    running_numbers = [str(start + number) for start in (0, 1) for number in range(len(codes))]
    is_counted = list(codes) in (running_numbers[: len(codes)], running_numbers[len(codes) :])
    return not is_counted and bool(codes.str.contains(r"\d").all()) and not bool(codes.str.contains(r"[.,]\d+$").any())


def _build_proposal(column: str, field: str, why: str, score: float, rows: pd.DataFrame, *, is_sure: bool) -> Proposal:
    values = rows[field].dropna().map(str).drop_duplicates().head(_SAMPLES)
    return Proposal(column, field, why, score, tuple(value[:40] for value in values), is_sure)


# The layer that an unknown file is likely to contain: by its words, its kind of geometry, and the columns it fills.


@dataclass(frozen=True)
class LayerCandidate:
    """A candidate layer for a file: its score (higher is likelier), and the fields that would fill its columns."""

    layer: str
    score: float
    proposals: tuple[Proposal, ...]


def likely_layers(received: ReceivedLayer, names: Iterable[str]) -> list[LayerCandidate]:
    """Return the layers that a file may contain, likeliest first."""
    shapes = _geometry_types(received)
    title_words = {word for name in names for word in _phrases(name)}
    fields = {word for name in received.rows for word in _phrases(str(name))}
    candidates = []
    for layer, kind_words in _load_kinds().items():
        if not _fits_shape(LAYERS[layer].shape, shapes):
            continue
        proposals = tuple(candidate for candidate in propose_fields(LAYERS[layer], received, {}) if candidate.is_sure)
        column_score = sum(_COLUMN for candidate in proposals if candidate.column not in _COMMON_COLUMNS)
        named = _FILES_WORD * bool(title_words & kind_words) + _FIELDS_WORD * len(fields & kind_words)
        named += _VALUES_WORD * _have_word(received.rows, kind_words)
        score = named + column_score
        if score and (named or layer not in _ONLY_NAMED or shapes <= {"Point"}):
            candidates.append(LayerCandidate(layer, score, proposals))
    return sorted(candidates, key=lambda candidate: (-candidate.score, -len(candidate.proposals)))


def is_clear(candidates: list[LayerCandidate]) -> bool:
    """Return whether the first candidate is likelier than every other one by at least one word or column."""
    return len(candidates) == 1 or (len(candidates) > 1 and candidates[0].score - candidates[1].score >= 1)


def _have_word(rows: pd.DataFrame, kind_words: frozenset[str]) -> bool:
    """Return whether the values of a field mostly have a word of a layer: Parque Nacional, Terra Indígena."""
    for name in rows:
        values = rows[name].head(_FEW_VALUES).dropna()
        found = [bool(_phrases(value) & kind_words) for value in values if isinstance(value, str)]
        if len(found) >= _FEWEST_ROWS and 2 * sum(found) > len(found):
            return True
    return False


@cache
def _load_kinds() -> Mapping[str, frozenset[str]]:
    with _KINDS.open("rb") as file:
        return {layer: frozenset(map(normalise_text, kind_words)) for layer, kind_words in tomllib.load(file).items()}


def _phrases(name: str) -> set[str]:
    """Return the single words, pairs and triples of words in a name."""
    name_words = split_words(name).split()
    return {
        " ".join(name_words[position : position + count]) for count in (1, 2, 3) for position in range(len(name_words))
    }


def _geometry_types(received: ReceivedLayer) -> set[str]:
    if received.geometry is None:
        return set()
    return {str(kind).removeprefix("Multi") for kind in received.geometry.geom_type.dropna().unique()}


def _fits_shape(shape: Shape, shapes: set[str]) -> bool:
    if not shapes or shapes <= {"Point"}:
        return shape in _POINT_SHAPES
    return shape is not Shape.POINT
