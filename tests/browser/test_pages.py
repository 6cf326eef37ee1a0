"""Every page does what its user came for, for everyone, in each language, at each width, on an invented and a real map."""

import itertools
import re
from contextlib import suppress

import pytest
from playwright.sync_api import TimeoutError as TooLate
from playwright.sync_api import expect

from lindero.app.answers.defaults import NEAR_KM
from lindero.app.media.pages.frame import page as pages
from lindero.app.text import i18n
from lindero.app.text.codes import translate_code
from lindero.layers.reference.base_data import load_places, load_regions
from tests.amount import amount
from tests.browser.conftest import DRAWN, GO, LANGUAGES, LOOK_MS, WAYS, WIDTHS, Visit, legend_faults
from tests.browser.maps_served import PAYLOADS
from tests.files import square

PAGES = [*pages.VIEWS]  # without what only an operator sees
SECONDS = 90_000
A4_PX = 718  # between margins of 10 mm
MATRIX = [(path, *way) for path in PAGES for way in WAYS]
# Pages by turns in each way, on the second map in the way that is least like it: each page at each width, in each
# language and on each map at least once.
HALF = [(path, *WAYS[at % len(WAYS)]) for at, path in enumerate(PAGES)]
OTHER_HALF = [(path, *WAYS[-1 - at % len(WAYS)]) for at, path in enumerate(PAGES)]
FOUND = {  # what the demonstration map answers at an address, in each language
    "new?by=snapshots&watch=region/PE-CAJ": {
        "en": "17 of them on community land",
        "es": "17 de ellas en tierra comunal",
    },
    "exposure": {"en": "The first ten are not stable", "es": "Las diez primeras no son estables"},
    "hotspots?of=overlap-ha&over=communities": {
        "en": "Hotspots: 9 of 218 places",
        "es": "Zonas críticas: 9 de 218 lugares",
    },
    "time": {
        "en": "This does not show that one caused the other",
        "es": "Esto no demuestra que lo uno causó lo otro",
    },
}
PROVINCES = "browse?level=province"
SNAPSHOTS = "new?by=snapshots"
# Where pages are opened in the share that tell more at an address of their own.
ADDRESSES = {address.partition("?")[0]: address for address in (*FOUND, PROVINCES)}
ELSEWHERE = [(address, *way) for address in ADDRESSES.values() if "?" in address for way in WAYS]


def walks(half: list[tuple[str, str, str]]) -> list[tuple[list[str], str, str]]:
    """
    Give the pages of each way, which are come to from each other, in the whole each by itself.

    Those at an address of their own begin, so that it is opened; the first page, which keeps a place, is the last.
    """
    found = [([path for path, *other in half[::-1] if other == [*way]], *way) for way in WAYS]
    return [(sorted(paths, key=lambda path: "?" not in path), *way) for paths, *way in found]


WALKS = walks([(ADDRESSES.get(path, path), *way) for path, *way in HALF])
OTHER_WALKS = walks(OTHER_HALF)
WITH_MAP = {"", "community", "exposure", "overlaps", "holder", "new", "attacks", "protection", "browse"}
NAMED = {"", "community", "holder", "overlaps", SNAPSHOTS, "exposure", "attacks", "case"}  # with maps of named features
INVENTED_PLACE, RECEIVED_PLACE = "-12.409, -70.39", "6°53'S 78°30'W"
JOINED = "http:\u2060"  # an address in a text is made no link
IN_A_SQUARE = "-6.995, -78.495"  # of tests.files
# The first page, where a place is typed, is the last.
OF_STRANGERS = ["hotspots?of=overlap-ha&over=communities", PROVINCES, SNAPSHOTS, *PAGES[::-1]]
ICONS = "[data-testid=stIconMaterial]"  # letters that a font draws as one picture: they are wide until it has come
WORDS_FOR_ICONS = f"""[...document.querySelectorAll('{ICONS}')]
    .filter(icon => icon.scrollWidth > 2 * parseFloat(getComputedStyle(icon).fontSize)).map(icon => icon.textContent)"""
# Of texts those that no part says that can be seen: looked for once for all, as a page of long tables has thousands of parts.
UNSEEN = """texts => {
    const unseen = new Set(texts), all = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (unseen.size && all.nextNode()) {
        const [text, part] = [all.currentNode.nodeValue.trim(), all.currentNode.parentElement];
        const { width, height } = unseen.has(text) ? part.getBoundingClientRect() : {};
        if (width && height && part.checkVisibility({ visibilityProperty: true })) unseen.delete(text);
    }
    return [...unseen];
}"""
NAMES = "[...document.querySelectorAll('.lindero-popup strong')].map(name => name.textContent)"
PRESS_ALL = f"""all => all.flatMap(at => {{
    map.closePopup();
    map.fire('click', {{latlng: L.latLng(at)}});
    return {NAMES};
}})"""
PRESS_AREAS = f"""() => [...document.querySelectorAll('.leaflet-areas-pane path')].flatMap(area => {{
    area.dispatchEvent(new MouseEvent('click', {{bubbles: true, clientX: 5, clientY: 5}}));
    return {NAMES};
}})"""


def _named(value: str | list[str]) -> str:
    return value if isinstance(value, str) else " ".join(value)


def test_the_pages_looked_at_are_those_of_the_navigation():
    assert {"", "community", "holder", "overlaps", "browse", "sources"} <= set(PAGES)
    assert {(path, width) for path, width, _ in HALF + OTHER_HALF} == set(itertools.product(PAGES, WIDTHS))
    assert {(path, language) for path, _, language in HALF + OTHER_HALF} == set(itertools.product(PAGES, LANGUAGES))
    assert sorted(path for paths, *_ in OTHER_WALKS for path in paths) == sorted(PAGES)
    assert sorted(path.partition("?")[0] for paths, *_ in WALKS for path in paths) == sorted(PAGES)
    assert {paths[0] for paths, *_ in WALKS} >= {address for address in ADDRESSES.values() if "?" in address}
    assert {*PAGES} <= {*OF_STRANGERS}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("paths", "width", "language"),
    amount(WALKS, [([path], *way) for path, *way in MATRIX + ELSEWHERE]),
    ids=_named,
)
def test_every_page_does_what_its_user_came_for_and_is_for_everyone(visit, invented, axe, paths, width, language):
    reader = visit(width, language)
    for path in paths:
        opened(reader, invented, path)
        it_does_so_on_the_demonstration_map(reader, axe, path, language)


def it_does_so_on_the_demonstration_map(reader, axe: str, address: str, language: str) -> None:
    path = address.partition("?")[0]
    came_for(reader, path, language, INVENTED_PLACE)
    if path == "protection":  # of all files as received one region alone can be ranked
        chart = reader.page.get_by_text(said("How stable the ranks are"), exact=True).locator("visible=true")
        expect(chart.first).to_be_visible(timeout=SECONDS)
    if address in FOUND:
        answered(reader, address, language)
    is_for_everyone(reader, axe, path, language)
    if address == "":
        the_state_of_a_concession_is_filtered_in_the_browser_alone(reader, language)
        no_printed_table_runs_over_the_paper_and_no_word_is_broken(reader)
    if address == PROVINCES:
        it_leads_to_a_community(reader, language)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("paths", "width", "language"), amount(OTHER_WALKS, [([path], *way) for path, *way in MATRIX]), ids=_named
)
def test_every_page_does_so_with_all_files_as_received(visit, received, axe, paths, width, language):
    reader = visit(width, language)
    for path in paths:
        opened(reader, received, path)
        came_for(reader, path, language, RECEIVED_PLACE)
        is_for_everyone(reader, axe, path, language)


def answered(reader, address: str, language: str) -> None:
    """See the answer of the demonstration map, how it was made, and that its map speaks the reader's language."""
    i18n.set_language(language)
    frame = reader.map()
    expect(reader.page.get_by_text(FOUND[address][language]).first).to_be_visible(timeout=SECONDS)
    reader.page.get_by_text(said("How was this computed?")).click()
    expect(reader.page.get_by_text("lindero ").last).to_be_visible(timeout=SECONDS)
    assert frame.evaluate("document.documentElement.lang") == language


def is_for_everyone(reader, axe: str, path: str, language: str) -> None:
    reader.settle()
    if path in WITH_MAP:
        assert legend_faults(reader.map()) == []
        assert reader.map().evaluate("document.documentElement.lang") == language
    assert reader.violations(axe) == []
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= reader.page.viewport_size["width"]
    assert reader.page.get_by_test_id("stException").count() == 0
    assert reader.page.evaluate(WORDS_FOR_ICONS) == []
    assert reader.page.locator(ICONS).count() > 0 or path not in {"community", "browse"}
    if reader.page.viewport_size["width"] == WIDTHS["phone"][0]:
        what_lies_at_the_end_is_not_behind_the_doors(reader.page)


def what_lies_at_the_end_is_not_behind_the_doors(page) -> None:
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 1e6)")

    ends = "document.querySelector('.st-key-lindero-page').getBoundingClientRect().bottom"
    bar = page.get_by_role("navigation", name=said("What this map answers")).bounding_box()
    assert page.evaluate(ends) <= bar["y"]


@pytest.mark.slow
@pytest.mark.parametrize("paths", amount([OF_STRANGERS], [[path] for path in OF_STRANGERS]), ids=_named)
def test_text_of_strangers_is_only_ever_text(visit, strangers, paths):
    reader = visit()
    for path in paths:
        opened(reader, strangers, path)
        it_is_text_alone(reader, path)


def it_is_text_alone(reader, path: str) -> None:
    if path == "":
        reader.enter(reader.page.locator("input[type=text]").first, IN_A_SQUARE)
        expect(reader.page.get_by_test_id("stText").first).to_be_visible(timeout=SECONDS)
        it_runs_nowhere_of_what_is_pressed(reader)
    if path == "overlaps":
        expect(reader.page.locator(".lindero-table tbody").get_by_text(PAYLOADS[0]).first).to_be_visible(
            timeout=SECONDS
        )
        assert reader.page.locator(".lindero-table img").count() == 0
    reader.settle()
    if path in NAMED:
        reader.map()  # which may come after all else
    reader.page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")
    names = {name for frame in reader.page.frames if "streamlit_folium" in frame.url for name in popups(frame)}
    reader.settle()

    # of the embedded base: no stranger's
    ours = {"", *load_regions()["name"], *(load_places()["name"] if path == "hotspots" else ())}
    province = r" \([\w .'-]+(, \d+ km)?\)$"  # of a name that repeats, and how far it is
    foreign = names - {text.strip() for text in PAYLOADS}
    assert {name for name in foreign if name not in ours and re.sub(province, "", name) not in ours} == set()
    assert names or path not in NAMED
    assert reader.page.get_by_test_id("stException").count() == 0
    assert all(frame.evaluate("window.ran") is None for frame in reader.page.frames)
    assert reader.page.locator("a[href^='http://192.0.2.1'], a[href^='javascript:'], img[src^='http']").count() == 0


def it_runs_nowhere_of_what_is_pressed(reader) -> None:
    frame = reader.map()
    for given in amount(PAYLOADS[1::3], PAYLOADS):
        payload, middle = given.strip(), square(PAYLOADS.index(given)).centroid
        reader.press(frame, middle.y, middle.x)

        here = f"on the land of {payload.replace('http:', JOINED)} ("
        expect(reader.page.get_by_text(here).first).to_be_visible()
        expect(frame.locator(".lindero-popup")).to_have_count(1)  # the one before fades away
        names = frame.locator(".lindero-popup strong").all_text_contents()
        assert payload in names
        assert {name for name in names if not name.startswith("mining_scars/")} <= {payload, "", "Cajamarca"}
        assert reader.page.evaluate("window.ran") is None


def popups(frame) -> list[str]:
    """Press every square and every area drawn on a map; gives the names in its popups."""
    frame.wait_for_function("window.lindero && lindero.loads > 0", timeout=SECONDS, polling=LOOK_MS)
    middles = [[square(at).centroid.y, square(at).centroid.x] for at in range(len(PAYLOADS))]
    frame.evaluate("at => map.setView(at, 12, {animate: false})", middles[len(middles) // 2])  # all in view
    frame.wait_for_function(DRAWN, timeout=SECONDS, polling=LOOK_MS)
    names = frame.evaluate(PRESS_ALL, middles)
    names = [name for name in names if not name.startswith("mining_scars/")]  # scars have no text but their ids
    return names + frame.evaluate(PRESS_AREAS)


def the_state_of_a_concession_is_filtered_in_the_browser_alone(reader, language):
    i18n.set_language(language)
    frame = reader.map()
    titles = f"lindero.under(L.latLng({INVENTED_PLACE})).filter(({{ style }}) => style.layer === 'concessions').length"
    frame.evaluate(f"window.kept = true; map.setView([{INVENTED_PLACE}], 11, {{animate: false}})")
    frame.wait_for_function(f"{titles} === 2")  # one granted, one expired
    reader.settle()
    frame.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")
    asked = []
    reader.page.on("request", lambda request: asked.append(request.url))

    frame.get_by_label(translate_code("expired"), exact=True).uncheck()

    frame.wait_for_function(f"{titles} === 1 && window.kept")
    assert asked == []
    far_out_there_is_one_south_america(reader, frame)


def far_out_there_is_one_south_america(reader, frame):
    frame.evaluate("map.setZoom(0, {animate: false})")
    reader.settle()

    assert 3 <= frame.evaluate("map.getZoom()") <= 5
    frame.evaluate("map.panTo([-10, 250], {animate: false})")
    reader.settle()
    assert frame.evaluate("map.getCenter().lng") <= 0  # by the country of the map, and not in the empty Pacific
    assert frame.evaluate("Object.values(map._layers).filter(one => one._tiles).every(one => one.options.noWrap)")


# Words of letters alone in printed tables that stand on more than one line.
BROKEN = r"""[...document.querySelectorAll('.lindero-table :is(th, td)')].filter(cell => cell.offsetWidth).flatMap(cell => {
  const found = [];
  const walk = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    for (const word of walk.currentNode.data.matchAll(/(?<=^|\s)\p{L}+(?=\s|$)/gu)) {
      const range = document.createRange();
      range.setStart(walk.currentNode, word.index);
      range.setEnd(walk.currentNode, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map(one => one.top)).size > 1) found.push(word[0]);
    }
  }
  return found;
})"""


def no_printed_table_runs_over_the_paper_and_no_word_is_broken(reader):
    wide, high = WIDTHS["phone"]
    reader.page.set_viewport_size({"width": wide, "height": high})
    reader.settle()
    reader.page.emulate_media(media="print")
    reader.page.set_viewport_size({"width": A4_PX, "height": 1000})

    tables = "[...document.querySelectorAll('.lindero-table table')].map(one => one.getBoundingClientRect().right)"
    edges = reader.page.evaluate(tables)
    assert edges
    assert max(edges) <= A4_PX
    assert reader.page.evaluate(BROKEN) == []


def it_leads_to_a_community(reader, language):
    i18n.set_language(language)
    way = reader.page.locator("table a[href*='community?id=']").first  # the row of one inside the region
    name = way.text_content(timeout=SECONDS)
    way.click()

    expect(reader.page.get_by_role("heading", level=1, name=said("Community"))).to_be_visible(timeout=SECONDS)
    expect(reader.page.get_by_text(name).first).to_be_visible(timeout=SECONDS)


def opened(reader, address: str, path: str) -> None:
    """Open a page at its address, or from another page of the visit, as going back or forth in a browser does."""
    page = reader.page
    title = page.get_by_role("heading", level=1).first
    if not page.url.startswith(address):
        page.goto(f"{address}/{path}")
        title.wait_for(timeout=SECONDS)
        return
    before = title.inner_text()
    page.evaluate(GO, f"/{path}")
    expect(title).not_to_have_text(before, timeout=SECONDS)
    title.wait_for(timeout=SECONDS)
    reader.settle()


def came_for(reader: Visit, path: str, language: str, place: str) -> None:
    """See on a page what its user came for."""
    i18n.set_language(language)
    page, seen = reader.page, reader.page.get_by_text
    if path == "":
        reader.enter(page.locator("input[type=text]").first, place)
        expect(seen(said("To send by SMS:"))).to_be_visible(timeout=SECONDS)
        expect(seen(re.compile(r"(\d concessions? covers? this place|Aquí hay \d)")).first).to_be_visible(
            timeout=SECONDS
        )
        address = page.url.partition("//")[2].partition("/")[2]  # no link holds where somebody looks
        assert not [part for part in re.findall(r"\d+", place) if part in address]
    if path in CHOSEN_BELOW:
        page.locator("a[href='#lindero-choices']").click(timeout=SECONDS)
        expect(page.locator("summary", has_text=said("Change what is shown"))).to_be_focused()
    all_are_seen(page, [said(text).format(km=NEAR_KM) for text in EXPECTED.get(path, ())])


def all_are_seen(page, texts: list[str]) -> None:
    with suppress(TooLate):
        page.wait_for_function(f"texts => !({UNSEEN})(texts).length", arg=texts, timeout=SECONDS, polling=LOOK_MS)
    assert page.evaluate(UNSEEN, texts) == []


def said(text: str) -> str:
    return i18n._(text)


CHOSEN_BELOW = {"exposure", "overlaps", "new", "time", "attacks", "protection", "commitments", "browse", "hotspots"}
EXPECTED = {
    "": (
        "Attacks and conflicts on record within {km} km",
        "Changes between the last two snapshots",
        "Within {km} km, nearest first",
    ),
    "community": ("Concessions on this land", "Was the community consulted?", "How was this computed?"),
    "holder": ("Communities with attacks within {km} km", "Download as CSV", "How was this computed?"),
    "overlaps": ("Hectares, each counted once (footprint)", "Download as GeoPackage", "How was this computed?"),
    "new": ("Compare by", "How was this computed?"),
    "exposure": ("Weight of each indicator", "One community", "How was this computed?"),
    "hotspots": ("Places compared", "How to read this", "How was this computed?"),
    "attacks": ("Of these, killings", "Where, as precisely as known", "What happened to the cases", "Protection"),
    "protection": ("Compare two", "How was this computed?"),
    "case": ("Who was attacked", "The case in court", "Sources"),
    "commitments": ("Notes and sources", "Countries compared"),
    "time": ("By year", "Concessions granted before and after an attack", "How was this computed?"),
    "browse": ("Inside one region", "Compare two regions", "What the State promised, and what happened since"),
    "methods": ("What is on whose land",),
    "sources": ("Limits", "Rows rejected, repaired or flagged"),
}
