"""What comes from a register is accepted as a whole, or the previous snapshot stays and the operator is told why."""

import datetime as dt
import json
from contextlib import suppress
from email.utils import format_datetime
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from shapely.affinity import translate

from lindero.app.answers.coverage.health import list_health, reason_text
from lindero.app.text import i18n
from lindero.app.watch.collect import collect
from lindero.app.watch.collect.aside import accept_aside, discard_aside, read_aside
from lindero.app.watch.collect.collect import collect_sources
from lindero.app.watch.collect.folder_files import match_files
from lindero.layers.errors import ClockError, EntryError
from lindero.layers.services.connection.http import RequestSettings
from lindero.layers.watch.source_checks import read_checks
from lindero.layers.workspace.manifest_file import load_workspace
from lindero.layers.workspace.manifest_tables import remove_source
from tests.app.builder.test_fetching import offered
from tests.files import Files, collection, feature, geojson, square, text
from tests.web_stub import Answered, Cadastre, said, serving

FIRST = dt.datetime(2026, 2, 2, 6, 0, tzinfo=dt.UTC)
NEXT = FIRST + dt.timedelta(days=7)
NOW = [FIRST]  # the server's time: that of the last check
HURRIED = RequestSettings(tries=2, first_pause_s=0.001, between_s=0.0, connect_s=5.0, silence_s=5.0)
ROWS = 60


def title(number, **changed):
    """A concession as INGEMMET's server gives it."""
    properties = {
        "OBJECTID": number,
        "CODIGOU": f"0100{number:04}26",
        "CONCESION": f"Peñón Ñandú {number}",
        "TIT_CONCES": "Compañía Minera Sánchez",
        "D_ESTADO": "D.M. Titulado D.L. 708",
        "SUSTANCIA": "M",
        "HECTAGIS": 120.0,
        "FEC_DENU": 1_262_304_000_000 + number * 86_400_000,
        **changed,
    }
    return {"id": number, **feature(properties, square(number % 20, number // 20))}


@pytest.fixture
def rows():
    return [title(number) for number in range(1, ROWS + 1)]


@pytest.fixture
def stub(rows):
    return Cadastre(rows, most=20)


@pytest.fixture
def site(stub):
    """A server whose answers a test may replace; its clock differs from that of the check by `ahead`."""
    state = {"answer": stub, "ahead": dt.timedelta()}
    NOW[0] = FIRST

    def answer(*asked):
        return state["answer"](*asked)

    with serving(answer, date=lambda: format_datetime(NOW[0] + state["ahead"], usegmt=True)) as (address, asked):
        yield state, address, asked


@pytest.fixture
def space(tmp_path, rows, site):
    files = Files(tmp_path / "space")
    received = text(tmp_path / "first" / "minas.geojson", collection(rows))
    files.add("concessions", received, id="minas", service="arcgis", url=site[1] + Cadastre.PATH, mapping="ingemmet")
    return files.space


def check(space, now=FIRST, **given):
    """Check the source `minas` once."""
    NOW[0] = now
    (found,) = collect_sources(load_workspace(space.folder), now=now, allow_private=True, manners=HURRIED, **given)
    return found


def dates(space):
    return [entry.snapshot_on for entry in load_workspace(space.folder).sources if entry.id == "minas"]


def is_kept(space, found):
    """Whether the accepted snapshot stayed alone, and the check says that it was not replaced."""
    return dates(space) == ["2026-01-01"] and found.failures == 1 and found.complete_at.date() == dt.date(2026, 1, 1)


def test_a_complete_change_is_a_snapshot_and_the_same_again_is_none(space, stub, rows):
    stub.features = [*rows[1:], title(ROWS + 1)]
    first = check(space)
    again = check(space, NEXT)

    assert dates(space) == ["2026-01-01", "2026-02-02"]
    assert (first.result, first.rows_expected, first.rows_received, first.reason) == ("complete", ROWS, ROWS, "")
    assert first.newest_on == dt.date(2010, 3, 3)
    assert (again.result, again.checked_at, again.complete_at) == ("complete", NEXT, NEXT)
    assert again.newest_on == first.newest_on
    assert read_checks(space.folder) == {"minas": again}
    assert not list(space.folder.glob("files/.coming/*"))


# What a server may answer instead of the register. Nothing of it is a snapshot, and nothing is put aside.


def in_pages(spoil):
    """Change the answers that hold rows."""
    return lambda answer, _params: spoil(answer) if answer.get("features") else answer


PAGE = Answered(b"<!DOCTYPE html><html><title>Iniciar sesion</title><form></form></html>")
GONE = {"error": {"code": 404, "message": "Layer not found", "details": []}}
TOKEN = {"error": {"code": 498, "message": "Invalid token.", "details": []}}
FAULT = {"error": {"code": 400, "message": "Failed to execute query.", "details": []}}
SERVERS = {
    "a login page": (lambda *_: PAGE, "refused", "does not answer in JSON"),
    "an error with status 200": (lambda *_: said(FAULT), "refused", "Failed to execute query"),
    "an expired token with status 200": (lambda *_: said(TOKEN), "refused", "requires an account"),
    "an expired token": (lambda *_: Answered(status=401), "refused", "requires an account"),
    "a forbidden layer": (lambda *_: Answered(status=403), "refused", "requires an account"),
    "a layer that is gone": (lambda *_: Answered(status=404), "closed", "404"),
    "a layer that is gone for good": (lambda *_: Answered(status=410), "closed", "410"),
    "a layer that is gone, with status 200": (lambda *_: said(GONE), "closed", "Layer not found"),
    "a server that fails": (lambda *_: Answered(status=503), "unreachable", "503"),
    "a connection that breaks": (lambda *_: Answered(b"{" * 99, cut=True), "unreachable", "complete answer"),
}


@pytest.mark.parametrize("server", SERVERS)
def test_an_answer_without_the_register_leaves_the_previous_snapshot(space, site, server):
    site[0]["answer"], result, reason = SERVERS[server]
    found = check(space)

    assert is_kept(space, found)
    assert (found.result, found.aside, read_aside(space, "minas")) == (result, "", None)
    assert reason in reason_text(found)


PAGES = {
    "an empty list": (lambda stub: setattr(stub, "features", []), "empty", "no rows"),
    "pages that stop": (
        lambda stub: setattr(stub, "drops", set(range(3, 99))),
        "incomplete",
        "did not send a complete answer",
    ),
    "a page that was cut off": (
        lambda stub: setattr(stub, "spoil", in_pages(lambda answer: {**answer, "features": answer["features"][:-1]})),
        "incomplete",
        "would be incomplete",
    ),
    "a repeated page": (
        lambda stub: setattr(stub, "spoil", in_pages(lambda answer: {**answer, "features": stub.first})),
        "incomplete",
        "rows twice",
    ),
    "a token that expires in between": (
        lambda stub: setattr(
            stub, "spoil", lambda answer, params: TOKEN if "OBJECTID >" in params.get("where", "") else answer
        ),
        "refused",
        "requires an account",
    ),
}


@pytest.mark.parametrize("trap", PAGES)
def test_pages_that_are_not_the_whole_register_leave_the_previous_snapshot(space, stub, rows, trap):
    spoil, result, reason = PAGES[trap]
    described = stub.description()
    stub.first, stub.description = rows[:20], lambda: described
    spoil(stub)
    found = check(space)

    assert is_kept(space, found)
    assert (found.result, found.aside) == (result, "")
    assert reason in reason_text(found)


def test_a_portal_that_vanished_is_unreachable(space, site):
    manifest = space.folder / "lindero.toml"
    manifest.write_text(manifest.read_text().replace(site[1], "http://portal.invalid"))
    found = check(space)

    assert is_kept(space, found)
    assert found.result == "unreachable"


def test_a_register_that_its_publisher_switched_off_is_not_asked(space, site, monkeypatch):
    offered(monkeypatch, "ingemmet-catastro", site[1] + Cadastre.PATH, access="decommissioned")
    found = check(space)

    assert (found.result, site[2]) == ("closed", [])
    assert is_kept(space, found)


def test_an_exception_report_of_a_wfs_is_refused(space, site):
    manifest = space.folder / "lindero.toml"
    manifest.write_text(manifest.read_text().replace('"arcgis"', '"wfs"'))
    report = b'<ExceptionReport xmlns="http://www.opengis.net/ows/1.1"><Exception exceptionCode="X"/></ExceptionReport>'
    site[0]["answer"] = lambda *_: Answered(report, headers={"Content-Type": "text/xml"})

    assert check(space).result == "refused"


# A complete answer that is not the same register any more. It is put aside, and the operator decides.


def changed(rows, change):
    return [{**row, "properties": {**row["properties"], **change(row["properties"])}} for row in rows]


def moved(rows, columns):
    """The rows of another datum: all are some 300 m from where they were."""
    return [
        {**row, "geometry": json.loads(shapely.to_geojson(translate(shapely.geometry.shape(row["geometry"]), columns)))}
        for row in rows
    ]


def doubled(rows):
    again = [copied(row, OBJECTID=row["properties"]["OBJECTID"] + 1_000) for row in rows]
    return [*rows, *again]


def copied(row, **changed):
    return {**row, "id": changed["OBJECTID"], "properties": {**row["properties"], **changed}}


def without(rows, name):
    return [{**row, "properties": {k: v for k, v in row["properties"].items() if k != name}} for row in rows]


REGISTERS = {
    "fewer rows": (lambda rows: rows[: ROWS * 4 // 5], "incomplete", "has 48 rows and the accepted snapshot 60"),
    "another part of the register": (
        lambda rows: [*rows[20:], *(title(ROWS + number) for number in range(1, 21))],
        "complete",
        "20 of 60 records of the accepted snapshot are missing",
    ),
    "another schema": (lambda rows: without(rows, "TIT_CONCES"), "complete", "no longer has the fields TIT_CONCES"),
    "a doubled layer": (doubled, "incomplete", "60 of 120 rows are repeated"),
    "a page sent twice with other numbers": (
        lambda rows: [*rows, *(copied(row, OBJECTID=row["properties"]["OBJECTID"] + 1_000) for row in rows[:20])],
        "incomplete",
        "20 of 80 rows are repeated",
    ),
    "another datum": (lambda rows: moved(rows, 0.003), "complete", "rows moved"),
    "another encoding": (
        lambda rows: changed(rows, lambda old: {"CONCESION": old["CONCESION"].encode().decode("cp1252")}),
        "complete",
        "another encoding: Peñón Ñandú",
    ),
    "lost letters": (
        lambda rows: changed(rows, lambda old: {"TIT_CONCES": old["TIT_CONCES"].encode("ascii", "replace").decode()}),
        "complete",
        "another encoding: Compañía Minera Sánchez has become Compa??a",
    ),
    "renumbered codes": (
        lambda rows: changed(rows, lambda old: {"CODIGOU": f"PE-{old['CODIGOU']}"}),
        "complete",
        "the register was renumbered",
    ),
    "another data set": (
        lambda rows: moved(changed(rows, lambda old: {"CODIGOU": f"PE-{old['CODIGOU']}"}), 0.5),
        "complete",
        "another generation or another data set",
    ),
    "an emptied column": (
        lambda rows: changed(rows, lambda _: {"TIT_CONCES": None}),
        "complete",
        "columns have become empty: holder",
    ),
    "an older edition": (
        lambda rows: changed(rows, lambda old: {"FEC_DENU": old["FEC_DENU"] - 100 * 86_400_000}),
        "complete",
        "an older edition",
    ),
}


@pytest.mark.parametrize("trap", REGISTERS)
def test_a_register_that_cannot_be_compared_is_put_aside(space, stub, rows, trap):
    spoil, result, reason = REGISTERS[trap]
    stub.features = spoil(rows)
    found = check(space)

    assert is_kept(space, found)
    assert (found.result, found.aside) == (result, "2026-02-02")
    assert reason in reason_text(found)
    assert read_aside(space, "minas").path.is_file()


def test_another_generation_or_product_is_put_aside(tmp_path, rows, stub, site):
    rows = changed(rows, lambda _: {"PRODUCTO": "t_main", "VERSION": "2025"})
    files = Files(tmp_path / "space")
    received = text(tmp_path / "first" / "minas.geojson", collection(rows))
    files.add("concessions", received, id="minas", service="arcgis", url=site[1] + Cadastre.PATH, mapping="ingemmet")
    stub.features = changed(rows, lambda _: {"PRODUCTO": "t_iso"})
    found = check(files.space)

    assert is_kept(files.space, found)
    assert "The field PRODUCTO says t_iso; in the accepted snapshot it says t_main" in reason_text(found)


def test_points_in_place_of_polygons_are_put_aside(space, stub, rows):
    stub.features = [
        {**row, "geometry": {"type": "Point", "coordinates": row["geometry"]["coordinates"][0][0]}} for row in rows
    ]
    found = check(space)

    assert is_kept(space, found)
    assert "polygons have become points" in reason_text(found)


def test_a_newest_date_that_was_an_error_may_go(space, stub, rows):
    rows[0]["properties"]["FEC_DENU"] = 1_750_000_000_000
    stub.features = rows
    assert check(space).newest_on == dt.date(2025, 6, 15)
    stub.features = rows[1:]

    assert check(space, NEXT).newest_on == dt.date(2010, 3, 2)


@pytest.mark.parametrize("lost", [1, 6])
def test_a_tenth_of_the_rows_may_go(space, stub, rows, lost):
    stub.features = rows[lost:]

    assert (check(space).result, dates(space)) == ("complete", ["2026-01-01", "2026-02-02"])


def test_what_was_put_aside_is_accepted_by_the_operator(space, stub, rows):
    stub.features = REGISTERS["renumbered codes"][0](rows)
    check(space)
    changed_space = accept_aside(load_workspace(space.folder), "minas")
    stored = read_checks(space.folder)["minas"]

    assert dates(space) == ["2026-01-01", "2026-02-02"]
    assert changed_space.sources[-1].service == "arcgis"
    assert (stored.result, stored.aside, stored.failures, stored.complete_at) == ("complete", "", 0, FIRST)
    assert read_aside(space, "minas") is None
    assert check(space, NEXT).result == "complete"
    assert len(dates(space)) == 2


def test_what_was_put_aside_is_discarded_and_asked_for_again(space, stub, rows):
    stub.features = rows[:40]
    check(space)
    discard_aside(space, "minas")

    assert read_checks(space.folder)["minas"].aside == ""
    assert read_aside(space, "minas") is None
    with pytest.raises(EntryError, match="no snapshot of the source minas"):
        accept_aside(space, "minas")
    stub.features = rows[1:]
    assert check(space, FIRST + dt.timedelta(days=1)).result == "complete"


def test_a_register_that_is_mended_ends_what_was_put_aside(space, stub, rows):
    stub.features = rows[:40]
    first = check(space)
    waiting = check(space, NEXT)
    stub.features = rows[1:]
    mended = check(space, NEXT + dt.timedelta(days=7))

    assert (first.failures, waiting.failures, waiting.aside, waiting.reason) == (1, 2, first.aside, first.reason)
    assert (mended.result, mended.aside, mended.failures, mended.reason) == ("complete", "", 0, "")
    assert read_aside(space, "minas") is None
    assert dates(space) == ["2026-01-01", "2026-02-16"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, ("El archivo nuevo tiene 40 filas y el anterior 60", "10.0%")),
        (lambda *_: Answered(status=503), ("no envió una respuesta completa", "503")),
    ],
    ids=["aside", "failed"],
)
def test_a_reason_is_read_in_the_language_of_its_reader(space, site, stub, rows, answer, said):
    stub.features = rows[:40]
    site[0]["answer"] = answer or stub
    i18n.set_language("en")
    check(space)
    i18n.set_language("es")
    (source,) = list_health(space.folder, FIRST)

    for part in said:
        assert part in source.reason


def test_a_file_that_waits_is_recognised_after_the_server_was_away(space, site, stub, rows):
    stub.features = rows[:40]
    first = check(space)
    site[0]["answer"] = lambda *_: Answered(status=503)
    away = check(space, NEXT)
    site[0]["answer"] = stub
    back = check(space, NEXT + dt.timedelta(days=7))

    assert (away.result, away.aside) == ("unreachable", first.aside)
    assert (back.result, back.reason, back.aside) == (first.result, first.reason, first.aside)


def test_a_check_that_fails_is_counted_and_the_source_is_due_on_the_next_day(space, site, stub):
    site[0]["answer"] = lambda *_: Answered(status=503)
    counted = [check(space, FIRST + dt.timedelta(days=day)).failures for day in range(3)]
    site[0]["answer"] = stub
    stub.features = stub.features[1:]
    mended = check(space, FIRST + dt.timedelta(days=3))

    assert counted == [1, 2, 3]
    assert (mended.result, mended.failures) == ("complete", 0)
    assert collect_sources(load_workspace(space.folder), now=FIRST + dt.timedelta(days=4), allow_private=True) == []


def test_a_source_that_fails_does_not_stop_the_others(space, site, stub, rows):
    files = Files.__new__(Files)
    files.space, files.folder = space, space.folder
    gone = text(space.folder.parent / "other" / "otra.geojson", collection(rows))
    files.add(
        "concessions", gone, id="aaa", service="arcgis", url=site[1] + "/arcgis/X/MapServer/0", mapping="ingemmet"
    )
    stub.features = rows[1:]
    found = collect_sources(load_workspace(space.folder), now=FIRST, allow_private=True, manners=HURRIED)

    assert {one.source_id: one.result for one in found} == {"minas": "complete", "aaa": "closed"}


def test_a_run_that_was_killed_continues_with_the_pages_it_has(space, stub, site, rows):
    stub.features = rows[1:]
    stub.drops = set(range(4, 99))  # the count and two pages come
    assert check(space).result == "incomplete"
    stub.drops = set()
    site[2].clear()
    check(space, FIRST + dt.timedelta(days=1))

    assert [params["where"] for _, params, _ in site[2] if "outFields" in params] == ["OBJECTID > 41"]
    assert dates(space) == ["2026-01-01", "2026-02-03"]


@pytest.mark.parametrize("step", ["put_aside", "store_plan", "_store"])
@pytest.mark.parametrize("lost", [1, 30])
def test_a_run_killed_before_or_after_a_step_gives_the_same_result(space, stub, rows, monkeypatch, step, lost):
    stub.features = rows[lost:]
    done = getattr(collect, step)

    def killed(*given, **named):
        done(*given, **named)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, suppress(KeyboardInterrupt):
        patched.setattr(collect, step, killed)
        check(space)
    found = collect_sources(load_workspace(space.folder), now=FIRST, allow_private=True, manners=HURRIED)
    stored = read_checks(space.folder).get("minas")

    assert (dates(space)[1:], read_aside(space, "minas") is None) == (
        (["2026-02-02"], True) if lost == 1 else ([], False)
    )
    assert stored is None or stored.aside == ("" if lost == 1 else "2026-02-02")
    assert stored is None or found in ([], [stored])


# A wrong clock.


def die(*_given):
    """End the run where a function would be called, as a kill does."""
    raise KeyboardInterrupt


@pytest.mark.parametrize("is_refused", [False, True])
def test_a_run_that_was_killed_before_it_stored_its_check_ends_as_if_it_was_not(
    space, stub, rows, is_refused, monkeypatch
):
    stub.features = rows[:30]
    check(space)  # put aside
    stub.features = rows[:20] if is_refused else [*rows, title(ROWS + 1)]
    with monkeypatch.context() as patched:
        patched.setattr("lindero.app.watch.collect.collect.store_check", die)
        with pytest.raises(KeyboardInterrupt):
            check(space, NEXT)
    found = check(space, NEXT)

    assert (found.result, bool(found.aside)) == (("incomplete", True) if is_refused else ("complete", False))
    assert (found.rows_received, found.checked_at) == (20 if is_refused else ROWS + 1, NEXT)
    assert read_checks(space.folder) == {"minas": found}


def test_the_first_snapshot_that_is_put_aside_stays_aside_after_a_kill(space, stub, rows, monkeypatch):
    check(space)
    stub.features = rows[:20]
    with monkeypatch.context() as patched:
        patched.setattr("lindero.app.watch.collect.collect.store_check", die)
        with pytest.raises(KeyboardInterrupt):
            check(space, NEXT)
    found = check(space, NEXT)

    assert (found.result, found.aside, found.failures) == ("incomplete", NEXT.date().isoformat(), 1)
    assert read_aside(space, "minas")


def test_the_same_register_after_an_empty_answer_has_its_own_rows(space, stub, rows):
    stub.features = [*rows[1:], title(ROWS + 1)]
    check(space)
    good, stub.features = stub.features, rows[:20]
    check(space, NEXT)
    stub.features = good
    found = check(space, NEXT + dt.timedelta(days=7))

    assert (found.result, found.rows_received) == ("complete", ROWS)


def test_a_clock_before_the_newest_data_of_the_workspace_dates_nothing(space, stub, rows):
    stub.features = rows[1:]
    with pytest.raises(ClockError, match="already has data"):
        check(space, dt.datetime(2025, 12, 30, tzinfo=dt.UTC))

    assert (dates(space), read_checks(space.folder)) == (["2026-01-01"], {})


def test_a_clock_that_was_ahead_once_can_be_forgotten(space, stub, rows):
    stub.features = rows[1:]
    check(space, FIRST + dt.timedelta(days=3650))
    for remedy in ("delete ", "lindero remove "):
        with pytest.raises(ClockError) as stopped:
            check(space)
        assert f"it was wrong before: {remedy}" in str(stopped.value)
        if remedy == "delete ":
            Path(str(stopped.value).rpartition("delete ")[2].removesuffix(".")).unlink()
        else:
            source, _sign, day = str(stopped.value).rpartition(" ")[2].removesuffix(".").partition("@")
            remove_source(load_workspace(space.folder), source, snapshot_on=day)

    assert check(space).result == "complete"


@pytest.mark.parametrize("days", [2, -2, -1826])
def test_a_clock_that_differs_from_the_servers_clock_dates_nothing(space, site, stub, rows, days):
    stub.features = rows[1:]
    site[0]["ahead"] = dt.timedelta(days=days)
    with pytest.raises(ClockError, match=r"but the server 127\.0\.0\.1:"):
        check(space)

    assert (dates(space), read_checks(space.folder)) == (["2026-01-01"], {})


def test_an_answer_from_a_cache_is_dated_by_its_age(space, site, stub, rows):
    stub.features = rows[1:]
    site[0]["ahead"] = dt.timedelta(days=-3)
    site[0]["answer"] = lambda *asked: with_age(stub(*asked), days=3)

    assert check(space).result == "complete"


def with_age(answer, days):
    answer.headers["Age"] = f"{days * 86_400}"
    return answer


def test_a_run_asks_no_other_source_after_its_time_and_the_next_one_does(space, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(collect, "LONGEST_RUN_S", 0.0)
        late = collect_sources(load_workspace(space.folder), now=FIRST, allow_private=True, manners=HURRIED)

    assert (late, read_checks(space.folder)) == ([], {})
    assert check(space).result == "complete"


# A USB stick in place of the network.


def test_a_file_of_a_stick_follows_the_same_contract(space, tmp_path, rows, site):
    stick = tmp_path / "stick"
    text(stick / "minas.geojson", collection(rows[1:]))
    text(stick / "recibo.pdf", "receipt")
    found = check(space, from_folder=stick)
    text(stick / "minas.geojson", collection(rows[:30]))
    again = check(space, NEXT, from_folder=stick)

    assert (found.result, again.result, again.aside) == ("complete", "incomplete", "2026-02-09")
    assert dates(space) == ["2026-01-01", "2026-02-02"]
    assert site[2] == []
    assert match_files(space, stick) == ({"minas": stick / "minas.geojson"}, [stick / "recibo.pdf"])


@pytest.mark.parametrize(
    ("content", "result"),
    [
        (PAGE.body.decode(), "refused"),
        (json.dumps(FAULT), "refused"),
        (collection([]), "empty"),
        ("", "empty"),
        (collection([title(1)])[:-60], "incomplete"),
    ],
)
def test_a_file_without_the_register_is_refused_or_empty(space, tmp_path, content, result):
    text(tmp_path / "stick" / "minas.geojson", content)
    found = check(space, from_folder=tmp_path / "stick")

    assert is_kept(space, found)
    assert found.result == result


def test_another_reference_system_is_put_aside(space, tmp_path, rows):
    frame = gpd.GeoDataFrame.from_features(rows, crs="OGC:CRS84").to_crs("EPSG:32717")
    members = {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32717"}}}
    geojson(tmp_path / "stick" / "minas.geojson", frame, **members)
    found = check(space, from_folder=tmp_path / "stick")

    assert is_kept(space, found)
    assert "states the coordinate reference system WGS 84 / UTM zone 17S" in reason_text(found)


def test_a_file_of_the_stick_is_known_by_its_received_name(space, tmp_path, rows):
    manifest = space.folder / "lindero.toml"
    manifest.write_text(manifest.read_text().replace('id = "minas"', 'id = "cadastre"'))
    text(tmp_path / "stick" / "minas.geojson", collection(rows[1:]))
    text(tmp_path / "stick" / "cadastre.geojson", collection(rows[1:]))
    files, unknown = match_files(load_workspace(space.folder), tmp_path / "stick")

    assert files == {"cadastre": tmp_path / "stick" / "cadastre.geojson"}
    assert unknown == [tmp_path / "stick" / "minas.geojson"]


def test_a_second_snapshot_of_one_date_is_refused(space, tmp_path, rows):
    for lost in (1, 2):
        text(tmp_path / "stick" / "minas.geojson", collection(rows[lost:]))
        found = check(space, from_folder=tmp_path / "stick")

    assert (found.result, dates(space)) == ("refused", ["2026-01-01", "2026-02-02"])
