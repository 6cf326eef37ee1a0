"""Every page answers first: a sentence and a few figures, a picture, the rows, and only then what can be chosen."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1.element_tree import Block

from lindero.app.ui.frame import order
from lindero.app.ui.frame.page import VIEWS
from tests.answered import at_page

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


@pytest.fixture(scope="module", params=ANSWERS)
def shown(request, demonstration):
    page = at_page(demonstration[0] / "build", request.param)
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
