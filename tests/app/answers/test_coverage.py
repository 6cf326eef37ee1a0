"""Where sources have data, and the three answers that follow: none on record, no data, not known."""

import datetime as dt
import re

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely import box
from typer.testing import CliRunner

from lindero.app.answers import regions
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import LayerCoverage, Verdict, read_coverage
from lindero.app.answers.ranking.exposure import measure_exposure
from lindero.app.commands.index import program
from lindero.app.media.pages.tables import region_tables
from lindero.app.text import i18n
from lindero.geo.registers.extent import Regions, find_regions
from lindero.layers.database import map_database
from lindero.layers.errors import SourceError
from lindero.layers.model.schema import CRS
from lindero.layers.workspace import manifest_file
from tests.built import build
from tests.files import concessions, geojson, incidents

CAJAMARCA, LIMA, SEA = (-7.0, -78.5), (-12.05, -77.0), (-10.0, -85.0)


def covered(files):
    return read_coverage(map_database.connect(build(files.space).path))


def scattered(*vertices, side=0.01):
    """Concessions whose south-western corners are given as (west, south)."""
    frame = concessions(len(vertices))
    return frame.set_geometry(
        [box(west, south, west + side, south + side) for west, south in vertices], crs="OGC:CRS84"
    )


AROUND = scattered((-79.0, -6.5), (-78.3, -7.2), (-78.9, -6.0))


def test_what_is_declared_is_covered_and_nothing_else(files):
    files.add("concessions", concessions(), coverage="PE-CAJ")
    found = covered(files)

    here, there = found.point_coverage("concessions", *CAJAMARCA), found.point_coverage("concessions", *LIMA)

    assert (here.verdict, here.declared, [s.publisher for s in here.sources]) == (Verdict.COVERED, True, ["Editora"])
    assert there.verdict is Verdict.NO_DATA
    assert not there.sources


def test_ground_is_united_once_and_not_what_a_source_that_is_left_out_covers(files):
    files.add("concessions", concessions(), coverage="PE-CAJ")
    found = covered(files)

    ground = found.covered_area("concessions")

    assert found.covered_area("concessions") is ground
    assert not ground.is_empty
    assert found.exclude_sources({source.source_id for source in found.sources}).covered_area("concessions").is_empty
    assert found.covered_area("incidents").is_empty


def test_a_country_may_be_declared_with_its_coast_and_without_its_neighbours(files):
    files.add("concessions", concessions(), coverage="PE")
    found = covered(files)

    assert found.point_coverage("concessions", -12.05, -77.15).is_covered  # Callao, at the sea
    assert found.point_coverage("concessions", *SEA).verdict is Verdict.NO_DATA
    assert found.point_coverage("concessions", -0.2, -78.5).verdict is Verdict.NO_DATA  # Quito


def test_what_lies_between_rows_is_proposed_and_the_rest_of_their_region_is_not_known(files):
    files.add("concessions", AROUND, coverage="")
    found = covered(files)

    assert found.point_coverage("concessions", -6.55, -78.75).is_covered
    assert (
        found.point_coverage("concessions", -5.2, -79.1).verdict is Verdict.NOT_KNOWN
    )  # in Cajamarca, far north of all rows
    assert found.point_coverage("concessions", *LIMA).verdict is Verdict.NO_DATA


def test_one_row_never_covers_a_country_or_a_region(files):
    files.add("concessions", concessions(1), coverage="")
    found = covered(files)

    assert found.point_coverage("concessions", -7.5, -78.2).verdict is Verdict.NOT_KNOWN
    assert found.point_coverage("concessions", *LIMA).verdict is Verdict.NO_DATA
    assert found.covered_area("concessions").is_empty


def test_a_layer_that_the_map_lacks_has_no_data_anywhere(files):
    files.add("concessions", concessions(), coverage="PE")
    found = covered(files)

    assert found.has_no_data("communities")
    assert not found.has_no_data("concessions")
    assert found.point_coverage("communities", *CAJAMARCA).verdict is Verdict.NO_DATA


def test_an_area_is_covered_by_a_share(files):
    files.add("concessions", concessions(), coverage="PE-CAJ")
    found = covered(files)
    half = found.area_coverage("concessions", box(-85.0, -8.5, -78.4, -4.0))

    assert found.area_coverage("concessions", box(-78.6, -7.1, -78.4, -6.9)).is_whole
    assert 0 < half.share < 1
    assert not half.is_whole
    assert found.area_coverage("concessions", box(-77.1, -12.1, -77.0, -12.0)).verdict is Verdict.NO_DATA


def test_coverage_differs_by_snapshot_and_that_of_the_latest_is_told(files):
    files.add("concessions", concessions(), id="c", snapshot_on="2009-01-01", coverage="PE")
    files.add("concessions", concessions(2), id="c", snapshot_on="2026-01-01", coverage="PE-CAJ")

    assert covered(files).point_coverage("concessions", *LIMA).verdict is Verdict.NO_DATA


def test_a_file_may_say_where_a_source_has_data_even_in_the_sea(files):
    zone = gpd.GeoDataFrame({"name": ["17S"]}, geometry=[box(-84, -18, -78, 0)], crs=CRS)
    files.add("concessions", concessions(), coverage="files/zone.geojson")
    geojson(files.folder / "files" / "zone.geojson", zone)
    found = covered(files)

    assert found.point_coverage("concessions", -7.0, -82.0).is_covered
    assert found.point_coverage("concessions", *LIMA).verdict is Verdict.NO_DATA


@pytest.mark.parametrize("wrong", ["XX", "PE-CAJ, nowhere.geojson", ","])
def test_what_names_no_ground_is_refused(files, wrong):
    files.add("concessions", concessions(), coverage=wrong)

    with pytest.raises(SourceError):
        build(files.space)


CUSCO, PUNO, TUMBES = (-13.53, -71.97), (-15.5, -70.1), (-3.57, -80.45)


def record(files, *, coverage=""):
    """A list of killings, two known to Cusco alone, one to Peru alone, one to nothing; and a list of conflicts."""
    killed = "a,One,PE,Cusco,region\nb,Two,PE,Cusco,region\nc,Three,PE,,country\nd,Four,,,country\n"
    head = "code,title,country,region,location_precision"
    rows = "".join(f"{line},public_record\n" for line in killed.splitlines())
    files.add("incidents", f"{head},visibility\n{rows}", id="killings", coverage=coverage)
    files.add("acts", "incident_id,type\n" + "".join(f"killings/{code},killing\n" for code in "abcd"), id="acts")
    conflicts = "code,title,country,region,location_precision,visibility\nx,Conflict,PE,Puno,region,public_record\n"
    files.add("incidents", conflicts, id="conflicts", coverage="PE")
    return covered(files)


def test_a_row_known_by_its_region_alone_does_not_make_the_region_covered(files):
    found = record(files)

    assert found.point_coverage("attacks", *CUSCO).parts[0].verdict is Verdict.NOT_KNOWN
    assert found.point_coverage("attacks", *CAJAMARCA).parts[0].verdict is Verdict.NO_DATA
    assert found.covered_area("attacks").is_empty


@pytest.mark.parametrize("declared", ["", "PE"])
def test_none_is_never_said_of_attacks_that_may_lie_here_and_how_many_they_are_is_said(files, declared):
    found = record(files, coverage=declared)

    for place, regions_named in ((CUSCO, "2 killings somewhere in Cusco; "), (TUMBES, "")):
        answer = found.disc_coverage("incidents", *place, within_km=10)
        assert answer.verdict is Verdict.NOT_KNOWN
        told = coverage_text.none_found_text(answer)
        assert "No attacks" not in told
        assert told.endswith(
            "Recorded without an exact place; they may have happened here: "
            f"{regions_named}1 killing in Peru, region not known; 1 killing, place not known."
        )
        assert coverage_text.partial_coverage_text(answer).endswith("1 killing, place not known.")
    assert (
        found.point_coverage("incidents", *CUSCO).to_dict()["known_without_exact_place"]["known_by_region"]["killings"]
        == 2
    )


def test_a_list_of_conflicts_does_not_cover_attacks(files):
    conflicts = "code,title,country,location_precision,visibility\nx,Conflict,PE,country,public_record\n"
    files.add("incidents", conflicts, id="conflicts", coverage="PE")
    found = covered(files)
    said = coverage_text.none_found_text(found.point_coverage("incidents", *TUMBES))

    assert found.has_no_data("attacks")
    assert not found.has_no_data("conflicts")
    assert found.point_coverage("attacks", *TUMBES).verdict is Verdict.NO_DATA
    assert said.startswith("This map has no data on attacks here.")
    assert said.endswith("they may have happened here: 1 conflict in Peru, region not known.")


def test_where_all_attacks_have_a_place_none_is_said_of_a_declared_area(files):
    rows = "code,title,lat,lon,location_precision,visibility\na,One,-7.0,-78.5,exact,public_record\n"
    files.add("incidents", rows, id="i", coverage="PE")
    files.add("acts", "incident_id,type\ni/a,threat\n", id="acts")
    found = covered(files)

    assert found.disc_coverage("incidents", *TUMBES, within_km=5).is_whole
    assert coverage_text.none_found_text(found.point_coverage("incidents", *TUMBES)).startswith(
        "No attacks on record here"
    )


def test_a_region_s_own_records_are_on_record_in_it_and_those_of_the_country_may_be(files):
    found = record(files, coverage="PE")
    area = shapely.Point(*CUSCO[::-1]).buffer(0.1)
    by_region = found.region_coverage("attacks", area, country="PE", region="PE-CUS").unplaced
    by_country = found.region_coverage("attacks", area, country="PE").unplaced

    assert (by_region.in_region.attacks, by_region.in_country.attacks, by_region.nowhere.attacks) == (0, 1, 1)
    assert (by_country.in_country.attacks, by_country.nowhere.attacks) == (0, 1)


def test_an_earlier_version_of_a_map_says_not_known(files):
    files.add("concessions", AROUND, coverage="")
    found = covered(files)
    old = type(found)((), found.sources, found.holding)

    assert old.point_coverage("concessions", *CAJAMARCA).verdict is Verdict.NOT_KNOWN


def test_the_hull_stays_within_the_region_and_within_the_rows():
    regions = gpd.GeoDataFrame({"code": ["A"], "name": ["a"]}, geometry=[box(0, 0, 10, 10)], crs=CRS)
    boxes = pd.DataFrame({"xmin": [1, 7, 1], "ymin": [1, 1, 8], "xmax": [2, 12, 2], "ymax": [2, 2, 9]})
    found = find_regions(boxes, Regions(regions)).iloc[0]

    assert found["rows"] == 3
    assert shapely.contains(found["region"], found["geometry"])
    assert found["geometry"].bounds == (1, 1, 10, 9)


def test_rows_that_reach_over_a_border_do_not_cover_the_other_side():
    sides = gpd.GeoDataFrame(
        {"code": ["A", "B"], "name": ["a", "b"]}, geometry=[box(0, 0, 5, 9), box(5, 0, 9, 9)], crs=CRS
    )
    over = [[5 - 0.01, y, 5.08, y + 0.1] for y in (1, 4, 7)] + [[5.2, 3, 5.3, 3.1]]
    own = [[x, y, x + 0.1, y + 0.1] for x, y in ((1, 1), (4.9, 8), (2, 8), (3, 3), (4, 1))]
    rows, regions = pd.DataFrame(own + over, columns=["xmin", "ymin", "xmax", "ymax"]), Regions(sides)
    found, again = (find_regions(rows, regions).set_index("code") for _ in range(2))  # one source, and another

    assert found.geometry.tolist() == again.geometry.tolist()

    assert found["rows"].to_dict() == {"A": 5, "B": 4}
    assert found.geometry["B"] is None
    assert found.geometry["A"].bounds[2] == 5  # what lies at the border counts where enough lies farther in


@pytest.mark.parametrize(
    ("language", "place", "said"),
    [
        ("en", CAJAMARCA, "No concessions on record here (Editora, as of January 1, 2026)."),
        ("en", LIMA, "This map has no data on concessions here."),
        ("es", LIMA, "Este mapa no tiene datos de concesiones aquí."),
    ],
)
def test_each_answer_is_a_sentence(files, language, place, said):
    files.add("concessions", concessions(), coverage="PE-CAJ")
    found = covered(files)
    i18n.set_language(language)

    assert coverage_text.none_found_text(found.point_coverage("concessions", *place)) == said


def test_of_which_layers_nothing_is_known_is_said_once(files):
    files.add("concessions", concessions(), coverage="PE-CAJ")
    found = covered(files)
    answers = [found.point_coverage(layer, *CAJAMARCA) for layer in ("concessions", "communities", "protected_areas")]

    assert coverage_text.no_data_text(answers) == "This map has no data on community lands or protected areas here."


def test_a_source_says_where_it_has_data(files):
    files.add("concessions", AROUND, id="rows", coverage="")
    files.add("concessions", concessions(code=["X", "Y", "Z"]), id="said", coverage="PE-CAJ, PE-LIM")
    found = covered(files)
    told = {source.source_id: coverage_text.source_area_text(found, source) for source in found.sources}

    assert told == {"rows": "part of Cajamarca (from its rows)", "said": "Cajamarca, Lima (declared)"}


def typed(arguments):
    """Type a command; give what it says."""
    result = CliRunner().invoke(program, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.stderr
    return result.stderr


def test_what_is_declared_is_kept_with_its_file_and_carried_over_to_the_next_snapshot(files, tmp_path):
    zone = gpd.GeoDataFrame({"name": ["17S"]}, geometry=[box(-84, -18, -78, 0)], crs=CRS)
    said = str(geojson(tmp_path / "zone.geojson", zone))
    path = geojson(tmp_path / "c.geojson", concessions())
    add = ["add", str(path), "--workspace", str(files.folder), "--layer", "concessions", "--publisher", "P", "--yes"]

    typed([*add, "--id", "c", "--snapshot-on", "2009-11-30", "--coverage", f"PE-LIM, {said}"])
    told = typed([*add, "--id", "c", "--snapshot-on", "2026-03-10"])
    first, second = manifest_file.load_workspace(files.folder).sources

    assert first.coverage == second.coverage
    assert first.coverage.startswith("PE-LIM, files/")
    assert files.folder.joinpath(first.coverage.partition(", ")[2]).is_file()
    assert "coverage, as declared: " in told


def test_a_file_without_a_date_says_so_and_a_second_one_is_asked_for_its_day(files, tmp_path):
    path = geojson(tmp_path / "c.geojson", concessions())
    add = ["add", str(path), "--workspace", str(files.folder), "--layer", "concessions", "--publisher", "P", "--yes"]

    assert "date not stated" in typed(add)
    assert "snapshot_on" not in files.folder.joinpath("lindero.toml").read_text()
    assert "c (date not stated), P" in typed(["build", str(files.folder)])
    with pytest.raises(SourceError, match="--snapshot-on"):
        typed(add)
    with pytest.raises(SourceError, match="the earlier file of source c has no stated date") as refused:
        typed([*add, "--snapshot-on", "2026-03-10"])
    command = str(refused.value).partition("lindero ")[2].partition(", so that")[0]
    told = typed([*command.replace("YYYY-MM-DD", "2009-11-30").split(), "--workspace", str(files.folder)])
    typed([*add, "--snapshot-on", "2026-03-10"])

    assert "snapshot_on = 2009-11-30" in told
    assert [one.snapshot_on for one in manifest_file.load_workspace(files.folder).sources] == [
        "2009-11-30",
        "2026-03-10",
    ]


def test_what_a_source_covers_is_said_after_it_was_added(files, tmp_path):
    zone = gpd.GeoDataFrame({"name": ["zone"]}, geometry=[box(-84, -18, -78, 0)], crs=CRS)
    areas = str(geojson(tmp_path / "zone.geojson", zone))
    files.add("concessions", concessions(1), id="c", coverage="")
    at = ["--workspace", str(files.folder)]
    dates = ["--covers-from", "2012-01-01", "--covers-to", "2021-12-31", "--published-on", "2022-09-29"]
    told = typed(["describe", "c", "--covers", f"PE-LIM, {areas}", *dates, "--licence", "CC0-1.0", *at])
    space = manifest_file.load_workspace(files.folder)
    con = map_database.connect(build(space).path)
    (source,) = map_database.read_sources(con)

    assert "covers_to = 2021-12-31" in told
    assert read_coverage(con).point_coverage("concessions", *LIMA).is_covered
    assert read_coverage(con).point_coverage("concessions", -7.0, -82.0).is_covered
    assert [str(day) for day in (source.covers_from, source.covers_to, source.published_on)] == [
        "2012-01-01",
        "2021-12-31",
        "2022-09-29",
    ]
    assert source.licence == "CC0-1.0"
    typed(["describe", "c", "--covers", "-", *at])
    assert not manifest_file.load_workspace(files.folder).sources[0].coverage


def communities(*vertices):
    frame = scattered(*vertices, side=0.02)
    return frame.assign(name=frame["name"].str.replace("Peñón", "Comunidad")).drop(columns=["holder", "status"])


def test_without_a_layer_of_concessions_nobody_is_the_most_exposed_with_nothing(files):
    files.add("communities", communities((-78.5, -7.0), (-78.4, -7.0)))
    report = measure_exposure(map_database.connect(build(files.space).path)).rank_communities()

    assert report.rows.empty
    assert len(report.unranked) == 2
    assert "2 communities are not ranked, because this map has no data on concessions on their land" in " ".join(
        report.list_caveats()
    )
    assert not re.search(r"\b0\b", " ".join(report.list_caveats()))
    assert "This map has no data at all on concessions" in report.lacking_text


def test_a_community_outside_of_what_the_cadastre_covers_is_not_ranked_as_untouched(files):
    files.add("concessions", concessions(), coverage="PE-CAJ")
    files.add("communities", communities((-78.5, -7.0), (-78.4, -7.1), (-77.0, -12.0)))
    report = measure_exposure(map_database.connect(build(files.space).path)).rank_communities()

    assert report.rows["titles"].tolist() == [2, 0]  # in Cajamarca: that with titles, and that without any on record
    assert report.unranked["name"].tolist() == ["Comunidad Ñandú 3"]
    assert report.rows["attacks_within_25_km"].isna().all()


def test_a_region_without_data_has_no_zero_and_a_half_covered_one_comes_last(files):
    everywhere = [(-78.5, -7.0), (-77.0, -12.0), (-72.0, -13.5)]
    half = gpd.GeoDataFrame({"name": ["half"]}, geometry=[box(-80, -15, -76.8, -5)], crs=CRS)
    files.add("communities", communities(*everywhere))
    files.add("concessions", scattered(*everywhere[:2], side=0.02), coverage="PE-CAJ, files/half.geojson")
    geojson(files.folder / "files" / "half.geojson", half)
    con = map_database.connect(build(files.space).path)
    found = region_tables.rank_regions(regions.compare_regions(con), "conceded_share").set_index("name")

    assert found.index.tolist() == ["Cajamarca", "Lima", "Cusco"]
    assert 0 < found.loc["Lima", "concessions_covered"] < 0.98
    assert found.loc["Cusco", ["conceded_ha", "conceded_share", "concessions", "communities_touched"]].isna().all()
    assert found["attacks"].isna().all()
    assert region_tables.region_value_text(found.loc["Cusco"], "women_share") == "no data here"
    assert found["is_part"].tolist() == [False, True, False]
    assert region_tables.region_value_text(found.loc["Lima"], "conceded_share").startswith("at least ")
    assert region_tables.partial_coverage_text(found.reset_index()).startswith(
        "For 1 region, the data covers only a part"
    )


def test_measures_are_said_to_be_none_granted_only_where_the_map_knows_of_measures(files):
    files.add("concessions", concessions())
    files.add("incidents", "code,title,country,region,visibility\ni1,One,PE,Cajamarca,public_record\n", id="inc")
    con = map_database.connect(build(files.space).path)

    assert regions.compare_regions(con)["measures_granted"].isna().all()


def test_a_figure_of_attacks_cites_the_sources_of_attacks_alone_with_the_years_of_their_events(files):
    header = "code,occurred_on,date_precision,region,country,location_precision,visibility"
    place = "day,Junín,PE,region,public_record"
    killings = incidents(f"killing,2012-05-01,{place}", f"other,2021-11-30,{place}", header=header)
    files.add("incidents", killings, id="killings", publisher="Global Witness")
    files.add("acts", "incident_id,type\nkillings/killing,killing\nkillings/other,killing", publisher="Global Witness")
    dispute = incidents(f"dispute,2024-01-31,{place}", header=header)
    files.add("incidents", dispute, id="conflicts", publisher="Defensoría")
    found = covered(files)

    attacks = coverage_text.date_publishers(found.cite_sources(["attacks", "acts"]), found.spans)
    both = coverage_text.date_publishers(found.cite_sources(["incidents"]), found.spans)

    assert attacks == {"Global Witness": "as of January 1, 2026, events from 2012 to 2021"}
    assert both == attacks | {"Defensoría": "as of January 1, 2026, events of 2024"}


def test_a_publisher_of_several_sources_has_the_span_of_their_dates(files):
    files.add("concessions", concessions(), id="first", publisher="INGEMMET", snapshot_on=dt.date(2024, 5, 1))
    files.add("communities", concessions(), id="second", publisher="INGEMMET", snapshot_on=dt.date(2026, 3, 10))

    cited = coverage_text.publishers_text(covered(files).cite_sources(["concessions", "communities"]))

    assert cited == "INGEMMET, as of May 1, 2024 to March 10, 2026"


@pytest.mark.parametrize(
    ("share", "found", "text"),
    [
        (0.0001, 0.0, "only < 1% of this area"),
        (0.009, 0.0, "only 1% of this area"),
        (0.4, 0.0, "only 40% of this area"),
        (0.2344, 0.2341, "only 23.4% of this area"),  # "23%" is less than was found
        (0.2, 0.3, "only an unknown part of this area"),
    ],
)
def test_the_share_with_data_is_never_told_as_none_or_below_what_was_found(share, found, text):
    answer = LayerCoverage("concessions", Verdict.COVERED, share=share)

    assert coverage_text.partial_coverage_text(answer, found).endswith(f"{text}.")


def test_of_a_region_no_share_with_data_is_told_below_what_was_found():
    notes = [
        region_tables.partial_note({"concessions_covered": covered, "conceded_share": found})
        for covered, found in ((0.002, 0.001), (0.2, 0.3), (0.4, 0.1), (float("nan"), 0.1))
    ]

    shares = ("0.2%", "an unknown part", "40%", "an unknown part")
    assert notes == [f"at least: the map has data on {share} of it" for share in shares]
