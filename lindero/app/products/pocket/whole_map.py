"""
A whole published map in parts: what lies together, names and holders in the order of their letters, lists by pages.

The first page holds what is needed to find them: the boxes of the leaves, and the first keys of the blocks.
"""

import datetime as dt
import itertools
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from lindero.app.answers.coverage.coverage import Coverage
from lindero.app.answers.overlap import overlaps
from lindero.app.answers.regions import country_at
from lindero.app.answers.registers import Registers
from lindero.app.products.pocket import background, sentences, site_parts
from lindero.app.products.pocket.about import About
from lindero.app.products.pocket.client_words import in_language
from lindero.app.products.pocket.contents import (
    COVERED,
    DRAWN,
    MEASURED,
    acts_of,
    coverage_rows,
    features,
    of_any,
    unplaced_rows,
)
from lindero.app.products.pocket.grid_outlines import Frame, encode_outline
from lindero.app.text import i18n
from lindero.layers.database import map_database
from lindero.layers.database.coverage import Extent
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import record_queries
from lindero.layers.model.schema import INCIDENTS, LAYERS
from lindero.layers.reference.name_index import key, normalise, sound

Row = dict[str, Any]

MOST_BACKGROUND = 90_000  # bytes in the first page
FIRST_PLACES = 60  # in the first page; the largest, for the map's labels
_IN_LISTS_NOT = {"g", "at", "pairs", "told", "area"}
_NARROWED = {"concessions": ("kind", "status")}
_SHAPES = ("shape", "shapes")
_NO_ROWS: Row = {"rows": [], "ground": None}
_NO_DATE = "0000-00-00"
_SHORTEST = 3  # letters of a word that a name is looked up by, if it has others
_KIND = {"communities": "type", "protected_areas": "", "concessions": ""}
_OTHERWISE = {"communities": "communities", "protected_areas": "protected_area", "concessions": "concession"}
_OF_TITLES = ("id", "name", "status", "kind", "area_ha")
_LAST = "~"


@dataclass
class Things:
    """What lies somewhere: its `kinds`, boxes and rows, side by side; and rows that lie nowhere, by kind."""

    kinds: list[str] = field(default_factory=list)
    boxes: list[tuple[float, ...]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    nowhere: list[tuple[str, Row]] = field(default_factory=list)

    def add(self, kind: str, shapes: Iterable[BaseGeometry | None], rows: Iterable[Row]) -> None:
        """Add rows of a kind."""
        drawn = np.array(list(shapes), dtype=object)
        lies = ~(shapely.is_missing(drawn) | shapely.is_empty(drawn))
        for is_there, box, row in zip(lies.tolist(), shapely.bounds(drawn).tolist(), rows, strict=True):
            if not is_there or not row.get("g", True):
                self.nowhere.append((kind, row))
                continue
            self.kinds.append(kind)
            self.boxes.append(tuple(box))
            self.rows.append(row)


def whole_map(
    con: Connection,
    about: About,
    news: list[Row],
    counts: list[Row],
    *,
    step: float,
    today: dt.date,
) -> tuple[Row, dict[str, list[Any]]]:
    """
    Gather a whole published map.

    Parameters
    ----------
    con
        A published map.
    news
        As `app.products.publication.changes.changes` gives them with their shapes.
    counts
        Cells of restricted records.
    step
        Of the grid on which outlines stand, in degrees.

    Returns
    -------
    dict
        What the first page holds.
    dict
        Parts by their kind.
    """
    registers = Registers.of_map(con)
    covered = registers.coverage(con)
    pairs, _counted = overlaps.find_pairs(con, "concessions", "communities")
    land = registers.of_layer("communities", map_database.read_layer(con, LAYERS["communities"]))
    facts = sentences.gathered_facts(con, sorted(land["id"]), pairs, covered)
    things = _things(con, facts, about.frame, news, step)
    _tell_communities(things, facts)
    _tell_areas(con, things, covered, pairs)
    boxes = np.array(things.boxes, dtype=float).reshape(-1, 4)
    leaf = site_parts.leaves(boxes, np.array([_size(row) for row in things.rows], dtype=np.int64))
    where = {row["id"]: int(at) for row, at in zip(things.rows, leaf, strict=True) if "id" in row}
    _add_pairs(things, pairs, where)
    made: dict[str, list[Any]] = {"leaf": _leaves(things, leaf)}
    index: Row = {
        "leaves": [site_parts.union(boxes[leaf == one]) for one in range(len(made["leaf"]))],
        "lists": {},
    }
    for name, entries in (
        ("names", names(things.kinds, things.rows, things.boxes, where)),
        ("holders", holders(things.kinds, things.rows, where)),
    ):
        index[name], made[name] = site_parts.blocks(entries)
    for name, rows in {**_listed(things, where), "restricted_counts": counts}.items():
        firsts, made[f"list_{name}"] = site_parts.blocks(_in_order(name, rows))
        values = {
            column: sorted({row[column] for row in rows if row.get(column)}) for column in _NARROWED.get(name, ())
        }
        index["lists"][name] = {"rows": len(rows), "blocks": len(firsts), "values": values}
    first = {**of_any(con, about, covered, step=step, today=today), **_first(about, facts, news), "parts": index}
    return first, made


def _first(about: About, facts: sentences.Facts, news: list[Row]) -> Row:
    """Give what the first page holds of the map itself."""
    west, south, east, north = about.frame
    countries = sorted(set(filter(None, facts.countries.values()))) or [
        country_at((south + north) / 2, (west + east) / 2)
    ]
    first = sentences.opening_facts(facts)
    return {
        "opening": list(about.ground),
        "layers": {},
        "overlaps": [],
        "lands": {},
        "coverage": [],
        "ground": {},
        "unplaced": [values for values, ground in unplaced_rows(facts.covered) if ground is None],
        "changes": [
            {name: value for name, value in report.items() if name not in _SHAPES} | _NO_ROWS for report in news
        ],
        "places": background.places(about.frame)[:FIRST_PLACES],
        "basemap": background.drawn_within(about.frame, MOST_BACKGROUND),
        "told": {
            one: {
                "communities": {},
                "areas": {},
                **in_language(one, lambda: sentences.of_map(facts, countries) | sentences.opening(facts, first)),
            }
            for one in i18n.languages()
        },
    }


def _size(row: Row) -> int:
    return len(json.dumps(row, ensure_ascii=False, default=str))


def _things(con: Connection, facts: sentences.Facts, frame: Frame, news: list[Row], step: float) -> Things:
    found = Things()
    acts = acts_of(con)
    for name in DRAWN:
        rows = facts.registers.of_layer(name, _rows(con, name))
        found.add(name, rows.geometry, features(rows, frame, step, acts=acts))
    towns = background.places(frame, most=None)
    places = np.array([town["at"] for town in towns]).reshape(-1, 2)
    found.add("places", np.asarray(shapely.points(places)), towns)
    for kind, about, grounds in _grounds(facts.covered, frame):
        found.add(kind, grounds, _outlined(about, grounds, frame, step))
    for at, report in enumerate(news):
        about, grounds = _in_cells([report["shape"]] if report["shape"] else [], [{"report": at}], frame)
        found.add("changed_ground", grounds, _outlined(about, grounds, frame, step))
        found.add("changed", report["shapes"], ({**row, "report": at} for row in report["rows"]))
    return found


def _outlined(rows: list[Row], shapes: list[BaseGeometry], frame: Frame, step: float) -> Iterator[Row]:
    return ({**row, "g": encode_outline(shape, frame, step)} for row, shape in zip(rows, shapes, strict=True))


def _grounds(covered: Coverage, frame: Frame) -> Iterator[tuple[str, list[Row], list[BaseGeometry]]]:
    """Give where each source has data, and where each layer is covered, counted once: both cut into cells."""
    everywhere = shapely.box(*frame)
    rows = list(coverage_rows(covered))
    shapes = [everywhere if ground is None else ground for _values, ground in rows]
    yield "coverage", *_in_cells(shapes, [values for values, _ground in rows], frame)
    unplaced = [(values, ground) for values, ground in unplaced_rows(covered) if ground is not None]
    yield "unplaced", *_in_cells([ground for _values, ground in unplaced], [values for values, _ in unplaced], frame)
    for layer in COVERED:
        sure = [row for row in covered.of(layer) if row.extent == Extent.COVERED]
        ground = everywhere if any(row.geometry is None for row in sure) else covered.ground(layer)
        yield "ground", *_in_cells([ground], [{"layer": layer}], frame)


def _in_cells(
    shapes: Sequence[shapely.Geometry], rows: list[Row], frame: Frame
) -> tuple[list[Row], list[BaseGeometry]]:
    """Cut shapes by whole degrees within a frame."""
    west, south, east, north = frame
    columns = [west, *np.arange(np.floor(west) + 1, np.ceil(east)), east]
    lines = [south, *np.arange(np.floor(south) + 1, np.ceil(north)), north]
    cells = np.array(
        [
            shapely.box(x, y, right, top)
            for x, right in itertools.pairwise(columns)
            for y, top in itertools.pairwise(lines)
        ]
    )
    every = np.array(shapes, dtype=object)
    shape, cell = shapely.STRtree(cells).query(every, predicate="intersects")
    cut = shapely.intersection(every[shape], cells[cell])
    kept = shapely.area(cut) > 0
    return [rows[at] for at in shape[kept]], list(cut[kept])


def _tell_communities(things: Things, facts: sentences.Facts) -> None:
    """Say of each community what there is to say, in each language, and how much of its land is under title."""
    texts_by_language = {
        one: in_language(one, lambda: dict(sentences.of_communities(facts))) for one in i18n.languages()
    }
    for row in [*things.rows, *(row for _kind, row in things.nowhere)]:
        if row.get("id") in facts.lands:
            row["land"] = asdict(facts.lands[row["id"]])
            row["told"] = {language: texts[row["id"]] for language, texts in texts_by_language.items()}


def _tell_areas(con: Connection, things: Things, covered: Coverage, pairs: pd.DataFrame) -> None:
    """Add to communities and protected areas, in each language, what a pocket map answers for all of their ground."""
    rows = {f"{kind}:{row['id']}": row for kind, row in zip(things.kinds, things.rows, strict=True) if kind in MEASURED}
    for name, measured in sentences.measure_areas(con, covered, rows, pairs).items():
        texts = partial(sentences.area_texts, measured)
        rows[name]["area"] = {language: in_language(language, texts) for language in i18n.languages()}


def _add_pairs(things: Things, pairs: pd.DataFrame, where: dict[str, int]) -> None:
    """Add to titles and communities what they share ground with, and where that is found."""
    rows = {row["id"]: row for row in things.rows if "id" in row}
    for pair in pairs.to_dict("records"):
        title, land = rows.get(pair["left_id"]), rows.get(pair["right_id"])
        for own, other, columns in ((title, land, ("id", "name")), (land, title, ("id", "name", "holder", "status"))):
            if own is not None and other is not None:
                entry = {column: other[column] for column in columns if column in other}
                entry |= {"part": where[other["id"]], "area_ha": pair["area_ha"], "certainty": pair["certainty"]}
                own.setdefault("pairs", []).append(entry)


def _leaves(things: Things, leaf: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> list[dict[str, list[Row]]]:
    found: list[dict[str, list[Row]]] = [{} for _ in range(int(leaf.max()) + 1 if len(leaf) else 0)]
    for kind, row, at in zip(things.kinds, things.rows, leaf, strict=True):
        found[at].setdefault(kind, []).append(row)
    for part in found:
        for kind in part.keys() & set(DRAWN):
            part[kind].sort(key=lambda row: str(row["id"]))
    return found


def _listed(things: Things, where: dict[str, int]) -> dict[str, list[Row]]:
    """Give by layer what its list holds of each row, and the leaf that holds the rest."""
    every = [*zip(things.kinds, things.rows, strict=True), *things.nowhere]
    found: dict[str, list[Row]] = {}
    for kind, row in every:
        if kind in DRAWN:
            entry = {key: value for key, value in row.items() if key not in _IN_LISTS_NOT}
            if row["id"] not in where and "told" in row:
                entry["told"] = row["told"]
            found.setdefault(kind, []).append({**entry, "part": where.get(row["id"])})
    return found


def _in_order(layer: str, rows: list[Row]) -> Iterator[tuple[str, Row]]:
    """Give rows with their place in a list: by name, what happened by day, the latest first."""
    if layer in {"incidents", "mining_scars"}:
        day = "occurred_on" if layer == "incidents" else "observed_on"
        yield from ((_backwards(str(row.get(day) or _NO_DATE)), row) for row in rows)
    else:
        yield from ((in_list(row), row) for row in rows)


def _backwards(day: str) -> str:
    return "".join(str(9 - int(one)) if one.isdigit() else one for one in day)


def shapes_of(con: Connection) -> dict[str, gpd.GeoSeries]:
    """Return all that a published map shows, by layer."""
    return {name: gpd.GeoSeries(_rows(con, name).geometry) for name in DRAWN}


def _rows(con: Connection, name: str) -> gpd.GeoDataFrame:
    layer = LAYERS[name]
    return record_queries.rows(con, layer) if layer is INCIDENTS else map_database.read_layer(con, layer)


# The names of a whole map in the order in which they sound: a browser loads those alone that may be meant.


def lookup_keys(name: str, code: str = "") -> set[str]:
    """Give what a name is looked up by: how each of its words sounds, and the code of the register."""
    words = key(name).split()
    telling = [word for word in words if len(word) >= _SHORTEST and not word.isdigit()] or words
    return {sound(word) for word in telling} | ({key(code)} if code else set())


def names(
    kinds: Sequence[str], rows: Sequence[Row], boxes: Sequence[Sequence[float]], where: dict[str, int]
) -> Iterator[tuple[str, Row]]:
    """Give what goes by a name, once for each of the words that it is looked up by."""
    for kind, row, box in zip(kinds, rows, boxes, strict=True):
        if row.get("name") and (kind in _KIND or kind == "places"):
            entry = _place(row) if kind == "places" else _feature(kind, row, box, where)
            yield from ((word, entry) for word in lookup_keys(entry["name"], entry.get("code", "")))


def holders(kinds: Sequence[str], rows: Sequence[Row], where: dict[str, int]) -> Iterator[tuple[str, Row]]:
    """Give each holder, as the register writes it, with its titles."""
    by_holder: dict[str, list[Row]] = defaultdict(list)
    for kind, row in zip(kinds, rows, strict=True):
        if kind == "concessions" and row.get("holder"):
            entry = {column: row[column] for column in _OF_TITLES if column in row}
            lands = [
                {name: pair[name] for name in ("id", "name", "part") if name in pair} for pair in row.get("pairs", ())
            ]
            by_holder[row["holder"]].append({**entry, "part": where[row["id"]], "lands": lands})
    yield from ((normalise(name), {"name": name, "titles": titles}) for name, titles in by_holder.items())


def in_list(row: Row) -> str:
    """Give by what a row stands in an alphabetical list; without a name last."""
    return normalise(str(row.get("name") or row.get("department") or "")) or _LAST


def _place(row: Row) -> Row:
    return {name: row[name] for name in ("name", "kind", "around", "at")}


def _feature(kind: str, row: Row, box: Sequence[float], where: dict[str, int]) -> Row:
    entry = {"name": row["name"], "kind": row.get(_KIND[kind]) or _OTHERWISE[kind], "layer": kind, "id": row["id"]}
    return {
        **entry,
        "code": row.get("code", ""),
        "at": row["at"],
        "box": [round(one, 4) for one in box],
        "part": where[row["id"]],
    }
