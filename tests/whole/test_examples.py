"""The examples in docstrings of `lindero.geo` give what they show; tests/app/test_library.py runs those on a map."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = [
    path for path in sorted((ROOT / "lindero" / "geo").rglob("*.py")) if ">>> " in path.read_text(encoding="utf-8")
]
LEAST = 14  # examples of functions that people call from Python


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", FILES, ids=lambda path: module_name(path).removeprefix("lindero."))
def test_examples_give_what_they_show(path):
    found = doctest.testmod(importlib.import_module(module_name(path)), optionflags=doctest.NORMALIZE_WHITESPACE)

    assert found.attempted > 0
    assert found.failed == 0


def test_the_public_functions_of_geo_have_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    examples = [
        test for path in FILES for test in finder.find(importlib.import_module(module_name(path))) if test.examples
    ]

    assert len(examples) >= LEAST
