"""Drawings take their colours from the design alone."""

import re
from pathlib import Path

import pytest

APP = Path(__file__).parents[3] / "lindero" / "app"
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b")


@pytest.mark.parametrize("module", sorted((APP / "media" / "paper").glob("*.py")), ids=lambda path: path.stem)
def test_no_module_has_a_colour_of_its_own(module):
    assert COLOUR.findall(module.read_text(encoding="utf-8")) == []
