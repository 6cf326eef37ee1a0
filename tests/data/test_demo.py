"""The demonstration map: reproducible, realistic, and marked as invented all through."""

from collections import Counter
from pathlib import Path

import pytest
import shapely
from shapely import Polygon, STRtree

from lindero.data import make_demo
from lindero.layers.model.schema import LAYERS
from lindero.layers.model.vocabularies import VOCABULARIES
from lindero.layers.reference import base_data
from lindero.layers.workspace import manifest_file
from tests.demo_files import (
    BEFORE,
    DEMO,
    NOW,
    SETTING,
    SPATIAL,
    TABLES,
    TERRITORIES,
    features,
    in_metres,
    plain,
    records,
    rows,
    territory_of,
)


def test_the_seed_gives_the_committed_bytes():
    made = make_demo.build_workspace(make_demo.SEED, SETTING, registers=False)

    assert {path: DEMO.joinpath(path).read_bytes() for path in made} == made
    assert {file.name for file in DEMO.joinpath("files").iterdir()} == {Path(p).name for p in made if "/" in p}


def test_another_seed_gives_another_territory():
    made = make_demo.build_workspace("another", SETTING, registers=False)

    assert {path for path in made if made[path] == DEMO.joinpath(path).read_bytes()} == {"watches.toml"}


def test_the_files_weigh_at_most_three_megabytes():
    assert sum(file.stat().st_size for file in DEMO.rglob("*") if file.is_file()) < 3_000_000


def test_it_is_a_workspace_of_invented_sources_with_two_snapshots_of_the_concessions():
    sources = manifest_file.load_workspace(DEMO).sources

    assert all(source.invented and source.publisher == "Lindero (datos inventados)" for source in sources)
    assert [s.snapshot_on for s in sources if s.id == "demo-concessions"] == [BEFORE, NOW]
    assert {source.layer for source in sources} == {*SPATIAL, *TABLES}


def test_it_has_a_thousand_to_three_thousand_features_in_six_departments():
    assert 1_000 <= sum(len(records(layer)) for layer in SPATIAL) <= 3_000
    assert len({incident.get("region") for incident in features("incidents")} - {None}) == 6


@pytest.mark.parametrize("layer", [*SPATIAL, *TABLES])
def test_every_column_is_one_of_the_schema_and_every_code_of_its_vocabulary(layer):
    columns = {column.name: column for column in LAYERS[layer].columns}
    for record in records(layer):
        assert record.keys() - {"geometry"} <= columns.keys()
        for name, value in record.items():
            if name != "geometry" and (vocabulary := columns[name].vocabulary):
                codes = value.split(";") if columns[name].several else [value]
                assert set(codes) <= set(VOCABULARIES[vocabulary])


@pytest.mark.parametrize(
    ("layer", "column"),
    [
        ("concessions", "kind"),
        ("concessions", "status"),
        ("protected_areas", "governance"),
        ("protected_areas", "zone"),
        ("communities", "type"),
        ("communities", "recognition"),
        ("incidents", "date_precision"),
        ("incidents", "location_precision"),
        ("incidents", "sector"),
        ("incidents", "perpetrator_kind"),
        ("incidents", "visibility"),
        ("acts", "type"),
        ("victims", "outcome"),
        ("victims", "gender"),
        ("victims", "identity"),
        ("case_steps", "step"),
        ("protection_measures", "status"),
        ("consultations", "consent_status"),
    ],
)
def test_every_code_of_the_vocabulary_appears(layer, column):
    vocabulary = next(each.vocabulary for each in LAYERS[layer].own_columns if each.name == column)
    seen = {code for record in records(layer) for code in record[column].split(";")}

    assert seen == set(VOCABULARIES[vocabulary])


@pytest.mark.parametrize("layer", [*SPATIAL, *TABLES])
def test_every_record_says_that_it_is_invented_and_names_are_names(layer):
    for record in records(layer):
        assert record["invented"] in (True, "true")
        for column in ("name", "holder", "title", "sources", "place_text", "people", "court", "provider"):
            assert "inventad" not in (record.get(column) or "")


@pytest.mark.parametrize("layer", ["concessions", "communities", "protected_areas", "regions"])
def test_codes_are_unique_and_say_that_they_are_invented(layer):
    codes = [feature["code"] for feature in features(layer)]

    assert len(set(codes)) == len(codes)
    assert all(code.startswith("INV-") for code in codes)


@pytest.mark.parametrize("layer", SPATIAL)
def test_every_geometry_is_valid_and_in_six_decimals(layer):
    for feature in records(layer):
        if geometry := feature["geometry"]:
            assert geometry.is_valid, feature["code"]
            assert (shapely.get_coordinates(geometry).round(6) == shapely.get_coordinates(geometry)).all()


def test_every_community_and_concession_lies_in_its_territory():
    for territory in TERRITORIES:
        middle = shapely.Point(territory.longitude, territory.latitude)
        reach = territory.radius_m * 2**0.5 * 1.1 / 108_000  # metres in a degree, at the least
        for layer in ("concessions", "communities"):
            here = [each["geometry"] for each in features(layer) if f"-{territory.code}-" in each["code"]]
            assert here
            assert max(middle.hausdorff_distance(geometry) for geometry in here) < reach


@pytest.mark.parametrize("territory", TERRITORIES, ids=lambda territory: territory.code)
def test_mining_titles_are_squares_of_the_one_kilometre_grid_from_100_to_1000_ha_and_share_no_ground(territory):
    for day in (BEFORE, NOW):
        titles = [
            in_metres(territory, title["geometry"])
            for title in features("concessions", day)
            if title["kind"] == "mining" and f"-{territory.code}-" in title["code"]
        ]
        assert titles
        for title in titles:
            vertices = shapely.get_coordinates(title)
            assert abs(vertices - vertices.round(-3)).max() < 0.2
            assert 100 <= round(title.area / 10_000) <= 1_000
        pairs = STRtree(titles).query(titles, predicate="overlaps").T
        assert all(titles[a].intersection(titles[b]).area < 1_000 for a, b in pairs)


def test_official_areas_are_near_but_rarely_equal_to_the_ground():
    for title in features("concessions"):
        territory = territory_of(title)
        drawn_ha = in_metres(territory, title["geometry"]).area / 10_000
        assert title["area_official_ha"] == pytest.approx(drawn_ha, rel=0.04)


def test_between_the_snapshots_titles_come_go_change_hands_state_and_shape():
    before = {each["code"]: each for each in features("concessions", BEFORE)}
    now = {each["code"]: each for each in features("concessions")}
    stayed = before.keys() & now.keys()

    def changed(column):
        return sum(before[code][column] != now[code][column] for code in stayed)

    assert len(now.keys() - before.keys()) > 20
    assert len(before.keys() - now.keys()) > 20
    assert changed("status") > 20
    assert changed("holder") > 20
    assert sum(not before[code]["geometry"].equals(now[code]["geometry"]) for code in stayed) > 10
    assert len(stayed) > 0.8 * len(before)


@pytest.mark.parametrize("day", [BEFORE, NOW])
def test_dates_of_a_concession_follow_each_other_and_its_status(day):
    for each in features("concessions", day):
        dates = [each[name] for name in ("applied_on", "granted_on", "expires_on") if name in each]
        assert dates == sorted(dates)
        assert each["applied_on"] <= day
        assert ("granted_on" in each) == (each["status"] in {"granted", "suspended", "expired"})
        assert each.get("granted_on", day) <= day
        if each["status"] == "expired":
            assert each["expires_on"] <= day
        elif "expires_on" in each:
            assert each["expires_on"] > day


def test_the_same_company_is_spelt_in_several_ways():
    name = SETTING.words["companies"]["mining"][0][0]
    spelt = Counter(each["holder"] for each in features("concessions") if "Imaginaria" in each["holder"])

    assert len([spelling for spelling in spelt if name in spelling]) > 1
    assert any("CIA" in spelling or "COMPANIA" in spelling for spelling in map(plain, spelt))


def test_some_communities_are_points_and_some_neighbours_overlap():
    shapes_ = [each["geometry"] for each in features("communities")]
    grounds = [geometry for geometry in shapes_ if isinstance(geometry, Polygon)]
    pairs = STRtree(grounds).query(grounds, predicate="overlaps").T

    assert len(shapes_) - len(grounds) > 20
    assert len(pairs) > 40
    assert STRtree(grounds).query(grounds, predicate="touches").size > 40


def test_every_buffer_zone_surrounds_its_area_without_covering_it():
    areas = {each["code"]: each["geometry"] for each in features("protected_areas")}
    buffers = {code: geometry for code, geometry in areas.items() if code.endswith("-ZA")}

    assert len(buffers) == 10
    for code, geometry in buffers.items():
        core = areas[code.removesuffix("-ZA")]
        assert geometry.intersection(core).area == pytest.approx(0, abs=1e-12)
        assert Polygon(geometry.exterior).covers(core)


def test_every_territory_lies_in_the_region_of_the_base_map_that_it_names():
    regions = base_data.load_regions("PE").set_index("name").geometry
    for territory in TERRITORIES:
        for each in features("communities"):
            if f"-{territory.code}-" in each["code"]:
                assert regions[territory.region].contains(each["geometry"]), each["code"]


def test_provinces_lie_in_the_department_that_they_name_and_leave_no_gap():
    departments = base_data.load_regions("PE").set_index("name").geometry
    for territory in TERRITORIES:
        own = [each for each in features("regions") if f"-{territory.code}-" in each["code"]]
        ground = [in_metres(territory, each["geometry"]) for each in own]

        assert {each["parent_name"] for each in own} == {territory.region}
        assert all(departments[territory.region].contains(each["geometry"]) for each in own)
        assert shapely.union_all(ground).area == pytest.approx(sum(each.area for each in ground), rel=1e-6)
        assert isinstance(shapely.union_all(shapely.set_precision(ground, 1)), Polygon)


def test_the_readme_counts_the_rows():
    readme = DEMO.joinpath("README.md").read_text(encoding="utf-8")
    counted = [
        f"| {len(features('concessions', BEFORE))}, {len(features('concessions'))} |",
        *(f"| {len(features(layer))} |" for layer in SPATIAL[1:]),
        f"| {', '.join(str(len(rows(table))) for table in TABLES)} |",
    ]

    assert all(count in readme for count in counted)
