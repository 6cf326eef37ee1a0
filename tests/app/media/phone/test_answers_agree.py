"""A pack answers as `lindero near` does of the same published map: ids, metres, hectares, coverage and words."""

import datetime as dt
import random
import re
from functools import lru_cache

import pytest
import shapely

from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import read_coverage
from lindero.app.answers.invented import short_mark
from lindero.app.answers.overlap.land import measure_land, read_concessions_on_land
from lindero.app.answers.place import near_incidents, place_report
from lindero.app.answers.place.nearby import feature_frame, find_nearby_features
from lindero.app.answers.place.spot import Spot
from lindero.app.media.files.files import to_records
from lindero.app.media.phone import sentences
from lindero.app.media.phone.about import Subject, find_scope
from lindero.app.media.site.pack import build_pack, find_published_id, open_published_map
from lindero.app.media.site.site import write_site
from lindero.app.text import i18n
from lindero.layers.database import map_database
from lindero.layers.database.queries import derived_queries
from lindero.layers.model.schema import LAYERS
from lindero.layers.workspace import manifest_file
from tests.amount import amount
from tests.client import ask

TODAY = dt.date(2026, 7, 26)
NEAR = ("concessions", "communities", "protected_areas", "incidents")
GROUND = NEAR[:3]
ABOUT = (
    *("name", "holder", "kind", "substance", "status", "granted_on", "applied_on", "area_ha", "people", "type"),
    *("designation", "title", "occurred_on", "date_precision", "location_precision", "nearness", "area_m"),
    *("area_far_m", "area_name", "is_attack", "source_id"),
)
KM = 10
AREAS = amount(4, 40)
LISTED = 4  # concessions
PLACES = amount(40, 200)


@pytest.fixture(scope="module")
def published(demonstration):
    """The published map of the demonstration, what is busiest on it, and places whose surroundings a pack of it holds."""
    folder, own = demonstration
    pairs = derived_queries.read_overlap_pairs(own, "concessions", "communities")
    busiest = pairs["right_id"].value_counts().index[0]
    with open_published_map(manifest_file.load_workspace(folder), today=TODAY) as (pub, con):
        on = find_scope(con, Subject.COMMUNITY, find_published_id(pub, Subject.COMMUNITY, str(busiest)))
        yield pub, con, on, _places(con, on.frame)


@pytest.fixture(scope="module", params=["pack", "site"])
def packed_map(request, demonstration, published, tmp_path_factory):
    """A published map, the pack of one of its communities or its site as a page, and places whose surroundings it holds."""
    _folder, own = demonstration
    pub, con, on, places = published
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "site":
        write_site(pub, con, own, [], folder)
        page = folder / "index.html"
    else:
        made = build_pack(con, own, pub, on, today=TODAY)
        page = folder / made.file_name
        page.write_text(made.html, encoding="utf-8")
    return con, page, places


def _places(con, frame):
    """Choose places anywhere, and close to the corners of outlines, from which the frame holds all within reach."""
    chance, margin = random.Random(26), KM / 105
    west, south, east, north = frame[0] + margin, frame[1] + margin, frame[2] - margin, frame[3] - margin
    vertices = [
        vertex
        for layer in ("concessions", "communities")
        for shape in map_database.read_layer(con, LAYERS[layer], bounds=(west, south, east, north)).geometry
        for vertex in shapely.get_coordinates(shape)[::5]
        if west < vertex[0] < east and south < vertex[1] < north
    ]
    near_edges = [
        (lat + chance.gauss(0, 0.002), lon + chance.gauss(0, 0.002))
        for lon, lat in chance.choices(vertices, k=PLACES // 2)
    ]
    return [*near_edges, *((chance.uniform(south, north), chance.uniform(west, east)) for _ in range(PLACES // 2))]


@lru_cache(None)  # what the map answers of a place is the same for a pack and for a site of it
def _found(con, place, km=KM):
    return feature_frame(
        find_nearby_features(con, Spot("", *place), within_km=km, layers=[LAYERS[name] for name in NEAR], about=ABOUT),
        ABOUT,
    )


@pytest.mark.slow
@pytest.mark.parametrize("layer", ["communities", "protected_areas"])
def test_an_area_asked_for_by_name_is_answered_with_all_of_its_ground(packed_map, published, layer):
    con, page, _places = packed_map
    i18n.set_language("es")
    frame = shapely.box(*published[2].frame)
    rows = map_database.read_layer(con, LAYERS[layer])
    is_held = shapely.covers if layer == "communities" else shapely.intersects  # with all the concessions on it
    rows = rows[is_held(frame, rows.geometry.to_numpy()) & (rows.geometry.geom_type != "Point")][:AREAS]
    covered, (pairs, _counted) = read_coverage(con), read_concessions_on_land(con)
    measured = dict(sentences.iter_measured_areas(con, covered, [f"{layer}:{id_}" for id_ in rows["id"]], pairs, {}))

    answers = ask("asked", [[name, "es"] for name in rows["name"]], page=page)

    assert len(rows)
    for id_, name, answer in zip(rows["id"], rows["name"], answers, strict=True):
        (got,) = [choice["area"] for choice in answer["choices"] if choice.get("id") == id_]
        want = measured[f"{layer}:{id_}"]
        told = sentences.area_texts(want)
        assert {key: got[key] for key in told} == told, name
        if layer == "communities":
            ids = want.report.ids["concessions"]
            assert [one["row"]["id"] for one in got["titles"]] == list(ids[:LISTED]), name
            assert [int(text) for text in re.findall(r"\d+", got["more"])] == [len(ids) - LISTED][: len(ids) > LISTED]


@pytest.mark.slow
def test_what_is_near_each_place_is_the_same_to_the_metre(packed_map):
    con, page, places = packed_map
    answers = ask("near", [[*place, KM] for place in places], page=page)
    seen = 0

    for place, got in zip(places, answers, strict=True):
        want = {row["id"]: row for row in to_records(_found(con, place, km=KM + 0.001))}
        sure = {
            id_ for id_, row in want.items() if row["distance_m"] < KM * 1000 - 1
        }  # the last metre may go either way
        assert sure <= {row["id"] for row in got} <= want.keys(), place
        for row in got:
            assert row["distance_m"] == pytest.approx(want[row["id"]]["distance_m"], abs=1), (place, row["id"])
            if want[row["id"]]["distance_m"] > 50:
                assert row["direction"] == want[row["id"]]["direction"] or _between(row["bearing"]), (place, row["id"])
            assert row.get("area_ha") == want[row["id"]]["area_ha"]
            assert row["layer"] == want[row["id"]]["layer"]
        seen += len(got)
    assert seen > PLACES


def _between(bearing):
    return abs((bearing / 45) % 1 - 0.5) < 0.001


def test_where_the_map_has_data_is_the_same(packed_map):
    con, page, places = packed_map
    covered = read_coverage(con)

    for place, got in zip(places[::4], ask("around", [[*place, KM] for place in places[::4]], page=page), strict=True):
        for layer, answer in zip(NEAR, got, strict=True):
            want = covered.disc_coverage(layer, *place, within_km=KM)
            assert answer["verdict"] == want.verdict.value, (place, layer)
            assert answer["share"] == pytest.approx(want.share, abs=0.01)
            assert [one["source_id"] for one in answer["sources"]] == [one.source_id for one in want.sources]


@pytest.mark.parametrize("language", i18n.languages())
def test_it_says_so_in_the_same_words(packed_map, language):
    con, page, places = packed_map
    covered, pairs = read_coverage(con), derived_queries.read_overlap_pairs(con, "concessions", "communities")
    i18n.set_language(language)
    some = places[:: 5 if language == "es" else 20]

    for place, got in zip(some, ask("said", [[*place, KM, language] for place in some], page=page), strict=True):
        found = _found(con, place)
        here = found[found["distance_m"] == 0]
        lands = {id_: measure_land(con, id_, pairs) for id_ in here.loc[here["layer"] == "communities", "id"]}
        every = found.to_dict("records")
        answers = covered.place_coverage(here.to_dict("records"), GROUND, *place)
        around = {name: covered.disc_coverage(name, *place, within_km=KM) for name in NEAR}

        assert (got["verdict"], got["besides"]) == place_report.describe_ground(every, lands, answers), place
        assert [one["said"] for one in got["titles"]] == [
            place_report.format_concession(row) for row in here[here["layer"] == "concessions"].to_dict("records")
        ]
        assert got["message"] == place_report.format_sms(
            every, "X", lands, answers | {"incidents": around["incidents"]}, KM, mark=short_mark()
        )
        attacks = found[found["layer"] == "incidents"].to_dict("records")
        told = [near_incidents.summarize_incidents(attacks, KM), *map(place_report.format_incident, attacks)]
        told += [coverage_text.partial_coverage_text(around["incidents"])]
        assert (
            got["attacks"] == list(filter(None, told))
            if attacks
            else coverage_text.none_found_text(around["incidents"]) in got["attacks"][0]
        )
        for layer, said in zip(GROUND, got["others"], strict=True):
            if not (found["layer"] == layer).any():
                assert said == coverage_text.none_found_text(around[layer])
