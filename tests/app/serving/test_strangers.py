"""What strangers ask neither holds the server nor goes on for ever, and systemd hears whether it answers."""

import select
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress

import duckdb
import pytest

from lindero.layers.database import map_database
from lindero.layers.database.query_limit import query_limit
from lindero.layers.errors import TooLongError
from tests import http_answer, patience, small_map

MANY = 45  # more than the threads that Starlette shares among all answers
ITEMS = "/ogc/collections/concessions/items"
ENDLESS = "SELECT count(*) FROM range(1000000000000) t(i) WHERE hash(i) = 1"
QUERIES_END = f"""
from lindero.app.serving.ogc import answers
from lindero.layers.database.queries import feature_pages
answers.LONGEST_QUERY_S = 0.1
feature_pages.read_page = lambda con, *_, **__: con.execute({ENDLESS!r})
"""
HELD = """
import threading
from lindero.app.serving import server_process
from lindero.app.serving.access import pools
from lindero.app.serving.routes import tiles
from lindero.layers.database.queries import feature_pages
server_process.STOP_S = 0.2
pools.LONGEST_WAIT_S = 600
feature_pages.read_page = tiles.own_layers.BACKGROUNDS.load_current = lambda *_, **__: threading.Event().wait()
"""
SERVE = "import sys; from pathlib import Path; from lindero.app.serving.asgi import serve; serve(Path(sys.argv[1]), port=int(sys.argv[2]))"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("strangers") / "build"
    small_map.publish(folder, text="A holder whose name is long. " * 20)
    return folder


@contextmanager
def serving(folder, before, environment=None):
    """A server that runs `before`: its port and its process."""
    port = small_map.free_port()
    order = [sys.executable, "-c", f"{before}\n{SERVE}", str(folder), str(port)]
    process = subprocess.Popen(order, env=environment)
    try:
        patience.until(lambda: is_open(port) or process.poll() is not None)
        yield port, process
    finally:
        process.kill()
        process.wait()


def is_open(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def status(port, path, method="GET", body=None):
    answer = http_answer.ask(f"127.0.0.1:{port}", path, method, body)
    return answer.status, answer.body.decode(errors="replace")


@contextmanager
def pending(port, path):
    """Ask `MANY` times at once, and wait for no answer."""
    with ExitStack() as stack:
        asked = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 60)) for _ in range(MANY)]
        for one in asked:
            one.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        yield asked


def test_a_query_that_takes_too_long_is_interrupted_and_the_next_one_is_not():
    con = map_database.open_in_memory()

    with pytest.raises(TooLongError, match=r"0\.1 seconds"), query_limit(con, 0.1):
        con.execute(ENDLESS)

    with query_limit(con, 600):
        assert con.execute("SELECT 1").fetchone() == (1,)


def test_a_query_that_begins_after_the_end_of_the_time_is_interrupted_too():
    con = map_database.open_in_memory()

    with query_limit(con, 0.01):
        time.sleep(0.1)
        with pytest.raises(duckdb.InterruptException):
            con.execute(ENDLESS)


def test_a_query_that_holds_the_server_is_ended(folder):
    with serving(folder, QUERIES_END) as (port, _process):
        code, text = status(port, ITEMS)
        assert (code, " 0.1 segundos" in text) == (503, True)


def test_everything_else_answers_while_strangers_wait_and_the_server_stops_when_it_is_told_to(folder):
    with serving(folder, HELD) as (port, process), pending(port, ITEMS) as asked:
        assert status(port, "/health")[0] == 200
        assert status(port, "/tiles/map/0/0/0")[0] == 200
        assert status(port, "/here", "POST", "at=-9.97000, -74.93000")[0] == 200
        assert not select.select(asked, [], [], 0)[0], "what was to wait has been answered"

        with pending(port, "/tiles/own/x/0/0/0"):  # which takes all threads of tiles
            assert status(port, "/health")[0] == 200
            process.send_signal(signal.SIGTERM)
            process.wait(patience.END_S)


def test_systemd_hears_that_the_server_is_ready_and_alive_until_it_does_not_answer(folder, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(60)
        told = (
            f"import os; os.environ |= {{'NOTIFY_SOCKET': {str(tmp_path / 'notify')!r}, 'WATCHDOG_USEC': '100000'}}\n"
            "from lindero.app.serving.access.pools import Pool\n"
            "Pool.wrap_endpoint = lambda _pool, answer: answer  # in the threads that answers share\n"
        )
        with serving(folder, told + HELD) as (port, _process):
            heard = {manager.recv(100) for _ in range(5)}
            assert heard == {b"READY=1", b"WATCHDOG=1"}

            manager.settimeout(2)
            with pending(port, "/tiles/own/x/0/0/0"), suppress(TimeoutError):
                patience.until(lambda: not manager.recv(100))
