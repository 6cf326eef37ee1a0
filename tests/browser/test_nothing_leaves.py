"""No request leaves the machine: what watches over it sees one, and the server makes none."""

import http.server
import json
import threading
from contextlib import contextmanager

import pytest

from lindero.app.media.text import assets
from tests.amount import amount
from tests.browser.conftest import QUIET, foreign_hosts

ASKING = (  # pages that are seen to ask elsewhere; names that are only looked up beforehand Chromium here never looks up
    "<img src=http://image.example/a.png>",
    "<script>new WebSocket('ws://socket.example/')</script>",
    "<script>fetch('https://fetched.example/', {mode: 'no-cors'}).catch(() => null)</script>",
)

# A page of elsewhere that tries all that a page can to reach the server at HERE; then `tried` says what answered.
HOSTILE = """<title>hostile</title><script>
const heard = (start) => new Promise((done) => { start(() => done(true), () => done(false)); });
const socket = (path) => heard((yes, no) => {
  const one = new WebSocket(`ws://HERE${path}`, ['streamlit']);
  one.onopen = yes; one.onerror = no;
});
const part = (name, path) => heard((yes, no) => {
  const one = document.createElement(name);
  one.onload = yes; one.onerror = no; one.src = `http://HERE${path}`; document.head.append(one);
});
const read = (path, options) => fetch(`http://HERE${path}`, options).then((got) => got.ok, () => false);
(async () => {
  window.tried = {
    stream: await socket('/_stcore/stream'), again: await socket('/_stcore/stream'),
    read: await read('/health'), tile: await read('/tiles/map/0/0/0'), config: await read('/_stcore/host-config'),
    post: await read('/', { method: 'POST', body: 'x' }), image: await part('img', '/static/media/icon.png'),
    script: await part('script', '/ASSET'),
  };
})();
</script>"""


def test_pages_that_ask_elsewhere_are_each_seen_in_chromium_s_log(chromium, tmp_path):
    log = tmp_path / "net-log.json"
    second = chromium(args=["--no-sandbox", "--disable-gpu", f"--log-net-log={log}", *QUIET])
    for page in ASKING:
        with _serving(page) as address:
            opened = second.new_page()
            opened.goto(address)
            opened.wait_for_load_state("networkidle")
    second.close()

    assert {"image.example", "socket.example", "fetched.example"} <= foreign_hosts(log)


def test_a_log_that_a_killed_browser_left_is_read_up_to_its_last_whole_line(tmp_path):
    log = tmp_path / "net-log.json"
    asked = [{"url": "http://127.0.0.1:8501/"}, {"host": "elsewhere.example"}, {"url": "http://127.0.0.1:8501/health"}]
    whole = "".join(json.dumps({"params": one, "phase": 1}, separators=(",", ":")) + ",\n" for one in asked)
    log.write_text(whole[:-20], encoding="utf-8")

    assert foreign_hosts(log) == {"elsewhere.example"}


@contextmanager
def _serving(page: str, name: str = "127.0.0.1"):
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(f"<!doctype html>{page}".encode())

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{name}:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def hostile(small):
    """A page of elsewhere, open in the same browser as the map."""
    page = HOSTILE.replace("HERE", small.removeprefix("http://")).replace("/ASSET", f"{assets.PREFIX}rules.js")
    with _serving(page) as address:
        yield address


# Each server of `conftest` is watched, whatever page is open; beside a hostile one all are in the whole alone.
@pytest.mark.parametrize("path", amount([""], ["", "overlaps", "browse", "sources"]))
def test_the_server_reaches_for_no_other_machine_while_a_hostile_page_is_open(visit, browser, small, hostile, path):
    beside = browser.new_page()
    beside.goto(hostile)
    beside.wait_for_function("window.tried", timeout=60_000)
    assert not any(beside.evaluate("Object.values(tried)")), beside.evaluate("tried")
    reader = visit()
    reader.page.goto(f"{small}/{path}")
    reader.page.get_by_role("heading", level=1).wait_for(timeout=60_000)
    reader.settle()

    assert reader.page.request.get(f"{small}/health").status == 200
    beside.close()


def test_nor_in_firefox(firefox, small, hostile):
    firefox.open(hostile)
    firefox.wait_for("window.tried")
    assert not any(firefox.evaluate("return Object.values(tried);")), firefox.evaluate("return tried;")

    firefox.open_tab(small)
    firefox.wait_for("document.querySelector('h1')")
    firefox.wait_for("document.querySelector('iframe')?.contentWindow?.lindero?.loads > 0")
    assert firefox.evaluate(f"return fetch('{small}/health').then((got) => got.status);") == 200
