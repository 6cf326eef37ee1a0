"""No request leaves the machine: what watches over it sees one, and the server makes none."""

import http.server
import threading
from contextlib import contextmanager

import pytest

from tests import small_map
from tests.browser.conftest import QUIET, foreign_hosts

ASKING = (  # pages that are seen to ask elsewhere; names that are only looked up beforehand Chromium here never looks up
    "<img src=http://elsewhere.example/a.png>",
    "<script>new WebSocket('ws://elsewhere.example/')</script>",
    "<script>fetch('https://elsewhere.example/', {mode: 'no-cors'}).catch(() => null)</script>",
)

# Ends the server's process when anything in it reaches for another machine.
WATCH = """
import os, sys
def watch(event, given):
    if event == "socket.connect" and isinstance(given[1], tuple) and given[1][0] not in ("127.0.0.1", "::1", "localhost"):
        print("CONNECTS TO", given[1], flush=True); os._exit(9)
    if event == "socket.getaddrinfo" and given[0] not in ("127.0.0.1", "::1", "localhost", None):
        print("LOOKS UP", given[0], flush=True); os._exit(9)
sys.addaudithook(watch)
"""


@pytest.mark.parametrize("page", ASKING)
def test_a_page_that_asks_elsewhere_is_seen_in_chromium_s_log(chromium, tmp_path, page):
    log = tmp_path / "net-log.json"
    with _serving(page) as address:
        second = chromium(args=["--no-sandbox", "--disable-gpu", f"--log-net-log={log}", *QUIET])
        opened = second.new_page()
        opened.goto(address)
        opened.wait_for_load_state("networkidle")
        second.close()

    assert "elsewhere.example" in foreign_hosts(log)


@contextmanager
def _serving(page: str):
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
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize("path", ["", "overlaps", "browse", "sources"])
def test_the_server_reaches_for_no_other_machine(visit, watched, path):
    reader = visit()
    reader.page.goto(f"{watched}/{path}")
    reader.page.get_by_role("heading", level=1).wait_for(timeout=60_000)
    reader.settle()

    assert reader.page.request.get(f"{watched}/health").status == 200


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    folder = tmp_path_factory.mktemp("watched") / "build"
    small_map.publish(folder)
    with small_map.serving(folder, before=WATCH) as address:
        yield address
