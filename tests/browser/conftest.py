import hashlib
import itertools
import json
import time
import tomllib
import urllib.request
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Locator, Page, expect
from playwright.sync_api import Error as PlaywrightError

from lindero.app.text import i18n
from tests import small_map
from tests.browser import maps_served
from tests.once import made_once
from tests.watching import WATCH

# What Chromium would ask its makers' services on its own behalf, switched off or sent to nobody on this machine, so that
# its log may hold no other machine at all. Of several lists of features the last counts, so Playwright's is in it, too.
NOBODY = "http://127.0.0.1:9"
QUIET = [
    "--disable-quic",
    "--disable-domain-reliability",
    "--disable-features=AutofillServerCommunication,NetworkTimeServiceQuerying,OptimizationHints,MediaRouter,Translate",
    f"--gaia-url={NOBODY}",
    f"--component-updater=url-source={NOBODY}",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # whatever asks for it, nothing is found
]
# Pages of tests live for seconds: to compile a second time what runs often takes longer than it spares, and to look for
# what is no longer used each time that another megabyte has been.
BRIEF = ["--js-flags=--no-opt --no-maglev --min-semi-space-size=32 --max-semi-space-size=32"]
VENDOR = Path(__file__).parent / "vendor"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ASKED_FOR = ("url", "host")  # an address, and the name that is looked up for it
PATIENCE_MS = 60_000
LOOK_MS = 100
ATTEMPTS = 5
BESIDE_PX = 900  # of a map's frame: lindero/app/static/controls.js
SLACK_PX = 1.5
WIDTHS = {"desktop": (1280, 800), "phone": (360, 740)}
LANGUAGES = ("es", "en")  # of the texts that the tests look for; Portuguese comes from the same catalogue
WAYS = list(itertools.product(WIDTHS, LANGUAGES))  # the first and the last have nothing in common

# Streamlit's own: features of browsers that it asks for, and the sandbox that it gives to components.
KNOWN = (
    "WARN Scale bindings are",
    'WARN Dropping "fit-y"',
    "Unrecognized feature:",
    "An iframe which has both allow-scripts",
    "Failed to load resource",
    "Received component message for unregistered ComponentInstance!",  # a map told its height while its page was left
    "handleSetFrameHeight: missing our iframeRef!",  # or while another one took its place
)
# What axe-core finds against its rules, and nothing of what it finds in order: megabytes on a page with a table. It keeps
# no HTML of the parts that it looks at, of which the page itself is one, and reads no style sheet, which no rule asks for.
VIOLATIONS = """async rules => {
  const part = (inside, [first, ...rest]) => {
    const one = inside.querySelector(first);
    return rest.length ? part(one.contentDocument, rest) : one.outerHTML;
  };
  const how = { runOnly: rules, resultTypes: ['violations'], preload: { assets: ['media'] } };
  const found = await axe.run(document, how);
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => [id, part(document, target)]));
}"""
WITHOUT_HTML = "axe.configure({noHtml: true});"
# Streamlit's place for files to be dropped on, which it keeps out of the order of the keyboard: its button is in it.
ROLE_CONFLICT, DROPZONE = "presentation-role-conflict", 'data-testid="stFileUploaderDropzone"'
LATE = "was preloaded using link preload but not used"  # where the machine is busy, a map's scripts are there before it
# Every tile in view has come.
DRAWN = """() => {
  let all = window.lindero && lindero.loads > 0;
  map.eachLayer(layer => { all = all && Object.values(layer._tiles ?? {}).every(tile => !tile.current || tile.loaded); });
  return all;
}"""
# From one page to another as going back or forth in a browser does: a third of what it takes to open one at its address.
GO = "path => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }"
# The page's script has run, and no part still stands for one whose own scripts are on their way.
RAN = "!document.querySelector('[data-test-script-state=running], [data-testid=stSkeleton]')"
# Nothing in the page has changed for a while, and nothing is on its way to it.
STILL = """() => new Promise(done => {
  let changed = performance.now();
  const watch = new MutationObserver(() => { changed = performance.now(); });
  watch.observe(document, {subtree: true, childList: true, characterData: true});
  const look = () => {
    if (performance.now() - changed < 350) { setTimeout(look, 50); return; }
    watch.disconnect();
    done(null);
  };
  look();
})"""
# Fixtures that are the address of a server, or another's name in a file: a test that has one visits it.
SERVERS = ("invented", "received", "strangers", "small", "gallery", "operated", "of_a_holder", "address")
STORED = "cookies,file_systems,indexeddb,local_storage,websql,service_workers,cache_storage"  # by a page itself
HEAVY = "StreamlitSyntaxHighlighter"  # half a megabyte that colours programs: st.code loads it, st.text does not


@dataclass
class Visit:
    """A page opened by a reader, and what its browser complained of."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def open(self, address: str) -> Frame:
        """Open a page with a map and wait until its layers are drawn; gives the map's frame."""
        self.page.goto(address)
        return self.map()

    def map(self) -> Frame:
        """Wait for a drawn map; a page that changes puts a new frame in the place of the old one."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            for frame in self.page.frames:
                if "streamlit_folium" in frame.url and _is_drawn(frame):
                    return frame
            self.page.wait_for_timeout(100)
        raise AssertionError("no map was drawn")

    def settle(self) -> None:
        """Wait until the page has run and what it loads has come."""
        self._has_run()
        for _ in range(2):  # what a press set going has begun by the second time
            self.page.evaluate(STILL)
            self._has_run()

    def _has_run(self) -> None:
        self.page.wait_for_function(RAN, timeout=PATIENCE_MS, polling=LOOK_MS)  # or it looks in each picture of sixty

    def enter(self, field: Locator, text: str) -> None:
        """Type into a field and send it, once the page has run: a field that is drawn anew forgets what was typed."""
        field.wait_for(timeout=PATIENCE_MS)
        self.settle()
        field.fill(text)
        field.press("Enter")
        self.settle()
        expect(field).to_have_value(text)

    def choose(self, box: Locator, option: str | int) -> None:
        """Choose of a list by its words or its place, until the list shows what was chosen: it may be drawn anew."""
        options = self.page.get_by_role("option")
        for _attempt in range(ATTEMPTS):
            self.settle()
            box.click()
            one = options.nth(option) if isinstance(option, int) else options.get_by_text(option, exact=True)
            chosen = one.inner_text()
            one.click()
            self.settle()
            if box.input_value() == chosen:
                return
        expect(box).to_have_value(chosen)

    def violations(self, axe: str) -> list[tuple[str, str]]:
        """
        Ask axe-core what of WCAG 2.2 A and AA, and of best practice, the page and what is framed in it violate.

        Gives the rule, and the first part that violates it. The page asks its frames: they are parts of it, which need no
        title and no landmarks of their own.
        """
        for frame in self.page.frames:
            frame.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")
            frame.evaluate("document.fonts.ready.then(() => null)")  # an icon is a word until its font has come
            if not frame.evaluate("'axe' in window"):  # it stays where a page is come to from another
                frame.evaluate(axe)
        parts = self.page.evaluate(VIOLATIONS, RULES)
        return [(rule, html) for rule, html in map(tuple, parts) if rule != ROLE_CONFLICT or DROPZONE not in html]

    def press(self, frame: Frame, lat: float, lon: float) -> None:
        """Press the map at a place, having brought it into view."""
        self.settle()
        frame.evaluate("([lat, lon]) => map.setView([lat, lon], 11, {animate: false})", [lat, lon])
        frame.wait_for_function(DRAWN, timeout=PATIENCE_MS, polling=LOOK_MS)
        frame.locator(".leaflet-container").scroll_into_view_if_needed()
        frame.wait_for_timeout(300)  # or the press falls where the map was before the page scrolled
        at = frame.evaluate("([lat, lon]) => map.latLngToContainerPoint([lat, lon])", [lat, lon])
        frame.locator(".leaflet-container").click(position={"x": at["x"], "y": at["y"]})


@pytest.fixture(scope="session")
def axe() -> str:
    package = tomllib.loads((VENDOR / "vendor.toml").read_text())["package"][0]
    script = VENDOR / "axe-core" / "axe.min.js"
    assert hashlib.sha256(script.read_bytes()).hexdigest() == package["sha256"]["axe-core/axe.min.js"]
    return f"{script.read_text()}\n{WITHOUT_HTML}"


@pytest.fixture(scope="session")
def builds(tmp_path_factory) -> Path:
    """The folder of builds of `small_map`."""
    return made_once(tmp_path_factory, "small", small_map.publish).parent


@contextmanager
def _watched(builds: Path) -> Generator[str]:
    """Serve a folder of builds to all tests of this process; at its end hold that the server reached for no machine."""
    with small_map.serving(builds, before=WATCH, anew=False) as address:
        yield address
        with urllib.request.urlopen(f"{address}/health") as answer:
            assert answer.status == 200


@pytest.fixture(scope="session")
def small(builds) -> Generator[str]:
    """The address of `small_map`."""
    with _watched(builds) as address:
        yield address


@pytest.fixture(scope="session")
def invented(tmp_path_factory) -> Generator[str]:
    """The address of the demonstration."""
    with _watched(made_once(tmp_path_factory, "invented", maps_served.of_the_demonstration)) as address:
        yield address


@pytest.fixture(scope="session")
def received(tmp_path_factory) -> Generator[str]:
    """The address of a map of all files as received."""
    with _watched(maps_served.received(tmp_path_factory)) as address:
        yield address


@pytest.fixture(scope="session")
def strangers(tmp_path_factory) -> Generator[str]:
    """The address of a map in which each of `PAYLOADS` is the text of every field in a square of its own."""
    made = partial(maps_served.of_strangers, texts=maps_served.PAYLOADS)
    with _watched(made_once(tmp_path_factory, "strangers", made)) as address:
        yield address


@pytest.fixture(scope="session")
def net_log(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("chromium") / "net-log.json"


@pytest.fixture(scope="session")
def browser(chromium, net_log) -> Generator[Browser]:
    """Run Debian's Chromium without a screen; at its end hold that nothing left the machine all the while."""
    browser = chromium(args=["--no-sandbox", "--disable-gpu", f"--log-net-log={net_log}", *QUIET, *BRIEF])
    yield browser
    browser.close()
    foreign = foreign_hosts(net_log)
    assert foreign == set(), f"over the whole session requests went to {foreign}"


def foreign_hosts(net_log: Path) -> set[str]:
    """Read in Chromium's own log which other machines were asked for, whoever asked: a page or the browser itself."""
    asked: set[str] = set()
    told_of = json.JSONDecoder()
    with net_log.open(encoding="utf-8") as log:
        for line in filter(_names_a_host, log):
            told = told_of.raw_decode(line)[0]["params"]
            asked |= {_host(str(told[name])) for name in ASKED_FOR if told.get(name)}
    assert "127.0.0.1" in asked
    return asked - {"127.0.0.1"}


def _names_a_host(line: str) -> bool:
    """Tell whether a line of the log may name a host, and is whole: of a browser that was killed the last is not."""
    return line.startswith('{"params"') and line.endswith("\n") and any(f'"{name}"' in line for name in ASKED_FOR)


def _host(address: str) -> str:
    return str(urlsplit(address if "://" in address else f"//{address}").hostname)


@pytest.fixture(params=WIDTHS)
def width(request) -> str:
    return request.param


@pytest.fixture(params=i18n.languages())
def language(request) -> str:
    return request.param


@pytest.fixture(scope="session")
def resting(browser) -> Callable[[str, str], Page]:
    """
    Give a tab of a map and a language that stays open, from which tests of this process open theirs.

    Tabs opened by one share its process, which has compiled the scripts of the page: a tab by itself would compile them
    anew, which takes longer than most of what is tested. It has to be of the same server, which lets no other page have a
    hand in its own.
    """
    tabs: dict[tuple[str, str], Page] = {}

    def tab(address: str, language: str) -> Page:
        if (address, language) not in tabs:
            tabs[address, language] = _context(browser, "desktop", language).new_page()
            tabs[address, language].goto(f"{address}/health")
        return tabs[address, language]

    return tab


def _context(browser: Browser, width: str, language: str) -> BrowserContext:
    """
    Give what a reader's tabs have in common: whose eyes are spared motion, which nothing of the product moves for.

    What Streamlit lets shimmer while a page runs would be painted sixty times a second.
    """
    wide, high = WIDTHS[width]
    seen = {"width": wide, "height": high}
    context = browser.new_context(viewport=seen, locale=language, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    return context


def _forget(opener: Page, origins: set[str]) -> None:
    """Leave nothing of a visit but the scripts that have been loaded and compiled."""
    session = opener.context.new_cdp_session(opener)
    for origin in origins:
        session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": STORED})
    session.detach()
    opener.context.clear_cookies()


@pytest.fixture
def visit(request, browser, resting) -> Generator:
    """
    Give a way to visit pages at a width, in a language; afterwards no browser may have complained.

    A `first` visit is by a browser that has never been at any page of the map.
    """
    visits, openers, contexts, origins = [], [], [], set()
    address = next((request.getfixturevalue(name) for name in SERVERS if name in request.fixturenames), None)

    def begin(width: str = "desktop", language: str = "en", *, first: bool = False) -> Visit:
        if first or not address:
            contexts.append(_context(browser, width, language))
            page = contexts[-1].new_page()
        else:
            openers.append(resting(address, language))
            with openers[-1].expect_popup() as opened:
                openers[-1].evaluate("void open('about:blank')")
            page = opened.value
            page.set_viewport_size(dict(zip(("width", "height"), WIDTHS[width], strict=True)))
        visit = Visit(page)
        page.on("request", lambda sent: visit.complaints.append(sent.url) if HEAVY in sent.url else None)
        page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        page.on("console", lambda said: visit.complaints.append(said.text) if _matters(said) else None)
        page.on(
            "response", lambda got: visit.complaints.append(f"{got.status} {got.url}") if _is_refused(got) else None
        )
        page.on("response", lambda got: origins.add("/".join(got.url.split("/")[:3])))
        visits.append(visit)
        return visit

    yield begin
    for visit in visits:
        if not visit.page.is_closed():
            visit.page.wait_for_timeout(100)  # what it has complained of is told
    complaints = [complaint for visit in visits for complaint in visit.complaints]
    for visit in visits:
        visit.page.close()  # what was still on its way is given up, of which a page complains, too
    for opener in openers:
        _forget(opener, {origin for origin in origins if origin.startswith("http")})
    for context in contexts:
        context.close()
    assert complaints == []


def legend_faults(frame: Frame) -> list[str]:
    """Name what is amiss with what explains a map: it stands beside the map or below it, never over what it is about."""
    drawn, told = (frame.locator(part).first.bounding_box() for part in ("#map_div", ".lindero-panel"))
    wide, high = frame.evaluate("[innerWidth, innerHeight]")
    around = frame.frame_element().bounding_box()
    is_beside = told["x"] >= drawn["x"] + drawn["width"] - SLACK_PX
    is_below = told["y"] >= drawn["y"] + drawn["height"] - SLACK_PX
    faults = {
        "over the map": not (is_beside if wide >= BESIDE_PX else is_below),
        "on the map": frame.locator(".leaflet-control-container .lindero-legend").count() > 0,
        "cut off below": told["y"] + told["height"] > around["y"] + high + SLACK_PX,
        "cut off at the right": told["x"] + told["width"] > around["x"] + wide + SLACK_PX,
    }
    return [fault for fault, is_so in faults.items() if is_so]


def _is_drawn(frame: Frame) -> bool:
    try:
        return frame.evaluate("Boolean(window.lindero && lindero.loads > 0)")
    except PlaywrightError:  # the frame has gone meanwhile
        return False


def _is_refused(got) -> bool:
    return got.status >= 400


def _matters(said) -> bool:
    return said.type in {"error", "warning"} and not said.text.startswith(KNOWN) and LATE not in said.text
