"""The reference results, from the files as received. Another test computes them again through the command line."""

import geopandas as gpd
import pytest

from lindero.geo import footprint, overlap, repair, totals
from lindero.geo.geometry.crs import DEGREES, utm
from tests.files import shared

FILES = {
    "titles_2009": "peru-cajamarca/catastro_minero.geojson",
    "rights_2026": "peru-cadastre-2026/17s_100326.geojson",
    "peasant_communities": "peru-cajamarca/c_campesina.geojson",
    "native_communities": "peru-cajamarca/c_nativa.geojson",
    "protected_areas": "peru-cajamarca/ANP.geojson",
    "buffer_zones": "peru-cajamarca/ZA.geojson",
}
REFERENCE = [  # left, right, pairs, left features, right features, gross ha, footprint ha
    ("titles_2009", "native_communities", 55, 47, 3, 37_458.8, 37_458.7),
    ("titles_2009", "peasant_communities", 977, 818, 82, 187_680.9, 170_704.6),
    ("titles_2009", "protected_areas", 73, 73, 7, 18_519.2, 17_771.6),
    ("titles_2009", "buffer_zones", 130, 130, 8, 19_114.3, 16_990.1),
    ("rights_2026", "native_communities", 38, 32, 4, None, 13_342.7),
    ("rights_2026", "peasant_communities", 748, 621, 75, None, 111_824.5),
]


def layer(name):
    received = gpd.read_file(shared(FILES[name]))
    if name == "rights_2026":
        received = received.set_crs(utm(17, south=True), allow_override=True)
    result = repair(received.geometry.to_crs(DEGREES), "polygon")
    assert result.rejects.empty
    return gpd.GeoDataFrame({"id": range(len(received))}, geometry=result.geometry)


@pytest.mark.parametrize("reference", REFERENCE, ids=lambda reference: " × ".join(reference[:2]))
def test_the_reference_results(reference):
    left_name, right_name, pairs, lefts, rights, gross_ha, footprint_ha = reference
    left, right = layer(left_name), layer(right_name)
    found = overlap(left, right)
    sums = totals(found, left, right)

    assert (sums.pairs, sums.left_features, sums.right_features) == (pairs, lefts, rights)
    assert sums.footprint_ha == pytest.approx(footprint_ha, rel=1e-3)
    if gross_ha is not None:
        assert sums.gross_ha == pytest.approx(gross_ha, rel=1e-3)
    by_right = footprint(found, left, right)
    assert by_right["gross_ha"].sum() == pytest.approx(sums.gross_ha)
    assert by_right["footprint_ha"].sum() >= sums.footprint_ha - 1e-6


@pytest.mark.parametrize(("name", "repairs"), [("titles_2009", 1), ("rights_2026", 8), ("peasant_communities", 1)])
def test_the_repairs_change_next_to_nothing(name, repairs):
    layer(name)
    received = gpd.read_file(shared(FILES[name]))
    if name == "rights_2026":
        received = received.set_crs(utm(17, south=True), allow_override=True)
    done = repair(received.geometry.to_crs(DEGREES), "polygon").repairs

    assert done["repair"].tolist() == ["made_valid"] * repairs
    assert done["area_change_ha"].abs().max() < 0.02
