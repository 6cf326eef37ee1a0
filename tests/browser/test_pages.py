import hashlib
import tomllib
from pathlib import Path

import pytest

from tests import small_map

VENDOR = Path(__file__).parent / "vendor"
PAGES = ["", "community", "holder", "overlaps", "attacks", "case", "commitments", "browse", "sources"]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages") / "build"
    small_map.publish(folder, invented=True, names={"concessions": "Title"})
    with small_map.serving(folder) as address:
        yield address


@pytest.fixture(scope="module")
def axe() -> str:
    package = tomllib.loads((VENDOR / "vendor.toml").read_text())["package"][0]
    script = VENDOR / "axe-core" / "axe.min.js"
    assert hashlib.sha256(script.read_bytes()).hexdigest() == package["sha256"]["axe-core/axe.min.js"]
    return script.read_text()


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_for_everyone_at_each_width_in_each_language(visit, address, axe, path, width, language):
    reader = visit(width, language)
    reader.page.goto(f"{address}/{path}")
    reader.page.get_by_role("heading", level=1).wait_for(timeout=60_000)
    reader.settle()

    wrong = []
    for frame in reader.page.frames:  # the page, and the map in its frame
        frame.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")
        frame.evaluate(axe)
        found = frame.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
        wrong += [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]]
    assert wrong == []
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= reader.page.viewport_size["width"]
    assert reader.page.get_by_test_id("stException").count() == 0


def test_a_link_opens_the_same_community_again(visit, address):
    reader = visit()
    reader.page.goto(f"{address}/community?id=communities%2F1")
    reader.page.get_by_text("The communities row").first.wait_for(timeout=60_000)

    assert "id=communities%2F1" in reader.page.url
