import pytest

from tests import small_map

PAGES = ["", "community", "holder", "overlaps", "attacks", "case", "commitments", "browse", "sources"]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages") / "build"
    small_map.publish(folder, invented=True, names={"concessions": "Title"})
    with small_map.serving(folder) as address:
        yield address


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_for_everyone_at_each_width_in_each_language(visit, address, axe, path, width, language):
    reader = visit(width, language)
    reader.page.goto(f"{address}/{path}")
    reader.page.get_by_role("heading", level=1).wait_for(timeout=60_000)
    reader.settle()

    assert reader.violations(axe) == []
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= reader.page.viewport_size["width"]
    assert reader.page.get_by_test_id("stException").count() == 0


def test_a_link_opens_the_same_community_again(visit, address):
    reader = visit()
    reader.page.goto(f"{address}/community?id=communities%2F1")
    reader.page.get_by_text("The communities row").first.wait_for(timeout=60_000)

    assert "id=communities%2F1" in reader.page.url
