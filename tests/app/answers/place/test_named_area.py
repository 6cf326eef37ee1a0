"""An area that is asked for by name is answered as a whole: by the figures of exposure, regions and its own page."""

import json
from dataclasses import replace

import geopandas as gpd
import pytest
from shapely import box
from typer.testing import CliRunner

from lindero.app.answers import regions
from lindero.app.answers.coverage.coverage import LayerCoverage, Verdict, read_coverage
from lindero.app.answers.holder_spellings import group_spellings, map_spellings
from lindero.app.answers.overlap import overlaps
from lindero.app.answers.overlap.named_area import measure_area, measure_areas
from lindero.app.answers.place import area_text
from lindero.app.answers.place.nearby import feature_frame, find_nearby_features
from lindero.app.answers.place.place_search import find_place
from lindero.app.answers.place.position_search import locate_position
from lindero.app.answers.place.spot import Spot, find_area, find_area_by_key
from lindero.app.answers.ranking.exposure import measure_exposure
from lindero.app.commands.index import program
from lindero.app.text import i18n
from lindero.app.text.escape import format_link, remove_markup
from lindero.layers.database import map_database
from lindero.layers.database.queries import map_queries
from lindero.layers.model.schema import LAYERS
from tests.built import build
from tests.files import SIDE, Files, concessions

WEST, SOUTH = -78.5, -7.0  # of the first concession (`tests.files.square`)


def squares(*columns):
    return [box(WEST + at * SIDE, SOUTH, WEST + (at + 1) * SIDE, SOUTH + SIDE) for at in columns]


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    """Four concessions in a row; the two parts of Ele are on the first two and beyond the last, Uno is on half of one."""
    files = Files(tmp_path_factory.mktemp("area") / "space")
    holders = ["Minera Uno S.A.", "Minera Dos S.A.", "Minera Uno S.A.", "Minera Tres S.A."]
    files.add("concessions", concessions(4, holder=holders))
    lands = gpd.GeoDataFrame(
        {"name": ["Ele", "Ele", "Solo"], "people": ["Quechua", "Quechua", ""]},
        geometry=[squares(0)[0].union(squares(1)[0]), squares(6)[0], squares(9)[0]],
        crs="OGC:CRS84",
    )
    files.add("communities", lands)
    region = gpd.GeoDataFrame(
        {"name": ["LLUCHU"], "level": ["province"]},
        geometry=[box(WEST - 0.1, SOUTH - 0.1, WEST + 2.4 * SIDE, SOUTH + 0.1)],
        crs="OGC:CRS84",
    )
    files.add("regions", region)
    build(files.space)
    return files.space


@pytest.fixture(scope="module")
def con(space):
    with map_database.connect(build(space).path) as con:
        yield con


def measured(con, area):
    return measure_area(con, area, map_spellings(group_spellings(map_queries.read_holders(con))))


def of_name(con, name, layer):
    ids = [row["id"] for row in map_database.read_layer(con, LAYERS[layer]).to_dict("records") if row["name"] == name]
    return find_area_by_key(con, f"{layer}:{ids[0]}")


def test_two_polygons_of_one_community_are_one_area_with_the_figures_of_exposure(con):
    report = measured(con, of_name(con, "Ele", "communities"))
    table = measure_exposure(con).table.loc[list(report.area.ids)]

    assert len(report.area.ids) == 2
    assert report.land.titles == table["titles"].sum() == 2
    assert report.land.footprint_ha == pytest.approx(table["title_ha"].sum())
    assert report.land.share == pytest.approx(2 / 3, abs=0.001)
    assert {part.name for part in report.parts} == {"Minera Dos S.A.", "Minera Uno S.A."}


def test_tailings_and_plants_on_a_land_are_told_apart_from_the_concessions_with_their_names(files):
    kinds, names = ["tailings", "processing_plant", "mining"], ["La Jalca", "Corona", "Sol"]
    files.add("concessions", concessions(3, kind=kinds, name=names))
    land = gpd.GeoDataFrame({"name": ["Ele"]}, geometry=[squares(0)[0].union(squares(1)[0])], crs="OGC:CRS84")
    files.add("communities", land)
    con = map_database.connect(build(files.space).path)

    report = measured(con, of_name(con, "Ele", "communities"))

    assert report.works == {"tailings": ("La Jalca",), "processing_plant": ("Corona",)}
    assert (
        area_text.works_text(report.works)
        == "Among them: 1 tailings deposit (La Jalca) and 1 processing plant (Corona)"
    )


def test_areas_are_measured_together_as_one_by_one_and_the_overlaps_are_read_once(con, monkeypatch):
    ids = map_database.read_layer(con, LAYERS["communities"])["id"]
    areas = [find_area_by_key(con, f"communities:{id_}") for id_ in ids]
    areas.insert(1, of_name(con, "LLUCHU", "regions"))
    one_by_one = [measured(con, area) for area in areas]
    read = []
    find_pairs = overlaps.find_pairs
    monkeypatch.setattr(overlaps, "find_pairs", lambda *a, **k: read.append(a[1:]) or find_pairs(*a, **k))

    together = measure_areas(con, areas, map_spellings(group_spellings(map_queries.read_holders(con))))

    assert together == one_by_one
    assert sorted(read) == [("communities", "protected_areas"), ("concessions", "communities")]


def test_a_name_of_the_map_is_an_area_and_a_position_is_none(con):
    solo = find_place("Solo", con, "PE")

    assert find_area(con, solo.place).layer == "communities"
    assert find_area(con, locate_position(SOUTH, WEST).place) is None


def test_a_region_has_the_figures_of_by_region(con):
    report = measured(con, of_name(con, "LLUCHU", "regions"))
    row = regions.compare_regions(con, "province").iloc[0]

    assert report.area.name == "Lluchu"
    assert (report.land.titles, report.land.footprint_ha, report.land.share) == (
        row["concessions"],
        pytest.approx(row["conceded_ha"]),
        pytest.approx(row["conceded_share"]),
    )


def test_of_a_region_nothing_is_said_of_protected_areas_for_they_are_not_measured(con):
    report = measured(con, of_name(con, "LLUCHU", "regions"))
    covered = {layer: LayerCoverage(layer, Verdict.COVERED, (), 1.0) for layer in ("concessions", "protected_areas")}

    assert "protected area" not in " ".join(area_text.summarize_area(report, covered))


def test_a_concession_is_told_with_the_lands_that_it_is_on(con):
    names = map_database.read_layer(con, LAYERS["concessions"])["name"]
    report = measured(con, of_name(con, names[0], "concessions"))
    covered = read_coverage(con)
    spot = Spot("", SOUTH, WEST, report.area)
    answers = {layer: spot.coverage(covered, layer) for layer in ("concessions", "communities", "protected_areas")}

    assert [(part.name, part.share) for part in report.parts] == [("Ele", pytest.approx(0.5, abs=0.01))]
    finding = remove_markup(area_text.summarize_area(report, answers).finding)
    assert f"{names[0]} is a concession of " in finding
    assert "on the land of Ele (" in finding

    nameless = replace(report, parts=tuple(part._replace(name="") for part in report.parts))
    assert "on the land of a community without a name (" in area_text.summarize_area(nameless, answers).finding


def test_distances_are_measured_from_the_boundary_of_the_area(con):
    area = of_name(con, "Ele", "communities")
    found = feature_frame(
        find_nearby_features(con, Spot("Ele", SOUTH, WEST, area), within_km=5, layers=[LAYERS["concessions"]])
    )

    assert found["distance_m"].tolist()[:2] == [0, 0]
    assert found["direction"].tolist()[:2] == ["here", "here"]
    assert set(found["direction"][2:]) <= {"here", "e", "w"}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "2 concessions are on the land of Ele. They cover 66.7% of it ("),
        ("es", "En la tierra de Ele hay 2 concesiones. Cubren el 66.7% de su territorio ("),
    ],
)
def test_the_sentence_names_the_area_the_count_and_what_is_covered(con, language, said):
    i18n.set_language(language)
    report = measured(con, of_name(con, "Ele", "communities"))
    spot = Spot("Ele", SOUTH, WEST, report.area)
    answers = {layer: spot.coverage(read_coverage(con), layer) for layer in ("concessions", "protected_areas")}

    ground = area_text.summarize_area(report, answers)

    assert said in remove_markup(ground.finding).replace(" %", "%")
    assert format_link("Ele", "communities", report.area.ids[0]) in ground.finding
    assert format_link("Minera Uno S\\.A\\.", "holder", "Minera Uno S.A.") in ground.besides


def test_the_command_answers_a_community_as_an_area(space):
    ended = CliRunner().invoke(
        program, ["near", "Solo", "--km", "5", "--format", "json", "--workspace", str(space.folder)]
    )
    told = json.loads(ended.stdout)

    assert ended.exit_code == 0, ended.output
    assert told["area"]["layer"] == "communities"
    assert told["area"]["titles"] == 0
    assert "No concession" in ended.stderr
