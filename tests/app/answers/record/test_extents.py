"""Which district or province of the map is the extent of an event."""

import geopandas as gpd
import pytest
import shapely

from lindero.app.answers.hotspots.choices import CountedQuantity
from lindero.app.answers.hotspots.events import read_events
from lindero.app.answers.overlap.attacked_lands import attacked_lands
from lindero.app.answers.place.nearby import find_nearby_incidents
from lindero.app.answers.place.spot import Spot, find_community_spot
from lindero.app.answers.record.extents import read_extents
from lindero.layers.database import map_database
from tests.built import build
from tests.files import incidents

HEADER = "code,place_text,region,visibility,longitude,latitude,location_precision"


def area(name, parent, *, west, level="district", south=-7.0, side=0.1):
    return {
        "name": name,
        "parent_name": parent,
        "level": level,
        "country": "PE",
        "geometry": shapely.box(west, south, west + side, south + side),
    }


def add_regions(files, *areas):
    files.add("regions", gpd.GeoDataFrame(list(areas), crs="OGC:CRS84"))


@pytest.fixture
def regions(files):
    """Two districts of one name in two regions, one district beside, and the provinces that they are in."""
    add_regions(
        files,
        area("COPORAQUE", "ESPINAR", west=-78.5),
        area("COPORAQUE", "CAYLLOMA", west=-78.0),
        area("LOS BAÑOS DEL INCA", "CAJAMARCA", west=-78.3),
        area("ESPINAR", "CUSCO", west=-78.5, level="province"),
        area("CAYLLOMA", "AREQUIPA", west=-78.0, level="province"),
    )
    return files


@pytest.mark.parametrize(
    ("row", "name", "west"),
    [
        ("Los Baños del Inca,Cajamarca,public_record,-78.25,-6.95,district", "Los Baños del Inca", -78.3),
        ("LOS BANOS DEL INCA,,public_record,-78.25,-6.95,district", "LOS BANOS DEL INCA", -78.3),
        ("Distrito de Los Baños del Inca,,public_record,-78.25,-6.95,district", "LOS BAÑOS DEL INCA", -78.3),
        (",,public_record,-78.25,-6.95,district", "LOS BAÑOS DEL INCA", -78.3),
        ("Coporaque,Cusco,public_record,-78.25,-6.95,district", "Coporaque", -78.5),
        ("Coporaque,Arequipa,public_record,-78.25,-6.95,district", "Coporaque", -78.0),
        ("Coporaque,,public_record,-77.95,-6.95,district", "Coporaque", -78.0),
        ("Espinar,Cusco,public_record,-78.25,-6.95,province", "Espinar", -78.5),
    ],
)
def test_an_event_is_matched_by_name_and_parent_else_by_its_point(regions, row, name, west):
    regions.add("incidents", incidents(f"A,{row}", header=HEADER))
    with map_database.connect(build(regions.space).path) as con:
        (extent,) = read_extents(con).values()

    assert (extent.name, extent.shape.bounds[0]) == (name, west)


@pytest.mark.parametrize(
    "row",
    [
        "No detalla,Cajamarca,public_record,-78.25,-6.95,district",  # the point is the middle of a region
        "Coporaque,,public_record,-78.25,-6.95,district",
        "Los Baños del Inca,Cajamarca,public_record,-78.25,-6.95,exact",
        "Los Baños del Inca,Cajamarca,public_record,,,district",
    ],
)
def test_an_event_of_another_name_or_precision_has_no_extent(regions, row):
    regions.add("incidents", incidents(f"A,{row}", header=HEADER))
    with map_database.connect(build(regions.space).path) as con:
        assert read_extents(con) == {}


def test_the_distance_of_an_event_runs_to_both_ends_of_its_district(files):
    add_regions(
        files,
        area("Lejos", "Celendín", west=-78.0),
        area("Cerca", "Celendín", west=-78.4),
        area("Largo", "Celendín", west=-78.35, south=-7.4, side=0.35),
    )
    rows = [f"{name},{name},,public_record,{lon},{lat},district" for name, lon, lat in PLACES]
    files.add("incidents", incidents(*rows, header=HEADER))
    with map_database.connect(build(files.space).path) as con:
        near = find_nearby_incidents(con, Spot("", -6.95, -78.45), within_km=25)

    assert [(row["area_name"], row["nearness"]) for row in near] == [("Cerca", "certain"), ("Largo", "possible")]
    assert [row["area_m"] for row in near] == [pytest.approx(5_526, abs=5), pytest.approx(15_633, abs=10)]
    assert near[0]["area_far_m"] == pytest.approx(17_475, abs=10)


PLACES = (("Lejos", -78.3, -6.95), ("Cerca", -78.35, -6.95), ("Largo", -78.3, -7.2))


def test_one_number_is_counted_near_a_land_by_near_and_holders(files):
    add_regions(files, area("Cerca", "Celendín", west=-78.4), area("Largo", "Celendín", west=-78.35, side=0.4))
    rows = ["A,Cerca,,public_record,-78.35,-6.95,district", "B,Largo,,public_record,-78.2,-6.8,district"]
    rows += ["C,Otro,,public_record,-78.35,-6.95,district", "D,Sitio,,public_record,-78.44,-6.99,exact"]
    files.add("incidents", incidents(*rows, header=HEADER))
    land = {"name": "Tierra", "code": "L", "people": "P", "geometry": shapely.box(-78.5, -7.0, -78.49, -6.99)}
    files.add("communities", gpd.GeoDataFrame([land], crs="OGC:CRS84"))
    with map_database.connect(build(files.space).path) as con:
        near = find_nearby_incidents(con, find_community_spot(con, "communities/L"), within_km=25)
        lands = attacked_lands(con).lands.iloc[0]
        supports = read_events(con, CountedQuantity.INCIDENTS, None, None).supports

    certain = sum(row["nearness"] == "certain" for row in near)
    assert (certain, len(near)) == (2, 4)
    assert (lands["conflicts"], lands["conflicts_most"]) == (certain, len(near))
    assert [shape.bounds[0] for shape in supports[:2]] == [-78.4, -78.35]
