"""The light page as a phone meets it: three presses, on the screen, small, for everyone, whole on one sheet."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from lindero.app.text import i18n
from tests.browser.conftest import LOOK_MS, PATIENCE_MS

PHONE = "Mozilla/5.0 (Linux; Android 9; SM-J260M) AppleWebKit/537.36 Chrome/95.0 Mobile Safari/537.36"
INVENTED_PLACE = "-12.409, -70.39"
MOST_BYTES, SCREEN = 120_000, 740
A4 = (718, 1039)  # pixels between the margins, at 96 to the inch


@pytest.fixture
def address(invented):
    return invented


@pytest.mark.parametrize("language", i18n.languages(i18n.LIGHT))
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
    assert reader.page.url.endswith({"es": "/aqui", "en": "/here", "pt": "/perto", "fr": "/ici"}[language])
    assert sum(int(length or 0) for length in loaded) <= MOST_BYTES
    assert len(loaded) == 3  # the way there, the form, the answer
    assert reader.page.evaluate("document.documentElement.lang") == language
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert reader.violations(axe) == []
    reader.page.locator("svg[role]").wait_for()
    assert reader.violations(axe) == []


@pytest.mark.parametrize("place", [INVENTED_PLACE, "Ñawirupata"])
def test_the_answer_with_its_map_is_whole_on_one_sheet(visit, address, place):
    reader = visit("desktop", "es")
    reader.page.goto(f"{address}/aqui")
    reader.page.locator("#place").fill(place)
    reader.page.keyboard.press("Enter")
    reader.page.locator("svg[role], .choices button").first.wait_for()
    for choice in reader.page.locator(".choices button").all()[
        :1
    ]:  # several places have that name: the community is first
        choice.click()
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

    expect(reader.page.get_by_text("Abra el mapa o la brújula del celular")).to_be_visible()
    expect(reader.page.locator("#device")).to_be_hidden()


def asked(reader, address, place=INVENTED_PLACE):
    """Ask the light page about a place; give the page once it has answered."""
    reader.page.goto(f"{address}/aqui")
    ask(reader.page, place)
    reader.page.locator(".verdict").wait_for()
    return reader.page


def ask(page, place):
    page.locator("#place").fill(place)
    page.locator("button.first").click()


@pytest.mark.parametrize(
    ("offline", "told"),
    [(True, "No hay red y su pregunta no se envió."), (False, "No llegó respuesta. Pregunte otra vez.")],
)
def test_a_question_without_an_answer_says_so_beside_its_button_and_greys_the_old_answer(visit, address, offline, told):
    reader = visit("phone", "es")
    page = asked(reader, address)
    verdict, button = page.locator(".verdict"), page.locator("button.first")
    waiting = []
    page.route("**/aqui", lambda route: waiting.append(route))  # noqa: PLW0108  it is asked for its signature

    ask(page, "Otro lugar")
    expect(page.get_by_text("Preguntando")).to_be_visible()
    assert float(verdict.evaluate("one => getComputedStyle(one).opacity")) < 0.5
    page.context.set_offline(offline)
    for _look in range(PATIENCE_MS // LOOK_MS):  # the page says that it asks before the browser hands over the request
        if waiting:
            break
        page.wait_for_timeout(LOOK_MS)
    waiting[0].abort()

    message = page.get_by_text(told)
    expect(message).to_be_visible()
    expect(page.get_by_text("Preguntando")).to_be_hidden()
    assert 0 <= message.bounding_box()["y"] - button.bounding_box()["y"] <= 2 * button.bounding_box()["height"]
    assert float(verdict.evaluate("one => getComputedStyle(one).opacity")) < 0.5
    assert float(button.evaluate("one => getComputedStyle(one.form).opacity")) == 1
    page.context.set_offline(False)
    page.unroute("**/aqui")
    page.locator("button.first").click()
    expect(page.get_by_text(told)).to_be_hidden()


def test_a_page_that_finds_the_server_busy_asks_again_by_itself(visit, address):
    reader = visit("phone", "es")
    page = asked(reader, address)
    sentence = "Muchas personas preguntan en este momento."
    busy = f'<p class="verdict">{sentence}</p>'
    page.route("**/aqui", lambda route: route.fulfill(status=503, headers={"Retry-After": "2"}, body=busy), times=1)

    ask(page, "Otro lugar")
    expect(page.get_by_text(sentence)).to_be_visible()
    expect(page.get_by_text(sentence)).to_be_hidden()
    expect(page.locator(".verdict")).not_to_contain_text(sentence)
    reader.complaints.remove(f"503 {address}/aqui")


def test_the_answer_before_is_one_press_away_and_no_answer_is_in_the_history(visit, address):
    page = asked(visit("phone", "es"), address)
    first = page.locator("h1").text_content()
    expect(page.locator("#back")).to_be_hidden()
    entries = page.evaluate("history.length")

    ask(page, "-12.5, -70.5")
    page.locator("h1").filter(has_not_text=first).wait_for()
    page.locator("#back").click()

    expect(page.locator("h1")).to_have_text(first)
    expect(page.locator("#back")).to_be_hidden()
    assert page.evaluate("history.length") == entries


def test_leaving_needs_no_network_and_leaves_no_entry(visit, address):
    page = asked(visit("phone", "es"), address)
    entries = page.evaluate("history.length")
    page.context.set_offline(True)

    page.locator("#leave").click()
    page.wait_for_url("about:blank")
    page.context.set_offline(False)

    assert page.evaluate("history.length") == entries
    assert page.locator("body").inner_text() == ""


def test_the_system_shares_the_message_where_it_can(visit, address):
    reader = visit("phone", "es")
    reader.page.add_init_script("navigator.share = (told) => { window.shared = told; return Promise.resolve(); }")
    page = asked(reader, address)

    page.locator("#share").click()

    to_whatsapp = parse_qs(urlsplit(page.locator("a[href^='https://wa.me/']").get_attribute("href")).query)
    assert page.evaluate("window.shared") == {"text": to_whatsapp["text"][0]}
    assert "Aquí hay 2 concesiones" in to_whatsapp["text"][0]


def test_the_page_answers_without_scripts(address, browser):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{address}/aqui")
    ask(page, INVENTED_PLACE)

    expect(page.locator(".verdict")).to_be_visible()
    expect(page.locator("svg[role]")).to_be_visible()
    page.locator("summary").first.click()
    expect(page.locator("details[open]")).to_have_count(1)
    page.context.close()
