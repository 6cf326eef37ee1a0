"""Twenty readers at once, each at a place of its own: no error, and no reader gets another's answer."""

import pytest

from tests import light_reader, loop, small_map
from tests.amount import amount

READERS = 20
SECONDS = amount(0.5, 8.0)  # after the last of them has come; `make bench` lets them press for a minute

# A server that gives everybody the first answer that it ever gave.
MIXED_UP = """
from lindero.app.media.pages.current import map_layers as cached
near, first = cached.find_nearby, []
def first_of_all(*at, **how):
    first.append(near(*at, **how))
    return first[0]
cached.find_nearby = first_of_all
"""


def answers(folder, *, readers: int, seconds: float, before: str = "") -> light_reader.Answers:
    small_map.publish_squares(folder, readers, side=light_reader.SQUARE)
    with small_map.serving(folder, before=before, beforehand=True, anew=False) as address:
        return loop.run(light_reader.all_at_once(address, readers, seconds))


@pytest.mark.slow
def test_twenty_readers_at_once_get_their_own_answers(tmp_path):
    told = answers(tmp_path / "build", readers=READERS, seconds=SECONDS)

    assert told.wrong == []
    assert len(told.seconds) >= READERS


def test_an_answer_of_another_reader_is_seen(tmp_path):
    told = answers(tmp_path / "build", readers=2, seconds=0.0, before=MIXED_UP)

    assert len(told.wrong) == 1
    assert "was told of" in told.wrong[0]
