"""What a map cannot say is counted on the map itself."""

import pytest

from lindero.app.answers.coverage.sources_answer import GENERAL_LIMITS, list_limits
from lindero.layers.database import map_database
from lindero.layers.database.queries import row_values
from lindero.layers.database.queries.map_queries import count_unknown
from tests import small_map


@pytest.fixture(scope="module")
def counts(tmp_path_factory):
    return count_unknown(map_database.connect(small_map.publish(tmp_path_factory.mktemp("limits"))))


def test_what_is_not_known_is_counted(counts):
    assert counts["titles"] == counts["communities"] == counts["incidents"] == 1
    assert counts["titles_without_holder"] == counts["communities_without_consultation"] == 1
    assert counts["titles_without_date"] == counts["incidents_without_place"] == 0
    assert counts["communities_without_land"] == 1  # the small map states no area


def test_what_the_map_lacks_is_said_and_what_it_has_is_not(counts):
    told = list_limits(counts)

    assert told[: len(GENERAL_LIMITS)] == list(GENERAL_LIMITS)
    assert "1 concession does not state its holder." in told
    assert not any("no date on record" in text or "so it says nothing about" in text for text in told)


def test_an_empty_map_says_that_it_says_nothing(counts):
    told = list_limits(dict.fromkeys(counts, 0))

    assert [text for text in told if "so it says nothing about" in text] == told[len(GENERAL_LIMITS) :]
    assert len(told) == len(GENERAL_LIMITS) + 2


@pytest.mark.parametrize("typed", [("O'Higgins",), ('Ñ "x" $1 ?; --', "中文"), ("",), ()])
def test_what_a_person_types_reaches_the_database_as_it_is(typed):
    assert row_values.query_texts(map_database.open_in_memory(), "FROM asked", *typed) == [(text,) for text in typed]
