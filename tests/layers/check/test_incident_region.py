import pandas as pd
import pytest

from lindero.layers.check.incident_region import locate_incidents
from lindero.layers.reference.base_data import load_region_codes


def where(*, country=None, region=None, place=None, precision="region", placed=False, home=""):
    row = {"country": country, "region": region, "place_text": place, "location_precision": precision}
    found = locate_incidents(pd.DataFrame([row], index=[1]), placed=pd.Series([placed], index=[1]), country=home)
    answer = found.rows.iloc[0]
    return (answer["country"], answer["region"], answer["location_precision"]), found.findings["finding"].tolist()


@pytest.mark.parametrize(
    ("country", "region", "known", "told"),
    [
        ("Peru", "Junín", ("PE", "Junín", "region"), []),
        ("Perú", "Cotabambas", ("PE", "Apurímac", "region"), []),  # a province
        ("PE", "Mara, Apurímac", ("PE", "Apurímac", "region"), []),  # a town
        ("Colombia", "Córdoba", ("CO", "Córdoba", "region"), []),
        ("Argentina", "Cordoba", ("AR", "Córdoba", "region"), []),
        ("Peru", "Huancavelika", ("PE", "Huancavelica", "region"), ["region_by_near_name"]),
        ("Fiji", "Ba", ("FJ", "Ba", "country"), ["region_not_known"]),  # beyond the gazetteer
        ("Narnia", "Ba", ("Narnia", "Ba", "country"), ["country_not_known", "region_not_known"]),
    ],
)
def test_words_name_a_region_in_their_country(country, region, known, told):
    assert where(country=country, region=region) == (known, told)


@pytest.mark.parametrize("precision", ["region", "province", "district", "locality", "exact"])
def test_what_nobody_knows_is_known_by_its_country_and_stays_as_received(precision):
    assert where(country="Peru", region="Xqzwvk", precision=precision) == (
        ("PE", "Xqzwvk", "country"),
        ["region_not_known"],
    )


def test_a_record_with_a_geometry_keeps_its_precision():
    assert where(country="Peru", region="Xqzwvk", precision="exact", placed=True)[0][2] == "exact"


def test_a_record_that_names_no_country_is_sought_in_that_of_the_workspace():
    assert where(place="Espinar, Cusco", precision="province", home="PE")[0] == ("PE", "Cusco", "province")
    assert where(precision="country", home="PE")[0] == (None, None, "country")


def test_every_region_has_one_code():
    codes = load_region_codes()

    assert codes["PE", "Junín"] == "PE-JUN"
    assert len(set(codes.values())) == len(codes)
