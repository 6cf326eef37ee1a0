"""What a pocket map holds: published rows in a frame, where the map has data, and what each community is told of."""

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
from lindero.app.answers.registers import Registers
from lindero.app.output.files import plain, records
from lindero.app.output.symbols import STYLES
from lindero.app.products.pocket import background, sentences
from lindero.app.products.pocket.about import About
from lindero.app.products.pocket.client_words import in_language, words
from lindero.app.products.pocket.grid_outlines import COARSE, Frame, clip, encode_outline
from lindero.app.record.unplaced import place_name, place_outline
from lindero.app.text import i18n
from lindero.layers.database import map_database
from lindero.layers.database.coverage import Extent
from lindero.layers.database.map_database import Connection, Source
from lindero.layers.database.queries import record_queries
from lindero.layers.model.schema import INCIDENTS, LAYERS
from lindero.layers.publish.rules import PUBLISHED, untitled

NEAR = ("concessions", "communities", "protected_areas", "incidents")  # in the order in which equally near ones stand
COVERED = (*NEAR[:3], *KINDS)  # what is answered by itself where nothing is found
DRAWN = (*NEAR, "mining_scars")
FORMAT = 1
MEASURED = ("communities", "protected_areas")  # areas with an answer of their own: the client describes a concession
_LEFT_OUT = {"visibility"}


def contents(
    con: Connection, about: About, changes: list[dict[str, Any]], *, step: float, today: dt.date
) -> dict[str, Any]:
    """
    Gather what a pack holds, as JSON can hold it.

    Parameters
    ----------
    con
        A published map.
    changes
        As `app.products.publication.changes.changes` gives them.
    step
        Of the grid on which outlines stand, in degrees.
    """
    registers = Registers.of_map(con)
    covered = registers.coverage(con)
    rows = {name: registers.of_layer(name, _within(con, name, about.frame)) for name in DRAWN}
    ids = set(rows["communities"]["id"])
    pairs, _counted = overlaps.find_pairs(con, "concessions", "communities")
    facts = sentences.gathered_facts(con, sorted(ids), pairs, covered)
    is_held = pairs["right_id"].isin(ids) | pairs["left_id"].isin(rows["concessions"]["id"])
    acts = acts_of(con)
    measured = sentences.measure_areas(con, covered, _area_keys(rows, about.frame), pairs)

    def each() -> dict[str, Any]:
        return {
            **sentences.each(facts, about),
            "areas": {key: sentences.area_texts(area) for key, area in measured.items()},
        }

    return {
        **of_any(con, about, covered, step=step, today=today),
        "around_km": about.around_km,
        "layers": {name: list(features(some, about.frame, step, acts=acts)) for name, some in rows.items()},
        "overlaps": records(pairs.loc[is_held, ["left_id", "right_id", "area_ha", "certainty"]]),
        "lands": {id_: asdict(land) for id_, land in facts.lands.items()},
        "coverage": list(_coverage(covered, about.frame, step)),
        "ground": dict(_ground(covered, about.frame, step)),
        "unplaced": list(_unplaced(covered, about.frame, step)),
        "changes": changes,
        "places": [
            *background.places(about.frame),
            *background.projects_in(about.frame),
            *background.regions_in(about.frame),
        ],
        "basemap": background.background_areas(about.frame),
        "told": {one: in_language(one, each) for one in i18n.languages()},
    }


def _area_keys(rows: dict[str, gpd.GeoDataFrame], frame: Frame) -> list[str]:
    """Return the keys of the areas that a pocket map answers for: of its rows, and of the regions in its frame."""
    own = [f"{layer}:{id_}" for layer in MEASURED for id_ in rows[layer]["id"]]
    return [*own, *(f"{BASE}:{region['id']}" for region in background.regions_in(frame))]


def of_any(con: Connection, about: About, covered: Coverage, *, step: float, today: dt.date) -> dict[str, Any]:
    """Give what every pocket map holds, of whatever it is: its name and days, sources, styles and words."""
    current = [source for source in map_database.read_sources(con) if source.is_current]
    return {
        "format": FORMAT,
        "kind": about.subject.value,
        "id": about.id,
        "name": about.name,
        "made_on": today.isoformat(),
        "data_on": _data_on(current),
        "frame": list(about.frame),
        "step": step,
        "invented": any(source.invented for source in current),
        "silent": [name for name in COVERED if covered.is_silent(name)],
        "kinds": covered.kinds_held(),
        "sources": [_source(source) for source in current],
        "base_step": COARSE,
        "forms": sorted(FORMS),
        "styles": [
            {"code": s.code, "layer": s.layer, "by": s.by, "color": s.color, "hatching": s.hatching} for s in STYLES
        ],
        "words": words(),
    }


def acts_of(con: Connection) -> dict[str, list[str]]:
    """Give the kinds of acts of each incident, by its id."""
    acts = record_queries.rows(con, LAYERS["acts"])
    return {str(id_): sorted(set(some)) for id_, some in acts.dropna(subset=["type"]).groupby("incident_id")["type"]}


def _within(con: Connection, name: str, frame: Frame) -> gpd.GeoDataFrame:
    layer = LAYERS[name]
    rows = record_queries.rows(con, layer) if layer is INCIDENTS else map_database.read_layer(con, layer, bounds=frame)
    return rows[shapely.intersects(rows.geometry.to_numpy(), shapely.box(*frame))]


def features(
    rows: gpd.GeoDataFrame, frame: Frame, step: float, *, acts: Mapping[str, list[str]]
) -> Iterator[dict[str, Any]]:
    """Write rows as a pocket map holds them: published columns that are filled, `at` a place in it, `g` its outline."""
    shapes = list(rows.geometry)
    middles = shapely.point_on_surface(rows.geometry.to_numpy())
    listed = {column for columns in PUBLISHED.values() for column in columns} - _LEFT_OUT
    kept = rows[[column for column in rows.columns if column in listed | {"id", "source_id"}]]
    for row, shape, middle in zip(records(plain(pd.DataFrame(kept))), shapes, middles, strict=True):
        properties = {key: _value(value) for key, value in row.items() if value is not None and value != ""}
        acts_of_row = acts.get(str(row["id"]))
        at = None if middle is None else [round(middle.x, 5), round(middle.y, 5)]
        yield {
            **properties,
            **({"acts": acts_of_row} if acts_of_row else {}),
            "at": at,
            "g": encode_outline(shape, frame, step),
        }


def _value(value: object) -> object:
    return value.isoformat()[:10] if isinstance(value, dt.date) else value


def _coverage(covered: Coverage, frame: Frame, step: float) -> Iterator[dict[str, Any]]:
    """Give where each source has data, cut to the frame: beyond it a pack says nothing."""
    for values, geometry in coverage_rows(covered):
        shape = clip(shapely.box(*frame) if geometry is None else geometry, frame)
        if outline := encode_outline(shape, frame, step):
            yield {**values, "g": outline}


def coverage_rows(covered: Coverage) -> Iterator[tuple[dict[str, Any], BaseGeometry | None]]:
    """Return for each layer, and kind of incidents, where its sources have data: what is said of it, and its ground."""
    for layer in COVERED:
        for row in covered.of(layer):
            values = {name: getattr(row, name) for name in ("source_id", "basis", "extent", "name")}
            yield {"layer": layer, **{name: it for name, it in values.items() if it is not None}}, row.geometry


def unplaced_rows(covered: Coverage) -> Iterator[tuple[dict[str, Any], shapely.Geometry | None]]:
    """Return how many records name a region or country alone, with its name by language, and its ground."""
    for known_by, code, count in covered.unplaced.by_place():
        names = {one: in_language(one, partial(place_name, known_by, code)) for one in i18n.languages()}
        yield {"known_by": known_by, "name": names, **count.as_dict()}, place_outline(known_by, code)


def _unplaced(covered: Coverage, frame: Frame, step: float) -> Iterator[dict[str, Any]]:
    for values, ground in unplaced_rows(covered):
        if ground is None:
            yield values
        elif outline := encode_outline(clip(ground, frame), frame, step):
            yield {**values, "g": outline}


def _ground(covered: Coverage, frame: Frame, step: float) -> Iterator[tuple[str, Any]]:
    for layer in COVERED:
        sure = [row for row in covered.of(layer) if row.extent == Extent.COVERED]
        anywhere = any(row.geometry is None for row in sure)
        shape = clip(shapely.box(*frame) if anywhere else covered.ground(layer), frame)
        if outline := encode_outline(shape, frame, step):
            yield layer, outline


def _source(source: Source) -> dict[str, Any]:
    return {
        "source_id": source.source_id,
        "layer": source.layer,
        "title": None if source.title == untitled(source.layer, source.publisher) else source.title,
        "publisher": source.publisher,
        "licence": source.licence,
        "url": source.url,
        "snapshot_on": source.snapshot_on.isoformat(),
        "as_of": source.as_of.isoformat() if source.as_of else None,
    }


def _data_on(sources: list[Source]) -> str | None:
    """Give the day of the newest register, of concessions if the map has them, on which a pack's age depends."""
    days: Mapping[bool, list[dt.date]] = {
        of_titles: [one.as_of for one in sources if one.as_of and (not of_titles or one.layer == "concessions")]
        for of_titles in (True, False)
    }
    dates = days[True] or days[False]
    return max(dates).isoformat() if dates else None
