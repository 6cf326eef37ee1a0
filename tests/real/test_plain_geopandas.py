"""
What is told of each community, of holders, dates and killings, against plain geopandas on the files as received.

The figures are computed here, by no code of Lindero: shapes made valid, in EPSG:6933, pairs of more than 0.01 ha.
"""

import json

import geopandas as gpd
import pandas as pd
import pytest
from typer.testing import CliRunner

from lindero.app.answers.profile.community import CommunityFacts, community_answer
from lindero.app.commands.index import program
from lindero.layers.database import map_database
from lindero.layers.disk import builds
from tests.files import shared
from tests.real.plans import operator_space

UTM, EQUAL_AREA = "EPSG:32717", "EPSG:6933"
LEAST_HA = 0.01
POINTS = 0.001  # a tenth of a percentage point
UNRANKED = {"Moraspampa Yanas"}  # lies in another department, where no file is said to have data
YEAR = ("2025-03-11", "2026-03-10")  # the twelve months that the register of 10 March 2026 ends
APPLIED, APPLIED_ON_LAND = 1_601, {"El Tingo": 6, "Michiquillay": 6}
KILLINGS, KILLINGS_WITHOUT_REGION = 51, 21


def shapes(name, crs=""):
    frame = gpd.read_file(shared(name))
    frame = (frame.set_crs(crs, allow_override=True) if crs else frame).to_crs(EQUAL_AREA)
    return frame.set_geometry(frame.geometry.make_valid())


@pytest.fixture(scope="module")
def titles():
    frame = shapes("peru-cadastre-2026/17s_100326.geojson", crs=UTM)
    applied = pd.to_datetime(frame["FEC_DENU"].str[4:15], format="%b %d %Y")
    return frame.rename(columns={"TIT_CONCES": "holder"}).assign(applied=applied)


@pytest.fixture(scope="module")
def communities():
    frames = [shapes(f"peru-cajamarca/{name}.geojson") for name in ("c_campesina", "c_nativa")]
    rows = pd.concat(frames, ignore_index=True)
    rows = rows.assign(name=rows["Nombre"].fillna(rows["NOMBRE"]), land_ha=rows.area / 1e4, land=rows.index)
    return rows[["land", "name", "land_ha", "geometry"]]


@pytest.fixture(scope="module")
def pairs(titles, communities):
    rows = gpd.overlay(communities, titles, keep_geom_type=False)
    return rows.assign(ha=rows.area / 1e4).query("ha > @LEAST_HA")


@pytest.fixture(scope="module")
def plain(pairs, communities):
    """The communities in the order of their names and sizes, with the number of titles and the share that they cover."""
    share = pairs.dissolve("land").area / 1e4 / communities["land_ha"]
    counts = pairs.groupby("land")["CODIGOU"].nunique()
    rows = communities.assign(titles=counts.reindex(communities.index, fill_value=0), share=share.fillna(0.0))
    return rows.sort_values(["name", "land_ha"])


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    return operator_space(tmp_path_factory)


@pytest.fixture(scope="module")
def ask(space):
    def typed(*words):
        result = CliRunner().invoke(program, [*words, "--workspace", str(space.folder), "--format", "json"])
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    return typed


@pytest.fixture(scope="module")
def told(ask):
    return pd.DataFrame(ask("exposure", "--draws", "1")["communities"]).sort_values(["name", "land_ha"])


def test_every_community_has_as_many_concessions_and_as_large_a_share(plain, told):
    ranked = plain[~plain["name"].isin(UNRANKED)]

    assert len(told) == len(ranked) == 106
    assert told["name"].tolist() == ranked["name"].tolist()
    assert told["titles"].tolist() == ranked["titles"].tolist()
    assert ranked["titles"].sum() == 786 - plain.loc[plain["name"].isin(UNRANKED), "titles"].sum()
    assert abs(told["share"].to_numpy() - ranked["share"].to_numpy()).max() < POINTS
    assert told["share"].between(told["share_low"] - POINTS, told["share_high"] + POINTS).all()


@pytest.mark.parametrize("name", ["El Tingo", "Michiquillay", "Sorochuco"])
def test_the_largest_holders_on_a_land_are_those_with_the_most_ground(space, pairs, told, name):
    of_land = pairs[pairs["name"] == name]
    largest = of_land.dissolve("holder").area.sort_values(ascending=False) / 1e4
    with map_database.connect(builds.current_map(space.build_folder), spatial=True) as con:
        facts = CommunityFacts.from_map(con, told.set_index("name").loc[name, "id"])
        found = community_answer(facts)["holders"].table.rows.head(3)

    assert found["holder"].tolist() == largest.index[:3].tolist()
    assert found["footprint_ha"].tolist() == pytest.approx(largest[:3].tolist(), abs=1)


def test_what_was_applied_for_in_the_last_twelve_months_is_counted_by_the_dates_of_the_register(ask, titles):
    found = ask("changes", "--dated")

    assert titles["applied"].between(*YEAR).sum() == found["applied"] == APPLIED


@pytest.mark.parametrize("name", APPLIED_ON_LAND)
def test_what_was_applied_for_on_a_land_is_counted_for_that_land(pairs, name):
    recent = pairs[(pairs["name"] == name) & pairs["applied"].between(*YEAR)]

    assert recent["CODIGOU"].nunique() == APPLIED_ON_LAND[name]


def test_killings_are_those_of_the_file(ask):
    rows = pd.read_csv(shared("killings-global-witness/global_witness_led_22-09-22.csv"))
    peru = rows[rows["country"] == "Peru"]
    found = ask("protection")

    assert len(peru) == KILLINGS
    assert peru["local_region"].isna().sum() == KILLINGS_WITHOUT_REGION
    assert found["attacks_elsewhere"] == KILLINGS_WITHOUT_REGION
    assert sum(row["attacks"] or 0 for row in found["rows"]) == KILLINGS - KILLINGS_WITHOUT_REGION
    assert sum(row["killings"] or 0 for row in found["rows"]) == KILLINGS - KILLINGS_WITHOUT_REGION
