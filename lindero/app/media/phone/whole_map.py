"""A whole published map in parts: leaves of nearby features, names and holders in alphabetical order, lists by page.

The first page has the index: the bounding boxes of the leaves, and the first keys of the blocks.
"""

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from lindero.app.answers.coverage.coverage import Coverage
from lindero.app.answers.engine import Progress
from lindero.app.answers.overlap import overlaps
from lindero.app.answers.regions import find_country_at_point
from lindero.app.answers.registers import Registers
from lindero.app.media.phone import background, sentences, site_parts
from lindero.app.media.phone.about import MapScope
from lindero.app.media.phone.client_words import run_in_language
from lindero.app.media.phone.contents import (
    COVERED_LAYERS,
    DRAWN_LAYERS,
    MEASURED_LAYERS,
    common_contents,
    encode_features,
    iter_coverage,
    iter_unplaced_counts,
    read_acts,
    read_incident_rows,
)
from lindero.app.media.phone.grid_outlines import Frame, encode_outline
from lindero.app.media.phone.site_parts import MapRows, Packed, Row
from lindero.app.text import i18n
from lindero.app.text.i18n import _
from lindero.geo.geometry.projection import Ints
from lindero.layers.database import map_database
from lindero.layers.database.coverage import Extent
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_queries
from lindero.layers.model.schema import COMMUNITIES, INCIDENTS, LAYERS
from lindero.layers.reference.name_index import name_key, normalise_name, phonetic_key

ListPairs = Callable[[str, Row], list[Row]]
"""Lists the features that a row of a kind overlaps."""

MOST_BACKGROUND = 90_000  # bytes of the background in the first page
FIRST_PLACES = 60  # places in the first page: the largest, for the labels of the map
_ROWS_AT_ONCE, _TEXTS_AT_ONCE = 5_000, 1_000  # rows read, and communities described at a time
_UNLISTED_KEYS = {"g", "at", "pairs", "told", "area"}
_FILTER_COLUMNS = {"concessions": ("kind", "status")}
_SHAPES = ("shape", "shapes")
_NO_ROWS: Row = {"rows": [], "ground": None}
_NO_DATE = "0000-00-00"
_SHORTEST = 3  # letters: a shorter word is not a key of a name that has other words
_KIND = {"communities": "type", "protected_areas": "", "concessions": ""}
_OTHERWISE = {"communities": "communities", "protected_areas": "protected_area", "concessions": "concession"}
_TITLE_COLUMNS = ("id", "name", "status", "kind", "area_ha")
_LAST = "~"


def collect_whole_map(
    con: Connection,
    scope: MapScope,
    news: list[Row],
    counts: list[Row],
    *,
    step: float,
    today: dt.date,
    progress: Progress = lambda *_: None,
) -> tuple[Row, dict[str, Iterable[Any]]]:
    """Collect a whole published map.

    `news`: the result of `app.media.site.changes.list_changes` with shapes. `step`: the grid of the outlines,
    in degrees.
    """
    opening = sentences.measure_opening(con)
    registers = Registers.from_map(con)
    covered = registers.read_coverage(con)
    pairs, _counted = overlaps.find_pairs(con, "concessions", "communities")
    land = registers.filter_layer("communities", map_database.read_layer(con, COMMUNITIES, columns=["id"]))
    facts = sentences.collect_facts(con, sorted(land["id"]), pairs, covered, progress=progress)
    map_rows = _collect_rows(con, facts, scope.frame, news, step)
    _add_community_texts(map_rows, facts)
    _add_area_texts(map_rows, facts, pairs, progress)
    boxes = np.array(map_rows.boxes, dtype=float).reshape(-1, 4)
    sizes = np.array([site_parts.row_size(row) for row in map_rows.rows], dtype=np.int64)
    leaf = site_parts.assign_leaves(boxes, sizes)
    leaf_by_id = {
        row["id"]: int(leaf_number) for row, leaf_number in zip(map_rows.rows, leaf, strict=True) if "id" in row
    }
    list_pairs = _index_pairs(map_rows, pairs, leaf_by_id)
    members = site_parts.group_by_leaf(leaf)
    parts: dict[str, Iterable[Any]] = {"leaf": _iter_leaves(map_rows, members, list_pairs, progress)}
    index: Row = {"leaves": [site_parts.bounding_box(boxes[rows]) for rows in members], "lists": {}}
    for name, entries in (
        ("names", iter_names(map_rows.kinds, map_rows.rows, map_rows.boxes, leaf_by_id)),
        ("holders", iter_holders(map_rows.kinds, map_rows.rows, leaf_by_id, list_pairs)),
    ):
        index[name], parts[name] = site_parts.split_into_blocks(entries)
    for name, rows in {**_list_entries(map_rows, leaf_by_id), "restricted_counts": counts}.items():
        firsts, parts[f"list_{name}"] = site_parts.split_into_blocks(_add_sort_keys(name, rows))
        values = {
            column: sorted({row[column] for row in rows if row.get(column)}) for column in _FILTER_COLUMNS.get(name, ())
        }
        index["lists"][name] = {"rows": len(rows), "blocks": len(firsts), "values": values}
    first = {
        **common_contents(con, scope, covered, step=step, today=today),
        **_first_page(scope, facts, opening, news),
        "parts": index,
    }
    return first, parts


def _first_page(scope: MapScope, facts: sentences.Facts, opening: sentences.OpeningFacts, news: list[Row]) -> Row:
    """Return the contents of the first page about the map itself."""
    west, south, east, north = scope.frame
    countries = sorted({community.country for community in facts.communities.values()} - {""}) or [
        find_country_at_point((south + north) / 2, (west + east) / 2)
    ]
    return {
        "opening": list(scope.ground),
        "layers": {},
        "overlaps": [],
        "lands": {},
        "coverage": [],
        "ground": {},
        "unplaced": [values for values, ground in iter_unplaced_counts(facts.covered) if ground is None],
        "changes": [
            {name: value for name, value in report.items() if name not in _SHAPES} | _NO_ROWS for report in news
        ],
        "places": background.list_places(scope.frame)[:FIRST_PLACES],
        "basemap": background.fit_background(scope.frame, MOST_BACKGROUND),
        "told": {
            language: {
                "communities": {},
                "areas": {},
                **run_in_language(
                    language,
                    lambda: sentences.compose_map_texts(facts, countries) | sentences.compose_opening(facts, opening),
                ),
            }
            for language in i18n.languages()
        },
    }


def _collect_rows(con: Connection, facts: sentences.Facts, frame: Frame, news: list[Row], step: float) -> MapRows:
    map_rows = MapRows()
    acts = read_acts(con)
    for name in DRAWN_LAYERS:
        for part in _iter_rows(con, name):
            rows = facts.registers.filter_layer(name, part)
            map_rows.add(name, rows.geometry, encode_features(rows, frame, step, acts=acts))
    towns = background.list_places(frame, max_places=None)
    places = np.array([town["at"] for town in towns]).reshape(-1, 2)
    map_rows.add("places", np.asarray(shapely.points(places)), towns)
    for kind, ground_rows, grounds in _iter_grounds(facts.covered, frame):
        map_rows.add(kind, grounds, _add_outlines(ground_rows, grounds, frame, step))
    for report_number, report in enumerate(news):
        ground_rows, grounds = _cut_into_cells(
            [report["shape"]] if report["shape"] else [], [{"report": report_number}], frame
        )
        map_rows.add("changed_ground", grounds, _add_outlines(ground_rows, grounds, frame, step))
        map_rows.add("changed", report["shapes"], ({**row, "report": report_number} for row in report["rows"]))
    return map_rows


def _add_outlines(rows: list[Row], shapes: list[BaseGeometry], frame: Frame, step: float) -> Iterator[Row]:
    return ({**row, "g": encode_outline(shape, frame, step)} for row, shape in zip(rows, shapes, strict=True))


def _iter_grounds(covered: Coverage, frame: Frame) -> Iterator[tuple[str, list[Row], list[BaseGeometry]]]:
    """Yield the coverage of each source and the dissolved coverage of each layer, cut into cells."""
    everywhere = shapely.box(*frame)
    rows = list(iter_coverage(covered))
    shapes = [everywhere if ground is None else ground for _values, ground in rows]
    yield "coverage", *_cut_into_cells(shapes, [values for values, _ground in rows], frame)
    unplaced = [(values, ground) for values, ground in iter_unplaced_counts(covered) if ground is not None]
    yield (
        "unplaced",
        *_cut_into_cells([ground for _values, ground in unplaced], [values for values, _ in unplaced], frame),
    )
    for layer in COVERED_LAYERS:
        covered_rows = [row for row in covered.select_rows(layer) if row.extent == Extent.COVERED]
        ground = everywhere if any(row.geometry is None for row in covered_rows) else covered.covered_area(layer)
        yield "ground", *_cut_into_cells([ground], [{"layer": layer}], frame)


def _cut_into_cells(
    shapes: Sequence[shapely.Geometry], rows: list[Row], frame: Frame
) -> tuple[list[Row], list[BaseGeometry]]:
    """Cut shapes into cells of one degree within a frame."""
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
    geometries = np.array(shapes, dtype=object)
    shape, cell = shapely.STRtree(cells).query(geometries, predicate="intersects")
    pieces = shapely.intersection(geometries[shape], cells[cell])
    has_area = shapely.area(pieces) > 0
    return [rows[index] for index in shape[has_area]], list(pieces[has_area])


def _add_community_texts(map_rows: MapRows, facts: sentences.Facts) -> None:
    """Add the texts on each community in each language, and the measures of its land."""
    rows = {row["id"]: row for _kind, row in map_rows.iter_all() if row.get("id") in facts.communities}
    ids = list(rows)
    for begin in range(0, len(ids), _TEXTS_AT_ONCE):
        some_ids = ids[begin : begin + _TEXTS_AT_ONCE]
        texts = _compose_community_texts(facts, some_ids)
        for id_ in some_ids:
            rows[id_]["land"] = asdict(facts.communities[id_].land)
            rows[id_]["told"] = Packed.from_value({language: texts[language][id_] for language in texts})


def _compose_community_texts(facts: sentences.Facts, ids: list[str]) -> dict[str, dict[str, Row]]:
    """Return the texts on some communities by language and id."""

    def compose() -> dict[str, Row]:
        return dict(sentences.iter_community_texts(facts, ids))

    return {language: run_in_language(language, compose) for language in i18n.languages()}


def _add_area_texts(map_rows: MapRows, facts: sentences.Facts, pairs: pd.DataFrame, progress: Progress) -> None:
    """Add the texts on the whole area of communities and protected areas, in each language."""
    neighbours_together = sorted(
        zip(map_rows.kinds, map_rows.boxes, map_rows.rows, strict=True),
        key=lambda entry: (entry[0], *map(round, entry[1][:2])),
    )
    rows = {f"{kind}:{row['id']}": row for kind, _box, row in neighbours_together if kind in MEASURED_LAYERS}
    areas = sentences.iter_measured_areas(facts.con, facts.covered, rows, pairs, facts.lands)
    for done, (name, measured) in enumerate(areas):
        progress(_("describing communities and protected areas"), done, len(rows))
        texts = partial(sentences.area_texts, measured)
        rows[name]["area"] = Packed.from_value(
            {language: run_in_language(language, texts) for language in i18n.languages()}
        )


def _index_pairs(map_rows: MapRows, pairs: pd.DataFrame, leaf_by_id: dict[str, int]) -> ListPairs:
    """Return a function that lists the features that a concession or community overlaps, and their leaves."""
    rows = {row["id"]: row for row in map_rows.rows if "id" in row}
    sides = {
        "concessions": (pairs.groupby("left_id").indices, pairs["right_id"].tolist(), ("id", "name")),
        "communities": (
            pairs.groupby("right_id").indices,
            pairs["left_id"].tolist(),
            ("id", "name", "holder", "status"),
        ),
    }
    areas, certainties = pairs["area_ha"].tolist(), pairs["certainty"].tolist()

    def list_pairs(kind: str, row: Row) -> list[Row]:
        if kind not in sides:
            return []
        positions, partner_ids, columns = sides[kind]
        entries = []
        for position in positions.get(row["id"], ()):
            if partner := rows.get(partner_ids[position]):
                entry = {column: partner[column] for column in columns if column in partner}
                entry |= {"part": leaf_by_id[partner["id"]], "area_ha": areas[position]}
                entries.append(entry | {"certainty": certainties[position]})
        return entries

    return list_pairs


def _iter_leaves(
    map_rows: MapRows, members: list[Ints], list_pairs: ListPairs, progress: Progress
) -> Iterator[dict[str, list[Row]]]:
    for done, numbers in enumerate(members):
        progress(_("writing the site"), done, len(members))
        yield _build_leaf(map_rows, numbers, list_pairs)


def _build_leaf(map_rows: MapRows, numbers: Ints, list_pairs: ListPairs) -> dict[str, list[Row]]:
    """Return the rows of a leaf by kind, with the overlaps of each."""
    leaf: dict[str, list[Row]] = {}
    for kind, row in ((map_rows.kinds[number], map_rows.rows[number]) for number in numbers):
        pairs = list_pairs(kind, row)
        leaf.setdefault(kind, []).append(site_parts.unpack_row(row) | ({"pairs": pairs} if pairs else {}))
    for kind in leaf.keys() & set(DRAWN_LAYERS):
        leaf[kind].sort(key=lambda row: str(row["id"]))
    return leaf


def _list_entries(map_rows: MapRows, leaf_by_id: dict[str, int]) -> dict[str, list[Row]]:
    """Return the list entries of each layer, with the number of the leaf that contains the rest of the row."""
    entries: dict[str, list[Row]] = {}
    for kind, row in map_rows.iter_all():
        if kind in DRAWN_LAYERS:
            entry = {key: value for key, value in row.items() if key not in _UNLISTED_KEYS}
            if row["id"] not in leaf_by_id and "told" in row:
                entry["told"] = row["told"].unpack()
            entries.setdefault(kind, []).append({**entry, "part": leaf_by_id.get(row["id"])})
    return entries


def _add_sort_keys(layer: str, rows: list[Row]) -> Iterator[tuple[str, Row]]:
    """Yield rows with their sort key in a list: by name, or events by date, the latest first."""
    if layer in {"incidents", "mining_scars"}:
        date_column = "occurred_on" if layer == "incidents" else "observed_on"
        yield from ((_reverse_date(str(row.get(date_column) or _NO_DATE)), row) for row in rows)
    else:
        yield from ((list_key(row), row) for row in rows)


def _reverse_date(date: str) -> str:
    return "".join(str(9 - int(character)) if character.isdigit() else character for character in date)


def read_boxes(con: Connection) -> dict[str, pd.DataFrame]:
    """Read the bounding boxes of all geometries that a published map shows, by layer."""
    return {name: map_queries.read_boxes(con, LAYERS[name]) for name in DRAWN_LAYERS}


def _iter_rows(con: Connection, name: str) -> Iterator[gpd.GeoDataFrame]:
    """Yield the rows of a layer in parts."""
    if name == INCIDENTS.name:
        yield read_incident_rows(con)
    else:
        yield from map_queries.iter_layer_parts(con, LAYERS[name], at_once=_ROWS_AT_ONCE)


# The index of a whole map's names by sound: a browser loads only the parts with possible matches.


def lookup_keys(name: str, code: str = "") -> set[str]:
    """Return the keys by which a name is found: the phonetic key of each word, and the register's code."""
    words = name_key(name).split()
    significant_words = [word for word in words if len(word) >= _SHORTEST and not word.isdigit()] or words
    return {phonetic_key(word) for word in significant_words} | ({name_key(code)} if code else set())


def iter_names(
    kinds: Sequence[str], rows: Sequence[Row], boxes: Sequence[Sequence[float]], leaf_by_id: dict[str, int]
) -> Iterator[tuple[str, Row]]:
    """Yield each named feature and place once for each of its lookup keys."""
    for kind, row, box in zip(kinds, rows, boxes, strict=True):
        if row.get("name") and (kind in _KIND or kind == "places"):
            entry = _place_entry(row) if kind == "places" else _feature_entry(kind, row, box, leaf_by_id)
            yield from ((word, entry) for word in lookup_keys(entry["name"], entry.get("code", "")))


def iter_holders(
    kinds: Sequence[str], rows: Sequence[Row], leaf_by_id: dict[str, int], list_pairs: ListPairs
) -> Iterator[tuple[str, Row]]:
    """Yield each holder, as spelled by the register, with its concessions."""
    by_holder: dict[str, list[Row]] = defaultdict(list)
    for kind, row in zip(kinds, rows, strict=True):
        if kind == "concessions" and row.get("holder"):
            entry = {column: row[column] for column in _TITLE_COLUMNS if column in row}
            lands = [
                {name: pair[name] for name in ("id", "name", "part") if name in pair} for pair in list_pairs(kind, row)
            ]
            by_holder[row["holder"]].append({**entry, "part": leaf_by_id[row["id"]], "lands": lands})
    yield from (
        (normalise_name(name), {"name": name, "titles": concessions}) for name, concessions in by_holder.items()
    )


def list_key(row: Row) -> str:
    """Return the key of a row in an alphabetical list. A row without a name comes last."""
    return normalise_name(str(row.get("name") or row.get("department") or "")) or _LAST


def _place_entry(row: Row) -> Row:
    return {name: row[name] for name in ("name", "kind", "around", "at")}


def _feature_entry(kind: str, row: Row, box: Sequence[float], leaf_by_id: dict[str, int]) -> Row:
    entry = {"name": row["name"], "kind": row.get(_KIND[kind]) or _OTHERWISE[kind], "layer": kind, "id": row["id"]}
    return {
        **entry,
        "code": row.get("code", ""),
        "at": row["at"],
        "box": [round(side, 4) for side in box],
        "part": leaf_by_id[row["id"]],
    }
