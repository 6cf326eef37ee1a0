"""The promises, on a pocket map: one file that asks nothing of any machine, holds no secret, and runs no text."""

import base64
import datetime as dt
import html
import json
import re
import zlib

import pytest

from lindero.app.media.phone.about import Subject
from lindero.app.media.phone.site_parts import deflate
from lindero.app.media.site.pack import create_pack
from lindero.app.media.site.pack_check import check_pocket_map, read_page
from lindero.layers.errors import PublishError
from tests.background_files import vector_tile
from tests.client import ask
from tests.files import text
from tests.promises.conftest import PAYLOADS
from tests.secret_files import SECRETS, Secret, csv_of, put

FINE = {"id": "0" * 16, "source_id": "public-record", "location_precision": "exact", "at": [0, 0], "g": {"p": [[5, 5]]}}
FAULTS = {
    "nombre must not be published": lambda data: data["layers"]["concessions"][0].update(nombre="x"),
    "shown more precisely than an area": lambda data: data["layers"]["incidents"].append(FINE),
    "place name more precise than is known": lambda data: data["layers"]["incidents"].append(
        {**FINE, "place_text": "Jirón Escondido"}
    ),
    "not random, or not sorted": lambda data: data["layers"]["communities"][0].update(id="communities/K1"),
    "contains": lambda data: data["layers"]["concessions"][0].update(name=SECRETS[3].row()["nota"]),
}
SAID = {  # nowhere but in a sentence: as it was received, and as somebody may write it anew
    "as received": lambda told, note: told["limits"].append(f"Se sabe: {note}."),
    "of a community": lambda told, note: next(iter(told["communities"].values())).update(about=f"Se sabe: {note}."),
    "in capitals": lambda told, note: told["promises"].append(f"SE SABE: {note.upper()}."),
}
TODAY = dt.date(2026, 7, 26)
IN_FRAME = "<!doctype html><meta charset=utf-8><iframe sandbox='allow-scripts' style='width:360px;height:740px' srcdoc=\"{}\"></iframe>"


@pytest.fixture(scope="module")
def packed(world, tmp_path_factory):
    made = create_pack(world.files.space, Subject.COMMUNITY, "communities/K1", today=TODAY)
    page = tmp_path_factory.mktemp("pack") / "pocket.html"
    page.write_text(made.html, encoding="utf-8")
    return page


@pytest.fixture
def page(apart):
    context = apart.new_context(viewport={"width": 320, "height": 740}, locale="es-PE")
    page = context.new_page()
    page.asked, page.complaints = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda said: page.complaints.append(said.text) if said.type == "error" else None)
    yield page
    context.close()


def asked_for_a_place(frame):
    """Ask for the middle of the map and open all lists; gives the text of the page."""
    frame.wait_for_selector("#place")
    frame.locator("canvas.map").focus()
    frame.locator("canvas.map").press("Enter")
    frame.wait_for_selector("#answer-title")
    frame.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    frame.locator("main button.link").first.click()
    frame.wait_for_selector("#card-title")
    return frame.evaluate("document.body.textContent")


@pytest.mark.slow
def test_a_file_opens_alone_asks_nothing_and_runs_no_text(packed, page):
    page.goto(packed.as_uri())

    told = asked_for_a_place(page)

    assert [one for one in page.asked if not one.startswith("data:")] == [packed.as_uri()]
    assert page.complaints == []
    assert page.evaluate("window.hurt") is None
    assert PAYLOADS[0] in told
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_it_works_in_a_frame_of_no_origin_that_may_keep_nothing(packed, page, tmp_path):
    outer = tmp_path / "outer.html"
    outer.write_text(IN_FRAME.format(html.escape(packed.read_text(encoding="utf-8"))), encoding="utf-8")
    page.goto(outer.as_uri())
    frame = page.wait_for_selector("iframe").content_frame()

    told = asked_for_a_place(frame)

    assert frame.evaluate("window.origin") == "null"
    assert PAYLOADS[0] in told
    assert page.complaints == []


def test_lists_that_nobody_opened_leave_no_heading_on_paper(packed, page):
    page.goto(packed.as_uri())
    page.emulate_media(media="print")
    heading = page.locator("section.lists > h2")

    assert not heading.is_visible()
    page.evaluate("document.querySelector('section.lists details').open = true")
    assert heading.is_visible()


def test_its_policy_allows_what_is_inside_and_nothing_else(packed):
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', packed.read_text(encoding="utf-8"))[1]

    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules.pop("default-src") == rules.pop("base-uri") == rules.pop("form-action") == "'none'"
    assert rules.pop("img-src") == "data:"
    assert all(re.fullmatch(r"'sha256-[\w+/=]+'", one) for one in rules.values())
    assert set(rules) == {"script-src", "style-src"}


def test_firefox_opens_it_too(packed, firefox):
    firefox.open(packed.as_uri())
    firefox.wait_for("document.querySelector('#place')")
    firefox.evaluate(
        "document.querySelector('canvas.map').dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter'}));"
    )
    firefox.wait_for("document.querySelector('#answer-title')")

    assert firefox.evaluate("return window.hurt === undefined;")
    assert PAYLOADS[0] in firefox.evaluate("return document.body.textContent;")


@pytest.mark.slow
def test_a_region_s_holds_nothing_of_the_vault_and_places_no_finer_than_published(world, tmp_path):
    page = tmp_path / "region.html"
    page.write_text(create_pack(world.files.space, Subject.REGION, "PE-UCA", today=TODAY).html, encoding="utf-8")
    (told,) = ask("pack", [[]], page=page)
    text = str(told)

    assert len(SECRETS) > 10
    for secret in SECRETS:
        for part in secret.texts():
            assert part not in text
    wide = [row["shape"]["box"] for row in told["layers"]["incidents"]]
    assert wide
    assert all(east - west > 0.09 and north - south > 0.09 for west, south, east, north in wide)


def test_words_that_every_publication_says_are_no_secret_of_a_record_that_says_them_too(world, packed, held, tmp_path):
    row = Secret(70, "public-record").row()
    put(held, world.files.space, text(tmp_path / "v.csv", csv_of([row])), id="v")

    assert check_pocket_map(packed, held).broken == []


def changed(page, data, change):
    """Give a page whose data were changed, packed as it packs them."""
    broken = json.loads(json.dumps(data))
    change(broken)
    inside = base64.b64encode(zlib.compress(json.dumps(broken, separators=(",", ":")).encode(), wbits=-15)).decode()
    return re.sub(r'(id="data" data-size="\d+">)[^<]*', rf"\g<1>{inside}", page)


@pytest.mark.slow
def test_its_promises_are_proved_and_what_breaks_one_is_found(world, packed, tmp_path):
    assert check_pocket_map(packed, world.held).broken == []
    assert any("not opened" in line for line in check_pocket_map(packed, None).proofs)
    page, data = read_page(packed)

    spoilt = tmp_path / "spoilt.html"
    for fault, change in FAULTS.items():
        spoilt.write_text(changed(page, data, change), encoding="utf-8")
        of_vault = world.held if fault == "contains" else None
        assert any(fault in line for line in check_pocket_map(spoilt, of_vault).broken), fault
    for added in ("<img src='http://127.0.0.1/x'>", "<script>window.hurt=1</script>"):
        spoilt.write_text(page.replace("<body>", f"<body>{added}"), encoding="utf-8")
        assert check_pocket_map(spoilt, None).broken
    with pytest.raises(PublishError, match="is not a pocket map"):
        check_pocket_map(tmp_path, None)


@pytest.mark.parametrize("how", SAID)
def test_a_secret_that_stands_in_a_sentence_alone_is_found(world, packed, tmp_path, how):
    page, data = read_page(packed)
    spoilt = tmp_path / "spoilt.html"

    spoilt.write_text(
        changed(page, data, lambda told: SAID[how](told["told"]["es"], SECRETS[3].row()["nota"])), encoding="utf-8"
    )

    broken = check_pocket_map(spoilt, world.held).broken
    assert broken
    assert all("nota" in line and SECRETS[3].row()["nota"] not in line for line in broken)


def test_a_secret_in_a_tile_of_the_background_is_found(world, packed, tmp_path):
    page, data = read_page(packed)
    size, text = deflate(vector_tile(SECRETS[3].row()["nota"]))
    background = {"title": "Own", "attribution": "© Example", "form": "mvt", "first": 8, "last": 8, "is_cut": False}
    spoilt = tmp_path / "spoilt.html"

    spoilt.write_text(
        changed(page, data, lambda told: told.update(background={**background, "tiles": {"30000": [size, text]}})),
        encoding="utf-8",
    )

    broken = check_pocket_map(spoilt, world.held).broken
    assert broken
    assert all("nota" in line for line in broken)


def test_its_name_tells_place_and_day_and_its_steps_are_told(world):
    steps = []

    made = create_pack(
        world.files.space, Subject.COMMUNITY, "communities/K2", today=TODAY, progress=lambda *step: steps.append(step)
    )

    assert steps == [("choosing", 0, 2), ("writing", 1, 2)]
    assert made.file_name.startswith("lindero-")
    assert made.file_name.endswith("-2026-07-26.html")
