"""Two registers of the same things are told apart, chosen or asked about, and never added up."""

import json

import geopandas as gpd
import pytest
from typer.testing import CliRunner

from lindero.app.answers import regions
from lindero.app.answers.before_after import timing_report
from lindero.app.answers.hotspots.choices import CountedQuantity, PlaceKind
from lindero.app.answers.hotspots.place_sets import administrative_places
from lindero.app.answers.hotspots.question import Question
from lindero.app.answers.hotspots.report import hotspot_report
from lindero.app.answers.overlap.first_sight import first_sight
from lindero.app.answers.overlap.land import measure_land, read_concessions_on_land
from lindero.app.answers.profile.holder import find_holder
from lindero.app.answers.ranking.exposure import measure_exposure
from lindero.app.answers.registers import (
    Registers,
    entries,
    find_duplicate_registers,
    find_repeating_sources,
    read_regions,
)
from lindero.app.commands.index import program
from lindero.app.media.paper import typst_pdf
from lindero.app.media.paper.brief import community as community_brief
from lindero.app.media.paper.brief import holder as holder_brief
from lindero.app.media.phone import sentences
from lindero.app.text import i18n
from lindero.layers.database import map_database
from lindero.layers.errors import AnswerError
from lindero.layers.model.schema import LAYERS
from lindero.layers.reference import base_data
from tests.built import build
from tests.files import Files, concessions, square

SAID = "light repeats the data of whole and is left out, so that nothing is counted twice."


def provinces(names, *, first=0):
    """Squares that touch, in a row."""
    shapes = [square(0, first + at) for at in range(len(names))]
    codes = [f"P{name}" for name in names]
    return gpd.GeoDataFrame({"code": codes, "name": names, "level": "province"}, geometry=shapes, crs="OGC:CRS84")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Twelve provinces of one source, of which another tells three again in its own codes; a thirteenth of a third."""
    files = Files(tmp_path_factory.mktemp("registers") / "space")
    letters = list("ABCDEFGHIJKL")
    files.add("regions", provinces(letters), id="country")
    again = provinces(letters[:3]).assign(code=["01", "02", "03"])
    files.add("regions", again, id="office")
    files.add("regions", provinces(["Z"], first=20), id="neighbour")
    titles = gpd.GeoDataFrame(
        {"code": [f"T{at}" for at in range(12)], "holder": "H"},
        geometry=[square(0, at).buffer(-0.001) for at in range(12)],
        crs="OGC:CRS84",
    )
    files.add("concessions", titles, id="cadastre")
    with map_database.connect(build(files.space).path) as con:
        yield files, con


def test_of_sources_that_tell_the_same_areas_that_is_taken_which_tells_most(world):
    level = read_regions(world[1], "province")

    assert (level.chosen, level.left_out) == (("country", "neighbour"), ("office",))
    assert len(level.rows) == 13
    assert "office repeats them and is left out" in level.sentence()
    assert read_regions(world[1], "province", source="office").rows["code"].tolist() == ["01", "02", "03"]
    with pytest.raises(
        AnswerError, match="x has no regions of the level province; choose a source that has them: country"
    ):
        read_regions(world[1], "province", source="x")


def test_no_place_is_compared_twice_and_the_source_can_be_named(world):
    found = hotspot_report(world[1], Question(CountedQuantity.TITLES, PlaceKind.PROVINCES, draws=2))
    named = Question(CountedQuantity.TITLES, PlaceKind.PROVINCES, draws=2, source="office")

    assert not found.rows["name"].duplicated().any()
    assert "office" in " ".join(found.doubts())
    assert named.command()[-4:] == ["--source", "office", "--format", "json"]
    listed = regions.compare_regions(world[1], "province")
    assert not listed["name"].duplicated().any()
    answer = CliRunner().invoke(program, ["regions", "--level", "province", "--workspace", str(world[0].folder)])
    assert "office repeats them and is left out" in answer.stderr


def test_what_two_registers_number_alike_elsewhere_is_not_the_same(files):
    files.add("communities", concessions(3).drop(columns=["holder", "status"]), id="land")
    files.add("concessions", concessions(4), id="here")
    files.add("concessions", concessions(3, row=9), id="there")
    con = map_database.connect(build(files.space).path)

    assert len(measure_exposure(con).rank_communities().rows) == 3
    con.close()


def test_two_registers_of_titles_are_asked_about_by_every_answer_that_counts_them(files):
    files.add("communities", concessions(3).drop(columns=["holder", "status"]), id="land")
    files.add("concessions", concessions(4), id="whole")
    files.add("concessions", concessions(3), id="light")
    con = map_database.connect(build(files.space).path)

    asked = [
        lambda: measure_exposure(con).rank_communities(),
        lambda: hotspot_report(con, Question(CountedQuantity.TITLES)),
        lambda: regions.compare_regions(con),
        lambda: timing_report(con, km=25),
    ]
    for ask in asked:
        with pytest.raises(
            AnswerError, match="light and whole are two registers of concessions with 3 codes in common"
        ):
            ask()
    con.close()


def test_a_park_and_its_buffer_zone_are_no_two_registers_and_of_two_the_larger_is_taken(files):
    parks = concessions(4).drop(columns=["holder", "status"]).assign(zone="core")
    files.add("protected_areas", parks, id="parks")
    files.add("protected_areas", parks.assign(zone="buffer"), id="buffers")
    files.add("protected_areas", parks.iloc[:3], id="some")
    files.add("concessions", concessions(2), id="titles")
    con = map_database.connect(build(files.space).path)
    rows = map_database.read_layer(con, LAYERS["protected_areas"])

    assert [pair[:2] for pair in find_duplicate_registers(entries(rows))] == [("parks", "some")]
    assert find_repeating_sources(entries(rows)) == {"some": "parks"}
    con.close()


def test_a_country_of_which_the_map_holds_no_regions_is_compared_by_the_built_in_ones(files):
    files.add("regions", provinces(["A", "B"]).assign(level="department"), id="own")
    con = map_database.connect(build(files.space).path)
    colombia = base_data.load_countries().set_index("code").geometry["CO"]
    places = administrative_places(con, PlaceKind.REGIONS, colombia)

    assert "Cauca" in set(places.rows["name"])
    con.close()


@pytest.fixture(scope="module")
def doubled(tmp_path_factory):
    """Four concessions on four communities' land, of which another register tells three concessions again."""
    i18n.set_language("en")
    files = Files(tmp_path_factory.mktemp("doubled") / "space")
    files.add("communities", concessions(4).drop(columns=["holder", "status"]), id="land")
    files.add("concessions", concessions(4, kind="mining"), id="whole")
    files.add("concessions", concessions(3, kind="mining"), id="light")
    with map_database.connect(build(files.space).path) as con:
        yield files, con


def test_a_community_its_holder_and_the_first_page_count_one_register_and_say_which(doubled):
    con = doubled[1]
    pairs, counted = read_concessions_on_land(con)
    sight = first_sight(con)
    holder = find_holder(con, "Compañía Minera Sánchez")

    assert measure_land(con, "land/C1", pairs).titles == 1
    assert (sight.concessions, sight.lands, sight.communities) == (4, 4, 4)
    assert holder.concessions == 4
    assert sight.left_out == counted.sentences() == [SAID]
    for brief in (community_brief.build_brief(con, "land/C1"), holder_brief.build_brief(con, holder)):
        assert SAID in str(typst_pdf.build_sheet_data(brief))


def test_what_is_near_and_asked_for_is_told_of_one_register_and_said_which(doubled):
    files, con = doubled
    middle = map_database.read_layer(con, LAYERS["communities"]).geometry.iloc[0].centroid
    place = [f"{middle.y:.6f}", f"{middle.x:.6f}"]
    told = CliRunner().invoke(
        program, ["near", *place, "--km", "1", "--format", "json", "--workspace", str(files.folder)]
    )
    acts = CliRunner().invoke(program, ["consultations", "--format", "json", "--workspace", str(files.folder)])

    sources = {row["source_id"] for row in json.loads(told.stdout)["near"]}
    assert sources == {"land", "whole"}
    assert json.loads(told.stdout)["left_out"] == {"light": "whole"}
    assert SAID in told.stderr
    assert SAID in acts.stderr
    assert not any("light" in str(row["concession_id"]) for row in json.loads(acts.stdout)["acts"])


def test_a_pocket_map_holds_one_register_and_says_which(doubled):
    con = doubled[1]
    known = sentences.collect_facts(
        con, ["land/C1"], read_concessions_on_land(con)[0], Registers.from_map(con).read_coverage(con)
    )

    assert known.lands["land/C1"].titles == 1
    assert SAID in sentences.compose_map_texts(known, ["PE"])["limits"]
    assert Registers.from_map(con).filter_layer("concessions", map_database.read_layer(con, LAYERS["concessions"]))[
        "source_id"
    ].unique().tolist() == ["whole"]


def test_where_the_register_that_is_counted_has_no_data_no_zero_is_said(doubled):
    con = doubled[1]
    covered = Registers.from_map(con).read_coverage(con)

    assert {one.source_id for one in covered.sources} == {"land", "whole"}
    assert "light" not in {row.source_id for row in covered.rows}
