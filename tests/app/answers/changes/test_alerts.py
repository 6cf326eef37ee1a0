"""
Alerts go to a CoMapeo archive server. npm has no `@comapeo/cloud`: the server here is a stub that holds each request to what
digidem/comapeo-cloud publishes (src/routes.js and src/schemas.js of 2025, and the outlines of the newer docs/remote-archive-api-spec.md).
"""

import datetime as dt
import json
import re
import threading
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
import shapely

from lindero.app.answers.changes import alerts, events, watchlist
from lindero.app.answers.changes.register_changes import compare_all_snapshots
from lindero.app.answers.defaults import AlertShape
from lindero.layers.database import map_database
from lindero.layers.model.schema import CONCESSIONS
from lindero.layers.services.connection import http
from tests.web_stub import QUICK

TOKEN, PROJECT = "s3cret-of-the-archive", "y" * 52
PATH = f"/projects/{PROJECT}/remoteDetectionAlerts"
WATCHED = ["region/PE-CAJ"]
PLAIN = (bool, int, float, str, type(None))


def fault_of(alert, *, points_alone):
    """What the published schema finds wrong with an alert; empty if nothing."""
    for name in ("detectionDateStart", "detectionDateEnd"):
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", str(alert.get(name))):
            return name
        dt.datetime.fromisoformat(alert[name])
    if not isinstance(alert.get("sourceId"), str) or not alert["sourceId"]:
        return "sourceId"
    metadata = alert.get("metadata")
    values = metadata.values() if isinstance(metadata, dict) else [{}]
    if any(not isinstance(each, PLAIN) for value in values for each in (value if isinstance(value, list) else [value])):
        return "metadata"
    kinds = {"Point"} if points_alone else {"Point", "LineString", "Polygon", "MultiPolygon"}
    geometry = alert.get("geometry") or {}
    if geometry.get("type") not in kinds:
        return "geometry"
    vertices = shapely.get_coordinates(shapely.from_geojson(json.dumps(geometry)))
    return "" if ((abs(vertices) <= (180, 90)).all()) else "coordinates"


def taken(held, alert, *, points_alone, most):
    """Add an alert to those held, as the server does; gives the status and what is said."""
    if fault := fault_of(alert, points_alone=points_alone):
        return 400, {"error": {"code": "BAD_REQUEST", "message": f"body/{fault}"}}
    if len(held) >= most:
        return 500, {"error": {"code": "ERROR", "message": "Server error"}}
    held.append({"docId": f"{len(held)}", "deleted": False, **alert})
    return 201, ""


@contextmanager
def archive(*, points_alone=False, fails_at=10_000, projects=({"projectId": PROJECT, "name": "Monitoreo"},)):
    """An archive server, by default of one project; gives its address, the alerts it holds and the requests made."""
    held, asked = [], []

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, status, value):
            body = b"" if value == "" else json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _refused(self):
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                return 401, {"error": {"code": "UNAUTHORIZED", "message": "Unauthorized"}}
            if self.path not in {"/projects", PATH}:
                return 404, {"error": {"code": "PROJECT_NOT_FOUND", "message": "Project not found"}}
            return None

        def do_GET(self):
            asked.append(("GET", self.path))
            self._answer(*(self._refused() or (200, {"data": list(projects) if self.path == "/projects" else held})))

        def do_POST(self):
            asked.append(("POST", self.path))
            alert = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(*(self._refused() or taken(held, alert, points_alone=points_alone, most=fails_at)))

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield SimpleNamespace(url=f"http://127.0.0.1:{server.server_port}", held=held, asked=asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def found(demonstration):
    _space, con = demonstration
    reports = [report for report in compare_all_snapshots(con) if report.after.is_current]
    told = [event for report in reports for event in events.list_change_events(con, report)]
    return alerts.build_alerts(events.filter_events(con, told, WATCHED))


@pytest.fixture
def token_file(tmp_path):
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    file.chmod(0o600)
    return file


@pytest.fixture
def send(demonstration, typed, token_file, monkeypatch):
    monkeypatch.delenv("LINDERO_COMAPEO_TOKEN", raising=False)
    monkeypatch.setattr(
        http, "HostClient", partial(http.HostClient, manners=QUICK)
    )  # a stub needs no rest between two requests
    space, _con = demonstration

    def sent(url, *options, token=("--token-file", token_file)):
        return typed("alerts", *WATCHED, "--comapeo", url, "--workspace", space, "--allow-private", *token, *options)

    return sent


def test_each_alert_is_a_new_or_changed_concession_of_the_watched_ground(demonstration, found):
    _space, con = demonstration
    report = next(
        one for one in compare_all_snapshots(con) if one.after.is_current and one.after.layer == CONCESSIONS.name
    )
    rows = report.rows[watchlist.is_watched_change(report, watchlist.find_watched_places(con, WATCHED))]
    told = rows[rows["change"].isin(alerts.REPORTED_KINDS)].drop_duplicates(["before_id", "after_id"])

    assert len(found) == len(told) > 0
    assert {one["metadata"]["alert_type"] for one in found} == {f"concession_{one}" for one in told["change"]}
    assert len({one["sourceId"] for one in found}) == len(found)
    assert not any(fault_of(one, points_alone=False) for one in found)


def test_no_alert_tells_of_people(demonstration, found):
    titles = map_database.read_layer(demonstration[1], CONCESSIONS)
    written = json.dumps(found, ensure_ascii=False)

    assert not [holder for holder in titles["holder"].dropna().unique() if holder in written]
    assert "holder" not in {name for one in found for name in one["metadata"]}


def test_what_would_be_sent_is_shown_and_nothing_is_asked_of_the_server(send, found):
    with archive() as server:
        code, out, err = send(server.url, token=())

    assert code == 0
    shown = json.loads(out)["alerts"]
    assert [(one["sourceId"], one["geometry"]) for one in shown] == [
        (one["sourceId"], one["geometry"]) for one in found
    ]
    assert "Nothing was sent" in err
    assert not server.asked
    assert not server.held


def test_alerts_are_sent_once_however_often_it_is_asked(send, found):
    with archive() as server:
        first = send(server.url, "--send")
        again = send(server.url, "--send", "--project", PROJECT)

    assert first[0] == again[0] == 0
    assert [one["sourceId"] for one in server.held] == [one["sourceId"] for one in found]
    assert f"Alerts sent to the project {PROJECT} at 127.0.0.1: {len(found)}. Already there: 0." in first[2]
    assert f"Alerts sent to the project {PROJECT} at 127.0.0.1: 0. Already there: {len(found)}." in again[2]


def test_a_server_without_a_project_is_told_and_no_choice_is_asked_for(send):
    with archive(projects=()) as server:
        code, _out, err = send(server.url, "--send")

    assert code == 1
    assert "127.0.0.1 has no project." in err
    assert "--project" not in err


@pytest.mark.parametrize("words", [("--comapeo", "https://archive.example.org"), (*WATCHED, "--send")])
def test_alerts_without_places_or_a_server_are_refused(demonstration, typed, words):
    code, out, err = typed("alerts", *words, "--workspace", demonstration[0])

    assert (code, out) == (2, "")
    assert "need the places to watch and --comapeo" in " ".join(err.split())


def test_what_a_broken_run_left_is_sent_by_the_next(send, found):
    with archive(fails_at=2) as server:
        code, _out, err = send(server.url, "--send")
        left = list(server.held)
    assert code == 1
    assert "refused the request: 500" in err
    assert len(left) == 2

    with archive() as server:
        server.held.extend(left)
        assert send(server.url, "--send")[0] == 0
        assert len(server.held) == len(found)


def test_a_server_that_takes_points_alone_gets_points_on_the_ground(send, demonstration):
    with archive(points_alone=True) as server:
        assert send(server.url, "--send")[0] == 1
        assert send(server.url, "--send", "--shape", "point")[0] == 0
        titles = map_database.read_layer(demonstration[1], CONCESSIONS).set_index("id")
        for one in server.held:
            id_ = f"{one['sourceId'].split('/')[1]}/{one['metadata']['code']}"
            assert titles.geometry[id_].intersects(shapely.from_geojson(json.dumps(one["geometry"])).buffer(1e-6))
    assert AlertShape.POINT == "point"


@pytest.mark.parametrize(
    ("path", "told"), [("", "401"), ("/elsewhere", "does not answer|refused the request: 404|401")]
)
def test_a_refusal_is_told_without_the_token(send, tmp_path, path, told):
    wrong = tmp_path / "wrong"
    wrong.write_text("another-token")
    wrong.chmod(0o600)
    with archive() as server:
        code, out, err = send(f"{server.url}{path}", "--send", token=("--token-file", wrong))

    assert code == 1
    assert re.search(told, err)
    assert "another-token" not in out + err
    assert not server.held


def test_a_token_is_needed_is_no_argument_and_goes_encrypted_or_at_home(demonstration, typed, send, monkeypatch):
    space, _con = demonstration
    with archive() as server:
        assert "no token was given" in send(server.url, "--send", token=())[2]
        monkeypatch.setenv("LINDERO_COMAPEO_TOKEN", TOKEN)
        code, _out, err = typed("alerts", *WATCHED, "--comapeo", server.url, "--workspace", space, "--send")
        assert code == 1
        assert "only over https://" in err
        assert not server.asked
        assert send(server.url, "--send", token=())[0] == 0
        assert server.held
