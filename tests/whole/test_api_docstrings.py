"""The names of docs/api.md are documented by numpydoc, and the examples of `lindero.geo` give what they show."""

import doctest
import importlib
import inspect
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
API = re.findall(r"^::: ([\w.]+)$", (ROOT / "docs" / "api.md").read_text(encoding="utf-8"), re.MULTILINE)
SECTIONS = tuple(f"{name}\n{'-' * len(name)}\n" for name in ("Parameters", "Returns", "Yields", "Raises"))
FUNCTIONS = [name for name in API if name.startswith("lindero.geo.") and name.rpartition(".")[2].islower()]


def load(name: str) -> object:
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_of_the_api_has_sections_and_an_example_that_gives_what_it_shows(name):
    function = load(name)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)

    for test in doctest.DocTestFinder(exclude_empty=True).find(function, name, globs=function.__globals__.copy()):
        runner.run(test)

    assert any(section in (inspect.getdoc(function) or "") for section in SECTIONS)
    assert runner.tries > 0
    assert runner.failures == 0
