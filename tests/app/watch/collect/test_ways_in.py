"""One guard for a register, whichever way a newer file comes in: what is not complete never becomes a change."""

import datetime as dt
import json
from contextlib import closing

import pytest

from lindero.app.answers.changes.events import list_register_events
from lindero.app.answers.changes.register_changes import compare_all_snapshots
from lindero.app.answers.coverage.health import SNAPSHOT_PUT_ASIDE
from lindero.app.builder import build as builder
from lindero.app.builder.add import upload_worker
from lindero.app.builder.build import build_map
from lindero.app.builder.services import fetch_layer
from lindero.app.commands.workspace import add_flow
from lindero.app.media.pages.upload import ReceivedFile, accept_upload, plan_upload
from lindero.layers.database import map_database
from lindero.layers.workspace.manifest_file import load_workspace
from lindero.layers.workspace.source_options import SourceOptions
from tests.amount import amount
from tests.app.watch.collect import test_traps
from tests.app.watch.collect.test_traps import (
    FIRST,
    HURRIED,
    REGISTERS,
    ROWS,
    changed,
    check,
    dates,
    moved,
    title,
    without,
)
from tests.files import Files, collection, text

site, space, stub, rows = test_traps.site, test_traps.space, test_traps.stub, test_traps.rows  # fixtures
TODAY = FIRST.date()
TRAPS = {name: spoil for name, (spoil, _result, _reason) in REGISTERS.items()} | {
    "no rows": lambda _rows: [],
    "a third of the rows": lambda rows: rows[: ROWS // 3],
    "another region": lambda _rows: moved([title(ROWS + number) for number in range(1, ROWS + 1)], 1.5),
    "no codes": lambda rows: without(rows, "CODIGOU"),
    "lost zeros": lambda rows: changed(rows, lambda old: {"CODIGOU": old["CODIGOU"].lstrip("0")}),
    "points": lambda rows: [
        {**row, "geometry": {"type": "Point", "coordinates": row["geometry"]["coordinates"][0][0]}} for row in rows
    ],
    "words that are not known": lambda rows: changed(rows, lambda _: {"D_ESTADO": "En otro libro"}),
}


@pytest.fixture
def run(typed, monkeypatch, space):
    monkeypatch.setenv("LINDERO_WORKSPACE", str(space.folder))
    hurried = lambda *given, **named: fetch_layer(*given, **{**named, "manners": HURRIED})  # noqa: E731
    monkeypatch.setattr(add_flow, "fetch_layer", hurried)
    for module in (add_flow, builder, upload_worker):
        monkeypatch.setattr(module, "local_today", lambda: TODAY)
    return lambda *said: typed(*said, key=None)


@pytest.fixture
def received(tmp_path):
    return lambda rows: text(tmp_path / "second" / "minas.geojson", collection(rows))


NEWER = ("--id", "minas", "--snapshot-on", TODAY.isoformat())


def add(run, _space, _stub, path, *more):
    return run("add", path, *NEWER, "--yes", *more)[0] == 0


def fetch(run, _space, stub, path, *more):
    stub.features = json.loads(path.read_text())["features"]
    return run("fetch", "minas", "--allow-private", "--yes", *more)[0] == 0


def watch(_run, space, stub, path):
    stub.features = json.loads(path.read_text())["features"]
    found = check(space)
    return found.result == "complete" and not found.aside


def plan(space, path):
    options = SourceOptions(id="minas", snapshot_on=TODAY.isoformat())
    return plan_upload(ReceivedFile(path.name, path.read_bytes()), options, space, ())


def page(_run, space, _stub, path):
    planned = plan(space, path)
    if planned.outline is None or planned.outline.doubt[0]:
        return False
    accept_upload(ReceivedFile(path.name, path.read_bytes()), planned.outline, space)
    return True


def build(_run, space, _stub, path):
    """Put the file into the manifest by hand, and build."""
    files = Files.__new__(Files)
    files.space, files.folder = space, space.folder
    entry = {"id": "minas", "mapping": "ingemmet", "snapshot_on": TODAY.isoformat(), "comparable": False}
    files.add("concessions", path, **entry)
    result = build_map(load_workspace(space.folder))
    with closing(map_database.connect(result.path)) as con:
        findings = map_database.read_table(con, "findings")
        return SNAPSHOT_PUT_ASIDE not in set(findings["finding"])


def changes(run, space, stub, path):
    """Ask what changed after such a build."""
    build(run, space, stub, path)
    code, out, err = run("changes", "--since", "2026-01-01")
    return code == 0 or "no source has an earlier snapshot" not in out + err


def told(space):
    """Count the changes that the map tells."""
    with closing(map_database.connect(build_map(load_workspace(space.folder)).path)) as con:
        reports = compare_all_snapshots(con)
        return sum(len(report.rows) for report in reports), len(list_register_events(con, None, TODAY))


WAYS = (add, fetch, watch, page, build, changes)


CASES = [(way, trap) for way in WAYS for trap in TRAPS if trap != "no rows" or way not in {build, changes}]
assert len(CASES) == len(WAYS) * len(TRAPS) - 2  # a build of a file without rows fails as a whole


@pytest.mark.parametrize(("way", "trap"), amount(CASES[::3], CASES))
def test_a_file_that_is_not_the_whole_register_is_no_change(run, space, stub, rows, received, way, trap):
    is_accepted = way(run, space, stub, received(TRAPS[trap](rows)))

    assert not is_accepted
    if way in {build, changes}:
        assert told(space) == (0, 0)
    else:
        assert dates(space) == ["2026-01-01"]


@pytest.mark.parametrize("way", WAYS)
def test_the_next_register_is_accepted_by_each_way(run, space, stub, rows, received, way):
    newer = received([*rows[1:], title(ROWS + 1)])

    assert way(run, space, stub, newer)
    assert len(dates(space)) == 2
    assert told(space)[0] == 2


@pytest.mark.parametrize("way", [add, fetch])
def test_a_smaller_register_is_accepted_on_request(run, space, stub, rows, received, way):
    assert way(run, space, stub, received(rows[:20]), "--accept-fewer")
    assert told(space)[0] == 40


def test_the_reason_is_told_where_nobody_can_be_asked(run, received, rows):
    code, _out, err = run("add", received(rows[:20]), *NEWER, "--yes")

    assert code == 1
    assert "has 20 rows and the accepted snapshot 60" in err
    assert "--accept-fewer" in err


def test_a_file_of_the_manifest_is_on_the_map_once_a_person_says_so(run, space, stub, received, rows):
    assert not build(run, space, stub, received(rows[:20]))
    printed = "".join(run("build")[1:])
    assert "Not on the map: the file of minas of 2026-02-02. The new file has 20 rows" in printed
    assert "write comparable = true below its date in lindero.toml; if not, run `lindero remove minas@" in printed
    assert "Not on the map: the file of minas" in run("doctor", space.folder)[1]
    manifest = space.folder / "lindero.toml"
    manifest.write_text(manifest.read_text() + "comparable = true\n")

    assert told(space)[0] == 40


def test_a_register_may_have_another_form_after_years(run, space, received, rows):
    later = [*without(rows[:10], "D_ESTADO"), *(title(ROWS + number) for number in range(1, 90))]
    day = (FIRST + dt.timedelta(days=365 * 5)).date().isoformat()

    assert run("add", received(later), "--id", "minas", "--snapshot-on", day, "--yes")[0] == 0
    assert dates(space) == ["2026-01-01", day]


def test_an_older_file_is_compared_with_the_next_one(run, space, received, rows):
    older = received(TRAPS["another region"](rows))

    code, _out, err = run("add", older, "--id", "minas", "--snapshot-on", "2025-06-01", "--yes")
    assert code == 1
    assert "The snapshot of January 1, 2026, which is in the workspace, does not continue this file of June 1" in err
    assert dates(space) == ["2026-01-01"]


def test_a_file_between_two_is_compared_with_both(run, space, received, rows):
    assert run("add", received(rows), *NEWER, "--yes")[0] == 0
    more = received([*rows, *(title(ROWS + number) for number in range(1, 90))])

    assert run("add", more, "--id", "minas", "--snapshot-on", "2026-01-15", "--yes")[0] == 1
    assert dates(space) == ["2026-01-01", TODAY.isoformat()]


def test_the_file_after_an_accepted_one_is_compared_again(run, received, rows):
    assert run("add", received(rows[:20]), *NEWER, "--accept-fewer")[0] == 0

    assert run("add", received(rows[:5]), "--id", "minas", "--snapshot-on", "2026-02-03", "--yes")[0] == 1
    assert run("add", received(rows[:20]), "--id", "minas", "--snapshot-on", "2026-02-03", "--yes")[0] == 0
