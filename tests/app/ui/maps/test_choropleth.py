"""Regions put into classes that a reader can tell apart."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindero.app.ui.maps.choropleth import MOST, NONE, classed

VALUES = st.lists(st.one_of(st.just(0.0), st.floats(0, 1), st.just(float("nan"))), min_size=1, max_size=40)


@given(VALUES)
def test_every_value_has_a_class_and_larger_ones_no_lower_class(values):
    of_class, looks = classed(pd.Series(values), "conceded_share")

    drawn = [look.code for look in looks]
    places = of_class.map(drawn.index)
    assert len(drawn) <= MOST + 1
    assert places[pd.Series(values).fillna(0).sort_values().index].is_monotonic_increasing
    assert ((of_class == NONE) == (pd.Series(values).fillna(0) == 0)).all()


def test_classes_differ_in_hatching_and_depth_and_say_their_range():
    _of_class, looks = classed(pd.Series(range(11)), "attacks")

    assert [look.label for look in looks] == [
        "none on record, or no data",
        "1 – 2",
        "3 – 4",
        "5 – 6",
        "7 – 8",
        "9 – 10",
    ]
    assert len({look.hatching for look in looks[1:]}) == MOST
    assert [look.depth for look in looks] == sorted(look.depth for look in looks)


@pytest.mark.parametrize("value", [0.0, float("nan")])
def test_where_nothing_is_on_record_there_is_one_class(value):
    of_class, looks = classed(pd.Series([value, value]), "attacks")

    assert set(of_class) == {NONE} == {look.code for look in looks}
