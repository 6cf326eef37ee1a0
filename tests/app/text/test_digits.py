import pytest

from lindero.app.text import digits, i18n


@pytest.fixture(autouse=True)
def english():
    i18n.set_language("en")


@pytest.mark.parametrize(
    ("name", "value", "written"),
    [
        ("p", 0.001, "0.0010"),
        ("p", 0.0123, "0.012"),
        ("p", 0.5, "0.50"),
        ("q", 0.0009, "<0.001"),
        ("q", 0.0, "<0.001"),
        ("q", 1.0, "1.00"),
        ("score", 0.81234, "0.8123"),
        ("share_low", 0.00012, "0.0001"),
        ("z", -1.234, "-1.23"),
        ("area_ha", 12.34, "12.3"),
        ("conceded_share", 0.2197, "0.2197"),
        ("concessions_covered", 0.0412, "0.0412"),
        ("area_ha", 0.0412, "0.041"),  # some is not written as nothing
        ("share", 0.0000412, "0.000041"),
        ("area_ha", 0.0, "0.0"),
        ("communities_covered", 1.3e-18, "0.0000"),  # what rounding leaves is nothing
    ],
)
def test_a_number_has_the_digits_that_it_needs(name, value, written):
    assert digits.format_value(name, value) == written


@pytest.mark.parametrize(
    ("metres", "told"),
    [
        (0.0, "less than 10 m"),
        (4.9, "less than 10 m"),
        (5.0, "10 m"),
        (47.0, "50 m"),
        (994.9, "990 m"),
        (995.0, "1.0 km"),
        (1_249.0, "1.2 km"),
    ],
)
def test_a_distance_below_a_kilometre_is_told_in_metres(metres, told):
    assert digits.format_distance(metres) == told


@pytest.mark.parametrize(
    ("metres", "accuracy_m", "told"),
    [
        (4_308.9, 5.0, "4.3 km"),
        (4_308.9, 51.7, "about 4.3 km"),
        (4_308.9, 400.0, "about 4 km"),
        (340.0, 51.7, "about 300 m"),
        (47.0, 5.0, "50 m"),
        (47.0, 12.0, "less than 100 m"),
        (0.2, 2.0, "less than 10 m"),
        (47.0, float("nan"), "50 m"),
        (47.0, None, "50 m"),
    ],
)
def test_a_distance_is_not_written_more_exactly_than_the_boundary_is_known(metres, accuracy_m, told):
    assert digits.format_distance(metres, accuracy_m) == told


@pytest.mark.parametrize(
    ("name", "value", "figure"),
    [
        ("area_ha", 1195.1543086170434, 1195.1543),
        ("share_of_left", 0.32526022298678786, 0.32526),
        ("share_of_right", 3.24e-9, 3e-9),
        ("distance_m", 4308.912345678901, 4308.912346),
        ("area_ha", 0.0, 0.0),
        ("z", float("-inf"), float("-inf")),
    ],
)
def test_figures_of_a_table_have_no_seventeen_digits(name, value, figure):
    assert digits.round_value(name, value) == figure
