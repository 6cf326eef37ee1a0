"""A question that matches nothing because of how it was asked is refused, with what there is."""

import json

import geopandas as gpd
import pandas as pd
import pytest
from starlette.requests import Request
from typer.testing import CliRunner

from lindero.app.answers.changes.register_changes import change_reports, no_later_snapshot_text
from lindero.app.answers.overlap.overlaps import overlap_report
from lindero.app.answers.overlap.row_selection import Side
from lindero.app.answers.place.spot import Spot
from lindero.app.commands.index import program
from lindero.app.media.pages.current import open_map
from lindero.app.serving.light.answer import answer_place
from lindero.app.serving.ogc.answers import routes
from lindero.layers.database import map_database
from lindero.layers.errors import AnswerError
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS
from tests import loop
from tests.built import build
from tests.files import TODAY, Files, concessions, geojson, incidents, square

LAND = concessions(3).drop(columns=["holder", "status"])


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    files = Files(tmp_path_factory.mktemp("sides") / "space")
    files.add("communities", LAND, id="land")
    files.add("concessions", concessions(2), id="cadastre", snapshot_on="2020-01-01")
    titles = concessions(4, status=None, holder=["Compañía Yanacocha", "B", "B", "B"], granted_on="2015-03-02")
    files.add("concessions", titles, id="cadastre", snapshot_on="2021-01-01")
    with map_database.connect(build(files.space).path) as con:
        yield files, con


def run(world, *words):
    return CliRunner().invoke(program, [*words, "--workspace", str(world[0].folder)])


@pytest.mark.parametrize(
    ("source", "where", "told"),
    [
        (
            "cadastro",
            [],
            "'cadastro' is not a source of concessions; the sources are: cadastre@2020-01-01, cadastre@2021-01-01",
        ),
        ("cadastre@2019-01-01", [], "'cadastre@2019-01-01' is not a source of concessions"),
        ("", ["status=granted"], "no row of concessions has a value in status"),
        ("", ["status=grantedd"], "'grantedd' is not a value of status; choose from: applied, granted"),
        ("", ["name=Nadie"], "values of name: Peñón Ñandú 1, Peñón Ñandú 2"),
        ("", ["holder=yanacocha"], "values of holder: B, Compañía Yanacocha"),
        ("", ["area_ha>1000"], "no row of concessions matches area_ha>1000"),
        ("", ["holder>3"], "holder has neither numbers nor dates"),
        ("", ["holders=3"], "no column holders"),
        ("", ["area_ha"], "'area_ha' does not have the form COLUMN=VALUE"),
    ],
)
def test_what_names_nothing_is_refused_with_what_there_is(world, source, where, told):
    with pytest.raises(AnswerError, match=told):
        Side.from_options(CONCESSIONS, source, where).read(world[1])


@pytest.mark.parametrize(
    ("where", "codes"),
    [
        (["holder~YANACOCHA"], ["C1"]),
        (["holder!=B"], ["C1"]),
        (["code=C1", "code=C3"], ["C1", "C3"]),
        (["area_ha>=1", "code!=C1"], ["C2", "C3", "C4"]),
        (["granted_on>=2015-03-02", "code=C2"], ["C2"]),
        (["id=cadastre/2020-01-01/C2"], ["C2"]),
    ],
)
def test_conditions_keep_the_rows_that_meet_them(world, where, codes):
    assert Side.from_options(CONCESSIONS, "", where).read(world[1])["code"].tolist() == codes


def test_a_box_keeps_what_meets_it(world):
    west, south, _east, north = LAND.geometry.iloc[0].bounds
    box = f"{west - 1},{south},{west + 0.005},{north}"

    assert Side.from_options(CONCESSIONS, "", [], box).read(world[1])["code"].tolist() == ["C1"]
    with pytest.raises(AnswerError, match="is inside that bounding box"):
        Side.from_options(CONCESSIONS, "", [], "0,0,1,1").read(world[1])
    with pytest.raises(AnswerError, match="'1,1,0,0' is not a bounding box"):
        Side.from_options(CONCESSIONS, "", [], "1,1,0,0")


def test_a_layer_over_itself_gives_each_pair_once_and_nothing_with_itself(world):
    files, con = world
    both = overlap_report(con, Side(COMMUNITIES), Side(COMMUNITIES), min_ha=0)
    apart = [Side.from_options(CONCESSIONS, f"cadastre@{day}", []) for day in ("2020-01-01", "2021-01-01")]

    assert not (both.pairs["left_id"] == both.pairs["right_id"]).any()
    assert not both.pairs[["left_id", "right_id"]].apply(frozenset, axis=1).duplicated().any()
    assert overlap_report(con, *apart).totals.pairs == 2  # of two days: each title with what it was
    assert " overlaps." not in run((files, con), "overlaps", "communities", "communities").stderr


def test_a_layer_that_the_map_lacks_is_a_sentence_and_no_zero(world):
    answer = run(world, "overlaps", "concessions", "protected_areas")

    assert answer.exit_code == 1 or isinstance(answer.exception, AnswerError)
    assert "do not overlap" not in answer.output


def test_changes_since_a_day_that_nothing_is_later_than_are_none(world):
    assert change_reports(world[1], since="2021-01-01") == []
    assert len(change_reports(world[1], since="2020-12-31")) == 1
    answer = run(world, "changes", "--since", "2030-01-01", "--format", "json")

    assert json.loads(answer.stdout)["changes"] == []
    assert "No register has a snapshot later than 2030-01-01" in answer.stderr


def test_the_day_on_which_a_register_was_received_is_told_as_no_date_of_it(files):
    files.add("concessions", concessions(3), title="Cadastre", snapshot_stated=False)
    files.add("communities", LAND, title="Land", snapshot_on="2026-01-01")
    con = map_database.connect(build(files.space).path)

    told = no_later_snapshot_text(con, "2030-01-01")

    assert "Cadastre (date not stated)" in told
    assert "Land (as of January 1, 2026)" in told


def test_two_registers_of_the_same_things_are_asked_about_and_periods_are_not_added(files):
    files.add("communities", LAND, id="land")
    files.add("concessions", concessions(4), id="whole")
    files.add("concessions", concessions(3), id="light")
    con = map_database.connect(build(files.space).path)
    sides = Side(CONCESSIONS), Side(COMMUNITIES)

    with pytest.raises(AnswerError, match="light and whole are two registers of concessions with 3 codes in common"):
        overlap_report(con, *sides, registers="refuse")
    with pytest.raises(AnswerError, match=r"several sources give area_ha \(light, whole\)"):
        overlap_report(con, *sides, column="area_ha")
    one = Side.from_options(CONCESSIONS, "whole", [])
    assert overlap_report(con, one, sides[1], registers="refuse").totals.pairs == 3


def test_new_is_told_from_newly_covered(tmp_path):
    """Two groups of titles 40 km apart make a box that holds a third, where the earlier file had no data."""
    files = Files(tmp_path / "space")
    ends = pd.concat([concessions(2), concessions(2, row=60).assign(code=["D1", "D2"])], ignore_index=True)
    middle = concessions(2, row=30).assign(code=["M1", "M2"])
    covers = geojson(
        files.folder / "files" / "0123456789ab" / "covers.geojson",
        ends.assign(geometry=[shape.buffer(0.02) for shape in ends.geometry])[["code", "geometry"]],
    )
    files.add(
        "concessions",
        ends,
        id="cadastre",
        snapshot_on="2020-01-01",
        coverage=covers.relative_to(files.folder).as_posix(),
    )
    files.add("concessions", pd.concat([ends, middle]), id="cadastre", snapshot_on="2021-01-01")
    head = change_reports(map_database.connect(build(files.space).path), since="2020-01-01")[0].head()

    assert (head["new"], head["new_beyond"]) == (2, 2)


@pytest.mark.parametrize("status", ["granted", "grantedd"])
def test_exposure_to_titles_of_a_status_that_none_states_is_refused(world, status):
    answer = run(world, "exposure", "--status", status)

    assert isinstance(answer.exception, AnswerError)
    assert "0.0%" not in answer.output


def test_the_json_of_an_answer_says_how_it_was_made(world):
    words = ["overlaps", "concessions", "communities", "--left-where", "code!=C1", "--min-ha", "1", "--format", "json"]
    told = json.loads(run(world, *words).stdout)

    assert told["method"] == "overlaps"
    assert told["parameters"]["left_where"] == ["code!=C1"]
    assert [(one["source_id"], one["snapshot_on"]) for one in told["sources"]] == [
        ("cadastre", "2021-01-01"),
        ("land", "2026-01-01"),
    ]
    assert told["command"].startswith("lindero overlaps concessions communities --left-where 'code!=C1'")


def test_answers_say_that_the_workspace_has_changed_since(files, tmp_path):
    files.add("communities", LAND, id="land")
    build(files.space)
    before = run((files, None), "export", "communities", "--output", str(tmp_path / "one.csv"))
    files.add("communities", LAND, id="other")
    after = run((files, None), "export", "communities", "--output", str(tmp_path / "two.csv"))

    assert "has changed" not in before.stderr
    assert "the workspace has changed since it was built" in after.stderr


def test_what_leaves_and_the_light_page_say_that_the_workspace_has_changed_since(files, tmp_path):
    files.add("communities", LAND, id="land")
    build(files.space)
    near = ("near", "-7", "-78.5", "--layer", "communities", "--format", "json")
    before = json.loads(run((files, None), *near).stdout)
    files.add("communities", LAND, id="other")
    after = json.loads(run((files, None), *near).stdout)
    published = run((files, None), "publish", "--dry-run", str(tmp_path / "out"))
    packed = run((files, None), "pack", "community", "land/C1", "--output", str(tmp_path / "one.html"))
    open_map.use_folder(files.space.build_folder)
    answer = answer_place(Spot("Here", -7.0, -78.5), today=TODAY)
    asked = {
        "type": "http",
        "path": "/ogc",
        "query_string": b"",
        "headers": [(b"host", b"here"), (b"accept-language", b"en")],
        "scheme": "http",
    }
    response = loop.run(routes()[0].endpoint(Request(asked | {"server": ("here", 80)})))
    landing = json.loads(response.body)["description"]

    key = "workspace_changed_since_build"
    assert (before[key], after[key]) == (False, True)
    assert all("the workspace has changed since it was built" in each.stderr for each in (published, packed))
    assert any("The workspace has changed since this map was built." in line for line in answer.answer["limits"].lines)
    assert "The workspace has changed since this map was built." in landing


@pytest.fixture(scope="module")
def regions(tmp_path_factory):
    """Titles, and three provinces of one department by two sources, in other codes."""
    files = Files(tmp_path_factory.mktemp("levels") / "space")
    files.add("concessions", concessions(3), id="titles")
    provinces = concessions(3).drop(columns=["holder", "status"]).assign(level="province")
    files.add("regions", provinces, id="provinces")
    whole = gpd.GeoDataFrame([{"code": "D1", "name": "D", "level": "department"}], geometry=[square(side=0.03)])
    files.add("regions", whole.set_crs("OGC:CRS84"), id="departments")
    build(files.space)
    return files, None


def test_levels_of_regions_are_asked_about_and_not_added_up(regions):
    asked = run(regions, "overlaps", "concessions", "regions")
    answered = run(regions, "overlaps", "concessions", "regions", "--right-where", "level=department")

    assert asked.exit_code == 1
    assert "department, province; choose one, for example level=department" in str(asked.exception)
    assert answered.stderr.startswith("Concessions on regions: ")
    assert "\nNumber of overlaps: 3 between 3 and 1 features\n" in answered.stderr


def test_a_name_that_nothing_has_is_no_finding(regions):
    words = ("overlaps", "concessions", "regions", "--right-where", "level=department", "--contains")

    assert run(regions, *words, "peñón").exit_code == 0
    assert "'nobody' is not in a name or holder of these layers; check the spelling" in str(
        run(regions, *words, "nobody").exception
    )


@pytest.mark.parametrize("over", ["communities", "h3"])
def test_a_source_of_regions_is_no_source_of_other_places(world, over):
    told = run(world, "hotspots", "--of", "titles", "--over", over, "--source", "nobody")

    assert "a source of regions ('nobody') cannot be used here" in str(told.exception)


def test_where_no_title_says_when_it_was_granted_timing_counts_none(files):
    files.add("concessions", concessions(3), id="titles")
    header = "code,title,occurred_on,date_precision,country,location_precision,visibility,longitude,latitude"
    rows = [f"A{day},Hecho,202{day}-05-01,day,PE,exact,public_record,-78.495,-6.995" for day in (0, 1)]
    files.add("incidents", incidents(*rows, header=header), id="attacks")
    acts = "".join(f"attacks/A{day},threat\n" for day in (0, 1))
    files.add("acts", f"incident_id,type\n{acts}", id="acts")
    build(files.space)
    told = run((files, None), "timing", "--draws", "2", "--format", "json")

    assert "No concession on this map has a grant date, so nothing can be compared." in told.stderr
    assert "0 concessions were granted" not in told.stderr
