"""The light page: one place, one answer, in the order in which it is read; small, printable, and text only."""

import asyncio
import gzip
import re
import threading
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from html.parser import HTMLParser

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from lindero.app.commands import serve
from lindero.app.media.pages.current import map_layers, open_map
from lindero.app.media.text.html import render_sentence as html
from lindero.app.serving.access import pools
from lindero.app.serving.light import answer, page
from lindero.app.serving.routes import light
from lindero.app.text import i18n
from lindero.app.text.escape import escape_markdown, remove_markup
from lindero.app.text.pack_texts import translate_pack_text
from lindero.layers.reference import state_facts
from tests import loop, small_map
from tests.amount import amount
from tests.browser.maps_served import PAYLOADS

MOST_BYTES = 60_000
MOST_SENT = 20_000  # bytes of an answer as it is sent
MOST_WORDS = 250
STATES_OWN = {  # the State's own pages, and those of the treaty's keeper
    "andina.pe",
    "busquedas.elperuano.pe",
    "normlex.ilo.org",
    "www.defensoria.gob.pe",
    "www.gob.pe",
}
PLACE = f"{small_map.IN_BOTH[0]}, {small_map.IN_BOTH[1]}"
PHONE = "Mozilla/5.0 (Linux; Android 9; SM-J260M) AppleWebKit/537.36 Chrome/95.0 Mobile Safari/537.36"


class Elements(HTMLParser):
    """The elements of a page, with their attributes, and what stands in each script and style."""

    def __init__(self, written: str) -> None:
        super().__init__()
        self.tags, self.inside, self._open = [], {"script": [], "style": []}, ""
        self.feed(written)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._open = tag if tag in self.inside else ""

    def handle_data(self, data):
        if self._open:
            self.inside[self._open].append(data)

    def handle_endtag(self, _tag):
        self._open = ""

    def named(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


class Client:
    """Asks an application in this process, as a browser without a server between them."""

    def __init__(self, app, folder) -> None:
        self.folder = folder
        self._transport = httpx.ASGITransport(app)

    def get(self, path, **asked) -> httpx.Response:
        return loop.run(self._ask("GET", path, **asked))

    def post(self, path, **asked) -> httpx.Response:
        return loop.run(self._ask("POST", path, **asked))

    async def _ask(self, method, path, **asked) -> httpx.Response:
        async with httpx.AsyncClient(transport=self._transport, base_url="http://localhost") as client:
            return await client.request(method, path, **asked)


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("light") / "build"
    small_map.publish(folder)
    app = Starlette(routes=light.routes(), middleware=[Middleware(light.PhoneRedirect)])
    return Client(app, folder)


@pytest.fixture(autouse=True)
def _map(client):
    open_map.use_folder(client.folder)


def words(answer) -> str:
    written = re.sub(r"<(style|script)>.*?</\1>", "", answer.text, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", written).split())


def test_the_page_that_asks_is_small_and_needs_nothing_else(client):
    answer = client.get("/aqui")
    elements = Elements(answer.text)

    assert answer.status_code == 200
    assert len(answer.content) <= MOST_BYTES
    assert elements.named("html") == [{"lang": "es"}]
    assert [one.get("src") or one.get("href") for one in elements.named("script") + elements.named("link")] == [
        None,
        "data:,",
    ]
    assert not elements.named("img")
    assert all(form["method"] == "post" for form in elements.named("form"))


def test_the_answer_comes_first_and_in_the_order_in_which_it_is_read(client):
    answer = client.post("/here", data={"place": PLACE})
    told = words(answer).partition("answer of")[2]
    order = [
        "1 concession covers this place, on the land of The communities row.",
        "This place is not in a recorded protected area. Sources: A register, as of June 30, 2026.",
        "Another place",
        "Rivers and towns are approximate",
        "Whom to call",
        "105",
        "0800-15170",
        "Send and keep",
        "WhatsApp",
        "A single message, also for paper or radio",
        "Who holds the concessions",
        "Whose land",
        "New on this land, and changes within 25 km",
        "Attacks and conflicts on record within 25 km",
        "What binds the State here",
        "How sure, how old, and what is not known",
    ]

    assert len(answer.content) <= MOST_BYTES
    assert [told.index(part) for part in order] == sorted(told.index(part) for part in order)
    assert "The communities row" in told
    assert "The area of its land is not recorded. Sources: A register, as of June 30, 2026." in told
    assert "No concessions on record" not in told
    assert "No protected areas on record here (A register, as of June 30, 2026)." in told


def test_a_community_that_is_asked_for_by_name_is_answered_as_an_area(client):
    answer = client.post("/here", data={"place": "The communities row"})
    links = [one["href"] for one in Elements(answer.text).named("a")]
    told = words(answer)

    assert "1 concession is on the land of The communities row . The area of its land is not recorded." in told
    assert "Holder: not recorded" in told
    assert "-9.9" not in told.partition("answer of")[0]  # nobody's position
    assert "community?id=communities%2F1" in links
    hidden = {one["name"]: one["value"] for one in Elements(answer.text).named("input") if one.get("type") == "hidden"}
    drawn = client.post("/here", data=hidden)
    assert "1 concession is on the land of" in words(drawn)
    assert "<svg" in drawn.text
    brief = client.post("/here", data=hidden | {"brief": "1"})
    assert brief.headers["content-type"] == "application/pdf"
    assert "community?id=" not in client.post("/here", data=hidden | {"save": "1"}).text


@pytest.mark.parametrize(
    ("place", "address"), [(PLACE, "attacks"), ("The communities row", "community?id=communities%2F1")]
)
def test_of_many_attacks_the_nearest_are_listed_and_the_rest_is_a_link(client, monkeypatch, place, address):
    near = answer.map_layers.find_nearby

    def near_many(spot, **how):
        return [one for row in near(spot, **how) for one in [row] * (9 if row["layer"] == "incidents" else 1)]

    monkeypatch.setattr(answer.map_layers, "find_nearby", near_many)
    told = client.post("/here", data={"place": place}).text
    saved = client.post("/here", data={"place": place, "save": "1"}).text

    listed = told.partition("Attacks and conflicts on record within 25 km")[2].partition("</ul>")[0]
    assert listed.count("The incidents row") == answer.MAX_ROWS
    assert f'<a href="{address}">5 more</a>' in listed
    assert "5 more" in saved
    assert f'href="{address}"' not in saved


def test_a_choice_does_not_print_its_name_twice(client):
    told = words(client.post("/here", data={"place": "Cajamarca"}))

    assert told.count("Cajamarca (locality; Provincia de Cajamarca, Peru)") == 1


def test_where_the_map_has_no_data_no_zero_is_said(client):
    told = words(client.post("/here", data={"at": "-34.60000, -58.40000", "name": "Buenos Aires"}))

    assert "This map has no data on concessions" in told
    assert "No concession" not in told
    assert not re.search(r"\b0\b", told.partition("A single message")[2].partition("Copy")[0])
    assert "This map has no data on what binds the State in this place" in told
    assert "No telephone number is recorded here for this place" in told


def test_a_place_is_in_no_address(client):
    answer = client.post("/aqui", data={"place": PLACE})
    elements = Elements(answer.text)
    addresses = [one.get("action") or one.get("href") for one in elements.named("form") + elements.named("a")]

    assert "set-cookie" not in answer.headers
    sent = ("sms:", "https://wa.me/?text=")  # by the reader's own press, and without the position
    assert not any("9.97" in address for address in addresses)
    assert {address.partition("?")[0] for address in addresses if address.startswith("https:")} == {"https://wa.me/"}
    assert sum(address.startswith(sent) for address in addresses) == len(sent)


def test_the_answer_is_had_in_another_language_by_one_press(client):
    spanish = client.post("/aqui", data={"place": PLACE})
    switch = next(attrs for attrs in Elements(spanish.text).named("form") if attrs["action"] == "/here")

    english = client.post(switch["action"], data={"place": PLACE})

    assert 'lang="es"' in spanish.text.partition("\n<head>")[0]
    assert "Aquí hay 1 concesión" in words(spanish)
    assert "1 concession covers this place" in words(english)


def test_a_saved_file_holds_the_map_and_neither_form_nor_script(client):
    answer = client.post("/aqui", data={"place": PLACE, "save": "1"})
    elements = Elements(answer.text)
    (policy,) = [one["content"] for one in elements.named("meta") if "http-equiv" in one]

    assert re.fullmatch(r"attachment; filename=lindero-\d{4}-\d\d-\d\d\.html", answer.headers["content-disposition"])
    assert elements.named("svg")
    assert not elements.named("form")
    assert not elements.named("script")
    assert "default-src 'none'" in policy
    assert "script-src 'none'" in policy
    assert not re.search(r"(src|href)=\"(http|//)", answer.text)


def test_every_answer_has_its_map_and_is_small(client):
    drawn = client.post("/here", data={"place": PLACE})
    (picture, *_swatches) = Elements(drawn.text).named("svg")

    assert len(gzip.compress(drawn.content)) <= MOST_SENT
    assert picture["role"] == "img"
    assert "6 km" in picture["aria-label"]
    assert drawn.text.count('class="concessions"') == 2  # the concession, and its sign in the legend
    assert "The communities row" in drawn.text[drawn.text.index("<svg") : drawn.text.index("</svg>")]


def test_few_words_stand_there_before_anything_is_unfolded(client):
    answer = client.post("/aqui", data={"place": PLACE})
    shown = re.sub(r"<(style|script|svg|noscript)\b.*?</\1>", " ", answer.text, flags=re.DOTALL)
    shown = re.sub(r"(<details>\s*<summary>.*?</summary>).*?</details>", r"\1", shown, flags=re.DOTALL)
    shown = re.sub(r"<(\w+)[^>]*\shidden[^>]*>.*?</\1>", " ", shown, flags=re.DOTALL)

    assert len(re.sub(r"<[^>]+>", " ", shown).split()) <= MOST_WORDS
    assert "Tierra" in shown or "tierra" in shown


def test_the_title_tells_nobody_what_was_asked(client):
    titles = {
        re.search("<title>(.*?)</title>", client.post("/aqui", data=data).text)[1] for data in ({}, {"place": PLACE})
    }

    assert titles == {"Mapa"}


def test_the_page_can_be_left_without_a_script_too(client):
    links = {one.get("id"): one["href"] for one in Elements(client.get("/aqui").text).named("a")}

    assert links["leave"] == "about:blank"


def test_what_is_near_is_found_once_for_an_answer(client, monkeypatch):
    asked = []
    own = map_layers.find_nearby
    monkeypatch.setattr(map_layers, "find_nearby", lambda *about, **more: asked.append(about) or own(*about, **more))

    assert client.post("/here", data={"place": PLACE}).status_code == httpx.codes.OK
    assert len(asked) == 1


@pytest.mark.parametrize("data", [{}, {"place": PLACE}, {"place": PLACE, "save": "1"}])
def test_the_policy_allows_what_is_inside_and_nothing_else(client, data):
    elements = Elements(client.post("/here", data=data).text)
    (policy,) = [one["content"] for one in elements.named("meta") if "http-equiv" in one]
    hashes = {
        f"'sha256-{b64encode(sha256(''.join(inside).encode()).digest()).decode()}'"
        for inside in elements.inside.values()
        if inside
    }

    assert hashes == set(re.findall(r"'sha256-[^']+'", policy))
    assert "unsafe" not in policy


IN_TEXT = ["**<img src=x onerror=alert(1)>**", "a\\**b<script>"]


@pytest.fixture
def busy(client, monkeypatch):
    """A client of a server that has no room for a light page until `release` is called."""
    monkeypatch.setattr(light, "THREADS", 1)
    monkeypatch.setattr(light, "WAITING", 0)
    started, held = threading.Event(), threading.Event()
    answer_form = light._answer_form

    def hold(sent):
        started.set()
        held.wait()
        return answer_form(sent)

    monkeypatch.setattr(light, "_answer_form", hold)
    held_client = Client(Starlette(routes=light.routes()), client.folder)
    with ThreadPoolExecutor(1) as others:
        other = others.submit(held_client.get, "/aqui")
        started.wait()

        def release():
            held.set()
            assert other.result().status_code == 200

        yield held_client, release
        held.set()


def test_a_reader_who_finds_the_server_busy_is_told_when_to_come_again_and_then_answered(busy):
    client, release = busy
    answers = [client.post("/aqui", data={"place": PLACE}) for _ in range(2)]
    scripted = client.post("/aqui", data={"place": PLACE}, headers={"sec-fetch-mode": "cors"})
    for one in (*answers, scripted):
        assert one.status_code == 503
        assert pools.SOONEST_S <= int(one.headers["retry-after"]) < pools.LATEST_S
        assert "Esta página vuelve a preguntar sola" in words(one)
    again = [re.search(r'http-equiv="refresh" content="\d+; url=([^"]+)"', one.text)[1] for one in answers]
    assert 'url=/aqui"' in scripted.text  # a script has the question itself
    assert PLACE.partition(",")[0] not in "".join(again)

    release()
    for address in again:
        assert "The communities row" in words(client.get(address))
        assert "Su pregunta ya no se guarda aquí." in words(client.get(address))  # it was kept for one visit


@pytest.mark.parametrize(("setting", "value"), [("KEPT_S", 0.0), ("MOST_KEPT", 1)])
def test_a_question_that_waits_is_forgotten_in_time_and_for_a_newer_one(monkeypatch, setting, value):
    monkeypatch.setattr(light, setting, value)

    async def keep_two():
        kept = light.KeptForms()
        tokens = [kept.keep({"place": PLACE}) for _ in range(2)]
        await asyncio.sleep(0.01)
        return [kept.take(token) is not None for token in tokens]

    assert loop.run(keep_two()) == [False, setting == "MOST_KEPT"]


@pytest.fixture(scope="module")
def clean(client):
    """The elements of an answer with a drawing, and of one that is saved, where the map holds plain words alone."""
    open_map.use_folder(client.folder)
    asked = {"place": PLACE}
    return [
        {tag for tag, _ in Elements(client.post("/here", data=data).text).tags}
        for data in (asked, {**asked, "save": "1"})
    ]


@pytest.mark.parametrize("payload", amount([*PAYLOADS[::2], *IN_TEXT], [*PAYLOADS, *IN_TEXT]))
def test_text_of_strangers_is_only_ever_text(tmp_path, client, clean, payload):
    """Of the map, and of who asks: as the name of the place that was chosen or came along, or as a place not known."""
    small_map.publish(tmp_path / "build", text=payload)
    open_map.use_folder(tmp_path / "build")
    answered, saved = clean
    for data, known, scripts in (
        ({"choice": f"{PLACE}|{payload}"}, answered, 1),
        ({"at": PLACE, "name": payload, "save": "1"}, saved, 0),
        ({"place": payload}, answered | {"br"}, 1),
    ):
        elements = Elements(client.post("/here", data=data).text)

        assert {tag for tag, _ in elements.tags} <= known
        assert len(elements.named("script")) == scripts
        assert not elements.named("img")
        assert not any(name.startswith("on") for _, attrs in elements.tags for name in attrs)
        assert not any("javascript:" in str(attrs.get("href")) for attrs in elements.named("a"))


def test_what_is_alike_is_asked_and_what_is_chosen_is_answered(client):
    asked = client.post("/here", data={"place": "Comunities row"})
    buttons = [attrs for attrs in Elements(asked.text).named("button") if attrs.get("name") == "choice"]

    assert buttons, words(asked)
    answer = client.post("/here", data={"choice": buttons[0]["value"]})

    assert "Who holds the concessions" in words(answer)


def test_what_is_not_known_is_said_and_asked_again(client):
    answer = client.post("/here", data={"place": "xqzzkw"})

    assert 'role="alert"' in answer.text
    assert 'value="xqzzkw"' in answer.text


@pytest.mark.parametrize(("body", "status"), [(b"x" * 9_000, 413), (b"place=%ff&" * 20, 400), (b"\xff\xfe", 400)])
def test_a_form_that_is_none_is_refused(client, body, status):
    assert client.post("/aqui", content=body).status_code == status


def test_without_a_map_the_page_says_so(client, tmp_path):
    open_map.use_folder(tmp_path / "nothing")

    answer = client.post("/aqui", data={"place": PLACE})

    assert answer.status_code == 503
    assert "lindero build" in words(answer)


@pytest.mark.parametrize(
    ("path", "headers", "leads_to"),
    [
        ("/", {"user-agent": PHONE, "accept-language": "es-PE"}, "/aqui"),
        ("/", {"user-agent": PHONE, "accept-language": "en"}, "/here"),
        ("/", {"user-agent": "Mozilla/5.0 (X11; Linux x86_64)", "sec-ch-ua-mobile": "?1"}, "/aqui"),
        ("/?map=1", {"user-agent": PHONE}, None),
        ("/", {"user-agent": "Mozilla/5.0 (X11; Linux x86_64)"}, None),
    ],
)
def test_a_phone_is_led_to_the_light_page(client, path, headers, leads_to):
    assert client.get(path, headers=headers).headers.get("location") == leads_to


def test_every_fact_of_protection_has_its_source_and_is_said_in_spanish():
    rows = state_facts.load_protections("PE")
    i18n.set_language("es")

    assert all(translate_pack_text(each) != each for each in rows["gives"])
    assert rows[["source_url", "verified"]].notna().all(axis=None)
    assert set(rows["source_url"].str.split("/").str[2]) == STATES_OWN
    assert state_facts.load_protections("AQ").empty


def test_every_telephone_belongs_to_an_office_and_has_a_source():
    rows = state_facts.load_protections("PE")
    called = rows[rows["office"].notna()]

    assert len(called) == 5
    assert called["telephone"].notna().all()
    assert rows.loc[rows["telephone_source"].notna(), "telephone"].notna().all()


def test_bold_stays_and_escapes_go():
    sentence = f"**{escape_markdown('A*B <C>')}** ({escape_markdown('d_e')})"

    assert html(sentence) == "<strong>A*B &lt;C&gt;</strong> (d_e)"
    assert remove_markup(sentence) == "A*B <C> (d_e)"


def test_others_find_the_map_by_an_address_and_a_code():
    assert serve.list_addresses("192.168.1.7", 8501) == ["http://192.168.1.7:8501"]
    assert serve.list_addresses("fd00::7", 80) == ["http://[fd00::7]:80"]
    assert not any("127.0.0.1" in each or "[::1]" in each for each in serve.list_addresses("::", 8501))
    assert serve.light_page_url("http://192.168.1.7:8501") == "http://192.168.1.7:8501/here"
    assert set(serve.draw_qr_code("http://192.168.1.7:8501/here")) <= set("█▀▄ \n\x1b[0123456789;m")


def test_each_language_has_an_address_of_its_own():
    assert set(page.ADDRESSES) == set(i18n.languages(i18n.LIGHT))
