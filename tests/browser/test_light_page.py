"""The light page as a phone meets it: three presses, on the screen, small, for everyone, whole on one sheet."""

import pytest
from playwright.sync_api import expect

from lindero.app.text import i18n

PHONE = "Mozilla/5.0 (Linux; Android 9; SM-J260M) AppleWebKit/537.36 Chrome/95.0 Mobile Safari/537.36"
INVENTED_PLACE = "-12.409, -70.39"
MOST_BYTES, SCREEN = 120_000, 740
A4 = (718, 1039)  # pixels between the margins, at 96 to the inch


@pytest.fixture
def address(invented):
    return invented


@pytest.mark.parametrize("language", i18n.languages())
def test_a_phone_reads_the_answer_after_one_press_on_the_screen_itself(visit, address, axe, language):
    reader = visit("phone", language)
    reader.page.set_extra_http_headers({"user-agent": PHONE})
    loaded = []
    reader.page.on("response", lambda answer: loaded.append(answer.header_value("content-length")))

    reader.page.goto(address)
    assert reader.violations(axe) == []
    reader.page.locator("#place").fill(INVENTED_PLACE)
    reader.page.locator("button.first").click()
    verdict = reader.page.locator(".verdict")
    verdict.wait_for()

    box = verdict.bounding_box()
    assert box["y"] + box["height"] <= SCREEN
    assert reader.page.url.endswith({"es": "/aqui", "en": "/here"}[language])
    assert sum(int(length or 0) for length in loaded) <= MOST_BYTES
    assert len(loaded) == 3  # the way there, the form, the answer
    assert reader.page.evaluate("document.documentElement.lang") == language
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert reader.violations(axe) == []
    reader.page.locator("button[name=map]").click()
    reader.page.locator("svg[role]").wait_for()
    assert reader.violations(axe) == []


def test_the_answer_with_its_map_is_whole_on_one_sheet(visit, address):
    reader = visit("desktop", "es")
    reader.page.goto(f"{address}/aqui")
    reader.page.locator("#place").fill(INVENTED_PLACE)
    reader.page.keyboard.press("Enter")
    reader.page.locator("button[name=map]").click()
    reader.page.locator("svg[role]").wait_for()

    reader.page.emulate_media(media="print")
    reader.page.set_viewport_size({"width": A4[0], "height": A4[1]})

    assert reader.page.evaluate("document.documentElement.scrollHeight") <= A4[1]
    assert not reader.page.locator("form").first.is_visible()


def test_what_was_saved_opens_without_a_server_and_asks_for_nothing(visit, address, axe, tmp_path):
    reader = visit("phone", "es")
    reader.page.goto(f"{address}/aqui")
    reader.page.locator("#place").fill(INVENTED_PLACE)
    reader.page.keyboard.press("Enter")
    with reader.page.expect_download() as download:
        reader.page.locator("button[name=save]").click()
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    asked = []
    reader.page.on("request", lambda request: asked.append(request.url))

    reader.page.goto(saved.as_uri())

    assert asked == [saved.as_uri()]
    assert reader.page.locator("svg[role]").is_visible()
    assert "concesi" in reader.page.locator(".verdict").inner_text()
    assert reader.violations(axe) == []


def test_a_page_that_may_not_ask_the_device_says_how_to_type_what_it_shows(visit, address):
    reader = visit("phone", "es")
    reader.page.add_init_script("Object.defineProperty(window, 'isSecureContext', {value: false})")  # http over wifi

    reader.page.goto(f"{address}/aqui")

    expect(reader.page.get_by_text("Abra su mapa")).to_be_visible()
    expect(reader.page.locator("#device")).to_be_hidden()
