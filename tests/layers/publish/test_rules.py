"""Who may be counted, and how: cells, releases, and the gate."""

import datetime as dt

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from lindero.app.answers.record.coarse_places import assign_cells, department_shapes, known_areas
from lindero.app.media.site.select import coarsen_incidents
from lindero.geo.positions.generalise import cells
from lindero.layers.check.visibility import Gate
from lindero.layers.database.definitions import is_public
from lindero.layers.model.schema import CRS, LAYERS
from lindero.layers.publish.rules import (
    COMMON_PUBLISHED,
    NOT_PUBLISHED,
    OTHER_PROVINCES,
    PUBLISHED,
    Anchor,
    Basis,
    count_records,
    next_anchor,
)

PUCALLPA = Point(-74.5537, -8.3791)


def records(**counts):
    """Records by province of one department in one year: `a=6` is six records in province a; `_` knows no province."""
    provinces = [None if name == "_" else name for name, count in counts.items() for _ in range(count)]
    return pd.DataFrame({"department": "PE-X", "province": provinces, "year": 2024})


def incident(point, precision, **other):
    told = {"location_precision": precision, "region": "Ucayali", "country": "PE", "occurred_on": dt.date(2024, 3, 2)}
    return gpd.GeoDataFrame([told | other], geometry=[point], crs=CRS)


def shown(found):
    return {province or "others": count for (_, province, _), count in found.cells.items()}


@pytest.mark.parametrize(
    ("counts", "cells"),
    [
        ({"a": 4}, {}),
        ({"a": 5}, {"a": 5}),
        ({"a": 14}, {"a": 10}),
        ({"a": 7, "b": 3}, {"a": 5}),
        ({"a": 7, "b": 3, "c": 2}, {"a": 5, "others": 5}),
        ({"a": 2, "b": 2, "_": 3}, {"others": 5}),
        ({"_": 6}, {"others": 5}),
    ],
)
def test_a_small_cell_climbs_and_then_is_withheld(counts, cells):
    found = count_records(records(**counts), Basis())

    assert shown(found) == cells
    assert found.withheld == sum(counts.values()) - sum(counts[name] for name in cells if name != "others") - (
        sum(n for name, n in counts.items() if name not in cells) if "others" in cells else 0
    )


def test_a_record_without_a_department_is_counted_nowhere():
    nowhere = records(a=9).assign(department=None)

    assert (count_records(nowhere, Basis()).cells, count_records(nowhere, Basis()).withheld) == ({}, 9)


@pytest.mark.parametrize(
    ("last", "count", "then"),
    [
        (None, 4, Anchor(0, is_shown=False)),
        (None, 5, Anchor(5, is_shown=True)),
        (Anchor(9, is_shown=True), 10, Anchor(9, is_shown=True)),  # one more would be seen
        (Anchor(9, is_shown=True), 13, Anchor(9, is_shown=True)),
        (Anchor(9, is_shown=True), 14, Anchor(14, is_shown=True)),
        (Anchor(14, is_shown=True), 13, Anchor(14, is_shown=True)),  # one less as well
        (Anchor(7, is_shown=True), 4, Anchor(4, is_shown=False)),
        (Anchor(4, is_shown=False), 5, Anchor(4, is_shown=False)),  # nor does it come and go
        (Anchor(4, is_shown=False), 9, Anchor(9, is_shown=True)),
    ],
)
def test_a_cell_moves_by_at_least_five(last, count, then):
    assert next_anchor(count, last) == then


@settings(max_examples=60)
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["a", "b", "c", "_"]), st.integers(0, 17), max_size=4), min_size=2, max_size=8
    )
)
def test_no_cell_is_small_and_none_moves_by_one_to_four(releases):
    basis, before = Basis(), {}
    for counts in releases:
        found = count_records(records(**counts), basis)
        for cell in {*found.cells, *before}:
            now, then = found.cells.get(cell, 0), before.get(cell, 0)
            assert now == 0 or now >= 5
            assert now % 5 == 0
            if now != then and now and then:
                assert abs(found.basis.anchors[cell].count - basis.anchors[cell].count) >= 5
        basis, before = found.basis, found.cells


def test_a_cell_s_outline_says_nothing_of_where_in_it_the_place_is():
    near = gpd.GeoSeries([PUCALLPA, Point(-74.5001, -8.3001), Point(-74.5999, -8.3999)], crs=CRS)

    assert len(set(cells(near, side_degrees=0.1).to_wkt())) == 1
    assert cells(near, side_degrees=0.1).iloc[0].covers(PUCALLPA)


@pytest.mark.parametrize(
    ("precision", "side"), [("exact", 0.1), ("locality", 0.1), ("district", 0.25), ("province", 1)]
)
def test_a_place_is_shown_as_the_area_that_is_known(precision, side):
    west, south, east, north = known_areas(incident(PUCALLPA, precision)).iloc[0].bounds

    assert (east - west, north - south) == pytest.approx((side, side))


def test_a_region_is_shown_as_the_region_and_a_country_not_at_all():
    ucayali = department_shapes().loc["PE-UCA", "geometry"]

    assert known_areas(incident(None, "region")).iloc[0].equals(ucayali)
    assert known_areas(incident(PUCALLPA, "region")).iloc[0].equals(ucayali)
    assert known_areas(incident(box(-75, -9, -74, -8), "region")).iloc[0].equals(ucayali)
    assert known_areas(incident(PUCALLPA, "country")).iloc[0] is None
    assert known_areas(incident(None, "region", region="Nowhere at all")).iloc[0] is None


@pytest.mark.parametrize(
    ("point", "precision", "department", "province"),
    [
        (PUCALLPA, "exact", "PE-UCA", "Provincia de Coronel Portillo"),
        (PUCALLPA, "region", "PE-UCA", None),
        (None, "region", "PE-UCA", None),
        (None, "exact", "PE-UCA", None),
    ],
)
def test_the_cell_of_a_record(point, precision, department, province):
    found = assign_cells(incident(point, precision)).iloc[0]

    assert found["department"] == department
    assert found["year"] == 2024
    assert (None if pd.isna(found["province"]) else found["province"]) == province


@given(
    st.one_of(st.none(), st.text(), st.sampled_from(["PUBLIC_RECORD", "public record", " public_record", "publico"]))
)
def test_what_is_not_called_public_record_to_the_letter_does_not_pass(visibility):
    rows = pd.DataFrame({"id": ["x"], "visibility": [visibility]})
    stopped = [index for each in Gate().find_withheld(rows) for index in each.rows]

    assert is_public(rows).iloc[0] == (visibility == "public_record")
    assert stopped == ([] if visibility == "public_record" else [0])


def test_without_the_column_nothing_passes():
    assert not is_public(pd.DataFrame({"id": ["x"]})).any()


@pytest.mark.parametrize("name", LAYERS)
def test_every_column_is_published_or_not_by_decision(name):
    """A column that is new to a layer is named in one of the two lists, or this fails."""
    received = {column for column in LAYERS[name].names if column.endswith("_received")}
    published, kept_back = set(PUBLISHED.get(name, ())), set(NOT_PUBLISHED.get(name, ()))

    assert published | kept_back == LAYERS[name].names - set(COMMON_PUBLISHED) - received - {"geometry"}
    assert not published & kept_back


@pytest.mark.parametrize(
    ("precision", "region", "text"),
    [
        ("exact", "Ucayali", None),
        ("locality", "Ucayali", "Caserío X"),
        ("district", "Ucayali", "Caserío X"),
        ("province", "Ucayali", "Caserío X"),
        ("region", "Ucayali", "Caserío X"),
        ("country", None, None),
        ("misspelt", None, None),
        (None, None, None),
    ],
)
def test_region_and_place_are_told_in_words_as_far_as_the_source_vouches_for(precision, region, text):
    told = coarsen_incidents(incident(None, precision, place_text="Caserío X", date_precision="day")).iloc[0]

    assert (none_if_missing(told["region"]), none_if_missing(told["place_text"])) == (region, text)


def none_if_missing(value):
    return None if pd.isna(value) else value


def test_the_list_names_columns_that_there_are_and_nothing_as_received():
    for name, columns in PUBLISHED.items():
        assert set(columns) <= LAYERS[name].names
        assert not [column for column in columns if column.endswith("_received")]
    assert OTHER_PROVINCES == ""
    assert "protection_measures" not in PUBLISHED


def test_numbers_stay_as_they_were_until_five_cases_have_changed():
    first = count_records(records(a=9, b=4), Basis())
    four = count_records(records(a=5, b=4), first.basis)
    five = count_records(records(a=4, b=4), first.basis)

    assert (four.cells, four.basis, four.is_held_back) == (first.cells, first.basis, True)
    assert (shown(five), five.is_held_back) == ({"others": 5}, False)
    assert not count_records(records(a=9, b=4), first.basis).is_held_back  # nothing changed: there is nothing to say


def test_numbers_of_a_version_that_noted_no_sizes_are_counted_anew():
    last = Basis({("PE-X", "a", 2024): Anchor(9, is_shown=True)}, None)

    assert shown(count_records(records(a=14), last)) == {"a": 10}
