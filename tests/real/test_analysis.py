"""The analyses on real files: what they say is checked by hand, or against what the files themselves say."""

from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from lindero.app.answers.record.coarse_places import possible_locations
from lindero.geo import footprint, overlap, repair, totals
from lindero.geo.geometry.crs import DEGREES, EQUAL_AREA, utm
from lindero.geo.geometry.projection import project, unproject
from lindero.geo.overlay.apportion import apportion
from lindero.geo.registers.diff import changes
from lindero.geo.stats.exposure import exposure
from lindero.geo.stats.h3_grid import cells, find_cells
from lindero.geo.stats.hotspots import PlaceCounts, hotspots, sample_positions
from lindero.geo.stats.neighbours import cell_neighbours
from lindero.layers.reference import base_data
from tests.files import shared

CADASTRE = {"CODIGOU": "code", "CONCESION": "name", "TIT_CONCES": "holder"}
# code, holder of 2009, holder of 2026: read in both files by eye
BY_HAND = [
    ("010006005", "LIDA AVELINA PIMENTEL JIBAJA", "RIAL MINERA S.A.C."),
    ("010025901", "AXEL TRADING INVESTMENT S.A.", "SHAHUINDO S.A.C."),
    ("010046892", "S.M.R.L. CHAUPILOMA DOS DE CAJAMARCA", "MINERA YANACOCHA S.R.L."),
    ("010057506", "RIO TINTO MINING AND EXPLORATION LIMITED, SUCURSAL DEL PERU", "MINERA LA GRANJA S.A.C."),
    ("010210908", "JOSE MARIA SOLER SAMANEZ", "CEMENTOS PACASMAYO S.A.A."),
    ("03000256X01", "ANGLO AMERICAN MICHIQUILLAY S.A.", "SOUTHERN PERU COPPER CORPORATION, SUCURSAL DEL PERU"),
    ("03000024X01", "GOLD FIELDS LA CIMA S.A.", "GOLD FIELDS PARACAS S.A.C."),
    ("03003718X01", "MINERA LA ZANJA S.R.L.", "MINERA COLQUIRRUMI S.A."),
    ("030006005", "SANTOS MARTIN CHICOMA BAZAN", "NATALIA BAZAN DE CHICOMA"),
    ("560001309", "COMPAÑIA MULTICAL CAJAMARCA SAC", "LUIS FERNANDO GUERRERO CASTILLO Y OTROS"),
]


@cache
def received(name, zone=None):
    frame = gpd.read_file(shared(name))
    if zone:
        frame = frame.set_crs(utm(zone, south=True), allow_override=True)
    return frame.set_geometry(repair(frame.geometry.to_crs(DEGREES), "polygon").geometry)


def cadastre(name, zone=None):
    frame = received(name, zone).rename(columns=CADASTRE)
    return frame[["code", "name", "holder", "geometry"]].assign(id=frame["code"], boundary_accuracy_m=5.0)


@cache
def peru_2009_to_2026():
    before = cadastre("peru-cajamarca/catastro_minero.geojson")
    after = cadastre("peru-cadastre-2026/17s_100326.geojson", 17)
    return before, after, changes(before, after)


def test_of_the_497_codes_in_both_cadastres_most_changed_hands_and_few_their_shape():
    before, after, found = peru_2009_to_2026()
    rows = found.rows[found.rows["matched_by"] == "code"]

    assert len(set(before["code"]) & set(after["code"])) == 497
    assert found.found_again == 500
    assert rows["change"].value_counts().to_dict() == {"holder": 265, "boundary": 11, "holder_respelt": 9}
    assert found.status_not_stated == 500  # the file of 2026 states none
    assert (found.count("new"), found.count("gone"), found.count("renumbered")) == (8_525, 2_285, 3)


def test_the_cadastres_lie_eight_metres_apart_which_is_no_change():
    """Between the two files the datum moved; the accuracies that the mapping states (5 m each) cover it."""
    before, after, _ = peru_2009_to_2026()
    exact = changes(before.assign(boundary_accuracy_m=1.0), after.assign(boundary_accuracy_m=1.0))

    assert exact.count("boundary") == 500


@pytest.mark.parametrize(("code", "was", "now"), BY_HAND)
def test_ten_titles_that_changed_hands(code, was, now):
    before, after, found = peru_2009_to_2026()
    row = found.rows[(found.rows["change"] == "holder") & (found.rows["after_id"] == code)].iloc[0]

    assert before.loc[before["code"] == code, "holder"].item() == was
    assert after.loc[after["code"] == code, "holder"].item() == now
    assert (row["before"], row["after"]) == (was, now)


def test_three_titles_were_renumbered_and_have_the_same_name_on_the_same_ground():
    before, after, found = peru_2009_to_2026()
    rows = found.rows[found.rows["change"] == "renumbered"]
    names = [frame.set_index("id")["name"] for frame in (before, after)]

    for was, now in zip(rows["before_id"], rows["after_id"], strict=True):
        assert names[0][was] == names[1][now]
    assert dict(zip(rows["before"], rows["after"], strict=True)) == {
        "010334305": "010048216",
        "010334405": "010048316",
        "010375005": "010048616",
    }


@pytest.mark.parametrize(
    ("communities", "titles", "lands", "applied_since"), [("c_campesina", 365, 72, 364), ("c_nativa", 32, 4, 32)]
)
def test_new_titles_on_community_land_were_applied_for_since(communities, titles, lands, applied_since):
    """The date of application, which recognises no record, bears out that they are new: all but one."""
    _, after, found = peru_2009_to_2026()
    new = after[after["id"].isin(found.rows.loc[found.rows["change"] == "new", "after_id"])]
    land = received(f"peru-cajamarca/{communities}.geojson")[["geometry"]]
    pairs = overlap(new, land.assign(id=range(len(land))))
    register = received("peru-cadastre-2026/17s_100326.geojson", 17).set_index("CODIGOU")
    dates = register["FEC_DENU"].astype(str).str.slice(4, 15)  # Tue Dec 30 2025 00:00:00 GMT-0500 (…)
    applied = pd.to_datetime(dates, format="%b %d %Y")[pairs["left_id"].unique()]

    assert (pairs["left_id"].nunique(), pairs["right_id"].nunique()) == (titles, lands)
    assert int((applied > "2009-11-30").sum()) == applied_since


@pytest.mark.parametrize(
    ("year", "total_ha", "inside_ha", "by_area"),
    [
        (2018, 225_598.8, 861.9, {"Tambopata": 858.1, "Amarakaeri": 2.2, "Sierra del Divisor": 1.5}),
        (2024, 78_930.7, 137.4, {"Bahuaja-Sonene": 113.0, "Tambopata": 26.0, "Amarakaeri": 0.7}),
    ],
)
def test_mined_hectares_per_protected_area_add_up_to_the_whole_and_are_toblers(year, total_ha, inside_ha, by_area):
    """Bahuaja-Sonene and Tambopata overlap as drawn: in 2024 some hectares stand with both, and once in `inside`."""
    name = f"amazon-mining-watch/mining_{year}00_simplified.geojson"
    scars = received(name).rename(columns={"Mined area (ha)": "mined_ha"})
    parks = received("peru-protected-areas/anp_nacional_light.geojson")
    scars, parks = (frame.assign(id=range(len(frame))) for frame in (scars, parks[["anp_nomb", "geometry"]]))
    found = apportion(overlap(scars, parks), scars, parks, column="mined_ha")
    names = found.by_right["id"].map(parks.set_index("id")["anp_nomb"])

    assert found.total == pytest.approx(scars["mined_ha"].sum())
    assert found.inside + found.outside == pytest.approx(found.total)
    assert (found.total, found.inside) == pytest.approx((total_ha, inside_ha), abs=0.05)
    assert dict(zip(names, found.by_right["mined_ha"].round(1), strict=True)) == by_area
    assert found.by_right["mined_ha"].sum() >= found.inside - 1e-6

    area_interpolate = pytest.importorskip("tobler.area_weighted").area_interpolate
    sides = scars.to_crs(EQUAL_AREA), parks.to_crs(EQUAL_AREA)
    theirs = area_interpolate(*sides, extensive_variables=["mined_ha"], allocate_total=False)["mined_ha"]
    assert found.by_right["mined_ha"].tolist() == pytest.approx(theirs[found.by_right["id"]].tolist(), abs=0.01)


@pytest.mark.parametrize(
    ("communities", "reference_ha", "low_ha", "high_ha"),
    [("c_campesina", 170_704.6, 164_842, 174_827), ("c_nativa", 37_458.7, 36_853, 37_868)],
)
def test_the_range_of_exposure_holds_the_reference_and_its_parts_add_up(communities, reference_ha, low_ha, high_ha):
    before, _, _ = peru_2009_to_2026()
    titles = before.assign(kind="mining", status=received("peru-cajamarca/catastro_minero.geojson")["ESTADO"])
    titles["status"] = titles["status"].map({"E": "granted", "T": "applied"}).fillna("unknown")
    land = received(f"peru-cajamarca/{communities}.geojson")[["geometry"]]
    land = land.assign(id=range(len(land)))
    table, parts = exposure(land, titles)
    pairs = overlap(titles, land)
    drawn = footprint(pairs, titles, land).set_index("id")["footprint_ha"].reindex(table["id"]).fillna(0)
    low, high = ((table[side] * table["land_ha"]).sum() for side in ("share_low", "share_high"))

    assert low < reference_ha < high
    assert (low, high) == pytest.approx((low_ha, high_ha), rel=5e-4)  # outlines are moved to 1 % of their accuracy
    assert table["title_ha"].tolist() == pytest.approx(drawn.tolist(), rel=1e-4, abs=0.03)
    assert table["titles"].sum() == len(pairs)
    assert (table["title_ha"] <= table["land_ha"] * (1 + 1e-9)).all()
    for by in ("kind", "status"):
        added = parts[parts["by"] == by].groupby("id")["title_ha"].sum().reindex(table["id"]).fillna(0)
        assert added.tolist() == pytest.approx(table["title_ha"].tolist(), rel=1e-6, abs=1e-3)


def as_layer(frame, letter, **columns):
    return frame.assign(id=[f"{letter}{i}" for i in range(len(frame))], **columns)


@pytest.mark.parametrize(("communities", "reference_ha"), [("c_campesina", 111_824.5), ("c_nativa", 13_342.7)])
def test_rights_of_2026_on_community_land_add_up_and_their_range_holds_the_reference(communities, reference_ha):
    _, after, _ = peru_2009_to_2026()
    land = as_layer(received(f"peru-cajamarca/{communities}.geojson")[["geometry"]], "c")
    table, parts = exposure(land, after.assign(kind="mining", status="unknown"))
    low, drawn, high = ((table[side] * table["land_ha"]).sum() for side in ("share_low", "share", "share_high"))

    assert low < reference_ha < high
    assert totals(overlap(after, land), after, land).footprint_ha == pytest.approx(reference_ha, abs=0.1)
    assert drawn == pytest.approx(reference_ha, rel=0.01)  # communities overlap each other: a little counts for two
    assert (table["title_ha"] <= table["land_ha"] * (1 + 1e-9)).all()
    for by in ("kind", "status"):
        added = parts[parts["by"] == by].groupby("id")["title_ha"].sum().reindex(table["id"]).fillna(0)
        assert added.tolist() == pytest.approx(table["title_ha"].tolist(), rel=1e-6, abs=1e-3)


def test_titles_of_cajamarca_are_hot_where_the_register_is_thickest_and_the_cells_hold_all_of_them():
    before, _, _ = peru_2009_to_2026()
    districts = received("peru-cajamarca/distrito.geojson").geometry.union_all()
    ids = list(cells(districts, resolution=6)["id"])
    points = project(shapely.get_coordinates(shapely.point_on_surface(before.geometry.to_numpy())))
    at = find_cells(points, ids)
    counts = np.bincount(at + 1, minlength=len(ids) + 1)[1:].astype(float)
    table = hotspots(PlaceCounts(counts[None], cell_neighbours(ids, rings=2)), seed=1)
    hot = table["result"] == "hot"

    assert counts.sum() == (at >= 0).sum() > 0.97 * len(before)  # a few lie across the border
    assert 0 < hot.sum() < len(ids) / 2
    assert hot[table["observed"].idxmax()]
    assert (table.loc[hot, "observed"] > 2 * table.loc[hot, "expected"]).all()


def test_killings_known_to_a_region_only_are_no_faked_point():
    """Of 51 killings in Peru (Global Witness) each names a region at most: none may make a cell hot by its own centre."""
    killings = pd.concat([pd.read_csv(file) for file in shared("killings-global-witness").glob("*.csv")])
    peru = killings[killings["country"] == "Peru"].reset_index(drop=True)
    texts = peru["local_region"].fillna("").rename("region")
    frame = gpd.GeoDataFrame(
        {"region": texts, "place_text": "", "country": "Peru", "location_precision": "region"},
        geometry=[None] * len(peru),
        crs=DEGREES,
    )
    supports = possible_locations(frame)

    assert len(peru) == 51
    assert (supports.geom_type != "Point").all()
    drawn = unproject(sample_positions(supports, draws=10, seed=1).reshape(-1, 2))
    country = base_data.load_countries().set_index("code").geometry["PE"]
    assert shapely.contains_xy(country, drawn).mean() > 0.98  # regions and countries are drawn apart at the border
