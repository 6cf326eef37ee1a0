import hashlib
import json
import time
import tomllib
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Frame, Page
from playwright.sync_api import Error as PlaywrightError

from lindero.app.text import i18n

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
VENDOR = Path(__file__).parent / "vendor"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ASKED_FOR = ("url", "host")  # an address, and the name that is looked up for it
WIDTHS = {"desktop": (1280, 800), "phone": (360, 740)}

# Streamlit's own: features of browsers that it asks for, and the sandbox that it gives to components.
KNOWN = (
    "WARN Scale bindings are",
    'WARN Dropping "fit-y"',
    "Unrecognized feature:",
    "An iframe which has both allow-scripts",
    "Failed to load resource",
    "Received component message for unregistered ComponentInstance!",  # a map told its height while its page was left
)
LATE = "was preloaded using link preload but not used"  # where the machine is busy, a map's scripts are there before it
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
        self.page.wait_for_function("!document.querySelector('[data-test-script-state=running]')", timeout=60_000)
        for _ in range(2):  # what a press set going has begun by the second time
            self.page.evaluate(STILL)
            self.page.wait_for_function("!document.querySelector('[data-test-script-state=running]')", timeout=60_000)

    def violations(self, axe: str) -> list[tuple[str, str]]:
        """Ask axe-core what of WCAG 2.2 A and AA the page and the map in it violate: the rule, the first part that does."""
        wrong = []
        for frame in self.page.frames:
            frame.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")
            frame.evaluate("document.fonts.ready.then(() => null)")  # an icon is a word until its font has come
            frame.evaluate(axe)
            found = frame.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
            wrong += [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]]
        return wrong

    def press(self, frame: Frame, lat: float, lon: float) -> None:
        """Press the map at a place, having brought it into view."""
        self.settle()
        frame.evaluate("([lat, lon]) => map.setView([lat, lon], 11, {animate: false})", [lat, lon])
        frame.wait_for_timeout(500)
        frame.locator(".leaflet-container").scroll_into_view_if_needed()
        frame.wait_for_timeout(300)  # or the press falls where the map was before the page scrolled
        at = frame.evaluate("([lat, lon]) => map.latLngToContainerPoint([lat, lon])", [lat, lon])
        frame.locator(".leaflet-container").click(position={"x": at["x"], "y": at["y"]})


@pytest.fixture(scope="session")
def axe() -> str:
    package = tomllib.loads((VENDOR / "vendor.toml").read_text())["package"][0]
    script = VENDOR / "axe-core" / "axe.min.js"
    assert hashlib.sha256(script.read_bytes()).hexdigest() == package["sha256"]["axe-core/axe.min.js"]
    return script.read_text()


@pytest.fixture(scope="session")
def net_log(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("chromium") / "net-log.json"


@pytest.fixture(scope="session")
def browser(chromium, net_log) -> Generator[Browser]:
    """Run Debian's Chromium without a screen; at its end hold that nothing left the machine all the while."""
    browser = chromium(args=["--no-sandbox", "--disable-gpu", f"--log-net-log={net_log}", *QUIET])
    yield browser
    browser.close()
    foreign = foreign_hosts(net_log)
    assert foreign == set(), f"over the whole session requests went to {foreign}"


def foreign_hosts(net_log: Path) -> set[str]:
    """Read in Chromium's own log which other machines were asked for, whoever asked: a page or the browser itself."""
    asked: set[str] = set()
    with net_log.open(encoding="utf-8") as log:
        for line in log:
            if line.startswith('{"params"'):
                told = json.JSONDecoder().raw_decode(line)[0]["params"]
                asked |= {_host(str(told[name])) for name in ASKED_FOR if told.get(name)}
    assert "127.0.0.1" in asked
    return asked - {"127.0.0.1"}


def _host(address: str) -> str:
    return str(urlsplit(address if "://" in address else f"//{address}").hostname)


@pytest.fixture(params=WIDTHS)
def width(request) -> str:
    return request.param


@pytest.fixture(params=i18n.languages())
def language(request) -> str:
    return request.param


@pytest.fixture
def visit(browser) -> Generator:
    """Give a way to visit pages at a width, in a language; afterwards no browser may have complained."""
    visits, contexts = [], []

    def begin(width: str = "desktop", language: str = "en") -> Visit:
        wide, high = WIDTHS[width]
        context = browser.new_context(viewport={"width": wide, "height": high}, locale=language)
        page = context.new_page()
        visit = Visit(page)
        page.on("request", lambda sent: visit.complaints.append(sent.url) if HEAVY in sent.url else None)
        page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        page.on("console", lambda said: visit.complaints.append(said.text) if _matters(said) else None)
        page.on(
            "response", lambda got: visit.complaints.append(f"{got.status} {got.url}") if _is_refused(got) else None
        )
        contexts.append(context)
        visits.append(visit)
        return visit

    yield begin
    for visit in visits:
        if not visit.page.is_closed():
            visit.page.wait_for_timeout(100)  # what it has complained of is told
    complaints = [complaint for visit in visits for complaint in visit.complaints]
    for context in contexts:
        context.close()  # what was still on its way is given up, of which a page complains, too
    assert complaints == []


def _is_drawn(frame: Frame) -> bool:
    try:
        return frame.evaluate("Boolean(window.lindero && lindero.loads > 0)")
    except PlaywrightError:  # the frame has gone meanwhile
        return False


def _is_refused(got) -> bool:
    return got.status >= 400


def _matters(said) -> bool:
    return said.type in {"error", "warning"} and not said.text.startswith(KNOWN) and LATE not in said.text
