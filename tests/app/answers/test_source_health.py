"""Readers are told since when a source was not updated; only the operator is told why and what to do."""

import datetime as dt
from dataclasses import replace

import pytest

from lindero.app.answers.coverage.health import count_states, list_health
from lindero.app.builder.doctor import workspace_checks
from lindero.app.builder.doctor.finding import State
from lindero.app.media.pages.current import open_map
from lindero.layers.services import catalogue as catalogue_module
from lindero.layers.watch.due import list_due_sources
from lindero.layers.watch.source_checks import RESULTS, SourceCheck, store_check
from tests.answered import at_page
from tests.app.builder.test_fetching import offered
from tests.built import build
from tests.files import concessions
from tests.shown_tables import tables, texts

NOW = dt.datetime.now(dt.UTC)
GOOD = SourceCheck("minas", NOW, "complete", 3, 3, dt.date(2025, 12, 31), complete_at=NOW)
FAILED = replace(GOOD, result="refused", reason="portal.example requires an account", failures=3)
ASIDE = replace(GOOD, result="incomplete", reason="The new file has 1 row", failures=1, aside="2026-02-02")


@pytest.fixture
def space(files):
    files.add("concessions", concessions(), id="minas", title="Catastro", service="arcgis", url="https://x.example/0")
    return files.space


@pytest.mark.parametrize(
    ("check", "state"),
    [(GOOD, "current"), (FAILED, "failing"), (ASIDE, "aside"), (replace(GOOD, complete_at=None), "late")],
)
def test_each_state_is_counted_without_a_name(space, check, state):
    assert count_states(space.folder, NOW) == {}
    store_check(space.folder, check)
    counted = count_states(space.folder, NOW)

    assert counted == {name: int(name == state) for name in ("current", "late", "failing", "aside")}


@pytest.mark.parametrize("result", RESULTS)
def test_the_operator_is_told_what_to_do_for_each_result(space, result):
    store_check(space.folder, replace(FAILED, result=result))
    (source,) = list_health(space.folder, NOW)

    assert source.advice
    assert source.reason == "Portal.example requires an account."


@pytest.mark.parametrize(
    ("check", "state"),
    [(GOOD, State.WELL), (FAILED, State.MEND), (replace(FAILED, failures=2), State.NOTE), (ASIDE, State.MEND)],
)
def test_the_doctor_names_what_is_not_up_to_date(space, check, state):
    build(space)
    assert "sources" not in {one.check for one in workspace_checks.check_workspace(space.folder)}
    store_check(space.folder, check)
    (told,) = [one for one in workspace_checks.check_workspace(space.folder) if one.check == "sources"]

    assert told.state is state
    assert state is State.WELL or "Catastro: Not updated since" in told.text


def test_the_page_tells_readers_since_when_and_the_operator_why(space):
    build(space)
    store_check(space.folder, ASIDE)
    reader = tables(at_page(space.build_folder, "sources"))[1]
    open_map.set_operated_workspace(space.folder)
    try:
        operator = tables(at_page(space.build_folder, "sources"))[1]
    finally:
        open_map.set_operated_workspace(None)

    assert reader["state"].tolist() == ["new file under review"]
    assert reader["state~"][0].startswith("Not updated since")
    assert not [name for name in reader if name.startswith("advice")]
    assert "lindero watch accept minas" in operator["advice"][0]
    assert operator["advice~"].tolist() == ["The new file has 1 row."]


def test_the_page_counts_the_sources_that_nobody_checks(files, space):
    files.add("communities", concessions(2).drop(columns=["holder", "status"]), id="tierras")
    build(files.space)
    store_check(space.folder, GOOD)
    said = texts(at_page(space.build_folder, "sources"))

    assert "The last check of these sources was complete. 1 other source is not checked for newer data" in said


def test_a_source_is_due_after_its_rhythm_and_after_a_failure_on_the_next_day(space, monkeypatch):
    def due(check, days):
        return list_due_sources(space, {"minas": check} if check else {}, NOW + dt.timedelta(days=days))

    offered(monkeypatch, "ingemmet-catastro", "https://y.example/0", rhythm_days=30)

    assert due(None, 0) == ["minas"]
    assert (due(GOOD, 6), due(GOOD, 7)) == ([], ["minas"])
    assert (due(FAILED, 0), due(FAILED, 1)) == ([], ["minas"])
    assert (due(ASIDE, 1), due(ASIDE, 7)) == ([], ["minas"])
    monthly = {**catalogue_module.load_catalogue(), "minas": catalogue_module.load_catalogue()["ingemmet-catastro"]}
    monkeypatch.setattr(catalogue_module, "load_catalogue", lambda: monthly)
    assert (due(GOOD, 29), due(GOOD, 30)) == ([], ["minas"])


def test_a_source_with_a_snapshot_of_today_is_not_due(space):
    assert list_due_sources(space, {}, dt.datetime(2026, 1, 1, tzinfo=dt.UTC)) == []
    assert list_due_sources(space, {}, dt.datetime(2026, 1, 2, tzinfo=dt.UTC)) == ["minas"]


def test_a_source_that_fails_again_and_again_is_asked_last(files):
    for name in ("a", "b", "c"):
        files.add("concessions", concessions(), id=name, service="arcgis", url=f"https://{name}.example/0")
    checks = {"a": replace(FAILED, source_id="a"), "b": replace(FAILED, source_id="b", failures=1)}

    assert list_due_sources(files.space, checks, NOW + dt.timedelta(days=1)) == ["c", "b", "a"]
