"""Promises 4 and 5, on the published site: it asks nothing of any machine, and no text in it runs."""

from dataclasses import replace
from pathlib import Path

import pytest

from lindero.app.publication.site import write_site
from tests.promises.conftest import PAYLOADS

QUIET = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
AXE = Path(__file__).parents[1] / "browser" / "vendor" / "axe-core" / "axe.min.js"
NAIVE = "<meta charset=utf-8><body><script>document.body.innerHTML = {text!r}</script>"


@pytest.fixture(scope="module")
def browser(chromium):
    opened = chromium(args=[*QUIET, "--no-sandbox"])
    yield opened
    opened.close()


@pytest.fixture
def visit(browser):
    """Open a page of a folder: the page, what it asked for, and what it complained of."""
    opened = []

    def begun(address, *, width=1280, language="es-PE"):
        context = browser.new_context(viewport={"width": width, "height": 740}, locale=language)
        opened.append(context)
        page = context.new_page()
        asked, complaints = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.set_default_timeout(60_000)
        page.goto(address)
        return page, asked, complaints

    yield begun
    for context in opened:
        context.close()


def popups(page):
    """Open every popup of the map, one after the other."""
    page.evaluate("""() => {
        const open = (layer) => layer.eachLayer ? layer.eachLayer(open) : layer.openPopup && layer.openPopup();
        window.lindero.groups.forEach((group) => open(group));
    }""")


@pytest.mark.parametrize("language", ["es-PE", "en-US"])
def test_the_site_opens_from_a_folder_asks_nothing_and_runs_no_text(world, visit, language):
    page, asked, complaints = visit((world.folder / "index.html").as_uri(), width=360, language=language)
    page.wait_for_function("window.lindero && window.lindero.groups.size > 0")
    popups(page)
    page.get_by_role("button", name="English" if language == "es-PE" else "Español").click()
    popups(page)

    assert [address for address in asked if not address.startswith(("file:", "data:"))] == []
    assert complaints == []
    assert page.evaluate("window.hurt") is None
    shown = page.locator("#page").inner_text()
    assert all(payload.strip() in shown for payload in PAYLOADS)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate("document.documentElement.lang") == ("en" if language == "es-PE" else "es")


def test_the_attack_runs_where_text_is_written_as_html(visit, tmp_path):
    (tmp_path / "naive.html").write_text(NAIVE.format(text=PAYLOADS[0]), encoding="utf-8")
    page, _, _ = visit((tmp_path / "naive.html").as_uri())

    page.wait_for_function("window.hurt === 1")


def test_the_site_is_for_everyone(world, visit):
    page, _, _ = visit((world.folder / "index.html").as_uri())
    page.wait_for_function("window.lindero && window.lindero.groups.size > 0")
    page.evaluate(AXE.read_text(encoding="utf-8"))

    found = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")

    assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in found["violations"]] == []


def test_the_map_of_the_site_names_whose_data_it_shows(world, visit):
    page, _, _ = visit((world.folder / "index.html").as_uri())
    page.wait_for_function("window.lindero && window.lindero.groups.size > 0")

    told = page.locator(".leaflet-control-attribution").inner_text()
    assert all(publisher in told for publisher in world.pub.sources["publisher"].dropna())
    assert told.endswith("Natural Earth, GeoNames, GSHHG")


def test_a_region_that_is_the_place_s_own_name_is_said_once(world, visit, tmp_path):
    incidents = world.pub.layers["incidents"].assign(place_text="Pastaza", region=["Loja", *["Pastaza"] * 6])
    write_site(replace(world.pub, layers={**world.pub.layers, "incidents": incidents}), tmp_path)
    page, _, _ = visit((tmp_path / "index.html").as_uri())
    page.wait_for_function("window.lindero && window.lindero.groups.size > 0")
    popups(page)

    shown = page.locator("#page").inner_text()
    assert shown.count("Dónde está: Pastaza, Loja (") == 1
    assert shown.count("Dónde está: Pastaza (") == 6
    assert "Pastaza, Pastaza" not in page.content()
