"""The contents of a pocket map: published rows in a frame, the coverage of the map, and texts on each community."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from lindero.app.answers.coverage.coverage import KINDS, Coverage
from lindero.app.answers.overlap import overlaps
from lindero.app.answers.place.spot import BASE
from lindero.app.answers.place.topic_search import FORMS
from lindero.app.answers.record.extents import read_extents
from lindero.app.answers.record.unplaced import place_name, place_outline
from lindero.app.answers.registers import Registers
from lindero.app.media.files.files import join_lists, to_records
from lindero.app.media.phone import background, sentences
from lindero.app.media.phone.about import MapScope, Subject
from lindero.app.media.phone.client_words import run_in_language, translate_client
from lindero.app.media.phone.grid_outlines import COARSE_DEGREES, Frame, clip_to_frame, encode_outline
from lindero.app.media.symbols import STYLES
from lindero.app.text import i18n
from lindero.app.text.home_country import example_place, format_example
from lindero.layers.database import map_database
from lindero.layers.database.coverage import Extent
from lindero.layers.database.map_database import Connection, Source
from lindero.layers.database.queries import record_queries
from lindero.layers.model.schema import INCIDENTS, LAYERS
from lindero.layers.publish.rules import PUBLISHED, default_title

NEAR = ("concessions", "communities", "protected_areas", "incidents")  # in the order of features at the same distance
COVERED_LAYERS = (*NEAR[:3], *KINDS)  # layers with an answer of their own where nothing is found
DRAWN_LAYERS = (*NEAR, "mining_scars")
FORMAT = 1
MEASURED_LAYERS = (
    "communities",
    "protected_areas",
)  # areas with their own answer; for a concession, the client writes it
_EXCLUDED_COLUMNS = {"visibility"}


def collect_contents(
    con: Connection, scope: MapScope, changes: list[dict[str, Any]], *, step: float, today: dt.date
) -> dict[str, Any]:
    """Collect the contents of a pocket map as values for JSON.

    `changes`: the result of `app.media.site.changes.list_changes`. `step`: the grid of the outlines, in
    degrees.
    """
    registers = Registers.from_map(con)
    covered = registers.read_coverage(con)
    rows = {name: registers.filter_layer(name, _read_rows(con, name, scope.frame)) for name in DRAWN_LAYERS}
    ids = set(rows["communities"]["id"])
    pairs, _counted = overlaps.find_pairs(con, "concessions", "communities")
    facts = sentences.collect_facts(con, sorted(ids), pairs, covered)
    is_held = pairs["right_id"].isin(ids) | pairs["left_id"].isin(rows["concessions"]["id"])
    acts = read_acts(con)
    measured = dict(sentences.iter_measured_areas(con, covered, _list_area_keys(rows, scope.frame), pairs, facts.lands))

    def compose_texts() -> dict[str, Any]:
        return {
            **sentences.compose_texts(facts, scope),
            "areas": {key: sentences.area_texts(area) for key, area in measured.items()},
        }

    return {
        **common_contents(con, scope, covered, step=step, today=today),
        "around_km": scope.around_km,
        "layers": {
            name: list(encode_features(layer_rows, scope.frame, step, acts=acts)) for name, layer_rows in rows.items()
        },
        "overlaps": to_records(pairs.loc[is_held, ["left_id", "right_id", "area_ha", "certainty"]]),
        "lands": {id_: asdict(land) for id_, land in facts.lands.items()},
        "coverage": list(_encode_coverage(covered, scope.frame, step)),
        "ground": dict(_encode_ground(covered, scope.frame, step)),
        "unplaced": list(_encode_unplaced_counts(covered, scope.frame, step)),
        "changes": changes,
        "places": [
            *background.list_places(scope.frame),
            *background.iter_projects(scope.frame),
            *background.iter_regions(scope.frame),
        ],
        "basemap": background.background_areas(scope.frame),
        "told": {language: run_in_language(language, compose_texts) for language in i18n.languages()},
    }


def _list_area_keys(rows: dict[str, gpd.GeoDataFrame], frame: Frame) -> list[str]:
    """List the keys of the areas that a pocket map answers for: its rows, and the regions in its frame."""
    keys = [f"{layer}:{id_}" for layer in MEASURED_LAYERS for id_ in rows[layer]["id"]]
    return [*keys, *(f"{BASE}:{region['id']}" for region in background.iter_regions(frame))]


def common_contents(
    con: Connection, scope: MapScope, covered: Coverage, *, step: float, today: dt.date
) -> dict[str, Any]:
    """Return the contents that every pocket map has: name and dates, sources, styles and texts."""
    current = [source for source in map_database.read_sources(con) if source.is_current]
    return {
        "format": FORMAT,
        "kind": scope.subject.value,
        "id": scope.id,
        "name": scope.name,
        "example": _example_text(scope),
        "made_on": today.isoformat(),
        "data_on": _data_date(current),
        "frame": list(scope.frame),
        "step": step,
        "invented": any(source.invented for source in current),
        "silent": [name for name in COVERED_LAYERS if covered.is_silent(name)],
        "kinds": covered.list_kinds(),
        "sources": [_encode_source(source) for source in current],
        "base_step": COARSE_DEGREES,
        "forms": sorted(FORMS),
        "styles": [
            {"code": s.code, "layer": s.layer, "by": s.by, "color": s.color, "hatching": s.hatching} for s in STYLES
        ],
        "words": translate_client(),
    }


def _example_text(scope: MapScope) -> str:
    """Return the community or region of a pocket map and its position, or a place of its country."""
    if scope.subject is Subject.MAP:
        return example_place()
    west, south, east, north = scope.ground
    return format_example(scope.name, (south + north) / 2, (west + east) / 2)


def read_acts(con: Connection) -> dict[str, list[str]]:
    """Read the kinds of acts of each incident, by its id."""
    acts = record_queries.read_layer_rows(con, LAYERS["acts"])
    return {str(id_): sorted(set(types)) for id_, types in acts.dropna(subset=["type"]).groupby("incident_id")["type"]}


def _read_rows(con: Connection, name: str, frame: Frame) -> gpd.GeoDataFrame:
    layer = LAYERS[name]
    rows = read_incident_rows(con) if layer is INCIDENTS else map_database.read_layer(con, layer, bounds=frame)
    return rows[shapely.intersects(rows.geometry.to_numpy(), shapely.box(*frame))]


def read_incident_rows(con: Connection) -> gpd.GeoDataFrame:
    """Read the incidents of a published map, with the name of the district or province that is their extent."""
    rows = record_queries.read_layer_rows(con, INCIDENTS)
    names = {id_: extent.name for id_, extent in read_extents(con).items()}
    return rows.assign(area_name=rows["id"].map(names))


def encode_features(
    rows: gpd.GeoDataFrame, frame: Frame, step: float, *, acts: Mapping[str, list[str]]
) -> Iterator[dict[str, Any]]:
    """Encode rows for a pocket map: the published columns with a value, `at` and `g`.

    `at` is a position within the geometry, and `g` its outline.
    """
    shapes = list(rows.geometry)
    inner_points = shapely.point_on_surface(rows.geometry.to_numpy())
    listed = {column for columns in PUBLISHED.values() for column in columns} - _EXCLUDED_COLUMNS
    published = rows[[column for column in rows.columns if column in listed | {"id", "source_id", "area_name"}]]
    for row, shape, inner_point in zip(
        to_records(join_lists(pd.DataFrame(published))), shapes, inner_points, strict=True
    ):
        properties = {key: _to_json_value(value) for key, value in row.items() if value is not None and value != ""}
        row_acts = acts.get(str(row["id"]))
        position = None if inner_point is None else [round(inner_point.x, 5), round(inner_point.y, 5)]
        yield {
            **properties,
            **({"acts": row_acts} if row_acts else {}),
            "at": position,
            "g": encode_outline(shape, frame, step),
        }


def _to_json_value(value: object) -> object:
    return value.isoformat()[:10] if isinstance(value, dt.date) else value


def _encode_coverage(covered: Coverage, frame: Frame, step: float) -> Iterator[dict[str, Any]]:
    """Yield the coverage of each source, clipped to the frame. Beyond the frame a pocket map states nothing."""
    for values, geometry in iter_coverage(covered):
        shape = clip_to_frame(shapely.box(*frame) if geometry is None else geometry, frame)
        if outline := encode_outline(shape, frame, step):
            yield {**values, "g": outline}


def iter_coverage(covered: Coverage) -> Iterator[tuple[dict[str, Any], BaseGeometry | None]]:
    """Yield the coverage of each source for each layer and kind of incidents: its attributes and its area."""
    for layer in COVERED_LAYERS:
        for row in covered.select_rows(layer):
            values = {name: getattr(row, name) for name in ("source_id", "basis", "extent", "name")}
            yield {"layer": layer, **{name: value for name, value in values.items() if value is not None}}, row.geometry


def iter_unplaced_counts(covered: Coverage) -> Iterator[tuple[dict[str, Any], shapely.Geometry | None]]:
    """Yield the number of records known only by a region or country, with its name by language and its area."""
    for known_by, code, count in covered.unplaced.count_by_place():
        names = {
            language: run_in_language(language, partial(place_name, known_by, code)) for language in i18n.languages()
        }
        yield {"known_by": known_by, "name": names, **count.to_dict()}, place_outline(known_by, code)


def _encode_unplaced_counts(covered: Coverage, frame: Frame, step: float) -> Iterator[dict[str, Any]]:
    for values, ground in iter_unplaced_counts(covered):
        if ground is None:
            yield values
        elif outline := encode_outline(clip_to_frame(ground, frame), frame, step):
            yield {**values, "g": outline}


def _encode_ground(covered: Coverage, frame: Frame, step: float) -> Iterator[tuple[str, Any]]:
    for layer in COVERED_LAYERS:
        covered_rows = [row for row in covered.select_rows(layer) if row.extent == Extent.COVERED]
        is_everywhere = any(row.geometry is None for row in covered_rows)
        shape = clip_to_frame(shapely.box(*frame) if is_everywhere else covered.covered_area(layer), frame)
        if outline := encode_outline(shape, frame, step):
            yield layer, outline


def _encode_source(source: Source) -> dict[str, Any]:
    return {
        "source_id": source.source_id,
        "layer": source.layer,
        "title": None if source.title == default_title(source.layer, source.publisher) else source.title,
        "publisher": source.publisher,
        "licence": source.licence,
        "url": source.url,
        "snapshot_on": source.snapshot_on.isoformat(),
        "as_of": source.as_of.isoformat() if source.as_of else None,
    }


def _data_date(sources: list[Source]) -> str | None:
    """Return the date of the newest register, which decides the age of a pocket map.

    If the map has concessions, it is the date of their newest register.
    """
    dates_by_kind: Mapping[bool, list[dt.date]] = {
        only_concessions: [
            source.as_of
            for source in sources
            if source.as_of and (not only_concessions or source.layer == "concessions")
        ]
        for only_concessions in (True, False)
    }
    dates = dates_by_kind[True] or dates_by_kind[False]
    return max(dates).isoformat() if dates else None
