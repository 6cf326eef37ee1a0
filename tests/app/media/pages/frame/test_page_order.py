"""
Every page answers at once, and first: a sentence and figures, a picture, the rows, and only then what can be chosen.

All pages of the demonstration are opened once, after what they open with was asked, and each is looked at by all tests.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1.element_tree import Block

from lindero.app.media.pages.current import cache, open_map
from lindero.app.media.pages.frame import order
from lindero.app.media.pages.frame.page import VIEWS
from lindero.app.serving import asgi
from tests import app_page, loop

# The one question of these is what they are about; near me, methods and sources are no answers to be chosen otherwise.
ABOUT_ONE = {"near_me", "community", "holder", "case", "methods", "sources"}
ANSWERS = sorted({module for module, _title in VIEWS.values()} - ABOUT_ONE)
CHOICES = ("selectbox", "multiselect", "slider", "select_slider", "checkbox", "text_input", "number_input", "toggle")
MAP, TABLE, DRAWING = "component_instance", "bidi_component", "html"


def parts(node: Any, part: str = "") -> Iterator[tuple[str, Any]]:
    """Give what a page shows, in the order in which it is read, each with the part of the page that it stands in."""
    if not isinstance(node, Block):
        yield part, node
        return
    key = re.search(r"lindero-(\w+)$", getattr(node.proto, "id", ""))
    own = key[1] if key and key[1] in order.PARTS else part
    for at in sorted(node.children):
        yield from parts(node.children[at], own)


MEASURED = {
    "_compared",
    "_hotspots",
    "_protection_needs",
    "changed",
    "codes_of_holders",
    "commitments",
    "_rank_exposure",
    "first_sight",
    "overlaps_of",
    "may_be_same",
    "_measure_exposure_with_rivers",
    "promises",
    "timing",
    "titles_on_lands",
}


@pytest.fixture(scope="module")
def opened(demonstration):
    """Every page, and one in another language, after what pages open with; what of it was not answered before them."""
    open_map.use_folder(demonstration[0] / "build")
    cache._cached_answer.cache_clear()
    loop.run(asgi._precompute_answers())
    kept, missed = cache._cached_answer, []

    def noting(version, question, *about, **more):
        before = kept.cache_info().misses
        answer = kept(version, question, *about, **more)
        if kept.cache_info().misses > before:
            missed.append(question.__name__)
        return answer

    asked = [*(("en", module) for module, _title in VIEWS.values()), ("es", "hotspots")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "_cached_answer", noting)
        return {each: app_page.at_page(each[1], each[0]) for each in asked}, missed


@pytest.mark.slow
def test_no_reader_waits_for_what_a_page_opens_with(opened):
    pages, missed = opened

    assert not [name for name, page in pages.items() if page.exception]
    assert not MEASURED & set(missed)


@pytest.fixture(scope="module", params=ANSWERS)
def shown(request, opened):
    page = opened[0]["en", request.param]
    return [(part, each) for part, each in parts(page.main) if part and each.type != "empty"]


def test_the_parts_follow_each_other(shown):
    seen = [part for part, _each in shown]

    assert seen == sorted(seen, key=order.PARTS.index)
    assert {"finding", "picture", "rows", "choices", "method"} <= set(seen)


def test_first_comes_a_sentence_with_figures_and_what_it_is_of(shown):
    finding = [each for part, each in shown if part == "finding"]
    figures = [each for each in finding if each.type == "metric"]

    assert finding[0].type == "markdown"
    assert re.fullmatch(r"\*\*.*\d.*\*\*", finding[0].value, re.DOTALL)
    assert 3 <= len(figures) <= 4
    assert 'href="#lindero-choices"' in finding[-1].proto.body


def test_a_map_or_a_drawing_comes_next_and_then_a_table(shown):
    kinds = {name: [each.type for part, each in shown if part == name] for name in ("picture", "rows")}
    drawn = [each.proto.body for part, each in shown if part == "picture" and each.type == DRAWING]

    assert MAP in kinds["picture"] or any("<img" in body for body in drawn)
    assert TABLE in kinds["rows"]


def test_nothing_is_asked_before_the_answer(shown):
    asked = [part for part, each in shown if each.type in CHOICES]

    assert "finding" not in asked
    assert "choices" in asked
