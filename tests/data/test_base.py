"""The embedded base data: there, open, valid, and true where it can be checked by hand."""

import gzip
import io

import geopandas as gpd
import numpy as np
import pytest
import shapely
from PIL import Image
from pmtiles.reader import MmapSource, Reader

from lindero.layers.reference import base_data
from scripts.base_sources.areas import AREAS
from tests.files import shared

FRAMES = {
    "countries": base_data.load_countries,
    "regions": base_data.load_regions,
    "provinces": base_data.load_provinces,
    "places": base_data.load_places,
    "rivers": base_data.load_rivers,
    "lakes": base_data.load_lakes,
}


@pytest.fixture(params=FRAMES)
def frame(request) -> gpd.GeoDataFrame:
    return FRAMES[request.param]()


def test_every_file_has_a_source_and_every_source_its_files():
    files = {path.name for path in base_data.BASE.iterdir()} - {"sources.toml"}

    assert {file for source in base_data.load_sources() for file in source.files} == files
    assert {f"{name}.parquet" for name in FRAMES} | {base_data.BASEMAP.name, base_data.RELIEF.name} == files


def test_every_source_is_open_and_names_its_licence_and_limits():
    for source in base_data.load_sources():
        assert source.licence in {"Public domain", "CC-BY-4.0", "LGPL-2.1-or-later", "LGPL-3.0-or-later", "MIT"}
        assert source.publisher
        assert source.version
        assert source.limits


def test_all_of_it_is_smaller_than_10_mb():
    assert sum(path.stat().st_size for path in base_data.BASE.iterdir()) < 10_000_000
    assert base_data.BASEMAP.stat().st_size < 5_000_000


def test_geometry_is_valid_in_longitude_and_latitude_and_in_the_areas(frame):
    assert frame.crs == "OGC:CRS84"
    assert frame.is_valid.all()
    assert not frame.is_empty.any()
    parts = frame.geometry.explode()
    assert sum(parts.within(area.box) for area in AREAS).eq(1).all()


def test_neighbours_share_their_edge():
    for areas in (base_data.load_countries(), base_data.load_regions()):
        assert shapely.coverage_is_valid(areas.geometry.array)


def test_a_frame_given_out_may_be_changed_without_harm():
    base_data.load_countries()["name"] = "changed"

    assert "changed" not in set(base_data.load_countries()["name"])


def test_peru_has_its_24_departments_and_callao():
    peru = base_data.load_regions("PE")

    assert len(peru) == 25
    assert {"Cajamarca", "Cusco", "Apurímac", "Loreto", "El Callao"} <= set(peru["name"])
    assert peru["code"].str.match(r"PE-[A-Z]{3}$").all()


def test_regions_fill_their_country():
    peru = base_data.load_countries().set_index("code").geometry["PE"]

    left = peru.difference(shapely.union_all(base_data.load_regions("PE").geometry.array))

    assert left.area < 1e-6


def test_countries_have_their_codes_and_both_names():
    countries = base_data.load_countries().set_index("code")

    assert countries.index.is_unique
    assert countries.loc["PE", ["code3", "name", "name_es"]].tolist() == ["PER", "Peru", "Perú"]
    assert countries.loc["CU", "name"] == "Cuba"
    assert countries.loc["GF", "name_es"] == "Guayana Francesa"  # one feature with France in Natural Earth
    assert {"AR", "BO", "BR", "CL", "CO", "CR", "EC", "GT", "GY", "HN", "MX", "NI", "PA", "PY", "SV"} <= set(
        countries.index
    )


def test_every_country_of_an_area_has_its_outline_and_only_large_places_without_regions():
    countries = base_data.load_countries().set_index("code")
    regions, places = base_data.load_regions(), base_data.load_places()

    for area in AREAS:
        assert {*area.countries, *area.outlined} <= set(countries.index)
        assert set(area.countries) <= set(places["country"])
        outlined = places[places["country"].isin(area.outlined)]
        assert (outlined["population"] >= 100_000).all()
        assert not set(regions["country"]) & set(area.outlined)
    assert countries.loc["CD", ["code3", "name", "name_es"]].tolist() == [
        "COD", "Democratic Republic of the Congo", "República Democrática del Congo",
    ]  # fmt: skip


@pytest.mark.parametrize(("country", "count"), [("ZM", 10), ("PH", 17), ("ID", 30), ("CD", 5), ("KE", 0)])
def test_regions_with_their_present_outline_have_iso_codes_and_contain_their_places(country, count):
    regions = base_data.load_regions(country)
    located = base_data.load_places(country).sjoin(regions[["code", "geometry"]], predicate="within")

    assert len(regions) == count
    assert regions["code"].str.match(rf"{country}-[A-Z0-9]{{2,3}}$").all()
    if count:
        assert (located["code"] == located["region_code"]).mean() > 0.95


def test_places_name_their_region_by_iso_code_where_it_has_no_outline():
    for country, count in (("CD", 26), ("KE", 47)):
        codes = base_data.load_places(country)["region_code"]

        assert codes.str.match(rf"({country}-[A-Z0-9]{{2}})?$").all()
        assert codes[codes != ""].nunique() == count


def test_the_ground_to_draw_covers_every_country():
    ground = shapely.union_all(base_data.load_ground().geometry.array)

    assert shapely.area(base_data.load_countries().difference(ground).array).max() < 1e-6


@pytest.mark.parametrize(
    ("name", "longitude", "latitude", "region"),
    [
        ("Lima", -77.03, -12.05, "Lima"),
        ("Cajamarca", -78.51, -7.16, "Cajamarca"),
        ("Yauri", -71.41, -14.79, "Cusco"),  # the town of Espinar
        ("Cusco", -71.98, -13.53, "Cusco"),
        ("Puerto Maldonado", -69.19, -12.60, "Madre de Dios"),
    ],
)
def test_known_places_are_where_they_are(name, longitude, latitude, region):
    peru = base_data.load_places("PE")
    place = peru[peru["name"] == name].iloc[0]  # the largest of that name

    assert place.geometry.distance(shapely.Point(longitude, latitude)) < 0.05
    assert place["region"] == region
    regions = base_data.load_regions("PE")
    assert regions[regions.contains(place.geometry)]["name"].tolist() == [region]


def test_places_lie_in_the_region_that_they_name():
    peru = base_data.load_places("PE")
    located = peru.sjoin(base_data.load_regions("PE")[["code", "geometry"]], predicate="within")

    assert (located["code"] == located["region_code"]).mean() > 0.98
    assert len(located) > 0.99 * len(peru)


def test_the_districts_of_peru_lie_in_their_department():
    file = shared("peru-admin/peru_distrital_simple.geojson")
    districts = gpd.read_file(file).dropna(subset="geometry").set_crs("OGC:CRS84", allow_override=True)
    inside = districts.set_geometry(districts.representative_point())
    regions = base_data.load_regions("PE").assign(name=lambda frame: frame["name"].map(capitals))

    located = inside.sjoin(regions[["name", "geometry"]], predicate="within")

    assert len(located) > 0.99 * len(districts)
    assert (located["name"] == located["NOMBDEP"].map(capitals)).mean() > 0.98


def capitals(name: str) -> str:
    return name.upper().translate(str.maketrans("ÁÉÍÓÚ", "AEIOU")).removeprefix("EL ")


def test_provinces_say_how_far_they_reach():
    espinar = base_data.load_provinces("PE").set_index("name").loc["Provincia de Espinar"]

    assert espinar["region"] == "Cusco"
    assert 10_000 < espinar["radius_m"] < 100_000


def test_relief_is_light_and_dark_in_the_andes_and_none_in_the_lowland_or_the_sea():
    with base_data.RELIEF.open("rb") as file:
        reader = Reader(MmapSource(file))
        andes, lowland = (np.asarray(Image.open(io.BytesIO(reader.get(6, *at))))[..., 0] for at in ((18, 34), (19, 32)))

        assert (reader.header()["min_zoom"], reader.header()["max_zoom"]) == (3, 6)
        assert reader.get(6, 10, 34) is None
    assert andes.std() > 5 * lowland.std()
    assert abs(andes.mean() - 128) < 8  # or ground of the map's own colours would turn lighter or darker


def test_the_basemap_has_its_layers_and_credits_its_sources():
    with base_data.BASEMAP.open("rb") as file:
        reader = Reader(MmapSource(file))
        header, metadata = reader.header(), reader.metadata()
        tile = gzip.decompress(reader.get(5, 9, 17))  # the middle of Peru

    names = {layer["id"] for layer in metadata["vector_layers"]}
    assert names == {
        "land", "water", "rivers", "regions", "countries", "region_labels", "country_labels", "places",
    }  # fmt: skip
    assert (header["min_zoom"], header["max_zoom"]) == (0, 8)
    assert "GeoNames" in metadata["attribution"]
    assert b"places" in tile
    assert b"Huancayo" in tile
