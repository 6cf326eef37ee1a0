"""The pages that answer, on the demonstration map: what changed, who is exposed, what is hot, what came when."""

import re
import shutil
import subprocess
from importlib.metadata import version

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import GO, WIDTHS
from tests.real_servers import needed


@pytest.fixture
def address(invented):
    return invented


@pytest.mark.slow
def test_pages_answer_and_their_maps_show_what_they_are_about(visit, address):
    reader = visit("desktop", "es")
    a_list_of_ones_own_stands_in_the_address_and_leads_to_feeds(reader, address)
    reader.page.get_by_role("link", name="Línea de tiempo", exact=True).first.click()
    the_filter_once_opened_is_in_view_on_a_low_map(reader)
    reader.page.evaluate(GO, "/protection")
    what_the_map_is_about_lies_off_its_edges(reader)
    what_is_put_before_a_board_is_three_sheets(reader)
    reader.page.evaluate(GO, "/hotspots?of=overlap-ha&over=communities")
    a_press_on_an_area_says_what_it_is(reader)
    reader.page.set_viewport_size(dict(zip(("width", "height"), WIDTHS["phone"], strict=True)))
    reader.settle()
    what_it_says_stays_in_view(reader)
    reader.page.get_by_role("link", name="¿Dónde falta protección?", exact=True).first.click()
    what_the_map_is_about_lies_off_its_edges(reader)


def a_press_on_an_area_says_what_it_is(reader):
    expect(reader.page.get_by_role("heading", level=1)).to_have_text("Zonas críticas")
    reader.settle()
    frame = reader.map()
    frame.wait_for_function("document.querySelectorAll('.leaflet-areas-pane path').length > 0")

    frame.evaluate(
        """() => {
            map.panBy([-100, 0], {animate: false});  // moved by somebody: it is fitted no more
            const path = document.querySelector('.leaflet-areas-pane path');
            const { x, y, width, height } = path.getBoundingClientRect();
            path.dispatchEvent(new MouseEvent('click', {bubbles: true, clientX: x + width / 2, clientY: y + height / 2}));
        }"""
    )

    expect(frame.locator(".lindero-popup span")).to_contain_text(re.compile(", frente a .+ esperadas"))
    expect(frame.locator(".lindero-look").first).to_be_visible()
    what_it_says_stays_in_view(reader)


def what_it_says_stays_in_view(reader):
    reader.map().wait_for_function(
        """() => {
            const around = map.getContainer().getBoundingClientRect();
            const { left, top, right, bottom } = document.querySelector('.leaflet-popup').getBoundingClientRect();
            const isCovered = [...document.querySelectorAll('.leaflet-left.leaflet-top > *')].some((control) => {
                const own = control.getBoundingClientRect();
                return own.right > left && own.left < right && own.bottom > top && own.top < bottom;
            });
            return left >= 0 && top >= 0 && right <= around.right && bottom <= around.bottom && !isCovered;
        }"""
    )


def a_list_of_ones_own_stands_in_the_address_and_leads_to_feeds(reader, address):
    reader.page.goto(f"{address}/new?watch=region/PE-CAJ")
    link = reader.page.get_by_role("link", name="Cajamarca")
    expect(link).to_be_visible()

    feed = reader.page.request.get(f"{address}/{link.get_attribute('href')}")

    assert "watch=region" in reader.page.url
    assert feed.headers["content-type"].startswith("application/atom+xml")
    assert b"<entry>" in feed.body()
    reader.settle()


def what_the_map_is_about_lies_off_its_edges(reader):
    expect(reader.page.get_by_role("heading", level=1)).to_have_text("¿Dónde falta protección?")
    reader.settle()
    frame = reader.map()
    rims = frame.evaluate(
        """() => {
            const around = map.getContainer().getBoundingClientRect();
            const all = [...document.querySelectorAll('.leaflet-areas-pane path')].map(p => p.getBoundingClientRect());
            return [Math.min(...all.map(r => r.top)) - around.top, around.bottom - Math.max(...all.map(r => r.bottom))];
        }"""
    )
    scale = frame.locator(".leaflet-control-scale-line").bounding_box()
    assert frame.locator(".leaflet-control-attribution").is_hidden()
    frame.get_by_role("button", name="Fuentes de los datos").click()
    source = frame.locator(".leaflet-control-attribution").bounding_box()
    legend = frame.locator(".lindero-panel").bounding_box()
    drawn = frame.locator("#map_div").bounding_box()

    assert min(rims) > 5
    assert legend["x"] >= drawn["x"] + drawn["width"] - 1 or legend["y"] >= drawn["y"] + drawn["height"] - 1
    assert scale["x"] + scale["width"] <= source["x"]


def what_is_put_before_a_board_is_three_sheets(reader):
    margins = dict.fromkeys(("top", "bottom", "left", "right"), "10mm")

    pdf = reader.page.pdf(format="A4", margin=margins)

    needed(shutil.which("pdftotext"), "poppler-utils")
    told = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    first, second, third = told.stdout.decode().removesuffix("\f").split("\f")
    assert "en Madre de Dios" in first
    assert "No se puede decir cuál es el más alto" in " ".join(first.split())
    assert "Ordenados por ataques" in second
    assert "Cómo citar" in third
    assert version("lindero") in third


def the_filter_once_opened_is_in_view_on_a_low_map(reader):
    expect(reader.page.get_by_role("heading", level=1)).to_have_text("Línea de tiempo")
    reader.settle()
    frame = reader.map()

    frame.get_by_text("Mostrar solo").click()

    state = frame.get_by_text("Estado de la concesión")
    year = frame.get_by_label("incluir los que no tienen año")
    for part in (state, year):
        part.wait_for()
        frame.wait_for_function(
            "part => { const box = part.closest('.lindero-panel').getBoundingClientRect();"
            " const own = part.getBoundingClientRect(); return own.top >= box.top && own.bottom <= box.bottom; }",
            arg=part.element_handle(),
        )
