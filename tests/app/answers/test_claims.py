"""A claim on rows is never stronger than their bounds, whatever the true values between them are."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from lindero.app.answers.attacks import finding_text
from lindero.app.answers.claims import find_highest, highest_text
from lindero.app.text import i18n

AMOUNTS = st.integers(0, 12).map(float)
SPANS = st.one_of(
    st.just((np.nan, np.nan)),  # not known
    AMOUNTS.map(lambda low: (low, np.nan)),  # at least
    st.tuples(AMOUNTS, AMOUNTS).map(lambda ends: (min(ends), max(ends))),
)
SHARES = st.floats(0, 1)


def bounds(spans):
    return pd.Series([low for low, _high in spans], dtype=float), pd.Series([high for _low, high in spans], dtype=float)


def claim(*spans):
    i18n.set_language("en")
    highest = find_highest(*bounds(spans))
    names, values = dict(enumerate("ABCDEFG")), {row: f"{low:g}" for row, (low, _high) in enumerate(spans)}
    return highest_text("Share", highest, names, values)


@given(st.lists(st.tuples(SPANS, SHARES), max_size=8))
def test_no_possible_value_refutes_a_claim(rows):
    low, high = bounds([span for span, _share in rows])
    highest = find_highest(low, high)
    possible = low.fillna(0) + pd.Series([share for _span, share in rows], dtype=float) * (
        high.fillna(99) - low.fillna(0)
    )
    known = possible[low.notna()]

    assert set(known[known == known.max()].index) <= set(highest.candidates)
    if highest.is_single:
        assert (known.drop(list(highest.candidates)) < known[highest.candidates[0]]).all()
    if highest.is_certain:
        assert (possible.drop(list(highest.candidates)) < possible[highest.candidates[0]]).all()


@given(st.lists(SPANS, min_size=1, max_size=7))
def test_highest_is_said_only_of_a_row_above_all_others_that_are_known(spans):
    text = claim(*spans)
    low, high = bounds(spans)

    for row, name in zip(low.index, "ABCDEFG", strict=False):
        others = high[low.notna()].drop(row, errors="ignore").fillna(np.inf)
        if f"highest in {name}" in text:
            assert low[row] > others.max() or others.empty
    assert ("not known" in text) == bool(low.isna().any() and low.notna().any())


def test_one_row_above_the_others_is_the_highest():
    assert claim((5, 6), (1, 4)) == "Share: highest in A, with 5."


def test_rows_that_are_not_known_limit_the_claim():
    assert claim((5, 6), (1, 4), (np.nan, np.nan)) == (
        "Share: highest in A, with 5, of the 2 that are known (not known: 1)."
    )
    assert claim((5, 6), (np.nan, np.nan)) == "Share: 5 in A. Which is highest cannot be told: 1 is not known."


def test_ranges_that_overlap_cannot_be_told_apart():
    assert claim((5, 6), (4, 5), (1, 2)) == (
        "Share: 5 in A and 4 in B. Which is highest cannot be told: 2 are too close to tell apart."
    )


def test_a_minimum_above_the_first_is_the_first():
    assert claim((3, 3), (5, np.nan)) == "Share: highest in B, with 5."
    assert claim((5, np.nan), (3, 3), (1, np.nan)) == (
        "Share: 5 in A, 3 in B, and 1 in C. Which is highest cannot be told: 2 are known only in part."
    )


def test_nothing_is_claimed_of_rows_without_a_value():
    assert claim((np.nan, np.nan)) == ""


def test_attacks_without_a_region_may_have_been_in_any():
    i18n.set_language("en")
    attacks = pd.DataFrame({"year": pd.array([2015, 2015, 2016], dtype="Int64"), "region": ["Pasco", "Pasco", "Lima"]})
    lost = attacks.assign(region=["Pasco", "Lima", None])

    assert finding_text(attacks, "PE").endswith("The region with the most attacks is Pasco \\(2\\)\\.")
    assert finding_text(lost, "PE").endswith("By region\\: Pasco \\(1\\)\\, Lima \\(1\\)\\; region not known\\: 1\\.")
