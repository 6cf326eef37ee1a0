"""Hotspots of a map: what is counted, over which places, what is said, and the command that says it."""

import datetime as dt
import json
import re
import shlex

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import Point, box
from typer.testing import CliRunner

from lindero.app.answers.hotspots import place_sets
from lindero.app.answers.hotspots.choices import CountedQuantity, PlaceKind, RateBase
from lindero.app.answers.hotspots.events import read_events
from lindero.app.answers.hotspots.hotspots_answer import hotspots_answer
from lindero.app.answers.hotspots.question import Question
from lindero.app.answers.hotspots.report import hotspot_report
from lindero.app.answers.record.coarse_places import possible_locations
from lindero.app.commands.index import program
from lindero.app.media.text.plain_text import format_sentences
from lindero.app.text import i18n
from lindero.geo import GeoError
from lindero.geo.stats.hotspots import HOT
from lindero.layers.database import map_database
from lindero.layers.errors import AnswerError
from lindero.layers.reference import base_data
from tests import hot_map
from tests.hot_map import ATTACKS, COMMUNITIES, ELSEWHERE, MIDDLE, NOWHERE, REGION_ONLY, TITLES, UNDATED

CAJAMARCA = {"within": "PE-CAJ", "resolution": 5, "draws": 5}


@pytest.fixture(scope="module")
def con(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hot") / "build"
    with map_database.connect(hot_map.publish(folder)) as con:
        yield con


@pytest.fixture(scope="module")
def attacks(con):
    return hotspot_report(con, Question(**CAJAMARCA))


def test_attacks_about_a_town_are_a_hotspot_there_and_nowhere_else(attacks):
    hot = attacks.select_result(HOT)
    away = shapely.distance(hot.geometry.to_numpy(), Point(MIDDLE))

    assert len(hot) >= 3
    assert away.max() < 0.6
    assert (hot["hot_area"] == 1).all()
    assert attacks.rows["result"].iloc[: len(hot)].tolist() == [HOT] * len(hot)
    assert (hot["observed"] > 3 * hot["expected"]).all()
    assert hot["stability"].between(0.1, 1).all()


def test_a_place_of_whose_range_an_end_is_not_known_is_told_without_the_range(attacks):
    row = attacks.rows.iloc[0].copy()
    row["observed_low"] = np.nan  # a 0 where the map has no data of all of the place

    assert re.search(r"\d attacks and conflicts, compared with [\d.,]+ expected$", attacks.describe_row(row))


def test_what_is_counted_adds_up_and_what_is_left_out_is_said(attacks):
    everything = ATTACKS + len(ELSEWHERE) + REGION_ONLY + NOWHERE

    assert attacks.total == everything - REGION_ONLY
    assert (attacks.imprecise, attacks.coarse, attacks.nowhere, attacks.undated) == (0, REGION_ONLY, NOWHERE, 0)
    assert attacks.rows["count"].sum() == pytest.approx(everything - NOWHERE - REGION_ONLY)
    assert attacks.outside == pytest.approx(0, abs=0.5)
    assert any(
        f"{REGION_ONLY} are known only by their region or province" in doubt for doubt in attacks.provenance.limits
    )


def test_a_reader_who_is_no_statistician_is_told_numbers(attacks):
    first = attacks.rows.iloc[0]

    assert f"{round(first['observed'])} attacks and conflicts, compared with" in attacks.describe_row(first)
    told = format_sentences(hotspots_answer(attacks).sections)
    assert re.search(r"attacks and conflicts, compared with [\d.,]+ expected", told)
    assert f"near {first['name']}" in told
    i18n.set_language("es")
    told = format_sentences(hotspots_answer(attacks).sections)
    assert re.search(r"ataques y conflictos, frente a [\d.,]+ esperados", told)


def test_the_record_gives_the_same_numbers_again(con, attacks):
    held = attacks.provenance.to_dict()
    again = hotspot_report(con, Question(**CAJAMARCA))

    assert again.rows.drop(columns="geometry").equals(attacks.rows.drop(columns="geometry"))
    assert held["seed"] == 1
    assert held["parameters"]["permutations"] >= len(attacks.rows) / 0.05
    assert [source["source_id"] for source in held["sources"]] == ["incidents"]
    typed = "lindero hotspots --of incidents --over h3 --resolution 5 --within PE-CAJ --draws 5 --seed 1 --format json"
    assert held["command"] == typed


def test_another_seed_is_other_chance_but_the_same_hotspot(con, attacks):
    other = hotspot_report(con, Question(**CAJAMARCA, seed=2))

    assert not other.rows["p"].equals(attacks.rows["p"])
    assert shapely.distance(other.rows.loc[0, "geometry"], attacks.rows.loc[0, "geometry"]) < 0.3


def test_people_are_counted_by_victims_and_titles_by_period(con):
    people = read_events(con, CountedQuantity.VICTIMS, None, None)
    early, late = dt.date(2020, 1, 1), dt.date(2022, 1, 1)

    assert people.weights.sum() == ATTACKS + 4
    assert len(read_events(con, CountedQuantity.TITLES, early, late).weights) == TITLES // 2
    assert len(read_events(con, CountedQuantity.TITLES, late, None).weights) == TITLES // 2 + len(ELSEWHERE)
    dated = read_events(con, CountedQuantity.INCIDENTS, early, None)
    assert (len(dated.weights), dated.undated) == (ATTACKS + len(ELSEWHERE) + REGION_ONLY + NOWHERE - UNDATED, UNDATED)


def test_hectares_of_overlap_are_those_of_the_ground_counted_once(con):
    cells = hotspot_report(con, Question(CountedQuantity.OVERLAP_HA, within="PE-CAJ", resolution=5))
    land = hotspot_report(con, Question(CountedQuantity.OVERLAP_HA, PlaceKind.COMMUNITIES, RateBase.AREA))

    assert len(land.rows) == COMMUNITIES
    assert 0 < land.rows["count"].sum() <= land.total  # titles lie on each other: gross is more than ground
    assert cells.rows["count"].sum() == pytest.approx(land.rows["count"].sum(), rel=0.02)  # one community reaches out
    assert (land.rows["count"] <= land.rows["base"] * (1 + 1e-9)).all()
    assert land.rows["rate"].max() <= 1 + 1e-9


@pytest.mark.parametrize(
    ("asked", "places"),
    [
        ({"over": PlaceKind.PROVINCES}, 42),
        ({"over": PlaceKind.PROVINCES, "per": RateBase.AREA}, 42),
        ({"over": PlaceKind.PROVINCES, "per": RateBase.COMMUNITIES, "of": CountedQuantity.TITLES}, 42),
        ({"over": PlaceKind.REGIONS, "per": RateBase.POPULATION}, 25),
        ({"over": PlaceKind.COMMUNITIES, "of": CountedQuantity.TITLES}, COMMUNITIES),
        ({"over": PlaceKind.COMMUNITIES, "per": RateBase.POPULATION}, COMMUNITIES),
    ],
)
def test_places_of_every_kind_are_compared(con, asked, places):
    found = hotspot_report(con, Question(**{"of": CountedQuantity.INCIDENTS, "draws": 3, **asked})).rows

    assert len(found) <= places
    tested = found[found["result"] != "unknown"]
    assert len(tested) >= 10
    assert tested["observed"].max() > tested["expected"][tested["observed"].idxmax()]


@pytest.fixture(scope="module")
def doubled(tmp_path_factory):
    """The map with one community in two registers, and one more in Ecuador."""
    once = hot_map._communities()
    again, abroad = once.iloc[[7]].assign(name="Another register"), once.iloc[[0]].assign(name="Abroad")
    rows = pd.concat([once, again, abroad.set_geometry([box(-78.5, -1.0, -78.45, -0.95)])], ignore_index=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hot_map, "_communities", lambda: rows)
        path = hot_map.write(tmp_path_factory.mktemp("doubled") / "build")
    with map_database.connect(path) as con:
        yield con


def test_a_community_in_two_registers_is_one_place_and_counts_once(con, doubled):
    told = "1 community with the same land as another community is left out."
    question = Question(CountedQuantity.TITLES, PlaceKind.COMMUNITIES)
    found = hotspot_report(doubled, question, country="PE")

    assert len(found.rows) == COMMUNITIES
    assert found.rows["name"].isin(["Community 7", "Another register"]).sum() == 1
    assert told in found.doubts()
    assert found.head()["communities_repeating_ground"] == 1
    assert told not in hotspot_report(con, question).doubts()
    provinces = hotspot_report(doubled, Question(CountedQuantity.TITLES, PlaceKind.PROVINCES, RateBase.COMMUNITIES))
    assert provinces.rows["base"].sum() == COMMUNITIES
    assert told in provinces.doubts()


def test_communities_of_other_countries_are_compared_on_request_only(doubled):
    question = Question(CountedQuantity.TITLES, PlaceKind.COMMUNITIES)
    own, every = (hotspot_report(doubled, question, country=country) for country in ("PE", "all"))

    assert "Abroad" not in own.rows["name"].tolist()
    assert "Abroad" in every.rows["name"].tolist()
    assert own.provenance.command[-4:-2] == ["--country", "PE"]
    assert every.provenance.command[-4:-2] == ["--country", "all"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (Question(over=PlaceKind.DISTRICTS), "the map has no places of this kind: Districts"),
        (Question(within="XX"), "'XX' is not the code of a country or region"),
        (Question(within="PE-CAJ", resolution=8), "resolution must be from 1 to 7"),
        (Question(over=PlaceKind.COMMUNITIES, per=RateBase.COMMUNITIES), "communities cannot be counted per community"),
        (Question(since=dt.date(2050, 1, 1)), "the map has nothing with a known place to count"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused_with_what_to_do(con, asked, message):
    with pytest.raises((AnswerError, GeoError), match=message):
        hotspot_report(con, asked)


def test_an_incident_may_be_anywhere_in_what_its_record_names():
    here = Point(-78.5, -7.0)
    rows = [
        (here, "locality", "Cajamarca", "", "PE"),
        (here, "district", "Cajamarca", "", "PE"),
        (here, "province", "", "", "PE"),
        (here, "region", "", "", "PE"),
        (here, "country", "", "", "PE"),
        (box(-78.6, -7.1, -78.4, -6.9), "province", "", "", "PE"),
        (None, "region", "Ucayali", "", "Peru"),
        (None, "province", "Jaén, Cajamarca", "", "PE"),
        (None, "region", "Nowhere at all", "", "Perú"),
        (None, "region", "", "", ""),
        (Point(36.8, 1.3), "region", "", "", "KE"),  # no region has an outline there
    ]
    columns = ["geometry", "location_precision", "region", "place_text", "country"]
    frame = gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs="OGC:CRS84")
    shapes = possible_locations(frame)
    regions = base_data.load_regions().set_index("code").geometry
    country = base_data.load_countries().set_index("code").geometry["PE"]

    assert shapes[0] == here
    assert shapely.area(shapes[1]) < shapely.area(shapes[2])
    assert [shape.contains(here) for shape in shapes[1:5]] == [True] * 4
    assert (shapes[3], shapes[4]) == (regions["PE-CAJ"], country)
    assert shapes[5] == rows[5][0]
    assert shapes[6] == regions["PE-UCA"]
    assert shapes[7].geom_type == "Polygon"
    assert regions["PE-CAJ"].intersects(shapes[7])
    assert shapes[8] == country
    assert shapes[9] is None
    assert shapes[10] == base_data.load_countries().set_index("code").geometry["KE"]


def test_the_command_prints_json_alone_that_holds_what_gives_it_again(tmp_path):
    space = tmp_path / "space"
    space.mkdir()
    (space / "lindero.toml").write_text('[workspace]\nname = "hot"\ntitle = "Hot"\ncountry = "PE"\n')
    hot_map.publish(space / "build")
    order = ["hotspots", "--within", "PE-CAJ", "--resolution", "4", "--draws", "3", "--workspace", str(space)]
    result = CliRunner().invoke(program, [*order, "--format", "json"])
    answer = json.loads(result.stdout)

    assert answer["places"] == len(answer["places_compared"]) > 10
    assert answer["places_compared"][0].keys() >= {
        "id",
        "name",
        "observed",
        "expected",
        "p",
        "q",
        "result",
        "stability",
    }
    again = CliRunner().invoke(program, [*shlex.split(answer["command"])[1:], "--workspace", str(space)])
    assert again.stdout == result.stdout
    shapes = CliRunner().invoke(program, [*order, "--format", "geojson"])
    drawn = json.loads(shapes.stdout)["features"]
    assert len(drawn) == answer["places"]
    assert np.isfinite(drawn[0]["geometry"]["coordinates"][0]).all()
    assert CliRunner().invoke(program, ["hotspots", "--of", "luck"]).exit_code == 2


def test_cells_near_a_border_are_named_by_places_of_the_country():
    border = box(-80.5, -4.6, -79.5, -3.6)  # Piura and Tumbes in Peru, Loja and El Oro in Ecuador
    named = set(place_sets.hexagons(border, resolution=5, country="PE").rows["region"])

    assert named <= set(base_data.load_regions("PE")["name"])
    assert not set(place_sets.hexagons(border, resolution=5).rows["region"]) <= named
