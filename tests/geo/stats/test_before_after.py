import numpy as np
import pandas as pd
import pytest

from lindero.geo.stats.before_after import compare_timing, link_events

KM = 1 / 111.2  # degrees of latitude


def days(**by_id):
    return pd.Series(by_id, dtype=object).map(pd.Timestamp)


def pairs(*each):
    return pd.DataFrame(each, columns=["event_id", "start_id"])


EVENTS = days(e1="2020-06-01", e2="2010-06-01")


def test_what_began_within_a_year_is_counted_before_or_after():
    near = pairs(("e1", "s1"), ("e1", "s2"), ("e1", "s3"), ("e1", "s4"), ("e2", "s1"))
    starts = days(s1="2020-01-01", s2="2020-06-01", s3="2020-09-01", s4="2022-01-01")

    found = compare_timing(near, EVENTS, starts, days=365, draws=10, seed=1)

    assert found.rows.to_dict("records") == [
        {"id": "e1", "before": 2, "after": 1},
        {"id": "e2", "before": 0, "after": 0},
    ]
    assert found.sums["observed"].tolist() == [2, 1]


def test_the_edge_of_the_year_is_held_to_the_day():
    starts = days(s1="2019-06-03", s2="2019-06-02", s3="2021-06-01", s4="2021-06-02")
    near = pairs(*(("e1", start) for start in starts.index))

    found = compare_timing(near, EVENTS, starts, days=365, draws=10, seed=1)

    assert found.sums["observed"].tolist() == [1, 1]


def test_chance_deals_the_days_among_the_events():
    """Only e1 has a start near it; of the two ways to deal two days, one puts the start before it."""
    starts = days(s1="2020-01-01")

    found = compare_timing(pairs(("e1", "s1")), EVENTS, starts, days=365, draws=4_000, seed=1)

    assert found.sums["observed"].tolist() == [1, 0]
    assert found.sums["expected"].tolist() == pytest.approx([0.5, 0], abs=0.03)
    assert found.sums[["low", "high"]].iloc[0].tolist() == [0, 1]


def test_events_of_one_day_are_expected_as_they_are():
    alike = days(e1="2020-06-01", e2="2020-06-01")
    found = compare_timing(
        pairs(("e1", "s1"), ("e2", "s2")), alike, days(s1="2020-01-01", s2="2020-08-01"), days=365, draws=50, seed=1
    )

    assert found.sums[["observed", "expected", "low", "high"]].to_numpy().tolist() == [[1, 1, 1, 1], [1, 1, 1, 1]]


def test_a_planted_link_lies_outside_the_range_of_chance_and_none_lies_within():
    events = days(**{f"e{i}": f"{1990 + i}-06-01" for i in range(30)})
    after = days(**{f"s{i}": f"{1990 + i}-07-01" for i in range(30)})
    near = pairs(*((f"e{i}", f"s{i}") for i in range(30)))
    shifted = pairs(*((f"e{i}", f"s{(i * 7 + 3) % 30}") for i in range(30)))

    planted = compare_timing(near, events, after, days=365, draws=500, seed=1).sums.set_index("side").loc["after"]
    none = compare_timing(shifted, events, after, days=365, draws=500, seed=1).sums.set_index("side").loc["after"]

    assert planted["observed"] == 30 > planted["high"]
    assert none["low"] <= none["observed"] <= none["high"]


def test_the_same_seed_is_the_same_answer_and_what_has_no_day_is_left_out():
    events, starts = days(e1="2020-06-01", e2=None), days(s1="2020-01-01", s2=None)
    near = pairs(("e1", "s1"), ("e1", "s2"), ("e2", "s1"))

    first, second = (compare_timing(near, events, starts, days=365, draws=20, seed=5) for _time in range(2))

    pd.testing.assert_frame_equal(first.sums, second.sums)
    assert first.rows["id"].tolist() == ["e1"]
    assert first.sums["observed"].tolist() == [1, 0]


def test_nothing_near_is_an_answer():
    found = compare_timing(pairs(), EVENTS, days(s1="2020-01-01"), days=365, draws=5, seed=1)

    assert found.sums["observed"].tolist() == [0, 0]


def test_attacks_close_in_time_and_place_are_linked_to_the_first():
    """The third row is near the first by way of the second alone; the last two are far in time or place alone."""
    dates = pd.Series(["2020-03-01", "2020-01-31", "2020-01-01", "2020-04-01", "2020-01-01"])
    north = np.array([0, 4, 8, 0, 14]) * KM

    firsts = link_events(np.column_stack((np.full(5, -78.0), north)), dates, within_days=30, within_m=5_000)

    assert firsts.tolist() == [2, 2, 2, 3, 4]


def test_of_no_attacks_there_are_no_events():
    assert link_events(np.empty((0, 2)), pd.Series([], dtype=object), within_days=30, within_m=5_000).tolist() == []


@pytest.mark.parametrize("step", [1, 30, 90])
def test_sieges_of_chance_alone_lie_outside_nine_in_ten_no_more_often_than_one_in_ten(step):
    """More than 8 of 40 worlds would be outside by chance once in 64 times (binomial). Unlinked, 30 % and more are."""
    assert _outside(step, is_linked=True) <= 8
    assert _outside(step, is_linked=False) >= 12


def _outside(step, *, is_linked):
    return sum(_is_outside(np.random.default_rng(seed), step, is_linked) for seed in range(40))


def _is_outside(rng, step, is_linked, sieges=20, attacks=8, titles=150, length=12 * 365):
    """Draw sieges and titles at any place and time; return whether the titles before are outside their range."""
    places = np.repeat(rng.uniform(0, 150 * KM, (sieges, 2)), attacks, axis=0)
    numbers = np.repeat(rng.integers(0, length, sieges), attacks) + np.tile(np.arange(attacks) * step, sieges)
    dates, granted = (
        pd.Series(pd.Timestamp("2012-01-01") + pd.to_timedelta(each, "D"))
        for each in (numbers, rng.integers(0, length, titles))
    )
    firsts = np.arange(len(places))
    if is_linked:
        firsts = np.unique(link_events(places, dates, within_days=365, within_m=5_000))
    apart = np.linalg.norm(places[firsts][:, None] - rng.uniform(0, 150 * KM, (titles, 2)), axis=2)
    event, start = np.nonzero(apart <= 25 * KM)
    near = pd.DataFrame({"event_id": firsts[event], "start_id": start})
    before = compare_timing(near, dates.iloc[firsts], granted, days=365, draws=200, seed=1).sums.iloc[0]
    return not before["low"] <= before["observed"] <= before["high"]
