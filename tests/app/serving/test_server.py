import gzip
import http.client
import json
import socket
import time
from functools import partial
from pathlib import Path

import pytest
import streamlit

from lindero.app.media.pages.maps import offline_folium
from lindero.app.media.text import assets
from lindero.app.serving.asgi import PortInUseError, serve
from lindero.app.serving.streamlit_host.inside import FRAME
from tests import http_answer, small_map

PAGES = ["/", "/health", f"{assets.PREFIX}map.js", "/tiles/map/9/149/270", "/_stcore/health", "/nothing/here"]


@pytest.fixture(scope="module")
def build_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workspace") / "build"
    small_map.publish(folder)
    return folder


@pytest.fixture(scope="module")
def server(build_folder):
    with small_map.serving(build_folder, anew=True) as address:
        yield address.removeprefix("http://")


ask = partial(http_answer.ask, Host="localhost")


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_keeps_the_browser_on_this_machine(server, path):
    headers = ask(server, path).headers
    policy = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))

    assert policy["default-src"] == policy["connect-src"] == policy["frame-ancestors"] == "'self'"
    assert not any("http" in sources or "*" in sources for sources in policy.values())
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["permissions-policy"].startswith("geolocation=(self), camera=()")
    assert headers.get("server") is None


def test_health_names_the_map(server, build_folder):
    answer = ask(server, "/health")

    assert answer.status == 200
    assert json.loads(answer.body)["map"] == json.loads((build_folder / "current.json").read_text())[
        "map"
    ].removesuffix(".duckdb")


def test_a_workspace_without_a_map_is_served_and_says_so(tmp_path):
    with small_map.serving(tmp_path) as address:
        server = address.removeprefix("http://")
        assert ask(server, "/health").status == 503
        assert ask(server, "/tiles/map/9/149/270").status == 503
        small_map.publish(tmp_path)
        assert ask(server, "/health").status == 200
        assert ask(server, "/tiles/map/9/149/270").status == 200


def test_another_name_for_this_machine_is_refused(server):
    assert ask(server, "/", Host="attacker.example").status == 400
    assert ask(server, "/tiles/map/9/149/270", Host="attacker.example:8501").status == 400
    assert ask(server, "/", Host="127.0.0.1:8501").status == 200


def test_tiles_come_compressed_and_stay_in_no_cache(server):
    answer = ask(server, "/tiles/map/9/149/270")

    assert answer.status == 200
    assert gzip.decompress(answer.body)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/tiles/map/9/0/0", 204),
        ("/tiles/base/9/0/0", 204),
        ("/tiles/map/99/0/0", 404),
        ("/media/none.json", 404),
        ("/feed/community/nothing.atom", 404),
        ("/health", 200),
    ],
)
def test_what_says_where_somebody_looked_stays_in_no_cache_also_if_it_is_empty(server, path, status):
    answer = ask(server, path)

    assert answer.status == status
    assert answer.headers.get_all("cache-control") == ["no-store"]


def test_the_background_is_there_without_network(server):
    answer = ask(server, "/tiles/base/5/9/16")

    assert answer.status == 200
    assert len(gzip.decompress(answer.body)) > 1000


def test_relief_is_an_image_also_where_there_is_none(server):
    hills, sea = ask(server, "/tiles/relief/6/18/33"), ask(server, "/tiles/relief/6/0/33")

    assert (hills.status, hills.headers["content-type"]) == (200, "image/webp")
    assert (sea.status, sea.headers["content-type"]) == (200, "image/png")
    assert len(hills.body) > 1000 > len(sea.body)


def test_an_empty_tile_is_said_to_be_empty(server):
    answer = ask(server, "/tiles/map/9/10/10")

    assert (answer.status, answer.body) == (204, b"")


@pytest.mark.parametrize("path", ["/tiles/map/2/4/0", "/tiles/map/2/0/4", "/tiles/map/40/0/0"])
def test_tiles_that_cannot_be_are_not_found(server, path):
    assert ask(server, path).status == 404


def test_streamlit_s_own_files_come_compressed(server):
    static = Path(streamlit.__file__).parent / "static" / "static" / "js"
    largest = max(static.glob("index.*.js"), key=lambda path: path.stat().st_size)

    answer = ask(server, f"/static/js/{largest.name}", **{"Accept-Encoding": "gzip"})

    assert gzip.decompress(answer.body) == largest.read_bytes()
    assert len(answer.body) < 0.5 * largest.stat().st_size


def test_the_map_s_files_are_asked_for_once_and_never_again(server):
    answer = ask(server, f"{assets.PREFIX}map.js", **{"Accept-Encoding": "gzip"})

    assert gzip.decompress(answer.body) == (assets.STATIC / "map.js").read_bytes()
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_the_map_s_frame_names_the_scripts_that_it_will_load(server):
    named = ask(server, f"{FRAME}index.html").headers["link"]

    assert [link.partition(">")[0].lstrip(" <") for link in named.split(",")] == [
        f"{offline_folium.ASSETS}{file}"
        for file in (
            "vendor/leaflet/leaflet.js",
            "vendor/protomaps-leaflet/protomaps-leaflet.js",
            "rules.js",
            "controls.js",
            "map.js",
        )
    ]
    assert all(link.endswith("; rel=preload; as=script") for link in named.split(","))


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../../app.py",
        "/static/%2e%2e/__init__.py",
        f"{assets.PREFIX}../server.py",
        f"{assets.PREFIX}..%2fserver.py",
    ],
)
def test_no_path_leads_out_of_the_served_folders(server, path):
    answer = ask(server, path, **{"Accept-Encoding": "gzip"})

    assert b"import " not in answer.body[:5000]


def test_a_taken_port_is_named(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortInUseError, match=rf"127\.0\.0\.1:{port} cannot be used .*--port"):
            serve(tmp_path, port=port)


def test_small_answers_do_not_wait_for_more(server):
    """With Nagle's algorithm on, an answer on a kept connection takes 40 ms."""
    connection = http.client.HTTPConnection(server, timeout=20)
    times = []
    for _ in range(15):
        began = time.perf_counter()
        connection.request("GET", "/health", headers={"Host": "localhost"})
        connection.getresponse().read()
        times.append(time.perf_counter() - began)
    connection.close()

    assert sorted(times)[7] < 0.03
