import geopandas as gpd
import pandas as pd
import pytest
import shapely

from lindero.app.answers import regions
from lindero.app.answers.profile.region import summarize_region
from lindero.app.media.pages.tables import region_tables
from lindero.app.text import i18n
from lindero.geo import area_ha
from lindero.geo.overlay import prepared_layer
from lindero.layers.database import map_database
from lindero.layers.reference import base_data
from tests import small_map
from tests.built import build
from tests.files import Files, concessions, incidents, square

HEADER = "code,occurred_on,place_text,visibility,longitude,latitude"


@pytest.fixture(scope="module")
def con(tmp_path_factory):
    return map_database.connect(small_map.publish(tmp_path_factory.mktemp("regions")))


@pytest.fixture(scope="module")
def compared(con):
    return regions.compare_regions(con)


def test_each_feature_is_counted_in_the_region_where_it_lies(compared):
    sums = compared[["concessions", "communities", "communities_touched", "attacks"]].sum()

    assert sums.tolist() == [1, 1, 1, 1]


def test_the_regions_are_those_that_something_lies_in(compared):
    known = base_data.load_regions().set_index("code").geometry
    shapes = list(small_map.SHAPES.values())

    assert all(known[code].intersects(gpd.GeoSeries(shapes).union_all()) for code in compared["region"])


def test_the_land_under_concession_adds_up_over_the_regions(compared):
    whole = area_ha(gpd.GeoSeries([small_map.SHAPES["concessions"]], crs="OGC:CRS84"))

    assert compared["conceded_ha"].sum() == pytest.approx(whole.iloc[0], rel=1e-3)
    assert compared["conceded_share"].between(0, 1).all()


def test_titles_and_regions_are_laid_on_the_plane_once_each(con, compared, monkeypatch):
    laid, lay = [], prepared_layer._project
    monkeypatch.setattr(prepared_layer, "_project", lambda shapes: laid.append(len(shapes)) or lay(shapes))

    regions.compare_regions(con, with_range=True)

    assert laid == [1, len(compared)]


def test_communities_read_in_small_parts_are_counted_alike(demonstration, monkeypatch):
    whole = regions.compare_regions(demonstration[1])
    monkeypatch.setattr(regions, "_COMMUNITIES_AT_ONCE", 9)

    pd.testing.assert_frame_equal(regions.compare_regions(demonstration[1]), whole)
    assert whole["communities"].sum() > 2 * 9


def test_regions_are_drawn_coarsely_where_they_are(con, compared):
    drawn = regions.simplify_regions(con, "department", tuple(compared["region"])).set_index("region").geometry
    known = base_data.load_regions().set_index("code").geometry

    assert set(drawn.index) == set(compared["region"])
    assert all(drawn[code].intersection(known[code]).area > 0.98 * known[code].area for code in drawn.index)


def test_provinces_are_browsed_where_the_workspace_has_them(con, tmp_path):
    shapes = {**small_map.SHAPES, "regions": small_map.SHAPES["communities"]}
    own = map_database.connect(small_map.publish(tmp_path, shapes=shapes))

    province = regions.compare_regions(own, "province").iloc[0]

    assert regions.list_levels(con) == ["department"]
    assert regions.list_levels(own) == ["department", "province"]
    assert province["name"] == "The regions row"
    assert province["parent"] in set(regions.compare_regions(own)["region"])
    assert province["conceded_share"] == pytest.approx(0.5, rel=1e-3)
    assert province[["communities", "communities_touched", "attacks"]].tolist() == [1, 1, 1]


def test_the_communities_of_a_region_are_listed_with_what_covers_them(con, compared):
    region = compared.loc[compared["communities"] == 1, "region"].iloc[0]
    listed = regions.list_communities(con, "department", region)

    assert listed["name"].tolist() == ["The communities row"]
    assert listed["titles"].tolist() == [1]
    assert listed["share"].tolist() == pytest.approx([0.5], rel=1e-3)


def test_measures_are_counted_where_the_attack_was(tmp_path):
    folder = tmp_path / "space"
    files = Files(folder)
    files.add("incidents", incidents("I1,2024-01-01,Un pueblo,public_record,-78.4,-6.9", header=HEADER), name="i.csv")
    incident = "incidents/I1"
    files.add("acts", f"incident_id,type\n{incident},threat\n")
    measures = ["granted,true,false", "granted,false,true", "expired,,", "refused,true,true", "requested,true,true"]
    rows = "\n".join(f"{incident},{one}" for one in measures)
    files.add("protection_measures", f"incident_id,status,gender_responsive,collective\n{rows}\n")
    con = map_database.connect(build(files.space).path)

    found = regions.compare_regions(con).iloc[0]

    assert found["attacks"] == 1
    assert found[["measures_granted", "measures_for_women", "measures_for_groups"]].tolist() == [3, 1, 1]


def test_a_place_is_in_its_country_and_the_sea_is_in_none():
    assert regions.find_country_at_point(-10.0, -75.0) == "PE"
    assert regions.find_country_at_point(*small_map.EMPTY_SEA) == ""


def test_a_community_known_by_a_point_is_no_zero(files):
    files.add("concessions", concessions(1), id="titles")
    middle = square().centroid
    points = [middle, shapely.affinity.translate(middle, 0.3)]
    land = gpd.GeoDataFrame({"code": ["A", "B"], "name": ["In", "Out"]}, geometry=points, crs="OGC:CRS84")
    files.add("communities", land.iloc[1:], id="land")
    apart = map_database.connect(build(files.space).path)
    files.add("communities", land.iloc[:1], id="more")
    both = map_database.connect(build(files.space).path)
    listed = regions.list_communities(both, "department", "PE-CAJ").set_index("name")

    assert regions.compare_regions(apart)["communities_touched"].isna().all()
    assert regions.compare_regions(both)["communities_touched"].tolist() == [1]
    assert listed["titles"].fillna(-1).to_dict() == {"In": 1, "Out": -1}
    assert listed["share"].isna().all()
    apart.close()
    both.close()


def test_a_region_that_only_attacks_name_is_listed(files):
    head = "code,occurred_on,date_precision,region,country,location_precision,visibility"
    rows = [
        f"{code},2020-01-01,day,{region},PE,region,public_record" for code, region in (("a", "Pasco"), ("b", "Junín"))
    ]
    files.add("incidents", incidents(*rows, header=head), id="i")
    files.add("acts", "incident_id,type\ni/a,killing\ni/b,killing\n")
    con = map_database.connect(build(files.space).path)

    assert regions.compare_regions(con).set_index("region")["attacks"].to_dict() == {"PE-JUN": 1, "PE-PAS": 1}
    assert len(regions.compare_regions(con, country="PE")) == 25  # all hold people
    assert regions.find_region_country(con, "department", "PE-PAS") == "PE"


def ranked(*rows):
    table = pd.DataFrame(rows, columns=["name", "conceded_share", "concessions_covered"])
    counts = dict.fromkeys(("measures_granted", "measures_for_women", "measures_for_groups"), 0)
    return region_tables.rank_regions(table.assign(**counts), "conceded_share")


def test_a_minimum_above_the_first_comes_first_and_nothing_is_called_the_highest():
    i18n.set_language("en")
    found = ranked(("La Libertad", 0.287, 0.287), ("Cajamarca", 0.23, 0.99), ("Ancash", 0.11, 0.2), ("Lima", None, 0.0))

    assert found["name"].tolist() == ["La Libertad", "Cajamarca", "Ancash", "Lima"]
    assert found["is_part"].tolist() == [True, False, True, False]
    assert region_tables.highest_region_text(found, "conceded_share") == (
        "Share of the region under concession: at least 28.7% in La Libertad, 23.0% in Cajamarca, and at least 11.0% in "
        "Ancash. Which is highest cannot be told: 2 are known only in part and 1 is not known."
    )


def test_a_region_above_all_others_is_the_highest():
    i18n.set_language("en")
    found = ranked(("Cajamarca", 0.23, 0.99), ("Lima", 0.11, 1.0))

    assert region_tables.highest_region_text(found, "conceded_share").endswith("highest in Cajamarca, with 23.0%.")
    near = ranked(("Cajamarca", 0.23, 0.99), ("Lima", 0.225, 0.985))  # what the data leaves out may reverse their order
    assert "cannot be told" in region_tables.highest_region_text(near, "conceded_share")


def test_attacks_without_a_known_region_may_belong_to_any():
    i18n.set_language("en")
    found = ranked(("Pasco", 0.1, 1.0), ("Lima", 0.1, 1.0)).assign(attacks=[4, 3], is_part=False)

    assert "highest in Lima, with 4" in region_tables.highest_region_text(found, "attacks", unplaced=0)
    assert "cannot be told" in region_tables.highest_region_text(found, "attacks", unplaced=1)


def test_the_data_never_covers_less_than_was_found_under_concession(files):
    large = concessions(1).set_geometry([shapely.box(-78.7, -7.2, -78.3, -6.8)], crs="OGC:CRS84")
    files.add("concessions", large, coverage="PE-LIM")
    con = map_database.connect(build(files.space).path)
    row = regions.compare_regions(con).set_index("region").loc["PE-CAJ"]

    assert row["concessions_covered"] >= row["conceded_share"] > 0
    assert "an unknown part" in region_tables.partial_note(row)
    assert "is a minimum" in summarize_region(row.to_dict())
