import pandas as pd
import pytest

from lindero.geo.stats.before_after import before_and_after


def days(**by_id):
    return pd.Series(by_id, dtype=object).map(pd.Timestamp)


def pairs(*each):
    return pd.DataFrame(each, columns=["event_id", "start_id"])


EVENTS = days(e1="2020-06-01", e2="2010-06-01")


def test_what_began_within_a_year_is_counted_before_or_after():
    near = pairs(("e1", "s1"), ("e1", "s2"), ("e1", "s3"), ("e1", "s4"), ("e2", "s1"))
    starts = days(s1="2020-01-01", s2="2020-06-01", s3="2020-09-01", s4="2022-01-01")

    found = before_and_after(near, EVENTS, starts, days=365, draws=10, seed=1)

    assert found.rows.to_dict("records") == [
        {"id": "e1", "before": 2, "after": 1},
        {"id": "e2", "before": 0, "after": 0},
    ]
    assert found.sums["observed"].tolist() == [2, 1]


def test_the_edge_of_the_year_is_held_to_the_day():
    starts = days(s1="2019-06-03", s2="2019-06-02", s3="2021-06-01", s4="2021-06-02")
    near = pairs(*(("e1", start) for start in starts.index))

    found = before_and_after(near, EVENTS, starts, days=365, draws=10, seed=1)

    assert found.sums["observed"].tolist() == [1, 1]


def test_chance_deals_the_days_among_the_events():
    """Only e1 has a start near it; of the two ways to deal two days, one puts the start before it."""
    starts = days(s1="2020-01-01")

    found = before_and_after(pairs(("e1", "s1")), EVENTS, starts, days=365, draws=4_000, seed=1)

    assert found.sums["observed"].tolist() == [1, 0]
    assert found.sums["expected"].tolist() == pytest.approx([0.5, 0], abs=0.03)
    assert found.sums[["low", "high"]].iloc[0].tolist() == [0, 1]


def test_events_of_one_day_are_expected_as_they_are():
    alike = days(e1="2020-06-01", e2="2020-06-01")
    found = before_and_after(
        pairs(("e1", "s1"), ("e2", "s2")), alike, days(s1="2020-01-01", s2="2020-08-01"), days=365, draws=50, seed=1
    )

    assert found.sums[["observed", "expected", "low", "high"]].to_numpy().tolist() == [[1, 1, 1, 1], [1, 1, 1, 1]]


def test_a_planted_link_lies_outside_the_range_of_chance_and_none_lies_within():
    events = days(**{f"e{i}": f"{1990 + i}-06-01" for i in range(30)})
    after = days(**{f"s{i}": f"{1990 + i}-07-01" for i in range(30)})
    near = pairs(*((f"e{i}", f"s{i}") for i in range(30)))
    shifted = pairs(*((f"e{i}", f"s{(i * 7 + 3) % 30}") for i in range(30)))

    planted = before_and_after(near, events, after, days=365, draws=500, seed=1).sums.set_index("side").loc["after"]
    none = before_and_after(shifted, events, after, days=365, draws=500, seed=1).sums.set_index("side").loc["after"]

    assert planted["observed"] == 30 > planted["high"]
    assert none["low"] <= none["observed"] <= none["high"]


def test_the_same_seed_is_the_same_answer_and_what_has_no_day_is_left_out():
    events, starts = days(e1="2020-06-01", e2=None), days(s1="2020-01-01", s2=None)
    near = pairs(("e1", "s1"), ("e1", "s2"), ("e2", "s1"))

    first, second = (before_and_after(near, events, starts, days=365, draws=20, seed=5) for _time in range(2))

    pd.testing.assert_frame_equal(first.sums, second.sums)
    assert first.rows["id"].tolist() == ["e1"]
    assert first.sums["observed"].tolist() == [1, 0]


def test_nothing_near_is_an_answer():
    found = before_and_after(pairs(), EVENTS, days(s1="2020-01-01"), days=365, draws=5, seed=1)

    assert found.sums["observed"].tolist() == [0, 0]
