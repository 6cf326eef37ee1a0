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
from urllib.parse import urlencode

import pytest
import shapely

from lindero.app.answers.changes import alerts, events, watchlist
from lindero.app.answers.changes.register_changes import compare_all_snapshots
from lindero.app.answers.defaults import AlertShape
from lindero.app.watch.digest.send import ALERTS, display_recipient, send_outbox_message
from lindero.layers.database import map_database
from lindero.layers.errors import KeyNotGivenError
from lindero.layers.model.schema import CONCESSIONS
from lindero.layers.services.connection import http
from lindero.layers.watch import outbox
from lindero.layers.watch.outbox import SENT, TO_SEND, OutboxMessage
from tests.web_stub import QUICK

TOKEN, PROJECT = "s3cret-of-the-archive", "y" * 52
PATH = f"/projects/{PROJECT}/remoteDetectionAlerts"
WATCHED = ["region/PE-CAJ"]
NOW = dt.datetime(2026, 1, 31, tzinfo=dt.UTC)
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
    return alerts.build_alerts(list_told(demonstration[1]))


def list_told(con):
    reports = [report for report in compare_all_snapshots(con) if report.after.is_current]
    told = [event for report in reports for event in events.list_change_events(con, report)]
    return events.filter_events(con, told, WATCHED)


@pytest.fixture
def token_file(tmp_path):
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    file.chmod(0o600)
    return file


@pytest.fixture
def send(token_file, monkeypatch, tmp_path, found):
    """Send alerts as the outbox does. Gives the message as it is stored then."""
    monkeypatch.delenv("LINDERO_COMAPEO_TOKEN", raising=False)
    monkeypatch.setattr(
        http, "HostClient", partial(http.HostClient, manners=QUICK)
    )  # a stub needs no rest between two requests

    def sent(url, *, given=found, scheme="comapeo+http", **options):
        options = {"token_file": token_file, **options}
        query = urlencode({name: value for name, value in options.items() if value})
        recipient = f"{scheme}://{url.removeprefix('http://')}?{query}"
        number = len(outbox.list_messages(tmp_path))
        message = OutboxMessage("Valle", f"2026-01-{number + 1:02}", recipient, "en", parts={ALERTS: json.dumps(given)})
        outbox.put_message(tmp_path, message)
        return send_outbox_message(tmp_path, outbox.list_messages(tmp_path)[-1], None, NOW)

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


def test_alerts_are_sent_once_however_often_a_message_is_repeated(send, found):
    with archive() as server:
        first = send(server.url)
        again = send(server.url, project=PROJECT)

    assert first.state == again.state == SENT
    assert [one["sourceId"] for one in server.held] == [one["sourceId"] for one in found]


def test_a_server_without_a_project_is_told(send):
    with archive(projects=()) as server:
        message = send(server.url)

    assert message.state == TO_SEND
    assert "127.0.0.1 has no project." in message.error


def test_what_a_broken_run_left_is_sent_by_the_next(send, found):
    with archive(fails_at=2) as server:
        broken = send(server.url)
        left = list(server.held)
    assert broken.state == TO_SEND  # it is certain what has arrived, so that it may be repeated
    assert "refused the request: 500" in broken.error
    assert len(left) == 2

    with archive() as server:
        server.held.extend(left)
        assert send(server.url).state == SENT
        assert len(server.held) == len(found)


def test_a_server_that_takes_points_alone_gets_points_on_the_ground(send, demonstration):
    _space, con = demonstration
    points = alerts.build_alerts(list_told(con), shape=AlertShape.POINT)
    with archive(points_alone=True) as server:
        assert send(server.url).state == TO_SEND
        assert send(server.url, given=points).state == SENT
        titles = map_database.read_layer(con, CONCESSIONS).set_index("id")
        for one in server.held:
            id_ = f"{one['sourceId'].split('/')[1]}/{one['metadata']['code']}"
            assert titles.geometry[id_].intersects(shapely.from_geojson(json.dumps(one["geometry"])).buffer(1e-6))


@pytest.mark.parametrize(
    ("path", "told"), [("", "401"), ("/elsewhere", "does not answer|refused the request: 404|401")]
)
def test_a_refusal_is_told_without_the_token(send, tmp_path, path, told):
    wrong = tmp_path / "wrong"
    wrong.write_text("another-token")
    wrong.chmod(0o600)
    with archive() as server:
        message = send(f"{server.url}{path}", token_file=wrong)

    assert re.search(told, message.error)
    assert "another-token" not in message.error
    assert "token" not in display_recipient(message.recipient)
    assert not server.held


def test_a_token_is_needed_and_goes_encrypted_unless_the_channel_says_otherwise(send, monkeypatch):
    with archive() as server:
        with pytest.raises(KeyNotGivenError):
            send(server.url, token_file="")
        monkeypatch.setattr("lindero.app.watch.digest.send._read_variable", {"LINDERO_COMAPEO_TOKEN": TOKEN}.get)
        assert send(server.url, token_file="", scheme="comapeo").state == TO_SEND
        assert not server.asked
        assert send(server.url, token_file="").state == SENT
        assert server.held
