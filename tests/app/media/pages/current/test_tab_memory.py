"""What was asked last in a tab is found again by that tab alone, for a while, and stands nowhere else."""

import pytest

from lindero.app.media.pages.current import tab_memory
from lindero.app.media.pages.current.tab_memory import HEADER, Question, TabMemory
from lindero.app.serving.access.slow_connections import TabHeader
from tests import loop, small_map
from tests.answered import at_page

ONE, OTHER = "0" * 32, "f" * 32
WHERE = f"{small_map.IN_BOTH[0]}, {small_map.IN_BOTH[1]}"


@pytest.fixture(autouse=True)
def _nothing_kept():
    tab_memory.TABS._last.clear()
    yield
    tab_memory.TABS._last.clear()


def test_a_tab_finds_its_own_question_again():
    kept = TabMemory()
    kept.store(ONE, Question(text="Sorochuco"))
    kept.store(ONE, Question(press=(1.0, 2.0), by="pressed"))

    assert kept.find_last(ONE) == Question(press=(1.0, 2.0), by="pressed")
    assert kept.find_last(OTHER) is None
    kept.delete(ONE)
    assert kept.find_last(ONE) is None


def test_nothing_is_kept_for_long():
    now = [0.0]
    kept = TabMemory(lambda: now[0])
    kept.store(ONE, Question(text="Sorochuco"))
    now[0] = tab_memory.KEPT_S - 1.0
    assert kept.find_last(ONE) is not None

    now[0] = tab_memory.KEPT_S + 0.0

    assert kept.find_last(ONE) is None
    assert not kept._last


def test_nor_of_many():
    kept = TabMemory()
    for number in range(tab_memory.MAX_TABS + 5):
        kept.store(f"{number:032x}", Question(text=str(number)))

    assert len(kept._last) == tab_memory.MAX_TABS
    assert kept.find_last(f"{0:032x}") is None


@pytest.mark.parametrize(
    ("query", "sent", "told"),
    [(f"tab={ONE}", None, ONE), ("", None, None), ("tab=x", None, None), ("", OTHER, None), (f"tab={ONE}", OTHER, ONE)],
)
def test_a_page_is_told_the_tab_of_its_address_and_of_no_header_that_is_sent(query, sent, told):
    heard = []

    async def app(scope, _receive, _send):
        heard.extend(value.decode() for name, value in scope["headers"] if name.decode() == HEADER)

    headers = [] if sent is None else [(HEADER.encode(), sent.encode())]
    loop.run(TabHeader(app)({"type": "websocket", "query_string": query.encode(), "headers": headers}, None, None))

    assert heard == ([] if told is None else [told])


@pytest.fixture(scope="module")
def build_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tabs") / "build"
    small_map.publish(folder)
    return folder


def test_who_comes_back_from_another_page_finds_the_place_again(build_folder):
    page = at_page(build_folder, "near_me")
    page.text_input[0].input(WHERE).run()
    said = page.markdown[0].value
    assert "The communities row" in said.replace("\\", "")

    page.switch_page("media/pages/views/sources.py").run()
    page.switch_page("media/pages/views/near_me.py").run()

    assert page.text_input[0].value == WHERE
    assert page.markdown[0].value == said


def test_who_opens_the_page_for_the_first_time_finds_nothing(build_folder):
    at_page(build_folder, "near_me").text_input[0].input(WHERE).run()

    assert at_page(build_folder, "near_me").text_input[0].value == ""
