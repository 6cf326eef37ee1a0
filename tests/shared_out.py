"""
Which tests run in one process, where several share them out: those of a file, and those of files that share what is dear.

A server of a map that two processes use would be started, and have its pages run for the first time, in each of them.
What takes long begins first, or one process ends long after the others.
"""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.processor_time import SLOW

ROOT = Path(__file__).parents[1]
# By the folder of the tests, the fixtures that one process alone should make, each with what its process is called: the
# first that a file names, by the alphabet, counts. Firefox, which starts in three seconds, is started in one.
DEAR = {
    "tests/browser/": {"firefox": "small", "invented": "invented", "small": "small"},
    "tests/promises/": {"firefox": "small", "world": "world"},
    "tests/whole/": {"programs": "programs", "shell": "programs"},
}


@cache
def scope(file: str) -> str:
    """Give what the tests of a file are shared out by: a fixture that they have in common with others, or the file."""
    text = (ROOT / file).read_text(encoding="utf-8") if (ROOT / file).is_file() else ""
    dear = next((fixtures for folder, fixtures in DEAR.items() if file.startswith(folder)), {})
    asked_for = {
        name for found in re.findall(r"^def \w+\(([^)]*)\)", text, re.MULTILINE) for name in re.findall(r"\w+", found)
    }
    return next((dear[name] for name in sorted(dear.keys() & asked_for)), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object | None:
    """Share out by `scope` where files are shared out."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class BySharedFixture(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return scope(nodeid.split("::", 1)[0])

    return BySharedFixture(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let what has the most slow tests begin first."""
    if hasattr(config, "workerinput"):
        slow = Counter(_scope(item) for item in items if item.get_closest_marker(SLOW))
        items.sort(key=lambda item: -slow[_scope(item)])


def _scope(item: pytest.Item) -> str:
    return scope(item.nodeid.split("::", 1)[0])
