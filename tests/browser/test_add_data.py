"""An operator adds a file in the browser; nobody else finds where."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from lindero.app.builder.build import build_map
from lindero.app.builder.consent import withdraw
from lindero.layers.database import map_database
from lindero.layers.database.queries import record_queries
from lindero.layers.disk import builds
from lindero.layers.model.schema import LAYERS as BY_NAME
from lindero.layers.watch.watches_file import Watch, save_watch
from lindero.layers.workspace.manifest_file import load_workspace
from tests import small_map
from tests.amount import amount
from tests.browser.conftest import WAYS, WIDTHS
from tests.files import Files, concessions, geojson, incidents, text
from tests.layers.sources.test_field_proposals import ministry

LAYERS = list(BY_NAME)
HEADER = "id,occurred_on,title,place_text,visibility"
# In the share one test is in English, at both widths; the other is a phone's in Spanish.
ACCEPTED = ("desktop", "en")
EACH_WAY = [*(way for way in WAYS if way != ACCEPTED), ACCEPTED]


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    """A workspace of a community, and of a record that has been withdrawn."""
    files = Files(tmp_path_factory.mktemp("operated") / "space")
    files.add("communities", concessions(1).drop(columns=["holder", "status"]))
    files.add("incidents", incidents("1,2020-01-01,Amenaza de muerte,Cajas,public_record", header=HEADER), id="prensa")
    build_map(files.space)
    withdraw(files.space, None, "1")
    return files.space


@pytest.fixture(scope="module")
def operated(space):
    with small_map.serving(space.build_folder, operated=space.folder) as address:
        yield address


def hand_over(reader, address, path):
    """Open the page, hand over a file of concessions, and say so."""
    say_what(reader, address, path, layer=0)
    reader.map()
    reader.settle()


def say_what(reader, address, path, *, layer):
    """Open the page, hand over a file, and say which of the layers it holds."""
    reader.page.goto(f"{address}/add")
    reader.page.get_by_role("heading", level=1).wait_for(timeout=60_000)
    reader.settle()
    reader.page.locator("input[type=file]").first.set_input_files(path)
    expect(reader.page.get_by_title(path.name, exact=True)).to_be_visible()  # its words are cut short
    reader.enter(reader.page.get_by_role("textbox").first, "Ministerio")
    reader.choose(reader.page.get_by_role("combobox").first, layer + 1)
    return reader.page


def is_for_everyone(reader, axe):
    assert reader.violations(axe) == []
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= reader.page.viewport_size["width"]
    assert "Upload" not in reader.page.locator("body").inner_text()


@pytest.mark.slow
@pytest.mark.parametrize(("width", "language"), amount([ACCEPTED], EACH_WAY))
def test_the_watches_are_for_everyone(visit, operated, space, axe, width, language):
    save_watch(space.folder, Watch("El Tingo", ("everything",), created_on=dt.date(2020, 1, 1)))
    reader = visit(width, language)
    reader.page.goto(f"{operated}/add")
    reader.page.get_by_text("El Tingo").wait_for(timeout=60_000)
    reader.settle()

    faults = [
        html for rule, html in reader.violations(axe) if rule != "button-name"
    ]  # axe reads no `::after`: the uploader
    assert faults == []
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= reader.page.viewport_size["width"]
    assert "Tingo" not in reader.page.url


@pytest.mark.slow
@pytest.mark.parametrize(("width", "language"), amount([ACCEPTED], EACH_WAY))
def test_what_would_become_of_a_file_is_for_everyone(visit, operated, space, axe, tmp_path, width, language):
    rows = ministry(5)
    rows.loc[1, "geometry"] = None
    reader = visit(width, language)
    hand_over(reader, operated, geojson(tmp_path / "..catastro norte.geojson", rows))

    is_for_everyone(reader, axe)
    expect(reader.page.get_by_test_id("stMetricValue")).to_have_text(["5", "4", "0", "1"])
    expect(reader.page.get_by_role("checkbox")).to_have_count(6)
    if (width, language) == ACCEPTED:
        expect(reader.page.get_by_role("link", name="Add data")).to_have_count(1)
        reader.page.set_viewport_size(dict(zip(("width", "height"), WIDTHS["phone"], strict=True)))
        reader.settle()
        is_for_everyone(reader, axe)
        what_is_accepted_is_on_the_map_and_in_the_manifest(reader, space)


def what_is_accepted_is_on_the_map_and_in_the_manifest(reader, space):
    before = load_workspace(space.folder).sources

    holder = reader.page.get_by_role("checkbox").nth(2)
    holder.press(" ")  # it is not what the field holds
    expect(holder).not_to_be_checked()
    reader.settle()
    reader.page.get_by_role("button", name="Accept").click()
    reader.page.get_by_text("is on the map").wait_for(timeout=120_000)
    after = load_workspace(space.folder).sources
    entry = after[-1]
    assert after[:-1] == before

    assert (entry.publisher, entry.layer) == ("Ministerio", "concessions")
    assert entry.fields["code"] == "CodExpediente"
    assert "holder" not in entry.fields
    assert entry.file.endswith("/catastro-norte.geojson")
    con = map_database.connect(builds.current_map(space.build_folder))
    assert map_database.count_rows(con)["concessions"] == 4


@pytest.mark.slow
def test_rows_like_a_withdrawn_record_are_asked_about_one_by_one(visit, operated, space, axe, tmp_path):
    rows = [f"{n},2021-05-0{n},Amenaza de muerte,Cajas,public_record" for n in (7, 8)]
    received = text(tmp_path / "otra.csv", incidents(*rows, header=HEADER))
    reader = visit("phone", "es")
    page = say_what(reader, operated, received, layer=LAYERS.index("incidents"))
    asked = page.get_by_role("radiogroup", name="Fila")
    expect(asked).to_have_count(2)
    assert reader.violations(axe) == []
    assert page.get_by_test_id("stMetricValue").count() == 0  # nothing goes on before all is said
    for n, choice in enumerate((0, 1)):
        asked.nth(n).locator("label").nth(choice).click()
        expect(asked.nth(n).get_by_role("radio").nth(choice)).to_be_checked()
        reader.settle()
    expect(page.get_by_test_id("stMetricValue")).to_have_text(["2", "1", "0", "1"])
    is_for_everyone(reader, axe)
    page.get_by_role("button", name="Aceptar").click()
    page.get_by_text("ya está en el mapa").wait_for(timeout=120_000)
    con = map_database.connect(builds.current_map(space.build_folder))
    assert record_queries.read_current_ids(con) == ["8"]
