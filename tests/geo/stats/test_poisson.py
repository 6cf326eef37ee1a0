"""The exact interval of a count, against published limits and SciPy."""

import pytest
from scipy.stats import chi2

from lindero.geo.stats.poisson import poisson_interval


def test_the_interval_of_three_is_the_published_one():
    assert poisson_interval(3) == pytest.approx((0.6187, 8.7673), abs=1e-4)


@pytest.mark.parametrize("count", [0, 1, 2, 10, 51, 400, 5_000])
def test_it_agrees_with_the_quantiles_of_chi_squared(count):
    low, high = poisson_interval(count)

    assert low == pytest.approx(chi2.ppf(0.025, 2 * count) / 2 if count else 0)
    assert high == pytest.approx(chi2.ppf(0.975, 2 * count + 2) / 2)
