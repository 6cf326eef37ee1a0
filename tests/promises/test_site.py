"""Promises 4 and 5, on the published site: it asks nothing of any other machine, and no text in it runs."""

import html
import json
from pathlib import Path

import pytest

from lindero.app.answers.overlap.overlaps import overlap_report
from lindero.app.answers.overlap.pair_filter import PairFilter
from lindero.app.answers.overlap.row_selection import Side
from lindero.app.media.site import publication_files
from lindero.app.media.site.pack_check import read_page
from lindero.app.media.site.select import select_publication
from lindero.app.media.site.verify import check_publication
from lindero.layers.database import map_database
from lindero.layers.model.schema import LAYERS
from lindero.layers.workspace import manifest_file
from tests.amount import amount
from tests.promises.conftest import IN_THE_COUNTRY, PAYLOADS
from tests.range_server import Plain, Ranged, served
from tests.secret_files import TODAY

AXE = Path(__file__).parents[1] / "browser" / "vendor" / "axe-core" / "axe.min.js"
NAIVE = "<meta charset=utf-8><body><script>document.body.innerHTML = {text!r}</script>"
FRAME = "<!doctype html><meta charset=utf-8><link rel=icon href='data:,'><iframe sandbox='allow-scripts' style='width:360px;height:740px' src=\"{}\"></iframe>"
FIRST_PAINT = 400_000  # bytes


@pytest.fixture
def visit(apart):
    """Open a page of a folder: the page, what it asked for, and what it complained of."""
    opened = []

    def begun(address, *, width=1280, language="es-PE"):
        context = apart.new_context(viewport={"width": width, "height": 740}, locale=language)
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


def asked_for_all(frame):
    """Ask for the middle of the map, open all lists and a page; gives the text of the whole page."""
    frame.wait_for_selector("#place")
    frame.locator("canvas.map").focus()
    frame.locator("canvas.map").press("Enter")
    frame.wait_for_selector("#answer-title")
    for title in frame.locator("details > summary").all():
        title.click()
    for opened in frame.locator("details").all():
        opened.locator("table, canvas, p:not(.filters)").first.wait_for(state="attached")
    frame.locator("details button.link").first.click()
    frame.wait_for_selector("#card-title")
    return frame.evaluate("document.body.textContent")


@pytest.mark.slow
@pytest.mark.parametrize("language", ["es-PE", "en-US"])
def test_the_site_opens_from_a_folder_asks_nothing_and_runs_no_text(world, visit, language):
    page, asked, complaints = visit((world.folder / "index.html").as_uri(), width=320, language=language)

    told = asked_for_all(page)
    if language == "es-PE":
        it_is_for_everyone(page)
    page.get_by_role("button", name="English" if language == "es-PE" else "Español").click()

    assert [address for address in asked if not address.startswith((world.folder.as_uri(), "data:"))] == []
    assert any("/site/leaf-" in address for address in asked)
    assert complaints == []
    assert page.evaluate("window.hurt") is None
    assert all(" ".join(payload.split()) in " ".join(told.split()) for payload in PAYLOADS)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate("document.documentElement.lang") == ("en" if language == "es-PE" else "es")


def it_is_for_everyone(page):
    page.set_viewport_size({"width": 1280, "height": 740})
    page.evaluate(AXE.read_text(encoding="utf-8"))

    found = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")

    assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in found["violations"]] == []
    page.set_viewport_size({"width": 320, "height": 740})


@pytest.fixture(scope="module", params=amount(["country"], ["country", "published_demonstration"]))
def large(request):
    """The folder of a publication that is too large to be drawn at once, and a place in it."""
    place = {"country": IN_THE_COUNTRY, "published_demonstration": "-6.9117, -78.2551"}[request.param]
    return request.getfixturevalue(request.param), place


@pytest.fixture(scope="module")
def published_demonstration(demonstration, tmp_path_factory):
    folder = tmp_path_factory.mktemp("published")
    found = select_publication(manifest_file.load_workspace(demonstration[0]), None, today=TODAY)
    publication_files.write_publication(found, demonstration[1], folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("kind", [Ranged, Plain], ids=["with ranges", "without ranges"])
def test_a_server_is_asked_for_parts_and_no_other_machine_for_anything(large, visit, kind):
    folder, place = large
    with served(folder, kind) as address:
        page, asked, complaints = visit(f"{address}/index.html", width=360)
        page.wait_for_load_state("networkidle")
        first = [*asked]
        page.fill("#place", place)
        page.press("#place", "Enter")
        page.wait_for_selector("#answer-title")
        told = page.evaluate("document.body.textContent")

    assert all(one.startswith((address, "data:")) for one in asked)
    assert complaints == []
    assert "servidor" in told  # it says who can see what is read
    assert any("/site/tiles-" in one for one in first) == (kind is Plain)
    assert any("/map.pmtiles" in one for one in first)
    assert not any("/site/leaf-" in one for one in first)
    assert any("/site/leaf-" in one for one in asked)
    sizes = [(folder / one.removeprefix(f"{address}/")).stat().st_size for one in first if "pmtiles" not in one]
    assert sum(sizes) < FIRST_PAINT


def test_it_works_in_a_frame_of_no_origin(world, visit, tmp_path):
    with served(world.folder, Ranged) as address:
        (tmp_path / "outer.html").write_text(FRAME.format(f"{address}/index.html"), encoding="utf-8")
        with served(tmp_path, Plain) as outer:
            page, asked, complaints = visit(f"{outer}/outer.html")
            frame = page.wait_for_selector("iframe").content_frame()
            told = asked_for_all(frame)

    assert frame.evaluate("window.origin") == "null"
    assert PAYLOADS[0] in told
    assert complaints == []
    assert not any("pmtiles" in one for one in asked)


@pytest.mark.parametrize("how", ["file", "server"])
def test_firefox_opens_it_too(world, firefox, how):
    with served(world.folder, Ranged) as address:
        firefox.open((world.folder / "index.html").as_uri() if how == "file" else f"{address}/index.html")
        firefox.wait_for("document.querySelector('#place')")
        firefox.evaluate(
            "document.querySelector('canvas.map').dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter'}));"
        )
        firefox.wait_for("document.querySelector('#answer-title')")
        firefox.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; });")
        firefox.wait_for("document.querySelectorAll('details table').length > 2")
        told = firefox.evaluate("return document.body.textContent;")

    assert firefox.evaluate("return window.hurt === undefined;")
    assert PAYLOADS[0] in told


def test_the_attack_runs_where_text_is_written_as_html(visit, tmp_path):
    (tmp_path / "naive.html").write_text(NAIVE.format(text=PAYLOADS[0]), encoding="utf-8")
    page, _, _ = visit((tmp_path / "naive.html").as_uri())

    page.wait_for_function("window.hurt === 1")


def test_it_names_whose_data_it_shows_and_gives_all_as_files(world, visit):
    page, _, _ = visit((world.folder / "index.html").as_uri(), language="en-US")  # what stands for many is translated
    page.wait_for_selector("#place")

    told = page.locator("main").inner_text()
    assert all(publisher in told for publisher in world.pub.sources["publisher"].dropna())
    for link in page.locator("a[download]").all():
        assert (world.folder / link.get_attribute("href")).is_file()
    assert page.locator("a[download]").count() > 2


def test_a_part_that_is_missing_is_said_and_no_answer_is_given(world, visit, tmp_path):
    index = tmp_path / "index.html"
    index.write_bytes((world.folder / "index.html").read_bytes())
    page, _, _ = visit(index.as_uri())
    page.wait_for_selector("#place")

    page.locator("canvas.map").focus()
    page.locator("canvas.map").press("Enter")

    page.wait_for_selector("section .warning")
    assert page.locator("#answer-title").count() == 0


def test_its_first_paint_takes_few_bytes(world, visit):
    with served(world.folder, Ranged) as address:
        page, asked, _ = visit(f"{address}/index.html")
        page.wait_for_load_state("networkidle")

    sizes = [(world.folder / one.removeprefix(f"{address}/")).stat().st_size for one in asked if "pmtiles" not in one]
    assert sum(sizes) < FIRST_PAINT


@pytest.mark.slow
def test_what_breaks_a_promise_on_it_is_found(world, tmp_path):
    leaf = next(one for one in sorted((world.folder / "site").glob("leaf-*.js")))
    page = (world.folder / "index.html").read_text(encoding="utf-8")
    faults = {
        leaf.name: (leaf.read_text("utf-8") + "window.hurt=1;\n", "is not part of a pocket map"),
        "index.html": (page.replace("<body>", "<body><img src='http://127.0.0.1/x'>"), "refers to another file"),
        "../index.html": (page.replace("connect-src 'self'", "connect-src *"), "allows more"),
    }
    for at, (name, (text, fault)) in enumerate(faults.items()):
        folder = tmp_path / str(at)
        folder.mkdir()
        for path in world.folder.rglob("*"):
            if path.is_file():
                (folder / path.relative_to(world.folder)).parent.mkdir(parents=True, exist_ok=True)
                (folder / path.relative_to(world.folder)).symlink_to(path)
        spoilt = folder / ("index.html" if "index" in name else f"site/{name}")
        spoilt.unlink()
        spoilt.write_text(text, encoding="utf-8")

        assert any(fault in line for line in check_publication(folder, None).broken), name


def test_it_begins_with_the_finding_of_its_published_overlaps(world):
    sides = [Side(LAYERS[name]) for name in ("concessions", "communities")]
    with map_database.connect(world.folder / "map.duckdb", spatial=True) as con:
        wanted = PairFilter(certainties=("certain", "possible"))
        measured = overlap_report(con, *sides, pair_filter=wanted).totals
    told = read_page(world.folder / "index.html")[1]["told"]["en"]

    assert told["finding"].startswith(f"{measured.left_features} recorded concessions are on the land of 2 of the 2")
    assert f"{measured.footprint_ha:,.0f} hectares" in told["besides"]
    assert rf"Overlaps\: {measured.pairs}\." in told["besides"]


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (360, 740)])
def test_its_first_screen_holds_finding_field_and_map_from_edge_to_edge(world, visit, width, height):
    page, _, _ = visit((world.folder / "index.html").as_uri(), width=width)
    page.set_viewport_size({"width": width, "height": height})
    parts = [page.locator(part).bounding_box() for part in (".finding", "header .note", "#place", "canvas.map")]

    tops = [part["y"] for part in parts]
    assert tops == sorted(tops)
    assert tops[-1] < height
    assert (parts[-1]["x"], parts[-1]["width"]) == (0, width)


def test_its_first_page_holds_no_row(world):
    _, first = read_page(world.folder / "index.html")

    assert not any(first[name] for name in ("layers", "overlaps", "lands", "coverage", "ground"))
    assert html.escape(json.dumps(first["parts"]["lists"])).count("rows") == len(first["parts"]["lists"])
