import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lindero.layers.check.validate import compare_hectares, convert_types, find_duplicates, find_vertices
from lindero.layers.model.parse_values import is_missing
from lindero.layers.model.schema import CONCESSIONS, INCIDENTS, LAYERS
from lindero.layers.model.vocabularies import FALLBACK, VOCABULARIES
from tests.files import concessions, square

FAULTS = st.one_of(st.none(), st.text(max_size=8), st.integers(), st.floats(), st.booleans(), st.dates())


@st.composite
def frames(draw):
    layer = LAYERS[draw(st.sampled_from(sorted(LAYERS)))]
    good = {name: st.sampled_from(codes) for name, codes in VOCABULARIES.items()}
    columns = draw(st.lists(st.sampled_from(layer.own_columns), unique=True, min_size=1))
    count = draw(st.integers(0, 5))
    values = {
        column.name: [draw(st.one_of(good.get(column.vocabulary, FAULTS), FAULTS)) for _ in range(count)]
        for column in columns
    }
    return layer, pd.DataFrame(values, index=pd.RangeIndex(1, count + 1), dtype=object)


@given(case=frames())
def test_received_rows_are_kept_or_rejected_whatever_their_faults(case):
    layer, mapped = case
    rows, account = convert_types(layer, mapped)

    assert sorted([*rows.index, *account.rejects["row"]]) == mapped.index.tolist()
    assert account.findings["row"].isin([0, *mapped.index]).all()  # 0: the whole column


@given(case=frames())
def test_a_coded_column_holds_codes_or_the_fallback_and_nothing_is_lost_unsaid(case):
    layer, mapped = case
    rows, account = convert_types(layer, mapped)
    said = set(zip(account.findings["row"], account.findings["column_name"], strict=True))

    for column in layer.own_columns:
        if column.vocabulary and column.name in rows:
            for row, value in rows[column.name].items():
                codes = value if column.several else [value]
                assert set(codes) <= {*VOCABULARIES[column.vocabulary], FALLBACK.get(column.vocabulary)}
                received = mapped[column.name][row] if column.name in mapped else None
                told = (row, column.name) in said
                assert is_missing(received) or told or str(received).strip() == ";".join(map(str, codes))


def test_a_required_column_that_is_empty_rejects_the_row():
    steps = pd.DataFrame({"incident_id": ["a", None, "b"], "step": ["trial", "trial", "juicio"]}, index=[1, 2, 3])
    rows, account = convert_types(LAYERS["case_steps"], steps)

    assert rows.index.tolist() == [1]
    assert account.rejects[["row", "reason", "detail"]].to_numpy().tolist() == [
        [2, "required_column_empty", "incident_id"],
        [3, "required_column_empty", "step"],
    ]


def test_a_value_that_cannot_be_read_is_left_empty_with_a_finding():
    rows, account = convert_types(
        CONCESSIONS, pd.DataFrame({"area_official_ha": ["12,5", "s/d"]}, index=[1, 2], dtype=object)
    )

    assert rows["area_official_ha"].tolist() == [12.5, None]
    assert account.findings["detail"].tolist() == ["s/d"]


def test_a_size_below_nothing_is_left_empty_with_a_finding():
    mapped = pd.DataFrame({"code": ["A", "B", "C"], "area_official_ha": [12.5, -9999.0, 0.0]}, index=[1, 2, 3])
    rows, account = convert_types(CONCESSIONS, mapped)

    assert rows["area_official_ha"].isna().tolist() == [False, True, False]
    assert account.findings[["row", "finding", "detail"]].to_numpy().tolist() == [[2, "not_readable", "-9999.0"]]


def test_codes_in_a_column_of_decimals_are_whole_numbers():
    mapped = pd.DataFrame({"code": [1234567.0, None, 12.5]}, index=[1, 2, 3])

    assert convert_types(CONCESSIONS, mapped)[0]["code"].tolist() == ["1234567", None, "12.5"]


def test_several_codes_of_a_victim_are_a_list_and_none_is_the_fallback():
    victims = pd.DataFrame({"incident_id": ["a", "b"], "identity": ["indigenous; lawyer", None]}, index=[1, 2])
    without = victims.drop(columns="identity")

    assert convert_types(LAYERS["victims"], victims)[0]["identity"].tolist() == [["indigenous", "lawyer"], ["unknown"]]
    assert convert_types(LAYERS["victims"], without)[0]["identity"].tolist() == [["unknown"], ["unknown"]]


@pytest.mark.parametrize("visibility", [None, "", "publico", "PUBLIC_RECORD", "public record", 1])
def test_what_is_not_plainly_public_is_confidential(visibility):
    rows = convert_types(INCIDENTS, pd.DataFrame({"visibility": [visibility]}, index=[1], dtype=object))[0]

    assert rows["visibility"].tolist() == ["confidential"]


def test_a_table_without_rows_keeps_its_columns():
    rows, _ = convert_types(LAYERS["acts"], pd.DataFrame({"incident_id": [], "type": []}, dtype=object))

    assert rows.empty
    assert {"incident_id", "type"} <= set(rows)


def test_repeated_codes_and_ground_are_found_and_the_earlier_row_named():
    frame = concessions(3).set_axis([1, 2, 3])
    frame["code"] = ["A", "B", "A"]
    frame = frame.set_geometry(gpd.GeoSeries([square(), square(), square(1)], index=frame.index, crs=frame.crs))

    found = find_duplicates(CONCESSIONS, frame)

    assert found[["row", "finding", "detail"]].to_numpy().tolist() == [
        [3, "duplicate_code", "1"],
        [2, "duplicate_geometry", "1"],
    ]


def test_official_hectares_far_from_those_drawn_are_found():
    rows = pd.DataFrame({"area_official_ha": [974.0, 100, None, 0], "area_ha": [41604.0, 95, 5, 7]}, index=[1, 2, 3, 4])

    found = compare_hectares(rows)

    assert found[["row", "finding", "detail"]].to_numpy().tolist() == [
        [1, "hectares_differ", "974 / 41604.0"],
        [4, "hectares_of_zero", "0 / 7.0"],
    ]


@pytest.mark.parametrize(("factor", "unit"), [(0.01, "km²"), (10_000, "m²"), (2.471, "acres")])
def test_areas_in_another_unit_are_one_finding(factor, unit):
    drawn = pd.Series([120.0, 950, 33], index=[1, 2, 3])

    found = compare_hectares(pd.DataFrame({"area_official_ha": drawn * factor, "area_ha": drawn}))

    assert found[["row", "finding", "detail"]].to_numpy().tolist() == [[0, "hectares_in_another_unit", unit]]


def test_a_code_that_a_spreadsheet_wrote_in_exponents_is_found_and_is_no_code():
    rows = pd.DataFrame({"code": ["1.04619E+08", "3,00921E+07", "10E5", "P-1"]}, index=[1, 2, 3, 4])
    rows, account = convert_types(CONCESSIONS, rows)

    assert rows["code"].tolist() == [None, None, "10E5", "P-1"]
    assert account.findings[["row", "finding"]].to_numpy().tolist() == [[1, "not_readable"], [2, "not_readable"]]


@pytest.mark.parametrize(
    ("received", "codes"),
    [
        (["10461925.0", "0.0", None], ["10461925", "0", None]),
        (["10461925.0", "10461925.5"], ["10461925.0", "10461925.5"]),  # a column of decimals
        (["1.0", "A-1"], ["1.0", "A-1"]),
    ],
)
def test_whole_numbers_that_a_program_wrote_with_a_decimal_are_whole(received, codes):
    rows, _ = convert_types(CONCESSIONS, pd.DataFrame({"code": received}, index=range(1, len(received) + 1)))

    assert rows["code"].tolist() == codes


def test_a_holder_that_says_nothing_is_not_known():
    received = pd.DataFrame({"holder": ["NULL", " N/A ", "-", "Mara S.A."], "name": ["N/A", "a", "b", "c"]})
    rows, _ = convert_types(CONCESSIONS, received)

    assert rows["holder"].tolist() == [None, None, None, "Mara S.A."]
    assert rows["name"].tolist() == ["N/A", "a", "b", "c"]


@pytest.mark.parametrize(
    ("codes", "found"),
    [("AAABBB", [0, 1, 2, 3, 4, 5]), ("AABBCC", []), ("AAABCDEF", []), ("AAAB", [0, 1, 2])],
    ids=["two boundaries", "two each", "most by themselves", "one beside"],
)
def test_points_of_one_code_are_vertices_where_most_are(codes, found):
    points = gpd.GeoSeries.from_xy(range(len(codes)), [0] * len(codes), crs="OGC:CRS84")

    numbers = pd.Series(list(codes)).groupby(list(codes)).cumcount()
    orders = pd.DataFrame({"punto": numbers})

    assert find_vertices(gpd.GeoDataFrame({"code": list(codes)}, geometry=points), orders).tolist() == found
    areas = shapely.buffer(points.to_numpy(), 1)
    assert find_vertices(gpd.GeoDataFrame({"code": list(codes)}, geometry=areas), orders).empty
    named = gpd.GeoDataFrame({"code": None, "name": list(codes)}, geometry=points)
    assert find_vertices(named, orders).tolist() == found
    assert find_vertices(named, orders[[]]).empty
    assert find_vertices(named, orders.assign(punto=1)).empty
