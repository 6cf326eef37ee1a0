"""Regions put into classes that a reader can tell apart, between round bounds."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindero.app.media.pages.maps.choropleth import (
    MAX_CLASSES,
    NONE,
    UNKNOWN,
    bound_formatter,
    classify_values,
    round_bounds,
)
from lindero.app.text import i18n

VALUES = st.lists(st.one_of(st.just(0.0), st.floats(1e-6, 1e6), st.just(float("nan"))), min_size=1, max_size=70)


def said(value):
    return f"{value:g}"


@given(VALUES)
def test_every_value_has_a_class_and_larger_ones_no_lower_class(values):
    given_values = pd.Series(values)
    of_class, looks = classify_values(given_values, said)
    drawn = [look.code for look in looks]
    places = of_class.map(drawn.index)

    assert len(drawn) <= MAX_CLASSES + 2
    assert places[given_values.dropna().sort_values().index].is_monotonic_increasing
    assert ((of_class == UNKNOWN) == given_values.isna()).all()
    assert ((of_class == NONE) == (given_values == 0)).all()


@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=70))
def test_bounds_are_few_round_and_hold_every_value(values):
    bounds = round_bounds(np.array(values))

    assert 2 <= len(bounds) <= MAX_CLASSES + 1
    assert bounds == sorted(set(bounds))
    assert bounds[0] == 0
    assert bounds[-1] >= max(values) * (1 - 1e-9)
    assert all(
        len(f"{bound:e}".partition("e")[0].rstrip("0").rstrip(".")) <= 4 for bound in bounds
    )  # three digits at most


@pytest.mark.parametrize(
    ("values", "bounds"),
    [
        ([0.022, 0.025, 0.033, 0.034, 0.064], [0, 0.02, 0.04, 0.06, 0.08]),
        (list(range(11)), [0, 2, 4, 6, 8, 10]),
        ([12, 30, 60, 70, 80, 150, 160, 900], [0, 50, 100, 200, 500, 1000]),
    ],
)
def test_bounds_of_few_and_of_many_regions(values, bounds):
    assert round_bounds(np.array([float(value) for value in values if value])) == pytest.approx(bounds)


def test_classes_differ_in_hatching_and_depth_and_say_their_bounds():
    _of_class, looks = classify_values(pd.Series(range(11)), said)

    assert [look.label for look in looks[:2]] == ["no data", "none recorded"]
    assert [look.label for look in looks[2:]] == ["0 – 2", "2 – 4", "4 – 6", "6 – 8", "8 – 10"]
    assert len({look.hatching for look in looks[2:]}) == MAX_CLASSES
    assert [look.depth for look in looks] == sorted(look.depth for look in looks)


@pytest.mark.parametrize(("value", "code"), [(0.0, NONE), (float("nan"), UNKNOWN)])
def test_where_nothing_is_on_record_or_nothing_is_known_there_is_no_class_of_size(value, code):
    of_class, looks = classify_values(pd.Series([value, value]), said)

    assert set(of_class) == {code}
    assert {look.code for look in looks} == {NONE, UNKNOWN}


def test_bounds_are_written_with_as_many_decimals_as_they_need():
    i18n.set_language("en")

    assert [bound_formatter(is_share=True)(bound) for bound in (0.02, 0.025, 0.0005, 0.0)] == [
        "2%",
        "2.5%",
        "0.05%",
        "0%",
    ]
    assert [bound_formatter(is_share=False)(bound) for bound in (2000.0, 0.5)] == ["2,000", "0.5"]
