import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from lindero.app.builder.rows.ingest import ingest, read_source
from lindero.app.builder.rows.row_location import Land
from lindero.app.text import i18n
from lindero.geo import area_ha
from lindero.layers.errors import CRSError, MappingError
from lindero.layers.model.schema import LAYERS
from lindero.layers.reference import base_data
from lindero.layers.workspace.manifest_file import SourceEntry
from tests.amount import amount
from tests.files import collection, concessions, feature, geojson, incidents, square, text, zipped

UTM_17S = "EPSG:32717"
PERU = Land(base_data.load_countries(), "PE")
NOWHERE = Land(base_data.load_countries(), "")


def taken(path, layer="concessions", land=PERU, known=None, **entry):
    made = SourceEntry(id="s", layer=layer, file=path.name, sha256="", publisher="p", snapshot_on="2026-01-01", **entry)
    return ingest(made, read_source(made, path), land, incidents=known)


def findings(of):
    return of.findings[["row_number", "finding"]].to_numpy().tolist()


def test_the_question_about_a_system_says_how_far_an_old_datum_puts_the_rows(tmp_path):
    path = geojson(tmp_path / "17s.geojson", concessions().to_crs(UTM_17S))

    with pytest.raises(CRSError, match=r" \| EPSG:24877 \(PSAD56 / UTM zone 17S: 0\.[34] km\)"):
        taken(path)


def test_metres_that_say_nothing_are_refused_and_the_likely_zone_named(tmp_path):
    path = geojson(tmp_path / "17s_100326.geojson", concessions().to_crs(UTM_17S))

    with pytest.raises(
        CRSError, match=r"coordinates are in metres .*probably WGS 84 / UTM zone 17S\. Add --crs EPSG:32717"
    ):
        taken(path)


@pytest.mark.parametrize(("language", "country"), [("en", "Peru"), ("es", "Perú")])
def test_rows_that_lie_in_the_country_when_exchanged_are_asked_about(tmp_path, language, country):
    i18n.set_language(language)
    exchanged = concessions(3).set_geometry([box(-8, -78, -7.9, -77.9)] * 3)  # in Antarctica

    with pytest.raises(CRSError, match="but inside it with latitude and longitude exchanged") as refused:
        taken(geojson(tmp_path / "a.geojson", exchanged))

    assert refused.value.params["country"] == country


def test_metres_that_say_they_are_degrees_are_refused(tmp_path):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}

    with pytest.raises(CRSError, match="EPSG:32717"):
        taken(geojson(tmp_path / "a.geojson", concessions().to_crs(UTM_17S), crs=crs))


@pytest.mark.parametrize("stated", ["EPSG:32717", "EPSG:3857"])
def test_degrees_that_say_they_are_metres_are_refused(tmp_path, stated):
    with pytest.raises(CRSError, match=r"is in metres, but the coordinates .* are degrees"):
        taken(geojson(tmp_path / "a.geojson", concessions()), crs=stated)


def test_metres_are_projected_when_their_system_is_stated(tmp_path):
    frame = concessions()
    rows = taken(geojson(tmp_path / "a.geojson", frame.to_crs(UTM_17S)), crs=UTM_17S).tables["concessions"]

    assert rows.crs == "OGC:CRS84"
    assert rows.geometry.geom_equals_exact(frame.geometry.set_axis([1, 2, 3]), 1e-8).all()


@pytest.mark.parametrize("crs", ["EPSG:999999", "UTM"])
def test_a_system_that_does_not_exist_is_refused(tmp_path, crs):
    with pytest.raises(CRSError, match="is not a known coordinate reference system"):
        taken(geojson(tmp_path / "a.geojson", concessions()), crs=crs)


def test_an_unknown_system_in_a_file_can_be_replaced(tmp_path):
    crs = {"type": "name", "properties": {"name": "EPSG:999999"}}
    path = geojson(tmp_path / "a.geojson", concessions().to_crs(UTM_17S), crs=crs)

    with pytest.raises(CRSError, match=r"a\.geojson states an unknown coordinate .*EPSG:999999.* --crs"):
        taken(path)
    assert len(taken(path, crs=UTM_17S).tables["concessions"]) == 3


def test_odd_places_are_reported_with_their_rows(tmp_path):
    table = "code,longitude,latitude\nbien,-78.5,-7\ncambiado,-7,-78.5\ncero,0,0\nmar,-95,-10\n"
    found = taken(text(tmp_path / "a.csv", table), "communities")

    assert findings(found) == [[2, "swapped_axes"], [3, "null_island"], [4, "in_the_ocean"]]
    assert len(found.tables["communities"]) == 4


def test_a_table_in_metres_is_projected_too(tmp_path):
    path = text(tmp_path / "a.csv", "code;x;y\n1;766.234,5;9225678\n2;;\n")
    found = taken(path, "communities", crs=UTM_17S)

    assert found.tables["communities"].geometry.iloc[0].x == pytest.approx(-78.59, abs=0.01)
    assert found.findings[["row_number", "finding"]].to_numpy().tolist() == [[2, "no_place"]]


def test_coordinates_that_are_no_numbers_name_their_row(tmp_path):
    got = taken(text(tmp_path / "a.csv", "code,longitude,latitude\n1,-78,-7\n2,s/d,-7\n"), "communities")

    assert got.findings[["row_number", "finding", "detail"]].to_numpy().tolist() == [
        [2, "not_readable", "s/d"],
        [2, "no_place", None],
    ]


def test_a_community_without_coordinates_is_kept_and_sums_and_notes_are_not(tmp_path):
    table = "code,name,population,longitude,latitude\n1,Aquí,10,-78,-7\n2,Sin lugar,5,,\nTOTAL,,15,,\nFuente: DRA,,,,\n"
    got = taken(text(tmp_path / "a.csv", table), "communities")

    assert got.tables["communities"]["name"].tolist() == ["Aquí", "Sin lugar"]
    assert got.tables["communities"].geometry.isna().tolist() == [False, True]
    assert got.rejects[["row_number", "reason"]].to_numpy().tolist() == [[3, "no_geometry"], [4, "no_geometry"]]
    assert got.findings[["row_number", "finding"]].to_numpy().tolist() == [[2, "no_place"]]


@pytest.mark.parametrize(
    ("name", "is_kept"),
    [
        ("Suma Marka", True),
        ("SUMAQ", True),
        ("Suma", False),
        ("SUMA:", False),
        ("Suma total", False),
        ("Soma geral", False),
    ],
)
def test_a_community_whose_name_begins_with_the_aymara_word_suma_is_no_sum(tmp_path, name, is_kept):
    table = f"code,name,population,longitude,latitude\n1,Aquí,10,-78,-7\n2,{name},5,,\n"
    got = taken(text(tmp_path / "a.csv", table), "communities")

    assert got.tables["communities"]["name"].tolist() == (["Aquí", name] if is_kept else ["Aquí"])


def test_every_repair_and_rejection_names_its_row(tmp_path):
    bow_tie = {"type": "Polygon", "coordinates": [[[-78, -7], [-77.9, -6.9], [-77.9, -7], [-78, -6.9], [-78, -7]]]}
    ring = list(square(3).exterior.coords)
    rows = [
        feature({"code": "a"}, square()),
        feature({"code": "b"}, None),
        feature({"code": "c"}, bow_tie),
        feature({"code": "d"}, {"type": "LineString", "coordinates": [[-78, -7], [-77.9, -6.9]]}),
        feature({"code": "e"}, {"type": "Polygon", "coordinates": [ring[:-1]]}),
    ]
    found = taken(text(tmp_path / "a.geojson", collection(rows)))
    account = found.source.iloc[0]

    assert found.tables["concessions"]["code"].tolist() == ["a", "e"]
    assert dict(found.rejects[["row_number", "reason"]].to_numpy()) == {
        2: "no_geometry",
        3: "ambiguous_geometry",
        4: "wrong_geometry_type",
    }
    assert found.repairs[["row_number", "repair"]].to_numpy().tolist() == [[5, "ring_closed"]]
    assert account[["rows_read", "rows_kept", "rows_rejected", "rows_repaired"]].tolist() == [5, 2, 3, 1]
    assert '"code":"b"' in found.rejects.set_index("row_number")["row_received"][2]


def test_a_repair_says_by_how_many_hectares_it_changed_a_boundary(tmp_path):
    with_heights = {"type": "Polygon", "coordinates": [[[*at, 100.0] for at in square().exterior.coords]]}
    found = taken(text(tmp_path / "a.geojson", collection([feature({"code": "a"}, with_heights)])))

    assert found.repairs[["row_number", "repair", "area_change_ha"]].to_numpy().tolist() == [[1, "z_dropped", 0.0]]


shapes = st.sampled_from([None, square(), square(1), square().centroid, square().boundary])


@settings(max_examples=amount(12, 40))
@given(
    rows=st.lists(st.tuples(st.one_of(st.none(), st.text(max_size=5), st.integers()), shapes), min_size=1, max_size=6)
)
def test_received_is_kept_and_rejected_whatever_comes(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("in") / "a.geojson"
    features = [feature({"code": code, "name": "x"}, shape) for code, shape in rows]
    found = taken(text(path, collection(features)), land=NOWHERE)
    kept, rejected = found.tables["concessions"]["row_number"], found.rejects["row_number"]

    assert sorted([*kept, *rejected]) == list(range(1, len(rows) + 1))
    assert found.tables["concessions"]["id"].is_unique


def test_the_area_is_measured_and_the_official_one_kept(tmp_path):
    rows = taken(geojson(tmp_path / "a.geojson", concessions(1, area_official_ha=100.5))).tables["concessions"]

    assert rows["area_official_ha"].tolist() == [100.5]
    assert rows["area_ha"].iloc[0] == pytest.approx(122.1, rel=0.01)


@pytest.mark.parametrize(
    ("stated", "kept", "basis"),
    [(5.0, 16.0, "transformation"), (30.0, 30.0, "stated"), (None, None, "assumed")],
    ids=str,
)
def test_no_boundary_is_surer_than_the_operation_that_left_its_datum(tmp_path, stated, kept, basis):
    path = geojson(tmp_path / "a.geojson", concessions().to_crs("EPSG:24877"))
    found = taken(path, crs="EPSG:24877", boundary_accuracy_m=stated)
    told = found.findings.set_index("finding")["detail"]

    assert told["datum_shifted"] == "Inverse of UTM zone 17S + PSAD56 to WGS 84 (8) (± 16 m)"
    known = found.tables["concessions"].get("boundary_accuracy_m")
    assert (known is None or known.isna().all()) if kept is None else known.tolist() == [kept] * 3
    row = found.source.iloc[0]
    assert (row["accuracy_basis"], row["boundary_accuracy_m"]) == (basis, kept or 50)
    assert row["crs_operation"] == "Inverse of UTM zone 17S + PSAD56 to WGS 84 (8)"
    assert row["crs_operation_accuracy_m"] == 16


@pytest.mark.parametrize(
    ("excess", "side", "basis", "accuracy_m", "estimated_m"),
    [
        (1.002, 0.01, "assumed", 50.0, 0.6),  # hectares that agree do not show that a boundary is in its place
        (1.09, 0.1, "estimated", 248.5, 248.5),
        (1.5, 0.1, "assumed", 50.0, None),  # another thing, or cut
    ],
)
def test_an_accuracy_is_estimated_from_official_and_drawn_hectares(
    tmp_path, excess, side, basis, accuracy_m, estimated_m
):
    rows = concessions(12).set_geometry([square(0, at, side=side) for at in range(12)], crs="OGC:CRS84")
    rows["area_official_ha"] = area_ha(rows.geometry) * excess
    found = taken(geojson(tmp_path / "a.geojson", rows))
    row = found.source.iloc[0]

    assert row["accuracy_basis"] == basis
    assert row["boundary_accuracy_m"] == pytest.approx(accuracy_m, rel=0.01)
    assert row["accuracy_estimated_m"] == (pytest.approx(estimated_m, rel=0.1) if estimated_m else None)
    told = found.tables["concessions"].get("boundary_accuracy_m")
    assert told is None if basis == "assumed" else told.nunique() == 1


def test_an_accuracy_is_not_estimated_from_those_rows_alone_that_agree(tmp_path):
    """Of fifteen squares eleven agree to a tenth, six of these to 1 m: the one in the middle is off as the next five."""
    rows = concessions(15).set_geometry([square(0, at, side=0.1) for at in range(15)], crs="OGC:CRS84")
    rows["area_official_ha"] = area_ha(rows.geometry) * ([1.002] * 6 + [1.09] * 5 + [1.5] * 4)
    found = taken(geojson(tmp_path / "a.geojson", rows)).source.iloc[0]

    assert found["accuracy_estimated_m"] == pytest.approx(248.5, rel=0.02)


def test_a_system_of_satellites_is_no_old_datum(tmp_path):
    found = taken(geojson(tmp_path / "a.geojson", concessions().to_crs(UTM_17S)), crs=UTM_17S, boundary_accuracy_m=0.5)

    assert "datum_shifted" not in set(found.findings["finding"])
    assert found.tables["concessions"]["boundary_accuracy_m"].tolist() == [0.5] * 3


def test_a_stated_accuracy_is_every_rows(tmp_path):
    rows = taken(geojson(tmp_path / "a.geojson", concessions()), boundary_accuracy_m=12.5).tables["concessions"]

    assert rows["boundary_accuracy_m"].tolist() == [12.5] * 3


def test_a_mapping_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(MappingError, match="no field mapping 'catastro'"):
        taken(geojson(tmp_path / "a.geojson", concessions()), mapping="catastro")


SECRET = "Secreto Apaza Quispe"
visibilities = st.one_of(
    st.sampled_from(["", "publico", "Public_Record", "restricted", "confidential", " "]), st.text(max_size=9)
)


@settings(max_examples=amount(12, 40))
@given(visibility=visibilities.filter(lambda value: value.strip() != "public_record"))
def test_what_is_not_plainly_public_is_never_on_the_map(tmp_path_factory, visibility):
    folder = tmp_path_factory.mktemp("in")
    properties = {"code": "1", "title": SECRET, "visibility": visibility}
    path = text(folder / "a.geojson", collection([feature(properties, square().centroid)]))
    found = taken(path, "incidents")

    assert found.tables["incidents"].empty
    assert found.rejects["reason"].tolist() == ["needs_the_vault"]
    assert SECRET not in said(found)


def said(found):
    return "".join(frame.to_csv() for frame in (*found.tables.values(), found.source, found.rejects, found.findings))


def test_without_the_column_nothing_is_public(tmp_path):
    path = text(tmp_path / "a.csv", f"code,title,longitude,latitude\n1,{SECRET},-78.5,-7\n")
    found = taken(path, "incidents")

    assert found.tables["incidents"].empty
    assert SECRET not in said(found)


@pytest.mark.parametrize(
    "row",
    [
        f"1,{SECRET},x,restricted,-78.5,-7",  # a date that cannot be read
        f"1,2020-01-01,x,{SECRET},-78.5,-7",  # written into the wrong column
        f"1,2020-01-01,x,public_record,-78.5,-7,{SECRET}",  # more fields than the header
        f"{SECRET}",
    ],
)
def test_nothing_of_a_withheld_row_is_told_however_it_is_broken(tmp_path, row):
    public = "9,2020-01-01,x,public_record,-78.5,-7"
    found = taken(text(tmp_path / "a.csv", incidents(row, public)), "incidents")

    assert found.tables["incidents"]["code"].tolist() == ["9"]
    assert len(found.rejects) == 1
    assert SECRET not in said(found)


@pytest.mark.parametrize("layer", sorted(name for name, layer in LAYERS.items() if layer.has_incident_id))
def test_nothing_is_told_of_an_incident_that_is_not_on_the_map(tmp_path, layer):
    columns = {"acts": "type", "victims": "gender", "case_steps": "step", "protection_measures": "requested_on"}
    good = {"acts": "threat", "victims": "woman", "case_steps": "trial", "protection_measures": "2020-01-01"}
    path = text(
        tmp_path / "a.csv",
        f"incident_id,{columns[layer]}\nsecreto,{SECRET}\nsecreto,{good[layer]}\npublico,{good[layer]}\n",
    )
    found = taken(path, layer, known=frozenset({"publico"}))

    assert found.tables[layer]["incident_id"].tolist() == ["publico"]
    assert len(found.rejects) == 2
    assert SECRET not in said(found)
    assert "secreto" not in said(found)


def test_a_zipped_shapefile_gives_the_same_rows_as_geojson(tmp_path):
    frame = concessions(4)
    frame.to_file(tmp_path / "a.shp", driver="ESRI Shapefile", encoding="utf-8")
    parts = {f"a.{suffix}": tmp_path / f"a.{suffix}" for suffix in ("shp", "shx", "dbf", "prj", "cpg")}
    one = taken(zipped(tmp_path / "a.zip", **parts)).tables["concessions"]
    two = taken(geojson(tmp_path / "a.geojson", frame)).tables["concessions"]

    assert one[["id", "name", "status"]].equals(two[["id", "name", "status"]])
    assert one["area_ha"].tolist() == pytest.approx(two["area_ha"].tolist())


def in_zones(tmp_path, zones):
    """A table of points in the middle of zones, whose eastings begin with the zone."""
    lines = [
        f"{zone}-{i},{zone * 1_000_000 + 480_000 + 9_000 * i},{6_300_000 + 20_000 * i},public_record"
        for zone in zones
        for i in range(6)
    ]
    return text(tmp_path / "pozos.csv", "\n".join(["code,este,norte,visibility", *lines]) + "\n")


ARGENTINA = Land(base_data.load_countries(), "AR")


@pytest.mark.parametrize("stated", ["", "EPSG:5345", "EPSG:4326"])
def test_eastings_that_begin_with_several_zones_are_refused_and_the_zones_named(tmp_path, stated):
    path = in_zones(tmp_path, [2, 3, 5])

    with pytest.raises(CRSError, match=r"2: 6, 3: 6, 5: 6\. .*Split .*--crs EPSG:5344 \(POSGAR 2007 / Argentina 2\)"):
        taken(path, "incidents", land=ARGENTINA, crs=stated)


def test_eastings_of_one_zone_are_taken_with_its_system(tmp_path):
    rows = taken(in_zones(tmp_path, [3]), "incidents", land=ARGENTINA, crs="EPSG:5345").tables["incidents"]

    assert rows.geometry.x.between(-67, -65).all()


def test_a_utm_zone_before_the_easting_is_to_be_taken_off(tmp_path):
    path = in_zones(tmp_path, [17, 18])

    with pytest.raises(CRSError, match=r"17: 6, 18: 6\..*remove the prefix .*instead of 17500000.*EPSG:32718"):
        taken(path, "incidents")


def test_eastings_of_one_wide_grid_are_of_no_zones(tmp_path):
    header = "code,este,norte,visibility"
    lines = [f"{i},{4_700_000 + 60_000 * i},{2_000_000},public_record" for i in range(10)]
    path = text(tmp_path / "a.csv", "\n".join([header, *lines]) + "\n")
    land = Land(base_data.load_countries(), "CO")

    assert len(taken(path, "incidents", land=land, crs="EPSG:9377").tables["incidents"]) == 10


def test_a_row_outside_the_country_and_one_with_a_coordinate_of_zero_are_found(tmp_path):
    places = ["-78.5,-7", "-78.4,-7.1", "-74,4.6", "0,-7.2", "-78.5,0", "0,0", "-70.9,-9.9"]
    lines = [f"{i},{place},public_record" for i, place in enumerate(places)]
    path = text(tmp_path / "a.csv", "\n".join(["code,longitude,latitude,visibility", *lines]) + "\n")

    assert findings(taken(path, "incidents")) == [
        [4, "coordinate_of_zero"],
        [5, "coordinate_of_zero"],
        [6, "null_island"],
        [3, "row_outside_the_country"],
    ]
    assert findings(taken(path, "incidents", land=NOWHERE)) == [[6, "null_island"]]


def test_dates_that_programs_write_for_none_and_hectares_of_zero_are_found(tmp_path):
    days = ["1900-01-01", "2019-05-03", "1970-01-01", "1899-12-30"]
    frame = concessions(4, applied_on=days, area_official_ha=[121.0, 0.0, 121.0, 121.0])

    found = taken(geojson(tmp_path / "a.geojson", frame)).findings

    rows = found[["row_number", "finding", "column_name"]].to_numpy().tolist()
    assert sorted(row for row in rows if row[1] == "default_date") == [
        [i, "default_date", "applied_on"] for i in (1, 3, 4)
    ]
    assert [row for row in rows if row[1] == "hectares_of_zero"] == [[2, "hectares_of_zero", "area_official_ha"]]
