"""Never somebody else's voice: what the page says of itself, and what it says when the network goes."""

import socket
import threading

import pytest
from playwright.sync_api import expect

from tests import small_map
from tests.browser.conftest import PATIENCE_MS, Visit

ATTEMPTS = 3  # to come back to a server that is not there
LOST, OLD = "Se perdió la conexión con el mapa", "Su última pregunta todavía no tiene respuesta"


class Wifi:
    """A way to the server that can be frozen, as wifi that has gone is: nothing comes and nothing closes."""

    def __init__(self, of_server):
        self.of_server, self.open = of_server, threading.Event()
        self.open.set()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.sockets = []
        self.accepting = threading.Thread(target=self._accept, daemon=True)
        self.accepting.start()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def _accept(self):
        while True:
            try:
                near = self.listening.accept()[0]
                far = socket.create_connection(("127.0.0.1", self.of_server))
            except OSError:
                return
            self.sockets += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one, other):
        try:
            while told := one.recv(65_536):
                self.open.wait()
                other.sendall(told)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self.open.set()
        self.listening.shutdown(socket.SHUT_RDWR)  # or the page, which comes back by itself, would be let in once more
        self.accepting.join()
        self.listening.close()
        for one in self.sockets:
            one.close()


@pytest.fixture
def address(small):
    return small


def opened(reader, address):
    reader.page.goto(address)
    reader.page.get_by_role("heading", level=1).wait_for(timeout=60_000)
    reader.settle()
    return reader.page


def test_a_page_speaks_its_reader_s_language_and_has_a_title_of_its_own(visit, address):
    reader = visit("phone", "es")
    page = opened(reader, f"{address}/community")
    speaks_spanish(page, "Comunidad – Lindero")
    an_address_where_nothing_is_says_so(reader, address)


def speaks_spanish(page, title):
    assert page.evaluate("document.documentElement.lang") == "es"
    expect(page).to_have_title(title)
    english = page.evaluate(
        "[...document.querySelectorAll('[aria-label]')].map((part) => part.getAttribute('aria-label'))"
        ".concat([document.querySelector('[data-testid=stSkipToContent]').textContent])"
    )
    assert {"Skip to main content", "Main menu"}.isdisjoint(english)
    assert "Saltar al contenido" in english


def test_the_head_names_the_map_and_no_date_and_each_page_keeps_the_language_that_is_chosen(visit, address):
    reader = visit("desktop", "es-PE")
    reader.open(address)
    reader.settle()
    page = reader.page
    speaks_spanish(page, "Cerca de mí – Lindero")
    head = page.locator(".st-key-lindero-head")
    expect(head).to_contain_text("Lindero")
    expect(head).not_to_contain_text("datos al")  # each figure has its own dates
    expect(head).not_to_contain_text("inventados")

    with page.expect_event("framedetached", timeout=60_000):  # the old map's
        page.get_by_text("English", exact=True).click()

    page.wait_for_function("document.documentElement.lang === 'en'", timeout=60_000)
    expect(page).to_have_title("Near me – Lindero")
    expect(page.get_by_role("radio", name="English")).to_be_checked()
    expect(page.get_by_role("heading", name="Near me")).to_be_visible()
    assert reader.map().evaluate("document.documentElement.lang") == "en"
    page.get_by_role("navigation", name="What this map answers").get_by_role("link", name="Data and methods").click()
    expect(page.get_by_role("heading", level=1, name="Sources and limits")).to_be_visible()
    reader.settle()
    without_an_operator_there_is_no_page_to_add_data(page)


def without_an_operator_there_is_no_page_to_add_data(page):
    assert page.get_by_role("link", name="Data and methods").count() == 1
    assert page.get_by_role("link", name="Add data").count() == 0


def an_address_where_nothing_is_says_so(reader, address):
    page = reader.page
    page.goto(f"{address}/nopage")

    expect(page.get_by_role("heading", name="Página no encontrada")).to_be_visible()
    page.get_by_role("link", name="Cerca de mí").click()
    expect(page.get_by_role("heading", name="Cerca de mí")).to_be_visible()
    reader.settle()
    reader.complaints.remove(f"404 {address}/nopage")


@pytest.fixture
def alone(browser):
    """A page whose complaints of lost connections are not counted."""
    context = browser.new_context(locale="es", viewport={"width": 360, "height": 740})
    yield context.new_page()
    context.close()


@pytest.mark.slow
def test_an_answer_under_a_newer_question_is_marked_and_a_lost_connection_is_said(alone, address, builds):
    wifi = Wifi(int(address.rpartition(":")[2]))
    alone.goto(wifi.address)
    box = alone.get_by_role("textbox").first
    Visit(alone).enter(box, f"{small_map.IN_BOTH[0]}, {small_map.IN_BOTH[1]}")
    expect(alone.get_by_text("Aquí").first).to_be_attached()
    Visit(alone).settle()  # the page, which looks twice a second, has noticed that the answer is there

    an_answer_under_a_newer_question_is_marked_as_not_its_own(alone, box, wifi)
    wifi.close()
    a_lost_connection_is_said_in_the_reader_s_language_with_the_time(alone)
    with small_map.serving(builds, port=wifi.port):  # another server, which knows nothing of the page
        expect(alone.locator("#lindero-said")).to_be_hidden(timeout=120_000)


def an_answer_under_a_newer_question_is_marked_as_not_its_own(page, box, wifi):
    wifi.open.clear()
    box.fill("-10.0, -85.0")
    box.press("Enter")

    expect(page.get_by_role("status").filter(has_text=OLD)).to_be_visible()
    assert page.evaluate("document.body.classList.contains('lindero-old')")
    wifi.open.set()
    expect(page.locator("#lindero-said")).to_be_hidden()
    assert not page.evaluate("document.body.classList.contains('lindero-old')")


def a_lost_connection_is_said_in_the_reader_s_language_with_the_time(page):
    said = page.locator("#lindero-said")
    expect(said).to_contain_text(LOST, timeout=120_000)
    assert said.inner_text().split("de las ")[1][:2].isdigit()
    for _ in range(ATTEMPTS):
        page.wait_for_event("requestfailed", timeout=PATIENCE_MS)  # Streamlit has looked for its server again
    assert page.get_by_text("Streamlit").count() == 0
    assert page.get_by_role("dialog").count() == 0
